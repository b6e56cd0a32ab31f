"""Models are found in the models folder and in one's own, and what cannot be read is left out."""

import shutil
import zipfile
from pathlib import Path

import pytest

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_models.catalogue import Kind, Model, Quality
from dragoman_models.folder import manifest, write_manifest
from dragoman_translation.engines.base import Job
from dragoman_translation.engines.ctranslate2 import engine as module
from dragoman_translation.engines.ctranslate2.codes import Family
from dragoman_translation.engines.ctranslate2.engine import CTranslate2
from dragoman_translation.engines.ctranslate2.models import Found, Models
from dragoman_translation.planner import Planner
from dragoman_translation.quality import ceiling
from tests.translation import copying

pytestmark = pytest.mark.integration

LARGE = 10**12


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has other work loads models slowly."""
    monkeypatch.setattr(module, "TIMEOUT_S", 120.0)
    monkeypatch.setattr(module, "BATCH_S", 60.0)


def install(folder: Path, name: str, family: str, **fields: object) -> None:
    """As `dragoman models pull` leaves it."""
    values = {"licence": "MIT", "settings": (("family", family),)} | fields
    entry = Model(name, Kind.TRANSLATOR, "ctranslate2", **values)  # type: ignore[arg-type]
    write_manifest(manifest(entry, folder / name), folder / name)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with an OPUS-MT model, NLLB and an Argos package as it came."""
    base = tmp_path_factory.mktemp("models")
    copying.opus(base / "opus-mt-en-de")
    measured = (Quality("en", "de", chrf=61.5, origin="published"),)
    install(base, "opus-mt-en-de", "opus-mt", directions=(("en", "de"),), quality=measured, cost_ms=45.0)
    copying.multilingual(base / "nllb-200-600m", ["eng_Latn", "deu_Latn", "fra_Latn"])
    install(base, "nllb-200-600m", "nllb", languages=("en", "de", "fr"))
    copying.argos(base / "argos", "en", "it")
    (base / "argos-en-it").mkdir()
    copying.packed(base / "argos", base / "argos-en-it" / "translate-en_it.argosmodel")
    install(base, "argos-en-it", "argos", directions=(("en", "it"),))
    return base


async def test_installed_models_serve_their_pairs_with_their_quality(models: Path) -> None:
    engine = CTranslate2("", models)
    pairs = {(pair.source, pair.target): pair for pair in engine.pairs()}
    assert set(pairs) == {
        ("en", "de"), ("en", "it"), ("de", "en"), ("en", "fr"), ("fr", "en"), ("de", "fr"), ("fr", "de"),
    }  # fmt: skip
    assert (pairs["en", "de"].quality, pairs["en", "de"].cost_ms) == (61.5, 45.0)
    assert pairs["en", "fr"].quality == round(0.88 * ceiling("en", "fr"), 1)
    for target in ("de", "fr", "it"):
        assert await engine.translate(Job("one two", "en", target)) == "one two"
    assert {Path(path).name for path in engine._loaded} == {"opus-mt-en-de", "nllb-200-600m", "argos-en-it"}
    await engine.close()


async def test_nothing_is_loaded_whose_sum_differs(models: Path, tmp_path: Path) -> None:
    copying.opus(tmp_path / "opus-mt-en-es")
    install(tmp_path, "opus-mt-en-es", "opus-mt", directions=(("en", "es"),))
    weights = tmp_path / "opus-mt-en-es" / "model.bin"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    engine = CTranslate2("", tmp_path)
    with pytest.raises(MeshError) as caught:
        await engine.translate(Job("one two", "en", "es"))
    assert caught.value.code is FaultCode.ENGINE_FAILED
    await engine.close()


def found(own: Path) -> dict[str, Found]:
    return {model.path.name: model for model in Models(own, None, LARGE).found()}


def test_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    copying.opus(tmp_path / "en-es")
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("no model")
    (tmp_path / "broken.argosmodel").write_bytes(b"no archive")
    with zipfile.ZipFile(tmp_path / "hollow.argosmodel", "w") as archive:
        archive.writestr("x/metadata.json", "{}")
    copying.opus(tmp_path / "not-a-pair")
    (tmp_path / "en-fr").mkdir()
    (tmp_path / "en-fr" / "model.bin").write_bytes(b"")
    assert list(found(tmp_path)) == ["en-es"]
    assert Models(tmp_path / "nowhere", tmp_path / "nowhere", LARGE).found() == []


async def test_a_model_of_nonsense_fails_and_the_engine_goes_on(tmp_path: Path) -> None:
    copying.opus(tmp_path / "en-es")
    copying.opus(tmp_path / "en-fr")
    (tmp_path / "en-fr" / "model.bin").write_bytes(b"\x07" * 1000)
    engine = CTranslate2(str(tmp_path))
    with pytest.raises(MeshError):
        await engine.translate(Job("one two", "en", "fr"))
    assert await engine.translate(Job("one two", "en", "es")) == "one two"
    await engine.close()


def test_a_models_own_tokens_are_found_by_any_tag(models: Path) -> None:
    nllb = next(model for model in Models(None, models, LARGE).found() if model.family is Family.NLLB)
    assert (nllb.token("de-AT"), nllb.token("fra"), nllb.token("es")) == ("deu_Latn", "fra_Latn", "")


def test_models_come_and_go_while_the_service_runs(tmp_path: Path) -> None:
    engine = CTranslate2(str(tmp_path))
    assert engine.pairs() == []
    copying.opus(tmp_path / "en-es")
    first = engine.pairs()
    assert [(pair.source, pair.target) for pair in first] == [("en", "es")]
    assert engine.pairs() is first  # nothing was read again
    copying.multilingual(tmp_path / "nllb", ["eng_Latn", "spa_Latn"])
    shutil.rmtree(tmp_path / "en-es")
    assert {(pair.source, pair.target) for pair in engine.pairs()} == {("en", "es"), ("es", "en")}


def test_a_model_of_many_languages_is_asked_directly(tmp_path: Path) -> None:
    """Languages in which the best systems reach less are no way round."""
    copying.multilingual(tmp_path / "nllb", ["eng_Latn", "fra_Latn", "spa_Latn", "jpn_Jpan"])
    chains = Planner({"ctranslate2": CTranslate2(str(tmp_path)).pairs()}).chains("en-US", "fr-FR")
    assert chains[0].name == "ctranslate2:en-fr"
