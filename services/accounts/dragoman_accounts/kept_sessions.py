"""Orders to the archive about what sessions have left behind."""

import time

from dragoman_contract import codec, rpc, subjects
from dragoman_contract.errors import MeshError, error_for
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get

log = get(__name__)
LOST = "unavailable"  # reason of the end: the mesh's fault


async def erase_kept(bus: Bus, account_id: str) -> int:
    """Have the archive erase everything of an account, and return the number of its tasks.

    Raises:
        MeshError: the archive cannot be reached, or cannot do it now.
    """
    asked = rpc.EraseAccountRequest(account_id=account_id)
    reply = await bus.request(subjects.archive(subjects.ERASE_ACCOUNT), asked, rpc.EraseAccountReply)
    if reply.fault is not None:
        raise error_for(reply.fault.code, reply.fault.message, retry_after_ms=reply.fault.retry_after_ms)
    log.info("kept sessions erased", account=account_id, tasks=reply.tasks)
    return reply.tasks


async def end_lost(bus: Bus, account_id: str, session_ids: list[str]) -> None:
    """Tell the archive that sessions ended without their edge; those that are not kept it does not know."""
    now_ms = int(time.time() * 1000)
    for session_id in session_ids:
        ended = rpc.TaskEnded(reason=LOST, at_ms=now_ms, lost=True)
        record = rpc.KeptRecord(
            session_id=session_id, account_id=account_id, started_at_ms=now_ms, days=1, ended=ended
        )
        try:
            await bus.store(subjects.kept(session_id), codec.encode(record), subjects.kept_id(record))
        except MeshError as exc:
            log.warning("the end of a lost session is not told", session_id=session_id, code=exc.code)
