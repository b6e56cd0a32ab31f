"""The recogniser's own English, where the transcript brought it."""

import pytest

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_contract.events import Alternative
from dragoman_translation.engines.base import Job
from dragoman_translation.engines.whisper import SOURCES, WhisperEnglish


def test_it_serves_english_only() -> None:
    pairs = WhisperEnglish().pairs()
    assert {pair.target for pair in pairs} == {"en"} and {pair.source for pair in pairs} == set(SOURCES)


async def test_it_hands_on_what_came_with_the_transcript() -> None:
    engine = WhisperEnglish()
    alternatives = (Alternative(language="en", text="Hello."),)
    await engine.warm([])
    assert await engine.translate(Job("Hola.", "es", "en", alternatives=alternatives)) == "Hello."
    with pytest.raises(MeshError) as caught:
        await engine.translate(Job("Hola.", "es", "en"))
    assert caught.value.code is FaultCode.ENGINE_FAILED
    await engine.close()
