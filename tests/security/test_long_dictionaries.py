"""Attack H5: a long dictionary for each of many texts, against the stream of all. On a real mesh."""

import nats
import pytest

from tests.conformance.native import session
from tests.mesh.conftest import Mesh
from tests.security.customers import Customers

pytestmark = pytest.mark.mesh
QUIET = {"speech": False, "interim": False}
DICTIONARY = [{"source": f"term {n}", "target": f"{n} " * 50} for n in range(900)] + [
    {"source": "harbour", "target": "XYZ"}
]
TEXTS = 40


async def stored_bytes(mesh: Mesh) -> int:
    client = await nats.connect(str(mesh.state["nats"]))
    try:
        info = await client.jetstream().stream_info("DRAGOMAN_EVENTS")
        return int(info.state.bytes)
    finally:
        await client.close()


async def test_a_dictionary_is_stored_once_and_followed_all_the_same(
    attacked: Mesh, customers: Customers
) -> None:
    customer = await customers()
    before = await stored_bytes(attacked)
    async with session(attacked.edge, customer.key, dictionary=DICTIONARY, **QUIET) as made:
        for number in range(TEXTS):
            text = f"The harbour is closed, number {number}."
            await made.send(type="translate", id=f"t{number}", text=text, language="en", to=["es"])
        for number in range(TEXTS):
            result = await made.until("translation", job=f"t{number}")
            assert "XYZ" in result["text"]
    grown = await stored_bytes(attacked) - before
    size = sum(len(term["source"]) + len(term["target"]) for term in DICTIONARY)
    print(f"{TEXTS} texts with a dictionary of {size >> 10} KiB: {grown >> 10} KiB in the stream of events")
    assert grown < TEXTS * 4096
