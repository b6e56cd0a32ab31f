"""What the workers are asked for kept sentences."""

import pytest

from dragoman_edge.dialects.vas import kept_texts as texts
from dragoman_edge.dialects.vas.errors import Problem
from tests.support.vas_tasks import request


def test_a_session_is_of_the_other_languages() -> None:
    made = texts.spec_of(["en-US", "es-ES", "en-US"], "es", voice="v", speech=True)
    assert made.tracks[0].source_languages == ("en-US",) and made.tracks[0].target_languages == ("es",)
    assert made.voices[0].voice == "v" and made.speech
    assert texts.spec_of(["es"], "es").tracks[0].source_languages == ("es",)


def test_a_query_is_read() -> None:
    assert texts.wanted_language(request(targetLang="EN_us"), "language", "targetLang") == "en-US"
    assert texts.number(request(sid="7"), "sid", 1, 20) == 7 and texts.number(request(), "sid", 3, 20) == 3
    for query in ({"sid": "0"}, {"sid": "21"}, {"sid": "x"}, {"sid": "²"}):
        with pytest.raises(Problem):
            texts.number(request(**query), "sid", 1, 20)
    with pytest.raises(Problem):
        texts.wanted_language(request(), "language")
    with pytest.raises(Problem) as refused:
        texts.wanted_language(request(language="!"), "language")
    assert refused.value.code == "language_not_supported"


def test_items_come_so_many_at_a_time() -> None:
    assert [list(some) for some in texts.portions(range(5), 2)] == [[0, 1], [2, 3], [4]]
