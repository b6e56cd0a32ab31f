"""A pretended API server: what a template looks up is there."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from tests.chart.conftest import CHART, DEFAULT, NAMESPACE, RELEASE, Manifest, render, run

VERSION = {"major": "1", "minor": "36", "gitVersion": "v1.36.0"}


def discovery() -> dict[str, Any]:
    """The kinds of the chart, as an API server lists them."""
    scaled = render(None, "--set", "services.tts.autoscaling.enabled=true")
    kinds = sorted({(m["apiVersion"], m["kind"]) for m in scaled})
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
def cluster(folder: Path, objects: dict[str, Manifest]) -> Iterator[Path]:
    """A kubeconfig for a cluster that has these objects, by their paths, and nothing else."""
    answers: dict[str, Any] = {
        "/version": VERSION,
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        **discovery(),
        **objects,
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


def template(kubeconfig: Path, *options: str) -> list[Manifest]:
    """What an install or upgrade in that cluster would apply."""
    words: list[str | Path] = ["template", RELEASE, CHART, "-n", NAMESPACE, "-f", DEFAULT, "--dry-run=server"]
    text = run(*words, "--disable-openapi-validation", "--kubeconfig", kubeconfig, *options)
    return [m for m in yaml.safe_load_all(text) if m]
