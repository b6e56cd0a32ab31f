"""The recogniser as it streams, with its real weights, beside an offline decode with the same ones."""

from dataclasses import replace

import pytest

from dragoman_cli.audio_source import BYTES_PER_S
from dragoman_stt.settings import SttSettings
from tests.bench import people_figures as figures
from tests.bench.people import Bench, artificial

pytestmark = pytest.mark.integration
MOST_MISSING = 0.02  # of the words of the offline decode
READ_S = 15


@pytest.fixture(scope="module")
def bench() -> Bench:
    """Engines as the service has them, on a clock that no busy machine changes."""
    return Bench(SttSettings(), modelled=True)


@pytest.mark.parametrize("form", ["fast"])
def test_what_streams_has_the_words_of_an_offline_decode(bench: Bench, form: str) -> None:
    voice = artificial()
    truth = bench.truth(replace(voice, pcm=voice.pcm[: READ_S * BYTES_PER_S], text="").heard(form))
    (heard,), _ = bench.ours.listen(truth.reading, 1, True, hurried=True)
    streamed = " ".join(final.text for final in heard.finals)
    beside = figures.compare(figures.words(truth.text), figures.words(streamed))
    assert beside.run < 3 and len(beside.missing) <= MOST_MISSING * beside.words, streamed
    assert all(final.text for final in heard.finals)
