"""Reading a session's results back from the streams: after an outage of the bus, and for a resume."""

from collections.abc import AsyncIterator

from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError

from dragoman_contract import codec, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit.bus import Bus

MOST = 20_000  # messages of one session that are read back
STREAMS = (
    (subjects.EVENTS_STREAM, subjects.session_finals),
    (subjects.SPEECH_STREAM, subjects.session_speech),
)


async def last_stored(bus: Bus) -> dict[str, int]:
    """The last sequence of each stream: where reading back has to begin.

    Raises:
        MeshError: `UNAVAILABLE`.
    """
    try:
        return {name: (await bus.js.stream_info(name)).state.last_seq for name, _ in STREAMS}
    except (NatsError, TimeoutError) as exc:
        raise MeshError(FaultCode.UNAVAILABLE, "the bus cannot be reached", retry_after_ms=1000) from exc


async def read_back(bus: Bus, session_id: str, since: dict[str, int]) -> AsyncIterator[ev.Event]:
    """The stored events of a session after the sequences `since`, finals first.

    Raises:
        MeshError: `UNAVAILABLE`, when a stream does not answer.
    """
    for stream, subject in STREAMS:
        sequence = since.get(stream, 0)
        for _ in range(MOST):
            try:
                msg = await bus.js.get_msg(stream, seq=sequence + 1, subject=subject(session_id), next=True)
            except NotFoundError:
                break
            except (NatsError, TimeoutError) as exc:
                raise MeshError(FaultCode.UNAVAILABLE, "a stream cannot be read") from exc
            sequence = msg.seq or sequence + 1
            yield codec.decode_event(msg.data or b"")
