"""Checkpoints are written by one edge at a time, read back newest first."""

from typing import Any

import pytest
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.errors import APIError

from dragoman_contract import subjects
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.resume import checkpoint as records
from dragoman_edge.resume.checkpoint import Fenced, SessionCheckpoint, read, store
from tests.edge.resume.test_checkpoint import record
from tests.support.fake_bus import FakeMesh


def by(writer: str, finals: int = 1) -> SessionCheckpoint:
    return record(finals).model_copy(update={"writer": writer})


def failing(mesh: FakeMesh, monkeypatch: pytest.MonkeyPatch, errors: list[Exception]) -> list[Any]:
    """Let writing fail with these first; what was asked for then."""
    asked: list[Any] = []
    publish = mesh.js.publish

    async def broken(subject: str, payload: bytes, **options: Any) -> Any:
        asked.append(options["headers"])
        if errors:
            raise errors.pop(0)
        return await publish(subject, payload, **options)

    monkeypatch.setattr(mesh.js, "publish", broken)
    return asked


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(seconds: float) -> None:
        return None

    monkeypatch.setattr("dragoman_edge.resume.checkpoint.asyncio.sleep", at_once)


async def test_records_follow_each_other_and_are_read_newest_first() -> None:
    mesh = FakeMesh()
    first = await store(mesh.bus, by("h_1", 1), 0)
    second = await store(mesh.bus, by("h_1", 2), first)
    found = await read(mesh.bus, "s_1")
    assert [(r.sequence, r.got().finals) for r in found] == [(second, {"0": 2}), (first, {"0": 1})]
    assert await read(mesh.bus, "s_other") == []


async def test_a_record_that_follows_anothers_is_refused() -> None:
    mesh = FakeMesh()
    first = await store(mesh.bus, by("h_old"), 0)
    await store(mesh.bus, by("h_new"), first)
    with pytest.raises(Fenced):
        await store(mesh.bus, by("h_old"), first)


async def test_a_record_whose_answer_was_lost_is_followed() -> None:
    mesh = FakeMesh()
    first = await store(mesh.bus, by("h_1"), 0)
    await store(mesh.bus, by("h_1"), first)  # its answer never came
    assert await store(mesh.bus, by("h_1"), first) == first + 2


async def test_after_a_loss_of_the_stream_the_first_record_is_written_anew() -> None:
    mesh = FakeMesh()
    assert await store(mesh.bus, by("h_1"), 77) == 1


async def test_writing_is_tried_again_under_another_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    mesh = FakeMesh()
    asked = failing(mesh, monkeypatch, [NatsTimeoutError(), APIError(code=503, err_code=1)])
    assert await store(mesh.bus, by("h_1"), 0) == 1
    assert len(asked) == 3
    assert all(headers["Nats-Expected-Last-Subject-Sequence"] == "0" for headers in asked)


async def test_a_bus_that_does_not_take_it_is_unavailable_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    mesh = FakeMesh()
    times = iter([0.0, records.STORE_PATIENCE_S, records.STORE_PATIENCE_S + 0.1])
    monkeypatch.setattr("dragoman_edge.resume.checkpoint.time.monotonic", lambda: next(times))
    asked = failing(mesh, monkeypatch, [TimeoutError()] * 9)
    with pytest.raises(MeshError) as away:
        await store(mesh.bus, by("h_1"), 0)
    assert away.value.code is FaultCode.UNAVAILABLE and len(asked) == 2


async def test_an_owner_that_cannot_be_looked_up_is_not_fenced(monkeypatch: pytest.MonkeyPatch) -> None:
    mesh = FakeMesh()
    failing(mesh, monkeypatch, [APIError(code=400, err_code=records.WRONG_LAST_SEQUENCE)])

    async def away(stream: str, subject: str) -> Any:
        raise NatsTimeoutError

    monkeypatch.setattr(mesh.js, "get_last_msg", away)
    with pytest.raises(MeshError) as unknown:
        await store(mesh.bus, by("h_1"), 0)
    assert unknown.value.code is FaultCode.UNAVAILABLE


OLD = by("h").model_dump_json().replace('"version":2', '"version":1').encode()


@pytest.mark.parametrize("data", [b"", b"{}", b"no json", OLD])
async def test_what_is_no_record_of_this_version_is_passed_over(data: bytes) -> None:
    mesh = FakeMesh()
    await mesh.js.publish(subjects.session_record("s_1"), data, 1, {})
    assert await read(mesh.bus, "s_1") == []


def test_a_session_that_has_ended_cannot_be_resumed() -> None:
    with pytest.raises(PeerError):
        records.check([record().model_copy(update={"ended": True})], None, "acc_1", 30)


def test_a_credential_for_the_session_itself_needs_no_token() -> None:
    records.check([record()], None, "acc_1", 30)
