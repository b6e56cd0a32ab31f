"""`dragoman bench`: its examples, and what it refuses before anything is sent."""

import shlex
from typing import Any

import click
import pytest
import typer

from dragoman_cli import bench
from dragoman_cli.load.speaker import Wishes
from dragoman_cli.load.speakers import DIALECTS, SPEAKERS
from dragoman_cli.main import app
from tests.cli.conftest import Run
from tests.cli.load.speaking import URL


def test_help_has_an_example_of_every_dialect_and_each_can_be_run() -> None:
    assert tuple(bench.EXAMPLES) == DIALECTS
    group: Any = typer.main.get_command(app)
    command: click.Command = group.commands["bench"]
    for name, (options, _) in bench.EXAMPLES.items():
        given = command.make_context("bench", shlex.split(options)).params
        assert given["dialect"] == name
        SPEAKERS[name](URL, "k", Wishes(targets=tuple(given["target"] or ["es-ES"])))
        assert options in (command.epilog or "")


@pytest.mark.integration
def test_an_unknown_dialect_is_told_what_there_is(dragoman: Run) -> None:
    told = dragoman("bench", "--dialect", "relay", "--url", "http://127.0.0.1:1", "--key", "k")
    assert told.returncode == 2
    words = told.stderr.replace("│", " ").split()
    assert f"unknown dialect 'relay'; known: {', '.join(DIALECTS)}" in " ".join(words)


@pytest.mark.integration
def test_languages_that_a_dialect_cannot_have_are_refused_before_anything_is_sent(dragoman: Run) -> None:
    options = ("--dialect", "krisp", "--to", "es", "--to", "fr", "--url", "http://127.0.0.1:1", "--key", "k")
    told = dragoman("bench", *options)
    assert told.returncode == 2
    assert "one language, not 2" in told.stderr
