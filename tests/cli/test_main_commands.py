"""What the command says to people: help with examples, errors in one line, exit statuses."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import typer

from dragoman_cli import doctor
from dragoman_cli.audio import write_wav
from dragoman_cli.main import app
from tests.cli.conftest import Run

pytestmark = pytest.mark.integration

NOBODY = ("--url", "http://127.0.0.1:9", "--key", "drg_x")


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every command with its help text as it is printed."""
    with click.Context(command, info_name=" ".join(("dragoman", *path))) as context:
        yield path, f"{command.help} {command.epilog}"
        for name in getattr(command, "commands", {}):
            yield from commands(command.commands[name], (*path, name))
        assert context


ALL = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", ALL, ids=lambda path: " ".join(path) or "dragoman")
def test_every_help_has_an_example_of_that_command(path: tuple[str, ...]) -> None:
    assert "Example" in ALL[path]
    assert " ".join(("dragoman", *path)) in ALL[path]


def test_help_is_printed(dragoman: Run) -> None:
    said = dragoman("up", "--help")
    assert said.returncode == 0
    assert "dragoman up --replicas stt=2,edge=2" in said.stdout


def one_line(said: "subprocess.CompletedProcess[str]", text: str) -> None:
    assert said.returncode == 1
    lines = said.stderr.strip().splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("dragoman: ")
    assert text in lines[0]


def test_translate_without_a_mesh(dragoman: Run) -> None:
    one_line(dragoman("translate", "speech.wav"), "start `dragoman up`")


def test_translate_of_a_missing_file(dragoman: Run) -> None:
    one_line(dragoman("translate", "nowhere [1].wav", *NOBODY), "nowhere [1].wav cannot be read")


def test_translate_of_what_is_no_sound(dragoman: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.wav").write_text("no sound")
    one_line(dragoman("translate", str(tmp_path / "notes.wav"), *NOBODY), "cannot be read as a sound file")


def test_translate_into_a_folder_that_is_not_there(dragoman: Run) -> None:
    one_line(dragoman("translate", "a.wav", "--out", "/nowhere/out.wav", *NOBODY), "cannot be written")


def test_translate_where_nothing_listens(dragoman: Run, tmp_path: Path) -> None:
    write_wav(tmp_path / "some.wav", bytes(3200))
    said = dragoman("translate", str(tmp_path / "some.wav"), *NOBODY)
    one_line(said, "http://127.0.0.1:9 cannot be reached")


def test_keys_without_a_mesh(dragoman: Run) -> None:
    one_line(dragoman("keys", "list"), "start `dragoman up`")


def test_keys_where_nothing_listens(dragoman: Run) -> None:
    said = dragoman("keys", "list", "--admin-url", "http://127.0.0.1:9", "--admin-token", "x")
    one_line(said, "accounts cannot be reached at http://127.0.0.1:9")


def test_pull_of_an_unknown_model(dragoman: Run, tmp_path: Path) -> None:
    one_line(dragoman("models", "pull", "gigantic", "--folder", str(tmp_path)), "gigantic")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("up", "--replicas", "stt"), "stt=2,edge=2"),
        (("up", "--replicas", "stt=many"), "stt=2,edge=2"),
        (("up", "--replicas", "stt=0"), "at least 1"),
        (("up", "--replicas", "brain=1"), "accounts, archive, stt, translation, tts, edge"),
        (("up", "--set", "HOME=/"), "DRAGOMAN_NAME=value"),
        (("up", "--port", "http"), "Invalid value for '--port'"),
        (("up", "--port", "70000"), "Invalid value for '--port'"),
        (("up", "--nats-port", "-7"), "Invalid value for '--nats-port'"),
        (("keys", "create", "--days", "-1"), "Invalid value for '--days'"),
        (("translate",), "Missing argument"),
    ],
)
def test_a_bad_option_is_told(dragoman: Run, words: tuple[str, ...], text: str) -> None:
    said = dragoman(*words)
    assert said.returncode == 2
    assert text in " ".join(said.stderr.replace("│", " ").split())


def test_a_setting_that_no_service_knows_stops_the_start(dragoman: Run, tmp_path: Path) -> None:
    data = str(tmp_path / "mesh")
    said = dragoman("up", "--port", "0", "--data", data, "--set", "DRAGOMAN_EDGE_MAX_SESSION=3")
    assert said.returncode == 1
    assert "DRAGOMAN_EDGE_MAX_SESSION is unknown; did you mean DRAGOMAN_EDGE_MAX_SESSIONS?" in said.stderr


def test_models_list_says_what_is_here(dragoman: Run, tmp_path: Path) -> None:
    said = dragoman("models", "list", "--folder", str(tmp_path))
    assert said.returncode == 0
    assert re.search(r"│ base +│ recogniser", said.stdout)
    assert "✓" not in said.stdout


def test_doctor_is_content_only_when_all_is_right(dragoman: Run) -> None:
    said = dragoman("doctor")
    assert said.returncode == (0 if all(finding.right for finding in doctor.examine()) else 1)
    assert "nats-server" in said.stdout


def test_doctor_names_the_command_for_what_is_missing(
    dragoman: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Here without dpkg and without Apertium on the path."""
    monkeypatch.setenv("PATH", str(tmp_path))
    said = dragoman("doctor")
    assert said.returncode == 1
    assert "sudo apt-get install -y" in said.stdout
