"""Which tokens Whisper may say."""

from types import SimpleNamespace

from dragoman_stt.engines.whisper.model import suppressed


def test_languages_tasks_and_noises_are_never_said() -> None:
    tokenizer = SimpleNamespace(non_speech_tokens=(1, 7), eot=50257, timestamp_begin=50364)
    banned = set(suppressed(tokenizer))
    assert {1, 7, 50258, 50333, 50363} <= banned  # noises, the start, a language, no times
    assert not {2, 50257, 50364} & banned  # text, the end, a time
