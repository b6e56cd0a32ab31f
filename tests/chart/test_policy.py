"""What must be true of every pod, whatever the values."""

from typing import Any

import pytest

from dragoman_edge.session import keeping, recording
from tests.chart.conftest import MATRIX, NAMESPACE, RELEASE, Manifest, containers, of, pods, render

GIVEN = {  # Secrets that the values name: the user's own
    "everything": {"nats-tls", "tls", "registry"},
    "large": {"dragoman-secrets", "dragoman-nats-users", "dragoman-database"},
    "byo": {"dragoman-secrets", "dragoman-nats-users", "data-ca", "dragoman-database"},
    "hosted": {"hosted-engines"},
}
GIVEN_CLAIMS = {"gpu": {"dragoman-models"}}
SERVICES = ("edge", "accounts", "archive", "stt", "translation", "tts")
HERE = {"app.kubernetes.io/name": "dragoman", "app.kubernetes.io/instance": RELEASE}


def test_pod_security_is_restricted(manifests: list[Manifest]) -> None:
    for pod in pods(manifests).values():
        spec = pod["spec"]
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys()
        assert spec["securityContext"]["runAsNonRoot"] and spec["securityContext"]["runAsUser"] > 0
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in containers(pod):
            security = container["securityContext"]
            assert security["runAsNonRoot"] and security["runAsUser"] > 0
            assert security["allowPrivilegeEscalation"] is False
            assert security["readOnlyRootFilesystem"] is True
            assert security["capabilities"] == {"drop": ["ALL"]}
            assert not any("hostPort" in port for port in container.get("ports", []))
            # What a container said last is then in the pod's status.
            assert container["terminationMessagePolicy"] == "FallbackToLogsOnError"
        allowed = {"configMap", "secret", "emptyDir", "persistentVolumeClaim", "ephemeral", "projected"}
        assert all(volume.keys() - {"name"} <= allowed for volume in spec.get("volumes", []))


def test_no_pod_gets_a_token(manifests: list[Manifest]) -> None:
    assert all(pod["spec"]["automountServiceAccountToken"] is False for pod in pods(manifests).values())
    assert all(a["automountServiceAccountToken"] is False for a in of(manifests, "ServiceAccount"))
    accounts = {a["metadata"]["name"] for a in of(manifests, "ServiceAccount")}
    named = {pod["spec"].get("serviceAccountName") for pod in pods(manifests).values()} - {None}
    assert named <= accounts


def test_every_container_has_requests_and_a_memory_limit(manifests: list[Manifest]) -> None:
    for pod in pods(manifests).values():
        for container in containers(pod):
            assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
            assert "memory" in container["resources"]["limits"]


def test_every_lasting_container_has_probes_and_alive_depends_on_nothing_else(
    manifests: list[Manifest],
) -> None:
    for workload in of(manifests, "Deployment", "StatefulSet"):
        (container,) = workload["spec"]["template"]["spec"]["containers"]
        ports = {port["name"] for port in container["ports"]}
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            check = container[probe].get("httpGet") or container[probe]["tcpSocket"]
            assert check["port"] in ports
        if container["name"] in SERVICES:
            assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
            assert container["startupProbe"]["httpGet"]["path"] == "/healthz"
            assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"


def test_clients_reach_no_port_of_operators(manifests: list[Manifest]) -> None:
    (edge,) = (m for m in of(manifests, "Deployment") if m["metadata"]["name"].endswith("-edge"))
    (container,) = edge["spec"]["template"]["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert _environment(container)["DRAGOMAN_EDGE_OPS_PORT"]["value"] == str(ports["ops"])
    assert ports["ops"] != ports["http"] and container["readinessProbe"]["httpGet"]["port"] == "ops"
    for service in of(manifests, "Service"):
        selected = service["spec"]["selector"].get("app.kubernetes.io/component") == "edge"
        if selected and not service["metadata"]["name"].endswith("-ops"):
            assert [port["targetPort"] for port in service["spec"]["ports"]] == ["http"]


def test_a_stop_has_time_for_its_drain(manifests: list[Manifest]) -> None:
    for deployment in of(manifests, "Deployment"):
        spec = deployment["spec"]["template"]["spec"]
        (container,) = spec["containers"]
        drain = int(_environment(container)["DRAGOMAN_DRAIN_S"]["value"])
        before = container["lifecycle"]["preStop"]["sleep"]["seconds"]
        stores_s = recording.END_S + keeping.END_S if deployment["metadata"]["name"].endswith("-edge") else 10
        assert spec["terminationGracePeriodSeconds"] >= drain + before + stores_s


def test_an_update_takes_nothing_away_before_its_successor_is_there(manifests: list[Manifest]) -> None:
    for deployment in of(manifests, "Deployment"):
        strategy = deployment["spec"]["strategy"]
        if strategy["type"] == "RollingUpdate":
            assert strategy["rollingUpdate"]["maxUnavailable"] == 0
            assert strategy["rollingUpdate"]["maxSurge"] != 0
        claims = [
            v for v in deployment["spec"]["template"]["spec"]["volumes"] if "persistentVolumeClaim" in v
        ]
        # A volume that one node holds would make the new pod wait for the old one.
        assert all(v["persistentVolumeClaim"].get("readOnly") for v in claims)


@pytest.mark.parametrize("name", sorted(set(MATRIX) - {"minimal"}))  # which turns it off
def test_replicas_spread_over_nodes_and_zones_as_far_as_there_are_any(name: str) -> None:
    sets = of(list(render(MATRIX[name])), "Deployment", "StatefulSet")
    for pod in [made["spec"]["template"] for made in sets if made["spec"].get("replicas") != 1]:
        spreads = pod["spec"]["topologySpreadConstraints"]
        keys = {spread["topologyKey"] for spread in spreads}
        assert keys == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}
        for spread in spreads:
            assert (spread["maxSkew"], spread["whenUnsatisfiable"]) == (1, "ScheduleAnyway")
            assert spread["labelSelector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()


def test_no_budget_can_block_the_drain_of_a_node(manifests: list[Manifest]) -> None:
    for budget in of(manifests, "PodDisruptionBudget"):
        assert budget["spec"]["maxUnavailable"] == 1 and "minAvailable" not in budget["spec"]
        assert budget["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
        assert _selected(budget["spec"]["selector"], manifests)


def test_every_selector_finds_its_pods(manifests: list[Manifest]) -> None:
    for service in of(manifests, "Service"):
        found = _selected({"matchLabels": service["spec"]["selector"]}, manifests)
        assert len(found) == 1
        (container,) = found[0]["spec"]["containers"]
        names = {port["name"] for port in container["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= names
    for workload in of(manifests, "Deployment", "StatefulSet"):
        assert _matches(workload["spec"]["selector"], workload["spec"]["template"])


@pytest.mark.parametrize("name", [name for name in MATRIX if name != "minimal"])
def test_every_port_is_in_a_network_policy_and_everything_else_is_denied(name: str) -> None:
    manifests = list(render(MATRIX[name]))
    policies = of(manifests, "NetworkPolicy")
    assert {p["metadata"]["namespace"] for p in policies if "namespace" in p["metadata"]} <= {NAMESPACE}
    for pod in pods(manifests).values():
        mine = [p for p in policies if _matches(p["spec"]["podSelector"], pod)]
        types = {kind for p in mine for kind in p["spec"]["policyTypes"]}
        assert types == {"Ingress", "Egress"}
        opened = {
            port["port"] for p in mine for rule in p["spec"].get("ingress", []) for port in rule["ports"]
        }
        offered = {port["containerPort"] for c in pod["spec"]["containers"] for port in c.get("ports", [])}
        assert offered <= opened


def test_who_may_talk_to_whom_is_the_picture_of_the_architecture() -> None:
    manifests = list(render(None))
    talks: set[tuple[str, str]] = set()
    for policy in of(manifests, "NetworkPolicy"):
        for rule in policy["spec"].get("ingress", []):
            for source in rule.get("from", []):
                if "podSelector" in source and "namespaceSelector" not in source:
                    there = _components(policy["spec"]["podSelector"], manifests)
                    talks |= {(a, b) for a in _components(source["podSelector"], manifests) for b in there}
    bus = {(service, "nats") for service in SERVICES}
    assert talks == bus | {("accounts", "valkey"), ("test", "edge"), ("nats", "nats")}


def test_every_secret_config_and_claim_that_is_named_is_there_or_the_users_own() -> None:
    for name, values in MATRIX.items():
        manifests = list(render(values))
        for kind, field, given in (
            ("Secret", "secret", GIVEN.get(name, set())),
            ("ConfigMap", "config", set()),
            ("PersistentVolumeClaim", "claim", GIVEN_CLAIMS.get(name, set())),
        ):
            there = {m["metadata"]["name"]: _keys(m) for m in of(manifests, kind)}
            for wanted, key in _named(manifests, field):
                assert wanted in there.keys() | given, f"{name}: {kind} {wanted}"
                assert key is None or wanted in given or key in there[wanted], f"{name}: {wanted}/{key}"


def _named(manifests: list[Manifest], kind: str) -> set[tuple[str, str | None]]:
    """(name, key) of what the pods refer to."""
    found: set[tuple[str, str | None]] = set()
    for pod in pods(manifests).values():
        for container in containers(pod):
            for variable in container.get("env", []):
                source = variable.get("valueFrom", {}).get(
                    f"{kind}KeyRef" if kind == "secret" else "configMapKeyRef"
                )
                if source and not source.get("optional"):
                    found.add((source["name"], source["key"]))
        for volume in pod["spec"].get("volumes", []):
            if kind == "secret" and "secret" in volume:
                found.add((volume["secret"]["secretName"], None))
            if kind == "config" and "configMap" in volume:
                found.add((volume["configMap"]["name"], None))
            if kind == "claim" and "persistentVolumeClaim" in volume:
                found.add((volume["persistentVolumeClaim"]["claimName"], None))
    return found


def _keys(manifest: Manifest) -> set[str]:
    return {*manifest.get("data", {}), *manifest.get("stringData", {})}


def _environment(container: Manifest) -> dict[str, Any]:
    return {variable["name"]: variable for variable in container["env"]}


def _matches(selector: Manifest, pod: Manifest) -> bool:
    labels = pod["metadata"]["labels"]
    exact = all(labels.get(k) == v for k, v in selector.get("matchLabels", {}).items())
    return exact and all(labels.get(e["key"]) in e["values"] for e in selector.get("matchExpressions", []))


def _selected(selector: Manifest, manifests: list[Manifest]) -> list[Manifest]:
    return [pod for pod in pods(manifests).values() if _matches(selector, pod)]


def _components(selector: Manifest, manifests: list[Manifest]) -> set[str]:
    return {
        pod["metadata"]["labels"]["app.kubernetes.io/component"] for pod in _selected(selector, manifests)
    }


def test_no_pod_gets_variables_of_services(manifests: list[Manifest]) -> None:
    # A release that is named dragoman would get DRAGOMAN_EDGE_PORT=tcp://…, which is a setting.
    assert all(pod["spec"]["enableServiceLinks"] is False for pod in pods(manifests).values())
