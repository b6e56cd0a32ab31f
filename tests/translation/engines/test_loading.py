"""Engines are found by name, and what is missing is named with its remedy."""

from pathlib import Path

import pytest

from dragoman_translation import engines
from dragoman_translation.engines import load
from dragoman_translation.engines.apertium import Apertium, stages
from dragoman_translation.settings import TranslationSettings


def test_the_engines_come_in_the_order_of_the_setting() -> None:
    found = load(TranslationSettings(engines="whisper, apertium"))
    assert list(found) == ["whisper", "apertium"]


def test_an_unknown_engine_is_named_with_those_there_are() -> None:
    with pytest.raises(engines.EngineError, match=r"'babel'.*apertium"):
        load(TranslationSettings(engines="babel"))


def test_without_a_pair_the_package_to_install_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Apertium.__init__, "__defaults__", (tmp_path,))
    with pytest.raises(engines.EngineError, match="apt-get install -y apertium"):
        load(TranslationSettings(engines="apertium"))


def test_a_mode_whose_program_is_missing_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "eng-spa.mode").write_text("lt-proc 'x.bin' | no-such-program -g 'y.bin'")
    (tmp_path / "spa-eng.mode").write_text("lt-proc 'x.bin'")
    (tmp_path / "eng-spa-debug.mode").write_text("lt-proc 'x.bin'")
    assert [(p.source, p.target) for p in Apertium(tmp_path).pairs()] == [("es", "en")]


def test_every_stage_runs_in_null_flush_mode() -> None:
    assert stages("lt-proc 'a b.bin' | apertium-tagger -g $2 'p' | lt-proc $1 'g'\n") == [
        ["lt-proc", "-z", "a b.bin"],
        ["apertium-tagger", "-z", "-g", "p"],
        ["lt-proc", "-z", "-g", "g"],
    ]


@pytest.mark.parametrize("name", ["openai", "libretranslate", "deepl"])
def test_a_hosted_engine_needs_to_be_told_its_server(name: str) -> None:
    with pytest.raises(engines.EngineError, match=f"{name}: set DRAGOMAN_TRANSLATION_{name.upper()}_"):
        load(TranslationSettings(engines=name))


def test_a_hosted_engine_that_is_told_its_server_is_there() -> None:
    given = {
        "engines": "openai,libretranslate,deepl",
        "openai": {"url": "http://127.0.0.1:1/v1"},
        "libretranslate": {"url": "http://127.0.0.1:1"},
        "deepl": {"key": "k"},
    }
    assert list(load(TranslationSettings.model_validate(given))) == ["openai", "libretranslate", "deepl"]


def test_engines_of_model_folders_are_there_without_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", str(tmp_path))
    found = load(TranslationSettings(engines="bergamot,ctranslate2"))
    assert [engine.pairs() for engine in found.values()] == [[], []]
