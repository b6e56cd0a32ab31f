"""Factories of the mesh's events; every text and every sample tells where it belongs."""

from dataclasses import replace
from typing import Any, cast

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode
from dragoman_edge.ordering.reorder_buffer import ReorderBuffer

WAIT_MS = 1000
LANGUAGES = ("es", "fr")


def final(
    n: int, epoch: int = 1, languages: tuple[str, ...] = ("es",), speech: bool = True, track: int = 0
) -> ev.Transcript:
    return ev.Transcript(
        session_id="s", track=track, epoch=epoch, utterance=n, revision=9, final=True,
        text=f"said {track} {n} by {epoch}", language="en", start_ms=0, duration_ms=1,
        covered_samples=n * 100, work=ev.WorkOrder(target_languages=languages, speech=speech),
    )  # fmt: skip


def interim(n: int, revision: int, epoch: int = 1, track: int = 0) -> ev.Transcript:
    return replace(final(n, epoch, track=track), final=False, revision=revision, work=ev.WorkOrder())


def translation(n: int, language: str = "es", epoch: int = 1, track: int = 0) -> ev.Translation:
    return ev.Translation(
        session_id="s", track=track, epoch=epoch, utterance=n, revision=9, final=True, language=language,
        text=f"{language} {track} {n} by {epoch}", source_language="en", source_text="", start_ms=0,
        duration_ms=1,
    )  # fmt: skip


def rough(n: int, revision: int, language: str = "es", epoch: int = 1) -> ev.Translation:
    return replace(translation(n, language, epoch), final=False, revision=revision)


def sound(n: int, language: str, samples: int, epoch: int = 1, track: int = 0) -> bytes:
    """Speech in which every sample tells where it belongs."""
    seed = track * 20_000 + epoch * 4000 + n * 100 + LANGUAGES.index(language) * 50
    return b"".join(((seed + i) % 65_536).to_bytes(2, "little") for i in range(samples))


def chunk(
    n: int, start: int, end: int, total: int, language: str = "es", epoch: int = 1, track: int = 0
) -> ev.SpeechChunk:
    return ev.SpeechChunk(
        session_id="s", track=track, epoch=epoch, utterance=n, language=language, sample_offset=start,
        audio=sound(n, language, total, epoch, track)[2 * start : 2 * end], last=end == total,
    )  # fmt: skip


def correction(n: int, epoch: int = 1, track: int = 0) -> ev.SpeakerCorrection:
    return ev.SpeakerCorrection(
        session_id="s", track=track, epoch=epoch, utterance=n, speaker=2, speaker_confidence=0.75, before=1
    )


def ended(last: int, epoch: int = 1, track: int = 0) -> ev.TrackEnded:
    return ev.TrackEnded(session_id="s", track=track, epoch=epoch, last_utterance=last)


def failure(n: int, stage: ev.Stage, language: str = "", epoch: int = 1, track: int = 0) -> ev.Failure:
    return ev.Failure(
        session_id="s", track=track, epoch=epoch, utterance=n, stage=stage, language=language,
        code=FaultCode.ENGINE_FAILED, message="",
    )  # fmt: skip


def heartbeat(covered: int, epoch: int = 1, last: int = 0) -> ev.Heartbeat:
    return ev.Heartbeat(
        session_id="s", track=0, epoch=epoch, worker_id="w", received_samples=0, covered_samples=covered,
        last_utterance=last,
    )  # fmt: skip


def feed(order: ReorderBuffer, *events: ev.Event, now: int = 0) -> list[Any]:
    return [out for event in events for out in order.accept(event, now)]


def made(tracks: tuple[int, ...] = (0,)) -> ReorderBuffer:
    return ReorderBuffer(tracks=tracks, max_wait_ms=WAIT_MS)


def places(events: list[Any]) -> list[tuple[str, int, str]]:
    """What was released, in short: kind or code, utterance, language."""
    return [
        (
            e.code if isinstance(e, ev.Failure) else type(e).__name__,
            getattr(e, "utterance", 0),
            getattr(e, "language", "") if not isinstance(e, ev.Transcript) else "",
        )
        for e in events
    ]


def of_epoch(event: ev.Event, epoch: int) -> ev.Event:
    """The same event as if another recogniser had sent it."""
    return replace(cast(Any, event), epoch=epoch)  # type: ignore[no-any-return]
