"""Sizes: enough for all speakers with a pod gone, more for more, and whole numbers in the values."""

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from dragoman_cli.main import app
from dragoman_cli.size import BUSY, Figures, NotMeasuredError, measured, sizes, values


@pytest.mark.parametrize("speakers", [1, 8, 50, 400, 5000])
@pytest.mark.parametrize("languages", [1, 3, 20])
def test_everybody_is_carried_with_a_pod_gone(speakers: int, languages: int) -> None:
    figures = Figures()
    made = sizes(speakers, languages, figures)
    stt, edge, translation = made["stt"], made["edge"], made["translation"]
    assert (stt.replicas - 1) * stt.capacity >= speakers and stt.capacity * figures.stt <= stt.cores
    assert edge.replicas * edge.capacity * BUSY >= speakers
    assert translation.replicas * BUSY >= speakers * languages * figures.translation
    assert all(size.replicas >= 2 for size in made.values())


def test_a_slower_machine_needs_more() -> None:
    slow, usual = sizes(400, 3, Figures(stt=1.5)), sizes(400, 3, Figures())
    assert slow["stt"].replicas > usual["stt"].replicas
    assert sizes(4, 1, Figures(stt=9))["stt"].capacity == 1


def test_the_values_say_what_the_sizes_are() -> None:
    text = values(400, 3, Figures())
    page = yaml.safe_load(text)
    assert page["services"]["stt"]["replicas"] == 38 and page["services"]["stt"]["settings"]["CAPACITY"] == 12
    assert page["services"]["translation"]["replicas"] == 20 and page["nats"]["replicas"] == 3
    assert "400 people" in text


def write(folder: Path, file: str, figures: dict[str, dict[str, float | None]]) -> None:
    page = [{"name": name, **figure} for name, figure in figures.items()]
    (folder / f"{file}.json").write_text(json.dumps(page))


def test_figures_of_a_benchmark_are_taken_the_dearest_of_them(tmp_path: Path) -> None:
    write(
        tmp_path, "recognition", {"6 clients: CPU of a client": {"value": 0.144, "low": 0.1, "high": 0.148}}
    )
    write(tmp_path, "people", {"people, as recorded: CPU of a client": {"value": 0.31}})
    write(
        tmp_path,
        "growth",
        {"10 sessions: edge": {"value": 0.68}, "1 target language: edge": {"value": None}},
    )
    write(tmp_path, "translation", {"20 sessions, en → pt: CPU of translation": {"value": 6.0}})
    assert measured(tmp_path) == Figures(stt=0.31, edge=0.0068, translation=0.003)


@pytest.mark.parametrize("content", ["", "[]", '{"name": 1}', "[1]", '[{"name": "10 sessions: edge"}]'])
def test_a_folder_without_figures_is_told(tmp_path: Path, content: str) -> None:
    with pytest.raises(NotMeasuredError, match="no figures"):
        measured(tmp_path)
    (tmp_path / "growth.json").write_text(content)
    with pytest.raises(NotMeasuredError):
        measured(tmp_path)


def test_the_command_takes_a_folder_and_single_figures_before_it(tmp_path: Path) -> None:
    write(tmp_path, "recognition", {"6 clients: CPU of a client": {"value": 0.25}})
    command = ["size", "--speakers", "8", "--bench", str(tmp_path)]
    assert "8 x 0.25 core" in CliRunner().invoke(app, command).output
    assert "8 x 0.5 core" in CliRunner().invoke(app, [*command, "--stt", "0.5"]).output
    assert (
        CliRunner().invoke(app, ["size", "--speakers", "8", "--bench", str(tmp_path / "no")]).exit_code == 2
    )
