"""A synthesiser in its own process says what it would say in ours; what it answers is bounded."""

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
import pytest

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit.engine_process import EngineLost
from dragoman_tts.engines import isolated, isolated_child
from dragoman_tts.engines.base import Mark, Voice
from dragoman_tts.engines.isolated import Isolated
from tests.tts.engines.deadly import RATE, Deadly

ENGLISH = Voice("d", "en", "female", RATE, "deadly")


class Thread:
    """A `Popen` whose child is a thread; `answers` take the place of an engine's."""

    made: ClassVar[list["Thread"]] = []
    answers: ClassVar[bytes | None] = None

    def __init__(self, command: list[str], pass_fds: list[int], **_: Any) -> None:
        self.pid, self.ended = 4711, False
        number = os.dup(pass_fds[0])
        work = self._babble if self.answers is not None else self._serve
        threading.Thread(target=work, args=[number], daemon=True).start()
        self.made.append(self)

    def _serve(self, number: int) -> None:
        with contextlib.suppress(OSError):  # nobody waits for the answer any more
            isolated_child.serve(Deadly(), number)

    def _babble(self, number: int) -> None:
        with socket.socket(fileno=number) as ours:
            ours.recv(1000)
            ours.sendall(self.answers or b"")

    def poll(self) -> int | None:
        return -9 if self.ended else None

    def kill(self) -> None:
        self.ended = True

    def wait(self) -> int:
        return -9


@pytest.fixture(autouse=True)
def children(monkeypatch: pytest.MonkeyPatch) -> list[Thread]:
    monkeypatch.setattr("dragoman_tts.engines.isolated.subprocess.Popen", Thread)
    monkeypatch.setattr(Thread, "made", [])
    return Thread.made


@pytest.fixture
def engine() -> Iterator[Isolated]:
    made = Isolated("deadly", "unused:in a thread", processes=2)
    yield made
    made.close()


def test_speech_and_marks_are_the_engines(engine: Isolated) -> None:
    first, second = engine.synthesise("some text", ENGLISH, 2.0)
    assert list(first.samples) == list(range(9)) and first.marks == (Mark(0, 5, 0, 9),)
    assert list(second.samples) == [2, 2] and second.samples.dtype == np.int16


def test_the_voices_are_asked_for_once(engine: Isolated, children: list[Thread]) -> None:
    assert engine.voices() == engine.voices() == Deadly().voices()
    assert len(children) == 2, "every process is warm"


def test_what_the_engine_refuses_costs_no_process(engine: Isolated, children: list[Thread]) -> None:
    engine.warm()
    with pytest.raises(MeshError) as caught:
        list(engine.synthesise("fail with a secret", ENGLISH, 1.0))
    assert caught.value.code is FaultCode.ENGINE_FAILED and not isinstance(caught.value, EngineLost)
    assert "secret" not in str(caught.value)
    assert not any(child.ended for child in children)


@pytest.mark.parametrize(
    "answers",
    [
        b"",
        b"no line",
        b"no JSON\n",
        b'{"voices": [], "size": 99999999999}\n',
        b'{"voices": [], "size": 9}\nshort',
    ],
)
def test_an_answer_that_is_none_costs_two_processes_at_most(
    monkeypatch: pytest.MonkeyPatch, engine: Isolated, children: list[Thread], answers: bytes
) -> None:
    monkeypatch.setattr(Thread, "answers", answers)
    with pytest.raises(EngineLost):
        list(engine.synthesise("text", ENGLISH, 1.0))
    assert len(children) == 2 and all(child.ended for child in children)


def test_one_that_hangs_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch, engine: Isolated, children: list[Thread]
) -> None:
    engine.warm()
    monkeypatch.setattr(isolated, "CLAUSE_S", 0.01)
    monkeypatch.setattr(Deadly, "synthesise", lambda *_: threading.Event().wait(5))
    with pytest.raises(EngineLost):
        list(engine.synthesise("text", ENGLISH, 1.0))
    assert len(children) == 2 and [child.ended for child in children].count(True) == 1


def test_who_finds_no_free_process_is_told_so(monkeypatch: pytest.MonkeyPatch, engine: Isolated) -> None:
    monkeypatch.setattr(isolated, "WAIT_S", 0.01)
    for _ in range(2):
        engine._free.get()
    with pytest.raises(MeshError) as caught:
        list(engine.synthesise("text", ENGLISH, 1.0))
    assert caught.value.code is FaultCode.BUSY
