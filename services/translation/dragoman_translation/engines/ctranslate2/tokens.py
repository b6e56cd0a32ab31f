"""A sentence as the tokens of a model, with the marks by which it is told the languages, and back."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Protocol

from dragoman_translation.engines.ctranslate2.codes import Family
from dragoman_translation.engines.ctranslate2.files import Files

END = "</s>"


class Tokeniser(Protocol):
    """Text to tokens of the source language; tokens of the target language to text."""

    def encode(self, text: str) -> list[str]:
        """The tokens of a sentence."""

    def encode_target(self, text: str) -> list[str]:
        """The tokens of a translation that goes on; none where it cannot be cut the same way again."""

    def decode(self, tokens: list[str]) -> str:
        """The sentence of these tokens."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Tokens around a sentence, and the tokens that begin its translation."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()


def marks(family: Family, source: str, target: str, ends: bool, prefix: str = "") -> Marks:
    """Return the marks of a sentence as the family wants them.

    Args:
        source, target: the model's own tokens of the languages; empty = it has none.
        ends: whether the end of the sentence is to be marked, because the model does not do it by itself.
        prefix: what the package wants each translation to begin with (Argos).
    """
    after = (END,) if ends else ()
    match family:
        case Family.NLLB | Family.M2M100:
            return Marks((source,), after, (target,))
        case Family.MADLAD | Family.OPUS_MT:
            return Marks((target,) if target else (), after)
        case Family.ARGOS:
            return Marks((), after, (prefix,) if prefix else ())


def wants_end(files: Files, family: Family) -> bool:
    """Whether the end of a sentence must be marked; Argos packages know none."""
    return family is not Family.ARGOS and not files.json("config.json").get("add_source_eos", False)


def tokeniser(files: Files, source: str, target: str) -> Tokeniser:
    """Make the tokeniser of a model for a direction.

    Raises:
        OSError, ValueError, RuntimeError: there is none, or it cannot be read.
    """
    if files.has("bpe.model"):
        return MosesBpe(files.read("bpe.model").decode(), source, target)
    if files.has("source.spm") and files.has("target.spm"):
        return SentencePieces(files.read("source.spm"), files.read("target.spm"))
    names = [name for name in files.names() if name.endswith((".spm", "sentencepiece.model", "spiece.model"))]
    names += [name for name in files.names() if name.endswith(".model") and name not in names]
    if not names:
        raise FileNotFoundError("tokeniser")
    both = files.read(names[0])
    return SentencePieces(both, both)


class SentencePieces:
    """SentencePiece, one model for each side."""

    def __init__(self, source: bytes, target: bytes) -> None:
        import sentencepiece

        self._source: Any = sentencepiece.SentencePieceProcessor()
        self._source.LoadFromSerializedProto(source)
        self._target: Any = sentencepiece.SentencePieceProcessor()
        self._target.LoadFromSerializedProto(target)

    def encode(self, text: str) -> list[str]:
        """The tokens of a sentence."""
        return [str(piece) for piece in self._source.encode(text, out_type=str)]

    def encode_target(self, text: str) -> list[str]:
        """The tokens of a translation that goes on."""
        return [str(piece) for piece in self._target.encode(text, out_type=str)]

    def decode(self, tokens: list[str]) -> str:
        """The sentence of these tokens."""
        return str(self._target.decode(tokens)).strip()


class MosesBpe:
    """Moses' words cut by pairs of letters, as older Argos packages have it."""

    def __init__(self, merges: str, source: str, target: str) -> None:
        from sacremoses import MosesDetokenizer, MosesPunctNormalizer, MosesTokenizer

        self._normalise: Any = MosesPunctNormalizer(source)
        self._words: Any = MosesTokenizer(source)
        self._text: Any = MosesDetokenizer(target)
        pairs = [tuple(line.split()) for line in merges.splitlines() if not line.startswith("#")]
        self._ranks = {pair: rank for rank, pair in enumerate(pairs) if len(pair) == 2}
        self._cut = lru_cache(8192)(self._pieces)

    def encode(self, text: str) -> list[str]:
        """The tokens of a sentence."""
        words = self._words.tokenize(self._normalise.normalize(text), escape=True)
        return [piece for word in words for piece in self._cut(word)]

    def encode_target(self, text: str) -> list[str]:
        """No tokens: words of the target are not cut here."""
        return []

    def decode(self, tokens: list[str]) -> str:
        """The sentence of these tokens."""
        return str(self._text.detokenize(" ".join(tokens).replace("@@ ", "").split(" "))).strip()

    def _pieces(self, word: str) -> list[str]:
        """The pairs of the table are joined, those first that came first in it."""
        parts = [*word[:-1], word[-1] + "</w>"]
        while len(parts) > 1:
            pairs = list(pairwise(parts))
            best = min(pairs, key=lambda pair: self._ranks.get(pair, len(self._ranks)))
            if best not in self._ranks:
                break
            parts = _merged(parts, best)
        return [*(part + "@@" for part in parts[:-1]), parts[-1].removesuffix("</w>")]


def _merged(parts: list[str], pair: tuple[str, str]) -> list[str]:
    out: list[str] = []
    place = 0
    while place < len(parts):
        joined = tuple(parts[place : place + 2]) == pair
        out.append("".join(pair) if joined else parts[place])
        place += 2 if joined else 1
    return out
