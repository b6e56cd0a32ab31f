"""The main job: shown, kept, summed up, also when it breaks off."""

import io
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from dragoman_cli import client
from dragoman_cli import job as module
from dragoman_cli.audio import AudioError
from dragoman_cli.client import TranslateError, Wish
from dragoman_cli.job import Job, load, perform
from dragoman_cli.rest import Admin, RestError
from dragoman_cli.results import Results, Utterance

WISH = Wish("en", "es")
GOOD = Results(
    utterances={"u": Utterance("u", transcript="hello", translation="hola")}, audio=bytearray(b"\1\0" * 100)
)


class Money:
    """An admin whose statement has a line of the session when it is settled."""

    def __init__(self, *pages: list[dict[str, Any]] | Exception) -> None:
        self.pages = list(pages)
        self.asked: list[str] = []

    def call(self, method: str, path: str) -> dict[str, Any]:
        self.asked.append(path)
        page = self.pages.pop(0)
        if isinstance(page, Exception):
            raise page
        return {"items": [line | {"reference": line.get("reference", REFERENCE[0])} for line in page]}


REFERENCE = [""]


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


def performed(
    monkeypatch: pytest.MonkeyPatch,
    out: io.StringIO,
    answer: Results | Exception,
    path: Path | None = None,
    admin: Any = None,
) -> bool:
    async def translate(url: str, key: str, wish: Wish, audio: AsyncIterator[bytes], show: Any) -> Results:
        REFERENCE[0] = wish.reference
        async for _ in audio:
            pass
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(client, "translate", translate)
    job = Job(b"\1\0" * 320, WISH, speed=1000)
    return perform(job, "http://edge", "k", path, admin, Console(file=out, width=100))


def test_the_speech_is_kept_and_the_credits_told(
    monkeypatch: pytest.MonkeyPatch, out: io.StringIO, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "PAGE", 1)
    money = Money([{"id": "1", "reference": "another", "micro": 1}], [], [{"id": "2", "micro": 500_000}])
    assert performed(monkeypatch, out, GOOD, tmp_path / "out.wav", money)
    assert (tmp_path / "out.wav").exists() and "translated speech" in out.getvalue()
    assert "credits used: 0.5000" in out.getvalue() and money.asked[1].endswith("after=1")


def test_accounts_that_do_not_tell_cost_only_that_line(
    monkeypatch: pytest.MonkeyPatch, out: io.StringIO
) -> None:
    assert performed(monkeypatch, out, GOOD, None, Money(RestError("away")))
    assert "credits" not in out.getvalue()
    monkeypatch.setattr(module, "SETTLED_WAIT_S", -1.0)
    assert module._spent(Admin("http://a", "t"), "r") is None


def test_without_speech_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch, out: io.StringIO, tmp_path: Path
) -> None:
    assert not performed(monkeypatch, out, Results(), tmp_path / "out.wav")
    assert "no speech came" in out.getvalue() and not (tmp_path / "out.wav").exists()


def test_what_came_before_a_break_is_kept_all_the_same(
    monkeypatch: pytest.MonkeyPatch, out: io.StringIO, tmp_path: Path
) -> None:
    with pytest.raises(TranslateError):
        performed(monkeypatch, out, TranslateError("broken", GOOD), tmp_path / "out.wav")
    assert (tmp_path / "out.wav").exists() and "1 utterance" in out.getvalue()


def test_a_second_interrupt_ends_everything(monkeypatch: pytest.MonkeyPatch, out: io.StringIO) -> None:
    async def translate(url: str, key: str, wish: Wish, audio: AsyncIterator[bytes], show: Any) -> Results:
        import asyncio

        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(0.01)
        await asyncio.sleep(60)
        return GOOD

    monkeypatch.setattr(client, "translate", translate)
    with pytest.raises(KeyboardInterrupt):
        perform(Job(b"\1\0", WISH), "http://edge", "k", None, None, Console(file=out))


def test_standard_input_must_be_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", type("In", (), {"isatty": lambda self: False})())
    assert load("-") == b""
    monkeypatch.setattr("sys.stdin", type("In", (), {"isatty": lambda self: True})())
    with pytest.raises(AudioError, match="is a terminal"):
        load("-")
    with pytest.raises(AudioError):
        load("/nothing.wav")
    assert Job(b"", WISH).timed and not Job(b"", WISH, 2).timed
