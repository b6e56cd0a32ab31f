"""What stands beside the chart: skaffold's profiles, compose, the dashboards."""

import json
import os
import re
import shutil
import subprocess
from importlib import import_module
from typing import Any

import pytest
import yaml

from dragoman_kit.settings import CommonSettings, load
from scripts.settings_table import SETTINGS
from tests.chart.conftest import CHART, RELEASE, ROOT, run

SERVICES = ("edge", "accounts", "archive", "stt", "translation", "tts")
SKAFFOLD: dict[str, Any] = yaml.safe_load((ROOT / "skaffold.yaml").read_text())
PROFILES = {p["name"]: p.get("deploy", SKAFFOLD["deploy"]) for p in SKAFFOLD["profiles"]}
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_of_skaffold_renders(name: str) -> None:
    (release,) = PROFILES[name]["helm"]["releases"]
    values = [word for file in release["valuesFiles"] for word in ("-f", ROOT / file)]
    settings = release["setValues"] | dict.fromkeys(release["setValueTemplates"], "r.example.com/image")
    given = [
        word
        for k, v in settings.items()
        for word in ("--set", f"{k}={v if isinstance(v, str) else json.dumps(v)}")
    ]
    run("template", RELEASE, CHART, *values, *given)


def targets() -> set[str]:
    """Those of the Dockerfile that run."""
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    return set(re.findall(r"^FROM (?:runtime|translation) AS (\S+)$", dockerfile, re.M))


RELEASES: dict[str, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text())


def steps(job: str, word: str) -> list[dict[str, Any]]:
    """Those of a job of the release workflow whose action or name has the word."""
    return [s for s in RELEASES["jobs"][job]["steps"] if word in s.get("uses", "") + s.get("name", "")]


def test_images_and_lists_of_packages_are_made_with_one_exact_uv() -> None:
    pinned = re.findall(
        r"^ARG UV_VERSION=(\d+\.\d+\.\d+)$", (ROOT / "deploy" / "Dockerfile").read_text(), re.M
    )
    (step,) = steps("chart", "setup-uv")
    assert pinned == [step["with"]["version"]]


@pytest.mark.parametrize(
    ("image", "code"),
    [
        ("", 1),
        ("python:3.12-slim-bookworm", 1),
        ("python@sha256:abc", 1),
        (f"python:3.12-slim-bookworm@sha256:{'0a' * 32}", 0),
    ],
)
def test_a_release_refuses_a_base_image_without_digest(image: str, code: int) -> None:
    (check,) = steps("check", "digest")
    done = subprocess.run(["bash", "-ec", check["run"]], check=False, env={"PYTHON_IMAGE": image}, timeout=60)
    assert done.returncode == code
    (build,) = steps("images", "build-push-action")
    assert "PYTHON_IMAGE=${{ vars.PYTHON_IMAGE }}" in build["with"]["build-args"]


def test_a_release_builds_every_image() -> None:
    assert set(RELEASES["jobs"]["images"]["strategy"]["matrix"]["target"]) == targets()


def test_skaffold_builds_and_names_every_image() -> None:
    artifacts = SKAFFOLD["build"]["artifacts"]
    assert {a["docker"]["target"] for a in artifacts} == targets() - {"stt", "translation"}
    (release,) = SKAFFOLD["deploy"]["helm"]["releases"]
    named = " ".join(release["setValueTemplates"].values())
    for artifact in artifacts:
        variable = re.sub(r"\W", "_", artifact["image"])
        assert f"IMAGE_REPO_{variable}}}" in named and f"IMAGE_TAG_{variable}}}" in named
        for rule in artifact.get("sync", {}).get("manual", []):
            assert rule["src"].startswith(rule["strip"]) and list(ROOT.glob(rule["src"]))


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_takes_its_settings_from_compose(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in [v for v in os.environ if v.startswith("DRAGOMAN_")]:
        monkeypatch.delenv(variable)
    for name, value in COMPOSE["services"][service]["environment"].items():
        monkeypatch.setenv(name, re.sub(r"\$\{\w+:-(\w*)\}|\$\{.*\}", lambda m: m[1] or "", value) or "")
    for name in ("ACCOUNTS_PEPPER", "ACCOUNTS_ADMIN_TOKEN", "ARCHIVE_KEY"):
        monkeypatch.setenv(f"DRAGOMAN_{name}", "a secret of some length")
    module, _, settings = SETTINGS[service].partition(":")
    cls: Any = getattr(import_module(module), settings)
    load(cls, CommonSettings)


def test_compose_has_nothing_that_docker_compose_1_29_refuses() -> None:
    assert set(COMPOSE) - {"services", "volumes"} == {key for key in COMPOSE if key.startswith("x-")}
    for service in COMPOSE["services"].values():
        files = service.get("env_file", [])
        assert all(isinstance(file, str) for file in files)
        defaults = [re.sub(r"\$\{\w+:-(.*)\}", r"\1", file) for file in files]
        assert all((ROOT / "deploy" / file).exists() for file in defaults)
        assert isinstance(service.get("depends_on", []), list)


@pytest.mark.parametrize("command", [["docker-compose"], ["docker", "compose"]])
def test_compose_reads_the_file(command: list[str]) -> None:
    known = dict.fromkeys(("DRAGOMAN_PEPPER", "DRAGOMAN_ADMIN_TOKEN", "DRAGOMAN_ARCHIVE_KEY"), "x" * 16)
    if shutil.which(command[0]) is None or subprocess.run([*command, "version"], check=False).returncode:
        pytest.skip(f"{' '.join(command)} is not installed")
    file = str(ROOT / "deploy" / "compose.yaml")
    subprocess.run([*command, "-f", file, "config", "-q"], env=os.environ | known, check=True, timeout=60)


def test_the_files_that_compose_mounts_are_there() -> None:
    mounts = [m for s in COMPOSE["services"].values() for m in s.get("volumes", []) if m.startswith(".")]
    assert mounts and all((ROOT / "deploy" / m.partition(":")[0]).exists() for m in mounts)


def test_a_dashboard_has_no_panel_twice_and_none_without_a_question() -> None:
    for path in (CHART / "files" / "dashboards").glob("*.json"):
        panels = json.loads(path.read_text())["panels"]
        ids = [panel["id"] for panel in panels]
        assert len(ids) == len(set(ids))
        assert all(panel["type"] == "row" or panel["targets"] for panel in panels)


def test_actions_of_the_workflows_are_named_by_digest() -> None:
    used = [
        line.split("uses:")[1].strip()
        for path in (ROOT / ".github" / "workflows").glob("*.yml")
        for line in path.read_text().splitlines()
        if "uses:" in line
    ]
    assert len(used) > 10
    assert [one for one in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", one)] == []
