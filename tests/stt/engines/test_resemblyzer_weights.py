"""With its own weights the encoder hears that two pieces of one voice are alike, and another's are not."""

from collections.abc import Callable

import pytest

from dragoman_contract.audio import BYTES_PER_SAMPLE, SAMPLE_RATE
from dragoman_stt import engines
from dragoman_stt.engines.base import Voice
from dragoman_stt.settings import SttSettings
from dragoman_stt.speakers import SAME
from tests.stt.speech import audio, said, said_in

pytestmark = pytest.mark.integration
LONG = 2 * SAMPLE_RATE * BYTES_PER_SAMPLE


@pytest.fixture(scope="module")
def voice() -> Callable[[bytes], Voice]:
    encoder = engines.speaker_encoder(SttSettings())
    assert encoder is not None, "run `make setup`: the weights are missing"
    return lambda pcm: encoder.voice(audio(pcm))


def test_two_pieces_of_one_voice_are_alike_and_another_voice_is_not(voice: Callable[[bytes], Voice]) -> None:
    neural = said()
    other = said_in("en", "The weather is fine today, and the bus will be here in a moment.")
    first, second, third = voice(neural[:LONG]), voice(neural[-LONG:]), voice(other[:LONG])
    assert float(first @ second) > SAME
    assert float(first @ third) < SAME
