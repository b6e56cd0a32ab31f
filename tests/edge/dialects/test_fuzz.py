"""Whatever a client sends, a dialect answers with commands or the API's own error, never with an exception.

`make fuzz` runs a hundred thousand cases and more; `make test` a few hundred.
"""

import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError, error_for
from dragoman_edge.dialects import DIALECTS
from dragoman_edge.dialects.api import Dialect
from dragoman_edge.model.commands import Open, Update
from dragoman_edge.model.events import Opened, Outcome, Throttled
from dragoman_edge.model.http import Handshake

pytestmark = pytest.mark.integration

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "150"))
WORDS = [
    "type", "action", "data", "config", "audio", "start", "end", "stop", "update", "translate",
    "speak", "flush", "ping", "resume", "control", "mute", "unmute", "finalize", "update_metadata",
    "token", "received", "audio_from", "id", "text", "language", "to", "source_language",
    "target_language", "voice", "vocabulary", "translation_dictionary", "transcript", "interim",
    "final", "features", "metadata", "reference_id", "encoding", "sample_rate", "channels", "pcm_16",
    "mulaw", "alaw", "voice-translation", "conversation", "transcribe", "retranslate",
    "switch_language", "set_name", "rename_speaker", "tts_play", "tts_mode", "set_tts", "sid",
    "speaker_id", "terminology", "en", "en-US", "es-ES", "auto", "prompt", "flush_signal", "audio/wav",
    "pause_transcription",
]  # fmt: skip

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(WORDS)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=8), inner, max_size=5)
    ),
    max_leaves=12,
)
objects = st.dictionaries(st.sampled_from(WORDS), values, max_size=6)
typed = st.builds(lambda kind, more: {**more, "type": kind}, st.sampled_from(WORDS), objects)
actions = st.builds(
    lambda action, data: {"type": "voice-translation", "data": {**data, "action": action}},
    st.sampled_from(WORDS),
    objects,
)
GOOD: dict[str, list[Any]] = {
    "krisp": [{"config": {"source_language": "en", "target_language": "es", "voice": "male"}}],
    "native": [
        {"type": "start", "spoken": "en", "to": ["es"], "resume": True},
        {"type": "update", "id": "u", "to": ["fr"]},
        {"type": "translate", "id": "t", "text": "x", "language": "en", "to": ["es"]},
    ],
    "pinch": [{"type": "finalize"}, {"type": "update_metadata", "context": "x"}],
    "kallglot": [
        {"type": "audio", "data": "AAAA", "encoding": "pcm_16", "sample_rate": 16000, "channels": 1},
        {"type": "control", "action": "mute"},
        {"type": "end"},
    ],
    "vas": [
        {"type": "voice-translation", "data": {"action": "start", "type": "transcribe"}},
        {"type": "voice-translation", "data": {"action": "start", "type": "broadcast", "broadcast_id": "x"}},
        {"type": "voice-translation", "data": {"action": "broadcast_announcement", "message": "x"}},
        {"type": "voice-translation", "data": {"action": "audio", "audio": "AAAA"}},
    ],
    "sarvam": [
        {"audio": {"data": "AAAA", "sample_rate": "16000", "encoding": "audio/wav"}},
        {"type": "flush"},
        {"type": "config", "prompt": "x"},
    ],
}
CLAIMS = st.sampled_from(["", "{}", "null", '{"session_id": "ss_1"}']) | st.text(max_size=20)


def mutated(message: Any, key: str, value: Any) -> Any:
    """One field of it, at any depth, is something else."""
    if not isinstance(message, dict) or not message:
        return value
    chosen = sorted(message)[len(key) % len(message)]
    inner = message[chosen]
    deeper = isinstance(inner, dict) and len(key) % 2
    return message | {chosen: mutated(inner, key[1:], value) if deeper else value}


def frames(name: str) -> st.SearchStrategy[Any]:
    """Binary frames, texts that are no message, messages of other APIs, good ones and nearly good ones."""
    good = st.sampled_from(GOOD.get(name, [{}]))
    near = st.builds(mutated, good, st.text(min_size=1, max_size=6), values)
    texts = (good | near | typed | actions | objects).map(json.dumps)
    return texts | st.binary(max_size=64) | st.text(max_size=40)


def pretended(conversation: Any, command: Any) -> None:
    """What the gateway would have the dialect say after a command."""
    if isinstance(command, Open):
        conversation.render(Opened("s_1", 1_700_000_000_000, "s_1.token", 30_000), 1)
    if isinstance(command, Update):
        conversation.render(Outcome(command.tag, error_for(FaultCode.UNSUPPORTED_LANGUAGE, "no")), 1)


def check_frames(made: list[Any]) -> None:
    for frame in made:
        assert isinstance(frame, bytes) or frame.encode()


@pytest.mark.parametrize("name", sorted(DIALECTS))
@pytest.mark.timeout(3600)
def test_nothing_but_the_apis_own_errors_leaves_a_dialect(name: str) -> None:
    fuzz(DIALECTS[name], EXAMPLES)


def fuzz(dialect: Dialect, examples: int) -> None:
    """Hostile conversations with a dialect."""
    path = dialect.socket_paths[0]
    parameters = {"session_id": "s_1"} if "{session_id}" in path else {}

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.dictionaries(st.sampled_from(WORDS), st.text(max_size=12), max_size=4),
        CLAIMS,
        st.lists(frames(dialect.name), max_size=6),
        st.sampled_from(FaultCode),
    )
    def hostile(query: dict[str, str], claims: str, sent: list[Any], fault: FaultCode) -> None:
        conversation = dialect.converse(Handshake(path, parameters, query, {}))
        try:
            for command in conversation.admitted(claims):
                pretended(conversation, command)
            for frame in sent:
                for command in conversation.receive(frame):
                    pretended(conversation, command)
        except PeerError as exc:
            check_frames(conversation.refuse(exc, 1))
            assert 1000 <= conversation.close_code(exc) < 5000
        error = error_for(fault, "why \ud800")
        check_frames(conversation.refuse(error, 1))
        assert 1000 <= conversation.close_code(error) < 5000
        for event in (Throttled(active=True), ev.Status(session_id="s_1", state=ev.State.DRAINING)):
            check_frames(conversation.render(event, 1))

    hostile()
