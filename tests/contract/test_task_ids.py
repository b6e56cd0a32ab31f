"""Ids of tasks: UUIDs that lead back to their sessions."""

import uuid

import pytest

from dragoman_contract.ids import new_id
from dragoman_contract.task_ids import session_id, task_id


def test_a_sessions_task_is_a_uuid_that_leads_back() -> None:
    for session in (new_id("s_"), "s_" + "a" * 24, "s_" + "7" * 24):
        made = uuid.UUID(task_id(session))
        assert (made.version, made.variant) == (4, uuid.RFC_4122)
        assert session_id(str(made)) == session == session_id(str(made).upper())


def test_an_id_that_begins_with_its_time_has_a_uuid_that_does_too() -> None:
    for session in ("sess_" + "0" * 30, "sess_" + "f" * 30, "sess_019d29b4a040" + "0123456789abcdef01"):
        made = uuid.UUID(task_id(session))
        assert (made.version, made.variant, made.hex[:12]) == (7, uuid.RFC_4122, session[5:17])
        assert session_id(str(made)) == session == session_id(str(made).upper())


def test_sessions_of_other_ids_have_tasks_that_lead_nowhere() -> None:
    for session in ("s_1", "s_" + "A" * 24, "s_" + "1" * 24, "x_" + "a" * 24, "sess_" + "A" * 30, "sess_1"):
        assert uuid.UUID(task_id(session)).version == 5 and session_id(task_id(session)) == ""
    assert task_id("s_1") == task_id("s_1") != task_id("s_2")


@pytest.mark.parametrize("task", ["", "s_1", "../tasks", str(uuid.uuid5(uuid.NAMESPACE_DNS, "x")), "f" * 32])
def test_what_is_no_id_of_ours_leads_nowhere(task: str) -> None:
    assert session_id(task) == ""
