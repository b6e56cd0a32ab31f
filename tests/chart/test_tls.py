"""TLS between the services: the servers of the chart's own configuration speak nothing else. Real servers."""

import asyncio
import base64
import os
import shutil
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nats
import pytest
from nats.errors import Error as NatsError
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from dragoman_accounts.store import connect as store_of
from dragoman_cli.processes import Managed, _script, free_port, stop_all
from dragoman_kit.bus import connect
from dragoman_kit.ops import Health
from tests.chart.bus import certificates, configuration
from tests.chart.conftest import Manifest, containers, of, pods, render
from tests.security.guarded_bus import Guarded, start
from tests.support.waiting import WAIT_S

OFF = ("--set", "tls.enabled=false")
ISSUER = ("--set-json", 'tls.issuerRef={"name": "internal", "kind": "ClusterIssuer"}')
# Debian's redis-tools has the server under this name; Valkey's wheel is built without TLS.
SERVER = shutil.which("redis-check-rdb")


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    made = start(tmp_path_factory.mktemp("nats"))
    yield made
    stop_all([made.process])


async def test_a_service_connects_to_the_bus_with_the_charts_authority(bus: Guarded) -> None:
    async with asyncio.timeout(WAIT_S):
        made = await connect(bus.settings("edge"), "edge", Health("edge", "test"))
        await made.nc.flush()
        await made.close()


@pytest.mark.parametrize("scheme", ["nats", "tls"])
async def test_who_does_not_know_the_authority_hears_nothing_of_the_bus(bus: Guarded, scheme: str) -> None:
    url = bus.url.replace("tls", scheme, 1)
    with pytest.raises((NatsError, ssl.SSLError, OSError)):
        await nats.connect(
            url, user="edge", password=bus.passwords["edge"], allow_reconnect=False, connect_timeout=5
        )


async def test_three_nodes_find_each_other_over_tls(tmp_path: Path) -> None:
    manifests = list(render(None, "--set", "nats.replicas=3"))
    text, passwords = configuration(manifests)
    text = text.replace("/etc/nats-tls", str(certificates(manifests, "nats", tmp_path)))
    ports, routes = [free_port() for _ in range(3)], [free_port() for _ in range(3)]
    others = ",".join(f"nats://route:{passwords['route']}@localhost:{port}" for port in routes)
    nodes = []
    for number in range(3):
        config = tmp_path / f"{number}.conf"
        own = text.replace("/data", str(tmp_path / f"data{number}"))
        own = own.replace("0.0.0.0:6222", f"127.0.0.1:{routes[number]}").replace(
            "0.0.0.0:8222", "127.0.0.1:-1"
        )
        config.write_text(own.replace("0.0.0.0:4222", f"127.0.0.1:{ports[number]}"))
        env = dict(os.environ) | {"POD_NAME": f"nats-{number}"}
        env |= {f"NATS_{name.upper()}": value for name, value in passwords.items()}
        command = [_script("nats-server"), "-c", str(config), "--routes", others]
        nodes.append(Managed(f"nats-{number}", command, tmp_path / f"{number}.log", env).start())
    guarded = Guarded(f"tls://localhost:{ports[0]}", passwords, tmp_path / "nats-tls" / "ca.crt", nodes[0])
    try:
        async with asyncio.timeout(WAIT_S):
            settings = guarded.settings("accounts").model_copy(update={"nats_replicas": 3})
            made = await connect(settings, "accounts", Health("accounts", "test"))  # makes the streams
            await made.close()
    finally:
        stop_all(nodes)


@dataclass(frozen=True)
class Store:
    """The running store; `ca` is the file of its authority."""

    url: str
    port: int
    ca: Path


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A server of the Redis family, with the arguments that the chart gives to Valkey."""
    if SERVER is None:
        pytest.skip("redis-tools is not installed (tests/system-packages.txt)")
    folder = tmp_path_factory.mktemp("store")
    manifests = list(render(None))
    files, port = certificates(manifests, "valkey", folder), free_port()
    secret = secret_of(manifests, "-secrets")
    (container,) = containers(pods(manifests)["mesh-valkey"])
    words = [_given(word, secret["valkey-password"], files, folder, port) for word in container["args"]]
    server = folder / "redis-server"  # it goes by its name
    server.symlink_to(SERVER)
    process = Managed("store", [str(server), "--bind", "127.0.0.1", *words], folder / "log", os.environ)
    process.start()
    url = secret["redis-url"].replace("mesh-valkey:6379", f"localhost:{port}")
    yield Store(url.replace("/etc/dragoman/redis", str(files)), port, files / "ca.crt")
    stop_all([process])


def secret_of(manifests: list[Manifest], suffix: str) -> dict[str, str]:
    (found,) = [m for m in of(manifests, "Secret") if m["metadata"]["name"].endswith(suffix)]
    return {name: base64.b64decode(value).decode() for name, value in found["data"].items()}


def _given(word: str, password: str, files: Path, folder: Path, port: int) -> str:
    words = {"$(VALKEY_PASSWORD)": password, "/data": str(folder), "6379": str(port)}
    return words.get(word, word).replace("/etc/valkey-tls", str(files))


async def up(store: Store) -> None:
    async with asyncio.timeout(WAIT_S):
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", store.port)) == 0:
                    return
            await asyncio.sleep(0.05)


async def test_accounts_reaches_the_store_by_the_address_of_the_secret(store: Store) -> None:
    await up(store)
    made = store_of(store.url)
    assert await made.ping()
    await made.aclose()


async def test_without_tls_the_store_says_nothing(store: Store) -> None:
    await up(store)
    plain = Redis.from_url(store.url.replace("rediss", "redis", 1).partition("?")[0], socket_timeout=2)
    with pytest.raises((RedisConnectionError, TimeoutError, OSError)):
        await plain.ping()
    await plain.aclose()


def mounted(manifests: list[Manifest], pod: str) -> dict[str, str]:
    """Each Secret that a pod mounts, by its place."""
    spec = pods(manifests)[pod]["spec"]
    volumes = {v["name"]: v["secret"]["secretName"] for v in spec["volumes"] if "secret" in v}
    mounts = [mount for container in containers(pods(manifests)[pod]) for mount in container["volumeMounts"]]
    return {m["mountPath"]: volumes[m["name"]] for m in mounts if m["name"] in volumes}


@pytest.mark.parametrize("options", [(), ISSUER])
def test_every_pod_has_what_it_needs_and_no_key_of_another(options: tuple[str, ...]) -> None:
    manifests = list(render(None, *options))
    assert mounted(manifests, "mesh-nats") == {"/etc/nats-tls": "mesh-nats-tls"}
    assert mounted(manifests, "mesh-valkey") == {"/etc/valkey-tls": "mesh-valkey-tls"}
    for deployment in of(manifests, "Deployment"):
        spec = deployment["spec"]["template"]["spec"]
        for volume in (v["secret"] for v in spec["volumes"] if "secret" in v):
            assert [item["key"] for item in volume["items"]] == ["ca.crt"]
        (container,) = spec["containers"]
        env = {v["name"]: v.get("value") for v in container["env"]}
        assert env["DRAGOMAN_NATS_URL"] == "tls://mesh-nats:4222"
        assert env["DRAGOMAN_NATS_CA_FILE"] == "/etc/dragoman/nats/ca.crt"
    assert mounted(manifests, "mesh-accounts")["/etc/dragoman/redis"] == "mesh-valkey-tls"
    assert secret_of(manifests, "-secrets")["redis-url"].startswith("rediss://")


def test_an_issuer_makes_the_certificates_of_both_servers() -> None:
    manifests = list(render(None, *ISSUER))
    assert [s["metadata"]["name"] for s in of(manifests, "Secret") if "tls" in s["metadata"]["name"]] == []
    made = {m["spec"]["secretName"]: m["spec"] for m in of(manifests, "Certificate")}
    assert made.keys() == {"mesh-nats-tls", "mesh-valkey-tls"}
    assert "mesh-nats.speech.svc" in made["mesh-nats-tls"]["dnsNames"]
    assert made["mesh-valkey-tls"]["issuerRef"] == {"name": "internal", "kind": "ClusterIssuer"}


def test_one_value_turns_it_off() -> None:
    manifests = list(render(None, *OFF))
    assert "tls {" not in configuration(manifests)[0]
    assert secret_of(manifests, "-secrets")["redis-url"].startswith("redis://")
    assert not [m for m in manifests if m["metadata"]["name"].endswith("-tls")]
    for pod in ("mesh-nats", "mesh-accounts", "mesh-edge"):
        assert mounted(manifests, pod) == {}


async def test_a_server_that_never_answers_the_handshake_is_tried_again(bus: Guarded) -> None:
    """nats-py alone would wait for the close of the first connection for ever."""
    silent = True
    served = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal silent
        if silent:
            silent = False
            writer.write(b'INFO {"tls_required": true, "max_payload": 1048576}\r\n')
            await writer.drain()
            await reader.read()
        served.set()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        settings = bus.settings("edge").model_copy(update={"nats_url": f"tls://127.0.0.1:{port}"})
        connecting = asyncio.create_task(connect(settings, "edge", Health("edge", "test")))
        async with asyncio.timeout(WAIT_S):
            silent = True
            await served.wait()
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)
