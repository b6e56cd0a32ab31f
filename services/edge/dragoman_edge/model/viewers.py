"""Viewers of a broadcast: their request, the messages that they are sent, and the codec of these."""

from dataclasses import dataclass
from typing import Protocol

from dragoman_contract.events import Stability
from dragoman_edge.model.events import ViewerEvent


@dataclass(frozen=True, slots=True)
class ViewerRequest:
    """Request of a viewer: a broadcast in one translation (empty = all), with its speech.

    `FINAL` is without interim transcripts, too.
    """

    token: str
    language: str = ""
    speech: bool = False
    access: str = ""
    stability: Stability = Stability.LIVE
    last_id: str = ""  # of the message that a viewer who comes back had last
    key: str = ""  # by which a viewer who comes back is known; empty = never


@dataclass(frozen=True, slots=True)
class SseMessage:
    """Rendered once, for every viewer whom it concerns: those of `language` (empty = all), or with speech."""

    data: str
    language: str = ""
    speech: bool = False
    interim: tuple[object, ...] = ()  # what supersedes it; empty = it is not superseded
    id: str = ""  # of a sentence that late viewers get, too; the same on every edge


class ViewerEncoder(Protocol):
    """The codec of one broadcast for its viewers: events of the model → lines of text."""

    def render(self, event: ViewerEvent, now_ms: int) -> list[SseMessage]:
        """Called once for each event, in order; `now_ms` is Unix time."""
