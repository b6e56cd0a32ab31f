"""The parts of the accounts service over a real store, with a clock that the test owns where it needs one."""

import secrets
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any

import pytest

from dragoman_accounts import store
from dragoman_accounts.access import Access, Throttle
from dragoman_accounts.ledger import Ledger
from dragoman_accounts.live_sessions import LiveSessions
from dragoman_accounts.registry import Registry
from dragoman_accounts.sessions import Sessions, Terms
from dragoman_accounts.store import Store
from dragoman_accounts.tiers import Tier, parse
from dragoman_contract.errors import DragomanError, FaultCode
from dragoman_contract.events import Grant, Spec, TrackSpec, Usage

PEPPER = b"a pepper for the tests"
# Replaces the server's clock: the time stands still until the test moves it.
CLOCK = "local function clock_us() return tonumber(redis.call('GET', '{CLOCK}')) * 1000 end\n"
TIERS = """
tiers:
  paid:
    max_sessions: 3
    max_sessions_per_key: 2
    requests_per_minute: 600000
    burst: 1000
    max_keep_days: 30
    prices: {recognition: 4000, translation: 2000, speech: 6000}
  ten:
    max_sessions: 10
    requests_per_minute: 6000000
    burst: 1000000
    prices: {recognition: 1000}
  free:
    max_sessions: 100
    requests_per_minute: 6000000
    burst: 1000000
  slow:
    max_sessions: 100
    requests_per_minute: 60
    burst: 3
"""
SPEC = Spec(
    dialect="krisp",
    tracks=(TrackSpec(source_languages=("en-US",), target_languages=("es-ES",)),),
    reference_id="ref-1",
)
# What SPEC costs per second on the tier "paid": 4000 + 2000 + 6000.
PAID_PER_SECOND = 12_000


async def nobody_lapsed() -> bool:
    """Other tests leave lapsed sessions in the shared store; a gate of this test does not care."""
    return False


async def refused(awaitable: Awaitable[object]) -> FaultCode:
    """The code with which something is refused."""
    with pytest.raises(DragomanError) as caught:
        await awaitable
    return caught.value.code


@dataclass
class World:
    """One account with one key, in a store that others may share."""

    client: Any
    store: Store
    access: Access
    registry: Registry
    sessions: Sessions
    live: LiveSessions
    ledger: Ledger
    clock: str | None = None
    account: str = ""
    key_id: str = ""
    key: str = ""
    now: int = 1_700_000_000_000
    source: str = field(default_factory=lambda: f"source-{secrets.token_hex(6)}")

    async def settle_in(self, tier: str = "paid", credits: int = 10_000_000) -> "World":
        """Make the account and its key, and top it up."""
        if self.clock:
            await self.at(0)
        self.account = (await self.registry.create_account("Test", tier)).id
        if credits:
            await self.ledger.top_up(self.account, credits, "first")
        made, self.key = await self.registry.create_key(self.account, "test")
        self.key_id = made.id
        return self

    async def at(self, later_ms: int) -> None:
        """Move the time on."""
        self.now += later_ms
        await self.client.set(self.clock, self.now)

    async def open(self, session: str = "", edge: str = "e1", **more: Any) -> Grant:
        """Open a session with the account's key."""
        session = session or f"s_{secrets.token_hex(6)}"
        spec = more.pop("spec", SPEC)
        credential = more.pop("credential", self.key)
        grant, _ = await self.sessions.open(credential, self.source, session, edge, spec, **more)
        return grant

    async def proof(self) -> None:
        """The account's money adds up."""
        assert (await self.ledger.reconcile(self.account)).problems == ()


def used(session: str, sequence: int, seconds: float, closing: bool = False, account: str = "") -> Usage:
    """A report of `seconds` recognised, translated and synthesised."""
    ms = round(seconds * 1000)
    return Usage(
        session_id=session,
        sequence=sequence,
        recognised_ms=ms,
        translated_ms=ms,
        synthesised_ms=ms,
        closing=closing,
        account_id=account,
    )


def make_world(
    url: str,
    *,
    terms: Terms | None = None,
    throttle: Throttle | None = None,
    own_clock: bool = False,
    tiers: dict[str, Tier] | None = None,
    timeout_s: float = 20.0,
) -> World:
    """The parts over the store at `url`; `own_clock` lets the test move the time."""
    clock = f"test:clock:{secrets.token_hex(6)}" if own_clock else None
    client = store.connect(url, timeout_s=timeout_s)
    door = Store(client, timeout_s=timeout_s, clock=CLOCK.replace("{CLOCK}", clock) if clock else None)
    tiers = tiers or parse(TIERS)
    access = Access(door, PEPPER, tiers, throttle or Throttle())
    registry = Registry(door, PEPPER, tiers)
    return World(
        client,
        door,
        access,
        registry,
        Sessions(door, access, terms or Terms()),
        LiveSessions(door),
        Ledger(door),
        clock,
    )
