"""What a run leaves behind: counted before it and after every client is gone."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import nats
from redis.asyncio import Redis

from dragoman_accounts import names
from dragoman_cli.mesh import Mesh
from dragoman_cli.rest import Admin, RestError

WAIT_S = 90.0  # longer than a lease
PER_SESSION_BYTES = 1 << 20  # that a process which lived through the run may have grown by
FLOOR_BYTES = 64 << 20  # allocators do not give everything back
REFRESH_S = 1.0


@dataclass(slots=True)
class Leaks:
    """More than before the run, of each kind."""

    sessions: int = 0  # leases and holds
    consumers: int = 0  # of JetStream
    keys: list[str] = field(default_factory=list)  # of the store, that nothing will ever remove
    money_wrong: int = 0  # accounts whose figures do not add up
    grown_bytes: int = 0  # the most that a process has grown which lived through it
    grown_too_much: int = 0  # processes

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return bool(self.sessions or self.consumers or self.keys or self.money_wrong or self.grown_too_much)

    def line(self) -> str:
        """For people."""
        return (
            f"sessions {self.sessions}   consumers {self.consumers}   keys {self.keys or 0}"
            f"   accounts that do not add up {self.money_wrong}"
            f"   memory +{self.grown_bytes >> 20} MB at most"
        )


@dataclass(slots=True)
class Before:
    """What there was before the run."""

    consumers: int
    keys: frozenset[str]
    memory: dict[int, int] = field(default_factory=dict)


async def look(made: Mesh) -> Before:
    """Count before the run."""
    return Before(await _consumers(made), await _keys(made), _memory(made))


async def compare(made: Mesh, before: Before, sessions: int) -> Leaks:
    """Count again, once what may lapse has lapsed."""
    leaks = Leaks()
    admin = made.state()["admin"]
    assert isinstance(admin, dict)
    rest = Admin(admin["url"], admin["token"])
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        with suppress(RestError):
            leaks.sessions = await asyncio.to_thread(_sessions, rest)
            if not leaks.sessions:
                break
        await asyncio.sleep(REFRESH_S)
    leaks.money_wrong = await asyncio.to_thread(_wrong, rest)
    leaks.consumers = max(0, await _consumers(made) - before.consumers)
    leaks.keys = sorted(await _keys(made) - before.keys)
    grown = [now - before.memory[pid] for pid, now in _memory(made).items() if pid in before.memory]
    leaks.grown_bytes = max([0, *grown])
    leaks.grown_too_much = sum(g > FLOOR_BYTES + sessions * PER_SESSION_BYTES for g in grown)
    return leaks


def _sessions(rest: Admin) -> int:
    ids = [account["id"] for account in rest.pages("/v1/accounts")]
    return sum(len([*rest.pages(f"/v1/accounts/{one}/sessions")]) for one in ids)


def _wrong(rest: Admin) -> int:
    ids = [account["id"] for account in rest.pages("/v1/accounts")]
    return sum(bool(rest.call("GET", f"/v1/accounts/{one}/reconciliation")["problems"]) for one in ids)


async def _consumers(made: Mesh) -> int:
    nc = await nats.connect(made.nats_url.split(","))
    try:
        info = await nc.jetstream().account_info()
        return int(info.consumers)
    finally:
        await nc.close()


async def _keys(made: Mesh) -> frozenset[str]:
    """The keys that nothing removes; the one plan of all accounts is there from the first session on."""
    store: Redis = Redis.from_url(made.redis_url, decode_responses=True)
    try:
        found = [key async for key in store.scan_iter(count=1000)]
        return frozenset([key for key in found if key != names.DUE and await store.ttl(key) == -1])
    finally:
        await store.aclose()


def _memory(made: Mesh) -> dict[int, int]:
    """Resident bytes by process id."""
    found = {}
    for replica in made.replicas:
        statm = Path(f"/proc/{replica.process.pid}/statm")
        with suppress(OSError):
            found[replica.process.pid] = int(statm.read_text().split()[1]) * 4096
    return found
