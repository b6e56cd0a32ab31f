"""A process that holds a session as an edge does, until it is killed: `URL KEY SESSION`."""

import asyncio
import sys

from dragoman_contract import codec, rpc, subjects
from dragoman_kit.bus import connect
from dragoman_kit.ops import Health
from dragoman_kit.settings import CommonSettings
from tests.accounts.support import SPEC, used


async def hold(url: str, key: str, session: str) -> None:
    """Open, then renew and report, one second of audio at a time."""
    bus = await connect(CommonSettings(nats_url=url), "edge", Health("edge", "test"))
    opening = rpc.OpenRequest(credential=key, session_id=session, edge_id="e1", spec=SPEC)
    grant = (await bus.request(subjects.accounts("open"), opening, rpc.OpenReply)).grant
    assert grant is not None
    heard = 0
    while True:
        heard += 1
        usage = used(session, heard, heard, account=grant.account_id)
        await bus.store(subjects.usage(session), codec.encode_event(usage), subjects.message_id(usage))
        request = rpc.RenewRequest(session_id=session, account_id=grant.account_id, edge_id="e1", usage=usage)
        reply = await bus.request(subjects.accounts("renew"), request, rpc.RenewReply)
        print(heard if reply.fault is None else reply.fault.code, flush=True)
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(hold(*sys.argv[1:4]))
