"""Recorded audio: pieces from an edge to the archive, and what is read of them."""

from dataclasses import dataclass

from dragoman_contract.rpc.faults import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioPiece:
    """A piece of a track's recording: Opus packets of 60 ms each, placed by the clock."""

    session_id: str
    account_id: str
    started_at_ms: int
    days: int
    track: int
    index: int
    start_frame: int
    silence_frames: int = 0
    packets: tuple[bytes, ...] = ()
    end_sample: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioNotice:
    """A piece that the archive has stored, or cannot store at the moment."""

    track: int
    index: int
    frames: int
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackAudio:
    """The recording of one track."""

    track: int
    samples: int
    missing_ms: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GetAudioRequest:
    """Ask for the recordings of a task."""

    account_id: str
    task_id: str
    key_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GetAudioReply:
    """The recordings by track, or the fault."""

    fault: Fault | None = None
    tracks: tuple[TrackAudio, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAudioRequest:
    """Ask for bytes of a track's Ogg Opus file."""

    account_id: str
    task_id: str
    key_id: str = ""
    track: int = 0
    offset: int = 0
    limit: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAudioReply:
    """The bytes, or the fault."""

    fault: Fault | None = None
    data: bytes = b""
