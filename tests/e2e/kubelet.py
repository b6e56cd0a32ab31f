"""Runs the pods of the rendered chart as containers: what is tried is what the chart says.

Of a pod it takes initContainers, image, command, settings, Secrets, ConfigMaps, users, read-only roots,
memory limits, probes and the names of the Services that find it. No scheduler, no network policies, no
volumes that last.
"""

import base64
import io
import os
import re
import socket
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")  # its image may not be to be had

import httpx
from docker.errors import APIError, NotFound
from pydantic import SecretStr
from testcontainers.core.container import DockerContainer
from testcontainers.core.network import Network

from dragoman_kit.settings import CommonSettings

Manifest = dict[str, Any]
LABELS = {"dragoman.e2e": "1"}
READY_S = 120.0
INIT_S = 120
# This machine, seen from a container.
HOST = "host.docker.internal"


@dataclass
class Pod:
    """A container that runs, and what Kubernetes would know of it."""

    name: str
    component: str
    spec: Manifest
    container: DockerContainer
    started: float = field(default_factory=time.monotonic)
    ready_after: float = 0.0

    @property
    def raw(self) -> Any:
        """The engine's own view."""
        return self.container.get_wrapped_container()

    def address(self, port: int) -> tuple[str, int]:
        """Where a port of it is reached from here."""
        return self.container.get_container_host_ip(), int(self.container.get_exposed_port(port))

    def url(self, port: int = 8080) -> str:
        """The same, as a URL."""
        host, number = self.address(port)
        return f"http://{host}:{number}"

    @property
    def ops_url(self) -> str:
        """Where it tells its readiness and metrics."""
        return self.url(_port(self.spec["containers"][0], "ops"))

    def logs(self) -> str:
        """All that it wrote."""
        return str(self.raw.logs().decode(errors="replace"))

    @property
    def running(self) -> bool:
        """Whether its process lives."""
        self.raw.reload()
        return bool(self.raw.status == "running")

    def ready(self) -> bool:
        """What its readiness probe says."""
        probe = self.spec["containers"][0]["readinessProbe"]
        check = probe.get("httpGet") or probe["tcpSocket"]
        port = _port(self.spec["containers"][0], check["port"])
        with suppress(OSError, httpx.HTTPError, ConnectionError):
            if "httpGet" in probe:
                return httpx.get(self.url(port) + check["path"], timeout=5).status_code == 200
            with socket.create_connection(self.address(port), timeout=2):
                return True
        return False

    def kill(self) -> None:
        """End it without a word."""
        self.raw.kill()

    def stop(self) -> float:
        """SIGTERM, and the time that the pod gives it; how long it took."""
        begun = time.monotonic()
        self.raw.stop(timeout=self.spec.get("terminationGracePeriodSeconds", 30))
        return time.monotonic() - begun

    def restart(self) -> None:
        """As Kubernetes does when a container ended."""
        self.raw.start()
        self.started = time.monotonic()
        self.raw.reload()


class Kubelet:
    """The pods of one release."""

    def __init__(self, manifests: list[Manifest], network: Network, folder: Path) -> None:
        self._manifests = manifests
        self._network = network
        self._folder = folder
        self.pods: list[Pod] = []

    def start(self, *only: str) -> None:
        """Everything at once, in no order, as a cluster does; or the pods of some components."""
        for workload in self._of("StatefulSet", "Deployment"):
            if only and workload["metadata"]["labels"]["app.kubernetes.io/component"] not in only:
                continue
            for number in range(workload["spec"]["replicas"]):
                self._run(f"{workload['metadata']['name']}-{number}", workload["spec"]["template"])

    def beside(self, name: str, image: str, command: str, port: int, user: str) -> Pod:
        """Run a container that is not the release's, which finds it by its name: a database, say."""
        made = DockerContainer(image).with_exposed_ports(port).with_network(self._network)
        made.with_network_aliases(name).with_kwargs(
            labels=LABELS, user=user, entrypoint=["sh", "-c", command], cap_drop=["ALL"]
        )
        made.start()
        probe = {
            "ports": [{"name": "main", "containerPort": port}],
            "readinessProbe": {"tcpSocket": {"port": port}},
        }
        pod = Pod(name, name, {"containers": [probe]}, made)
        self.pods.append(pod)
        return pod

    def of(self, component: str) -> list[Pod]:
        """The pods of a component."""
        return [pod for pod in self.pods if pod.component == component]

    def await_ready(self, wait_s: float = READY_S) -> None:
        """Until every probe says yes; what the others wrote, when one does not."""
        waiting = [pod for pod in self.pods if pod.component != "test"]
        deadline = time.monotonic() + wait_s
        while waiting:
            for pod in [pod for pod in waiting if pod.ready()]:
                pod.ready_after = time.monotonic() - pod.started
                waiting.remove(pod)
            assert time.monotonic() < deadline, _told(waiting)
            time.sleep(0.1)

    def run_test(self, wait_s: float = 300) -> tuple[int, str]:
        """The chart's test pod; its exit status and what it wrote."""
        (manifest,) = self._of("Pod")
        pod = self._run(manifest["metadata"]["name"], manifest)
        status = pod.raw.wait(timeout=wait_s)["StatusCode"]
        return int(status), pod.logs()

    def secret(self, suffix: str) -> dict[str, str]:
        """A Secret's values."""
        found = next(m for m in self._of("Secret") if m["metadata"]["name"].endswith(suffix))
        return {key: base64.b64decode(value).decode() for key, value in found["data"].items()}

    def bus_settings(self, user: str, **more: Any) -> CommonSettings:
        """A login on the bus from outside, through the ports of its pods."""
        folder = self._folder / "authority"
        folder.mkdir(exist_ok=True)
        file = folder / "ca.crt"
        file.write_text(self.secret("-nats-tls")["ca.crt"])
        return CommonSettings(
            # The certificate has this name for those who forward a port.
            nats_url=",".join(f"tls://127.0.0.1:{pod.address(4222)[1]}" for pod in self.of("nats")),
            nats_ca_file=str(file),
            nats_user=user,
            nats_password=SecretStr(self.secret("-nats-users")[user]),
            nats_provision=user == "operator",
            **more,
        )

    def _of(self, *kinds: str) -> list[Manifest]:
        return [m for m in self._manifests if m["kind"] in kinds]

    def _run(self, name: str, template: Manifest) -> Pod:
        spec, labels = template["spec"], template["metadata"]["labels"]
        shared = self._shared(name, spec)
        for container in spec.get("initContainers", []):
            self._prepare(self._made(name, container, spec, shared))
        (container,) = spec["containers"]
        made = self._made(name, container, spec, shared)
        made.with_network(self._network).with_network_aliases(name, *self._services(name, labels))
        made.start()
        pod = Pod(name, labels["app.kubernetes.io/component"], spec, made)
        self.pods.append(pod)
        return pod

    def _prepare(self, made: DockerContainer) -> None:
        """An initContainer: the pod does not start before it has ended well."""
        with made:
            container = made.get_wrapped_container()
            status = container.wait(timeout=INIT_S)["StatusCode"]
            assert status == 0, container.logs().decode(errors="replace")

    def _made(
        self, name: str, container: Manifest, spec: Manifest, shared: dict[str, Path]
    ) -> DockerContainer:
        environment: dict[str, str] = {}
        for source in container.get("envFrom", []):
            environment |= self.secret(source["secretRef"]["name"])
        environment |= {v["name"]: self._value(v, name) for v in container.get("env", [])}
        user = container["securityContext"]["runAsUser"]
        made = DockerContainer(container["image"]).with_envs(**environment)
        made.with_exposed_ports(*(port["containerPort"] for port in container.get("ports", [])))
        words = [_expand(word, environment) for word in container.get("args", [])]
        command = container.get("command", [])
        made.with_kwargs(
            labels=LABELS,
            user=f"{user}:{spec['securityContext']['runAsGroup']}",
            read_only=container["securityContext"]["readOnlyRootFilesystem"],
            cap_drop=container["securityContext"]["capabilities"]["drop"],
            security_opt=["no-new-privileges:true"],
            mem_limit=_bytes(container["resources"]["limits"]["memory"]),
            extra_hosts={HOST: "host-gateway"},
            **({"entrypoint": command} if command else {}),
        )
        made._command = words  # `with_command` takes no list on every version
        self._mount(made, container, spec, shared)
        return made

    def _shared(self, pod: str, spec: Manifest) -> dict[str, Path]:
        """A folder for each emptyDir that an initContainer fills."""
        mounts = [m["name"] for c in spec.get("initContainers", []) for m in c["volumeMounts"]]
        folders = {name: self._folder / pod / name for name in mounts}
        for folder in folders.values():
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o777)  # for the group of the pod
        return folders

    def _services(self, pod: str, labels: dict[str, str]) -> list[str]:
        """The names under which others find it."""
        found = [s for s in self._of("Service") if s["spec"]["selector"].items() <= labels.items()]
        # Each pod of a headless Service also by its own name.
        own = [f"{pod}.{s['metadata']['name']}" for s in found if s["spec"].get("clusterIP") == "None"]
        return [s["metadata"]["name"] for s in found] + own

    def _value(self, variable: Manifest, pod: str) -> str:
        source = variable.get("valueFrom")
        if source is None:
            return str(variable.get("value", ""))
        if "fieldRef" in source:
            assert source["fieldRef"]["fieldPath"] == "metadata.name"
            return pod
        reference = source["secretKeyRef"]
        return self.secret(reference["name"])[reference["key"]]

    def _mount(
        self, made: DockerContainer, container: Manifest, spec: Manifest, shared: dict[str, Path]
    ) -> None:
        """emptyDir in memory, ConfigMaps and Secrets as files."""
        volumes = {volume["name"]: volume for volume in spec.get("volumes", [])}
        user = container["securityContext"]["runAsUser"]
        for mount in container.get("volumeMounts", []):
            volume = volumes[mount["name"]]
            if mount["name"] in shared:
                mode = "ro" if mount.get("readOnly") else "rw"
                made.with_volume_mapping(str(shared[mount["name"]]), mount["mountPath"], mode)
            elif "emptyDir" in volume:
                made.tmpfs[mount["mountPath"]] = f"rw,uid={user},gid={user},mode=0770"
            else:
                folder = self._files(volume)
                made.with_volume_mapping(str(folder), mount["mountPath"], "ro")

    def _files(self, volume: Manifest) -> Path:
        """A folder with what the volume has, or with the items of it that are wanted."""
        if "configMap" in volume:
            name = str(volume["configMap"]["name"])
            data = next(m for m in self._of("ConfigMap") if m["metadata"]["name"] == name)["data"]
        else:
            data = self.secret(volume["secret"]["secretName"])
            wanted = {item["key"] for item in volume["secret"].get("items", [])}
            data = {key: text for key, text in data.items() if not wanted or key in wanted}
            name = f"{volume['secret']['secretName']}-{'-'.join(sorted(data))}"
        folder: Path = self._folder / name
        folder.mkdir(exist_ok=True)
        for file, text in data.items():
            (folder / file).write_text(text)
        return folder


@contextmanager
def running(
    manifests: list[Manifest],
    folder: Path,
    logs: Path,
    *only: str,
    before: Callable[[Kubelet], None] = lambda kubelet: None,
) -> Iterator[Kubelet]:
    """A release that is ready, or some components of it; nothing is left afterwards but its logs.

    `before` starts what the release finds there.
    """
    logs.mkdir(parents=True, exist_ok=True)
    with Network(docker_network_kw={"labels": LABELS}) as network:
        kubelet = Kubelet(manifests, network, folder)
        try:
            before(kubelet)
            kubelet.start(*only)
            kubelet.await_ready()
            yield kubelet
        finally:
            for pod in reversed(kubelet.pods):
                with suppress(APIError, NotFound):
                    (logs / f"{pod.name}.log").write_text(pod.logs())
                    pod.container.stop()


@contextmanager
def once(
    image: str, *, command: list[str] | None = None, network_mode: str = "bridge", **environment: str
) -> Iterator[DockerContainer]:
    """A container of its own, hardened as the chart's; removed afterwards."""
    made = DockerContainer(image).with_envs(**environment)
    made.with_kwargs(
        labels=LABELS,
        user="10001:10001",
        read_only=True,
        cap_drop=["ALL"],
        security_opt=["no-new-privileges:true"],
        network_mode=network_mode,
        **({"entrypoint": command} if command else {}),
    )
    made.tmpfs["/tmp"] = "rw,uid=10001,gid=10001"
    with made:
        yield made


def until(condition: Callable[[], bool], wait_s: float, problem: str) -> None:
    """Wait for something."""
    deadline = time.monotonic() + wait_s
    while not condition():
        assert time.monotonic() < deadline, problem
        time.sleep(0.05)


def files(container: Any, path: str) -> set[str]:
    """The names below a folder of a container's file system; empty when it is not there."""
    try:
        stream, _ = container.get_archive(path)
    except NotFound:
        return set()
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
        return set(tar.getnames())


def _port(container: Manifest, name: str | int) -> int:
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    return int(ports.get(name, name))


def _expand(word: str, environment: dict[str, str]) -> str:
    return re.sub(r"\$\((\w+)\)", lambda match: environment[match[1]], word)


def _bytes(quantity: str) -> int:
    number, unit = re.fullmatch(r"(\d+)(Ki|Mi|Gi)", quantity).groups()  # type: ignore[union-attr]
    return int(number) << {"Ki": 10, "Mi": 20, "Gi": 30}[unit]


def _told(pods: list[Pod]) -> str:
    parts = [f"{pod.name} is not ready; its log ends with:\n{pod.logs()[-1500:]}" for pod in pods]
    return "\n\n".join(parts)
