"""Real models: those of the wheel, pulled once into the shared folder of models."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dragoman_models.pull import Puller
from dragoman_models.settings import ModelsSettings
from dragoman_translation.engines.bergamot import Bergamot

WHEEL = ("translatelocally-en-pt", "translatelocally-pt-en")


@pytest.fixture(scope="session")
def wheel_models() -> list[Path]:
    """The folders of the models for English ↔ Portuguese."""
    puller = Puller.of(ModelsSettings())
    return [puller.ensure(name) for name in WHEEL]


@pytest.fixture
def models_folder(wheel_models: list[Path], tmp_path: Path) -> Path:
    """A folder of this test alone with these models."""
    folder = tmp_path / "models"
    for path in wheel_models:
        (folder / path.name).mkdir(parents=True)
        for file in path.iterdir():
            (folder / path.name / file.name).hardlink_to(file)
    return folder


@pytest.fixture
async def bergamot(models_folder: Path) -> AsyncIterator[Bergamot]:
    """The engine with two processes."""
    engine = Bergamot(models_folder, 2, 400_000_000)
    engine.pairs()
    yield engine
    await engine.close()
