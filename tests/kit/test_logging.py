"""Logs: one JSON object a line on stderr, with its trace; libraries that tell URLs are quiet."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from opentelemetry import trace

from dragoman_kit import logging as ours
from dragoman_kit import telemetry


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """The logging of the test run is as before."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_a_line_is_json_with_service_level_and_data(capsys: pytest.CaptureFixture[str]) -> None:
    ours.setup("tts", "info", "json")
    ours.get("a.module").warning("engine did not speak", engine="piper")
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["engine"], line["level"]) == ("engine did not speak", "piper", "warning")
    assert (line["service"], line["logger"]) == ("tts", "a.module") and line["timestamp"].endswith("Z")
    assert "trace_id" not in line


def test_lines_of_libraries_have_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    ours.setup("tts", "info", "json")
    logging.getLogger("some.library").info("hello")
    assert json.loads(capsys.readouterr().err)["event"] == "hello"


@pytest.mark.parametrize("name", ["uvicorn.access", "websockets", "nats", "httpx"])
def test_libraries_that_tell_urls_say_no_more_than_warnings(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ours.setup("edge", "debug", "json")
    logging.getLogger(name).info("GET /v1/stream?token=secret")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", ["piper.voice", "piper.phonemize_thai", "piper.phonemize_japanese"])
@pytest.mark.parametrize("level", [logging.DEBUG, logging.WARNING, logging.ERROR, logging.CRITICAL])
def test_a_speech_engine_that_tells_texts_says_nothing(
    name: str, level: int, capsys: pytest.CaptureFixture[str]
) -> None:
    ours.setup("tts", "debug", "json")
    logging.getLogger(name).log(level, "Failed to phonemize sentence: %s", "a text")
    assert capsys.readouterr().err == ""


def test_below_its_level_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    ours.setup("tts", "error", "console")
    ours.get("m").warning("no")
    ours.get("m").error("yes")
    said = capsys.readouterr().err
    assert "yes" in said and "no" not in said.replace("now", "")


def test_a_line_names_the_trace_it_was_written_in(capsys: pytest.CaptureFixture[str]) -> None:
    ours.setup("tts", "info", "json")
    place = telemetry.utterance("s_1", 0, 1)
    with trace.use_span(trace.get_current_span(place)):
        ours.get("m").info("hello")
    wanted = trace.get_current_span(place).get_span_context().trace_id
    assert json.loads(capsys.readouterr().err)["trace_id"] == f"{wanted:032x}"
