"""A recogniser that answers every piece of audio at once: what is left is what the mesh itself takes.

python -m tests.bench.echo: an stt worker whose tracks publish interims that say when they were sent. Frames
of the load generator say when they should have been sent; the delays until they are here go to ECHO_FILE at
SIGUSR1: of every frame, and of the last frame of each message (which did not wait for company).
"""

import asyncio
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from dragoman_cli.load.delays import Delays
from dragoman_cli.load.generator import BYTES_PER_MS, STAMP
from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.audio import AudioFrame
from dragoman_kit import bus as buses
from dragoman_kit.ops import Health, ops_app, serve_http, stop_http
from dragoman_kit.run import run
from dragoman_kit.settings import CommonSettings, load
from dragoman_scripted.engines import LoudnessActivity, ScriptedRecogniser
from dragoman_stt import worker
from dragoman_stt.scheduler import Scheduler
from dragoman_stt.settings import SttSettings
from dragoman_stt.track import Track

FRAME_BYTES = int(os.environ.get("ECHO_FRAME_MS", "20")) * BYTES_PER_MS
LOOK_EVERY = 4  # messages of a track, of which one is looked at frame by frame: it takes as long as the rest
EVERY = int(os.environ.get("ECHO_EVERY", "5"))  # messages of a track for each interim
TEXT = " of a sentence that is as long as sentences are, so that the message has its size"
delays = Delays()


class EchoTrack(Track):
    """In place of `dragoman_stt.track.Track`; it has all that the worker asks of one."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._messages = 0
        self._due = asyncio.Event()
        self._over = asyncio.Event()

    @property
    def at_rest(self) -> bool:
        """Whether no utterance is open: always, as an echo has none."""
        return True

    def put(self, item: AudioFrame | rpc.TrackControl) -> None:
        if isinstance(item, AudioFrame):
            _measure(item.pcm, time.monotonic(), whole=self._messages % LOOK_EVERY == 0)
            self._messages += 1
            if self._messages % EVERY == 0:
                self._due.set()
        for taken in self._intake.take(item):
            if isinstance(taken, rpc.TrackControl) and taken.action in (ev.Action.END, ev.Action.CANCEL):
                self._over.set()
                self._due.set()

    def heartbeat(self, draining: bool) -> ev.Heartbeat:
        start, heard = self.start, self._intake.expected
        return ev.Heartbeat(
            session_id=start.session_id,
            track=start.track,
            epoch=start.epoch,
            worker_id=self._worker_id,
            received_samples=heard,
            covered_samples=heard,
            draining=draining,
            at_rest=True,
            last_utterance=0,
        )

    async def run(self) -> None:
        revision = 0
        while not self._over.is_set():
            await self._due.wait()
            self._due.clear()
            revision += 1
            await self._bus.publish_event(self._interim(revision))
        start = self.start
        await self._bus.store_event(
            ev.TrackEnded(session_id=start.session_id, track=start.track, epoch=start.epoch, last_utterance=0)
        )

    def _interim(self, revision: int) -> ev.Transcript:
        return ev.Transcript(
            session_id=self.start.session_id,
            track=self.start.track,
            epoch=self.start.epoch,
            utterance=1,
            revision=revision,
            final=False,
            text=f"{time.monotonic_ns()}.{TEXT}",
            language="en",
            start_ms=0,
            duration_ms=1000,
        )


def _measure(pcm: bytes, now: float, whole: bool) -> None:
    """The last frame; all of them if `whole`."""
    places = range(0, len(pcm) - len(pcm) % FRAME_BYTES, FRAME_BYTES)
    for place in places if whole else ():
        _record("frame to recogniser", pcm, place, now)
    if places:
        _record("last frame of a message to recogniser", pcm, places[-1], now)


def _record(name: str, pcm: bytes, place: int, now: float) -> None:
    sent = int.from_bytes(pcm[place : place + STAMP], "little") / 1e9
    if 0 < now - sent < 600:  # silence in place of what is gone has no stamp
        delays.record(name, now - sent)


def _write() -> None:
    path = Path(os.environ["ECHO_FILE"])
    path.with_suffix(".new").write_text(json.dumps(delays.encoded()))
    path.with_suffix(".new").replace(path)
    delays.histograms.clear()


async def _serve(settings: SttSettings, common: CommonSettings, stop: asyncio.Event) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, _write)
    health = Health("stt", common.build)
    server, task = await serve_http(ops_app(health), settings)
    bus = await buses.connect(common, "stt", health)
    engine = ScriptedRecogniser()
    scheduler = Scheduler(engine, settings.decodes, settings.decode_timeout_s)
    made = worker.SttWorker(bus, engine, scheduler, LoudnessActivity(), None, settings, "echo", common.build)
    await made.start()
    running = asyncio.create_task(made.run())
    await stop.wait()
    running.cancel()
    await bus.close()
    await stop_http(server, task)


def main() -> None:
    settings, common = load(SttSettings, CommonSettings)
    vars(worker)["Track"] = EchoTrack
    run("stt", common, lambda stop: _serve(settings, common, stop))


if __name__ == "__main__":
    main()
