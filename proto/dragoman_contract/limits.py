"""Bounds of what one session may ask for, whatever its dialect. Pure."""

from collections.abc import Iterable
from dataclasses import asdict

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.events import Spec

TRACKS, TARGETS, SOURCES = 16, 100, 200  # tracks of a session, languages of a track
TERMS = 1000  # of a dictionary, a vocabulary or corrections, each
TERM = 200  # characters
CONTEXT = 4000  # characters, also of a label
LABELS = VOICES = FEATURES = 200
KNOWN_SPEAKERS = 20  # of a session
SPEAKER_NAME = 100  # characters
VOICE_PRINT = 1024  # bytes of a speaker's voice
ENROLMENT_MS = 30_000  # of a recording from which a voice is made
METADATA = 32 * 1024  # characters, names and values together
WORDS = 256 * 1024  # bytes of UTF-8, all terms and texts together: they travel with every final
JOB = 5000  # characters of a text that is translated or spoken beside the speech
LONGEST_MS = 24 * 3600 * 1000  # of any time in the endpointing


def check_spec(spec: Spec) -> None:
    """Refuse a spec that is out of all proportion.

    Raises:
        PeerError: `TOO_LARGE`, with the name of the field; `BAD_REQUEST`, when a time of the endpointing is
            negative or longer than a day, or a track's number too high.
    """
    counts = {
        "tracks": (len(spec.tracks), TRACKS),
        "source languages": (max((len(t.source_languages) for t in spec.tracks), default=0), SOURCES),
        "target languages": (max((len(t.target_languages) for t in spec.tracks), default=0), TARGETS),
        "dictionary": (len(spec.dictionary), TERMS),
        "vocabulary": (len(spec.vocabulary), 2 * TERMS),  # the right words of corrections stand in it
        "corrections": (len(spec.corrections), TERMS),
        "labels": (len(spec.labels), LABELS),
        "voices": (len(spec.voices), VOICES),
        "features": (len(spec.features), FEATURES),
        "known speakers": (len(spec.known_speakers), KNOWN_SPEAKERS),
        "voice of a known speaker": (
            max((len(s.print) for s in spec.known_speakers), default=0),
            VOICE_PRINT,
        ),
        "name of a known speaker": (max((len(s.name) for s in spec.known_speakers), default=0), SPEAKER_NAME),
        "context": (len(spec.context), CONTEXT),
        "metadata": (_size((*spec.metadata, *spec.metadata.values())), METADATA),
        "terms": (sum(len(word.encode("utf-8", "replace")) for word in _words(spec)), WORDS),
        "term": (max(map(len, _terms(spec)), default=0), TERM),
        "label": (max((len(label.text) for label in spec.labels), default=0), CONTEXT),
    }
    for name, (count, most) in counts.items():
        if count > most:
            raise PeerError(FaultCode.TOO_LARGE, f"{name}: {count}; at most {most} are allowed")
    if any(track.track >= TRACKS for track in spec.tracks):
        raise PeerError(FaultCode.BAD_REQUEST, f"tracks are numbered 0 to {TRACKS - 1}")
    times = [v for v in asdict(spec.endpointing).values() if isinstance(v, int)]
    if any(not 0 <= time <= LONGEST_MS for time in times):
        raise PeerError(FaultCode.BAD_REQUEST, "an endpointing time is out of range")


def check_job(text: str) -> None:
    """Refuse a text beside the speech that is too long.

    Raises:
        PeerError: `TOO_LARGE`.
    """
    if len(text) > JOB:
        raise PeerError(FaultCode.TOO_LARGE, f"text: {len(text)} characters; at most {JOB} are allowed")


def _terms(spec: Spec) -> Iterable[str]:
    for term in (*spec.dictionary, *spec.corrections):
        yield from (term.source, term.target)
    yield from spec.vocabulary


def _words(spec: Spec) -> Iterable[str]:
    yield from _terms(spec)
    yield spec.context
    yield from (label.text for label in spec.labels)


def _size(texts: Iterable[str]) -> int:
    return sum(map(len, texts))
