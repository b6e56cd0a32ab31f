"""Results as messages to the client, a function each (docs/native.asyncapi.yaml; models in events.py)."""

from typing import Any

from dragoman_contract import events as ev
from dragoman_edge.dialects.json_text import dump
from dragoman_edge.model.commands import Frame
from dragoman_edge.model.events import SpeechSkipped, SpeechStopped

Place = dict[str, Any]  # the utterance or job of a result, and its language


def transcript(event: ev.Transcript, speaker: str) -> str:
    """`transcript`: what was said, so far or finally."""
    body = {
        "type": "transcript",
        "track": event.track,
        "speaker": speaker,
        "speaker_id": event.speaker or None,
        "speaker_name": event.speaker_name,
        "speaker_confidence": round(event.speaker_confidence, 3),
        "utterance": event.utterance,
        "revision": event.revision,
        "final": event.final,
        "text": event.text,
        "stable_length": len(event.text) if event.final else event.stable_length,
        "language": event.language,
        "language_probability": round(event.language_probability, 3),
        "confidence": round(event.confidence, 3),
        "start_ms": event.start_ms,
        "duration_ms": event.duration_ms,
        "words": [_word(word) for word in event.words],
    }
    return dump(body)


def speaker_corrected(event: ev.SpeakerCorrection) -> str:
    """`speaker_corrected`: who said it after all."""
    body = {
        "type": "speaker_corrected",
        "track": event.track,
        "utterance": event.utterance,
        "speaker_id": event.speaker,
        "speaker_name": event.speaker_name,
        "speaker_confidence": round(event.speaker_confidence, 3),
    }
    return dump(body)


def translation(event: ev.Translation, place: Place) -> str:
    """`translation` of an utterance or a job."""
    body = {
        "type": "translation",
        **place,
        "revision": event.revision,
        "final": event.final,
        "text": event.text,
        "concluded_length": len(event.text) if event.final else event.concluded_length,
        "source_language": event.source_language,
        "source_text": event.source_text,
    }
    return dump(body)


def speech(event: ev.SpeechChunk, place: Place) -> list[Frame]:
    """`speech`, and the binary frame after it where there are samples."""
    header = {
        "type": "speech",
        **place,
        "sample_offset": event.sample_offset,
        "bytes": len(event.audio),
        "last": event.last,
        "boundaries": [_boundary(boundary) for boundary in event.boundaries],
    }
    return [dump(header), event.audio] if event.audio else [dump(header)]


def skipped(event: SpeechSkipped, place: Place) -> str:
    """`speech` without samples, since they were stopped."""
    body = {
        "type": "speech",
        **place,
        "sample_offset": event.sample_offset,
        "bytes": 0,
        "last": event.last,
        "boundaries": [],
        "skipped": event.samples,
    }
    return dump(body)


def stopped(event: SpeechStopped, heard: list[Place]) -> str:
    """`speech_stopped`: what of the speech was heard."""
    return dump({"type": "speech_stopped", "id": event.tag, "muted": event.muted, "heard": heard})


def failure(event: ev.Failure, place: Place) -> str:
    """`failure` of one utterance or job."""
    body = {"code": event.code, "message": event.message, "retryable": event.retryable}
    return dump({"type": "failure", **place, "stage": event.stage, **body})


def usage(event: ev.Usage) -> str:
    """`usage`: what has been used so far."""
    figures = {
        "recognised_ms": event.recognised_ms,
        "translated_ms": event.translated_ms,
        "synthesised_ms": event.synthesised_ms,
    }
    return dump({"type": "usage", **figures, "closing": event.closing})


def _word(word: ev.Word) -> dict[str, Any]:
    times = {"start_ms": word.start_ms, "end_ms": word.end_ms}
    return {"text": word.text, **times, "probability": round(word.probability, 3)}


def _boundary(boundary: ev.Boundary) -> dict[str, Any]:
    place = {"from": boundary.text_offset, "length": boundary.text_length}
    return {"offset_ms": boundary.offset_ms, "duration_ms": boundary.duration_ms, **place}
