"""The beginning of an uploaded recording goes to a recogniser, and its voice comes back."""

import io
from collections.abc import AsyncGenerator
from typing import Any, cast

import pytest

from dragoman_contract import rpc, subjects
from dragoman_contract.errors import DragomanError, FaultCode, MeshError
from dragoman_edge.model.imports import Upload
from dragoman_edge.server.enrolment import MOST, encoded
from dragoman_kit.bus import Bus

SECOND = bytes(32_000)


class Recognisers:
    """A bus with one answer."""

    def __init__(self, answer: rpc.EncodeVoiceReply | MeshError) -> None:
        self.asked: list[tuple[str, rpc.EncodeVoiceRequest]] = []
        self._answer = answer

    async def request(self, subject: str, message: Any, *_: Any) -> rpc.EncodeVoiceReply:
        self.asked.append((subject, message))
        if isinstance(self._answer, MeshError):
            raise self._answer
        return self._answer


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A file of an hour; how many seconds of it were decoded, and whether the decoder was let go."""
    seconds: list[int] = []

    async def pieces(_: object) -> AsyncGenerator[bytes, None]:
        try:
            for number in range(3600):
                seconds.append(number)
                yield SECOND
        finally:
            seconds.append(-1)

    monkeypatch.setattr("dragoman_edge.media.decoding.pieces", pieces)
    return seconds


async def voice(answer: rpc.EncodeVoiceReply | MeshError) -> tuple[Recognisers, rpc.EncodeVoiceReply]:
    bus = Recognisers(answer)
    return bus, await encoded(cast(Bus, bus), Upload(io.BytesIO(), 1))


async def test_only_the_beginning_of_a_long_file_is_decoded_and_sent(read: list[int]) -> None:
    bus, made = await voice(rpc.EncodeVoiceReply(print=b"v", spoken_ms=5000))
    assert made.print == b"v"
    ((subject, request),) = bus.asked
    assert subject == subjects.ENCODE_VOICE and len(request.audio) == MOST == 30 * len(SECOND)
    assert read == [*range(30), -1]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (
            rpc.EncodeVoiceReply(fault=rpc.Fault(code="unsupported_audio", message="m")),
            FaultCode.UNSUPPORTED_AUDIO,
        ),
        (MeshError(FaultCode.TIMEOUT, "nobody"), FaultCode.BUSY),
    ],
    ids=["refused", "nobody"],
)
@pytest.mark.usefixtures("read")
async def test_a_refusal_is_told_and_a_silence_is_busy(
    answer: rpc.EncodeVoiceReply | MeshError, code: FaultCode
) -> None:
    with pytest.raises(DragomanError) as caught:
        await voice(answer)
    assert caught.value.code == code
