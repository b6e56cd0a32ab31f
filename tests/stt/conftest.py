"""The real recogniser, loaded once."""

import pytest

from dragoman_models.pull import Puller
from dragoman_models.settings import ModelsSettings
from dragoman_stt import weights
from dragoman_stt.engines.whisper.engine import Whisper


@pytest.fixture(scope="session")
def whisper() -> Whisper:
    """Whisper base, warm."""
    engine = Whisper(weights.find("base", Puller.of(ModelsSettings())), 2, 1, 5, "int8")
    engine.warm()
    return engine
