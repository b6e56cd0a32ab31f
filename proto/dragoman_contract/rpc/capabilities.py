"""Languages and voices of the mesh."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilitiesRequest:
    """Request for a page of a service's capabilities."""

    page: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguagePair:
    """A pair that translation can serve, chains included; `english` = by the recogniser's own English."""

    source: str
    target: str
    english: bool = False
    chain: str = ""
    quality: float = 0.0
    heeds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObtainablePair:
    """A model of the catalogue that is not here; `name` is what `dragoman models pull` takes."""

    source: str
    target: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceInfo:
    """A voice that tts can serve."""

    id: str
    language: str
    gender: str = ""
    engine: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilitiesReply:
    """Languages, pairs, voices and features of a worker service."""

    source_languages: tuple[str, ...] = ()
    pairs: tuple[LanguagePair, ...] = ()
    voices: tuple[VoiceInfo, ...] = ()
    build: str = ""
    features: tuple[str, ...] = ()
    obtainable: tuple[ObtainablePair, ...] = ()
    pages: int = 0
