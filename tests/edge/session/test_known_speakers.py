"""Voices of enrolled speakers are read before a session begins."""

from typing import Any, cast

import pytest

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode
from dragoman_edge.mesh.archive import Archive
from dragoman_edge.session import known_speakers
from tests.support.factories import spec

ANA = ev.KnownSpeaker(id="sp_1", name="Ana", print=b"a", spoken_ms=1)
BEN = ev.KnownSpeaker(name="Ben", print=b"b", spoken_ms=2)
UNREAD = ev.KnownSpeaker(id="sp_1")


class Kept:
    """An archive with one answer."""

    def __init__(self, *speakers: ev.KnownSpeaker) -> None:
        self.asked: list[Any] = []
        self._answer = rpc.KnownSpeakersReply(speakers=speakers)

    async def ask(self, request: Any) -> Any:
        self.asked.append(request)
        return self._answer


async def read(kept: Kept, *speakers: ev.KnownSpeaker) -> ev.Spec:
    wanted = spec(speakers=2, known_speakers=speakers)
    return await known_speakers.read(cast(Archive, kept), wanted, "a_1", "k_1")


async def test_voices_are_read_and_others_stay() -> None:
    kept = Kept(ANA)
    assert (await read(kept, BEN, UNREAD)).known_speakers == (BEN, ANA)
    asked = rpc.KnownSpeakersRequest(account_id="a_1", key_id="k_1", speaker_ids=("sp_1",))
    assert kept.asked == [asked]


async def test_nobody_is_asked_for_what_is_there() -> None:
    kept = Kept()
    assert (await read(kept, BEN, ANA)).known_speakers == (BEN, ANA)
    assert kept.asked == []
    assert known_speakers.has_unread(spec(known_speakers=(BEN, UNREAD)))
    assert not known_speakers.has_unread(spec(known_speakers=(BEN, ANA)))


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((), FaultCode.INTERNAL),
        ((ev.KnownSpeaker(id="sp_1", name="Ben", print=b"x"),), FaultCode.BAD_REQUEST),
    ],
    ids=["no answer", "the same name"],
)
async def test_what_is_not_clear_begins_no_session(
    answer: tuple[ev.KnownSpeaker, ...], code: FaultCode
) -> None:
    with pytest.raises(DragomanError) as caught:
        await read(Kept(*answer), BEN, UNREAD)
    assert caught.value.code == code
