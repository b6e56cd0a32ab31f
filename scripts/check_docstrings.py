"""Check that the first line of every public docstring stands alone, as an editor shows it beside a name.

Usage: python scripts/check_docstrings.py

A first line is a statement of at least three words that ends with a full stop; it does not begin with a word
that points elsewhere ("What …", "Who …", "It …"). A function that raises an error names it, but in the
command line, whose docstrings are the help that users read, and whose errors are messages to them.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tested_modules import PACKAGES, ROOT

GENERATED = "pb"  # folder of the code that protoc writes

POINTING = re.compile(
    r"(What|Who|How|Of|It|They|This|That|As|Its|So|And|Also|Then|Where|When|Which|See|The same)\b"
)
COMMANDS = "services/cli"
WORDS = 3  # of a first line, at least
NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def raised(function: Function) -> set[str]:
    """Names of the error classes that the function raises itself."""
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Raise) and node.exc is not None:
            made = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            name = made.id if isinstance(made, ast.Name) else getattr(made, "attr", "")
            if name[:1].isupper():
                found.add(name)
    return found


def faults(docstring: str | None, errors: set[str]) -> Iterator[str]:
    """Faults of one docstring, each in words."""
    if not docstring:
        yield "no docstring"
        return
    first = docstring.partition("\n")[0].rstrip()
    if not first.endswith((".", "?", ":")):
        yield f"the first line is no statement of its own: {first}"
    if len(first.split()) < WORDS:
        yield f"says too little: {first}"
    if POINTING.match(first):
        yield f"begins with a word that points elsewhere: {first}"
    if errors and "Raises" not in docstring and not any(name in docstring for name in errors):
        yield f"names none of the errors that it raises: {', '.join(sorted(errors))}"


def is_overload(node: ast.AST) -> bool:
    """Whether a function is one of several signatures, of which the last has the docstring."""
    return any(getattr(d, "id", "") == "overload" for d in getattr(node, "decorator_list", ()))


def public(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, int, str | None, set[str]]]:
    """Every public class and function below a node: name, line, docstring, errors that it raises."""
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, NAMED) or node.name.startswith("_") or is_overload(node):
            continue
        name = f"{prefix}{node.name}"
        errors = set() if isinstance(node, ast.ClassDef) else raised(node) - {"SystemExit"}
        yield name, node.lineno, ast.get_docstring(node), errors
        if isinstance(node, ast.ClassDef):
            yield from public(node, f"{name}.")


def check(path: Path) -> Iterator[str]:
    """Faults of a file, as "path:line name: fault"."""
    tree = ast.parse(path.read_text())
    place = path.relative_to(ROOT)
    for fault in faults(ast.get_docstring(tree), set()):
        yield f"{place}:1 module: {fault}"
    for name, line, docstring, errors in public(tree):
        for fault in faults(docstring, set() if place.is_relative_to(COMMANDS) else errors):
            yield f"{place}:{line} {name}: {fault}"


def main() -> int:
    """Print every fault.

    Returns: 1 if there is one.
    """
    paths = [p for package in PACKAGES for p in sorted((ROOT / package).rglob("*.py"))]
    found = [fault for path in paths if GENERATED not in path.parts for fault in check(path)]
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
