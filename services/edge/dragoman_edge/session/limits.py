"""Time limits of a session: idle, longest life, end, wait for its client."""

import asyncio
import time
from dataclasses import dataclass, field

from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.session.state import SessionState
from dragoman_edge.settings import EdgeSettings

LOOK_S = 1.0


@dataclass(slots=True)
class Times:
    """Moments of a session, in monotonic seconds; 0 = not yet."""

    started: float = field(default_factory=time.monotonic)
    audio: float = field(default_factory=time.monotonic)  # the last that came, or the last text
    ending: float = 0.0  # since the last audio
    result: float = 0.0  # the last that went on
    detached: float = 0.0


class Limits:
    """Raises when no more audio may be taken: what is in hand still goes out."""

    def __init__(self, settings: EdgeSettings, granted_ms: int, state: SessionState, times: Times) -> None:
        """`granted_ms`: the longest session that accounts allow; 0 = no limit of theirs."""
        self._idle_s = settings.idle_s
        granted = granted_ms / 1000
        self._longest_s = min(settings.max_session_s, granted) if granted else settings.max_session_s
        self._state = state
        self._times = times

    async def run(self) -> None:
        """Look now and then.

        Raises:
            PeerError: `IDLE` or `TOO_LONG`.
        """
        while True:
            await asyncio.sleep(LOOK_S)
            self.check(time.monotonic())

    def check(self, now: float) -> None:
        """Raises: as `run`."""
        state, times = self._state, self._times
        if state.live and now - times.audio > self._idle_s:
            raise PeerError(FaultCode.IDLE, f"no audio for {self._idle_s:.0f} s")
        if not state.ending and now - times.started > self._longest_s:
            raise PeerError(FaultCode.TOO_LONG, f"longer than {self._longest_s:.0f} s")


class Deadlines:
    """Raises when there is nothing more to wait for: the session is over."""

    def __init__(self, finish_s: float, window_s: float, state: SessionState, times: Times) -> None:
        """`finish_s`: for the next result after the last audio; `window_s`: for the client to come back."""
        self._finish_s = finish_s
        self._window_s = window_s
        self._state = state
        self._times = times

    def check(self, now: float) -> None:
        """Look at the time (monotonic s).

        Raises:
            PeerError: `SESSION_ENDED`.
            MeshError: `TIMEOUT`.
        """
        state, times = self._state, self._times
        if state.detached and now - times.detached > self._window_s:
            raise PeerError(FaultCode.SESSION_ENDED, "the client did not resume in time")
        if state.ending and now - max(times.ending, times.result) > self._finish_s:
            raise MeshError(FaultCode.TIMEOUT, "some results did not arrive in time")
