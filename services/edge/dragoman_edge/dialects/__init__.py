"""The dialects that this edge speaks; a new one is a line here (docs/dialects.md, "Adding a dialect")."""

from pkgutil import resolve_name

from dragoman_edge.dialects.api import Dialect

REGISTERED = (
    "dragoman_edge.dialects.kallglot:Kallglot",
    "dragoman_edge.dialects.krisp:Krisp",
    "dragoman_edge.dialects.native.conversation:Native",
    "dragoman_edge.dialects.pinch.conversation:Pinch",
    "dragoman_edge.dialects.sarvam.conversation:Sarvam",
    "dragoman_edge.dialects.vas:Vas",
)


def load(registered: tuple[str, ...]) -> dict[str, Dialect]:
    """The dialects by name.

    Raises:
        ValueError: two have the same name.
    """
    found: list[Dialect] = [resolve_name(path)() for path in registered]
    by_name = {dialect.name: dialect for dialect in found}
    if len(by_name) < len(found):
        raise ValueError("two dialects have the same name")
    return by_name


DIALECTS = load(REGISTERED)
