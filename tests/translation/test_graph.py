"""Chains of pairs."""

from dragoman_translation.engines.base import Pair
from dragoman_translation.graph import chains, reachable

PAIRS = {
    "apertium": [Pair("en", "es"), Pair("es", "fr"), Pair("fr", "es"), Pair("es", "pt")],
    "whisper": [Pair("fr", "en", cost=1.5)],
}


def names(source: str, target: str) -> list[list[str]]:
    return [[f"{s.source}-{s.target}" for s in steps] for steps in chains(PAIRS, source, target)]


def test_a_direct_pair_is_taken_as_it_is() -> None:
    assert names("en", "es")[0] == ["en-es"]


def test_english_to_french_goes_by_way_of_spanish() -> None:
    assert names("en-US", "fr-FR") == [["en-es", "es-fr"]]


def test_a_way_round_is_kept_as_second_choice() -> None:
    assert names("fr", "es") == [["fr-es"], ["fr-en", "en-es"]]


def test_there_is_no_way_to_a_language_nobody_has() -> None:
    assert names("en", "tlh") == []


def test_the_reachable_pairs_are_those_with_a_chain() -> None:
    found = reachable(PAIRS)
    assert ("en", "pt") in found
    assert ("pt", "en") not in found
    assert all(chains(PAIRS, source, target) for source, target in found)


def test_an_alias_finds_the_pairs_of_its_language_and_a_script_its_own() -> None:
    pairs = {
        "x": [Pair("en", "he"), Pair("en", "nb"), Pair("en", "zh"), Pair("en", "zh-Hant"), Pair("zh", "en")]
    }
    found = {
        asked: [step.target for step in chains(pairs, "en", asked)[0]]
        for asked in ("iw", "no", "nn", "zh-CN", "cmn", "zh-TW")
    }
    assert found == {
        "iw": ["he"], "no": ["nb"], "nn": ["nb"], "zh-CN": ["zh"], "cmn": ["zh"], "zh-TW": ["zh-Hant"],
    }  # fmt: skip
    assert [step.source for step in chains(pairs, "zh-TW", "en")[0]] == ["zh"]
    assert chains(pairs, "nn", "nb") == []
    assert ("en", "zh-Hant") in reachable(pairs)
