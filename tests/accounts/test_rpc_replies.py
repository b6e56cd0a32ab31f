"""Requests over the bus: every outcome is a reply, and only so many are in hand."""

import asyncio
from typing import Any

import pytest
from nats.errors import ConnectionClosedError

from dragoman_accounts.gate import Gate
from dragoman_accounts.rpc import Rpc
from dragoman_contract import codec, rpc, subjects
from dragoman_contract.errors import FaultCode
from dragoman_contract.fingerprints import fingerprint
from tests.accounts.fake_store import ACCOUNT, KEY, SECRET, FakeWorld, fake_world
from tests.accounts.support import SPEC, nobody_lapsed, used
from tests.support.recording_bus import RecordingBus, WorkMessage, until


class Desk:
    """The methods over a bus in memory."""

    def __init__(self, limit: int = 10) -> None:
        self.world: FakeWorld = fake_world()
        self.gate = Gate(self.world.memory.ping, nobody_lapsed)
        self.rpc = Rpc(self.world.access, self.world.sessions, self.gate, limit)
        self.bus = RecordingBus()

    async def open(self) -> "Desk":
        await self.gate.look()
        await self.rpc.subscribe(self.bus.bus)
        return self

    async def send(self, method: str, request: Any, message: WorkMessage | None = None) -> WorkMessage:
        subject = subjects.accounts(method)
        (receiver,) = [s for s in self.bus.nc.subscriptions if s.pattern == subject]
        message = message or WorkMessage(request if isinstance(request, bytes) else codec.encode(request))
        assert receiver.cb is not None
        await receiver.cb(message.msg)
        return message

    async def ask(self, method: str, request: Any, reply: type[Any]) -> Any:
        message = await self.send(method, request)
        await until(lambda: message.answers)
        return codec.decode(reply, message.answers[0])


@pytest.fixture
async def desk() -> Desk:
    return await Desk().open()


OPEN = rpc.OpenRequest(credential=SECRET, source="", session_id="s_1", edge_id="e_1", spec=SPEC)


async def test_an_open_session_has_its_grant_and_no_figures_when_it_is_new(desk: Desk) -> None:
    desk.world.memory.answers["open"] = [["ok", 500, 0, 0, 0, 0], ["ok", 500, 3, 1, 2, 3]]
    first = await desk.ask("open", OPEN, rpc.OpenReply)
    assert (first.grant.account_id, first.grant.credits_remaining, first.usage) == (ACCOUNT, 500, None)
    again = await desk.ask("open", OPEN, rpc.OpenReply)
    assert (again.usage.sequence, again.usage.recognised_ms, again.usage.account_id) == (3, 1, ACCOUNT)


async def test_a_credential_is_told_with_what_it_may_know(desk: Desk) -> None:
    desk.world.memory.answers["authenticate"] = [["ok", "c", 9, 500, 6, 700]]
    reply = await desk.ask(
        "authenticate", rpc.AuthenticateRequest(credential=SECRET, source=""), rpc.AuthenticateReply
    )
    assert (reply.account_id, reply.key_id, reply.claims, reply.expires_at_ms, reply.token) == (
        ACCOUNT, KEY, "c", 9, False,
    )  # fmt: skip
    desk.world.memory.answers["token_put"] = [["ok", 9, 500, KEY, 5, 800]]
    asked = rpc.IssueTokenRequest(credential=SECRET, token=fingerprint("t_1"), ttl_ms=5000)
    issued = await desk.ask("issue_token", asked, rpc.IssueTokenReply)
    assert (issued.key_id, issued.expires_at_ms, issued.credits_remaining) == (KEY, 9, 500)
    assert (reply.rate.remaining, reply.rate.reset_ms) == (6, 700)
    assert (issued.rate.remaining, issued.rate.reset_ms) == (5, 800)


async def test_a_renewal_and_a_close_tell_how_the_session_stands(desk: Desk) -> None:
    desk.world.memory.answers["report"] = [["insufficient_credits", 0, 9], ["ok", 4, 5]]
    usage = used("s_1", 1, 1)
    asked = rpc.RenewRequest(account_id=ACCOUNT, session_id="s_1", edge_id="e_1", usage=usage)
    renewed = await desk.ask("renew", asked, rpc.RenewReply)
    assert (renewed.fault.code, renewed.fault.message) == ("insufficient_credits", "the credits are used up")
    close = rpc.CloseRequest(account_id=ACCOUNT, session_id="s_1", edge_id="e_1", usage=usage, reason="")
    closed = await desk.ask("close", close, rpc.CloseReply)
    assert (closed.fault, closed.charged, closed.credits_remaining) == (None, 5, 4)


async def test_whatever_goes_wrong_is_a_reply(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    malformed = await desk.ask("open", b"\x0a\xff", rpc.OpenReply)
    assert malformed.fault.code == FaultCode.BAD_REQUEST
    desk.world.memory.failure = RuntimeError("a secret")
    broken = await desk.ask("open", OPEN, rpc.OpenReply)
    assert (broken.fault.code, broken.fault.message) == (FaultCode.INTERNAL, "an internal error happened")

    async def hang(*_: Any, **__: Any) -> None:
        await asyncio.sleep(60)

    desk.rpc.answering.timeout_s = 0.005
    monkeypatch.setattr(desk.world.sessions, "open", hang)
    assert (await desk.ask("open", OPEN, rpc.OpenReply)).fault.code == FaultCode.UNAVAILABLE


async def test_before_the_store_is_reached_everything_is_unavailable() -> None:
    desk = Desk()
    await desk.rpc.subscribe(desk.bus.bus)
    assert (await desk.ask("open", OPEN, rpc.OpenReply)).fault.code == FaultCode.UNAVAILABLE


async def test_more_requests_than_can_be_in_hand_are_refused_at_once() -> None:
    desk = await Desk(limit=1).open()
    let_go = asyncio.Event()

    async def slow(*_: Any, **__: Any) -> None:
        await let_go.wait()

    desk.world.sessions.open = slow  # type: ignore[assignment, method-assign]
    first = await desk.send("open", OPEN)
    second = await desk.send("open", OPEN)
    assert codec.decode(rpc.OpenReply, second.answers[0]).fault == rpc.Fault(
        code=FaultCode.BUSY, message="too many concurrent requests", retry_after_ms=500
    )
    let_go.set()
    await desk.rpc.drain(5)
    assert first.answers
    await desk.rpc.drain(0)


async def test_an_answer_that_cannot_be_sent_is_no_failure_of_the_next(desk: Desk) -> None:
    class Lost(WorkMessage):
        async def respond(self, data: bytes) -> None:
            self.settled.append("tried")
            raise ConnectionClosedError

    lost = await desk.send("open", OPEN, Lost(codec.encode(OPEN)))
    await until(lambda: lost.settled)
    assert (await desk.ask("open", b"\x0a\xff", rpc.OpenReply)).fault


async def test_a_session_that_the_store_lost_is_not_refused_at_once(desk: Desk) -> None:
    desk.world.memory.answers["report"] = [["unknown_session", 0, 0]]
    asked = rpc.RenewRequest(session_id="s_1", account_id=ACCOUNT, edge_id="e_1", usage=used("s_1", 1, 1))
    renewed = await desk.ask("renew", asked, rpc.RenewReply)
    assert renewed.fault.code == "unknown_session"
    desk.rpc._lost_sessions = lambda: True
    renewed = await desk.ask("renew", asked, rpc.RenewReply)
    assert renewed.fault.code == "unavailable"
