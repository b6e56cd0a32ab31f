"""Piper: natural voices, one ONNX file each; from the models folder, and from a folder of one's own."""

import json
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit.logging import get
from dragoman_models.catalogue import Kind
from dragoman_models.folder import ModelError, ModelFolder
from dragoman_tts.engines.base import Piece, Voice

log = get(__name__)
_GENDERS = {"joe": "male", "amy": "female", "kathleen": "female", "ryan": "male", "lessac": "female"}


class Piper:
    """Every voice that is installed; `own` is a folder of more `*.onnx` and `*.onnx.json`, empty = none."""

    name = "piper"

    def __init__(self, models: ModelFolder, own: str = "") -> None:
        self._files = {path.stem: path for path in (*_installed(models), *_own(own))}
        # Read once: a voice may be removed while it is used.
        self._voices = list(_readable(self._files))
        self._loaded: dict[str, Any] = {}
        self._lock = threading.Lock()

    def voices(self) -> list[Voice]:
        """One for each model file."""
        if find_spec("piper") is None:
            return []
        return self._voices

    def warm(self) -> None:
        """Load every voice: the first sentence must not wait for it."""
        for voice in self.voices():
            self._load(voice.id)

    def synthesise(self, text: str, voice: Voice, speed: float) -> Iterator[Piece]:
        """Synthesise a piece for each sentence, without noise: the same text gives the same samples.

        Raises: MeshError if it fails.
        """
        from piper import SynthesisConfig

        model = self._load(voice.id)
        config = SynthesisConfig(length_scale=1 / (speed or 1.0), noise_scale=0.0, noise_w_scale=0.0)
        try:
            for chunk in model.synthesize(text, config):
                yield Piece(chunk.audio_int16_array)
        except (RuntimeError, ValueError) as exc:
            raise MeshError(FaultCode.ENGINE_FAILED, "Piper produced no speech") from exc

    def _load(self, name: str) -> Any:
        from piper import PiperVoice

        with self._lock:
            if name not in self._loaded:
                self._loaded[name] = PiperVoice.load(str(self._files[name]))
            return self._loaded[name]


def of_folders(models: str, own: str) -> Piper:
    """The voices of these folders."""
    return Piper(ModelFolder(Path(models)), own)


def _own(folder: str) -> list[Path]:
    return sorted(Path(folder).glob("*.onnx")) if folder else []


def _installed(models: ModelFolder) -> Iterator[Path]:
    """The voices whose sums are right; another one costs only itself."""
    for model in models.installed(Kind.VOICE, "piper"):
        try:
            yield from sorted(models.checked(model.name).glob("*.onnx"))
        except ModelError as exc:
            log.warning("a voice is not used", voice=model.name, reason=str(exc))


def _readable(files: dict[str, Path]) -> Iterator[Voice]:
    for stem, path in files.items():
        try:
            yield _voice(stem, path)
        except (OSError, ValueError, KeyError, TypeError) as exc:
            log.warning("a voice is not used", voice=stem, reason=type(exc).__name__)


def _voice(stem: str, path: Path) -> Voice:
    """Piper names its files `<language>_<REGION>-<name>-<quality>`."""
    rate = json.loads(path.with_suffix(".onnx.json").read_text())["audio"]["sample_rate"]
    language, _, rest = stem.partition("-")
    gender = _GENDERS.get(rest.partition("-")[0], "")
    return Voice(stem, language.replace("_", "-"), gender, int(rate), "piper")
