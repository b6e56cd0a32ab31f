"""Secrets are made once and found again; a pretended API server stands for the cluster."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from tests.chart.conftest import CHART, DEFAULT, NAMESPACE, RELEASE, Manifest, of, render, run

VERSION = {"major": "1", "minor": "36", "gitVersion": "v1.36.0"}


def discovery() -> dict[str, Any]:
    """The kinds of the chart, as an API server lists them."""
    kinds = sorted({(m["apiVersion"], m["kind"]) for m in render(None)})
    versions: dict[str, list[dict[str, Any]]] = {}
    for version, kind in kinds:
        plural = kind.lower().removesuffix("y") + ("ies" if kind.endswith("y") else "s")
        names = {"name": plural, "singularName": kind.lower(), "kind": kind}
        versions.setdefault(version, []).append(
            {**names, "namespaced": True, "verbs": ["get", "list", "create"]}
        )
    groups = []
    answers: dict[str, Any] = {}
    for version, resources in versions.items():
        place = f"/apis/{version}" if "/" in version else f"/api/{version}"
        answers[place] = {"kind": "APIResourceList", "groupVersion": version, "resources": resources}
        if "/" in version:
            one = {"groupVersion": version, "version": version.partition("/")[2]}
            groups.append({"name": version.partition("/")[0], "versions": [one], "preferredVersion": one})
    return answers | {"/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}}


@contextmanager
def cluster(folder: Path, secrets: dict[str, Manifest]) -> Iterator[Path]:
    """A kubeconfig for a cluster that has these Secrets and nothing else."""
    answers: dict[str, Any] = {
        "/version": VERSION,
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        **discovery(),
        **{f"/api/v1/namespaces/{NAMESPACE}/secrets/{name}": s for name, s in secrets.items()},
    }

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = answers.get(self.path.partition("?")[0])
            missing = {
                "kind": "Status",
                "apiVersion": "v1",
                "status": "Failure",
                "reason": "NotFound",
                "code": 404,
            }
            body = json.dumps(found or missing).encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": {"server": address}}],
            "users": [{"name": "u", "user": {}}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
        path = folder / "kubeconfig"
        path.write_text(yaml.safe_dump(config))
        try:
            yield path
        finally:
            server.shutdown()
            thread.join(5)


def secrets_of(kubeconfig: Path) -> dict[str, Manifest]:
    text = run(
        "template",
        RELEASE,
        CHART,
        "-n",
        NAMESPACE,
        "-f",
        DEFAULT,
        "--dry-run=server",
        "--disable-openapi-validation",
        "--kubeconfig",
        kubeconfig,
    )
    found = {m["metadata"]["name"]: m for m in yaml.safe_load_all(text) if m and m["kind"] == "Secret"}
    for secret in found.values():  # as Helm writes at an install
        owner = {"meta.helm.sh/release-name": RELEASE, "meta.helm.sh/release-namespace": NAMESPACE}
        secret["metadata"]["annotations"] |= owner
    return found


def test_an_upgrade_keeps_the_secrets_of_the_install(tmp_path: Path) -> None:
    with cluster(tmp_path, {}) as kubeconfig:
        made = secrets_of(kubeconfig)
    with cluster(tmp_path, made) as kubeconfig:
        kept = secrets_of(kubeconfig)
    assert made.keys() == {f"{RELEASE}-secrets", f"{RELEASE}-nats-users"}
    assert {name: s["data"] for name, s in made.items()} == {name: s["data"] for name, s in kept.items()}


def test_an_upgrade_adds_what_an_older_secret_lacks(tmp_path: Path) -> None:
    with cluster(tmp_path, {}) as kubeconfig:
        made = secrets_of(kubeconfig)
    older = made[f"{RELEASE}-secrets"]
    pepper = older["data"]["pepper"]
    older["data"] = {"pepper": pepper}
    with cluster(tmp_path, made) as kubeconfig:
        data = secrets_of(kubeconfig)[f"{RELEASE}-secrets"]["data"]
    password = base64.b64decode(data["valkey-password"]).decode()
    assert data["pepper"] == pepper and "admin-token" in data
    assert f":{password}@" in base64.b64decode(data["redis-url"]).decode()


def test_two_installs_have_nothing_in_common() -> None:
    one, two = render(None), render(None, "--set", "fullnameOverride=")
    values = [{v for s in of(list(m), "Secret") for v in s["data"].values()} for m in (one, two)]
    assert len(values[0]) == 12 and not values[0] & values[1]


def test_an_uninstall_keeps_them() -> None:
    for secret in of(list(render(None)), "Secret"):
        assert secret["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


def test_with_ones_own_none_is_made() -> None:
    own = "secrets.existing=mine,nats.auth.existingSecret=users"
    assert not of(list(render(None, "--set", own)), "Secret")
