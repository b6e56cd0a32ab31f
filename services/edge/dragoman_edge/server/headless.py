"""Sessions without a socket: their client is this edge."""

import asyncio
from collections.abc import Callable

from dragoman_contract import rpc
from dragoman_contract.ids import new_id
from dragoman_edge.model.commands import Open
from dragoman_edge.session.context import EdgeContext
from dragoman_edge.session.session import Session

Begin = Callable[[Session], "asyncio.Task[None]"]


async def begun(parts: EdgeContext, begin: Begin, ask: Open, credential: str, source: str) -> Session:
    """Return a session that accounts have opened and that lives by `begin`.

    Args:
        ask: with the session's id in `promised`; without one the id is new.
        credential: an API key or token.
        source: address of the client for which it is.

    Raises:
        DragomanError: the mesh cannot do the spec, accounts refuse it, or the bus is away.
    """
    await parts.capabilities.check(ask.spec)
    request = rpc.OpenRequest(
        credential=credential,
        source=source,
        session_id=ask.promised or new_id("s_"),
        edge_id=parts.edge_id,
        spec=ask.spec,
        admitted=True,
    )
    session = Session(parts, ask, await parts.accounts.ask(request, rpc.OpenReply))
    try:
        await session.begin()
    except BaseException:
        await session.give_up()
        raise
    begin(session)
    return session
