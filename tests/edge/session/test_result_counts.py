"""What a session's results count as: each once, by stage, and failures by reason."""

from dataclasses import replace

import pytest
from prometheus_client import REGISTRY

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode
from dragoman_edge.session.result_counts import ResultCounts
from tests.support.mesh_events import chunk, failure, final, interim, rough, translation

DIALECT = "counted"


def released(stage: str) -> float:
    return REGISTRY.get_sample_value("dragoman_edge_results_total", {"dialect": DIALECT, "stage": stage}) or 0


def failed(stage: str, code: str) -> float:
    labels = {"dialect": DIALECT, "stage": stage, "code": code}
    return REGISTRY.get_sample_value("dragoman_edge_failures_total", labels) or 0


@pytest.mark.parametrize(
    ("event", "stage"),
    [(final(1), "stt"), (translation(1), "translation"), (chunk(1, 5, 9, 9), "tts")],
)
def test_a_complete_result_counts_once(event: ev.Event, stage: str) -> None:
    before = released(stage)
    ResultCounts(DIALECT).observe(event)
    assert released(stage) - before == 1


@pytest.mark.parametrize("event", [interim(1, 1), rough(1, 1), chunk(1, 0, 5, 9)])
def test_a_part_of_a_result_is_none(event: ev.Event) -> None:
    before = [released(stage) for stage in ev.Stage]
    ResultCounts(DIALECT).observe(event)
    assert [released(stage) for stage in ev.Stage] == before


@pytest.mark.parametrize("stage", ev.Stage)
def test_a_failure_counts_by_stage_and_reason(stage: ev.Stage) -> None:
    before = failed(stage, "timeout")
    ResultCounts(DIALECT).observe(replace(failure(1, stage, "es"), code=FaultCode.TIMEOUT))
    assert failed(stage, "timeout") - before == 1


def test_a_code_that_a_worker_made_up_makes_no_series_of_its_own() -> None:
    before = failed("tts", "internal")
    ResultCounts(DIALECT).observe(replace(failure(1, ev.Stage.TTS, "es"), code="x" * 99))
    assert failed("tts", "internal") - before == 1


def test_nothing_left_undone_makes_no_series() -> None:
    ResultCounts("silent").failed(ev.Stage.STT, FaultCode.BUSY, 0)
    labels = {"dialect": "silent", "stage": "stt", "code": "busy"}
    assert REGISTRY.get_sample_value("dragoman_edge_failures_total", labels) is None
