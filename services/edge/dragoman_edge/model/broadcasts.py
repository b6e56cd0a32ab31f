"""Broadcasts: what is wanted of one, how it stands, and what is asked about it."""

from dataclasses import dataclass

from dragoman_contract import events as ev


@dataclass(frozen=True, slots=True)
class BroadcastWish:
    """Request for a broadcast; `max_viewers` 0 = any number, no password = open to all (None = as it is).

    Attributes:
        speakers: that are told apart at most; 0 = they are not.
    """

    name: str = ""
    source_languages: tuple[str, ...] = ()
    target_languages: tuple[str, ...] = ()
    password: str | None = ""
    max_viewers: int = 0
    standby_message: str = ""
    voices: tuple[ev.VoiceChoice, ...] = ()
    speakers: int = 0
    summary_template: str = ""
    summary_language: str = ""
    callback_url: str = ""


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A broadcast and how it stands; times are Unix milliseconds, 0 = not yet.

    It is a channel: `sessions` counts how often it was used, `wish` is what it is used with the next time.
    """

    id: str
    token: str  # what viewers find it by
    name: str
    has_password: bool
    max_viewers: int
    source_languages: tuple[str, ...]
    target_languages: tuple[str, ...]
    standby_message: str
    show: ev.Show
    session_id: str
    hosted: bool  # its host is there, or may come back
    viewers: int
    queued: int
    peak: int
    total: int
    created_at_ms: int
    started_at_ms: int
    live_at_ms: int
    ended_at_ms: int
    sessions: int = 0
    revoked_at_ms: int = 0
    wish: BroadcastWish = BroadcastWish()


@dataclass(frozen=True, slots=True)
class MakeBroadcast:
    """Answered by the new `Broadcast`."""

    account_id: str
    wish: BroadcastWish


@dataclass(frozen=True, slots=True)
class FindBroadcast:
    """Answered by the `Broadcast`, or None. `name` is its token, or its id where the account is given.

    Without the account it is a viewer's question: of a broadcast with a password it hears nothing but that,
    until it has `access` (`Admitted.access`). `source` is the viewer's address.
    """

    name: str
    account_id: str = ""  # only this one's
    access: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class ChangeBroadcast:
    """Want something else of it from its next session on; answered by the `Broadcast`."""

    token: str
    wish: BroadcastWish


@dataclass(frozen=True, slots=True)
class ListBroadcasts:
    """Those of an account that are not revoked, the newest first; answered by a `BroadcastPage`."""

    account_id: str
    first: int
    most: int


@dataclass(frozen=True, slots=True)
class BroadcastPage:
    """Some of an account's broadcasts, and how many there are."""

    broadcasts: tuple[Broadcast, ...]
    total: int


@dataclass(frozen=True, slots=True)
class RevokeBroadcast:
    """Nobody hosts or watches it any more, ever. Answered by the `Broadcast`."""

    token: str


@dataclass(frozen=True, slots=True)
class Admit:
    """A viewer's password; answered by `Admitted`, unless it is wrong or was tried too often."""

    token: str
    password: str
    source: str
    viewer: str = ""  # key of the viewer


@dataclass(frozen=True, slots=True)
class Admitted:
    """With `access` a viewer may begin to watch, until `expires_at_ms` (Unix time)."""

    access: str
    expires_at_ms: int
