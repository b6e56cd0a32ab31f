"""Whatever comes in whatever order, only a `PeerError` leaves the VAS codec."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_contract.errors import PeerError, error_for
from dragoman_edge.model.commands import JOBS, Answer, Open, Update
from dragoman_edge.model.events import Opened, Outcome, Throttled
from dragoman_edge.resume.checkpoint import pack
from tests.support.vas_codec import (
    NOW,
    START,
    TALK,
    action,
    chunk,
    failure,
    fresh,
    running,
    transcript,
    translation,
)

TEXTS = st.text(max_size=8) | st.sampled_from(["es-ES", "fr", "0", "1", "2", "a\ud800", "sync", "manual"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["start", "config", "audio", "pause", "resume", "stop", "retranslate", "switch_language", "set_name",
     "rename_speaker", "reassign_speaker", "merge_speakers", "tts_play", "tts_stop", "tts_mode", "set_tts",
     "start_speaking", "stop_speaking", "switch_conversation_mode", "set_speaker_language",
     "broadcast_go_live", "broadcast_announcement", "set_standby_message"]
)  # fmt: skip
FIELDS = st.sampled_from(
    ["sid", "language", "translation_language", "transcription_languages", "translation_languages", "type",
     "audio_format", "tts_config", "tts_mode", "tts_enabled", "speaker_id", "new_label", "name", "mode",
     "source_speaker_id", "target_speaker_id", "terminology", "fuzzy_correction", "translation_dict", "audio",
     "speaker", "recognition_mode"]
)  # fmt: skip
ACTIONS = st.builds(
    lambda name, data: {"type": "voice-translation", "data": {**data, "action": name}},
    NAMES,
    st.dictionaries(FIELDS, VALUES, max_size=4),
)
FRAMES = (
    st.text(max_size=40)
    | st.binary(max_size=40)
    | VALUES.map(json.dumps)
    | ACTIONS.map(json.dumps)
    | st.sampled_from([action("start", **START), action("start", **TALK), action("tts_play", sid=1)])
)
EVENTS = st.sampled_from(
    [
        Opened("s_1", NOW), Throttled(True), Outcome("change 1"), Outcome("", error_for("rate_limited"), 1),
        Outcome("change 2", error_for("unsupported_language")), Outcome(""), transcript(), translation(),
        transcript(utterance=2, final=False), translation(track=JOBS), chunk(), chunk(last=True),
        chunk(track=JOBS, last=True), chunk(track=JOBS, audio=b"", last=True), translation(text=""),
        *(failure(stage, track=track) for stage in ev.Stage for track in (0, JOBS)),
        *(ev.Status(session_id="s_1", state=state) for state in ev.State),
        *(ev.Usage(session_id="s_1", sequence=1, closing=closing) for closing in (False, True)),
    ]
)  # fmt: skip


@given(st.lists(FRAMES | EVENTS, max_size=12), st.booleans())
def test_nothing_but_a_peer_error_leaves_the_codec(steps: list[Any], started: bool) -> None:
    made = running() if started else fresh()
    for step in steps:
        if not isinstance(step, str | bytes):
            for frame in made.render(step, NOW):
                assert str(frame).encode()
            continue
        try:
            commands = made.receive(step)
        except PeerError as exc:
            assert made.refuse(exc, NOW)
            continue
        for command in commands:
            if isinstance(command, Open | Update):
                assert pack(command.spec)
            for frame in command.frames if isinstance(command, Answer) else ():
                assert str(frame).encode()
