"""The process in which models are loaded and translate: `child <memory, bytes> <threads> <compute type>`.

The least recently used models go when the memory is full.
"""

import sys
from collections import OrderedDict
from pathlib import Path

from dragoman_models.folder import ModelError, ModelFolder
from dragoman_translation.engines.ctranslate2.codes import Family
from dragoman_translation.engines.ctranslate2.files import open_files
from dragoman_translation.engines.ctranslate2.loaded import Device, Loaded
from dragoman_translation.engines.process import Message, answer_all


class Child:
    """Answers `load` and `translate`."""

    def __init__(self, memory: int, device: Device) -> None:
        self._memory = memory
        self._device = device
        self._models: OrderedDict[str, Loaded] = OrderedDict()

    def answer(self, question: Message) -> Message:
        """A model that is not loaded is loaded by either; `load` does no more."""
        try:
            model = self._model(question["model"])
        except (OSError, ValueError, RuntimeError, ModelError) as exc:
            return {"failed": f"the model cannot be loaded ({type(exc).__name__})"}
        sentences = [tuple(sentence) for sentence in question.get("sentences", [])]
        return {"texts": model.translate(sentences), "models": list(self._models)}

    def _model(self, about: Message) -> Loaded:
        path = str(about["path"])
        if path not in self._models:
            self._make_room(Path(path))
            if about["checked"]:
                ModelFolder(Path(path).parent).checked(Path(path).name)
            family = Family(about["family"])
            self._models[path] = Loaded(Path(path), family, about["from"], about["to"], self._device)
        self._models.move_to_end(path)
        return self._models[path]

    def _make_room(self, path: Path) -> None:
        with open_files(path) as files:
            wanted = files.size
        while self._models and wanted + sum(m.size for m in self._models.values()) > self._memory:
            self._models.popitem(last=False)


if __name__ == "__main__":
    answer_all(Child(int(sys.argv[1]), Device(int(sys.argv[2]), sys.argv[3])).answer)
