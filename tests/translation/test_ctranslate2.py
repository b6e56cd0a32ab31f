"""The CTranslate2 engine on a tiny model that is made here: real files, real tokenisers, real inference."""

from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import pytest
import sentencepiece

from dragoman_contract.errors import PeerError
from dragoman_translation.engines.base import Job, Pair
from dragoman_translation.engines.ctranslate2 import FLORES, CTranslate2

WIDTH = 16
SENTENCES = ["the house is white", "the child sees the dog", "la casa es blanca", "el niño ve el perro"] * 20


def tokeniser(path: Path) -> list[str]:
    """Train a small SentencePiece model; its pieces."""
    with path.open("wb") as out:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(SENTENCES), model_writer=out, vocab_size=60, hard_vocab_limit=False,
            minloglevel=2,
        )  # fmt: skip
    model = sentencepiece.SentencePieceProcessor(str(path))
    return [model.id_to_piece(i) for i in range(model.get_piece_size())]


def model(folder: Path, vocabulary: list[str]) -> None:
    """Write a one-layer transformer with fixed random weights."""
    random = np.random.default_rng(7)

    def weight(*shape: int) -> Any:
        return random.normal(0, 0.3, shape).astype(np.float32)

    def linear(spec: Any, rows: int, columns: int) -> None:
        spec.weight, spec.bias = weight(rows, columns), np.zeros(rows, np.float32)

    def norm(spec: Any) -> None:
        spec.gamma, spec.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)

    def attention(spec: Any, own: bool) -> None:
        norm(spec.layer_norm)
        rows = [3 * WIDTH, WIDTH] if own else [WIDTH, 2 * WIDTH, WIDTH]
        for part, count in zip(spec.linear, rows, strict=True):
            linear(part, count, WIDTH)

    def feed_forward(spec: Any) -> None:
        norm(spec.layer_norm)
        linear(spec.linear_0, 2 * WIDTH, WIDTH)
        linear(spec.linear_1, WIDTH, 2 * WIDTH)

    spec = ctranslate2.specs.TransformerSpec.from_config((1, 1), 2)
    spec.encoder.embeddings[0].weight = weight(len(vocabulary), WIDTH)
    spec.decoder.embeddings.weight = weight(len(vocabulary), WIDTH)
    for side in (spec.encoder, spec.decoder):
        side.position_encodings.encodings = weight(600, WIDTH)
        norm(side.layer_norm)
        attention(side.layer[0].self_attention, own=True)
        feed_forward(side.layer[0].ffn)
    attention(spec.decoder.layer[0].attention, own=False)
    linear(spec.decoder.projection, len(vocabulary), WIDTH)
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.validate()
    spec.save(str(folder))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An OPUS-MT-like pair and an NLLB-like model."""
    base = tmp_path_factory.mktemp("models")
    for name in ("en-es", "nllb"):
        (base / name).mkdir()
    pieces = tokeniser(base / "en-es" / "source.spm")
    tokeniser(base / "en-es" / "target.spm")
    model(base / "en-es", pieces)
    tokeniser(base / "nllb" / "sentencepiece.bpe.model")
    model(base / "nllb", [*pieces, *FLORES.values()])
    return base


async def test_the_pairs_are_those_of_the_folder(folder: Path) -> None:
    pairs = {(p.source, p.target): p.cost for p in CTranslate2(str(folder)).pairs()}
    assert ("en", "es") in pairs
    assert ("fr", "de") in pairs
    assert CTranslate2("").pairs() == []


@pytest.mark.parametrize(("source", "target"), [("en", "es"), ("fr", "de")])
async def test_a_text_goes_through_tokeniser_model_and_back(folder: Path, source: str, target: str) -> None:
    engine = CTranslate2(str(folder))
    await engine.warm([Pair(source, target)])
    text = await engine.translate(Job("the house is white", source, target))
    again = await engine.translate(Job("the house is white", source, target))
    await engine.close()
    assert text == again
    assert not any(code in text for code in FLORES.values())
    assert len(text) < 2000


async def test_a_pair_without_a_model_is_unsupported(tmp_path: Path) -> None:
    with pytest.raises(PeerError):
        await CTranslate2(str(tmp_path)).translate(Job("hello", "en", "es"))
