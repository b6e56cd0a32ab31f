"""What makes a translator a hosted one, and what a job is without more."""

from dragoman_translation.engines.base import HostedTranslator, Job, Pair
from dragoman_translation.engines.deepl import DeepL
from dragoman_translation.engines.whisper import WhisperEnglish


def test_a_hosted_translator_says_whether_it_is_reserved() -> None:
    hosted = DeepL.__new__(DeepL)
    hosted.only_named = False
    assert isinstance(hosted, HostedTranslator) and not isinstance(WhisperEnglish(), HostedTranslator)


def test_a_pair_that_nobody_measured_is_worth_nothing_yet() -> None:
    assert Pair("en", "es") == Pair("en", "es", quality=0.0, cost_ms=0.0)


def test_settings_of_a_job_are_its_own() -> None:
    assert Job("a", "en", "es").settings is not Job("a", "en", "es").settings
