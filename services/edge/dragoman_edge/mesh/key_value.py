"""Records of REST endpoints and broadcasts, shared by all edges: one value for each key, in a stream."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nats.errors import Error as NatsError
from nats.js.api import Header
from nats.js.errors import APIError, NotFoundError

from dragoman_contract import events as ev
from dragoman_contract import subjects
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_contract.ids import new_id
from dragoman_edge.mesh.shares import Shares
from dragoman_edge.model.requests import EndLive, Find, IsLive, Keep, Names
from dragoman_edge.model.reservation import SessionReservation, reservation_key
from dragoman_edge.resume import checkpoint as records
from dragoman_kit.bus import Bus

WAIT_S = 2.0
TRIES = 3  # to keep a value under a key that others forget meanwhile
TAKEN = frozenset({10071, 10164})  # JetStream's error codes: the subject has a message already
FULL = 10077  # the stream takes no new message
FULL_AGAIN_MS = 60_000


@dataclass(frozen=True, slots=True)
class Place:
    """A stream with the newest value of each key, and the subject of a key."""

    stream: str
    subject: Callable[[str], str]


RESOURCES = Place(subjects.RESOURCES_STREAM, subjects.resource)  # for a day
CHANNELS = Place(subjects.CHANNELS_STREAM, subjects.channel)  # for a year


class KeyValueStore:
    """Answers what REST handlers ask, and keeps the lives of promised sessions.

    Every method raises `MeshError`: `UNAVAILABLE` when the bus does not answer, `BUSY` when the stream has no
    room for a new value.
    """

    def __init__(self, bus: Bus, live_for_s: float, place: Place = RESOURCES) -> None:
        """`live_for_s`: how old the newest record of a session may be that still counts as live."""
        self._bus = bus
        self._place = place
        self._live_for_s = live_for_s
        self._shares = Shares()

    async def answer(self, ask: Keep | Find | Names | IsLive | EndLive) -> Any:
        """Answer the question of a REST handler."""
        try:
            match ask:
                case Keep():
                    self._shares.take(ask.key.partition(".")[0], len(ask.value), time.time())
                    return await self.keep(ask.key, ask.value, only_new=ask.only_new)
                case Find():
                    return await self.find(ask.key)
                case Names():
                    return await self.names(ask.prefix)
                case IsLive():
                    return await self.is_live(ask.session_id)
                case EndLive():
                    end = ev.EndSession(session_id=ask.session_id, code=FaultCode.SESSION_ENDED)
                    return await self._bus.publish_event(end)
        except (NatsError, TimeoutError) as exc:
            raise _unavailable() from exc

    async def keep(self, key: str, value: str, *, only_new: bool = False) -> str:
        """Remember `value`; the value that is there then."""
        if not only_new:
            await self._put(key, value, None)
            return value
        known, place = "", 0
        for _ in range(TRIES):
            if await self._put(key, value, place):
                return value
            known, place = await self._last(key)
            if known:
                return known
        raise _unavailable()

    async def change(self, key: str, change: Callable[[str], str]) -> str:
        """Replace a value by what `change` makes of it ("" = there is none); the value that is there then.

        `change` is called again where another edge was first.
        """
        for _ in range(TRIES):
            known, place = await self._last(key)
            value = change(known)
            if value == known or await self._put(key, value, place):
                return value
        raise _unavailable()

    async def find(self, key: str) -> str | None:
        """Return the value of a key, None where there is none."""
        return (await self._last(key))[0] or None

    async def _put(self, key: str, value: str, after: int | None) -> bool:
        """Store; only where the last one has the sequence `after` (0 = there is none), if that is given."""
        headers: dict[str, Any] = {}
        if after is not None:
            headers[Header.EXPECTED_LAST_SUBJECT_SEQUENCE] = str(after)
        try:
            await self._bus.js.publish(
                self._place.subject(key), value.encode(), timeout=WAIT_S, headers=headers
            )
        except APIError as exc:
            if exc.err_code == FULL:
                message = "too much is stored at the moment"
                raise MeshError(FaultCode.BUSY, message, retry_after_ms=FULL_AGAIN_MS) from exc
            if after is None or exc.err_code not in TAKEN:
                raise _unavailable() from exc
            return False
        except (NatsError, TimeoutError) as exc:
            raise _unavailable() from exc
        return True

    async def _last(self, key: str) -> tuple[str, int]:
        """The value and its sequence: ("", 0) where there was none, an empty value where it was forgotten."""
        try:
            msg = await self._bus.js.get_last_msg(self._place.stream, self._place.subject(key))
        except NotFoundError:
            return "", 0
        except (NatsError, TimeoutError) as exc:
            raise _unavailable() from exc
        return (msg.data or b"").decode(), msg.seq or 0

    async def names(self, prefix: str) -> list[str]:
        """The last tokens of all keys that are `prefix` and one token more, sorted."""
        wanted = self._place.subject(f"{prefix}.*")
        try:
            info = await self._bus.js.stream_info(self._place.stream, subjects_filter=wanted)
        except (NatsError, TimeoutError) as exc:
            raise _unavailable() from exc
        return sorted(subject.rpartition(".")[2] for subject in info.state.subjects or {})

    async def is_live(self, session_id: str) -> bool:
        """Whether the session runs, or waits for its client to come back."""
        known = await records.read(self._bus, session_id)
        return bool(known) and not known[0].ended and known[0].at_ms > (time.time() - self._live_for_s) * 1000

    # Lives

    async def life(self, account_id: str, session_id: str) -> SessionReservation:
        """Return a session's reservation as stored; a new one where there is none."""
        known = await self.find(reservation_key(account_id, session_id))
        return (
            SessionReservation.model_validate_json(known)
            if known
            else SessionReservation(started_at_ms=_now_ms())
        )

    async def claim(self, account_id: str, session_id: str) -> bool:
        """Begin the life of a session; False when it has one already."""
        mine = SessionReservation(started_at_ms=_now_ms(), claim=new_id("")).model_dump_json()
        return await self.keep(reservation_key(account_id, session_id), mine, only_new=True) == mine

    async def unclaim(self, account_id: str, session_id: str) -> None:
        """Release the claim of a session that did not begin."""
        await self._put(reservation_key(account_id, session_id), "", None)  # no service may purge a stream

    async def end(self, account_id: str, session_id: str, reason: str) -> None:
        """End its life, unless that is done."""
        life = await self.life(account_id, session_id)
        if not life.ended_at_ms:
            ended = life.model_copy(update={"ended_at_ms": _now_ms(), "reason": reason})
            await self.keep(reservation_key(account_id, session_id), ended.model_dump_json())


def _now_ms() -> int:
    return int(time.time() * 1000)


def _unavailable() -> MeshError:
    return MeshError(FaultCode.UNAVAILABLE, "the bus cannot be reached", retry_after_ms=1000)
