"""Imports for every dialect: what is asked of whom, and what is told of an import as it goes on."""

from dataclasses import replace
from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.dialects import imports
from dragoman_edge.model.imports import CANCELLED, INTERRUPTED, ImportRecord, Pause, State, Upload, key
from dragoman_edge.model.requests import Find, Keep, Names
from tests.support.factories import spec

WHO = {"account_id": "a_1", "key_id": "k_1"}
RECORD = ImportRecord(session_id="s_1", created_at_ms=10, at_ms=10, duration_ms=1000)
TASK = rpc.Task(
    id="s_2", dialect="vas", kind="import", reference_id="", started_at_ms=5, ended_at_ms=9, delete_at_ms=99,
    heard_ms=800,
)  # fmt: skip


def run(exchange: Any, *answers: Any) -> tuple[list[Any], Any]:
    """What is asked, and what comes of these answers."""
    asked: list[Any] = []
    answer: Any = None
    following = iter(answers)
    while True:
        try:
            asked.append(exchange.send(answer))
        except StopIteration as done:
            return asked, done.value
        answer = next(following, None)


def test_an_import_is_not_shown_as_it_grows_and_is_kept() -> None:
    made = imports.imported(spec(interim=True, speech=True, stability=ev.Stability.LIVE), 5000)
    assert (made.interim, made.speech, made.stability) == (False, False, ev.Stability.FINAL)
    assert made.imported_ms == 5000 and made.keep == ev.Keep(text=True, kind="import")


def test_workers_and_tier_are_asked_before_an_import_begins() -> None:
    upload: Any = Upload(None, 1)  # type: ignore[arg-type]
    asked, record = run(imports.begin("a_1", "key", "::1", spec(), upload), (), rpc.QuoteReply(), RECORD)
    assert [type(one).__name__ for one in asked] == ["CheckSpec", "QuoteRequest", "StartImport"]
    assert record is RECORD and asked[2].upload is upload


def test_an_import_is_found_by_its_record_or_else_by_its_task() -> None:
    asked, found = run(imports.find(WHO, "s_1", 20), RECORD.model_dump_json())
    assert asked == [Find("a_1.import.s_1")] and found == RECORD
    _, found = run(imports.find(WHO, "s_2", 20), None, rpc.GetTaskReply(task=TASK))
    assert (found.state, found.duration_ms) == (State.COMPLETED, 800)


@pytest.mark.parametrize("task", [None, rpc.Task(
    id="s_2", dialect="vas", kind="transcribe", reference_id="", started_at_ms=5, ended_at_ms=9,
    delete_at_ms=99)], ids=["nothing", "a live session"])  # fmt: skip
def test_what_is_no_import_of_the_account_is_unknown(task: rpc.Task | None) -> None:
    with pytest.raises(PeerError) as caught:
        run(imports.find(WHO, "s_2", 20), None, rpc.GetTaskReply(task=task))
    assert caught.value.code == FaultCode.UNKNOWN_SESSION
    with pytest.raises(PeerError):
        run(imports.find(WHO, "", 20))


def test_a_page_has_those_that_have_no_task_yet_first() -> None:
    page = rpc.ListTasksReply(tasks=(TASK,), next="on")
    asked, (found, following) = run(imports.page(WHO, 5, "", 20), page, ["s_1"], RECORD.model_dump_json())
    assert asked[0] == rpc.ListTasksRequest(**WHO, limit=5, kind="import")  # type: ignore[arg-type]
    assert asked[1:] == [Names("a_1.import"), Find("a_1.import.s_1")]
    assert [one.session_id for one in found] == ["s_1", "s_2"] and following == "on"
    asked, (found, _) = run(imports.page(WHO, 5, "on", 20), page)
    assert [one.session_id for one in found] == ["s_2"] and len(asked) == 1


def test_a_follower_hears_of_changes_and_that_the_stream_lives_to_the_end() -> None:
    following = imports.follow(WHO, RECORD, 20)
    told: list[Any] = []
    states = [RECORD] * 16 + [RECORD.model_copy(update={"done_ms": 500, "state": State.RUNNING})]
    states += [RECORD.model_copy(update={"done_ms": 1000, "state": State.COMPLETED, "at_ms": 99})]
    answers = iter(states)
    answer: Any = None
    with pytest.raises(StopIteration):
        while True:
            step: Any = following.send(answer)
            seen = next(answers).model_copy(update={"at_ms": 10**6}) if isinstance(step, Find) else None
            answer = seen and seen.model_dump_json()
            if not isinstance(step, Find | Pause):
                told.append(step if step is None else (step.state, imports.percent(step)))
    assert told == [None, (State.RUNNING, 50), (State.COMPLETED, 100)]


def test_progress_is_whole_only_when_it_is_over() -> None:
    assert imports.percent(RECORD.model_copy(update={"done_ms": 1000})) == 99
    assert imports.percent(RECORD.model_copy(update={"duration_ms": 0})) == 0


def test_a_task_that_failed_says_why() -> None:
    failed = imports.of_task(rpc.Task(
        id="s_2", dialect="vas", kind="import", reference_id="", started_at_ms=5, ended_at_ms=9,
        delete_at_ms=99, failed=True, reason="insufficient_credits",
    ))  # fmt: skip
    assert (failed.state, failed.code) == (State.FAILED, "insufficient_credits")


LATE = RECORD.at_ms + 20_000


@pytest.mark.parametrize(
    ("task", "state"),
    [
        (TASK, State.COMPLETED),
        (replace(TASK, failed=True), State.FAILED),
        (replace(TASK, ended_at_ms=0), State.WAITING),
        (PeerError(FaultCode.UNKNOWN_SESSION, "no such task"), State.WAITING),
    ],
    ids=["completed", "lost", "running", "not begun"],
)
def test_of_an_edge_that_is_late_the_task_knows_first_what_became_of_it(task: Any, state: State) -> None:
    exchange = imports.find(WHO, "s_1", LATE)
    next(exchange)
    assert exchange.send(RECORD.model_dump_json()) == rpc.GetTaskRequest(**WHO, task_id="s_1")
    with pytest.raises(StopIteration) as done:
        if isinstance(task, PeerError):
            exchange.throw(task)
        exchange.send(rpc.GetTaskReply(task=task))
    assert done.value.value.state is state
    assert done.value.value.code == (INTERRUPTED if state is State.FAILED else "")


def test_one_that_runs_is_cancelled_and_one_that_is_over_is_as_it_was() -> None:
    asked, record = run(imports.cancel(WHO, "s_1", 50), RECORD.model_dump_json())
    assert (record.state, record.code, record.at_ms) == (State.FAILED, CANCELLED, 50)
    assert asked[1] == Keep(key("a_1", "s_1"), record.model_dump_json())
    done = RECORD.model_copy(update={"state": State.COMPLETED})
    asked, record = run(imports.cancel(WHO, "s_1", 50), done.model_dump_json())
    assert (len(asked), record) == (1, done)
