"""Broadcasts on a real mesh with two edges: one host, viewers anywhere, each result made once."""

from collections.abc import Iterator

import pytest

from dragoman_cli.mesh import Mesh
from dragoman_scripted.tones import numbers
from tests.chaos.harness import Plan, mesh
from tests.conformance import viewing


@pytest.fixture(scope="module")
def made() -> Iterator[Mesh]:
    """Two edges, scripted engines."""
    plan = Plan(replicas={"edge": 2, "stt": 1, "translation": 1, "tts": 1})
    with mesh(plan, DRAGOMAN_RESUME_WINDOW_S="8") as (running, _):
        yield running


def edges(made: Mesh) -> list[str]:
    return [r.url for r in made.replicas if r.service == "edge"]


async def test_a_host_is_watched_at_both_edges(made: Mesh) -> None:
    near, far = edges(made)
    token = (await viewing.made(near, made.key, name="Talk"))["token"]
    async with viewing.host(near, made.key, token) as (host, started):
        assert started["phase"] == "standby"
        async with (
            viewing.viewer(near, token, lang="es-ES") as one,
            viewing.viewer(far, token, lang="fr", tts="true") as two,
        ):
            await one.event("viewer_connected")
            await two.event("viewer_connected")
            await host.do("broadcast_go_live")
            await host.event("broadcast_phase_changed", phase="live")
            await one.event("broadcast_phase_changed")
            await host.say(1, 2, 3)
            assert numbers((await one.origin())["text"]) == [1, 2, 3]
            assert numbers((await two.origin())["text"]) == [1, 2, 3]
            assert numbers((await one.translation("es-ES"))["text"]) == [1, 2, 3]
            assert numbers((await two.translation("fr-FR"))["text"]) == [1, 2, 3]
            assert (await two.event("tts_ready"))["language"] == "fr-FR"
            await host.do("stop")
            await one.rest()
            assert one.ended and one.seen[-1]["action"] == "broadcast_ended"
