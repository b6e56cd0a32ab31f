"""Sizes: enough for all speakers with a pod gone, more for more, and whole numbers in the values."""

import pytest
import yaml

from dragoman_cli.size import BUSY, Figures, sizes, values


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
