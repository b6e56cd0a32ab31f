"""Broadcast channels as every edge finds them: made, changed, used again and again, revoked."""

import secrets
from dataclasses import replace
from typing import Any

from nats.errors import Error as NatsError

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.broadcast import credentials as access
from dragoman_edge.broadcast.channels import LETTERS, Channels, is_token
from dragoman_edge.broadcast.definition import (
    BroadcastDefinition,
    BroadcastStanding,
    channel_id,
    now_ms,
)
from dragoman_edge.broadcast.tries import Tries
from dragoman_edge.mesh.key_value import KeyValueStore
from dragoman_edge.model.broadcasts import (
    Admit,
    Admitted,
    Broadcast,
    BroadcastPage,
    BroadcastWish,
    ChangeBroadcast,
    FindBroadcast,
    ListBroadcasts,
    MakeBroadcast,
    RevokeBroadcast,
)
from dragoman_edge.model.commands import BroadcastWanted, Open
from dragoman_edge.model.requests import BroadcastAsk, EndLive
from dragoman_kit.bus import Bus

LENGTH = 16  # of a token; that of those in use may differ
GUESSABLE = 11  # tokens up to this length are protected by a bound on tries
GUESSES, GUESSES_S = 20, 60.0  # unknown tokens of one address
TRIES = 30  # until one is found that is free
MOST, MOST_EVER = 1000, 10_000  # of one account: that are not revoked, and that are remembered


class Broadcasts:
    """Stored broadcasts, for REST handlers, hosts and viewers' edges.

    Every method raises `MeshError` (`UNAVAILABLE`) when the bus does not answer.
    """

    def __init__(
        self, bus: Bus, resources: KeyValueStore, channels: Channels, token_length: int = LENGTH
    ) -> None:
        self._bus = bus
        self._resources = resources
        self._channels = channels
        self._passwords = access.Passwords()
        self._token_length = token_length
        self._guesses = Tries(GUESSES, GUESSES_S) if token_length <= GUESSABLE else None

    async def answer(self, ask: BroadcastAsk) -> Any:
        """Answer the question of a REST handler."""
        match ask:
            case MakeBroadcast():
                return await self._shown(await self.make(ask.account_id, ask.wish))
            case ChangeBroadcast():
                return await self._shown(await self.change(ask.token, ask.wish))
            case FindBroadcast():
                return await self._find_for(ask)
            case ListBroadcasts():
                return await self._list(ask)
            case RevokeBroadcast():
                return await self._shown(await self.revoke(ask.token))
            case Admit():
                return await self._admit(ask)

    async def make(self, account_id: str, wish: BroadcastWish) -> BroadcastDefinition:
        """A new one, with a token that no other has.

        Raises:
            PeerError: `RATE_LIMITED`.
        """
        ever = await self._channels.ever(account_id)
        if ever >= MOST_EVER or len(await self._channels.open(account_id)) >= MOST:
            raise PeerError(FaultCode.RATE_LIMITED, f"more than {MOST} broadcasts; revoke some")
        made_at = now_ms()
        wanted = BroadcastDefinition(
            id=channel_id(made_at), token="", account_id=account_id, secret=access.new_secret(),
            created_at_ms=made_at,
        )  # fmt: skip
        wanted = await self._wished(wanted, wish)
        for _ in range(TRIES):
            token = "".join(secrets.choice(LETTERS) for _ in range(self._token_length))
            made = wanted.model_copy(update={"token": token})
            if await self._channels.add(made):
                return made
        raise MeshError(FaultCode.BUSY, "no broadcast token is available")

    async def change(self, token: str, wish: BroadcastWish) -> BroadcastDefinition:
        """Change what is wanted of it; a session that runs goes on as it began.

        Raises:
            PeerError: `UNKNOWN_SESSION`; `SESSION_ENDED`, when it is revoked.
        """
        made = await self.find(token)
        if made is None:
            raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such broadcast")
        if made.revoked_at_ms:
            raise PeerError(FaultCode.SESSION_ENDED, "the broadcast is revoked")
        changed = await self._wished(made, wish)
        await self._channels.keep(changed)
        return changed

    async def _wished(self, made: BroadcastDefinition, wish: BroadcastWish) -> BroadcastDefinition:
        salt = secrets.token_hex(16)
        return made.wished(
            wish, salt, await self._passwords.hash(wish.password, salt) if wish.password else ""
        )

    async def revoke(self, token: str) -> BroadcastDefinition:
        """End it for good, for its host and its viewers.

        Raises:
            PeerError: `UNKNOWN_SESSION`.
        """
        made = await self.find(token)
        if made is None:
            raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such broadcast")
        if not made.revoked_at_ms:
            made = made.model_copy(update={"revoked_at_ms": now_ms()})
            await self._channels.keep(made)
        await self.end(token)
        return made

    async def _list(self, ask: ListBroadcasts) -> BroadcastPage:
        names = await self._channels.open(ask.account_id)
        made = [await self.find(name, ask.account_id) for name in names[ask.first : ask.first + ask.most]]
        return BroadcastPage(tuple([await self._shown(one) for one in made if one]), len(names))

    async def find(self, name: str, account_id: str = "") -> BroadcastDefinition | None:
        """By its token, or by its id among those of an account; with `account_id` only the account's own."""
        return await self._channels.find(name, account_id)

    async def standing(self, token: str) -> BroadcastStanding:
        """Read the state of a broadcast."""
        return await self._channels.standing(token)

    async def store(self, token: str, standing: BroadcastStanding) -> None:
        """Store the broadcast's current state."""
        await self._channels.store(token, standing)

    async def end(self, token: str) -> None:
        """Over for now: the host's session is ended, viewers are told."""
        standing = await self.standing(token)
        if standing.ended_at_ms:
            return
        if standing.session_id:
            await self._resources.answer(EndLive(standing.session_id))
        ended = standing.model_copy(update={"show": ev.Show.ENDED, "ended_at_ms": now_ms()})
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
        if made.revoked_at_ms:
            raise PeerError(FaultCode.SESSION_ENDED, "the broadcast has ended")
        opened = made.applied(wanted)
        if not opened.spec.tracks[0].source_languages:
            raise PeerError(FaultCode.BAD_REQUEST, "transcription_languages: Field required")
        standing = await self._begun(made)
        known = BroadcastWanted(made.token)
        return replace(opened, promised=standing.session_id, resumable=True, broadcast=known)

    async def _begun(self, made: BroadcastDefinition) -> BroadcastStanding:
        """Its session that runs, or a new one: whoever begins it first says which session it is."""
        before = await self.standing(made.token)
        lost = before.running and not before.beginning and not await self.is_live(before.session_id)
        over = before.session_id if lost else ""  # its host died without a word, and no viewer missed it

        def begin(known: BroadcastStanding) -> BroadcastStanding:
            same = known.running and known.session_id != over
            return known if same else known.again(made.standby_message)

        begun = await self._channels.change(made.token, begin)
        await self._channels.keep(made)  # for another year
        return begun

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
        if not found.password or access.good(ask.access, found.secret, found.token, now_ms()):
            return shown
        return replace(shown, name="", source_languages=(), target_languages=(), standby_message="")

    async def _find_by_token(self, token: str, source: str) -> BroadcastDefinition | None:
        """A viewer's, who may be trying tokens: where they are short, only a few a minute.

        Raises:
            PeerError: `RATE_LIMITED`.
        """
        if self._guesses:
            self._guesses.begin(source)
        found = await self.find(token) if is_token(token) else None
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
            await self._passwords.check(
                ask.token, ask.source, ask.password, found.salt, found.password, ask.viewer
            )
        expires_ms = now_ms() + int(access.ACCESS_S * 1000)
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
        if found.password and not access.good(shown, found.secret, token, now_ms()):
            raise PeerError(FaultCode.INVALID_CREDENTIAL, "invalid or expired viewer access token")
        if found.revoked_at_ms:
            raise PeerError(FaultCode.SESSION_ENDED, "the broadcast has ended")
        standing = await self.standing(token)
        return found, standing.between(found.standby_message) if standing.ended_at_ms else standing

    async def _shown(self, made: BroadcastDefinition) -> Broadcast:
        standing = await self.standing(made.token)
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
            sessions=standing.sessions + bool(standing.started_at_ms),
            hosted=standing.running and await self.is_live(standing.session_id),
            viewers=standing.viewers,
            queued=standing.queued,
            peak=standing.peak,
            total=standing.total,
            created_at_ms=made.created_at_ms,
            started_at_ms=standing.started_at_ms,
            live_at_ms=standing.live_at_ms,
            ended_at_ms=standing.ended_at_ms,
            revoked_at_ms=made.revoked_at_ms,
            wish=made.wish(),
        )
