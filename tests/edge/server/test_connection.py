"""One client's socket: commands in, events out, and what it is told when either ends."""

import asyncio
import time
from typing import Any

import numpy as np
import pytest

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_edge.model.audio_formats import AudioFormat, Encoding
from dragoman_edge.model.commands import Open
from dragoman_edge.server.client_socket import Socket
from dragoman_edge.server.connection import Connection
from dragoman_edge.session.report import ClientGoneError
from dragoman_edge.session.session import Session
from tests.support.factories import edge_context, grant, spec
from tests.support.fake_bus import FakeMesh
from tests.support.fake_socket import GONE, GOODBYE, FakeSocket, PlainConversation
from tests.support.mesh_events import chunk, final, translation
from tests.support.waiting import WAIT_S

SECOND = bytes(32_000)


class Checks:
    """What accounts and workers say to a change."""

    def __init__(self) -> None:
        self.refusal: DragomanError | None = None

    async def check(self, now: ev.Spec, then: ev.Spec) -> tuple[str, ...]:
        if self.refusal is not None:
            raise self.refusal
        return ("labels",)


class Call:
    """A client with a session that is live."""

    def __init__(
        self, resumable: bool = False, audio_out: AudioFormat | None = None, speech: bool = False,
        **settings: Any,
    ) -> None:  # fmt: skip
        self.mesh = FakeMesh(last_utterance=1)
        self.client = FakeSocket()
        self.changes = Checks()
        context = edge_context(self.mesh, **settings)
        wanted = Open(spec(speech=speech), resumable=resumable)
        self.session = Session(context, wanted, rpc.OpenReply(grant=grant(session_id="s")))
        self.settings = context.settings
        self.audio_out = audio_out or AudioFormat()
        self.socket = Socket(self.client.websocket(accepted=True), PlainConversation(), self.settings)

    async def begin(self) -> "asyncio.Task[None]":
        await self.session.begin()
        life = asyncio.create_task(self.session.run())
        made = Connection(self.socket, self.session, life, self.changes, self.audio_out, self.settings)
        return asyncio.create_task(made.run())

    async def run(self, *frames: Any) -> list[Any]:
        """What the client is told when it says this, up to the close."""
        running = await self.begin()
        self.client.say(*frames)
        await self.over(running)
        return self.client.told

    async def over(self, running: "asyncio.Task[None]") -> None:
        async with asyncio.timeout(WAIT_S):
            await running
        self.mesh.fall_silent()

    @property
    def reasons(self) -> list[str]:
        return [closed.reason for closed in self.mesh.closed]


async def test_a_client_ends_its_session() -> None:
    call = Call()
    running = await call.begin()
    call.client.say("end")
    await call.mesh.store_event(final(1, languages=(), speech=False))
    await call.over(running)
    assert call.client.told == ["opened", "said 0 1 by 1", "ending", "ended"] or call.client.told == [
        "opened", "ending", "said 0 1 by 1", "ended",
    ]  # fmt: skip
    assert call.client.code == 1000 and call.reasons == ["ended"]


async def test_what_the_dialect_answers_and_complains_about_ends_nothing() -> None:
    call = Call()
    call.mesh.last_utterance = 0
    assert (await call.run("pong", "wrong", "end"))[:3] == ["opened", "pong", "outcome  bad_request"]
    assert call.reasons == ["ended"]


async def test_a_wrong_message_ends_the_session_with_its_error() -> None:
    call = Call()
    assert (await call.run("what"))[-1] == "error bad_request"
    assert call.client.code == 4000 and call.reasons == ["bad_request"]


async def test_a_bug_in_the_codec_is_an_internal_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Any, frame: Any) -> Any:
        raise RuntimeError("a bug")

    monkeypatch.setattr(PlainConversation, "receive", broken)
    call = Call()
    assert (await call.run("flush"))[-1] == "error internal" and call.reasons == ["internal"]


async def test_a_bug_in_rendering_is_an_internal_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Any, event: Any, now_ms: int) -> Any:
        raise RuntimeError("a bug")

    monkeypatch.setattr(PlainConversation, "render", broken)
    call = Call()
    assert await call.run() == ["error internal"] and call.client.code == 4000
    assert call.reasons == ["internal"]


@pytest.mark.parametrize(("message", "resumable"), [(GOODBYE, True), (GOODBYE, False), (GONE, False)])
async def test_a_client_that_is_gone_ends_its_session(message: Any, resumable: bool) -> None:
    call = Call(resumable=resumable)
    await call.run(message)
    assert call.reasons == ["ended"]


async def test_a_session_outlives_a_broken_socket_if_it_can_be_resumed() -> None:
    call = Call(resumable=True)
    await call.run(GONE)
    assert call.session.state.detached and not call.reasons and call.client.code is None
    call.session.fail(ClientGoneError(goodbye=True))
    async with asyncio.timeout(WAIT_S):
        await call.session.outcome


async def test_a_connection_that_is_cancelled_ends_its_session() -> None:
    call = Call()
    running = await call.begin()
    await call.client.hears("opened")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert call.reasons == ["ended"]
    call.mesh.fall_silent()


async def test_a_client_that_does_not_read_is_left_once_its_session_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("dragoman_edge.server.client_socket.CLOSE_WAIT_S", 0.01)
    call = Call(send_timeout_s=0.01)
    running = await call.begin()
    await call.client.hears("opened")

    async def stuck(message: Any) -> None:
        await asyncio.Event().wait()

    call.socket._socket._send = stuck
    call.session.fail(PeerError(FaultCode.IDLE, "no audio"))
    await call.over(running)
    assert call.reasons == ["idle"]


async def test_audio_goes_to_the_session_and_flushes_after_it() -> None:
    call = Call()
    call.mesh.last_utterance = 0
    await call.run(SECOND, "flush", "end")
    assert call.session.made.meter.figures()["recognised_ms"] == 1000
    assert [control.action for control in call.mesh.controls] == [
        ev.Action.FLUSH,
        ev.Action.END,
        ev.Action.CANCEL,
    ]
    assert call.mesh.controls[0].after_sample == 16_000


async def test_a_client_that_sends_too_fast_is_not_read_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        if seconds == 1.5:  # not the bound on a client that does not read
            waited.append(seconds)
            seconds = 0
        await sleep(seconds)

    now = time.monotonic()
    call = Call(burst_s=2.0, max_speed=2.0)
    call.mesh.last_utterance = 0
    monkeypatch.setattr("dragoman_edge.server.connection.asyncio.sleep", noted)
    monkeypatch.setattr("dragoman_edge.server.connection.time.monotonic", lambda: now)
    told = await call.run(SECOND * 2, SECOND * 2, "end")
    assert waited == [(4 - 1) / 2.0]
    assert told[1:3] == ["throttled True", "throttled False"]


async def test_a_change_is_told_with_how_it_went() -> None:
    call = Call()
    call.mesh.last_utterance = 0
    assert "outcome u1 ok" in await call.run("to german", "end")
    assert call.session.spec.tracks[0].source_languages == ("de",)


async def test_a_change_that_is_refused_changes_and_ends_nothing() -> None:
    call = Call()
    call.mesh.last_utterance = 0
    call.changes.refusal = PeerError(FaultCode.UNSUPPORTED_LANGUAGE, "not that one")
    assert "outcome u2 unsupported_language" in await call.run("to klingon", "end")
    assert call.session.spec.tracks[0].source_languages == ("en",) and call.reasons == ["ended"]


async def test_a_text_that_is_not_taken_is_told_and_ends_nothing() -> None:
    call = Call()
    call.mesh.last_utterance = 0
    assert "outcome t bad_request" in await call.run("translate late", "end")
    assert call.reasons == ["ended"]


async def test_a_text_is_taken_and_what_only_broadcasts_have_is_passed_over() -> None:
    call = Call(result_wait_s=0.1)
    call.mesh.last_utterance = 0
    await call.run("go live", "translate", "end")
    assert any("final" in subject for subject in call.mesh.stored)


async def test_speech_goes_out_in_the_clients_format() -> None:
    call = Call(speech=True, audio_out=AudioFormat(Encoding.FLOAT32LE))
    running = await call.begin()
    for event in (final(1), translation(1), chunk(1, 0, 2, 4), chunk(1, 2, 4, 4)):
        await call.mesh.publish_event(event)
    call.client.say("end")
    await call.over(running)
    speech = b"".join(frame for frame in call.client.told if isinstance(frame, bytes))
    pcm = chunk(1, 0, 4, 4).audio
    assert np.frombuffer(speech, "<f4").tolist() == (np.frombuffer(pcm, "<i2") / 32768).tolist()


async def test_speech_in_canonical_form_goes_out_as_it_is() -> None:
    call = Call(speech=True)
    running = await call.begin()
    for event in (final(1), translation(1), chunk(1, 0, 4, 4)):
        await call.mesh.publish_event(event)
    call.client.say("end")
    await call.over(running)
    assert chunk(1, 0, 4, 4).audio in call.client.told
