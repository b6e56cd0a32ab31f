"""The events of the VAS API, field by field (seed: vas-voice-translation-events.txt)."""

import json
import uuid
from typing import Any

import pytest

from dragoman_contract.task_ids import task_id
from dragoman_edge.dialects.vas import frames
from dragoman_edge.dialects.vas.settings import Settings, Voice
from dragoman_edge.dialects.vas.tasks import Batch

TALK = Settings(recording_type="conversation", sources=("en-US", "es-ES"), targets=("en-US", "es-ES"))


def data(frame: str) -> Any:
    message = json.loads(frame)
    assert message["type"] == "voice-translation"
    return message["data"]


def test_a_session_has_one_task_whose_name_is_always_the_same() -> None:
    task = task_id("s_1")
    assert data(frames.session_started("s_1", "c_1", TALK, phase="standby")) == {
        "action": "session_started",
        "session_id": "c_1",
        "task_id": task,
        "recording_id": task,
        "recording_type": "conversation",
        "recognition_mode": "single",
        "phase": "standby",
        "message": "Speech recognition started",
    }
    assert data(frames.task_complete("s_1")) == {
        "action": "task_complete",
        "task_id": task,
        "message": "Task processing complete",
    }
    assert data(frames.summary_error("s_1", "summary_failed"))["task_id"] == task


def test_a_ping_is_answered_in_its_own_type() -> None:
    assert json.loads(frames.pong()) == {"type": "health", "data": {"action": "pong"}}


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (frames.status("Done"), {"action": "status", "message": "Done"}),
        (frames.stt_event("error", "gone"), {"action": "stt_event", "event": "error", "message": "gone"}),
        (
            frames.tts_error(1, "es", "translation_not_found", "none"),
            {"action": "tts_error", "sid": 1, "language": "es", "error": "translation_not_found",
             "message": "none"},
        ),
        (
            frames.tts_error(1, "es", "tts_synthesis_failed", "late", "One"),
            {"action": "tts_error", "sid": 1, "language": "es", "error": "tts_synthesis_failed",
             "message": "late", "transcript": "One"},
        ),
        (
            frames.config_updated(["terminology"], running=False),
            {"action": "config_updated", "updated": ["terminology"], "message": "Configuration updated"},
        ),
        (
            frames.config_updated(["translation_dict"], running=True),
            {"action": "config_updated", "updated": ["translation_dict"], "message": "Configuration updated"},
        ),
        (
            frames.config_updated(["terminology"], running=True),
            {"action": "config_updated", "updated": ["terminology"], "terminology_effective": "next_turn",
             "message": "Configuration updated"},
        ),
        (
            frames.tts_updated(Settings(tts_enabled=True, voices=(("es", Voice("male", 1.2)),))),
            {"action": "tts_updated", "tts_enabled": True,
             "tts_config": {"es": {"voice": "male", "speaking_rate": 1.2}}},
        ),
        (
            frames.language_switched(TALK),
            {"action": "language_switched", "language": "en-US", "translation_language": "es-ES",
             "message": "Language switched"},
        ),
        (
            frames.switch_start(Batch("de", 3)),
            {"action": "language_switch_start", "translation_language": "de", "total_segments": 3,
             "message": "Starting language switch and retranslation"},
        ),
        (
            frames.switch_done(Batch("de", 3, done=3)),
            {"action": "language_switch_done", "translation_language": "de", "success_count": 3,
             "failed_count": 0, "message": "Language switch complete"},
        ),
    ],
)  # fmt: skip
def test_an_event_has_every_field_of_its_section(frame: str, expected: dict[str, Any]) -> None:
    assert data(frame) == expected


def test_a_translation_is_keyed_by_its_language() -> None:
    assert frames.translated(1, "es", "Uno", final=False, is_retranslation=True) == {
        "es": {"sid": 1, "text": "Uno", "is_final": False, "is_retranslation": True}
    }


@pytest.mark.parametrize(
    ("milliseconds", "time"),
    [(0, "00:00"), (999, "00:00"), (5_000, "00:05"), (65_500, "01:05"), (6_000_000, "100:00")],
)
def test_times_are_minutes_and_seconds(milliseconds: int, time: str) -> None:
    assert frames.start_time(milliseconds) == time


def test_a_connection_has_a_uuid_of_its_own() -> None:
    made = [
        frames.connection_id("t", "s_1", 1),
        frames.connection_id("t", "s_1", 2),
        frames.connection_id("u", "s_1", 1),
    ]
    assert len(set(made)) == 3 and {uuid.UUID(one).version for one in made} == {4}
