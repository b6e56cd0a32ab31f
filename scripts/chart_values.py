"""Write the table of values in the chart's README.md from values.yaml; `--check` only compares."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).resolve().parent.parent / "helm" / "dragoman"
PAGE = CHART / "README.md"
MARKS = re.compile(r"<!-- values -->\n.*?<!-- end -->", re.DOTALL)
KEY = re.compile(r"^( *)([A-Za-z]+):")


def comments(text: str) -> dict[str, str]:
    """The comment above each key, by its dotted name."""
    found: dict[str, str] = {}
    path: list[str] = []
    held: list[str] = []
    for line in text.splitlines():
        if line.strip().startswith("#"):
            held.append(line.strip().lstrip("# "))
        elif match := KEY.match(line):
            path = [*path[: len(match[1]) // 2], match[2]]
            if held:
                found[".".join(path)] = " ".join(held)
            held = []
        else:
            held = []
    return found


def rows(values: dict[str, Any], said: dict[str, str], prefix: str = "") -> Iterator[str]:
    """A row for each value; a group of values has a row when it has a comment."""
    for key, value in values.items():
        name = prefix + key
        whole = not isinstance(value, dict) or not value or not any(s.startswith(f"{name}.") for s in said)
        if whole:
            yield f"| `{name}` | `{_shown(value)}` | {said.get(name, '')} |"
        else:
            if name in said:
                yield f"| **`{name}`** | | {said[name]} |"
            yield from rows(value, said, f"{name}.")


def _shown(value: Any) -> str:
    text = json.dumps(value).replace("|", "\\|")
    return text if len(text) < 90 else text[:87] + "…"


def page() -> str:
    """README.md with the table as it should be."""
    text = (CHART / "values.yaml").read_text()
    lines = "\n".join(
        ["| value | default | meaning |", "|---|---|---|", *rows(yaml.safe_load(text), comments(text))]
    )
    return MARKS.sub(lambda _: f"<!-- values -->\n{lines}\n<!-- end -->", PAGE.read_text())


if __name__ == "__main__":
    made = page()
    if "--check" in sys.argv:
        sys.exit(
            0 if made == PAGE.read_text() else "helm/dragoman/README.md is old: run scripts/chart_values.py"
        )
    PAGE.write_text(made)
