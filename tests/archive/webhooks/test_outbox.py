"""Webhooks are sent once their task is over, signed, tried again, and given up in the end."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from dragoman_archive.intake import store
from dragoman_archive.tables import TASKS, WEBHOOKS
from dragoman_archive.tasks import Tasks
from dragoman_archive.vault import Vault
from dragoman_archive.webhooks import outbox as module
from dragoman_archive.webhooks import signature
from dragoman_archive.webhooks.outbox import Outbox
from dragoman_archive.webhooks.target import RefusedError, Target
from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_contract.task_ids import task_id
from dragoman_kit.tasks import end
from tests.archive.support import ENDED, record, sentence
from tests.support.recording_bus import until

URL = "https://hooks.example.com/secret-path"


class Receiver:
    """A client's server: what it gets, and what it answers, one after the other; then 200."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.got: list[httpx.Request] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        answer = self.answers.pop(0) if self.answers else 200
        if isinstance(answer, Exception):
            raise answer
        if answer == "hang":
            await asyncio.Event().wait()
        if isinstance(answer, AsyncIterator):
            return httpx.Response(200, content=answer)
        return httpx.Response(answer, headers={"Location": "https://elsewhere.example.com"})


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
async def outbox(vault: Vault, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Outbox]:
    client = httpx.AsyncClient(transport=httpx.MockTransport(receiver))
    monkeypatch.setattr("dragoman_archive.webhooks.outbox.httpx.AsyncClient", lambda **_: client)

    async def resolve(url: str, *, private: bool) -> Target:
        assert url == URL and not private
        return Target("https://93.184.216.34:443/secret-path", "hooks.example.com", "hooks.example.com")

    monkeypatch.setattr("dragoman_archive.webhooks.outbox.resolve", resolve)
    made = Outbox(vault, private=False)
    yield made
    await made.close()


SESSION = "s_" + "a" * 24


async def over(
    vault: Vault, session: str = SESSION, account: str = "a_1", *, kind: str = "transcribe"
) -> None:
    begun = rpc.TaskBegun(dialect="vas", kind=kind, reference_id="r_1", callback_url=URL)
    await store(vault, record(session, account, begun=begun))
    await store(vault, record(session, account, sentence=sentence(1)))
    await store(vault, record(session, account, ended=ENDED))


async def row(vault: Vault, session: str = SESSION) -> Any:
    async with vault.database.reading() as connection:
        return (await connection.execute(select(WEBHOOKS).where(WEBHOOKS.c.task_id == session))).one()


async def due(vault: Vault) -> None:
    async with vault.database.writing() as connection:
        await connection.execute(update(WEBHOOKS).values(next_at_ms=0))


async def test_a_task_that_is_over_is_told_once_and_signed(
    vault: Vault, outbox: Outbox, receiver: Receiver
) -> None:
    await store(vault, record(SESSION, begun=rpc.TaskBegun(kind="transcribe", callback_url=URL)))
    assert not await outbox.one()  # it is not over
    await over(vault)
    assert await outbox.one() and not await outbox.one()
    (got,) = receiver.got
    assert str(got.url) == "https://93.184.216.34/secret-path" and got.headers["host"] == "hooks.example.com"
    assert got.extensions["sni_hostname"] == "hooks.example.com"
    body = json.loads(got.content)
    assert body["type"] == "task.completed" and "words" not in got.content.decode()
    assert (body["data"]["task_id"], body["data"]["session_id"]) == (task_id(SESSION), SESSION)
    assert (body["data"]["status"], body["data"]["sentences"]) == ("completed", 1)
    shared = await Tasks(vault).webhook_secret("a_1")
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    expected = signature.headers(shared, got.headers[names[0]], int(got.headers[names[1]]), got.content)
    assert {name: got.headers[name] for name in names} == expected


TOPICS = ("started", "ended", "transcript", "recording")


def told(receiver: Receiver) -> list[str]:
    """The types of the messages so far."""
    return [json.loads(got.content)["type"] for got in receiver.got]


async def recorded(vault: Vault, number: int) -> None:
    """So many pieces of a recording are stored."""
    async with vault.database.writing() as connection:
        await connection.execute(update(TASKS).values(audio_pieces=number, audio_ms=60 * number))


async def test_topics_are_told_one_by_one_as_they_come_about(
    vault: Vault, outbox: Outbox, receiver: Receiver
) -> None:
    begun = rpc.TaskBegun(callback_url=URL, callback_topics=("of a newer edge", *TOPICS))
    await store(vault, record(SESSION, begun=begun))
    assert await outbox.one() and not await outbox.one()
    assert told(receiver) == ["session.started"]
    await store(vault, record(SESSION, ended=replace(ENDED, audio_pieces=3)))
    await recorded(vault, 2)
    while await outbox.one():
        pass
    assert told(receiver)[1:] == ["session.ended", "transcript.ready"]
    await recorded(vault, 3)
    assert await outbox.one() and not await outbox.one()
    assert told(receiver)[3:] == ["recording.ready"]
    ids = [got.headers["webhook-id"] for got in receiver.got]
    assert ids == [json.loads(got.content)["id"] for got in receiver.got] and len(set(ids)) == 4


@pytest.mark.parametrize(("stored", "kind"), [(2, "recording.ready"), (0, "recording.failed")])
async def test_pieces_that_are_lost_are_not_waited_for_without_end(
    vault: Vault, outbox: Outbox, receiver: Receiver, stored: int, kind: str
) -> None:
    begun = rpc.TaskBegun(callback_url=URL, callback_topics=("recording",))
    await store(vault, record(SESSION, begun=begun))
    await store(vault, record(SESSION, ended=replace(ENDED, audio_pieces=3)))
    await recorded(vault, stored)
    assert not await outbox.one()
    async with vault.database.writing() as connection:
        at_ms = TASKS.c.ended_at_ms - module.RECORDING_MS
        await connection.execute(update(TASKS).values(ended_at_ms=at_ms))
    assert await outbox.one() and told(receiver) == [kind]


async def test_a_topic_that_fails_is_told_again_and_holds_up_no_other(
    vault: Vault, outbox: Outbox, receiver: Receiver
) -> None:
    begun = rpc.TaskBegun(callback_url=URL, callback_topics=TOPICS[1:])
    await store(vault, record(SESSION, begun=begun))
    await store(vault, record(SESSION, ended=ENDED))
    receiver.answers = [500]
    while await outbox.one():
        pass
    assert told(receiver) == ["session.ended", "transcript.ready", "recording.failed"]
    await due(vault)
    while await outbox.one():
        pass
    assert told(receiver)[3:] == ["session.ended"]


async def test_an_api_without_kinds_has_the_sessions_id(
    vault: Vault, outbox: Outbox, receiver: Receiver
) -> None:
    await over(vault, kind="")
    await outbox.one()
    assert json.loads(receiver.got[0].content)["data"]["task_id"] == SESSION


@pytest.mark.parametrize("answer", [500, 404, 301, httpx.ConnectError("no")])
async def test_a_receiver_that_fails_is_told_again_under_the_same_id_and_given_up_in_the_end(
    vault: Vault, outbox: Outbox, receiver: Receiver, answer: Any
) -> None:
    receiver.answers = [answer] * 99
    await over(vault)
    for number in range(len(module.AGAIN_S) + 1):
        assert (await row(vault)).state == "waiting" and len(receiver.got) == number
        assert await outbox.one() and not await outbox.one()
        await due(vault)
    assert (await row(vault)).state == "given_up" and not await outbox.one()
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
    assert all(got.url.host == "93.184.216.34" for got in receiver.got)  # no redirection is followed


async def test_a_receiver_that_is_gone_is_not_told_again(
    vault: Vault, outbox: Outbox, receiver: Receiver
) -> None:
    receiver.answers = [410]
    await over(vault)
    await outbox.one()
    assert (await row(vault)).state == "given_up"


async def test_an_address_that_is_refused_is_not_asked(
    vault: Vault, outbox: Outbox, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(url: str, *, private: bool) -> Target:
        raise RefusedError("a private address")

    monkeypatch.setattr("dragoman_archive.webhooks.outbox.resolve", refuse)
    await over(vault)
    await outbox.one()
    assert (await row(vault)).state == "given_up" and receiver.got == []


async def test_a_receiver_that_hangs_is_left(
    vault: Vault, outbox: Outbox, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SEND_S", 0.01)
    receiver.answers = ["hang"]
    await over(vault)
    await outbox.one()
    assert (await row(vault)).state == "waiting" and (await row(vault)).tries == 1


async def test_an_answer_of_a_gigabyte_is_not_read(vault: Vault, outbox: Outbox, receiver: Receiver) -> None:
    read = []

    async def gigabyte() -> AsyncIterator[bytes]:
        for number in range(1024):
            read.append(number)
            yield bytes(1 << 20)

    receiver.answers = [gigabyte()]
    await over(vault)
    await outbox.one()
    assert (await row(vault)).state == "sent" and read == []


async def test_an_account_whose_servers_hang_holds_up_no_other(
    vault: Vault, outbox: Outbox, receiver: Receiver
) -> None:
    for number in range(4):
        await over(vault, f"s_bad_{number}", "a_bad")
    receiver.answers = ["hang"] * module.OF_ACCOUNT
    hanging = [asyncio.create_task(outbox.one()) for _ in range(module.OF_ACCOUNT)]
    await until(lambda: len(receiver.got) == module.OF_ACCOUNT)
    assert not await outbox.one()  # its other messages wait
    await over(vault, "s_good", "a_good")
    assert await outbox.one() and (await row(vault, "s_good")).state == "sent"
    await end(*hanging)


async def test_the_address_is_sealed_and_goes_with_the_task(vault: Vault, outbox: Outbox) -> None:
    await over(vault)
    assert b"secret-path" not in (await row(vault)).url
    await Tasks(vault).delete("a_1", [SESSION])
    assert not await outbox.one()


async def test_the_work_goes_on_after_an_outage(
    outbox: Outbox, receiver: Receiver, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL_S", 0.001)
    claim, tries = outbox._claim, 0

    async def away_at_first() -> Any:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise MeshError(FaultCode.UNAVAILABLE)
        return await claim()

    monkeypatch.setattr(outbox, "_claim", away_at_first)
    running = asyncio.create_task(outbox.run(2))
    await over(vault)
    await until(lambda: bool(receiver.got))
    await end(running)


async def test_one_of_many_looks_for_all(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL_S", 0.001)
    looking, most, looks = 0, 0, 0

    async def nothing() -> None:
        nonlocal looking, most, looks
        looking, looks = looking + 1, looks + 1
        most = max(most, looking)
        await asyncio.sleep(0)
        looking -= 1

    monkeypatch.setattr(outbox, "_claim", nothing)
    running = asyncio.create_task(outbox.run(8))
    await until(lambda: looks > 5)
    await end(running)
    assert most == 1
