"""Handing a session over: an edge that has it gives its records and latest results to the one that asks.

With them a session goes on though the bus has lost its data.
"""

import base64

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from pydantic import BaseModel, ValidationError

from dragoman_contract import codec, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_edge.resume.checkpoint import VERSION, SessionCheckpoint
from dragoman_kit.bus import Bus

WAIT_S = 0.7  # an edge that lives answers in milliseconds
SEQUENCE_HEADER = "Dragoman-Sequence"
LOOK = b"look"
HEADERS_BYTES = 1024


class Handover(BaseModel):
    """A session as its edge knows it: its records, the newest first, and its latest results (base64)."""

    records: list[SessionCheckpoint] = []
    results: list[str] = []

    @classmethod
    def of(cls, records: list[SessionCheckpoint], results: list[ev.Event]) -> "Handover":
        """Make one of a session's records and results."""
        return cls(
            records=records, results=[base64.b64encode(codec.encode_event(one)).decode() for one in results]
        )

    def events(self) -> list[ev.Event]:
        """Return the results."""
        return [codec.decode_event(base64.b64decode(one)) for one in self.results]


async def ask_for(bus: Bus, session_id: str, *, give: bool) -> Handover:
    """Ask the edge that has the session what it knows, and to `give` it away; empty when none answers.

    Raises: MeshError, `UNAVAILABLE`, when the bus is away.
    """
    try:
        asked = b"" if give else LOOK
        answer = await bus.nc.request(subjects.session_handover(session_id), asked, timeout=WAIT_S)
    except (NoRespondersError, TimeoutError):
        return Handover()
    except NatsError as exc:
        raise MeshError(FaultCode.UNAVAILABLE, "the bus cannot be reached") from exc
    return _parsed(answer.data, int((answer.headers or {}).get(SEQUENCE_HEADER, "0")))


async def answer(bus: Bus, msg: Msg, given: Handover) -> None:
    """Answer who asks for a session: with its newest record alone where all would be too long a message."""
    headers = {SEQUENCE_HEADER: str(given.records[0].sequence)}
    data = given.model_dump_json().encode()
    if len(data) > bus.nc.max_payload - HEADERS_BYTES:
        data = Handover(records=given.records[:1]).model_dump_json().encode()
    await bus.nc.publish(msg.reply, data, headers=headers)


def newest_first(handed: list[SessionCheckpoint], stored: list[SessionCheckpoint]) -> list[SessionCheckpoint]:
    """All of them; what was handed over by an edge that had lost the session before does not count."""
    last = stored[0].sequence if stored else 0
    return [record for record in handed if record.sequence >= last] + stored


def _parsed(data: bytes, sequence: int) -> Handover:
    try:
        given = Handover.model_validate_json(data)
    except ValidationError:
        return Handover()
    if any(record.version != VERSION for record in given.records):
        return Handover()
    records = [record.model_copy(update={"sequence": sequence}) for record in given.records]
    return given.model_copy(update={"records": records})
