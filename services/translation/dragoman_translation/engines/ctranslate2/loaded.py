"""A model in memory: one batch of sentences of any of its pairs."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ctranslate2

from dragoman_translation.engines.ctranslate2.codes import Family
from dragoman_translation.engines.ctranslate2.decoding import Hypothesis, Task, translated
from dragoman_translation.engines.ctranslate2.files import Archive, Files, open_files
from dragoman_translation.engines.ctranslate2.tokens import END, Marks, Tokeniser, marks, tokeniser, wants_end

BEAM = 2
MOST_TOKENS = 120  # of a sentence; a longer one is halved
GROWTH, LEAST = (
    3,
    30,
)  # a translation of n tokens has at most GROWTH × n + LEAST: below 512, the usual positions
LEANING = 0.5  # towards what was shown: 0 = not at all, 1 = whatever is said (Arivazhagan et al. 2020, §3.2)
CAREFUL = {"no_repeat_ngram_size": 4, "repetition_penalty": 1.1}
MOST_ARCHIVED = 8 * 1024**3  # bytes of a model that is read from a package
_PARTS = re.compile(r"model\.bin|config\.json|\w+_vocabulary\.(json|txt)|vmap\.txt")


@dataclass(frozen=True, slots=True)
class Device:
    """With what a model computes: cores of a batch, and CTranslate2's type of numbers."""

    threads: int = 1
    compute_type: str = "default"


class Loaded:
    """A model in memory: its translator and tokenisers.

    Raises:
        OSError, ValueError, RuntimeError: it cannot be loaded.
    """

    def __init__(self, path: Path, family: Family, source: str, target: str, device: Device) -> None:
        with open_files(path) as files:
            self.size = files.size
            self._family = family
            self._tokeniser: Tokeniser = tokeniser(files, source, target)
            self._ends = wants_end(files, family)
            self._prefix = str(files.json("metadata.json").get("target_prefix", ""))
            self._translator = _translator(path, files, device)

    def translate(self, sentences: list[tuple[str, str, str, str, str]]) -> list[str | None]:
        """Each (text, source token, target token, gap, shown) translated, all of it; None = it failed."""
        tasks = [
            Task(text, marks(self._family, source, target, self._ends, self._prefix), gap, shown)
            for text, source, target, gap, shown in sentences
        ]
        return translated(self._decode, tasks)

    def _decode(self, tasks: list[Task], careful: bool) -> list[Hypothesis | None]:
        try:
            return self._together(tasks, careful)
        except RuntimeError:  # more positions than the model has, or more memory than the device
            return [None] if len(tasks) == 1 else [self._decode([task], careful)[0] for task in tasks]

    def _together(self, tasks: list[Task], careful: bool) -> list[Hypothesis | None]:
        encoded = [self._tokeniser.encode(task.text) for task in tasks]
        short = [place for place, tokens in enumerate(encoded) if 0 < len(tokens) <= MOST_TOKENS]
        found: list[Hypothesis | None] = [None] * len(tasks)
        if not short:
            return found
        leaning = [place for place in short if not careful and self._leans(tasks[place])]
        for places in (leaning, [place for place in short if place not in leaning]):
            around = [self._marked(tasks[place], place in leaning) for place in places]
            results = self._batch([encoded[place] for place in places], around, careful, places is leaning)
            for place, tokens in zip(places, results, strict=True):
                found[place] = self._hypothesis(encoded[place], tasks[place].marks, tokens)
        return found

    def _leans(self, task: Task) -> bool:
        """Not where a token of the language begins each translation: that must not be a matter of taste."""
        return bool(task.shown) and not task.marks.prefix and bool(self._tokeniser.encode_target(task.shown))

    def _marked(self, task: Task, leaning: bool) -> Marks:
        if not leaning:
            return task.marks
        return replace(task.marks, prefix=tuple(self._tokeniser.encode_target(task.shown)[:MOST_TOKENS]))

    def _batch(
        self, encoded: list[list[str]], around: list[Marks], careful: bool, leaning: bool
    ) -> list[list[str]]:
        if not encoded:
            return []
        sources = [[*mark.before, *tokens, *mark.after] for mark, tokens in zip(around, encoded, strict=True)]
        results = self._translator.translate_batch(
            sources,
            target_prefix=[list(mark.prefix) for mark in around],
            beam_size=BEAM,
            max_input_length=0,  # what is too long is halved, never cut off
            max_decoding_length=GROWTH * max(map(len, encoded)) + LEAST,
            return_end_token=True,
            replace_unknowns=True,
            prefix_bias_beta=LEANING if leaning else 0,
            **(CAREFUL if careful else {}),
        )
        return [result.hypotheses[0] for result in results]

    def _hypothesis(self, source: list[str], mark: Marks, tokens: list[str]) -> Hypothesis:
        ended = bool(tokens) and tokens[-1] == END
        said = tokens[len(mark.prefix) : len(tokens) - ended]
        return Hypothesis(self._tokeniser.decode(said), said, source, ended)


def _translator(path: Path, files: Files, device: Device) -> Any:
    options = {
        "device": "auto",
        "compute_type": device.compute_type,
        "intra_threads": device.threads,
    }
    if not isinstance(files, Archive):
        folder = path / "model" if (path / "model" / "model.bin").exists() else path
        return ctranslate2.Translator(str(folder), **options)
    parts = {name: files.read(name, MOST_ARCHIVED) for name in files.names() if _PARTS.fullmatch(name)}
    return ctranslate2.Translator(path.name, files=parts, **options)
