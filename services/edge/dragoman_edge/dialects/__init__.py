"""The dialects that this edge speaks; a new one is a line here."""

from dragoman_edge.dialects.base import Dialect
from dragoman_edge.dialects.krisp import Krisp
from dragoman_edge.dialects.native import Native
from dragoman_edge.dialects.pinch import Pinch

DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in (Krisp(), Native(), Pinch())}
