"""Subjects fall into the streams and filters that are meant for them."""

from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract import subjects
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
    transcript = subjects.event(event(ev.Transcript, final=True))
    translation = subjects.event(event(ev.Translation, final=True, language="es-ES"))
    assert matches(subjects.TRANSLATION_FILTER, transcript)
    assert not matches(subjects.TRANSLATION_FILTER, translation)
    assert matches(subjects.TTS_FILTER, translation)
    assert not matches(subjects.TTS_FILTER, transcript)


def test_message_ids_differ_by_epoch_utterance_and_language() -> None:
    base = event(ev.Translation)
    others = [
        event(ev.Translation, **{name: value})
        for name, value in (("epoch", 99), ("utterance", 99), ("language", "xx"), ("track", 99))
    ]
    assert len({subjects.message_id(e) for e in [base, *others]}) == 5


def test_a_control_subject_is_read_back() -> None:
    assert subjects.parse_control(subjects.track_control("w_1", "s_1", 2)) == ("s_1", 2)


def test_a_worker_hears_its_audio_and_its_controls() -> None:
    for subject in (subjects.worker_audio("w_1"), subjects.track_control("w_1", "s_1", 2)):
        assert matches(subjects.worker_tracks("w_1"), subject)
