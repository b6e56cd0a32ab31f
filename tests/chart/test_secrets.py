"""Secrets are made once and found again; a pretended API server stands for the cluster."""

import base64
from pathlib import Path

from tests.chart.conftest import NAMESPACE, RELEASE, Manifest, containers, of, pods, render
from tests.chart.pretended_cluster import cluster, template


def paths(secrets: dict[str, Manifest]) -> dict[str, Manifest]:
    """Where an API server has them."""
    return {f"/api/v1/namespaces/{NAMESPACE}/secrets/{name}": s for name, s in secrets.items()}


def secrets_of(kubeconfig: Path) -> dict[str, Manifest]:
    found = {m["metadata"]["name"]: m for m in of(template(kubeconfig), "Secret")}
    for secret in found.values():  # as Helm writes at an install
        owner = {"meta.helm.sh/release-name": RELEASE, "meta.helm.sh/release-namespace": NAMESPACE}
        secret["metadata"]["annotations"] |= owner
    return found


def test_an_upgrade_keeps_the_secrets_of_the_install(tmp_path: Path) -> None:
    with cluster(tmp_path, {}) as kubeconfig:
        made = secrets_of(kubeconfig)
    with cluster(tmp_path, paths(made)) as kubeconfig:
        kept = secrets_of(kubeconfig)
    assert made.keys() == {
        f"{RELEASE}-{name}" for name in ("secrets", "nats-users", "nats-tls", "valkey-tls")
    }
    assert {name: s["data"] for name, s in made.items()} == {name: s["data"] for name, s in kept.items()}


def test_an_upgrade_adds_what_an_older_secret_lacks(tmp_path: Path) -> None:
    with cluster(tmp_path, {}) as kubeconfig:
        made = secrets_of(kubeconfig)
    older = made[f"{RELEASE}-secrets"]
    pepper = older["data"]["pepper"]
    older["data"] = {"pepper": pepper}
    with cluster(tmp_path, paths(made)) as kubeconfig:
        data = secrets_of(kubeconfig)[f"{RELEASE}-secrets"]["data"]
    password = base64.b64decode(data["valkey-password"]).decode()
    assert data["pepper"] == pepper and "admin-token" in data
    assert f":{password}@" in base64.b64decode(data["redis-url"]).decode()


def test_two_installs_have_nothing_in_common() -> None:
    one, two = render(None), render(None, "--set", "fullnameOverride=")
    values = [{v for s in of(list(m), "Secret") for v in s["data"].values()} for m in (one, two)]
    assert len(values[0]) == 19 and not values[0] & values[1]


def test_an_uninstall_keeps_them() -> None:
    for secret in of(list(render(None)), "Secret"):
        assert secret["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


def test_with_ones_own_none_is_made() -> None:
    own = "secrets.existing=mine,nats.auth.existingSecret=users,nats.tlsSecret=a,valkey.tlsSecret=b"
    assert not of(list(render(None, "--set", own)), "Secret")


def test_certificates_are_made_anew_together(tmp_path: Path) -> None:
    """The key of their authority is kept nowhere."""
    with cluster(tmp_path, {}) as kubeconfig:
        made = secrets_of(kubeconfig)
    lost = f"{RELEASE}-valkey-tls"
    with cluster(tmp_path, paths({name: s for name, s in made.items() if name != lost})) as kubeconfig:
        again = secrets_of(kubeconfig)
    authorities = {again[f"{RELEASE}-{server}-tls"]["data"]["ca.crt"] for server in ("nats", "valkey")}
    assert len(authorities) == 1 and authorities != {made[lost]["data"]["ca.crt"]}


def test_the_secret_of_the_store_of_recordings_is_the_environment_of_the_archive_alone() -> None:
    options = (
        "--set=archive.databaseSecret=database", "--set=archive.audio.url=s3://bucket/x",
        "--set=archive.audio.secret=store",
    )  # fmt: skip
    found = {
        name: [one.get("envFrom") for one in containers(pod)]
        for name, pod in pods(list(render(None, *options))).items()
    }
    with_it = {name: sources for name, sources in found.items() if any(sources)}
    assert with_it == {f"{RELEASE}-archive": [[{"secretRef": {"name": "store"}}]]}
