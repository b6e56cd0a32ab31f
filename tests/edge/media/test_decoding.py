"""The decoder's process as its service sees it: what it answers, how it ends, that it never stays."""

import asyncio
import io
from typing import Any, BinaryIO

import pytest

from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.media import decoding
from dragoman_edge.media.decoding_child import TOO_LONG, UNREADABLE

FILE: BinaryIO = io.BytesIO()


class Child:
    """A process that has written so much and ends with a code."""

    def __init__(self, output: bytes, code: int, *, hangs: bool = False) -> None:
        self.stdout = asyncio.StreamReader()
        self.stdout.feed_data(output)
        if not hangs:
            self.stdout.feed_eof()
        self._code = code
        self.returncode: int | None = None
        self.killed = False

    async def communicate(self) -> tuple[bytes, bytes]:
        output = await self.stdout.read()
        await self.wait()
        return output, b""

    async def wait(self) -> int:
        self.returncode = self._code
        return self._code

    def kill(self) -> None:
        self.killed = True


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is started, and with what; the first element is the process that is made."""
    made: list[Any] = []

    async def start(*command: str, **more: Any) -> Child:
        made[1:] = [command, more]
        child: Child = made[0]
        return child

    monkeypatch.setattr("asyncio.create_subprocess_exec", start)
    return made


async def test_the_length_comes_in_ms_and_no_secret_goes_in(
    started: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAGOMAN_NATS_PASSWORD", "secret")
    started.append(Child(b"12.3456", 0))
    assert await decoding.length_ms(FILE, 36_000_000) == 12_346
    _, command, more = started
    assert command[-2:] == ("measure", "36000.0") and more["stdin"] is FILE
    assert not any(name.startswith("DRAGOMAN") for name in more["env"])


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (TOO_LONG, FaultCode.TOO_LONG),
        (UNREADABLE, FaultCode.UNSUPPORTED_AUDIO),
        (-11, FaultCode.UNSUPPORTED_AUDIO),
        (-9, FaultCode.UNSUPPORTED_AUDIO),
    ],
    ids=["too long", "unreadable", "crashed", "killed"],
)
async def test_how_the_decoder_ends_says_what_is_wrong_with_the_file(
    started: list[Any], code: int, told: FaultCode
) -> None:
    started.append(Child(b"", code))
    with pytest.raises(PeerError) as caught:
        await decoding.length_ms(FILE, 60_000)
    assert caught.value.code == told


async def test_pieces_are_seconds_and_the_last_is_what_is_left(started: list[Any]) -> None:
    started.append(Child(bytes(70_000), 0))
    assert [len(piece) async for piece in decoding.pieces(FILE)] == [32_000, 32_000, 6_000]


async def test_a_decoder_that_dies_half_way_is_told(started: list[Any]) -> None:
    started.append(Child(bytes(40_000), -11))
    with pytest.raises(PeerError):
        assert [len(piece) async for piece in decoding.pieces(FILE)]


async def test_a_decoder_that_hangs_is_killed(started: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dragoman_edge.media.decoding.PIECE_S", 0.01)
    child = Child(bytes(10), 0, hangs=True)
    started.append(child)
    with pytest.raises(MeshError) as caught:
        assert [piece async for piece in decoding.pieces(FILE)]
    assert caught.value.code == FaultCode.TIMEOUT and child.killed


async def test_a_length_that_does_not_come_is_a_timeout(
    started: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dragoman_edge.media.decoding.MEASURE_S", 0.01)
    child = Child(b"", 0, hangs=True)
    started.append(child)
    with pytest.raises(MeshError):
        await decoding.length_ms(FILE, 1000)
    assert child.killed
