"""Requests to recognisers, and their replies."""

from dataclasses import dataclass, field

from dragoman_contract.events import Action, Endpointing, KnownSpeaker, OtherLanguages, Term, Voice, WorkOrder
from dragoman_contract.rpc.faults import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class RecogniserSpec:
    """The part of a session's spec that a recogniser needs for a track."""

    source_languages: tuple[str, ...] = ()
    interim: bool = False
    endpointing: Endpointing = field(default_factory=Endpointing)
    vocabulary: tuple[str, ...] = ()
    context: str = ""
    translate_to_english: bool = False
    two_way: bool = False
    settings: dict[str, str] = field(default_factory=dict)
    denoise: bool = False
    corrections: tuple[Term, ...] = ()
    other_languages: OtherLanguages = OtherLanguages.UNSPECIFIED
    candidates: tuple[str, ...] = ()
    speakers: int = 0
    known_speakers: tuple[KnownSpeaker, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsureSpeaker:
    """An utterance whose speaker is unsure, with its own voice; that one's speaker and name are its label."""

    utterance: int
    voice: Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTrack:
    """Ask the queue group of recognisers for one."""

    session_id: str
    track: int
    epoch: int
    first_utterance: int
    first_sample: int
    spec: RecogniserSpec = field(default_factory=RecogniserSpec)
    work: WorkOrder = field(default_factory=WorkOrder)
    voices: tuple[Voice, ...] = ()
    unsure: tuple[UnsureSpeaker, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackStarted:
    """The recogniser that took the track, or the fault."""

    worker_id: str = ""
    fault: Fault | None = None
    engine: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLoad:
    """Current load of a recogniser: tracks in hand and room for more."""

    worker_id: str
    tracks: int = 0
    room: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeVoiceRequest:
    """Ask for the voice of a recording of one person: PCM s16le mono 16 kHz."""

    audio: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeVoiceReply:
    """The voice as int8 numbers, and the ms of speech it was made of, or the fault."""

    fault: Fault | None = None
    print: bytes = b""
    spoken_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackControl:
    """Steers a track, in order with its audio."""

    action: Action
    epoch: int
    after_sample: int = 0
    spec: RecogniserSpec | None = None
    work: WorkOrder | None = None
