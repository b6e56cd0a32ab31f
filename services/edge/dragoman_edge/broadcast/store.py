"""Broadcasts as every edge finds them: what was wanted of each, and how it stands."""

import secrets
import string
import time
import uuid
from dataclasses import replace
from typing import Any

from nats.errors import Error as NatsError
from pydantic import BaseModel, ConfigDict

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_contract.ids import is_safe_token, new_id
from dragoman_edge.broadcast import credentials as access
from dragoman_edge.broadcast.tries import Tries
from dragoman_edge.mesh.key_value import KeyValueStore
from dragoman_edge.model.broadcasts import (
    Admit,
    Admitted,
    Broadcast,
    BroadcastWish,
    EndBroadcast,
    FindBroadcast,
    MakeBroadcast,
)
from dragoman_edge.model.commands import BroadcastWanted, Open
from dragoman_edge.model.requests import BroadcastAsk, EndLive
from dragoman_kit.bus import Bus

LETTERS = string.ascii_lowercase + string.digits
LENGTH = 16  # of a token; that of those in use may differ
SHORTEST, LONGEST = 4, 32
GUESSABLE = 11  # tokens up to this length are protected by a bound on tries
GUESSES, GUESSES_S = 20, 60.0  # unknown tokens of one address
TRIES = 30  # until one is found that is free
MOST = 1000  # of one account in a day


class BroadcastDefinition(BaseModel):
    """A broadcast as it was created, with the secrets of its viewers' access. Never shown as it is."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    token: str
    account_id: str
    name: str = ""
    source_languages: tuple[str, ...] = ()
    target_languages: tuple[str, ...] = ()
    max_viewers: int = 0
    salt: str = ""
    password: str = ""  # its hash; empty = for everybody
    secret: str
    standby_message: str = ""
    created_at_ms: int


class BroadcastStanding(BaseModel):
    """State of a broadcast, written by its host's edge. Times are Unix milliseconds, 0 = not yet."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    session_id: str = ""
    show: ev.Show = ev.Show.STANDBY
    standby_message: str = ""
    live_from_ms: int = 0  # track time
    source_languages: tuple[str, ...] = ()
    target_languages: tuple[str, ...] = ()
    started_at_ms: int = 0
    live_at_ms: int = 0
    ended_at_ms: int = 0
    viewers: int = 0
    queued: int = 0
    peak: int = 0
    total: int = 0

    @property
    def state(self) -> ev.BroadcastState:
        """Return the state in the form for viewers."""
        return ev.BroadcastState(
            show=self.show,
            standby_message=self.standby_message,
            live_from_ms=self.live_from_ms,
            source_languages=self.source_languages,
            target_languages=self.target_languages,
        )


class Broadcasts:
    """Stored broadcasts, for REST handlers, hosts and viewers' edges.

    Every method raises `MeshError` (`UNAVAILABLE`) when the bus does not answer.
    """

    def __init__(self, bus: Bus, resources: KeyValueStore, token_length: int = LENGTH) -> None:
        self._bus = bus
        self._resources = resources
        self._passwords = access.Passwords()
        self._token_length = token_length
        self._guesses = Tries(GUESSES, GUESSES_S) if token_length <= GUESSABLE else None

    async def answer(self, ask: BroadcastAsk) -> Any:
        """Answer the question of a REST handler."""
        match ask:
            case MakeBroadcast():
                return await self._shown(await self.make(ask.account_id, ask.wish))
            case FindBroadcast():
                return await self._find_for(ask)
            case EndBroadcast():
                return await self.end(ask.token)
            case Admit():
                return await self._admit(ask)

    async def make(self, account_id: str, wish: BroadcastWish) -> BroadcastDefinition:
        """A new one, with a token that no other has.

        Raises:
            PeerError: `RATE_LIMITED`.
        """
        if len(await self._resources.names(f"{account_id}.broadcast")) >= MOST:
            raise PeerError(FaultCode.RATE_LIMITED, f"more than {MOST} broadcasts in a day")
        salt = secrets.token_hex(16)
        password = await self._passwords.hash(wish.password, salt) if wish.password else ""
        wanted = BroadcastDefinition(
            id=str(uuid.uuid4()),
            token="",
            account_id=account_id,
            name=wish.name,
            source_languages=wish.source_languages,
            target_languages=wish.target_languages,
            max_viewers=wish.max_viewers,
            salt=salt,
            password=password,
            secret=access.new_secret(),
            standby_message=wish.standby_message,
            created_at_ms=_now_ms(),
        )
        for _ in range(TRIES):
            token = "".join(secrets.choice(LETTERS) for _ in range(self._token_length))
            made = wanted.model_copy(update={"token": token})
            text = made.model_dump_json()
            if await self._resources.keep(_made(token), text, only_new=True) == text:
                await self._resources.keep(f"{account_id}.broadcast.{made.id}", token)
                return made
        raise MeshError(FaultCode.BUSY, "no broadcast token is available")

    async def find(self, name: str, account_id: str = "") -> BroadcastDefinition | None:
        """By its token, or by its id among those of an account; with `account_id` only the account's own."""
        token: str | None = name
        if not _is_token(name):
            known = account_id and is_safe_token(name)
            token = await self._resources.find(f"{account_id}.broadcast.{name}") if known else None
        text = await self._resources.find(_made(token)) if token else None
        found = BroadcastDefinition.model_validate_json(text) if text else None
        return None if found and account_id and found.account_id != account_id else found

    async def standing(self, token: str) -> BroadcastStanding:
        """Read the state of a broadcast."""
        text = await self._resources.find(_stands(token))
        return BroadcastStanding.model_validate_json(text) if text else BroadcastStanding()

    async def store(self, token: str, standing: BroadcastStanding) -> None:
        """Store the broadcast's current state."""
        await self._resources.keep(_stands(token), standing.model_dump_json())

    async def end(self, token: str) -> None:
        """Over: the host's session is ended, viewers are told."""
        standing = await self.standing(token)
        if standing.ended_at_ms:
            return
        if standing.session_id:
            await self._resources.answer(EndLive(standing.session_id))
        ended = standing.model_copy(update={"show": ev.Show.ENDED, "ended_at_ms": _now_ms()})
        await self.store(token, ended)
        await self.tell(token, rpc.BroadcastNotice(state=ended.state))

    async def tell(self, token: str, notice: rpc.BroadcastNotice) -> None:
        """Send a notice to all edges with viewers.

        Raises: MeshError if the bus does not take it.
        """
        try:
            await self._bus.nc.publish(subjects.broadcast_notice(token), codec.encode(notice))
        except NatsError as exc:
            raise MeshError(FaultCode.UNAVAILABLE, "the bus cannot be reached") from exc

    async def is_live(self, session_id: str) -> bool:
        """Whether its host is there, or may come back."""
        return await self._resources.is_live(session_id)

    # Hosts

    async def hosted(self, wanted: Open, account_id: str) -> Open:
        """The session of a broadcast: a new one's, or that of one that was made, begun or broken.

        Raises:
            PeerError: `UNKNOWN_SESSION` or `SESSION_ENDED`.
        """
        if wanted.broadcast is None:
            return wanted
        name = wanted.broadcast.name
        made = await (self.find(name, account_id) if name else self.make(account_id, BroadcastWish()))
        if made is None:
            raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such broadcast")
        standing = await self._begun(made)
        if standing.ended_at_ms:
            raise PeerError(FaultCode.SESSION_ENDED, "the broadcast has ended")
        known = BroadcastWanted(made.token)
        return replace(wanted, promised=standing.session_id, resumable=True, broadcast=known)

    async def _begun(self, made: BroadcastDefinition) -> BroadcastStanding:
        """Whoever begins it first says which session it is."""
        mine = BroadcastStanding(session_id=new_id("s_"), standby_message=made.standby_message)
        kept = await self._resources.keep(_stands(made.token), mine.model_dump_json(), only_new=True)
        await self._resources.keep(_made(made.token), made.model_dump_json())  # for another day
        return BroadcastStanding.model_validate_json(kept)

    # Viewers

    async def _find_for(self, ask: FindBroadcast) -> Broadcast | None:
        """For its owner whole; for a viewer without its password, only that it needs one.

        Raises:
            PeerError: `RATE_LIMITED`.
        """
        if ask.account_id:
            found = await self.find(ask.name, ask.account_id)
            return await self._shown(found) if found else None
        found = await self._find_by_token(ask.name, ask.source)
        if found is None:
            return None
        shown = await self._shown(found)
        if not found.password or access.good(ask.access, found.secret, found.token, _now_ms()):
            return shown
        return replace(shown, name="", source_languages=(), target_languages=(), standby_message="")

    async def _find_by_token(self, token: str, source: str) -> BroadcastDefinition | None:
        """A viewer's, who may be trying tokens: where they are short, only a few a minute.

        Raises:
            PeerError: `RATE_LIMITED`.
        """
        if self._guesses:
            self._guesses.begin(source)
        found = await self.find(token) if _is_token(token) else None
        if self._guesses and found:
            self._guesses.passed(source)
        return found

    async def _admit(self, ask: Admit) -> Admitted:
        """A password becomes a token.

        Raises:
            PeerError: `UNKNOWN_SESSION`, `INVALID_CREDENTIAL` or `RATE_LIMITED`.
        """
        found = await self._find_by_token(ask.token, ask.source)
        if found is None:
            raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such broadcast")
        if found.password:
            await self._passwords.check(ask.token, ask.source, ask.password, found.salt, found.password)
        expires_ms = _now_ms() + int(access.ACCESS_S * 1000)
        return Admitted(access.signed(found.secret, found.token, expires_ms), expires_ms)

    async def open_to(
        self, token: str, shown: str, source: str = ""
    ) -> tuple[BroadcastDefinition, BroadcastStanding]:
        """A broadcast that the bearer of the access token `shown` may watch; `source` is its address.

        Raises:
            PeerError: `UNKNOWN_SESSION`, `SESSION_ENDED`, `MISSING_CREDENTIAL`, `INVALID_CREDENTIAL` or
                `RATE_LIMITED`.
        """
        found = await self._find_by_token(token, source)
        if found is None:
            raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such broadcast")
        if found.password and not shown:
            raise PeerError(FaultCode.MISSING_CREDENTIAL, "the broadcast requires a password")
        if found.password and not access.good(shown, found.secret, token, _now_ms()):
            raise PeerError(FaultCode.INVALID_CREDENTIAL, "invalid or expired viewer access token")
        standing = await self.standing(token)
        if standing.ended_at_ms:
            raise PeerError(FaultCode.SESSION_ENDED, "the broadcast has ended")
        return found, standing

    async def _shown(self, made: BroadcastDefinition) -> Broadcast:
        standing = await self.standing(made.token)
        live = bool(standing.session_id) and not standing.ended_at_ms
        return Broadcast(
            id=made.id,
            token=made.token,
            name=made.name,
            has_password=bool(made.password),
            max_viewers=made.max_viewers,
            source_languages=standing.source_languages or made.source_languages,
            target_languages=standing.target_languages or made.target_languages,
            standby_message=standing.standby_message or made.standby_message,
            show=standing.show,
            session_id=standing.session_id,
            hosted=live and await self.is_live(standing.session_id),
            viewers=standing.viewers,
            queued=standing.queued,
            peak=standing.peak,
            total=standing.total,
            created_at_ms=made.created_at_ms,
            started_at_ms=standing.started_at_ms,
            live_at_ms=standing.live_at_ms,
            ended_at_ms=standing.ended_at_ms,
        )


def _is_token(name: str) -> bool:
    return SHORTEST <= len(name) <= LONGEST and all(letter in LETTERS for letter in name)


def _made(token: str) -> str:
    """No account has this name."""
    return f"+broadcast.{token}.made"


def _stands(token: str) -> str:
    return f"+broadcast.{token}.stands"


def _now_ms() -> int:
    return int(time.time() * 1000)
