"""Cursors of a session's tracks: exactly what was out and what is due, and nothing that is held."""

import json
from dataclasses import replace

import pytest

from dragoman_contract import events as ev
from dragoman_edge.ordering import checkpoint
from dragoman_edge.ordering.gaps import Counts
from dragoman_edge.ordering.track_sequencer import TrackSequencer
from tests.support.mesh_events import chunk, correction, ended, final, translation


def fed(*events: ev.Event, now: int = 0) -> TrackSequencer:
    track = TrackSequencer(0, Counts())
    for event in events:
        track.accept(event, now)  # type: ignore[arg-type]
    return track


def test_a_cursor_is_plain_json_of_known_names() -> None:
    track = fed(final(1), translation(1), chunk(1, 0, 4, 9), final(2, languages=("es", "fr"), speech=False))
    saved = checkpoint.save([track])
    assert json.loads(json.dumps(saved)) == saved
    assert saved == {
        "version": 1,
        "tracks": [
            {
                "session": "s",
                "track": 0,
                "epoch": 1,
                "first": 1,
                "next": 3,
                "covered": 200,
                "over": False,
                "corrected": [],
                "outputs": {
                    "es": {"texts": [[2, 1, False]], "speeches": [[1, 1, True]], "samples": 4},
                    "fr": {"texts": [[2, 1, False]], "speeches": [], "samples": 0},
                },
            }
        ],
    }


def test_a_loaded_track_stands_where_it_was_saved() -> None:
    track = fed(final(1), translation(1), chunk(1, 0, 4, 9), final(2))
    track.replace(3, 3)
    counts = Counts()
    (again,) = checkpoint.load(checkpoint.save([track]), counts, now_ms=70)
    cursor = again.session_id, again.track, again.epoch, again.first, again.next, again.covered
    assert cursor == ("s", 0, 3, 3, 3, 200)
    (output,) = again.outputs.values()
    assert (output.session_id, output.track, output.language, output.samples) == ("s", 0, "es", 4)
    assert [(due.utterance, due.epoch, due.speech, due.since_ms) for due in output.texts.values()] == [
        (2, 1, True, 70)
    ]
    assert [(due.utterance, due.since_ms) for due in output.speeches.values()] == [(1, 70)]
    assert again.counts is counts and output.counts is counts


def test_what_is_held_is_not_saved() -> None:
    track = fed(final(2), translation(3))
    assert track.holding == 2
    (again,) = checkpoint.load(checkpoint.save([track]), Counts(), 0)
    assert again.holding == 0 and again.next == 1


def test_a_output_with_nothing_due_is_not_saved() -> None:
    track = fed(final(1, speech=False), translation(1))
    assert checkpoint.save([track])["tracks"][0]["outputs"] == {}


def test_a_track_that_is_over_stays_so() -> None:
    (again,) = checkpoint.load(checkpoint.save([fed(ended(0))]), Counts(), 0)
    assert again.over and again.accept(final(1), 0) == []


def test_a_due_speech_is_spoken_again_once_its_translation_comes_again() -> None:
    (again,) = checkpoint.load(checkpoint.save([fed(final(1), translation(1))]), Counts(), 0)
    (due,) = again.outputs["es"].speeches.values()
    assert due.translation is None
    again.accept(translation(1), 5)
    assert again.outputs["es"].speeches[1].translation == translation(1)
    again.accept(replace(translation(1), text="other"), 6)  # a repeat: the first one counts
    assert again.outputs["es"].speeches[1].translation == translation(1)


@pytest.mark.parametrize("saved", [{"version": 0, "tracks": []}, {"tracks": []}])
def test_a_cursor_of_another_version_is_refused(saved: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"^the cursor has another version$"):
        checkpoint.load(saved, Counts(), 0)


def test_what_was_corrected_is_not_corrected_again_elsewhere() -> None:
    saved = checkpoint.save([fed(final(1), final(2), correction(2))])
    (again,) = checkpoint.load(json.loads(json.dumps(saved)), Counts(), 0)
    assert again.accept(correction(2, epoch=2), 0) == []
    assert again.accept(correction(1), 0) == [correction(1)]
    del saved["tracks"][0]["corrected"]  # written by an older edge
    (again,) = checkpoint.load(saved, Counts(), 0)
    assert again.accept(correction(2), 0) == [correction(2)]
