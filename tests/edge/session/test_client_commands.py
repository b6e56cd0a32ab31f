"""A client's commands: carried out while the session lives, and not at all where they cannot be."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_edge.media.recogniser import RecogniserSession
from dragoman_edge.model.commands import JOBS, Open, TextRequest
from dragoman_edge.session.client_commands import ClientCommands
from tests.support.assembled import Assembled
from tests.support.factories import spec
from tests.support.mesh_events import translation


async def test_a_track_joins_and_all_hear_of_the_change(monkeypatch: pytest.MonkeyPatch) -> None:
    assembled = Assembled()
    made = await assembled.live()
    updated: list[int] = []
    update = RecogniserSession.update

    async def noted(link: RecogniserSession, *orders: Any) -> None:
        updated.append(link.track)
        await update(link, *orders)

    monkeypatch.setattr(RecogniserSession, "update", noted)
    both = spec(tracks=tuple(ev.TrackSpec(track=n, source_languages=("de",)) for n in (0, 1)))
    await assembled.commands.update(both)
    assert made.spec is both and updated == [0, 1]
    assert [started.spec.source_languages for started in assembled.mesh.started] == [("en",), ("de",)]
    assembled.mesh.fall_silent()


async def test_known_speakers_stay_as_they_were_read() -> None:
    known = ev.KnownSpeaker(id="sp_1", name="Ana", print=b"a", spoken_ms=1)
    assembled = Assembled(Open(spec(speakers=2, known_speakers=(known,))))
    made = await assembled.live()
    await assembled.commands.update(spec(speakers=2, known_speakers=(ev.KnownSpeaker(id="sp_1"),)))
    assert made.spec.known_speakers == (known,)
    assert assembled.mesh.started[0].spec.known_speakers == (known,)
    assembled.mesh.fall_silent()


async def test_a_track_without_a_recogniser_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assembled = Assembled()
    made = await assembled.live()
    before = made.spec

    async def full(track: ev.TrackSpec) -> None:
        raise MeshError(FaultCode.BUSY, "full")

    monkeypatch.setattr(made.recognisers, "join", full)
    with pytest.raises(MeshError):
        await assembled.commands.update(spec(tracks=tuple(ev.TrackSpec(track=n) for n in (0, 1))))
    assert made.spec is before
    assembled.mesh.fall_silent()


@pytest.mark.parametrize(
    "change",
    [
        lambda commands: commands.update(spec(interim=False)),
        lambda commands: commands.job(TextRequest(1, "hello", "en", ("es",))),
        lambda commands: commands.direct(None),
    ],
    ids=["update", "job", "broadcast"],
)
async def test_nothing_is_changed_after_the_end(change: Callable[[ClientCommands], Awaitable[None]]) -> None:
    assembled = Assembled()
    before = assembled.made.spec
    await change(assembled.commands)
    assert assembled.made.spec is before and not assembled.mesh.stored


async def test_a_text_is_translated_beside_the_speech() -> None:
    assembled = Assembled()
    made = await assembled.live()
    await assembled.commands.job(TextRequest(1, "hello", "en", ("es",)))
    await made.results.take(translation(1, track=JOBS))
    assert await assembled.sent() == [translation(1, track=JOBS)]
    assert len(assembled.mesh.stored) == 1
