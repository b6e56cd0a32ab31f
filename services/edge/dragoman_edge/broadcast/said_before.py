"""Results of a broadcast's session, read back at its host's new edge."""

from dragoman_contract import codec, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import MeshError
from dragoman_edge.model.commands import JOBS
from dragoman_kit import stored
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get

log = get(__name__)
MOST = 5_000  # results of ten minutes, which is as long as the stream has them


async def said_before(bus: Bus, session_id: str, live_from_ms: int) -> list[ev.Transcript | ev.Translation]:
    """Read the final texts since it went live at `live_from_ms` of the track; none without the bus."""
    found: list[ev.Transcript | ev.Translation] = []
    first: dict[int, int] = {}  # by track, the first utterance that is for viewers
    subject = subjects.session_finals(session_id)
    try:
        async for _, data in stored.read(bus, subjects.EVENTS_STREAM, subject, 0, MOST):
            event = codec.decode_event(data)
            if not isinstance(event, ev.Transcript | ev.Translation) or event.track == JOBS:
                continue
            if isinstance(event, ev.Transcript) and event.start_ms + event.duration_ms > live_from_ms:
                first.setdefault(event.track, event.utterance)
            if event.final and event.utterance >= first.get(event.track, event.utterance + 1):
                found.append(event)
    except MeshError as exc:
        log.warning("earlier results of the broadcast not read", code=exc.code)
    return found
