"""Progress of a session and its client, counted while it runs and kept in its checkpoint."""

import base64
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

from dragoman_contract import events as ev
from dragoman_contract.ids import new_id
from dragoman_edge.media.recogniser import RecogniserSession
from dragoman_edge.model.commands import Open
from dragoman_edge.model.delivery_counts import DeliveryCounts
from dragoman_edge.ordering.reorder_buffer import ReorderBuffer
from dragoman_edge.resume.checkpoint import SessionCheckpoint, TrackCheckpoint, hashed, new_token, pack
from dragoman_edge.resume.delivery_log import DeliveryLog
from dragoman_edge.resume.stream_replay import StreamPosition
from dragoman_edge.session.context import Takeover


class Positions:
    """`known` is what the client has already: of a session that was taken over it does not get it again."""

    def __init__(self, session_id: str, account_id: str, wanted: Open, taken: Takeover | None) -> None:
        self._session_id = session_id
        self._account_id = account_id
        self._wanted = wanted
        self._delivered = taken.record.got() if taken else DeliveryCounts()
        self._known = taken.received.or_else(taken.record.got()) if taken else DeliveryCounts()
        self._sent = DeliveryLog(self._known)
        self._confirmed: DeliveryCounts | None = None  # once its client is gone
        self._hold = new_id("h_")
        self.token = taken.token if taken else (new_token(session_id) if wanted.resumable else "")
        self.started_at_ms = taken.record.started_at_ms if taken else int(time.time() * 1000)

    def take(self, event: ev.Event) -> ev.Event | None:
        """Count a released result; what of it goes out."""
        return self._delivered.take(event, self._known)

    def mark_sent(self, event: ev.Event, now: float) -> None:
        """An event went to the socket (monotonic s)."""
        self._sent.mark_sent(event, now)

    def client_left(self, now: float) -> None:
        """Note that the client is gone: results written shortly before `now` (monotonic s) may be lost."""
        self._confirmed = self._sent.confirmed(now)

    def record(
        self,
        spec: ev.Spec,
        since: StreamPosition,
        cursor: dict[str, Any],
        links: Iterable[RecogniserSession],
        usage: dict[str, int],
    ) -> SessionCheckpoint:
        """Return the checkpoint of this moment."""
        return SessionCheckpoint(
            session_id=self._session_id,
            account_id=self._account_id,
            token_hash=hashed(self.token),
            spec=pack(spec),
            audio_in=asdict(self._wanted.audio_in),
            audio_out=asdict(self._wanted.audio_out),
            started_at_ms=self.started_at_ms,
            at_ms=int(time.time() * 1000),
            since=since,
            delivered=asdict(self._delivered),
            cursor=cursor,
            links=[_written(link) for link in links],
            usage=usage,
            writer=self._hold,
            confirmed=asdict(self._confirmed or self._sent.confirmed(time.monotonic())),
        )


def _written(link: RecogniserSession) -> TrackCheckpoint:
    return TrackCheckpoint(
        track=link.track,
        epoch=link.epoch,
        worker_id=link.worker_id,
        ended=link.ended,
        end=link.ring.end,
        voices=[
            (voice.speaker, base64.b64encode(voice.print).decode(), voice.spoken_ms)
            for voice in link.voices.values()
        ],
        names={voice.speaker: voice.name for voice in link.voices.values() if voice.name},
        unsure=[
            (number, voice.speaker, base64.b64encode(voice.print).decode(), voice.spoken_ms, voice.name)
            for number, voice in link.unsure.items()
        ],
    )


def reassembler(tracks: Sequence[int], taken: Takeover | None, wait_ms: int, now_ms: int) -> ReorderBuffer:
    """The order of a session's results: new, or where its record stands."""
    if taken is None:
        return ReorderBuffer(tracks=list(tracks), max_wait_ms=wait_ms)
    order = ReorderBuffer.restore(taken.record.cursor, now_ms=now_ms, max_wait_ms=wait_ms)
    for track in tracks:  # one may have joined after the record
        order.add(track)
    return order


def used_before(usage: ev.Usage | None, taken: Takeover | None) -> ev.Usage | None:
    """Return the usage before a takeover, up to the checkpoint: later usage counts again."""
    if taken is None or usage is None:
        return usage
    used = taken.record.usage
    return replace(
        usage,
        recognised_ms=used["recognised_ms"],
        translated_ms=used["translated_ms"],
        synthesised_ms=used["synthesised_ms"],
    )
