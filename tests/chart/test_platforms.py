"""Examples for platforms: valid objects, the rules of the platform, and the address that clients are told."""

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from dragoman_edge.server.uploads import ENVELOPE
from dragoman_edge.settings import EdgeSettings
from tests.chart.conftest import EXAMPLES, Manifest, containers, of, pods, render
from tests.chart.test_chart import FOREIGN, VERSIONS

PLATFORMS = {path.stem: path for path in sorted((EXAMPLES / "platforms").glob("*.yaml"))}
OBJECTS_OF_PLATFORMS = {"BackendConfig", "ManagedCertificate"}
BY_INGRESS = [name for name in PLATFORMS if name.startswith("ingress-") or name == "openshift"]
IDLE = {  # what keeps a websocket open on which nothing moves for a while
    "ingress-nginx": "nginx.ingress.kubernetes.io/proxy-read-timeout",
    "ingress-haproxy": "haproxy.org/timeout-tunnel",
    "ingress-alb": "alb.ingress.kubernetes.io/load-balancer-attributes",
    "openshift": "haproxy.router.openshift.io/timeout-tunnel",
}
# https://docs.openshift.com: what the SCC restricted-v2 allows; it assigns user, group and SELinux label.
RESTRICTED_V2_VOLUMES = {
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected",
    "secret",
}  # fmt: skip


@pytest.fixture(params=list(PLATFORMS.values()), ids=list(PLATFORMS))
def platform(request: pytest.FixtureRequest) -> list[Manifest]:
    return list(render(request.param))


def edge_settings(name: str) -> dict[str, str]:
    (container,) = pods(list(render(PLATFORMS[name])))["mesh-edge"]["spec"]["containers"]
    return {variable["name"]: variable.get("value", "") for variable in container["env"]}


def test_every_object_is_valid_and_every_pod_restricted(platform: list[Manifest]) -> None:
    usual = render(None)
    changed = [manifest for manifest in platform if manifest not in usual]
    assert changed
    for manifest in changed:
        if manifest["kind"] not in FOREIGN | OBJECTS_OF_PLATFORMS:
            kubernetes_validate.validate(manifest, VERSIONS[1], strict=True)
    for pod in pods(platform).values():
        assert pod["spec"]["securityContext"]["runAsNonRoot"]
        assert pod["spec"]["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in containers(pod):
            security = container["securityContext"]
            assert security["allowPrivilegeEscalation"] is False and security["capabilities"] == {
                "drop": ["ALL"]
            }


def test_openshift_assigns_users_and_groups() -> None:
    for pod in pods(list(render(PLATFORMS["openshift"]))).values():
        spec = pod["spec"]
        fixed = {"runAsUser", "runAsGroup", "fsGroup", "supplementalGroups", "seLinuxOptions"}
        assert not fixed & spec["securityContext"].keys()
        for container in containers(pod):
            assert not fixed & container["securityContext"].keys()
            assert not container["securityContext"].get("privileged")
        kinds = {kind for volume in spec.get("volumes", []) for kind in volume.keys() - {"name"}}
        assert kinds <= RESTRICTED_V2_VOLUMES


def test_names_are_asked_for_where_the_platform_has_them() -> None:
    (deny,) = (m for m in render(PLATFORMS["openshift"]) if m["metadata"]["name"] == "mesh-deny")
    (rule,) = deny["spec"]["egress"]
    assert {port["port"] for port in rule["ports"]} == {5353} and rule["to"]


@pytest.mark.parametrize("name", [*BY_INGRESS, "gateway", "load-balancer"])
def test_clients_are_told_an_address_with_tls(name: str) -> None:
    assert edge_settings(name)["DRAGOMAN_EDGE_PUBLIC_URL"].startswith("https://speech.")


@pytest.mark.parametrize("name", ["ipv6", "istio", "linkerd"])
def test_without_any_of_them_the_request_says_the_address(name: str) -> None:
    assert "DRAGOMAN_EDGE_PUBLIC_URL" not in edge_settings(name)


@pytest.mark.parametrize("name", [*BY_INGRESS, "gateway"])
def test_limits_apply_to_clients_and_only_the_proxy_reaches_the_edge(name: str) -> None:
    assert edge_settings(name)["DRAGOMAN_EDGE_TRUSTED_PROXIES"]
    (policy,) = (
        m
        for m in render(PLATFORMS[name])
        if (m["kind"], m["metadata"]["name"]) == ("NetworkPolicy", "mesh-edge")
    )
    assert [rule["from"] for rule in policy["spec"]["ingress"] if rule["ports"] == [{"port": 8080}]]


@pytest.mark.parametrize("name", IDLE)
def test_an_idle_websocket_stays(name: str) -> None:
    (ingress,) = of(list(render(PLATFORMS[name])), "Ingress")
    assert IDLE[name] in ingress["metadata"]["annotations"]


def test_a_balancer_that_appends_its_own_address_is_trusted_by_it() -> None:
    trusted = edge_settings("ingress-gke")["DRAGOMAN_EDGE_TRUSTED_PROXIES"].split(",")
    assert [one for one in map(ip_network, trusted) if one.num_addresses == 1]


def test_a_balancer_without_headers_preserves_the_clients_addresses() -> None:
    attributes = "service.beta.kubernetes.io/aws-load-balancer-target-group-attributes"
    (service,) = (
        m for m in of(list(render(PLATFORMS["load-balancer"])), "Service") if "annotations" in m["metadata"]
    )
    assert "preserve_client_ip.enabled=true" in service["metadata"]["annotations"][attributes]


def test_files_to_import_pass() -> None:
    """The one platform that bounds bodies by itself."""
    (ingress,) = of(list(render(PLATFORMS["ingress-nginx"])), "Ingress")
    allowed = ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-body-size"]
    assert int(allowed.removesuffix("m")) << 20 > EdgeSettings().import_bytes + ENVELOPE


def services(values: Path | None, *options: str) -> list[Any]:
    return [m["spec"] for m in of(list(render(values, *options)), "Service")]


def test_every_service_has_the_families_and_every_server_listens_on_them() -> None:
    assert all(spec["ipFamilies"] == ["IPv6"] for spec in services(PLATFORMS["ipv6"]))
    both = services(None, "--set", "network.ipFamilyPolicy=PreferDualStack")
    assert all(spec["ipFamilyPolicy"] == "PreferDualStack" for spec in both)
    for name, pod in pods(list(render(PLATFORMS["ipv6"]))).items():
        service = name.removeprefix("mesh-")
        if service in ("edge", "accounts", "archive", "stt", "translation", "tts"):
            (container,) = pod["spec"]["containers"]
            assert {"name": f"DRAGOMAN_{service.upper()}_HOST", "value": "::"} in container["env"]
    nats = configuration(PLATFORMS["ipv6"])
    assert 'listen: "[::]:4222"' in nats and "0.0.0.0" not in nats


def test_without_them_nothing_changes() -> None:
    assert not any({"ipFamilies", "ipFamilyPolicy"} & spec.keys() for spec in services(None))
    assert 'listen: "0.0.0.0:4222"' in configuration(None)


def configuration(values: Path | None) -> str:
    (config,) = (
        m for m in render(values) if (m["kind"], m["metadata"]["name"]) == ("ConfigMap", "mesh-nats")
    )
    text: str = config["data"]["nats.conf"]
    return text


@pytest.mark.parametrize(("name", "port"), [("istio", 15012), ("linkerd", 8086)])
def test_pods_of_a_service_mesh_reach_its_control_plane(name: str, port: int) -> None:
    (deny,) = (m for m in render(PLATFORMS[name]) if m["metadata"]["name"] == "mesh-deny")
    ports = [p["port"] for rule in deny["spec"]["egress"] for p in rule["ports"]]
    assert port in ports and 53 in ports
