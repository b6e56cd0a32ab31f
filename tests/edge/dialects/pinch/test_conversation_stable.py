"""What is final of a segment stays, whatever is heard later."""

from dragoman_contract import events as ev
from dragoman_edge.dialects.pinch.conversation import PinchConversation
from dragoman_edge.model.commands import Open
from dragoman_edge.model.http import Handshake


def transcript(
    utterance: int, revision: int, text: str, stable: int, *, final: bool = False
) -> ev.Transcript:
    return ev.Transcript(
        session_id="s_1",
        track=0,
        epoch=1,
        utterance=utterance,
        revision=revision,
        final=final,
        text=text,
        stable_length=stable,
        language="en",
        start_ms=0,
        duration_ms=1000,
    )


def test_pinch_takes_back_nothing_and_begins_anew_with_each_segment() -> None:
    conversation = PinchConversation(Handshake("/session", {}, {}, {}))
    (command,) = conversation.admitted('{"session_id": "ss_1"}')
    assert isinstance(command, Open)
    said = [
        transcript(1, 1, "the cat", 0),
        transcript(1, 2, "the cat sat", 7),
        transcript(1, 3, "The hat sat on.", 15, final=True),
        transcript(2, 1, "A dog.", 6, final=True),
    ]
    frames = [conversation.render(event, 1000) for event in said]
    assert ['"text":"the cat","is_final":true' in str(frame) for frame in frames[1]] == [True, False]
    assert '"text":"the cat sat on.","is_final":true' in str(frames[2])
    assert '"text":"A dog.","is_final":true' in str(frames[3])
