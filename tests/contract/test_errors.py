"""Whose fault a code is follows from the code alone."""

import ast
from pathlib import Path

import pytest

from dragoman_contract.errors import (
    DragomanError,
    FaultCode,
    FaultKind,
    MeshError,
    PeerError,
    error_for,
    fault_code,
)

ROOT = Path(__file__).parents[2]
SPEC = (ROOT / "proto/SPEC.md").read_text()


def rows() -> dict[str, tuple[str, str]]:
    """Code → kind and retryable, as SPEC.md has them."""
    faults = SPEC.partition("## Faults")[2].partition("\n## ")[0]
    cells = [line.split("|")[1:4] for line in faults.splitlines() if line.startswith("| `")]
    return {code: (kind.strip(), again.strip()) for codes, kind, again in cells for code in _names(codes)}


def _names(cell: str) -> list[str]:
    return [name.strip("`") for name in cell.split()]


def test_the_specification_has_every_code_with_its_kind() -> None:
    assert rows() == {str(c): (str(c.kind), "yes" if c.retryable else "no") for c in FaultCode}


@pytest.mark.parametrize("code", FaultCode)
def test_a_code_from_the_wire_has_the_class_of_its_kind(code: FaultCode) -> None:
    error = error_for(str(code), "why", retry_after_ms=5)
    assert type(error) is (MeshError if code.kind.ours else PeerError)
    assert (error.code, error.message, error.retry_after_ms) == (code, "why", 5)


def test_a_code_of_a_newer_peer_is_a_failure_of_ours() -> None:
    assert fault_code("brand_new") is FaultCode.INTERNAL
    assert type(error_for("brand_new", "why")) is MeshError


def test_only_ours_and_limits_are_worth_another_try() -> None:
    retryable = {code.kind for code in FaultCode if code.retryable}
    assert retryable == {FaultKind.LIMIT, FaultKind.CAPACITY, FaultKind.FAILURE}


def test_an_error_without_a_message_says_its_code() -> None:
    assert DragomanError(FaultCode.TOO_LONG).text == "too long"
    assert DragomanError(FaultCode.TOO_LONG, "an hour is over").text == "an hour is over"
    assert str(PeerError(FaultCode.TOO_LONG)) == "too_long"
    assert str(PeerError(FaultCode.TOO_LONG, "an hour")) == "too_long: an hour"


def _raised(path: Path) -> list[tuple[int, str, FaultCode]]:
    """Every `PeerError(FaultCode.X …` and `MeshError(FaultCode.X …` of a module."""
    found: list[tuple[int, str, FaultCode]] = []
    text = path.read_text()
    if "Error(FaultCode." not in "".join(text.split()):
        return found
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(
                func=ast.Name(id="PeerError" | "MeshError" as name),
                args=[ast.Attribute(value=ast.Name(id="FaultCode"), attr=code), *_],
            ):
                found.append((node.lineno, name, FaultCode[code]))
    return found


def test_no_module_raises_a_code_with_the_class_of_another() -> None:
    modules = [path for part in ("proto", "services") for path in (ROOT / part).rglob("*.py")]
    raised = [(path.name, *one) for path in modules for one in _raised(path)]
    wrong = [one for one in raised if (one[2] == "MeshError") != one[3].kind.ours]
    assert len(raised) > 100 and wrong == []
