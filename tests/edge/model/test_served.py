"""Pairs, recognition and voices by whatever name of a language; refusals, and what would help."""

import pytest

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.events import DENOISE, Label, Spec, TrackSpec, VoiceChoice
from dragoman_edge.model import served
from dragoman_edge.model.served import Pairs, Recognised, UnservedError, Voices


def pair(source: str, target: str, *heeds: str, english: bool = False) -> rpc.LanguagePair:
    return rpc.LanguagePair(source=source, target=target, heeds=heeds, english=english)


def lacking(*models: str) -> tuple[rpc.ObtainablePair, ...]:
    split = (name.split("-", 1) for name in models)
    return tuple(rpc.ObtainablePair(source=s, target=t, name=f"{s}-{t}") for s, t in split)


def pairs(*served: str, obtainable: tuple[str, ...] = ()) -> Pairs:
    made = tuple(pair(*name.split("-", 1)) for name in served)
    return Pairs(rpc.CapabilitiesReply(pairs=made, obtainable=lacking(*obtainable)))


def spec(source: str, target: str, *, two_way: bool = False, labels: tuple[Label, ...] = ()) -> Spec:
    sources, targets = tuple(source.split()), tuple(target.split())
    track = TrackSpec(source_languages=sources, target_languages=targets, two_way=two_way)
    return Spec(dialect="test", tracks=(track,), labels=labels)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("en-US", "iw-IL"),
        ("eng", "he"),
        ("en", "nb-NO"),
        ("en", "nn"),
        ("en", "cmn"),
        ("en", "zh-TW"),
        ("", "no"),
    ],
)
def test_a_pair_is_found_by_any_name_of_its_languages(source: str, target: str) -> None:
    pairs("en-he", "en-no", "en-zh").check(spec(source, target))


def test_the_same_language_is_passed_through() -> None:
    pairs().check(spec("es-MX", "es-ES"))
    pairs("en-es", "es-en").check(spec("en-US es-ES", "en-US es-ES", two_way=True))


def test_of_two_scripts_the_wanted_one_is_taken() -> None:
    known = Pairs(
        rpc.CapabilitiesReply(pairs=(pair("en", "zh"), pair("en", "zh-Hant", english=True), pair("en", "fr")))
    )
    assert known.wants_english(spec("en", "zh-TW").tracks[0])
    assert not known.wants_english(spec("en", "zh-CN fr").tracks[0])


def test_a_pair_that_is_missing_is_refused_with_what_there_is() -> None:
    known = pairs("en-es", "en-fr", "fr-ru")
    with pytest.raises(UnservedError) as refused:
        known.check(spec("en-US", "es ru-RU"))
    assert (refused.value.source, refused.value.tag) == ("en-US", "ru-RU")
    assert refused.value.code is FaultCode.UNSUPPORTED_LANGUAGE
    assert "possible from 'en-US': es, fr; into 'ru-RU' from: fr" in refused.value.message
    with pytest.raises(UnservedError) as refused:
        known.check(spec("", "de"))
    assert (refused.value.source, refused.value.tag) == ("", "de")
    assert "possible: es, fr, ru" in refused.value.message


@pytest.mark.parametrize(
    ("source", "target", "models"),
    [
        ("en-US", "ru-RU", ("en-ru",)),
        ("es", "ru", ("en-ru",)),  # es-en is there
        ("de", "fr", ("de-en", "en-fr")),
        ("iw", "es", ("he-en",)),  # en-es is there
        ("en", "tlh", ()),
        ("", "ru", ("en-ru",)),
        ("", "fr", ("en-fr",)),  # rather than it-fr
        ("", "tlh", ()),
    ],
)
def test_what_would_make_a_pair_is_known(source: str, target: str, models: tuple[str, ...]) -> None:
    obtainable = ("en-ru", "de-en", "en-fr", "de-it", "it-fr", "he-en")
    assert pairs("es-en", "en-es", obtainable=obtainable).missing(source, target) == models


def test_all_that_a_session_lacks_is_told_at_once_or_nothing() -> None:
    known = pairs("en-es", obtainable=("en-de", "de-en", "en-ru"))
    assert known.helpful(spec("de en", "de en", two_way=True)) == ("en-de", "de-en")
    assert known.helpful(spec("en-US", "es de ru")) == ("en-de", "en-ru")
    assert known.helpful(spec("", "ru es")) == ("en-ru",)
    assert known.helpful(spec("en", "de tlh")) == ()  # it would still not be served


def test_labels_are_heeded_or_told_pair_by_pair() -> None:
    known = Pairs(
        rpc.CapabilitiesReply(pairs=(pair("en", "es", "label"), pair("es", "en"), pair("fr", "es", "label")))
    )
    casual = Label(language="es", text="casual Spanish")
    assert known.deaf_to_labels(spec("en", "es", labels=(casual,))) == ()
    assert known.deaf_to_labels(spec("es", "en", labels=(casual,))) == (("es", "en"),)
    both = spec("en es", "en es", two_way=True, labels=(casual,))
    assert known.deaf_to_labels(both) == (("es", "en"),)
    assert known.deaf_to_labels(spec("", "es", labels=(casual,))) == ()
    assert known.deaf_to_labels(spec("", "en", labels=(Label(language="", text="a pirate"),))) == (
        ("", "en"),
    )
    assert known.deaf_to_labels(spec("es", "en", labels=(Label(language="pt", text="x"),))) == ()
    assert known.deaf_to_labels(spec("es", "en")) == ()


def test_what_is_recognised_is_found_by_any_name() -> None:
    known = Recognised(rpc.CapabilitiesReply(source_languages=("zh", "no", "he", "id", "jv", "tl", "ro")))
    for tag in ("cmn", "nb", "nb-NO", "iw", "in", "jv", "fil", "mo", "zh-Hans-SG"):
        known.check(spec(tag, ""))
    with pytest.raises(UnservedError, match="'mni' cannot be recognised; possible: he, id"):
        known.check(spec("mni", ""))
    with pytest.raises(PeerError) as refused:
        known.check(Spec(dialect="test", tracks=(), features=(DENOISE,)))
    assert refused.value.code is FaultCode.UNSUPPORTED_FEATURE
    with pytest.raises(PeerError, match="no speaker encoder"):
        known.check(Spec(dialect="test", tracks=(), speakers=2))


def test_a_script_that_nobody_writes_is_refused() -> None:
    known = Recognised(rpc.CapabilitiesReply(source_languages=("zh", "zh-Hant", "hi", "sr")))
    for tag in ("zh-TW", "zh-CN", "zh-HK", "hi-IN", "sr-RS"):
        known.check(spec(tag, ""))
    for tag in ("hi-Latn", "sr-Latn", "zh-Latn"):
        with pytest.raises(UnservedError, match="cannot be recognised"):
            known.check(spec(tag, ""))


def test_voices_are_found_by_any_name_of_their_language() -> None:
    made = tuple(rpc.VoiceInfo(id=tag, language=tag) for tag in ("cmn", "nb", "he", "en-gb"))
    known = Voices(rpc.CapabilitiesReply(voices=made))
    known.check(spec("", "zh zh-Hans no iw nn en-US"))
    with pytest.raises(UnservedError, match="no voice for 'tlh'; there are: en, he, no, zh"):
        known.check(spec("", "tlh"))
    with pytest.raises(PeerError) as refused:
        known.check(Spec(dialect="test", tracks=(), voices=(VoiceChoice(voice="nobody"),)))
    assert refused.value.code is FaultCode.UNSUPPORTED_VOICE
    for name in ("", "male", "cmn", "en-US-GuyNeural", "tlh-QO-NobodyNeural"):
        known.check(Spec(dialect="test", tracks=(), voices=(VoiceChoice(voice=name),)))


def test_of_two_hundred_languages_a_session_looks_at_its_own_pairs_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tags = [first + second for first in "abcdefghijklmn" for second in "abcdefghijklmn"]
    known = Pairs(rpc.CapabilitiesReply(pairs=tuple(pair(s, t) for s in tags for t in tags if s != t)))
    looked: list[str] = []

    def distance(wanted: str, tag: str) -> int:
        looked.append(tag)
        return 0

    monkeypatch.setattr(served, "distance", distance)
    known.check(spec("nn", " ".join(tags[:10])))
    assert len(looked) == 20
