"""A dialect needs a module, its tests and one line: one that is made up here streams through the mesh."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from dragoman_cli.mesh import Mesh
from dragoman_edge import main
from dragoman_edge.dialects import DIALECTS
from dragoman_scripted.tones import numbers, pcm_to_words, words_to_pcm
from tests.conformance import shout, table
from tests.conformance.edges import edge_here
from tests.edge.dialects.test_fuzz import fuzz
from tests.support.waiting import WAIT_S

SIX: dict[str, Any] = DIALECTS | {"shout": shout.Shout()}
PAUSE = bytes(32_000)
GUIDE = Path(__file__).parent.parent.parent / "docs" / "dialects.md"


async def rest(socket: ClientConnection) -> tuple[list[str | bytes], int]:
    """Everything up to the close, and its code."""
    heard: list[str | bytes] = []
    try:
        async with asyncio.timeout(WAIT_S):
            while True:
                heard.append(await socket.recv())
    except ConnectionClosed as exc:
        assert exc.rcvd is not None
        return heard, exc.rcvd.code


async def test_a_dialect_that_is_registered_by_a_line_streams_through_the_mesh(
    made: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "DIALECTS", SIX)
    async with edge_here(made) as edge:
        url = edge.url.replace("http", "ws")
        async with connect(f"{url}/shout?key={made.key}", max_size=None, open_timeout=WAIT_S) as socket:
            await socket.send("en es")
            await socket.send(words_to_pcm([1, 2, 3]) + PAUSE)
            await socket.send("bye")
            heard, code = await rest(socket)
        texts = [frame for frame in heard if isinstance(frame, str)]
        speech = b"".join(frame for frame in heard if isinstance(frame, bytes))
        assert (texts, code) == (["ES:W0001 ES:W0002 ES:W0003"], 1000)
        assert [number for number, _ in pcm_to_words(speech)] == numbers(texts[0]) == [1, 2, 3]
        async with connect(f"{url}/shout?key=wrong", open_timeout=WAIT_S) as socket:
            assert await rest(socket) == (["NO: invalid_credential"], 1008)
        async with httpx.AsyncClient(timeout=WAIT_S) as http:
            metrics = (await http.get(f"{edge.url}/metrics")).text
    assert 'dragoman_edge_opens_total{dialect="shout",outcome="ok"} 1.0' in metrics
    assert 'dragoman_edge_opens_total{dialect="shout",outcome="invalid_credential"} 1.0' in metrics


def test_its_fuzzing_and_its_conformance_follow_from_the_line() -> None:
    fuzz(SIX["shout"], 100)
    assert table.problems(SIX) == ["shout: tests/conformance/rows has no rows of it"]


def test_the_guide_shows_this_dialect() -> None:
    assert Path(shout.__file__).read_text() in GUIDE.read_text()


def test_a_dialect_is_registered_under_its_own_name() -> None:
    assert {name: dialect.name for name, dialect in SIX.items()} == {name: name for name in SIX}
