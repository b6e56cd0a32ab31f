"""What opening and renewing cost: `python -m tests.bench.accounts`.

A real Valkey, one process, requests at a steady rate whether or not earlier ones are done (an open loop);
with an empty store, and with thousands of live sessions of the same account, which must not matter.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop

from dragoman_accounts import names
from dragoman_accounts.sessions import Terms
from dragoman_accounts.tiers import parse
from dragoman_cli.processes import start_valkey, stop_all
from tests.accounts.support import World, make_world, used

TIERS = parse(
    """
tiers:
  bench:
    max_sessions: 1000000
    requests_per_minute: 6000000
    burst: 1000000
    prices: {recognition: 10, translation: 10, speech: 10}
"""
)
BOUND_MS = 10.0


async def at_rate(rate: float, count: int, call: Callable[[int], Awaitable[object]]) -> list[float]:
    """Start `count` calls at `rate` per second; their latencies in ms, from when each was due."""
    took: list[float] = []
    started = time.perf_counter()

    async def one(number: int) -> None:
        due = started + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await call(number)
        took.append((time.perf_counter() - due) * 1000)

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(one(number))
    return took


async def fill(world: World, live: int) -> None:
    """Bring the account to `live` sessions."""
    have = await world.client.zcard(names.due(world.account))
    for start in range(have, live, 200):
        await asyncio.gather(*(world.open(f"fill_{i}") for i in range(start, min(live, start + 200))))


def report(what: str, live: int, took: list[float]) -> None:
    """One line."""
    cuts = statistics.quantiles(took, n=1000)
    p50, p99, p999 = cuts[499], cuts[989], cuts[998]
    print(f"{what:<8} {live:>10,} {len(took):>7,} {p50:>8.2f} {p99:>8.2f} {p999:>8.2f} {max(took):>8.2f}")


async def measure(url: str, rate: float, seconds: float, populations: list[int]) -> bool:
    """Print the table; whether the bound was kept in every run."""
    world = make_world(url, tiers=TIERS, terms=Terms(lease_ttl_ms=3_600_000), timeout_s=10)
    await world.settle_in("bench", 10**12)
    count, kept = round(rate * seconds), True
    print(f"{'call':<8} {'live':>10} {'calls':>7} {'p50 ms':>8} {'p99 ms':>8} {'p99.9':>8} {'max':>8}")
    for live in populations:
        await fill(world, live)
        opens = await at_rate(rate, count, lambda n, live=live: world.open(f"b_{live}_{n}"))  # type: ignore[misc]
        report("open", live, opens)

        def renew(n: int, live: int = live) -> Awaitable[object]:
            session = f"b_{live}_{n}"
            return world.sessions.renew(world.account, session, "e1", used(session, 1, 1))

        report("renew", live, await at_rate(rate, count, renew))
        kept = kept and statistics.quantiles(opens, n=100)[98] <= BOUND_MS
    await world.proof()
    await world.store.close()
    return kept


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=200.0, help="calls per second")
    parser.add_argument("--seconds", type=float, default=10.0, help="for each line of the table")
    parser.add_argument("--live", type=int, nargs="*", default=[0, 1000, 20_000], help="live sessions")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        process, url = start_valkey(Path(folder))
        try:
            kept = uvloop.run(measure(url, chosen.rate, chosen.seconds, chosen.live))
        finally:
            stop_all([process])
    print(f"p99 of opening within {BOUND_MS:.0f} ms: {'yes' if kept else 'no'}")


if __name__ == "__main__":
    main()
