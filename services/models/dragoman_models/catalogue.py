"""What models there are: one entry for each, read from `catalogue.json`.

The file is data: `scripts/make_catalogue.py` writes it from published lists.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a model does."""

    RECOGNISER = "recogniser"
    TRANSLATOR = "translator"
    VOICE = "voice"
    SPEAKER_ENCODER = "speaker-encoder"
    TURN_JUDGE = "turn-judge"


@dataclass(frozen=True, slots=True)
class File:
    """A file of a model as it lies in its folder; `size` in bytes, 0 = not known before it is fetched.

    An empty `sha256` is not pinned: the file is checked against the hub's metadata; the sum is then kept.
    """

    path: str
    size: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Quality:
    """What a model is worth for a direction; chrF and BLEU 0..100 on FLORES-200, COMET 0..1; 0 = not known.

    `origin` is "measured" (by us), "published" or "estimated" (chrF from a published BLEU).
    """

    source: str
    target: str
    chrf: float = 0.0
    bleu: float = 0.0
    comet: float = 0.0
    origin: str = "estimated"


@dataclass(frozen=True, slots=True)
class Model:
    """An entry of the catalogue.

    Args:
        name: unique, `[a-z0-9.-]+`; also the name of its folder.
        engine: which engine runs it, e.g. "bergamot", "ctranslate2", "whisper", "piper".
        languages: BCP 47, what it recognises or speaks; empty for a translator of directions.
        directions: (source, target) that a translator serves; empty with `languages` = all among them.
        size: bytes on disk.
        licence: SPDX identifier, or words where there is none.
        commercial: whether it may be used commercially without asking.
        cost_ms: CPU of one core for a sentence (translator) or a second of audio, 0 = not known.
    """

    name: str
    kind: Kind
    engine: str
    licence: str
    commercial: bool = True
    languages: tuple[str, ...] = ()
    directions: tuple[tuple[str, str], ...] = ()
    size: int = 0
    cost_ms: float = 0.0
    files: tuple[File, ...] = ()
    quality: tuple[Quality, ...] = ()
    settings: tuple[
        tuple[str, str], ...
    ] = ()  # what its engine must know, e.g. the family of a CTranslate2 model


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All entries, by name."""

    models: dict[str, Model]

    def __iter__(self) -> Iterator[Model]:
        return iter(self.models.values())
