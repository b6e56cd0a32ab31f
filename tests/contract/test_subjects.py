"""Subjects fall into the streams and filters that are meant for them."""

from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract import rpc, subjects
from tests.contract.test_codec import EVENTS, filled


def matches(pattern: str, subject: str) -> bool:
    """The bus's own rule: `*` is one token, `>` the rest."""
    wanted, got = pattern.split("."), subject.split(".")
    for i, token in enumerate(wanted):
        if token == ">":
            return len(got) > i
        if i >= len(got) or token not in ("*", got[i]):
            return False
    return len(wanted) == len(got)


def event(cls: type[Any], **changes: Any) -> Any:
    import dataclasses

    return dataclasses.replace(filled(cls), session_id="s_1", **changes)


SESSION_EVENTS = [cls for cls in EVENTS if cls is not ev.Usage]


@pytest.mark.parametrize("cls", SESSION_EVENTS, ids=lambda cls: cls.__name__)
def test_the_edge_hears_every_event_of_its_session(cls: type[Any]) -> None:
    changes = {"language": "en-US"} if hasattr(filled(cls), "language") else {}
    assert matches(subjects.session_events("s_1"), subjects.event(event(cls, **changes)))


def test_finals_go_to_the_events_stream_and_interims_to_none() -> None:
    final = subjects.event(event(ev.Transcript, final=True))
    interim = subjects.event(event(ev.Transcript, final=False))
    assert matches(subjects.EVENTS_SUBJECTS, final)
    assert not matches(subjects.EVENTS_SUBJECTS, interim)


def test_each_consumer_sees_its_own_work_only() -> None:
    live = {"final": True, "work": ev.WorkOrder()}
    transcript = subjects.event(event(ev.Transcript, **live))
    translation = subjects.event(event(ev.Translation, **live, language="es-ES"))

    def taken(filters: tuple[str, ...], subject: str) -> bool:
        return any(matches(one, subject) for one in filters)

    assert taken(subjects.TRANSLATION_LIVE_FILTERS, transcript)
    assert not taken(subjects.TRANSLATION_LIVE_FILTERS, translation)
    assert taken(subjects.TTS_LIVE_FILTERS, translation)
    assert not taken(subjects.TTS_LIVE_FILTERS, transcript)
    assert not taken(subjects.TRANSLATION_TEXTS_FILTERS, transcript)
    assert not taken(subjects.TTS_TEXTS_FILTERS, translation)


def test_finals_of_an_import_are_work_that_gives_way_to_live_speech() -> None:
    work = {"final": True, "track": 0, "work": ev.WorkOrder(background=True)}
    transcript = subjects.event(event(ev.Transcript, **work))
    translation = subjects.event(event(ev.Translation, **work, language="es-ES"))
    assert matches(subjects.TRANSLATION_TEXTS_FILTERS[0], transcript)
    assert matches(subjects.TTS_TEXTS_FILTERS[0], translation)
    assert not any(matches(one, transcript) for one in subjects.TRANSLATION_LIVE_FILTERS)


def test_message_ids_differ_by_epoch_utterance_and_language() -> None:
    base = event(ev.Translation)
    others = [
        event(ev.Translation, **{name: value})
        for name, value in (("epoch", 99), ("utterance", 99), ("language", "xx"), ("track", 99))
    ]
    assert len({subjects.message_id(e) for e in [base, *others]}) == 5


def test_a_longer_piece_of_a_recording_is_no_repeat_of_a_shorter_one() -> None:
    """An edge that goes on from an older record may have more from the same frame on."""

    def identity(start: int, frames: int, track: int = 0) -> str:
        piece = rpc.AudioPiece(
            session_id="s_1", account_id="a_1", started_at_ms=1, days=1, track=track, index=3,
            start_frame=start, silence_frames=0, packets=(b"x",) * frames, end_sample=0,
        )  # fmt: skip
        return subjects.recording_id(piece)

    assert len({identity(80, 17), identity(80, 80), identity(160, 80), identity(80, 80, track=1)}) == 4
    assert identity(80, 80) == identity(80, 80)


def test_a_control_subject_is_read_back() -> None:
    assert subjects.parse_control(subjects.track_control("w_1", "s_1", 2)) == ("s_1", 2)


def test_a_worker_hears_its_audio_and_its_controls() -> None:
    for subject in (subjects.worker_audio("w_1"), subjects.track_control("w_1", "s_1", 2)):
        assert matches(subjects.worker_tracks("w_1"), subject)


def test_the_control_of_a_track_says_which_and_comes_by_its_workers_subscription() -> None:
    subject = subjects.track_control("w_1", "s_1", 2)
    assert subjects.parse_control(subject) == ("s_1", 2)
    assert matches(subjects.worker_tracks("w_1"), subject)
    assert matches(subjects.worker_tracks("w_1"), subjects.worker_audio("w_1"))
    assert not matches(subjects.worker_tracks("w_2"), subject)
    with pytest.raises(ValueError, match="unpack"):
        subjects.parse_control("dragoman.v1.track.w_1.audio")


def test_an_engine_without_a_name_is_the_default_one() -> None:
    assert subjects.allocate("") == "dragoman.v1.stt.allocate.default"
    assert subjects.allocate_any("whisper") == "dragoman.v1.stt.any.whisper"


def test_a_viewing_edge_hears_events_and_notices_of_its_broadcast_and_not_the_door() -> None:
    shown = subjects.broadcast_show("b1")
    assert matches(shown, subjects.broadcast_event("b1")) and matches(shown, subjects.broadcast_notice("b1"))
    assert not matches(shown, subjects.broadcast_admission("b1"))
    assert not matches(shown, subjects.broadcast_event("b2"))


@pytest.mark.parametrize(
    ("pattern", "subject"),
    [
        (subjects.USAGE_SUBJECTS, subjects.usage("s_1")),
        (subjects.SESSIONS_SUBJECTS, subjects.session_record("s_1")),
        (subjects.RESOURCES_SUBJECTS, subjects.resource("a_1.x.y")),
        (subjects.CHANNELS_SUBJECTS, subjects.channel("a_1.x.y")),
        (subjects.DEAD_SUBJECTS, subjects.dead("tts", "s_1")),
        (subjects.EVENTS_SUBJECTS, subjects.session_finals("s_1")),
        (subjects.SPEECH_SUBJECTS, subjects.session_speech("s_1")),
        (subjects.KEPT_SUBJECTS, subjects.kept("s_1")),
        (subjects.RECORDINGS_SUBJECTS, subjects.recording("a_1")),
    ],
)
def test_what_is_kept_lies_in_its_stream(pattern: str, subject: str) -> None:
    assert matches(pattern, subject.replace(">", "x"))
    assert not matches(pattern, subjects.session_handover("s_1"))


def test_questions_to_a_service_are_no_events() -> None:
    asked = (subjects.accounts("open"), subjects.capabilities("tts"))
    assert asked == ("dragoman.v1.accounts.open", "dragoman.v1.capabilities.tts")


@pytest.mark.parametrize("cls", [ev.Transcript, ev.SpeechChunk, ev.Failure, ev.TrackEnded, ev.Usage])
def test_a_stored_event_has_an_identity_of_its_session(cls: type[Any]) -> None:
    assert subjects.message_id(event(cls)).startswith("s_1.")


def test_every_kept_record_of_a_session_has_an_identity_of_its_own() -> None:
    def identity(**part: Any) -> str:
        return subjects.kept_id(
            rpc.KeptRecord(session_id="s_1", account_id="a_1", started_at_ms=0, days=1, **part)
        )

    ids = [identity(begun=rpc.TaskBegun()), identity(ended=rpc.TaskEnded())]
    ids += [identity(sentence=rpc.KeptSentence(track=t, utterance=u)) for t in (0, 1) for u in (1, 11)]
    ids += [
        identity(translation=rpc.KeptTranslation(track=0, utterance=1, language=tag)) for tag in ("es", "fr")
    ]
    assert len(set(ids)) == len(ids) and all(one.startswith("s_1.kept.") for one in ids)
    with pytest.raises(TypeError, match="empty"):
        identity()


def test_what_is_not_published_or_not_stored_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="Usage"):
        subjects.event(event(ev.Usage))
    with pytest.raises(TypeError, match="Heartbeat"):
        subjects.message_id(event(ev.Heartbeat))
