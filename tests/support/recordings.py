"""A folder of recordings of people with their transcripts, and the forms in which each may be heard.

The folder (`RECORDINGS_DIR`) has sound files of any rate. The words of each stand in `NAME.txt` beside
`NAME.wav`, or in `manifest.tsv`, whose first line names its columns: file (needed), language, style, text,
speaker.
"""

import csv
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr

from dragoman_contract.audio import BYTES_PER_SAMPLE, SAMPLE_RATE
from tests.stt.speech import faster, pink

SOUNDS = (".wav", ".flac", ".ogg", ".mp3")
LANGUAGE = "en"
TELEPHONE_HZ = 8_000
NOISE_DB = 15.0  # of the speech above the noise


@dataclass(frozen=True, slots=True)
class Recording:
    """What one person says, as canonical audio.

    Args:
        name: of the file, with folders, without its ending.
        pcm: PCM s16le mono 16 kHz.
        language: BCP 47.
        text: what is said, with its punctuation; empty = nobody wrote it down.
        style: `read`, `free` or whatever the manifest says; empty = not known.
        form: how it is heard, one of `FORMS`.
        speaker: whoever speaks in it alone; empty = not known, or several.
    """

    name: str
    pcm: bytes
    language: str = LANGUAGE
    text: str = ""
    style: str = ""
    form: str = "as recorded"
    speaker: str = ""

    @property
    def seconds(self) -> float:
        """Return the length in seconds."""
        return len(self.pcm) / (BYTES_PER_SAMPLE * SAMPLE_RATE)

    def heard(self, form: str) -> "Recording":
        """Make another form of it (see `FORMS`), of the same words."""
        return replace(self, pcm=FORMS[form](self.pcm), form=form)


def folder() -> Path | None:
    """Return the folder that `RECORDINGS_DIR` names; None when it names none.

    Raises:
        ValueError: there is no such folder.
    """
    name = os.environ.get("RECORDINGS_DIR", "")
    if not name:
        return None
    if not Path(name).is_dir():
        raise ValueError("RECORDINGS_DIR is not a folder")
    return Path(name)


def load(where: Path) -> list[Recording]:
    """Read all recordings of a folder, in the order of their names; those of a manifest if it has one.

    Raises:
        ValueError: a file that the manifest names is not there, or is no sound.
    """
    manifest = where / "manifest.tsv"
    if manifest.exists():
        return [_listed(where, row) for row in _rows(manifest)]
    found = sorted(path for path in where.rglob("*") if path.suffix.lower() in SOUNDS)
    return [Recording(_name(where, path), canonical(path), text=_beside(path)) for path in found]


def canonical(path: Path) -> bytes:
    """Read a sound file of any rate; channels are mixed.

    Raises:
        ValueError: it is no sound file.
    """
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as exc:
        raise ValueError(f"{path.name} is no sound file") from exc
    return _pcm(soxr.resample(samples.mean(axis=1), rate, SAMPLE_RATE))


def _rows(manifest: Path) -> Iterator[dict[str, str]]:
    with manifest.open(newline="", encoding="utf-8") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def _listed(where: Path, row: dict[str, str]) -> Recording:
    path = where / row["file"]
    if not path.is_file():
        raise ValueError(f"the manifest names {row['file']}, which is not there")
    return Recording(
        name=_name(where, path),
        pcm=canonical(path),
        language=row.get("language") or LANGUAGE,
        text=row.get("text") or _beside(path),
        style=row.get("style") or "",
        speaker=row.get("speaker") or "",
    )


def _name(where: Path, path: Path) -> str:
    return str(path.relative_to(where).with_suffix(""))


def _beside(path: Path) -> str:
    text = path.with_suffix(".txt")
    return " ".join(text.read_text(encoding="utf-8").split()) if text.exists() else ""


def telephone(pcm: bytes) -> bytes:
    """The same at 8 kHz, as a telephone has it."""
    return _pcm(
        soxr.resample(soxr.resample(_floats(pcm), SAMPLE_RATE, TELEPHONE_HZ), TELEPHONE_HZ, SAMPLE_RATE)
    )


def noisy(pcm: bytes) -> bytes:
    """The same in a street: pink noise, 15 dB below the speech."""
    samples = _floats(pcm)
    level = float(np.sqrt(np.mean(np.square(samples)))) * 10 ** (-NOISE_DB / 20)
    return _pcm(samples + level * pink(len(samples)).astype(np.float32))


def _floats(pcm: bytes) -> Any:
    return np.frombuffer(pcm, "<i2").astype(np.float32) / 32768.0


def _pcm(samples: Any) -> bytes:
    return bytes(np.clip(np.round(samples * 32768.0), -32768, 32767).astype("<i2"))


FORMS: dict[str, Callable[[bytes], bytes]] = {
    "as recorded": bytes,
    "fast": lambda pcm: faster(pcm, 1.4),
    "slow": lambda pcm: faster(pcm, 0.75),
    "8 kHz": telephone,
    "noise": noisy,
}
