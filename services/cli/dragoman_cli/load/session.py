"""A speaker's socket, and the delays of what it hears."""

import asyncio
import time
from collections import Counter

from picows import WSFrame, WSListener, WSMsgType, WSTransport

from dragoman_cli.load.delays import Delays
from dragoman_cli.load.plan import Plan
from dragoman_cli.load.speaker import BINARY, TEXT, Heard, Sent, Speaker

KINDS = {TEXT: WSMsgType.TEXT, BINARY: WSMsgType.BINARY}


class Tally:
    """The figures of all speakers of a process."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.delays = Delays()
        self.failed: Counter[str] = Counter()
        self.results: Counter[str] = Counter()
        self.frames = 0
        self.measuring = False
        self.over = False

    def record(self, name: str, seconds: float) -> None:
        """Count a delay, if it is in the measured window."""
        if self.measuring:
            self.delays.record(name, seconds)


class Session(WSListener):
    """A speaker's socket, and when each utterance was said."""

    def __init__(self, speaker: Speaker, tally: Tally, number: int) -> None:
        self.speaker = speaker
        self.tally = tally
        self.number = number
        self.transport: WSTransport | None = None
        self.ready = asyncio.Event()
        self.opened_ms = 0.0  # (Unix ms) what the edge takes for the time of the first sample
        self.began = 0.0  # (monotonic s) when its first sample should have been sent
        self.first_turn = 0  # in which it begins
        self.place = 0  # of the next frame among the pieces of audio
        self.over = False
        self._interims: set[str] = set()
        self._finals: dict[str, tuple[float, float]] = {}
        self._waiting_speech: list[str] = []

    def on_ws_connected(self, transport: WSTransport) -> None:
        """The socket is open."""
        self.transport = transport
        if self.speaker.ready_at_once:
            self.ready.set()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take a frame of the server."""
        if frame.msg_type is WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()
            return
        if frame.msg_type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            return
        kind = TEXT if frame.msg_type is WSMsgType.TEXT else BINARY
        heard = self.speaker.hear(kind, frame.get_payload_as_bytes())
        if heard is not None:
            self._note(heard, time.monotonic())

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """The socket is closed."""
        if not self.over and not self.tally.over:
            self.tally.failed["closed"] += 1
        self.over = True
        self.ready.set()

    def send(self, sent: Sent) -> None:
        """A frame of the client."""
        if self.transport is not None and not self.over:
            self.transport.send(KINDS[sent[0]], sent[1])

    # Results

    def _note(self, heard: Heard, now: float) -> None:
        tally = self.tally
        if heard.kind == "ready":
            self.ready.set()
        elif heard.kind == "error":
            tally.failed[f"error {heard.text}"] += 1
        elif heard.kind == "back":
            tally.record("round trip", now - int(heard.text) / 1e9)
        elif self.began:
            self._result(heard, now)

    def _result(self, heard: Heard, now: float) -> None:
        tally = self.tally
        tally.results[heard.kind] += 1
        if heard.kind == "interim":
            if tally.plan.stamped:  # the text is when the recogniser sent it
                tally.record("event to client", now - int(heard.text.partition(".")[0]) / 1e9)
            elif heard.utterance not in self._interims and heard.start_ms is not None:
                self._interims.add(heard.utterance)
                tally.record("first interim", now - self._said(heard.start_ms))
        elif heard.kind == "final":
            ended = self.ended(heard)
            if ended:
                tally.record("final", now - ended)
            self._finals[heard.utterance] = (now, ended)
        elif heard.kind == "translation":
            final_at, _ = self._finals.get(heard.utterance.rpartition("/")[0] or heard.utterance, (0.0, 0.0))
            if final_at:
                tally.record("translation after final", now - final_at)
            self._waiting_speech.append(heard.utterance)
        elif heard.kind == "speech":
            self._speech(heard, now)

    def _speech(self, heard: Heard, now: float) -> None:
        """The first of each utterance."""
        if not self._waiting_speech or (heard.utterance and heard.utterance not in self._waiting_speech):
            return
        which = heard.utterance or self._waiting_speech[0]
        self._waiting_speech.remove(which)
        final_at, ended = self._finals.pop(which.rpartition("/")[0] or which, (0.0, 0.0))
        if final_at:
            self.tally.record("first audio after final", now - final_at)
        if ended:
            self.tally.record("first audio", now - ended)

    def ended(self, heard: Heard) -> float:
        """Return the time (monotonic s) at which the last sample of the utterance was due."""
        end_ms = round(heard.unix_ms - self.opened_ms) if heard.unix_ms else heard.end_ms
        return self._said(end_ms) if end_ms else 0.0

    def _said(self, ms: int) -> float:
        plan = self.tally.plan
        frame = int(plan.frame_ms * plan.speed)  # the one that holds the sample
        return self.began + (-(-ms // frame) - 1) * plan.frame_ms / 1000
