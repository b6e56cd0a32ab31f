"""The dialects that this edge speaks; a new one is a line here (docs/dialects.md, "Adding a dialect")."""

from dragoman_edge.dialects.api import Dialect
from dragoman_edge.dialects.kallglot import Kallglot
from dragoman_edge.dialects.krisp import Krisp
from dragoman_edge.dialects.native import Native
from dragoman_edge.dialects.pinch import Pinch
from dragoman_edge.dialects.sarvam import Sarvam
from dragoman_edge.dialects.vas import Vas

DIALECTS: dict[str, Dialect] = {
    "kallglot": Kallglot(),
    "krisp": Krisp(),
    "native": Native(),
    "pinch": Pinch(),
    "sarvam": Sarvam(),
    "vas": Vas(),
}
