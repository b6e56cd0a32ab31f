"""Progress of a session's results as plain JSON values, enough to go on elsewhere. Pure."""

from collections.abc import Iterable
from typing import Any

from dragoman_edge.ordering.gaps import Counts
from dragoman_edge.ordering.output_stream import OutputStream, PendingOutput
from dragoman_edge.ordering.track_sequencer import TrackSequencer

VERSION = 1


def save(tracks: Iterable[TrackSequencer]) -> dict[str, Any]:
    """The cursors of all tracks."""
    return {"version": VERSION, "tracks": [_save_track(track) for track in tracks]}


def load(saved: dict[str, Any], counts: Counts, now_ms: int) -> list[TrackSequencer]:
    """Tracks at the saved cursors; what is due is waited for from `now_ms` on.

    Raises:
        ValueError: saved in another version.
    """
    if saved.get("version") != VERSION:
        raise ValueError("the cursor has another version")
    return [_load_track(track, counts, now_ms) for track in saved["tracks"]]


def _save_track(track: TrackSequencer) -> dict[str, Any]:
    return {
        "session": track.session_id,
        "track": track.track,
        "epoch": track.epoch,
        "first": track.first,
        "next": track.next,
        "covered": track.covered,
        "over": track.over,
        "corrected": list(track.corrected),
        "outputs": {
            language: _save_output(output) for language, output in track.outputs.items() if not output.empty
        },
    }


def _save_output(output: OutputStream) -> dict[str, Any]:
    return {
        "texts": [[due.utterance, due.epoch, due.speech] for due in output.texts.values()],
        "speeches": [[due.utterance, due.epoch, due.speech] for due in output.speeches.values()],
        "samples": output.samples,
    }


def _load_track(saved: dict[str, Any], counts: Counts, now_ms: int) -> TrackSequencer:
    track = TrackSequencer(
        saved["track"],
        counts,
        session_id=saved["session"],
        epoch=saved["epoch"],
        first=saved["first"],
        next=saved["next"],
        covered=saved["covered"],
        over=saved["over"],
    )
    for number in saved.get("corrected", ()):  # an older edge writes none
        track.corrected.add(number)
    for language, output in saved["outputs"].items():
        track.outputs[language] = _load_output(track, language, output, now_ms)
    return track


def _load_output(track: TrackSequencer, language: str, saved: dict[str, Any], now_ms: int) -> OutputStream:
    return OutputStream(
        track.session_id,
        track.track,
        language,
        track.counts,
        texts=_load_due(saved["texts"], now_ms),
        speeches=_load_due(saved["speeches"], now_ms),
        samples=saved["samples"],
    )


def _load_due(saved: Iterable[tuple[int, int, bool]], now_ms: int) -> dict[int, PendingOutput]:
    return {utterance: PendingOutput(utterance, epoch, speech, now_ms) for utterance, epoch, speech in saved}
