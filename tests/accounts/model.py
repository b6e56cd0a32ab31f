"""A simple model of one account: what the scripts must do, in plain Python and without any care for races."""

from dataclasses import dataclass, field

from dragoman_accounts.money import Figures, Prices, cost, for_ms, per_second
from dragoman_accounts.sessions import Terms
from dragoman_accounts.tiers import Tier, load_of
from tests.accounts.support import SPEC

KINDS = ("recognised_ms", "translated_ms", "synthesised_ms")


def merge(a: Figures, b: Figures) -> Figures:
    """The later of two reports, figure by figure: order and repeats do not matter."""
    return Figures(
        sequence=max(a.sequence, b.sequence),
        recognised_ms=max(a.recognised_ms, b.recognised_ms),
        translated_ms=max(a.translated_ms, b.translated_ms),
        synthesised_ms=max(a.synthesised_ms, b.synthesised_ms),
    )


@dataclass
class Stay:
    """One session."""

    edge: str
    lease_until: int
    hold: int = 0
    figures: Figures = field(default_factory=Figures)
    settled: bool = False
    accounted: int = 0  # charged and uncollected


@dataclass
class Model:
    """One account with one key."""

    tier: Tier
    terms: Terms
    now: int
    available: int = 0
    topped: int = 0
    charged: int = 0
    uncollected: int = 0
    lines: int = 0
    topups: dict[str, int] = field(default_factory=dict)
    stays: dict[str, Stay] = field(default_factory=dict)

    @property
    def prices(self) -> Prices:
        return self.tier.price_list()

    def price_of(self, ms: int) -> int:
        return for_ms(per_second(load_of(SPEC), self.prices), ms)

    @property
    def held(self) -> int:
        return sum(stay.hold for stay in self.stays.values())

    def leased(self) -> list[str]:
        return [name for name, stay in self.stays.items() if not stay.settled and stay.lease_until > self.now]

    def top_up(self, request: str, micro: int) -> str:
        if request in self.topups:
            return "repeated" if self.topups[request] == micro else "conflict"
        self.topups[request] = micro
        self.available += micro
        self.topped += micro
        self.lines += 1
        return "ok"

    def lease(self, name: str) -> bool:
        if name not in self.leased() and len(self.leased()) >= self.tier.key_limit:
            return False
        self.stays[name].lease_until = self.now + self.terms.lease_ttl_ms
        return True

    def extend(self, stay: Stay) -> bool:
        spent = cost(stay.figures, self.prices)
        want = spent + self.price_of(self.terms.hold_ms)
        more = max(0, min(want - stay.hold, self.available))
        stay.hold += more
        self.available -= more
        return stay.hold - spent >= self.price_of(self.terms.margin_ms)

    def open(self, name: str, edge: str) -> str:
        stay = self.stays.get(name)
        if stay and stay.settled:
            return "session_ended"
        if stay:
            if not self.lease(name):
                return "concurrency_exceeded"
            stay.edge = edge
            return "ok"
        if self.available < self.price_of(self.terms.margin_ms):
            return "insufficient_credits"
        self.stays[name] = Stay(edge=edge, lease_until=0)
        if not self.lease(name):
            del self.stays[name]
            return "concurrency_exceeded"
        self.extend(self.stays[name])
        return "ok"

    def report(self, name: str, edge: str, figures: Figures, renew: bool, close: bool) -> str:
        stay = self.stays.get(name)
        if stay is None:
            return "unknown_session"
        if stay.settled:
            self.adjust(stay, figures)
            return "ok" if close else "session_ended"
        stay.figures = merge(stay.figures, figures)
        moved = edge not in ("", stay.edge)
        if close and not moved:
            self.settle(stay)
            return "ok"
        paid = self.extend(stay)
        if moved:
            return "ok" if close else "session_ended"
        if not paid:
            return "insufficient_credits"
        return "concurrency_exceeded" if renew and not self.lease(name) else "ok"

    def settle(self, stay: Stay) -> None:
        self.available += stay.hold
        stay.hold = 0
        stay.settled = True
        self.take(stay)

    def adjust(self, stay: Stay, figures: Figures) -> None:
        merged = merge(stay.figures, figures)
        grown = any(getattr(merged, kind) > getattr(stay.figures, kind) for kind in KINDS)
        stay.figures = merged
        if grown:
            self.take(stay)

    def take(self, stay: Stay) -> None:
        due = cost(stay.figures, self.prices) - stay.accounted
        stay.accounted += due
        taken = min(due, self.available)
        self.available -= taken
        self.charged += taken
        self.uncollected += due - taken
        self.lines += 1

    def sweep(self) -> list[str]:
        late = self.terms.grace_ms
        gone = [n for n, s in self.stays.items() if not s.settled and s.lease_until + late <= self.now]
        for name in gone:
            self.settle(self.stays[name])
        return gone
