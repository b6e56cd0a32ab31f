"""The parts of a session, put together without a session that runs them."""

from typing import Any

from dragoman_contract import events as ev
from dragoman_edge.model.commands import Open
from dragoman_edge.resume.handover import Handover
from dragoman_edge.session.assembly import Assembly, Hooks
from dragoman_edge.session.client_commands import ClientCommands
from dragoman_edge.session.context import Takeover
from dragoman_edge.session.state import Move, Phase, SessionState
from tests.support.factories import edge_context, grant, spec
from tests.support.fake_bus import FakeMesh


class Assembled:
    """The parts of a session over a bus in memory; nobody runs them. `commands` are those of its client."""

    def __init__(
        self, wanted: Open | None = None, taken: Takeover | None = None, usage: ev.Usage | None = None
    ) -> None:
        self.mesh = FakeMesh()
        self.state = SessionState(Phase.OPENING)
        self.said: list[Any] = []
        self.failed: list[BaseException] = []
        hooks = Hooks(
            self.failed.append, lambda: self.said.append("complete"), _steer, _nobody, self.said.append
        )
        self.made = Assembly(
            edge_context(self.mesh), wanted or Open(spec()), grant(), usage, taken, self.state, hooks
        )
        self.commands = ClientCommands(self.made, self.state, False)

    async def live(self) -> Assembly:
        await self.made.results.listen()
        self.state.move(Move.BEGIN)
        await self.made.recognisers.start()
        return self.made

    async def sent(self) -> list[Any]:
        """What waits for the client."""
        self.made.send_queue.close()
        found = []
        while (item := await self.made.send_queue.get()) is not None:
            found.append(item)
        self.mesh.fall_silent()
        return found


async def _steer(event: ev.Heartbeat | ev.EndSession) -> None: ...


def _nobody(give: bool) -> Handover | None:
    return None
