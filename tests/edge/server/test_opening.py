"""From a handshake to a session: who is let in, how long it may take, what is begun, promised or resumed."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError
from dragoman_contract.fingerprints import fingerprint
from dragoman_edge.model.commands import BroadcastWanted, Open, Resume
from dragoman_edge.model.delivery_counts import DeliveryCounts
from dragoman_edge.model.reservation import SessionReservation
from dragoman_edge.resume import checkpoint as records
from dragoman_edge.resume.checkpoint import SessionCheckpoint
from dragoman_edge.server import opening as module
from dragoman_edge.server.client_socket import Socket
from dragoman_edge.server.opening import Opening
from dragoman_edge.session.context import Found
from dragoman_edge.session.report import ClientGoneError
from dragoman_edge.session.session import Session
from tests.support.factories import edge_context, spec
from tests.support.fake_bus import ACCOUNT, FakeMesh
from tests.support.fake_socket import GONE, FakeSocket, PlainConversation
from tests.support.waiting import WAIT_S

TRACKS = tuple(ev.TrackSpec(track=n, source_languages=("en",), target_languages=("es",)) for n in (0, 1))
PROMISED = Open(spec(), resumable=True, promised="s_promised")


class Door:
    """A client at the handshake, and what accounts were asked."""

    def __init__(self, *frames: Any, conversation: PlainConversation | None = None, **settings: Any) -> None:
        self.mesh = FakeMesh()
        self.socket = FakeSocket(*frames)
        self.conversation = conversation or PlainConversation()
        self.context = edge_context(self.mesh, **settings)
        socket = Socket(self.socket.websocket(accepted=True), self.conversation, self.context.settings)
        self.taken: list[str] = []
        self.given: Found | None = None
        self.opening = Opening(socket, "plain", self.context, self, asyncio.Semaphore(1), lambda: None)
        self.asked: list[Any] = []
        self.refuse: Callable[[Any], DragomanError | None] = lambda message: None
        answer = self.mesh._answer

        def asked(message: rpc.Message) -> rpc.Message:
            self.asked.append(message)
            if (error := self.refuse(message)) is not None:
                raise error
            return answer(message)

        self.mesh._answer = asked  # type: ignore[method-assign]

    async def look(self, session_id: str) -> list[SessionCheckpoint]:
        return await records.read(self.mesh.bus, session_id) or (self.given.records if self.given else [])

    async def take(self, session_id: str) -> Found:
        self.taken.append(session_id)
        return self.given or Found(await records.read(self.mesh.bus, session_id))

    async def open(self) -> Session:
        try:
            async with asyncio.timeout(WAIT_S):
                return await self.opening.open()
        finally:
            self.mesh.fall_silent()

    async def refused(self) -> DragomanError:
        with pytest.raises((PeerError, MeshError)) as refused:
            await self.open()
        return refused.value

    def asked_for(self, kind: type[Any]) -> list[Any]:
        return [message for message in self.asked if isinstance(message, kind)]

    def life(self, **life: int) -> None:
        """How a promised session stands."""

        async def known(account_id: str, session_id: str) -> SessionReservation:
            return SessionReservation(**life)

        self.context.resources.life = known  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RESUME_RETRY_S", 0.001)
    monkeypatch.setattr(module, "RESUME_PATIENCE_S", 0.05)


# A new one


async def test_a_session_is_opened_with_what_the_client_asked_for() -> None:
    door = Door("open")
    session = await door.open()
    (opened,) = door.asked_for(rpc.OpenRequest)
    (known,) = door.asked_for(rpc.AuthenticateRequest)
    assert (known.credential, known.source, known.dialect) == (fingerprint("key"), "10.0.0.1", "plain")
    assert (opened.credential, opened.source, opened.edge_id, opened.spec) == (
        fingerprint("key"),
        "10.0.0.1",
        "e_1",
        spec(),
    )
    assert opened.session_id == known.session_id == opened.consumed_for == session.id
    assert opened.admitted and session.id.startswith("s_") and len(door.mesh.started) == 1


async def test_a_credential_may_come_with_the_first_message() -> None:
    conversation = PlainConversation(credential="", commands={"login": Open(spec(), credential="late")})
    door = Door("login", conversation=conversation)
    await door.open()
    (opened,) = door.asked_for(rpc.OpenRequest)
    assert (opened.credential, opened.admitted, opened.consumed_for) == (fingerprint("late"), False, "")
    assert not door.asked_for(rpc.AuthenticateRequest)


async def test_the_claims_of_a_credential_may_open_the_session_by_themselves() -> None:
    conversation = PlainConversation(admits=[Open(spec())])
    door = Door(conversation=conversation)
    await door.open()
    assert conversation.claims == ""


async def test_without_a_key_there_is_no_session() -> None:
    conversation = PlainConversation(credential="")
    assert (await Door("open", conversation=conversation).refused()).code is FaultCode.MISSING_CREDENTIAL
    with pytest.raises(PeerError) as missing:
        await Door(conversation=conversation).opening.check_key()
    assert missing.value.code is FaultCode.MISSING_CREDENTIAL


async def test_messages_before_the_configuration_may_be_answered() -> None:
    door = Door("pong", "wrong", "open")
    await door.open()
    assert door.socket.told == ["pong", "outcome  bad_request"]


async def test_a_client_that_says_nothing_is_refused() -> None:
    error = await Door(first_message_s=0.01).refused()
    assert error.code is FaultCode.IDLE and error.message == "no configuration within 0 s"


async def test_a_client_that_goes_opens_nothing() -> None:
    with pytest.raises(ClientGoneError):
        await Door(GONE).open()


async def test_what_no_worker_can_do_is_refused_before_accounts_are_asked() -> None:
    klingon = spec(tracks=(ev.TrackSpec(source_languages=("tlh",), target_languages=("es",)),))
    door = Door("open", conversation=PlainConversation(commands={"open": Open(klingon)}))
    assert (await door.refused()).code is FaultCode.UNSUPPORTED_LANGUAGE
    assert not door.asked_for(rpc.OpenRequest)


async def test_a_session_that_cannot_begin_is_settled() -> None:
    door = Door("open")
    door.refuse = lambda message: (
        MeshError(FaultCode.BUSY, "full") if isinstance(message, rpc.StartTrack) else None
    )
    assert (await door.refused()).code is FaultCode.BUSY
    assert [closed.reason for closed in door.mesh.closed] == ["not_begun"]


async def test_so_many_are_opened_at_a_time() -> None:
    door = Door("open")
    await door.opening._turns.acquire()
    opening = asyncio.create_task(door.open())
    for _ in range(9):
        await asyncio.sleep(0)
    assert not door.asked_for(rpc.OpenRequest)
    door.opening._turns.release()
    await opening


async def test_a_broadcast_is_of_the_owner_of_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Open, str]] = []
    wanted = Open(spec(), credential="late", broadcast=BroadcastWanted("b_1"))

    async def hosted(opened: Open, account_id: str) -> Open:
        asked.append((opened, account_id))
        raise PeerError(FaultCode.UNKNOWN_SESSION, "no such broadcast")

    door = Door("open", conversation=PlainConversation(credential="", commands={"open": wanted}))
    monkeypatch.setattr(door.context.broadcasts, "hosted", hosted)
    assert (await door.refused()).code is FaultCode.UNKNOWN_SESSION and asked == [(wanted, ACCOUNT)]


# Changes of one that is open


async def test_a_change_is_checked_with_accounts_and_workers() -> None:
    door = Door("open")
    session = await door.open()
    then = spec(tracks=(ev.TrackSpec(source_languages=("de",), target_languages=("es",)),))
    assert await door.opening.check(session.spec, then) == ()
    opened, changed = door.asked_for(rpc.OpenRequest)
    assert changed.spec == then and (changed.session_id, changed.credential) == (
        opened.session_id,
        fingerprint("key"),
    )


async def test_only_what_is_not_heeded_any_more_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    door = Door("open")
    session = await door.open()
    then = spec(context="a talk")
    known = {id(session.spec): ("labels",), id(then): ("labels", "context")}
    monkeypatch.setattr(door.context.capabilities, "notices", lambda asked: known[id(asked)])
    assert await door.opening.check(session.spec, then) == ("context",)


# One that was promised


async def claim(door: Door, free: bool) -> list[str]:
    """Whether the promised session has not begun; what became of the claim."""
    did: list[str] = []

    async def claimed(account_id: str, session_id: str) -> bool:
        did.append(f"claim {account_id} {session_id}")
        return free

    async def unclaimed(account_id: str, session_id: str) -> None:
        did.append(f"unclaim {account_id} {session_id}")

    door.context.resources.claim = claimed  # type: ignore[method-assign]
    door.context.resources.unclaim = unclaimed  # type: ignore[method-assign]
    return did


def promised_door() -> Door:
    return Door("open", conversation=PlainConversation(commands={"open": PROMISED}))


async def test_a_promised_session_begins_under_its_own_name() -> None:
    door = promised_door()
    did = await claim(door, free=True)
    assert (await door.open()).id == "s_promised"
    assert did == [f"claim {ACCOUNT} s_promised"]


async def test_a_promised_session_that_cannot_begin_may_be_begun_again() -> None:
    door = promised_door()
    did = await claim(door, free=True)
    door.refuse = lambda message: (
        MeshError(FaultCode.BUSY, "full") if isinstance(message, rpc.StartTrack) else None
    )
    assert (await door.refused()).code is FaultCode.BUSY
    assert did[-1] == f"unclaim {ACCOUNT} s_promised" and not door.mesh.closed


@pytest.mark.parametrize(
    ("life", "code"),
    [
        ({"started_at_ms": 10**15, "ended_at_ms": 5}, FaultCode.SESSION_ENDED),
        ({"started_at_ms": 1, "ended_at_ms": 0}, FaultCode.SESSION_ENDED),
        ({"started_at_ms": 10**15, "ended_at_ms": 0}, FaultCode.BUSY),
    ],
    ids=["ended", "begun long ago and lost", "just beginning elsewhere"],
)
async def test_a_promised_session_that_cannot_be_gone_on_with(life: dict[str, int], code: FaultCode) -> None:
    door = promised_door()
    await claim(door, free=False)
    door.life(**life)
    assert (await door.refused()).code is code and not door.taken


# One to go on with


async def written(door: Door, finals: int = 0) -> str:
    """A session of another edge with so many finals out; its token."""
    first = Door("open resumable", conversation=PlainConversation())
    session = await first.open()
    for number in range(1, finals + 1):
        await session.made.results.take(
            ev.Transcript(
                session_id=session.id, track=0, epoch=1, utterance=number, revision=1, final=True,
                text="said", language="en", start_ms=0, duration_ms=1, covered_samples=number * 100,
            )
        )  # fmt: skip
    record = session.made.record()
    await records.store(door.mesh.bus, record, 0)
    return session.made.positions.token


def resuming(token: str, **wanted: Any) -> PlainConversation:
    received, audio_from = wanted.get("received"), wanted.get("audio_from")
    return PlainConversation(commands={"resume": Resume(token, received, audio_from)})


async def test_a_session_goes_on_where_its_record_stands() -> None:
    door = Door("resume")
    token = await written(door, finals=2)
    door.conversation.commands["resume"] = Resume(token, DeliveryCounts({"0": 2}, {}, {}), 500)
    session = await door.open()
    assert session.id == token.partition(".")[0] == door.taken[0]
    assert session.made.results.order.next_utterance(0) == 3
    opened = await session.send_queue.get()
    assert opened.resumed.audio_from == 500 and opened.resume_token == token  # type: ignore[union-attr]
    assert not door.mesh.started  # its recogniser goes on


@pytest.mark.parametrize("token", ["", "s_1", "s_1.", "a b.c"])
async def test_what_is_no_token_is_refused(token: str) -> None:
    door = Door("resume", conversation=resuming(token))
    assert (await door.refused()).code is FaultCode.BAD_REQUEST and not door.taken


async def test_a_wrong_token_takes_nothing_from_anybody() -> None:
    door = Door("resume")
    token = await written(door)
    door.conversation.commands["resume"] = Resume(f"{token}x", None, None)
    assert (await door.refused()).code is FaultCode.SESSION_ENDED and not door.taken


async def test_a_bus_that_is_away_is_waited_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    door = Door("resume")
    token = await written(door)
    door.conversation.commands["resume"] = Resume(token, None, 0)
    failures = [MeshError(FaultCode.UNAVAILABLE, "away")] * 2
    read = records.read

    async def flaky(bus: Any, session_id: str) -> list[SessionCheckpoint]:
        if failures:
            raise failures.pop()
        return await read(bus, session_id)

    monkeypatch.setattr(records, "read", flaky)
    assert (await door.open()).id == token.partition(".")[0]


async def test_a_bus_that_stays_away_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: Any) -> list[SessionCheckpoint]:
        raise MeshError(FaultCode.UNAVAILABLE, "away")

    monkeypatch.setattr(records, "read", away)
    assert (await Door("resume", conversation=resuming("s_1.x")).refused()).code is FaultCode.UNAVAILABLE


async def test_a_client_that_goes_while_it_resumes_takes_nothing_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    door = Door("resume", conversation=resuming("s_1.x"))
    stopped = asyncio.Event()

    async def slow(*_: Any) -> list[SessionCheckpoint]:
        door.socket.say(GONE)
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()
        return []

    monkeypatch.setattr(records, "read", slow)
    with pytest.raises(ClientGoneError):
        await door.open()
    assert stopped.is_set()


async def test_what_comes_while_it_resumes_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    door = Door("resume")
    token = await written(door)
    door.conversation.commands["resume"] = Resume(token, None, 0)
    read = records.read

    async def later(bus: Any, session_id: str) -> list[SessionCheckpoint]:
        door.socket.say(b"audio")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return await read(bus, session_id)

    monkeypatch.setattr(records, "read", later)
    await door.open()
    assert (await door.opening._socket.receive())["bytes"] == b"audio"


async def test_a_client_that_counts_nothing_goes_on_from_what_it_has_surely_got() -> None:
    door = Door("resume")
    token = await written(door, finals=2)
    door.conversation.commands["resume"] = Resume(token, None, 0)
    session = await door.open()
    assert session.made.positions._known.finals == {"": 0}  # nothing was written to its socket
