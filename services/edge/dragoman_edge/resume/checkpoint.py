"""Checkpoints: a session's state, stored as it runs and read when its client resumes."""

import asyncio
import base64
import hashlib
import hmac
import secrets
import time
from typing import Any

from nats.errors import Error as NatsError
from nats.js.api import Header
from nats.js.errors import APIError, NotFoundError
from pydantic import BaseModel, Field, ValidationError

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_contract.ids import is_safe_token
from dragoman_edge.model.audio_formats import AudioFormat
from dragoman_edge.model.delivery_counts import DeliveryCounts
from dragoman_edge.resume.checkpoint_shares import CheckpointShares
from dragoman_edge.resume.stream_replay import StreamPosition
from dragoman_kit import stored
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get

log = get(__name__)
VERSION = 2
STORE_PATIENCE_S = 2.0  # the next record replaces one that was not stored
WRONG_LAST_SEQUENCE, FULL = 10071, 10077  # errors of nats-server
MOST = 64  # records of one session that are looked at


class TrackCheckpoint(BaseModel):
    """A track's recogniser."""

    track: int
    epoch: int
    worker_id: str
    ended: bool
    end: int = 0  # the sample up to which it was sent audio
    voices: list[tuple[int, str, int]] = []  # of its speakers: number, print in base64, ms
    names: dict[int, str] = {}  # of those who are known
    unsure: list[tuple[int, int, str, int, str]] = []  # utterance; number, print, ms and name of its speaker

    def known_voices(self) -> dict[int, ev.Voice]:
        """The voices by speaker."""
        return {
            speaker: _voice(speaker, text, spoken_ms, self.names.get(speaker, ""))
            for speaker, text, spoken_ms in self.voices
        }

    def unsure_voices(self) -> dict[int, ev.Voice]:
        """Voices of utterances whose speaker is unsure, by utterance."""
        return {
            number: _voice(speaker, text, spoken_ms, name)
            for number, speaker, text, spoken_ms, name in self.unsure
        }


def _voice(speaker: int, text: str, spoken_ms: int, name: str) -> ev.Voice:
    return ev.Voice(speaker=speaker, print=base64.b64decode(text), spoken_ms=spoken_ms, name=name)


class SessionCheckpoint(BaseModel):
    """A session at one moment. `at_ms` and `started_at_ms` are Unix times."""

    version: int = VERSION
    session_id: str
    account_id: str
    token_hash: str
    spec: str  # protobuf in base64
    audio_in: dict[str, Any]
    audio_out: dict[str, Any]
    started_at_ms: int
    at_ms: int
    since: StreamPosition  # up to which everything is out
    delivered: dict[str, dict[str, int]]
    cursor: dict[str, Any]
    links: list[TrackCheckpoint]
    usage: dict[str, int]
    ended: bool = False
    writer: str = ""  # random, of the edge's hold on the session
    confirmed: dict[str, dict[str, int]] = {}  # what a client that does not count has got
    concluded: list[list[str | int]] = []  # of open utterances: what their finals will begin with
    pauses: list[list[int]] = []  # of the client's audio: where, and how long altogether
    steady: list[list[str | int]] = []  # and what a client that wants nothing taken back was shown
    kept: list[str] = []  # records that the archive's stream does not have yet: protobuf in base64
    recorded: dict[str, Any] = {}  # where the recordings of the tracks stand
    sequence: int = Field(0, exclude=True)  # in the stream; of one that was handed over, of the last stored

    def wanted(self) -> ev.Spec:
        """Return the spec that the client asked for."""
        return codec.decode(rpc.OpenRequest, base64.b64decode(self.spec)).spec

    def formats(self) -> tuple[AudioFormat, AudioFormat]:
        """The client's audio, in and out."""
        return AudioFormat(**self.audio_in), AudioFormat(**self.audio_out)

    def got(self) -> DeliveryCounts:
        """Return a copy of the counts of results that had gone out."""
        return DeliveryCounts(**{kind: dict(counts) for kind, counts in self.delivered.items()})


def pack(spec: ev.Spec) -> str:
    """A spec as text."""
    request = rpc.OpenRequest(credential="", source="", session_id="", edge_id="", spec=spec)
    return base64.b64encode(codec.encode(request)).decode()


def new_token(session_id: str) -> str:
    """Make the token with which the client resumes."""
    return f"{session_id}.{secrets.token_urlsafe(24)}"


def session_of(token: str) -> str:
    """The session that a token is for.

    Raises:
        PeerError: it is no token.
    """
    session_id, _, secret = token.partition(".")
    if not secret or not is_safe_token(session_id):
        raise PeerError(FaultCode.BAD_REQUEST, "invalid resume token")
    return session_id


def hashed(token: str) -> str:
    """Return the digest of a token for storage: a token is random and long, so a plain digest is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def check(records: list[SessionCheckpoint], token: str | None, account_id: str, window_s: float) -> None:
    """Whether the client may go on with the session that `records` describe, the newest first.

    `token` is None when the client's credential is for this session.

    Raises:
        PeerError: `SESSION_ENDED`, whatever is wrong, so that nobody learns which sessions exist.
    """
    gone = PeerError(FaultCode.SESSION_ENDED, "the session cannot be resumed; begin a new one")
    if not records:
        raise gone
    newest = records[0]
    right = token is None or hmac.compare_digest(newest.token_hash, hashed(token))
    if newest.account_id != account_id or not right:
        raise gone
    if newest.ended or newest.at_ms < (time.time() - window_s) * 1000:
        raise gone


def fitting(records: list[SessionCheckpoint], known: DeliveryCounts) -> SessionCheckpoint:
    """The record to go on from, of records that begin with the newest.

    What is out is that of the newest record that is not ahead of what the client has; of the oldest, if all
    are. What is asked for, who has the recognisers and where the recording stands are always the newest:
    pieces of audio are stored whatever the client has got.
    """
    last = records[0]
    found = next((record for record in records if record.got().within(known)), records[-1])
    newest = {"links": last.links, "spec": last.spec, "sequence": last.sequence}
    return found.model_copy(update=newest | {"recorded": last.recorded, "kept": last.kept})


class Fenced(Exception):
    """Another edge has the session: it has written a record since."""


async def store(
    bus: Bus, record: SessionCheckpoint, after: int, shares: CheckpointShares | None = None
) -> int:
    """Write it down, after the record of sequence `after` of this session (0 = the first); its own sequence.

    This is what makes sure that one edge at a time has a session: the stream takes one successor only.
    Without `shares` the record is stored whatever its account has.

    Raises:
        Fenced: another edge was quicker.
        PeerError: `RATE_LIMITED`, when the account's share is full.
        MeshError: `BUSY`, when the stream is full; `UNAVAILABLE`.
    """
    headers = _headers(record, after)
    subject, payload = subjects.session_record(record.session_id), record.model_dump_json().encode()
    if shares is not None:
        shares.take(record.account_id, record.session_id, len(payload), time.monotonic())
    deadline = time.monotonic() + STORE_PATIENCE_S
    while True:
        try:
            ack = await bus.js.publish(subject, payload, timeout=STORE_PATIENCE_S / 2, headers=headers)
        except APIError as exc:
            problem: Exception = exc
            if exc.err_code == FULL:
                raise MeshError(FaultCode.BUSY, "too many checkpoints are stored") from exc
            if exc.err_code == WRONG_LAST_SEQUENCE:
                after = await _own_last(bus, subject, record.writer)
                headers = _headers(record, after)
        except (NatsError, TimeoutError) as exc:
            problem = exc
        else:
            return ack.seq
        if time.monotonic() > deadline:
            raise MeshError(
                FaultCode.UNAVAILABLE, "the session's checkpoint could not be stored"
            ) from problem
        await asyncio.sleep(0.1)


def _headers(record: SessionCheckpoint, after: int) -> dict[str, str]:
    return {
        subjects.MESSAGE_ID_HEADER: f"{record.session_id}.{after}.{secrets.token_hex(4)}",
        Header.EXPECTED_LAST_SUBJECT_SEQUENCE.value: str(after),
    }


async def _own_last(bus: Bus, subject: str, writer: str) -> int:
    """The sequence of the last record, if this writer wrote it: its answer was lost with a connection.

    Raises:
        Fenced: another one wrote it.
        MeshError: `UNAVAILABLE`.
    """
    try:
        msg = await bus.js.get_last_msg(subjects.SESSIONS_STREAM, subject)
    except NotFoundError:
        return 0  # what was written before has lapsed, or its server has lost it
    except (NatsError, TimeoutError) as exc:
        raise MeshError(FaultCode.UNAVAILABLE, "the session's checkpoint could not be stored") from exc
    last = _parsed(msg.data or b"", msg.seq or 0)
    if not last or last[0].writer != writer:
        raise Fenced
    return last[0].sequence


async def read(bus: Bus, session_id: str) -> list[SessionCheckpoint]:
    """Read the stored checkpoints of a session, the newest first.

    Raises:
        MeshError: `UNAVAILABLE`.
    """
    subject, found = subjects.session_record(session_id), []
    async for sequence, data in stored.read(bus, subjects.SESSIONS_STREAM, subject, 0, MOST):
        found += _parsed(data, sequence)
    return found[::-1]


def _parsed(data: bytes, sequence: int) -> list[SessionCheckpoint]:
    try:
        record = SessionCheckpoint.model_validate_json(data)
    except ValidationError:
        return []
    return [record.model_copy(update={"sequence": sequence})] if record.version == VERSION else []
