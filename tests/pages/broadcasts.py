"""A live broadcast in front of browsers, and results that no recogniser would give."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import nats

from dragoman_contract import codec, subjects
from dragoman_contract import events as ev
from tests.conformance import viewing
from tests.conformance.test_vas import Client
from tests.mesh.conftest import Mesh

SPEAKING = {"transcription_languages": ["en"], "translation_languages": ["es", "pt"]}


@asynccontextmanager
async def on_air(mesh: Mesh, **wish: object) -> AsyncIterator[tuple[str, Client]]:
    """A live broadcast: the path of its page, and its host."""
    made = await viewing.made(mesh.edge, mesh.key, **{"name": "Talk", **wish})
    async with viewing.host(mesh.edge, mesh.key, made["token"], **SPEAKING) as (client, _):
        await client.do("broadcast_go_live")
        await client.event("broadcast_phase_changed")
        yield f"/broadcast/{made['token']}", client


async def show(mesh: Mesh, path: str, *events: ev.Event) -> None:
    """Results as the host's edge would publish them."""
    bus = await nats.connect(mesh.state["nats"])
    for event in events:
        await bus.publish(subjects.broadcast_event(path.rpartition("/")[2]), codec.encode_event(event))
    await bus.flush()
    await bus.close()
