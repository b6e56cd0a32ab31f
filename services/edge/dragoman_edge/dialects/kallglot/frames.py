"""Messages to the client, a function each ("Server Messages" of the page)."""

import base64

from dragoman_contract import events as ev
from dragoman_contract.audio import samples_to_ms
from dragoman_edge.dialects.json_text import dump
from dragoman_edge.model.audio_formats import AudioFormat, Encoding
from dragoman_edge.model.events import AudioNotKept, NotKept, SpeechStopped

AUDIO_OUT = AudioFormat(Encoding.PCM_S16LE, 24_000)
_STATES = {
    ev.State.CONNECTING: ("connecting", "The session is being set up"),
    ev.State.CONNECTED: ("connected", "Recognition goes on"),
    ev.State.RECOVERING: ("connecting", "Another recogniser takes over"),
    ev.State.DRAINING: ("ending", "This server is about to stop: connect again with the same token"),
    ev.State.ENDING: ("ending", "The session is ending"),
    ev.State.ENDED: ("ended", "The session has ended"),
}


def transcript(event: ev.Transcript, speaker: str) -> str:
    """`transcript`: one utterance as it is heard so far, or finally."""
    body = {
        "type": "transcript",
        "id": segment(event.track, event.utterance),
        "speaker": speaker,
        "language": event.language,
        "text": event.text,
        "is_final": event.final,
        "start_time": event.start_ms / 1000,
        "confidence": round(min(1.0, max(0.0, event.confidence)), 4),
    }
    return dump(body)


def translation(event: ev.Translation) -> str:
    """`translation`: an utterance in the other language."""
    body = {
        "type": "translation",
        "id": segment(event.track, event.utterance),
        "source_language": event.source_language,
        "target_language": event.language,
        "source_text": event.source_text,
        "text": event.text,
        "is_final": event.final,
    }
    return dump(body)


def speech(event: ev.SpeechChunk) -> str:
    """`audio`: a piece of speech. The id depends on its place alone: it is the same when it is sent again."""
    name = segment(event.track, event.utterance)
    piece = f"_{event.sample_offset}" if event.sample_offset else ""
    body = {
        "type": "audio",
        "id": f"audio_{name.removeprefix('seg_')}{piece}",
        "data": base64.b64encode(event.audio).decode(),
        "encoding": "pcm_16",
        "sample_rate": AUDIO_OUT.sample_rate,
        "segment_id": name,
    }
    return dump(body)


def stopped(event: SpeechStopped) -> str:
    """`control` (ours): speech was stopped, and up to which millisecond of its segment each was heard."""
    heard = [
        {"segment_id": segment(one.track, one.utterance), "heard_ms": samples_to_ms(one.sample_offset)}
        for one in event.heard
    ]
    return dump({"type": "control", "action": "speech_stopped", "muted": event.muted, "heard": heard})


def segment(track: int, utterance: int) -> str:
    """The id of an utterance: `seg_001`; of the second channel `seg_1_001`."""
    return f"seg_{track}_{utterance:03d}" if track else f"seg_{utterance:03d}"


def status(state: ev.State, message: str = "") -> str:
    """`status`; `message` instead of the usual text of the state."""
    name, usual = _STATES[state]
    return dump({"type": "status", "status": name, "message": message or usual})


def not_recorded(event: AudioNotKept | NotKept) -> str:
    """`error`: the recording has a hole, or has to wait; the session goes on."""
    lost = isinstance(event, NotKept) or event.problem == "full"
    what = "A part of the recording is lost" if lost else "The recording cannot be stored yet; it waits"
    return error("internal_error", what, True)


def error(code: str, message: str, recoverable: bool) -> str:
    """`error`; a `recoverable` one does not end the session."""
    return dump({"type": "error", "code": code, "message": message, "recoverable": recoverable})
