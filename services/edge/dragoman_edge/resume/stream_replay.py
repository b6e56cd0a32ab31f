"""Reading a session's results back from the streams: after an outage of the bus, and for a resume."""

from collections.abc import AsyncIterator

from nats.errors import Error as NatsError

from dragoman_contract import codec, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit import stored
from dragoman_kit.bus import Bus

MOST = 20_000  # messages of one session that are read back
STREAMS = (
    (subjects.EVENTS_STREAM, subjects.session_finals),
    (subjects.SPEECH_STREAM, subjects.session_speech),
)


StreamPosition = dict[
    str, int
]  # by stream its last sequence, and under `born(stream)` when it was made (Unix ms)


def born(stream: str) -> str:
    """The name of a stream's age in a place: a stream that was lost and made again counts anew."""
    return f"{stream}.born"


def same_stream(name: str, one: StreamPosition, other: StreamPosition) -> bool:
    """Whether the stream of both places is the same one."""
    return one.get(born(name)) == other.get(born(name))


async def last_stored(bus: Bus) -> StreamPosition:
    """Return the present positions of the streams, after which reading back begins.

    Raises:
        MeshError: `UNAVAILABLE`.
    """
    place: StreamPosition = {}
    try:
        for name, _ in STREAMS:
            info = await bus.js.stream_info(name)
            place[name] = info.state.last_seq
            place[born(name)] = int(info.created.timestamp() * 1000) if info.created else 0
    except (NatsError, TimeoutError) as exc:
        raise MeshError(FaultCode.UNAVAILABLE, "the bus cannot be reached", retry_after_ms=1000) from exc
    return place


async def read_back(bus: Bus, session_id: str, since: StreamPosition) -> AsyncIterator[ev.Event]:
    """The stored events of a session after `since`, finals first; all of them of a stream that was made anew.

    Raises:
        MeshError: `UNAVAILABLE`, when a stream does not answer.
    """
    now = await last_stored(bus)
    for stream, subject in STREAMS:
        sequence = since.get(stream, 0) if same_stream(stream, since, now) else 0
        async for _, data in stored.read(bus, stream, subject(session_id), sequence, MOST):
            yield codec.decode_event(data)
