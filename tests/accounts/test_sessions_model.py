"""Any sequence of opening, renewing, reporting, closing, crashing and sweeping: the money always adds up."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from dragoman_accounts.money import Figures
from dragoman_accounts.registry import ConflictError
from dragoman_accounts.sessions import Terms
from dragoman_accounts.tiers import parse
from dragoman_contract.errors import DragomanError
from dragoman_contract.events import Usage
from tests.accounts.model import Model
from tests.accounts.support import World, make_world

pytestmark = pytest.mark.integration

TERMS = Terms(lease_ttl_ms=1000, grace_ms=500, hold_ms=20_000, margin_ms=5_000)
# Odd prices, so that every cost has a part below one micro-credit.
TIERS = parse(
    """
tiers:
  odd:
    max_sessions: 2
    requests_per_minute: 6000000
    burst: 1000000
    prices: {recognition: 4001, translation: 1999, speech: 6007}
"""
)
sessions = st.sampled_from(["s_1", "s_2", "s_3", "s_4"])
edges = st.sampled_from(["e1", "e2"])
ms = st.integers(0, 40_000)
figures = st.builds(
    Figures, sequence=st.integers(0, 50), recognised_ms=ms, translated_ms=ms, synthesised_ms=ms
)


class Money(RuleBasedStateMachine):
    """The real store beside the model; after every step they must agree."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.world: World = self.wait(self.start())
        self.model = Model(TIERS["odd"], TERMS, self.world.now)
        self.last: tuple[Any, ...] | None = None

    async def start(self) -> World:
        world = make_world(self.url, own_clock=True, tiers=TIERS, terms=TERMS)
        return await world.settle_in("odd", 0)

    def wait(self, awaitable: Any) -> Any:
        return self.runner.run(awaitable)

    def teardown(self) -> None:
        self.wait(self.world.store.close())
        self.runner.close()

    @rule(request=st.sampled_from(["t1", "t2", "t3", "t4"]), micro=st.sampled_from([1, 99_999, 700_001]))
    def top_up(self, request: str, micro: int) -> None:
        expected = self.model.top_up(request, micro)
        try:
            self.wait(self.world.ledger.top_up(self.world.account, micro, request))
        except ConflictError:
            assert expected == "conflict"
        else:
            assert expected in ("ok", "repeated")

    @rule(session=sessions, edge=edges)
    def open(self, session: str, edge: str) -> None:
        assert self.outcome(self.world.open(session, edge)) == self.model.open(session, edge)

    @rule(session=sessions, edge=edges, f=figures)
    def renew(self, session: str, edge: str, f: Figures) -> None:
        self.tell(session, edge, f, renew=True)

    @rule(session=sessions, f=figures, closing=st.booleans())
    def report_over_the_stream(self, session: str, f: Figures, closing: bool) -> None:
        self.tell(session, "", f, close=closing)

    @rule(session=sessions, edge=edges, f=figures)
    def close(self, session: str, edge: str, f: Figures) -> None:
        self.tell(session, edge, f, close=True)

    @precondition(lambda self: self.last is not None)
    @rule()
    def repeat_the_last_report(self) -> None:
        assert self.last is not None
        session, edge, f, renew, close = self.last
        self.tell(session, edge, f, renew=renew, close=close)

    @rule(later=st.integers(1, 2000))
    def pass_time(self, later: int) -> None:
        self.wait(self.world.at(later))
        self.model.now += later

    @rule()
    def sweep(self) -> None:
        _, settled = self.wait(self.world.sessions.sweep(self.world.account))
        assert sorted(settled) == sorted(self.model.sweep())

    def tell(self, session: str, edge: str, f: Figures, *, renew: bool = False, close: bool = False) -> None:
        self.last = (session, edge, f, renew, close)
        found = self.outcome(self.send(session, edge, f, renew, close))
        assert found == self.model.report(session, edge, f, renew, close)

    async def send(self, session: str, edge: str, f: Figures, renew: bool, close: bool) -> Any:
        usage = Usage(
            session_id=session,
            sequence=f.sequence,
            recognised_ms=f.recognised_ms,
            translated_ms=f.translated_ms,
            synthesised_ms=f.synthesised_ms,
            closing=close,
        )
        place = self.world.account
        if renew:
            return await self.world.sessions.renew(place, session, edge, usage)
        if edge:
            return await self.world.sessions.close(place, session, usage, "closed", edge)
        return await self.world.sessions.report(place, usage)

    def outcome(self, awaitable: Any) -> str:
        try:
            answer = self.wait(awaitable)
        except DragomanError as exc:
            return str(exc.code)
        return getattr(answer, "fault", "") or "ok"

    @invariant()
    def the_money_adds_up(self) -> None:
        proof = self.wait(self.world.ledger.reconcile(self.world.account))
        assert proof.problems == ()
        m = self.model
        assert (proof.available, proof.held, proof.charged) == (m.available, m.held, m.charged)
        assert (proof.topped, proof.lines) == (m.topped, m.lines)
        assert m.available + m.held + m.charged == m.topped and m.available >= 0

    @invariant()
    def nobody_has_more_than_the_limit(self) -> None:
        assert len(self.model.leased()) <= 2


@pytest.fixture
def machine(redis_url: str) -> Iterator[type[Money]]:
    Money.url = redis_url
    yield Money


def test_whatever_happens_the_money_adds_up(machine: type[Money]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=60,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
