"""Texts for an HTTP request: one session for its questions, without a recogniser, settled at the end."""

import asyncio
from typing import Any

import pytest

from dragoman_contract import codec, rpc
from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.model.commands import JOBS, TextRequest
from dragoman_edge.model.requests import RunTexts
from dragoman_edge.server import text_work as module
from dragoman_edge.server.text_work import TextWork
from dragoman_edge.session.session import Session
from tests.support.factories import edge_context, spec
from tests.support.fake_bus import FakeMesh
from tests.support.recording_bus import until
from tests.support.waiting import WAIT_S


class Workers:
    """A mesh whose workers answer texts at once; what begins with "bad" fails."""

    def __init__(self) -> None:
        self.mesh = FakeMesh(lease_ms=60_000)
        self.mesh.nc.on_publish = self._heard
        self.lives: list[asyncio.Task[None]] = []
        self.silent = False
        self.work = TextWork(edge_context(self.mesh), self._begin)

    def _begin(self, session: Session) -> "asyncio.Task[None]":
        self.lives.append(asyncio.create_task(session.run()))
        return self.lives[-1]

    async def _heard(self, subject: str, payload: bytes) -> None:
        if self.silent or not subject.endswith((f"final.{JOBS}.transcript", f"final.{JOBS}.translation.es")):
            return
        said = codec.decode_event(payload)
        if isinstance(said, ev.Translation):
            if said.text.startswith("say"):
                await self.mesh.publish_event(_speech(said))
            return
        assert isinstance(said, ev.Transcript)
        place: dict[str, Any] = {"session_id": said.session_id, "track": JOBS, "epoch": 1}
        if said.text.startswith("bad"):
            failure = ev.Failure(
                **place, utterance=said.utterance, stage=ev.Stage.TRANSLATION, language="es",
                code=FaultCode.ENGINE_FAILED, message="no", retryable=False,
            )  # fmt: skip
            await self.mesh.publish_event(failure)
            return
        made = ev.Translation(
            **place, utterance=said.utterance, revision=1, final=True, language="es", text=f"es:{said.text}",
            source_language="en", source_text=said.text, start_ms=0, duration_ms=0,
        )  # fmt: skip
        await self.mesh.publish_event(made)


def _speech(said: ev.Translation) -> ev.SpeechChunk:
    return ev.SpeechChunk(
        session_id=said.session_id, track=JOBS, epoch=1, utterance=said.utterance, language="es",
        sample_offset=0, last=True, audio=b"\0\0" * 160,
    )  # fmt: skip


def ask(*texts: str, last: bool = False, **more: Any) -> RunTexts:
    jobs = tuple(TextRequest(0, text, "en", ("es",), **more) for text in texts)
    return RunTexts(id="r_1", credential="key", source="::1", spec=spec(), jobs=jobs, last=last)


async def test_the_questions_of_a_request_have_one_session_without_a_recogniser() -> None:
    workers = Workers()
    first = await workers.work.run(ask("one", "bad"))
    assert [(one.text, one.code) for one in first] == [("es:one", ""), ("", FaultCode.ENGINE_FAILED)]
    (second,) = await workers.work.run(ask("two", last=True))
    assert second.text == "es:two" and len(workers.lives) == 1 and workers.mesh.started == []
    async with asyncio.timeout(WAIT_S):
        await workers.lives[0]
    assert len(workers.mesh.closed) == 1  # settled


async def test_a_text_is_spoken() -> None:
    workers = Workers()
    (result,) = await workers.work.run(ask("say it", last=True, speech=True, translated=True))
    assert len(result.speech) == 1 and not result.code


async def test_a_session_whose_next_texts_do_not_come_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IDLE_S", 0.01)
    workers = Workers()
    await workers.work.run(ask("one"))
    await until(lambda: bool(workers.mesh.closed))


async def test_results_that_do_not_come_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RESULTS_S", 0.05)
    workers = Workers()
    workers.silent = True
    with pytest.raises(MeshError) as refused:
        await workers.work.run(ask("one"))
    assert refused.value.code is FaultCode.TIMEOUT
    for life in workers.lives:
        life.cancel()


async def test_what_accounts_refuse_is_told() -> None:
    workers = Workers()
    workers.mesh.reservation = rpc.Fault(code=FaultCode.INSUFFICIENT_CREDITS)
    with pytest.raises(PeerError) as refused:
        await workers.work.run(ask("one"))
    assert refused.value.code is FaultCode.INSUFFICIENT_CREDITS
    await until(lambda: bool(workers.mesh.closed))


async def test_only_so_many_are_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_OPEN", 0)
    with pytest.raises(MeshError) as refused:
        await Workers().work.run(ask("one"))
    assert refused.value.code is FaultCode.BUSY
