"""CTranslate2 models that say what they hear, made here by hand: real files, real tokenisers, real inference.

A decoder's position looks at the same position of the source and says its token; so the tests can read what
went through which tokens. An `endless` model never says the end.
"""

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import sentencepiece

POSITIONS = 160
CORPUS = [
    "the house is white and the child sees the dog", "la casa es blanca y el niño ve el perro",
    "one two three", "first, second; third. Is it? Yes! No: numbers 1 2 3 4 5 6 7 8 9 0",
    "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "你好 我 很 好 。",
    "Dr. Smith comes at 5 p.m. (today)",
] * 30  # fmt: skip


def tokeniser(path: Path) -> list[str]:
    """Train a small SentencePiece model; its pieces."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS), model_writer=made, vocab_size=160, hard_vocab_limit=False,
        character_coverage=1.0, minloglevel=2,
    )  # fmt: skip
    path.write_bytes(made.getvalue())
    model = sentencepiece.SentencePieceProcessor(str(path))
    return [model.id_to_piece(i) for i in range(model.get_piece_size())]


def model(
    folder: Path,
    pieces: Sequence[str],
    marks: Sequence[str] = (),
    *,
    ahead: int = 0,
    endless: bool = False,
    ends: bool = False,
) -> None:
    """Write a model that copies.

    Args:
        marks: tokens of languages, behind the pieces.
        ahead: how many positions the source is before the translation (1: a mark that is not answered).
        ends: the model marks the end of its source by itself.
    """
    words = [*pieces, *marks]
    size, width = len(words), POSITIONS + len(words)
    width += width % 2
    scale = np.sqrt(width)

    def zeros(*shape: int) -> Any:
        return np.zeros(shape, np.float32)

    def norm(spec: Any) -> None:
        spec.gamma, spec.beta = np.ones(width, np.float32), zeros(width)

    def silent(layer: Any, *, own: bool) -> None:
        """A part that adds nothing."""
        norm(layer.layer_norm)
        for part, rows in zip(
            layer.linear, [3 * width, width] if own else [width, 2 * width, width], strict=True
        ):
            part.weight, part.bias = zeros(rows, width), zeros(rows)

    def feed_forward(spec: Any) -> None:
        norm(spec.layer_norm)
        spec.linear_0.weight, spec.linear_0.bias = zeros(8, width), zeros(8)
        spec.linear_1.weight, spec.linear_1.bias = zeros(width, 8), zeros(width)

    spec = ctranslate2.specs.TransformerSpec.from_config((1, 1), 1)
    tokens = zeros(size, width)
    tokens[np.arange(size), POSITIONS + np.arange(size)] = 1
    spec.encoder.embeddings[0].weight = tokens
    spec.decoder.embeddings.weight = zeros(size, width)
    for side, first in ((spec.encoder, 0), (spec.decoder, ahead)):
        places = zeros(POSITIONS, width)
        places[np.arange(POSITIONS - first), first + np.arange(POSITIONS - first)] = scale
        side.position_encodings.encodings = places
        norm(side.layer_norm)
        silent(side.layer[0].self_attention, own=True)
        feed_forward(side.layer[0].ffn)
    across = spec.decoder.layer[0].attention
    silent(across, own=False)
    place, word = np.arange(POSITIONS), POSITIONS + np.arange(size)
    across.linear[0].weight[place, place] = 20
    across.linear[1].weight[place, place] = 20
    across.linear[1].weight[width + word, word] = 1
    across.linear[2].weight[word, word] = 50
    spec.decoder.projection.weight, spec.decoder.projection.bias = tokens.copy(), zeros(size)
    if endless:
        spec.decoder.projection.bias[words.index("</s>")] = -1000
    spec.config.add_source_eos = ends
    spec.register_source_vocabulary(words)
    spec.register_target_vocabulary(words)
    spec.validate()
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))


def opus(folder: Path, marks: Sequence[str] = (), **changes: Any) -> None:
    """OPUS-MT's files; with marks of target languages, one that serves several."""
    pieces = tokeniser(folder / "source.spm")
    (folder / "target.spm").write_bytes((folder / "source.spm").read_bytes())
    model(folder, pieces, marks, ahead=1 if marks else 0, **changes)


def multilingual(
    folder: Path, marks: Sequence[str], name: str = "sentencepiece.bpe.model", ahead: int = 0
) -> None:
    """NLLB's, M2M-100's (the mark of the source is answered by that of the target) or MADLAD's (ahead=1)."""
    model(folder, tokeniser(folder / name), marks, ahead=ahead)


def argos(folder: Path, source: str = "en", target: str = "es") -> None:
    """An Argos package, unpacked."""
    pieces = tokeniser(folder / "sentencepiece.model")
    model(folder / "model", pieces, ends=True)
    about = {"package_version": "1.0", "argos_version": "1.0", "from_code": source, "to_code": target}
    (folder / "metadata.json").write_text(json.dumps(about))


def packed(folder: Path, package: Path) -> None:
    """A folder as the package that one downloads."""
    with zipfile.ZipFile(package, "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, f"{folder.name}/{path.relative_to(folder)}")
