"""Nothing that a client sends raises anything but a `PeerError`."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract.errors import PeerError
from dragoman_edge.dialects.sarvam import Sarvam
from dragoman_edge.model.commands import Update
from tests.support.sarvam_codec import TONE, TRANSCRIBE, TRANSLATE, audio, handshake, wav

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
PARTS = st.binary(max_size=60) | st.sampled_from(
    [wav(TONE[:90]), wav(TONE, 44_100)[:30], b"RIFF", b"WAVEfmt "]
)
SOUND = st.builds(audio, PARTS)
MESSAGES = st.builds(
    json.dumps,
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["config", "flush", "x"]) | JSON,
            "prompt": JSON,
            "audio": st.fixed_dictionaries(
                {}, optional={"data": st.text() | JSON, "sample_rate": JSON, "encoding": JSON}
            )
            | JSON,
        },
    ),
)
FRAMES = st.lists(SOUND | MESSAGES | st.builds(json.dumps, JSON) | st.text() | st.binary(), max_size=8)
QUERY = st.dictionaries(
    st.sampled_from(
        ["model", "mode", "language-code", "keyterms", "sample_rate", "input_audio_codec", "vad_signals",
         "negative_frames_count", "positive_speech_threshold", "start_speech_volume_threshold"]
    ),
    st.text(max_size=12) | st.sampled_from(["saaras:v3", "translit", "hi-IN", "8000", "pcm_l16", "3"]),
    max_size=4,
)  # fmt: skip


@given(st.sampled_from([TRANSLATE, TRANSCRIBE]), QUERY, FRAMES)
def test_nothing_a_client_sends_raises_anything_else(
    path: str, query: dict[str, str], frames: list[Any]
) -> None:
    made = Sarvam().converse(handshake(path, query=query))
    try:
        made.admitted("")
    except PeerError as exc:
        assert made.refuse(exc, 0)
    for frame in frames:
        try:
            for command in made.receive(frame):
                assert not isinstance(command, Update) or command.spec.context.encode() is not None
        except PeerError as exc:
            (told,) = made.refuse(exc, 0)
            assert isinstance(told, str) and json.loads(told.encode())["type"] == "error"
