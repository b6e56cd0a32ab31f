"""One mesh with scripted engines for all the APIs, and what the tests need to talk to it."""

from collections.abc import Iterator

import pytest

from dragoman_cli.mesh import Mesh
from tests.chaos.harness import Plan, mesh

SETTINGS = {
    "DRAGOMAN_EDGE_FIRST_MESSAGE_S": "3",
    "DRAGOMAN_EDGE_RECOGNISER_WAIT_S": "8",
    "DRAGOMAN_STT_SPEAKERS_TIMEOUT_S": "5",  # the machine may be busy
    "DRAGOMAN_ACCOUNTS_FAILURES_BURST": "5000",
    "DRAGOMAN_ARCHIVE_WEBHOOK_PRIVATE": "true",  # the receiver of the tests is on this machine
}


@pytest.fixture(scope="session")
def made() -> Iterator[Mesh]:
    """A real mesh (nats-server, Valkey, six services); words are tones, so that every one is seen."""
    plan = Plan(replicas={"edge": 1, "stt": 1, "translation": 1, "tts": 1})
    with mesh(plan, **SETTINGS) as (running, _):
        yield running


@pytest.fixture(scope="session")
def edge(made: Mesh) -> str:
    """`http://host:port` of the edge."""
    return next(r.url for r in made.replicas if r.service == "edge")


@pytest.fixture(scope="session")
def key(made: Mesh) -> str:
    """An API key that may do everything."""
    return made.key
