"""The noise suppressor: less noise, the same places, however the audio is cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_stt import engines
from dragoman_stt.denoise import Cleaner, energy
from dragoman_stt.engines import suppressor
from dragoman_stt.engines.webrtc import WebRtc
from dragoman_stt.settings import SttSettings
from tests.stt.speech import pink, said
from tests.support.examples import examples

pytestmark = pytest.mark.integration

BYTES_PER_S = SAMPLE_RATE * 2


def clean(pcm: bytes, *cuts: int) -> bytes:
    cleaner = Cleaner(WebRtc())
    pieces = [pcm[a:b] for a, b in zip((0, *cuts), (*cuts, len(pcm)), strict=True)]
    return b"".join(cleaner.feed(piece) for piece in pieces) + cleaner.finish()


NOISE = (pink(3 * SAMPLE_RATE) * 1000).astype("<i2").tobytes()


@examples(50)
@given(st.lists(st.integers(0, len(NOISE) // 2), max_size=30))
def test_the_cuts_of_the_input_make_no_difference(places: list[int]) -> None:
    assert clean(NOISE, *(2 * place for place in sorted(places))) == clean(NOISE)


@pytest.mark.parametrize("samples", [0, 1, 159, 160, 161, 255, 256, 16_000])
def test_as_much_comes_out_as_went_in(samples: int) -> None:
    assert len(clean(NOISE[: 2 * samples])) == 2 * samples


def test_a_sound_stays_at_its_sample() -> None:
    click = np.zeros(SAMPLE_RATE, "<i2")
    click[8000] = 30_000
    assert np.abs(np.frombuffer(clean(click.tobytes()), "<i2")).argmax() == 8000


def test_noise_goes_and_speech_stays() -> None:
    second = slice(2 * BYTES_PER_S, 3 * BYTES_PER_S)  # the noise has been learnt
    assert energy(clean(NOISE)[second]) < energy(NOISE[second]) / 4
    assert energy(clean(said())) > energy(said()) / 2


def test_without_its_package_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: SttSettings) -> None:
        raise ModuleNotFoundError("no such module", name="webrtc_noise_gain")

    assert suppressor(SttSettings(denoise="")) is None
    monkeypatch.setattr(engines, "_find", lambda group, name: missing)
    assert suppressor(SttSettings()) is None
    monkeypatch.undo()
    with pytest.raises(engines.EngineError, match="webrtc"):
        suppressor(SttSettings(denoise="nothing"))
