"""Apertium's modes and pipelines, with stages of this test's own."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_translation.engines import apertium as module
from dragoman_translation.engines.apertium import PROBE, Apertium, Pipeline, stages
from dragoman_translation.engines.base import Job, Pair


class Stage:
    """The one stage of a pipeline: shouts, hangs or ends, as it is told."""

    def __init__(self) -> None:
        self.returncode: int | None = None
        self.stdin: Any = self
        self.stdout: Any = self
        self.heard: list[str] = []
        self.hangs = self.ends = False

    def write(self, data: bytes) -> None:
        self.heard.append(data[:-1].decode())

    async def drain(self) -> None:
        pass

    async def readuntil(self, end: bytes) -> bytes:
        if self.ends:
            raise asyncio.IncompleteReadError(b"", None)
        if self.hangs:
            await asyncio.sleep(60)
        return self.heard[-1].upper().encode() + end

    def kill(self) -> None:
        self.returncode = -9

    def close(self) -> None:
        pass

    async def read(self) -> bytes:
        return b""

    async def wait(self) -> int:
        return 0


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Stage]:
    """Every stage that was started."""
    started: list[Stage] = []

    async def restart(self: Pipeline) -> None:
        await self.stop()
        started.append(Stage())
        self.processes = started[-1:]  # type: ignore[assignment]

    monkeypatch.setattr(Pipeline, "restart", restart)
    return started


def modes(tmp_path: Path, *names: str) -> Path:
    for name in names:
        (tmp_path / f"{name}.mode").write_text("lt-proc '/usr/share/x.bin' | lt-proc $1 -b $2 y.bin")
    return tmp_path


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: list[Stage]) -> Apertium:
    monkeypatch.setattr("shutil.which", lambda program: program)
    return Apertium(modes(tmp_path, "eng-spa", "spa-por", "eng-spa-anmor"))


def test_a_mode_is_a_pipe_of_commands_in_null_flush_mode() -> None:
    assert stages("lt-proc 'a b.bin' | apertium-transfer x $1 $2 |lt-proc -g y") == [
        ["lt-proc", "-z", "a b.bin"],
        ["apertium-transfer", "-z", "x", "-g"],
        ["lt-proc", "-z", "-g", "y"],
    ]


def test_every_public_mode_is_a_pair(engine: Apertium) -> None:
    assert [(pair.source, pair.target) for pair in engine.pairs()] == [("en", "es"), ("es", "pt")]
    assert engine.pairs()[0].quality > 40


def test_a_pair_of_which_a_program_is_missing_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda program: None)
    assert Apertium(modes(tmp_path, "eng-spa")).pairs() == []


async def test_a_text_goes_sentence_by_sentence_through_pipes_that_stay(
    engine: Apertium, made: list[Stage]
) -> None:
    assert await engine.translate(Job("one. two.\n…", "en", "es")) == "ONE. TWO.\n…"
    await engine.translate(Job("three", "en", "es"))
    assert len(made) == 1 and len(made[0].heard) == 1 + 3  # a probe, and each sentence
    await engine.close()
    assert made[0].returncode == -9


async def test_a_pair_that_is_not_there_is_told(engine: Apertium) -> None:
    with pytest.raises(PeerError) as caught:
        await engine.translate(Job("a", "en", "tlh"))
    assert caught.value.code is FaultCode.UNSUPPORTED_LANGUAGE


async def test_stages_that_break_off_are_started_anew_for_the_next_text(
    engine: Apertium, made: list[Stage]
) -> None:
    await engine.warm([Pair("en", "es")])
    assert made[0].heard == [PROBE, PROBE]
    made[0].ends = True
    with pytest.raises(MeshError) as caught:
        await engine.translate(Job("one", "en", "es"))
    assert caught.value.code is FaultCode.ENGINE_FAILED
    assert await engine.translate(Job("one.", "en", "es")) == "ONE."
    assert len(made) == 2 and made[0].returncode == -9


async def test_stages_that_hang_are_a_time_out(
    engine: Apertium, made: list[Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TIMEOUT_S", 0.01)
    await engine.warm([Pair("en", "es")])
    made[0].hangs = True
    with pytest.raises(MeshError) as caught:
        await engine.translate(Job("one", "en", "es"))
    assert caught.value.code is FaultCode.TIMEOUT


async def test_a_text_that_is_given_up_leaves_no_answer_for_the_next(
    engine: Apertium, made: list[Stage]
) -> None:
    await engine.warm([Pair("en", "es")])
    made[0].hangs = True
    waiting = asyncio.create_task(engine.translate(Job("one", "en", "es")))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert made[0].returncode == -9


async def test_a_pair_that_does_not_start_is_told_and_stops_nothing(
    engine: Apertium, made: list[Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(self: Pipeline) -> None:
        raise OSError

    monkeypatch.setattr(Pipeline, "restart", fail)
    await engine.warm([Pair("en", "es")])
    assert made == []
