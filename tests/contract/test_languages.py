"""One table of languages: aliases and macro-languages both ways, scripts, and tags that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.languages import (
    Available,
    base,
    best_match,
    canonical,
    distance,
    key,
    same_language,
    script,
    variety,
)

ALIASES = [
    ("iw", "he"), ("in", "id"), ("mo", "ro"), ("jw", "jv"), ("ji", "yi"), ("no", "nb"), ("no-NO", "nb-NO"),
    ("fil", "tl"), ("cmn", "zh"), ("zh-Hans", "zh-CN"), ("zh-TW", "zh"), ("zh-HK", "cmn-Hant"), ("zho", "zh"),
    ("zsm", "ms"), ("arb", "ar"), ("swh", "sw"), ("od", "or"), ("ory", "or"), ("od-IN", "or-IN"),
    ("gom", "kok"), ("pes", "fa"), ("prs", "fa"), ("prs-AF", "fa-AF"),
    ("npi", "ne"), ("lvs", "lv"), ("ekk", "et"), ("khk", "mn"),
    ("azj", "az"), ("uzn", "uz"), ("pbt", "ps"), ("ydd", "yi"), ("als", "sq"), ("eng", "en"), ("deu", "de"),
    ("ger", "de"), ("srp", "sr"), ("hbs", "sh"), ("EN_us", "en"),
]  # fmt: skip
TAGS = st.sampled_from(
    sorted({tag for pair in ALIASES for tag in pair} | {"en-GB", "pt-BR", "sr-Latn", "yue", "prs-AF"})
)
WELL_FORMED = st.from_regex(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,7}){0,3}", fullmatch=True)


@pytest.mark.parametrize(("first", "second"), ALIASES)
def test_an_alias_and_its_language_find_each_other(first: str, second: str) -> None:
    assert same_language(first, second)
    assert best_match(first, ["xx", second]) == second
    assert best_match(second, [first, "xx"]) == first


@pytest.mark.parametrize(("first", "second"), [("en", "es"), ("hr", "sr"), ("no", "nn"), ("zh", "yue")])
def test_languages_that_are_two_stay_two(first: str, second: str) -> None:
    assert not same_language(first, second)


@pytest.mark.parametrize(
    ("wanted", "there", "best"),
    [
        ("zh-TW", ["zh", "zh-Hant"], "zh-Hant"),
        ("zh-CN", ["zh-Hant", "zh"], "zh"),
        ("zh-TW", ["zh"], "zh"),
        ("zh", ["cmn-latn-pinyin", "cmn"], "cmn"),
        ("sr", ["sr-Latn", "sr-Cyrl"], "sr-Cyrl"),
        ("en-GB", ["en-US", "en-gb"], "en-gb"),
        ("en", ["en-029", "en-gb", "en-us"], "en-us"),
        ("es-MX", ["es-ES", "es"], "es"),
        ("no", ["nn", "nb"], "nb"),
        ("no", ["nn"], "nn"),
        ("nn", ["nb"], "nb"),
        ("sh", ["sr", "hr"], "hr"),
        ("hr", ["sh"], "sh"),
        ("arz", ["ar"], "ar"),
        ("es", ["pt", "ca"], None),
        ("hr", ["sr"], None),
    ],
)
def test_the_nearest_is_found(wanted: str, there: list[str], best: str | None) -> None:
    assert best_match(wanted, there) == best
    assert Available(there).best(wanted) == best


def test_the_script_is_told_or_likely() -> None:
    tags = ("zh", "zh-TW", "zh-HK", "sr", "sr-Latn", "pa", "pa-PK", "iw", "not a tag")
    assert [script(tag) for tag in tags] == [
        "Hans", "Hant", "Hant", "Cyrl", "Latn", "Guru", "Arab", "Hebr", "",
    ]  # fmt: skip
    assert [variety(tag) for tag in ("zh-CN", "zh-TW", "cmn", "sr-Latn-RS", "en-US")] == [
        "zh", "zh-Hant", "zh", "sr-Latn", "en",
    ]  # fmt: skip


def test_a_client_sees_its_own_tag_again() -> None:
    assert [canonical(tag) for tag in ("EN_us", "zh-hant-tw", "iw", "NB-no", "es-419")] == [
        "en-US", "zh-Hant-TW", "iw", "nb-NO", "es-419",
    ]  # fmt: skip
    assert [base(tag) for tag in ("en-US", "iw_IL", "zh-Hant-TW")] == ["en", "iw", "zh"]


@pytest.mark.parametrize(
    "hostile",
    [
        "",
        "-",
        "e",
        "en-",
        "en\n",
        "en\0",
        "é",
        "en-US\r\nX: 1",
        "a" * 1_000_000,
        "en" + "-x" * 100_000,
        "x-foo",
    ],
)
def test_what_is_no_tag_is_refused_and_matches_nothing(hostile: str) -> None:
    with pytest.raises(PeerError) as refused:
        canonical(hostile)
    assert refused.value.code is FaultCode.UNSUPPORTED_LANGUAGE
    assert len(refused.value.message) < 100
    assert refused.value.message.isprintable() or hostile.isascii()
    assert not same_language(hostile, "en")
    assert best_match(hostile, ["en"]) is None
    assert best_match("en", [hostile]) is None


@given(TAGS, TAGS)
def test_sameness_is_symmetric_and_agrees_with_the_keys(first: str, second: str) -> None:
    assert same_language(first, second) == same_language(second, first) == (key(first) == key(second))
    assert (distance(first, second) is None) == (best_match(first, [second]) is None)


@given(WELL_FORMED)
def test_nothing_that_looks_like_a_tag_breaks_it(tag: str) -> None:
    told = canonical(tag)
    assert canonical(told) == told
    assert key(key(tag)) == key(tag)
    assert variety(variety(tag)) == variety(tag)
    assert same_language(tag, told)
    assert best_match(tag, [told]) == told


@given(st.text(max_size=60))
def test_any_text_is_a_tag_or_refused(text: str) -> None:
    key(text), script(text), variety(text), distance(text, "en")
    try:
        canonical(text)
    except PeerError:
        return
    assert len(text) <= 35
