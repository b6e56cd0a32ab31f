"""Audit and lists of packages, as the workflows make them."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW: dict[Any, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text())
SERVICES = ("edge", "accounts", "archive", "stt", "translation", "tts")


def made(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--silent", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


def test_packages_are_audited_every_week_with_the_uv_of_the_images() -> None:
    assert WORKFLOW[True]["schedule"]  # YAML reads "on" as a truth
    steps = WORKFLOW["jobs"]["audit"]["steps"]
    assert any(step.get("run") == "make audit" for step in steps)
    (uv,) = (step["with"]["version"] for step in steps if "setup-uv" in step.get("uses", ""))
    assert f"ARG UV_VERSION={uv}\n" in (ROOT / "deploy" / "Dockerfile").read_text()


def test_the_auditor_is_one_exact_version_and_a_package_that_it_does_not_know_fails() -> None:
    assert re.search(r"--from pip-audit==\d+\.\d+\.\d+ pip-audit --strict ", (ROOT / "Makefile").read_text())


def test_where_the_database_cannot_be_reached_the_audit_says_so() -> None:
    done = made("audit", "AUDIT_URL=http://127.0.0.1:9/")
    assert done.returncode == 2 and "not audited: pypi.org" in done.stderr


@pytest.fixture(scope="module")
def lists() -> Path:
    done = made("sbom")
    assert done.returncode == 0, done.stderr
    return ROOT / "out" / "sbom"


@pytest.mark.parametrize("service", SERVICES)
def test_the_packages_of_a_service_are_listed_with_their_versions(lists: Path, service: str) -> None:
    listed = json.loads((lists / f"{service}.json").read_text())
    assert listed["bomFormat"] == "CycloneDX"
    versions = {one["name"]: one.get("version", "") for one in listed["components"]}
    assert versions["nats-py"] and len(versions) > 20
