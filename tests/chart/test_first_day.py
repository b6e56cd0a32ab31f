"""The commands of the pages and of the notes: they render, and their pods are like the one of `helm test`."""

import json
import re
import shlex
import subprocess
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.chart.conftest import CHART, DEFAULT, MATRIX, ROOT, pods, render, run
from tests.chart.test_chart import FOREIGN, VERSIONS

PAGES = ("docs/first-day.md", "docs/operating.md")
TRIAL = MATRIX["trial"]
PAGE = (ROOT / PAGES[0]).read_text()
# What every pair of the image takes, all in use (Apertium, en-pt, pt-en; measured), and what must be left.
EVERY_PAIR_BYTES, ROOM = 935e6, 1.3


def installs() -> list[str]:
    return re.findall(r"^helm (?:install|upgrade) (.*?)(?: +# .*)?$", PAGE, re.M)


@pytest.mark.parametrize("command", installs())
def test_an_install_of_the_page_renders(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    words = [word for word in shlex.split(command) if word not in ("--wait", "--timeout", "10m")]
    for manifest in filter(None, yaml.safe_load_all(run("template", *words))):
        if manifest["kind"] not in FOREIGN:
            kubernetes_validate.validate(manifest, VERSIONS[1], strict=True)


def test_the_page_installs_on_each_kind_of_cluster() -> None:
    assert len(installs()) == 4


def images(values: str) -> set[str]:
    containers = (pod["spec"]["containers"] for pod in pods(list(render(MATRIX[values]))).values())
    return {container["image"] for some in containers for container in some}


def named(command: str) -> set[str]:
    """The images of a command, braces expanded."""
    found: set[str] = set()
    for word in (word for word in command.split() if ":" in word and "@" not in word):
        before, brace, rest = word.partition("{")
        inside, _, after = rest.partition("}")
        found |= {before + one + after for one in inside.split(",")} if brace else {word}
    return found


def test_every_image_is_put_on_the_nodes() -> None:
    """Nothing is pulled by the nodes of a trial: an image that is not there is a pod that never starts."""
    commands = re.findall(
        r"^(?:kind load docker-image --name dragoman|docker save) (.*?)(?: +[#|] .*)?$", PAGE, re.M
    )
    made = subprocess.run(
        ["make", "-n", "kind-up"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    commands += re.findall(r"^kind load docker-image --name dragoman (.*)$", made.stdout, re.M)
    assert [named(command) for command in commands] == [images("trial")] * 3


@pytest.mark.parametrize("page", PAGES)
def test_a_pod_that_a_page_runs_is_like_the_one_that_helm_tests(page: str) -> None:
    (command,) = re.findall(r"^kubectl run \w+ (.*?)\n```", (ROOT / page).read_text(), re.M | re.S)
    check_pod(command, list(yaml.safe_load_all(run("template", "dragoman", CHART, "-f", TRIAL))))


def test_the_pod_of_the_notes_is_like_the_one_that_helm_tests() -> None:
    notes = run("install", "mesh", CHART, "--dry-run=client", "-f", DEFAULT).partition("NOTES:")[2]
    (command,) = re.findall(r"kubectl -n \w+ run try (.*?)\n\n", notes, re.S)
    check_pod(command, list(render(None)))


def check_pod(command: str, chart: list[Any]) -> None:
    words = shlex.split(command)
    (overrides,) = (word.partition("=")[2] for word in words if word.startswith("--overrides="))
    (ours,) = json.loads(overrides)["spec"]["containers"]
    test = next(pod for name, pod in pods([m for m in chart if m]).items() if name.endswith("-test"))
    (theirs,) = test["spec"]["containers"]
    assert ours["env"] == theirs["env"]
    assert f"--image={theirs['image']}" in words
    assert theirs["command"][-1] in words
    rules = {**test["spec"]["securityContext"], **theirs["securityContext"]}
    assert {name: rules[name] for name in ours["securityContext"]} == ours["securityContext"]


def test_the_notes_tell_what_stays_after_an_uninstall() -> None:
    kept = run("install", "mesh", CHART, "--dry-run=client", "-f", DEFAULT)
    gone = run("install", "mesh", CHART, "--dry-run=client", "-f", TRIAL)
    assert "get pvc" in kept and "get pvc" not in gone
    assert "user operator" in kept and "helm get notes" in gone


@pytest.mark.parametrize("name", ["default", "trial"])
def test_translation_may_use_every_pair_of_its_image(name: str) -> None:
    (container,) = pods(list(render(MATRIX[name])))["mesh-translation"]["spec"]["containers"]
    limit = container["resources"]["limits"]["memory"]
    assert int(limit.removesuffix("Mi")) * 2**20 > EVERY_PAIR_BYTES * ROOM
