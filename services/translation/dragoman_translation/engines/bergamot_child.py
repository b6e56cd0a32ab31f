"""The process that runs Firefox Translations models; its other side is `process`.

It checks a model's sums, loads it when it is first asked for, and lets the least recently used ones go when
all take more than it may have.
"""

import sys
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dragoman_models.folder import ModelError, ModelFolder
from dragoman_translation.engines.bergamot_text import prepare, split
from dragoman_translation.engines.process import Message, answer_all

MEMORY_FACTOR = 2  # memory of a loaded model per byte of its files, measured


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in memory; `size` in bytes."""

    version: str
    translator: Any
    known: frozenset[str]
    size: int

    def translate(self, text: str) -> str:
        """One sentence, with nothing dropped that the model cannot read."""
        prepared = prepare(text, self.known)
        if not prepared.text:
            return prepared.before
        restored = prepared.restore(self._plain(prepared.text))
        if restored is not None:
            return restored
        return "".join(self._run(run) if known else run for run, known in split(text, self.known))

    def _run(self, run: str) -> str:
        bare = run.strip()
        before, _, after = run.partition(bare)
        return before + self._plain(bare) + after

    def _plain(self, text: str) -> str:
        return str(self.translator.translate(text)) or text


class Models:
    """The models of this process, the least recently used first."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = ModelFolder(folder)
        self._most = most_bytes
        self._loaded: OrderedDict[str, Loaded] = OrderedDict()

    def answer(self, question: Message) -> Message:
        """Translate `text` by `model` in its `version`, or only load it where there is no text."""
        try:
            model = self._model(question["model"], question["version"])
        except ModelError as exc:
            return {"unusable": str(exc), "loaded": self._sizes()}
        text = model.translate(question["text"]) if question["text"] else ""
        return {"text": text, "loaded": self._sizes()}

    def _sizes(self) -> dict[str, int]:
        return {name: model.size for name, model in self._loaded.items()}

    def _model(self, name: str, version: str) -> Loaded:
        model = self._loaded.pop(name, None)
        if model is None or model.version != version:
            del model  # before the next one is there
            model = self._load(name, version)
        self._loaded[name] = model
        return model

    def _load(self, name: str, version: str) -> Loaded:
        path = self._folder.checked(name)
        size = MEMORY_FACTOR * sum(file.stat().st_size for file in path.iterdir())
        while self._loaded and size + sum(self._sizes().values()) > self._most:
            self._loaded.popitem(last=False)
        return load(path, version, size)


def load(path: Path, version: str, size: int) -> Loaded:
    """Read a model from its folder.

    Raises:
        ModelError: it is none.
    """
    both = path / "vocab.spm"
    source = both if both.exists() else path / "source.spm"
    target = both if both.exists() else path / "target.spm"
    shortlist = path / "lex.bin"
    try:
        import fxtranslate

        translator = fxtranslate.Translator(
            (path / "model.bin").read_bytes(),
            source.read_bytes(),
            target.read_bytes(),
            shortlist.read_bytes() if shortlist.exists() else None,
        )
        return Loaded(version, translator, _characters(source), size)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as exc:  # a panic of the library is no Exception
        raise ModelError(f"model '{path.name}' cannot be loaded ({type(exc).__name__})") from exc


def _characters(vocabulary: Path) -> frozenset[str]:
    """The characters that a vocabulary has."""
    import sentencepiece

    model = sentencepiece.SentencePieceProcessor(str(vocabulary))
    plain = (i for i in range(model.get_piece_size()) if not (model.is_control(i) or model.is_unknown(i)))
    return frozenset(character for i in plain for character in model.id_to_piece(i))


if __name__ == "__main__":
    answer_all(Models(Path(sys.argv[1]), int(sys.argv[2])).answer)
