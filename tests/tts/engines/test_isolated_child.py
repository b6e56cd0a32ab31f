"""The process that speaks: its answers, whatever its engine does."""

import sys

import pytest

from dragoman_tts.engines import isolated_child
from dragoman_tts.engines.base import Synthesiser
from tests.tts.engines.deadly import Deadly


def test_a_question_without_text_is_for_the_voices() -> None:
    answer, samples = isolated_child.answered(Deadly(), {})
    assert [voice["language"] for voice in answer["voices"]] == ["en", "es"] and samples == b""


def test_an_unknown_voice_is_a_failure_without_words() -> None:
    question = {"text": "secret", "voice": "x", "language": "en", "speed": 1.0}
    answer, _ = isolated_child.answered(Deadly(), question)
    assert answer == {"failed": "StopIteration"}


def test_the_engine_is_made_of_its_name_and_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    bound: list[bool] = []
    served: list[tuple[Synthesiser, int]] = []
    monkeypatch.setattr(isolated_child, "end_with_parent", lambda: bound.append(True))
    monkeypatch.setattr(isolated_child, "serve", lambda engine, number: served.append((engine, number)))
    monkeypatch.setattr(sys, "argv", ["child", "tests.tts.engines.deadly:Deadly", "/some/folder", "7"])
    isolated_child.main()
    ((engine, number),) = served
    assert bound and isinstance(engine, Deadly) and engine._folder == "/some/folder" and number == 7
