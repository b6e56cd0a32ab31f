"""The images, and a mesh of them as the chart describes it."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chart.conftest import CHART, Manifest, render
from tests.e2e import stores
from tests.e2e.images import ROOT, TAG, TARGETS, Bases, build, repository
from tests.e2e.kubelet import LABELS, Kubelet, running

# Short times, so that nobody waits for real ones; two of what is killed and drained.
SETTINGS = {
    "image.tag": TAG,
    "services.edge.replicas": "2",
    "services.edge.drainSeconds": "8",
    "services.edge.settings.MAX_SPEED": "4",
    "services.stt.replicas": "2",
    "services.accounts.settings.LEASE_TTL_S": "3",
    "services.accounts.settings.GRACE_S": "2",
    "services.accounts.settings.HOLD_S": "1",
    "services.accounts.settings.MARGIN_S": "0.3",
}
REPORT = ROOT / "out" / "e2e.json"
LOGS = ROOT / "out" / "e2e-logs"


def _why_not() -> str:
    """Why no container can run here; empty = they can."""
    try:
        done = subprocess.run(["docker", "info"], capture_output=True, timeout=15, check=False)
    except FileNotFoundError:
        return "the docker command is not installed"
    except subprocess.TimeoutExpired:
        return "the Docker Engine does not answer"
    return "" if done.returncode == 0 else "no Docker Engine answers: start one, or set DOCKER_HOST"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without an engine they are skipped, and say why; with E2E_REQUIRED they fail."""
    mine = [item for item in items if Path(__file__).parent in item.path.parents]
    if not mine:
        return
    why = _why_not()
    for item in mine:
        item.add_marker(pytest.mark.e2e)
        item.add_marker(pytest.mark.timeout(900))
        if why and not os.environ.get("E2E_REQUIRED"):
            item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(scope="session")
def report() -> Iterator[dict[str, object]]:
    """What was measured; written for the documentation."""
    measured: dict[str, object] = {}
    yield measured
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(measured, indent=2))
    print(json.dumps(measured, indent=2))


@pytest.fixture(scope="session")
def bases() -> Bases:
    """The images that are not ours."""
    return Bases.from_environment()


@pytest.fixture(scope="session")
def images(bases: Bases, report: dict[str, object]) -> None:
    """All of ours, built."""
    label = next(iter(LABELS))
    left = _docker("ps", "-aq", "--filter", f"label={label}").split()
    if left:  # of a run that was killed
        _docker("rm", "-f", *left)
    report["build_s"] = {target: round(build(target, bases), 1) for target in TARGETS}
    stores.build(bases)
    sizes = {t: int(_docker("image", "inspect", "-f", "{{.Size}}", f"dragoman/{t}:{TAG}")) for t in TARGETS}
    base = int(_docker("image", "inspect", "-f", "{{.Size}}", bases.python))
    report["size_mb"] = {t: round(size / 1e6) for t, size in sizes.items()} | {"(base)": round(base / 1e6)}


def manifests(bases: Bases, **more: str) -> list[Manifest]:
    """The trial values, with these images."""
    settings = SETTINGS | {name.replace("__", "."): value for name, value in more.items()}
    for name, image in (("nats", bases.nats), ("valkey", bases.valkey)):
        settings |= {f"{name}.image.{key}": value for key, value in repository(image).items()}
    options = [f"--set-string={k}={v}" if not v.isdigit() else f"--set={k}={v}" for k, v in settings.items()]
    return list(render(CHART / "values-trial.yaml", *options))


@pytest.fixture(scope="session")
def mesh(
    images: None, bases: Bases, report: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kubelet]:
    """The whole release, its archive with PostgreSQL and an S3 server."""
    objects = [*manifests(bases, **stores.VALUES), *stores.secrets()]
    with running(objects, tmp_path_factory.mktemp("e2e"), LOGS, before=stores.start) as kubelet:
        report["ready_s"] = {pod.name: round(pod.ready_after, 1) for pod in kubelet.pods}
        yield kubelet


def _docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()
