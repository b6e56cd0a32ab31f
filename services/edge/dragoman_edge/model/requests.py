"""Questions of REST handlers to accounts and the edges."""

from dataclasses import dataclass

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_edge.model.broadcasts import (
    Admit,
    ChangeBroadcast,
    FindBroadcast,
    ListBroadcasts,
    MakeBroadcast,
    RevokeBroadcast,
)
from dragoman_edge.model.commands import TextRequest
from dragoman_edge.model.imports import Pause, ReceiveUpload, StartImport, Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueToken:
    """Make a short-lived credential of a key; answered by `IssuedToken`, or refused.

    With a `seed` it is the key's token of that seed: while it is remembered, it stays as it was made.
    `ttl_ms` is its life, `claims` is JSON that whoever shows the token gets back. It is good for `dialect`
    alone.
    """

    credential: str
    source: str = ""
    dialect: str = ""
    prefix: str = ""
    ttl_ms: int
    single_use: bool = False
    claims: str = ""
    seed: str = ""
    token: str = ""  # one that the handler has made; empty = it is made here


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedToken:
    """A token, and what its key may know; `expires_at_ms` is Unix time, `credits_remaining` micro-credits."""

    token: str
    expires_at_ms: int = 0
    key_id: str = ""
    account_id: str = ""
    credits_remaining: int = 0
    rate: rpc.RateLimit | None = None


@dataclass(frozen=True, slots=True)
class Keep:
    """Remember `value` under `key` for a day, for all edges; answered by the value that is there then.

    A key is tokens joined by dots, the account's id first. With `only_new` a value that is there stays.
    """

    key: str
    value: str
    only_new: bool = False


@dataclass(frozen=True, slots=True)
class Find:
    """Answered by what is remembered under `key`, or None."""

    key: str


@dataclass(frozen=True, slots=True)
class Names:
    """Answered by the last tokens of all keys that are `prefix` and one token more, sorted."""

    prefix: str


@dataclass(frozen=True, slots=True)
class IsLive:
    """Answered by whether the session runs, or waits for its client to come back."""

    session_id: str


@dataclass(frozen=True, slots=True)
class EndLive:
    """End a running session: results in hand still go out. Answered by None."""

    session_id: str


@dataclass(frozen=True, slots=True)
class Room:
    """Answered by None, if another session could begin now; else the request is refused with `BUSY`."""


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """Refused, if no worker can do it; else answered by what of it will not be heeded, in words."""

    spec: ev.Spec


@dataclass(frozen=True, slots=True)
class ListLanguages:
    """Answered by the `Languages`."""


@dataclass(frozen=True, slots=True)
class Languages:
    """Languages, pairs and voices that the services serve."""

    recognised: tuple[str, ...] = ()
    pairs: tuple[rpc.LanguagePair, ...] = ()
    voices: tuple[rpc.VoiceInfo, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTexts:
    """Translate or speak texts, by a session without audio; answered by a `TextResult` for each, in order.

    The session lives for the next question of the same `id`, unless this one is the `last`. The numbers of
    the jobs are not looked at.
    """

    id: str
    credential: str
    source: str
    spec: ev.Spec
    jobs: tuple[TextRequest, ...]
    last: bool = False


@dataclass(frozen=True, slots=True)
class TextResult:
    """A translation, its speech, or why there is none: `code` and `message`."""

    text: str = ""
    speech: tuple[ev.SpeechChunk, ...] = ()
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class EncodeVoice:
    """Make the voice of an uploaded recording of one person; answered by an `rpc.EncodeVoiceReply`."""

    upload: Upload


BroadcastAsk = MakeBroadcast | ChangeBroadcast | FindBroadcast | ListBroadcasts | RevokeBroadcast | Admit


LanguageAsk = CheckSpec | ListLanguages


ImportAsk = ReceiveUpload | StartImport


Ask = (
    RunTexts
    | rpc.Message
    | IssueToken
    | LanguageAsk
    | Room
    | Keep
    | Find
    | Names
    | IsLive
    | EndLive
    | BroadcastAsk
    | ImportAsk
    | EncodeVoice
    | Pause
)
