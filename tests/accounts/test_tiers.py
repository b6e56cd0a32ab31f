"""Tier files: what they allow, and how a mistake in one is told."""

from dataclasses import replace
from pathlib import Path

import pytest

from dragoman_accounts import tiers
from dragoman_accounts.money import Load
from dragoman_accounts.tiers import Tier, TierError, check, load, load_of, parse
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.events import Keep, Spec, TrackSpec, VoiceChoice
from tests.accounts.support import SPEC

GOOD = """
tiers:
  pro:
    max_sessions: 5
    prices:
      recognition: 4000
"""


def test_the_tiers_of_the_package_are_usable() -> None:
    assert {"development", "starter", "business"} <= set(load())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("recognition", "recogniton", "tiers:6: tiers.pro.prices.recogniton: Extra inputs are not permitted"),
        ("5", "five", "tiers:4: tiers.pro.max_sessions: Input should be a valid integer"),
        ("5", "0", "tiers:4: tiers.pro.max_sessions: Input should be greater than or equal to 1"),
        ("5", "2.5", "tiers:4: tiers.pro.max_sessions: Input should be a valid integer"),
        ("4000", "-1", "tiers:6: tiers.pro.prices.recognition: Input should be greater than or equal to 0"),
        ("4000", "100000001", "tiers:6: tiers.pro.prices.recognition: Input should be less than or equal"),
        ("4000", "1e3", "tiers:6: tiers.pro.prices.recognition: Input should be a valid integer"),
        ("pro:", "Pro Tier:", "tiers:3: tiers.Pro Tier: String should match pattern"),
        ("tiers:", "tires:", "tiers:2: tires: Extra inputs are not permitted"),
        ("5", "[5", "no YAML"),
        ("max_sessions: 5", "max_sessions: 5\n    max_sessions: 6", "tiers:5: max_sessions stands twice"),
    ],
)
def test_a_mistake_is_refused_with_its_place(old: str, new: str, message: str) -> None:
    with pytest.raises(TierError) as caught:
        parse(GOOD.replace(old, new, 1))
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["", "tiers:", "tiers: {}", "[]", "tiers: []"])
def test_a_file_without_tiers_is_refused(text: str) -> None:
    with pytest.raises(TierError):
        parse(text)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TierError, match="cannot be read"):
        load(str(tmp_path / "none.yaml"))


def test_a_tier_that_enriches_with_an_engine_it_forbids_is_refused() -> None:
    with pytest.raises(TierError, match="names the engine 'big'"):
        parse("tiers: {t: {engines: [small], enrichment: {stt: {engine: big}}}}")


@pytest.mark.parametrize(
    ("rule", "change", "code"),
    [
        ("languages: [en, es-ES]", {}, None),
        ("languages: [en-US, es]", {}, None),
        ("languages: [en, fr]", {}, FaultCode.UNSUPPORTED_LANGUAGE),
        ("languages: [e, es]", {}, FaultCode.UNSUPPORTED_LANGUAGE),
        ("languages: [en-GB, es]", {}, FaultCode.UNSUPPORTED_LANGUAGE),
        ("languages: [en, es]", {"tracks": (TrackSpec(),)}, FaultCode.UNSUPPORTED_LANGUAGE),
        ("languages: ['*']", {"tracks": (TrackSpec(),)}, None),
        ("voices: [male]", {"voices": (VoiceChoice(voice="female"),)}, FaultCode.UNSUPPORTED_VOICE),
        ("voices: [male]", {"voices": (VoiceChoice(voice="male"), VoiceChoice())}, None),
        ("voices: [male]", {"voices": (VoiceChoice(voice="en-US-GuyNeural"),)}, None),
        ("voices: [male]", {"voices": (VoiceChoice(voice="en-US-NobodyNeural"),)}, None),
        (
            "voices: [male]",
            {"voices": (VoiceChoice(voice="en-US-JennyNeural"),)},
            FaultCode.UNSUPPORTED_VOICE,
        ),
        ("voices: [male]", {"voices": (VoiceChoice(voice="espeak-es"),)}, FaultCode.UNSUPPORTED_VOICE),
        ("features: []", {"features": ("bvc",)}, FaultCode.UNSUPPORTED_FEATURE),
        ("dialects: [pinch]", {}, FaultCode.FORBIDDEN),
        ("max_tracks: 1", {"tracks": SPEC.tracks * 2}, FaultCode.UNSUPPORTED_FEATURE),
        ("max_targets: 0", {}, FaultCode.UNSUPPORTED_LANGUAGE),
        ("max_tracks: 1", {"tracks": ()}, FaultCode.BAD_REQUEST),
        ("max_keep_days: 30", {"keep": Keep(text=True, days=30)}, None),
        ("max_keep_days: 30", {"keep": Keep(text=True, days=31)}, FaultCode.UNSUPPORTED_FEATURE),
        ("max_tracks: 1", {"keep": Keep(text=True)}, FaultCode.UNSUPPORTED_FEATURE),
        ("max_tracks: 1", {"keep": Keep()}, None),
        ("max_keep_days: 30", {"keep": Keep(text=True, audio=True)}, None),
        ("max_keep_days: 30, keep_audio: false", {"keep": Keep(text=True)}, None),
        (
            "max_keep_days: 30, keep_audio: false",
            {"keep": Keep(text=True, audio=True)},
            FaultCode.UNSUPPORTED_FEATURE,
        ),
        ("keep_audio: false", {"keep": Keep(text=True, audio=True, where_allowed=True)}, None),
        ("max_tracks: 1", {"keep": Keep(text=True, where_allowed=True)}, None),
    ],
)
def test_a_session_gets_only_what_its_tier_allows(
    rule: str, change: dict[str, object], code: FaultCode | None
) -> None:
    tier, spec = parse(f"tiers: {{t: {{{rule}}}}}")["t"], replace(SPEC, **change)  # type: ignore[arg-type]
    if code is None:
        check(tier, spec)
        return
    with pytest.raises(PeerError) as caught:
        check(tier, spec)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("keep", "days"),
    [
        (None, 0),
        (Keep(), 0),
        (Keep(text=True), 30),
        (Keep(text=True, days=7), 7),
        (Keep(text=True, days=31, where_allowed=True), 30),
    ],
)
def test_a_session_is_kept_as_long_as_it_asks_or_the_tier_allows(keep: Keep | None, days: int) -> None:
    tier = parse("tiers: {t: {max_keep_days: 30}}")["t"]
    assert tiers.keep_days(tier, replace(SPEC, keep=keep)) == days


@pytest.mark.parametrize(("rule", "keep", "kept"), [
    ("max_keep_days: 30", None, False),
    ("max_keep_days: 30", Keep(text=True), False),
    ("max_keep_days: 30", Keep(text=True, audio=True), True),
    ("max_keep_days: 30", Keep(audio=True), False),
    ("max_keep_days: 0", Keep(text=True, audio=True, where_allowed=True), False),
    ("max_keep_days: 30, keep_audio: false", Keep(text=True, audio=True, where_allowed=True), False),
])  # fmt: skip
def test_audio_is_kept_with_the_texts_where_the_tier_allows_it(
    rule: str, keep: Keep | None, kept: bool
) -> None:
    tier = parse(f"tiers: {{t: {{{rule}}}}}")["t"]
    assert tiers.keep_audio(tier, replace(SPEC, keep=keep)) is kept


def test_another_engine_does_not_inherit_the_settings_of_the_tiers_own() -> None:
    tier = Tier.model_validate({"enrichment": {"stt": {"engine": "a", "settings": {"k": "1"}}}})
    own = tiers.EnrichmentTable(stt=tiers.Engine(engine="b", settings={"m": "2"}))
    assert tiers.enrich(tier, own).stt.settings == {"m": "2"}


@pytest.mark.parametrize(
    ("translate", "speech", "load_expected"),
    [
        (True, True, Load(tracks=1, targets=1, spoken=1)),
        (True, False, Load(tracks=1, targets=1, spoken=0)),
        (False, True, Load(tracks=1, targets=1, spoken=1)),  # what is spoken is translated first
        (False, False, Load(tracks=1, targets=0, spoken=0)),
    ],
)
def test_what_is_not_wanted_is_not_held_for(translate: bool, speech: bool, load_expected: Load) -> None:
    assert load_of(replace(SPEC, translate=translate, speech=speech)) == load_expected


def test_a_session_of_no_track_is_no_session() -> None:
    with pytest.raises(PeerError, match="at least one track"):
        check(Tier(), Spec(dialect="krisp", tracks=()))
