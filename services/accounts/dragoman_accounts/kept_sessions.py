"""Orders to the archive about what sessions have left behind."""

from dragoman_contract import rpc, subjects
from dragoman_contract.errors import error_for
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get

log = get(__name__)


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
