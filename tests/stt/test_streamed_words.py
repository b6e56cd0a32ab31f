"""The recogniser as it streams, with its real weights, beside an offline decode with the same ones."""

import pytest

from dragoman_stt.settings import SttSettings
from tests.bench import people_figures as figures
from tests.bench.people import Bench
from tests.stt.speech import said
from tests.support.recordings import Recording

pytestmark = pytest.mark.integration
MOST_MISSING = 0.02  # of the words of the offline decode
TEXT = (
    "The morning train to the coast was late again, so we had time for a second cup of coffee. "
    "My neighbour keeps his bees behind the old stone wall, and in autumn he gives us a jar of honey. "
    "The museum opens at ten, and its garden is free for everybody."
)


@pytest.fixture(scope="module")
def bench() -> Bench:
    """Engines as the service has them, on a clock that no busy machine changes."""
    return Bench(SttSettings(), modelled=True)


@pytest.mark.parametrize("form", ["as recorded", "fast"])
def test_what_streams_has_the_words_of_an_offline_decode(bench: Bench, form: str) -> None:
    truth = bench.truth(Recording("voice", said(TEXT), "en").heard(form))
    (heard,), _ = bench.ours.listen(truth.reading, 1, True, hurried=True)
    streamed = " ".join(final.text for final in heard.finals)
    beside = figures.compare(figures.words(truth.text), figures.words(streamed))
    assert beside.run < 3 and len(beside.missing) <= MOST_MISSING * beside.words, streamed
    assert all(final.text for final in heard.finals)
