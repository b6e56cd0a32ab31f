"""Attack: another program of the machine on which `dragoman up` runs. On a real mesh."""

from contextlib import suppress
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.errors import Error as NatsError
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError

from tests.chart.bus import violations
from tests.mesh.conftest import Mesh
from tests.support.files import files_in

pytestmark = pytest.mark.mesh


async def test_the_bus_lets_nobody_in_without_a_password(attacked: Mesh) -> None:
    bare = str(attacked.state["nats"]).rpartition("@")[2]
    for url in (f"nats://{bare}", f"nats://edge:edge@{bare}"):
        client = Client()
        with pytest.raises(NatsError):
            await client.connect(url, allow_reconnect=False, max_reconnect_attempts=0, connect_timeout=3)
        await client.close()


async def test_the_store_lets_nobody_in_without_a_password(attacked: Mesh) -> None:
    bare = str(attacked.state["redis"]).rpartition("@")[2]
    store = Redis.from_url(f"redis://{bare}")
    with pytest.raises(AuthenticationError):
        await store.keys("*")
    await store.aclose()


def test_no_password_can_be_read_by_others(attacked: Mesh) -> None:
    """Neither in the files of the mesh nor in the command lines of its processes."""
    passwords = [str(attacked.state[name]).partition("@")[0].rpartition(":")[2] for name in ("nats", "redis")]
    for path, data in files_in(attacked.folder).items():
        if path.exists() and path.stat().st_mode & 0o077:
            assert not any(password.encode() in data for password in passwords), path.name
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            assert not any(password.encode() in line.read_bytes() for password in passwords)


def test_nothing_that_a_service_does_is_refused(attacked: Mesh) -> None:
    assert violations(attacked.folder) == []
