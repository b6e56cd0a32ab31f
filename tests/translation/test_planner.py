"""The best chain wins: every choice is the one that measured best."""

import pytest

from dragoman_translation import quality
from dragoman_translation.engines.apertium import MEASURED
from dragoman_translation.engines.base import Pair
from dragoman_translation.planner import MAX_STEPS, Planner

RULES = [Pair(source, target, quality=chrf, cost_ms=5) for (source, target), chrf in MEASURED.items()]
WHEEL = [Pair("en", "pt", quality=69.2, cost_ms=19), Pair("pt", "en", quality=69.4, cost_ms=19)]
ENGLISH = [Pair(source, "en") for source in ("es", "fr", "pt", "ca", "de")]
HERE = {"bergamot": WHEEL, "apertium": RULES, "whisper": ENGLISH}
# chrF of chains on FLORES-200 dev, 997 sentences.
CHAINS = {
    "bergamot:en-pt+apertium:pt-es": 49.1,
    "apertium:es-pt+bergamot:pt-en": 53.5,
    "apertium:en-es+apertium:es-fr": 47.3,
    "apertium:en-es+apertium:es-ca": 51.8,
    "apertium:fr-es+apertium:es-en": 49.3,
    "bergamot:en-pt+apertium:pt-es+apertium:es-fr": 51.7,
    "bergamot:en-pt+apertium:pt-es+apertium:es-ca": 58.1,
    "apertium:pt-es+apertium:es-en": 53.2,
    "apertium:es-en+bergamot:en-pt": 50.4,
    "apertium:fr-es+apertium:es-pt": 48.4,
}


def best(source: str, target: str, pairs: dict[str, list[Pair]] = HERE) -> str:
    return Planner(pairs).chains(source, target)[0].name


@pytest.mark.parametrize(
    ("pair", "chain"),
    {
        "en-pt": "bergamot:en-pt",
        "pt-en": "bergamot:pt-en",
        "en-es": "bergamot:en-pt+apertium:pt-es",
        "es-en": "apertium:es-pt+bergamot:pt-en",
        "en-fr": "bergamot:en-pt+apertium:pt-es+apertium:es-fr",
        "en-ca": "bergamot:en-pt+apertium:pt-es+apertium:es-ca",
        "fr-en": "apertium:fr-es+apertium:es-pt+bergamot:pt-en",
        "ca-en": "apertium:ca-es+apertium:es-pt+bergamot:pt-en",
        "pt-fr": "apertium:pt-es+apertium:es-fr",
        "pt-ca": "apertium:pt-es+apertium:es-ca",
        "es-pt": "apertium:es-en+bergamot:en-pt",
        "fr-pt": "apertium:fr-es+apertium:es-en+bergamot:en-pt",
        "es-fr": "apertium:es-fr",
        "pt-es": "apertium:pt-es",
        "fr-ca": "apertium:fr-es+apertium:es-ca",
    }.items(),
    ids=str,
)
def test_each_choice_is_the_one_that_measured_best(pair: str, chain: str) -> None:
    source, target = pair.split("-")
    assert best(source, target) == chain


def test_what_is_expected_of_a_chain_is_near_what_was_measured() -> None:
    found = {
        chain.name: chain.quality
        for source, target in {(name.split(":")[1][:2], name[-2:]) for name in CHAINS}
        for chain in Planner(HERE).chains(source, target)
    }
    assert {name: chrf for name, chrf in CHAINS.items() if abs(found[name] - chrf) > 3} == {}


def test_a_better_model_of_the_pair_itself_is_taken() -> None:
    more = {**HERE, "bergamot": [*WHEEL, Pair("en", "es", quality=54.4), Pair("es", "en", quality=55.6)]}
    assert best("en", "es", more) == "bergamot:en-es"
    assert best("es", "en", more) == "bergamot:es-en"
    assert best("en", "fr", more) == "bergamot:en-es+apertium:es-fr"


def test_with_many_models_the_one_of_the_pair_itself_goes_before_a_way_round() -> None:
    published = [
        ("en", "es", 54.4), ("es", "en", 55.6), ("en", "ca", 67.6), ("ca", "en", 68.5), ("en", "pt", 72.5),
        ("pt", "en", 70.9), ("en", "fr", 69.0), ("fr", "en", 67.0),
    ]  # fmt: skip
    more = {**HERE, "bergamot": [Pair(source, target, quality=chrf) for source, target, chrf in published]}
    for source, target, _ in published:
        assert best(source, target, more) == f"bergamot:{source}-{target}"
    assert best("fr", "pt", more) == "bergamot:fr-en+bergamot:en-pt"


def test_without_a_neural_model_rules_serve_and_the_recogniser_comes_last() -> None:
    rules = {"apertium": RULES, "whisper": ENGLISH}
    assert best("en", "es", rules) == "apertium:en-es"
    assert best("fr", "en", rules) == "apertium:fr-es+apertium:es-en"
    assert [c.name for c in Planner(rules).chains("es", "en")] == ["apertium:es-en", "whisper:es-en"]
    assert best("de", "en", rules) == "whisper:de-en"
    assert best("de", "fr", rules) == "whisper:de-en+apertium:en-es+apertium:es-fr"
    # It translates what was spoken, never a text that another step made.
    assert all(c.steps[0].engine == "whisper" for c in Planner(rules).chains("de", "fr"))


def test_the_regions_of_the_wanted_tags_do_not_matter() -> None:
    assert best("en-US", "fr-FR") == best("en", "fr")


def test_what_takes_too_long_comes_after_what_does_not() -> None:
    pairs = {"slow": [Pair("en", "es", quality=57, cost_ms=3000)], "apertium": RULES}
    names = [chain.name for chain in Planner(pairs, within_ms=2000).chains("en", "es")]
    assert names[:2] == ["apertium:en-es", "slow:en-es"]
    only = {"slow": pairs["slow"]}
    assert [chain.name for chain in Planner(only, within_ms=2000).chains("en", "es")] == ["slow:en-es"]


def test_an_engine_can_be_left_out() -> None:
    ways = Planner(HERE).chains("es", "en", frozenset({"bergamot"}))
    assert ways and not any(chain.uses("bergamot") for chain in ways)


def test_a_chain_passes_each_language_once_and_has_an_end() -> None:
    for source, target, _ in Planner(HERE).reachable():
        for chain in Planner(HERE).chains(source, target):
            passed = [chain.steps[0].source, *(step.target for step in chain.steps)]
            assert len(passed) == len(set(passed)) <= MAX_STEPS + 1


def test_there_is_no_way_to_a_language_nobody_has() -> None:
    assert Planner(HERE).chains("en", "tlh") == []


def test_the_reachable_pairs_are_those_with_a_chain() -> None:
    planner = Planner({"apertium": [Pair("en", "es"), Pair("es", "fr"), Pair("es", "pt"), Pair("de", "da")]})
    found = {(source, target): chain.name for source, target, chain in planner.reachable()}
    assert found["en", "pt"] == "apertium:en-es+apertium:es-pt"
    assert ("pt", "en") not in found and ("en", "da") not in found
    assert all(planner.chains(*pair)[0].name == name for pair, name in found.items())


def test_an_alias_finds_the_pairs_of_its_language_and_a_script_its_own() -> None:
    planner = Planner(
        {"x": [Pair("en", "he"), Pair("en", "nb"), Pair("en", "zh"), Pair("en", "zh-Hant"), Pair("zh", "en")]}
    )
    found = {
        asked: planner.chains("en", asked)[0].steps[-1].target
        for asked in ("iw", "no", "nn", "zh-CN", "cmn", "zh-TW")
    }
    assert found == {
        "iw": "he", "no": "nb", "nn": "nb", "zh-CN": "zh", "cmn": "zh", "zh-TW": "zh-Hant",
    }  # fmt: skip
    assert planner.chains("zh-TW", "en")[0].steps[0].source == "zh"
    assert planner.chains("nn", "nb") == []
    assert ("en", "zh-Hant") in {(source, target) for source, target, _ in planner.reachable()}


def test_a_model_of_all_languages_is_planned_in_a_moment() -> None:
    languages = [a + b for a in "abcdefghijklmn" for b in "bcdfghjklmnpqr"][:60]
    many = [Pair(s, t) for s in languages for t in languages if s != t]
    planner = Planner({"ctranslate2": many, "bergamot": WHEEL})
    assert len(planner.reachable()) >= len(many)
    assert len(planner.chains(languages[0], languages[1])) > 1


def test_engines_that_do_not_know_their_quality_have_that_of_their_kind() -> None:
    shares = [
        quality.share(engine, Pair(*pair))
        for engine, pair in [
            ("anything", ("de", "nl")), ("apertium", ("sv", "da")), ("apertium", ("en", "de")),
            ("whisper", ("de", "en")),
        ]
    ]  # fmt: skip
    assert shares == sorted(shares, reverse=True)
    assert len(set(shares)) == len(shares)
