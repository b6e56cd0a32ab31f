"""The main job as people see it: speech in, results shown as they come, the translated speech kept."""

import asyncio
import secrets
import signal
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from dragoman_cli import client
from dragoman_cli.audio import AudioError, file_frames, read_file, stdin_frames, write_wav
from dragoman_cli.audio_source import BYTES_PER_S, pace
from dragoman_cli.keys import DEVELOPMENT
from dragoman_cli.rest import Admin, RestError
from dragoman_cli.results import Results
from dragoman_cli.show import Display, summary

SETTLED_WAIT_S = 10.0
CREDIT = 1_000_000  # micro-credits
PAGE = 200


@dataclass(frozen=True, slots=True)
class Job:
    """A translation to make; `pcm` is empty for standard input."""

    pcm: bytes
    wish: client.Wish
    speed: float = 1.0
    show_interims: bool = True

    @property
    def timed(self) -> bool:
        """Whether speech is sent as it would be spoken, so that delays mean something."""
        return self.speed == 1


def load(file: str) -> bytes:
    """The sound of a file; empty for `-`, which is read as it comes.

    Raises:
        AudioError: it cannot be read.
    """
    if file != "-":
        return read_file(Path(file))
    if sys.stdin.isatty():
        raise AudioError("standard input is a terminal: pipe raw PCM (s16le, 16 kHz, mono) into it")
    return b""


def perform(job: Job, url: str, key: str, out: Path | None, admin: Admin | None, console: Console) -> bool:
    """Do it, show it, keep the speech and sum up; whether anything was translated.

    Raises:
        TranslateError: refused, or broken off; what came before is shown and kept all the same.
    """
    reference = f"cli-{secrets.token_hex(8)}"
    wish = replace(job.wish, reference=reference)
    display = Display(console, len(job.pcm) / BYTES_PER_S, job.show_interims, job.timed)
    try:
        with display.progress:
            results = asyncio.run(_stream(job, wish, url, key, display))
    except client.TranslateError as exc:
        _conclude(exc.results, job, display.sent_s, out, None, console)
        raise
    spent = _spent(admin, reference) if admin else None
    _conclude(results, job, display.sent_s, out, spent, console)
    return any(utterance.translation for utterance in results.utterances.values())


async def _stream(job: Job, wish: client.Wish, url: str, key: str, display: Display) -> Results:
    """The first Ctrl-C ends the speech and waits for what is on its way; a second ends everything."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    this = asyncio.current_task()

    def interrupted() -> None:
        if stop.is_set() and this is not None:
            this.cancel()
        stop.set()

    async def counted() -> AsyncIterator[bytes]:
        frames = file_frames(job.pcm, stop) if job.pcm else stdin_frames(stop)
        async for frame in pace(frames, job.speed):
            display.sent(len(frame) / BYTES_PER_S)
            yield frame

    loop.add_signal_handler(signal.SIGINT, interrupted)
    try:
        return await client.translate(url, key, wish, counted(), display.show)
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        loop.remove_signal_handler(signal.SIGINT)


def _conclude(
    results: Results, job: Job, sent_s: float, out: Path | None, spent: float | None, console: Console
) -> None:
    if out is not None:
        told = f"translated speech: {out}" if results.audio else f"no speech came; {out} is not written"
        if results.audio:
            write_wav(out, bytes(results.audio))
        console.print(told, highlight=False, markup=False, soft_wrap=True)
    if sent_s:
        summary(console, results, sent_s, spent, job.timed)


def _spent(admin: Admin, reference: str) -> float | None:
    """Credits of the session with this reference, once it is settled; None when accounts do not tell."""
    deadline, after = time.monotonic() + SETTLED_WAIT_S, ""
    while time.monotonic() < deadline:
        try:
            lines = admin.call("GET", f"/v1/accounts/{DEVELOPMENT}/usage?limit={PAGE}&after={after}")["items"]
        except RestError:
            return None  # the summary goes without
        for line in lines:
            after = line["id"]
            if line["reference"] == reference:
                return int(line["micro"]) / CREDIT
        if len(lines) < PAGE:
            time.sleep(0.25)
    return None
