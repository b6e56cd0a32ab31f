"""A broadcast channel as it is stored: what its owner wants of it, and how it stands. Pure."""

import secrets
import time
import uuid
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict

from dragoman_contract import events as ev
from dragoman_contract.ids import new_id
from dragoman_edge.broadcast import credentials as access
from dragoman_edge.model.broadcasts import BroadcastWish
from dragoman_edge.model.commands import Open

BEGINS_MS = 30_000  # until a session that begins has left a record of itself


class BroadcastDefinition(BaseModel):
    """A broadcast as its owner wants it, with the secrets of its viewers' access. Never shown as it is."""

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
    voices: tuple[ev.VoiceChoice, ...] = ()
    speakers: int = 0  # that are told apart at most
    summary_template: str = ""
    summary_language: str = ""
    callback_url: str = ""
    created_at_ms: int
    revoked_at_ms: int = 0

    def wished(self, wish: BroadcastWish, salt: str, password: str) -> "BroadcastDefinition":
        """Return it as `wish` has it; viewers need the new password, where it is another one."""
        fields: dict[str, Any] = {
            "name": wish.name,
            "source_languages": wish.source_languages,
            "target_languages": wish.target_languages,
            "max_viewers": wish.max_viewers,
            "standby_message": wish.standby_message,
            "voices": wish.voices,
            "speakers": wish.speakers,
            "summary_template": wish.summary_template,
            "summary_language": wish.summary_language,
            "callback_url": wish.callback_url,
        }
        if wish.password is not None:
            fields |= {"salt": salt, "password": password, "secret": access.new_secret()}
        return self.model_copy(update=fields)

    def wish(self) -> BroadcastWish:
        """Return the part that its owner may change; the password stays as it is."""
        return BroadcastWish(
            name=self.name,
            source_languages=self.source_languages,
            target_languages=self.target_languages,
            password=None,
            max_viewers=self.max_viewers,
            standby_message=self.standby_message,
            voices=self.voices,
            speakers=self.speakers,
            summary_template=self.summary_template,
            summary_language=self.summary_language,
            callback_url=self.callback_url,
        )

    def applied(self, wanted: Open) -> Open:
        """Return a session of the channel: what its client does not say is as the channel has it."""
        spec, keep = wanted.spec, wanted.spec.keep
        track = spec.tracks[0]
        sources = track.source_languages or self.source_languages
        targets = track.target_languages or self.target_languages
        tracks = (replace(track, source_languages=sources, target_languages=targets), *spec.tracks[1:])
        if keep is not None:
            summary = keep.summary
            if summary is None and self.summary_template:
                summary = ev.SummaryWish(
                    mode="builtin", template=self.summary_template, language=self.summary_language
                )
            keep = replace(keep, summary=summary, callback_url=keep.callback_url or self.callback_url)
        changed = replace(
            spec,
            tracks=tracks,
            translate=spec.translate or bool(targets),
            voices=spec.voices or self.voices,
            speakers=spec.speakers or (self.speakers if len(sources) == 1 else 0),
            keep=keep,
        )
        return replace(wanted, spec=changed)


class BroadcastStanding(BaseModel):
    """State of a broadcast, written by its host's edge. Times are Unix milliseconds, 0 = not yet.

    A channel is used again and again: the state is that of its latest session, `peak` and `total` are of all.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    session_id: str = ""
    sessions: int = 0  # that began before
    show: ev.Show = ev.Show.STANDBY
    standby_message: str = ""
    live_from_ms: int = 0  # track time
    source_languages: tuple[str, ...] = ()
    target_languages: tuple[str, ...] = ()
    begun_at_ms: int = 0  # a host has asked for the session
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

    @property
    def running(self) -> bool:
        """Whether a session of it has begun and not ended, as far as is known."""
        return bool(self.session_id) and not self.ended_at_ms

    @property
    def beginning(self) -> bool:
        """Whether its session may still have no record of itself."""
        return self.running and now_ms() - self.begun_at_ms < BEGINS_MS

    def again(self, standby_message: str) -> "BroadcastStanding":
        """Return the state of the next session of the channel."""
        return BroadcastStanding(
            session_id=new_id("s_"),
            sessions=self.sessions + bool(self.started_at_ms),
            standby_message=standby_message,
            begun_at_ms=now_ms(),
            peak=self.peak,
            total=self.total,
        )

    def between(self, standby_message: str) -> "BroadcastStanding":
        """Return the state that viewers see who wait for the next session."""
        return BroadcastStanding(standby_message=standby_message, peak=self.peak, total=self.total)


def channel_id(ms: int) -> str:
    """Return a random UUID whose order is that of the times `ms` (RFC 9562, version 7)."""
    number = ms << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=number))


def now_ms() -> int:
    """Return Unix time in milliseconds."""
    return int(time.time() * 1000)
