"""The conformance table: every documented thing of every API, and the test that shows it.

`rows/<dialect>.yaml` lists what a seed documents; a test says with `@pytest.mark.shows("<dialect>:<id>", …)`
what it shows over a real websocket or over HTTP. A row that is not supported says what the client is told and
has a test all the same. `python -m tests.conformance.table` writes docs/conformance.md; `--check` compares.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from dragoman_edge.dialects import DIALECTS

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PAGE = ROOT / "docs" / "conformance.md"
KINDS = ("endpoint", "message", "field", "parameter", "value", "default", "error", "close", "behaviour")
INTRO = """# Conformance

One row per documented message, field, parameter, value, default, error and close code of each API, and the
test that shows it over a real websocket on a running mesh. This page is written by
`python -m tests.conformance.table`.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One documented thing; `told` is what a client gets where it is not supported."""

    dialect: str
    id: str
    kind: str
    what: str
    told: str = ""

    @property
    def key(self) -> str:
        """How tests name it."""
        return f"{self.dialect}:{self.id}"


def rows(folder: Path = HERE / "rows") -> list[tuple[str, str, list[Row]]]:
    """(dialect, section, rows), in the order of the pages."""
    found = []
    for path in sorted(folder.glob("*.yaml")):
        for section, entries in yaml.safe_load(path.read_text()).items():
            made = [Row(path.stem, *_entry(path, entry)) for entry in entries]
            found.append((path.stem, section, made))
    return found


def _entry(path: Path, entry: dict[str, str]) -> tuple[str, str, str, str]:
    """`{id: kind what}` and perhaps `told`."""
    told = entry.pop("told", "")
    ((name, text),) = entry.items()
    kind, _, what = text.partition(" ")
    if kind not in KINDS or not what:
        raise ValueError(f"{path.name}: {name}: '{text}' must be one of {', '.join(KINDS)} and a text")
    return name, kind, what, told


def shown(folder: Path = HERE) -> dict[str, list[str]]:
    """For each key the tests that show it."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.glob("test_*.py")):
        for name, key in _marks(ast.parse(path.read_text())):
            found[key].append(f"{path.stem}::{name}")
    return found


def _marks(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for mark in node.decorator_list:
            if isinstance(mark, ast.Call) and ast.unparse(mark.func).endswith("mark.shows"):
                for argument in mark.args:
                    yield node.name, ast.literal_eval(argument)


def problems(dialects: Collection[str] = DIALECTS) -> list[str]:
    """Dialects without rows, rows that no test shows, rows that are there twice, marks that name no row."""
    marks = shown()
    keys = [row.key for _, _, made in rows() for row in made]
    known = {dialect for dialect, _, _ in rows()}
    missing = [f"{name}: tests/conformance/rows has no rows of it" for name in dialects if name not in known]
    empty = [f"{key}: no test shows it" for key in keys if key not in marks]
    twice = [f"{key}: is there twice" for key in sorted({k for k in keys if keys.count(k) > 1})]
    return missing + empty + twice + [f"{key}: no such row" for key in marks if key not in keys]


def page() -> str:
    """The whole page."""
    marks, lines, last = shown(), [INTRO], ""
    for dialect, section, made in rows():
        if dialect != last:
            lines += [f"## {dialect}", ""]
            last = dialect
        lines += [f"### {section}", "", "| what | | shown by |", "|---|---|---|"]
        lines += [_line(row, marks[row.key]) for row in made]
        lines.append("")
    return "\n".join(lines)


def _line(row: Row, tests: list[str]) -> str:
    what = row.what.replace("|", "\\|")
    told = f" **Not supported:** {row.told}" if row.told else ""
    where = ", ".join(f"`{test}`" for test in tests[:2])
    return f"| {what}{told} | {row.kind} | {where} |"


def main() -> None:
    """Write the page, or compare it."""
    wrong = problems()
    if "--check" in sys.argv and PAGE.read_text() != page():
        wrong.append("docs/conformance.md is not current: run `python -m tests.conformance.table`")
    if wrong:
        raise SystemExit("\n".join(wrong))
    PAGE.write_text(page())


if __name__ == "__main__":
    main()
