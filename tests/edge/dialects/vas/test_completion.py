"""The end of a session: `task_complete` once, then the summary; storage that fails is a warning."""

import json
from dataclasses import replace
from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_edge.dialects.vas.completion import Completion, KeepingEvent
from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.model.events import Kept, KeptLater, NotKept, NotSummarised, Summarised

SUMMARY = rpc.Summary(
    id="sum_1", state="done", mode="builtin", template="meeting", engine="openai", fallback_level=1,
    input_tokens=12, output_tokens=5,
)  # fmt: skip
CLOSING = ev.Usage(session_id="s_1", sequence=9, closing=True)


def told(*events: KeepingEvent, stopped: bool = True, wants_summary: bool = False) -> list[Any]:
    completion = Completion()
    completion.stopped = stopped
    frames = [f for e in events for f in completion.render(e, "s_1", wants_summary=wants_summary)]
    return [json.loads(frame)["data"] for frame in frames]


@pytest.mark.parametrize("events", [(CLOSING,), (Kept(), CLOSING)])
def test_a_task_is_complete_once(events: tuple[KeepingEvent, ...]) -> None:
    assert [data["action"] for data in told(*events)] == ["task_complete"]
    assert told(*events, stopped=False) == []


def test_a_summary_comes_behind_the_complete_task() -> None:
    complete, done = told(Kept(), Summarised(SUMMARY), CLOSING, wants_summary=True)
    assert complete["action"] == "task_complete"
    assert done == {
        "action": "summary_done", "task_id": complete["task_id"], "summary_id": "sum_1",
        "summary_mode": "builtin", "summary_template": "meeting", "summary_plain_text": False,
        "tokens_used": {"input": 12, "output": 5},
    }  # fmt: skip


@pytest.mark.parametrize(("level", "fields"), [
    (2, {"summary_fallback_level": 2}),
    (3, {"summary_fallback_level": 3, "summary_dropped_segments": [0, 4]}),
])  # fmt: skip
def test_a_fallback_is_told(level: int, fields: dict[str, object]) -> None:
    (done,) = told(Summarised(replace(SUMMARY, fallback_level=level, dropped=(0, 4))))
    assert {name: done[name] for name in done if "fallback" in name or "dropped" in name} == fields


def test_a_summary_that_there_is_not_is_told_with_its_reason() -> None:
    (error,) = told(NotSummarised("llm_content_filtered"))
    assert (error["action"], error["error_code"]) == ("summary_error", "llm_content_filtered")


def test_who_wants_a_summary_of_a_session_that_is_not_kept_is_told() -> None:
    complete, error = told(CLOSING, wants_summary=True)
    assert complete["action"] == "task_complete" and error["error_code"] == "summary_failed"


@pytest.mark.parametrize(
    ("event", "code"), [(NotKept(3), "storage_queue_full"), (KeptLater(), "storage_connection_failed")]
)
def test_storage_that_fails_is_a_warning_and_ends_nothing(event: KeepingEvent, code: str) -> None:
    with pytest.raises(Problem) as caught:
        told(event)
    problem = caught.value
    assert (problem.code, problem.severity, problem.context) == (code, "warning", "storage")
