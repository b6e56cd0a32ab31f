"""A bus in memory with scripted accounts and workers: an edge's session as a unit, without a server."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from nats.aio.msg import Msg
from nats.errors import NoRespondersError
from nats.js.errors import APIError, NotFoundError

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_contract.fingerprints import fingerprint
from dragoman_kit.bus import Bus

T = TypeVar("T")
Callback = Callable[[Msg], Awaitable[None]]
ACCOUNT = "a_1"
WRONG_LAST_SEQUENCE = 10071
CLAIMS = {  # by dialect, what a token is bound to
    "pinch": '{"session_id": "ss_1", "sourceLanguage": "en-US", "targetLanguage": "es-ES"}',
    "kallglot": '{"session_id": "sess_1", "mode": "transcription", "source_language": "en-US"}',
    "vas": "vas ticket",
}


class _Subscription:
    def __init__(self, client: "FakeClient", pattern: str, cb: Callback | None) -> None:
        self.pattern = pattern
        self.cb = cb
        self._client = client
        self._queue: asyncio.Queue[Msg] = asyncio.Queue()

    def matches(self, subject: str) -> bool:
        pattern = self.pattern.replace(">", "*") if self.pattern.endswith(">") else self.pattern
        return fnmatchcase(subject, pattern)

    async def give(self, msg: Msg) -> None:
        if self.cb is None:
            self._queue.put_nowait(msg)
            return
        try:
            await self.cb(msg)
        except Exception as exc:  # as nats-py: a callback's error ends nothing
            self._client.errors.append(exc)

    async def next_msg(self, timeout: float) -> Msg:  # noqa: ASYNC109  as nats-py
        async with asyncio.timeout(timeout):
            return await self._queue.get()

    async def unsubscribe(self) -> None:
        with suppress(ValueError):
            self._client.subscriptions.remove(self)

    async def drain(self) -> None:
        await self.unsubscribe()


class FakeClient:
    """The part of nats-py's client that the edge uses; a message is handed on before `publish` returns."""

    max_payload = 1 << 20

    def __init__(self) -> None:
        self.stats = {"reconnects": 0}
        self.is_connected = True
        self.subscriptions: list[_Subscription] = []
        self.errors: list[Exception] = []
        self.on_publish: Callable[[str, bytes], Awaitable[None]] | None = None
        self._inboxes = 0

    def new_inbox(self) -> str:
        self._inboxes += 1
        return f"_INBOX.{self._inboxes}"

    async def subscribe(self, subject: str, cb: Callback | None = None, **_: Any) -> _Subscription:
        made = _Subscription(self, subject, cb)
        self.subscriptions.append(made)
        return made

    async def publish(
        self, subject: str, payload: bytes, reply: str = "", headers: dict[str, str] | None = None
    ) -> None:
        if subject.startswith("$JS.API.DIRECT.GET"):  # nothing more by batch: `get_msg` has it
            subject, headers = reply, {"Status": "404"}
        msg = Msg(cast(Any, self), subject=subject, reply=reply, data=payload, headers=headers)
        for subscription in list(self.subscriptions):
            if subscription.matches(subject):
                await subscription.give(msg)
        if self.on_publish is not None:
            await self.on_publish(subject, payload)

    async def flush(self, timeout: float) -> None:  # noqa: ASYNC109
        """Everything is handed on already."""

    async def request(self, subject: str, payload: bytes, timeout: float) -> Msg:  # noqa: ASYNC109
        inbox = self.new_inbox()
        answers = await self.subscribe(inbox)
        if not any(s.matches(subject) for s in self.subscriptions):
            raise NoRespondersError
        await self.publish(subject, payload, reply=inbox)
        return await answers.next_msg(timeout)


class FakeStreams:
    """JetStream in memory."""

    def __init__(self) -> None:
        self._messages: list[tuple[str, bytes]] = []

    def forget(self) -> None:
        """Lose everything."""
        self._messages.clear()

    def _of(self, pattern: str) -> list[tuple[int, str, bytes]]:
        pattern = pattern.replace(">", "*")
        return [(n, s, d) for n, (s, d) in enumerate(self._messages, 1) if fnmatchcase(s, pattern)]

    async def publish(
        self,
        subject: str,
        payload: bytes,
        timeout: float,  # noqa: ASYNC109
        headers: dict[str, str],
    ) -> SimpleNamespace:
        expected = headers.get("Nats-Expected-Last-Subject-Sequence")
        last = max((n for n, _, _ in self._of(subject)), default=0)
        if expected is not None and int(expected) != last:
            raise APIError(code=400, err_code=WRONG_LAST_SEQUENCE)
        self._messages.append((subject, payload))
        return SimpleNamespace(seq=len(self._messages))

    async def get_last_msg(self, stream: str, subject: str) -> SimpleNamespace:
        found = self._of(subject)
        if not found:
            raise NotFoundError
        return SimpleNamespace(seq=found[-1][0], data=found[-1][2])

    async def get_msg(self, stream: str, seq: int, subject: str, next: bool) -> SimpleNamespace:
        found = [entry for entry in self._of(subject) if entry[0] >= seq]
        if not found:
            raise NotFoundError
        return SimpleNamespace(seq=found[0][0], data=found[0][2])

    async def stream_info(self, name: str, subjects_filter: str = "") -> SimpleNamespace:
        known = {subject: 1 for _, subject, _ in self._of(subjects_filter)}
        state = SimpleNamespace(last_seq=len(self._messages), subjects=known)
        return SimpleNamespace(state=state, created=datetime(2026, 1, 1, tzinfo=UTC))

    async def purge_stream(self, stream: str, subject: str) -> None:
        self._messages = [(s if s != subject else "", d) for s, d in self._messages]


@dataclass
class FakeMesh:
    """What accounts and workers answer, and what they were told.

    `refusal`: of every recogniser but the first. `lease_ms`: a third of it is the time between renewals.
    """

    renewal: Exception | rpc.Fault | None = None
    reservation: rpc.Fault | None = None
    refusal: rpc.Fault | None = None
    silent: bool = False  # the recognisers send no heartbeats
    ends: bool = True  # the recognisers say so when they have ended
    lease_ms: int = 600
    closed: list[rpc.CloseRequest] = field(default_factory=list)
    started: list[rpc.StartTrack] = field(default_factory=list)
    controls: list[rpc.TrackControl] = field(default_factory=list)
    stored: list[str] = field(default_factory=list)
    nc: FakeClient = field(default_factory=FakeClient)
    js: FakeStreams = field(default_factory=FakeStreams)
    open: bool = True
    last_utterance: int = 0  # what a recogniser says at its end
    _beating: set["asyncio.Task[None]"] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.nc.on_publish = self._on_publish

    @property
    def bus(self) -> Bus:
        """As the edge sees it."""
        return cast(Bus, self)

    @property
    def connected(self) -> bool:
        return self.nc.is_connected

    async def close(self) -> None:
        self.open = False

    def gap_count(self, subscription: object) -> int:
        """Nothing is ever missed."""
        return 0

    async def publish_event(self, event: ev.Event) -> None:
        await self.nc.publish(subjects.event(event), codec.encode_event(event))

    async def store_event(self, event: ev.Event) -> None:
        """What a worker stores: the stream has it, then the edge hears it."""
        await self.js.publish(subjects.event(event), codec.encode_event(event), 1, {})
        await self.publish_event(event)

    async def store(self, subject: str, payload: bytes, *_: Any, **__: Any) -> None:
        self.stored.append(subject)
        await self.js.publish(subject, payload, 1, {})
        await self.nc.publish(subject, payload)

    async def request(self, subject: str, message: rpc.Message, reply: type[T], wait_s: float = 3) -> T:
        return cast(T, self._answer(message))

    def _answer(self, message: rpc.Message) -> rpc.Message:
        match message:
            case rpc.AuthenticateRequest():
                if message.credential == fingerprint("wrong"):
                    fault = rpc.Fault(code=FaultCode.INVALID_CREDENTIAL)
                    return rpc.AuthenticateReply(fault=fault)
                return rpc.AuthenticateReply(account_id=ACCOUNT, claims=CLAIMS.get(message.dialect, ""))
            case rpc.OpenRequest():
                return rpc.OpenReply(grant=self._grant(message.session_id))
            case rpc.RenewRequest():
                if isinstance(self.renewal, Exception):
                    raise self.renewal
                return rpc.RenewReply(fault=self.renewal)
            case rpc.ReserveRequest():
                return rpc.ReserveReply(fault=self.reservation)
            case rpc.CloseRequest():
                self.closed.append(message)
                return rpc.CloseReply()
            case rpc.CapabilitiesRequest():
                pairs = [rpc.LanguagePair(source=s, target=t) for s in LANGUAGES for t in LANGUAGES if s != t]
                voices = tuple(rpc.VoiceInfo(id=tag, language=tag) for tag in LANGUAGES)
                return rpc.CapabilitiesReply(source_languages=LANGUAGES, pairs=tuple(pairs), voices=voices)
            case rpc.StartTrack():
                return self._start(message)
        raise MeshError(FaultCode.BUSY)

    def _grant(self, session_id: str) -> ev.Grant:
        return ev.Grant(
            session_id=session_id, account_id=ACCOUNT, key_id="k_1", tier="t", lease_ttl_ms=self.lease_ms,
            credits_remaining=1,
        )  # fmt: skip

    def _start(self, message: rpc.StartTrack) -> rpc.TrackStarted:
        if self.started and self.refusal is not None:
            return rpc.TrackStarted(fault=self.refusal)
        self.started.append(message)
        if not self.silent:
            task = asyncio.create_task(self._heartbeat(message))
            self._beating.add(task)
        return rpc.TrackStarted(worker_id=f"w_{len(self.started)}")

    async def _heartbeat(self, of: rpc.StartTrack) -> None:
        worker_id = f"w_{len(self.started)}"
        while True:
            await asyncio.sleep(0.05)
            await self.publish_event(
                ev.Heartbeat(
                    session_id=of.session_id, track=of.track, epoch=of.epoch, worker_id=worker_id,
                    received_samples=of.first_sample, covered_samples=of.first_sample,
                    last_utterance=of.first_utterance - 1, at_rest=True,
                )
            )  # fmt: skip

    async def _on_publish(self, subject: str, payload: bytes) -> None:
        if ".control." not in subject:
            return
        session_id, track = subjects.parse_control(subject)
        message = codec.decode(rpc.TrackControl, payload)
        self.controls.append(message)
        if message.action is ev.Action.END and self.ends:
            self.fall_silent()
            ended = ev.TrackEnded(
                session_id=session_id, track=track, epoch=message.epoch, last_utterance=self.last_utterance
            )
            await self.publish_event(ended)

    def fall_silent(self) -> None:
        """The recognisers heartbeat no more."""
        for task in self._beating:
            task.cancel()
        self._beating.clear()


LANGUAGES = ("en", "es", "de", "fr")
