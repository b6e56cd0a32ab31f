"""What people see: other people's texts are never markup, lateness only where it means something."""

import io

import pytest
from rich.console import Console

from dragoman_cli.results import Results, ServerEvent, Utterance
from dragoman_cli.show import Display, summary


def shown(*events: ServerEvent, timed: bool = True, interims: bool = True) -> str:
    out = io.StringIO()
    display = Display(Console(file=out, width=100), 2.0, interims, timed)
    display.sent(0.5)
    display.sent(0.5)
    assert display.sent_s == 1.0
    for event in events:
        display.show(event)
    return out.getvalue()


SPOKEN = Utterance("u", speech_ended=10.0, transcript_at=10.5, translation_at=11.0, audio_at=11.25)


def test_results_are_shown_with_how_late_they_were() -> None:
    said = shown(
        ServerEvent("final", SPOKEN, "[b]hello"),
        ServerEvent("translation", SPOKEN, "hola"),
        ServerEvent("audio", SPOKEN, audio=b"ab"),
        ServerEvent("audio", None, audio=b"ab"),
    )
    assert "[b]hello" in said and "+0.50 s" in said and "+1.00 s" in said and said.count("♪") == 1
    assert "+1.25 s" in said


def test_speech_that_is_not_sent_as_it_is_spoken_has_no_lateness() -> None:
    assert "+" not in shown(ServerEvent("final", SPOKEN, "hello"), timed=False)


@pytest.mark.parametrize(("interims", "count"), [(True, 2), (False, 0)])
def test_interims_are_shown_when_they_are_wanted(interims: bool, count: int) -> None:
    said = shown(
        ServerEvent("interim", SPOKEN, "hel"), ServerEvent("tentative", SPOKEN, "ho"), interims=interims
    )
    assert len([line for line in said.splitlines() if "…" in line or "→" in line]) == count


def test_an_error_is_shown_as_text() -> None:
    assert "[red]no" in shown(ServerEvent("error", None, "[red]no"))


def test_the_summary_counts_and_says_what_it_cost() -> None:
    out = io.StringIO()
    results = Results(utterances={"u": SPOKEN}, audio=bytearray(32_000))
    SPOKEN.transcript = "hello"
    summary(Console(file=out, width=100), results, 2.0, 0.5)
    said = out.getvalue()
    assert "1 utterance, 2.0 s heard, 1.0 s spoken" in said and "credits used: 0.5000" in said
    assert "final transcript" in said and "0.50 s" in said
    out.truncate(0)
    summary(Console(file=out, width=100), Results(), 2.0, None, timed=False)
    assert "0 utterances" in out.getvalue() and "credits" not in out.getvalue().split("0 utterances")[1]
