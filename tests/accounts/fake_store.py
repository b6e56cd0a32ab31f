"""The store in memory: plain commands as Redis does them, scripts answered by the test.

The scripts' own work is tested on a real server; this is for the Python around them.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, cast

from dragoman_accounts import names
from dragoman_accounts.access import Access, Throttle
from dragoman_accounts.credentials import digest
from dragoman_accounts.ledger import Ledger
from dragoman_accounts.live_sessions import LiveSessions
from dragoman_accounts.registry import Registry
from dragoman_accounts.sessions import Sessions, Terms
from dragoman_accounts.store import Store
from dragoman_accounts.tiers import EnrichmentTable, parse
from tests.accounts.support import PEPPER, TIERS

ACCOUNT, KEY, SECRET = "acc_1", "key_1", "dk_live_secret_of_the_test"


@dataclass
class MemoryStore:
    """Commands and scripts.

    `answers`: what a script returns, by name, in order; the last answer stays. "ok" when nothing is said.
    `commands`: plain commands to the letter, in order.
    `ran`: scripts with their slot and arguments, in order.
    """

    answers: dict[str, list[Any]] = field(default_factory=dict)
    ran: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    commands: list[tuple[Any, ...]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    failure: Exception | None = None
    closed: bool = False

    def __post_init__(self) -> None:
        self._sorted: dict[str, dict[str, float]] = defaultdict(dict)

    @property
    def store(self) -> Store:
        """As the code under test sees it."""
        return cast(Store, self)

    async def script(self, name: str, slot: str, /, **args: Any) -> list[Any]:
        self._check()
        self.ran.append((name, slot, args))
        told = self.answers.get(name, ["ok"])
        answer = told.pop(0) if len(told) > 1 else told[0]
        return answer if isinstance(answer, list) else [answer]

    async def command(self, *parts: Any) -> Any:
        self._check()
        self.commands.append(parts)
        name, *rest = parts
        return getattr(self, f"_{name.lower()}")(*rest)

    async def pipeline(self, *steps: tuple[Any, ...]) -> list[Any]:
        return [await self.command(*step) for step in steps]

    async def ping(self) -> None:
        self._check()

    async def close(self) -> None:
        self.closed = True

    def arguments(self, script: str) -> dict[str, Any]:
        """Of the last run of a script."""
        return next(args for name, _, args in reversed(self.ran) if name == script)

    def _check(self) -> None:
        if self.failure is not None:
            raise self.failure

    def _get(self, name: str) -> Any:
        return self.values.get(name)

    def _set(self, name: str, value: Any, *options: Any) -> str:
        if "NX" not in options or name not in self.values:
            self.values[name] = value
        return "OK"

    def _exists(self, name: str) -> int:
        return int(name in self.values)

    def _hgetall(self, name: str) -> dict[str, str]:
        return dict(self.values.get(name, {}))

    def _hget(self, name: str, field: str) -> str | None:
        return cast("dict[str, str]", self.values.get(name, {})).get(field)

    def _hmget(self, name: str, *fields: str) -> list[str | None]:
        return [self._hget(name, field) for field in fields]

    def _hset(self, name: str, field: str, value: str) -> int:
        self.values[name] = {**cast("dict[str, str]", self.values.get(name, {})), field: value}
        return 1

    def _zadd(self, name: str, *rest: Any) -> int:
        (score, member) = [part for part in rest if part not in ("GT", "NX")]
        self._sorted[name][member] = float(score)
        return 1

    def _zrange(self, name: str, *_: Any) -> list[str]:
        return sorted(self._sorted[name], key=lambda member: self._sorted[name][member])

    def _zrangebylex(self, name: str, start: str, *rest: Any) -> list[str]:
        after = start[1:] if start.startswith("(") else ""
        return [member for member in sorted(self._sorted[name]) if member > after][: rest[-1]]

    def _zrangebyscore(self, name: str, _: str, most: float, *rest: Any) -> list[Any]:
        found = [member for member in self._zrange(name) if self._sorted[name][member] <= most][: rest[-1]]
        if "WITHSCORES" in rest:
            return [part for member in found for part in (member, str(self._sorted[name][member]))]
        return found

    def _zcount(self, name: str, _: str, most: float) -> int:
        return len(self._zrangebyscore(name, "-inf", most, 10**9))

    def _xrange(self, name: str, start: str, last: str, _: str, limit: int) -> list[Any]:
        after = start[1:] if start.startswith("(") else ""
        lines = [line for line in self.values.get(name, []) if line[0] > after]
        return [line for line in lines if last == "+" or line[0] <= last][:limit]

    def _xrevrange(self, name: str, start: str, _: str, __: str, limit: int) -> list[Any]:
        before = start[1:] if start.startswith("(") else ""
        lines = [line for line in self.values.get(name, []) if not before or line[0] < before]
        return lines[::-1][:limit]


@dataclass
class FakeWorld:
    """The parts over a store in memory, which knows one account on the tier "paid" and one key of it."""

    memory: MemoryStore
    access: Access
    registry: Registry
    sessions: Sessions
    live: LiveSessions
    ledger: Ledger

    def put_key(self, scopes: str = "sessions tokens", **fields: str) -> None:
        """The key as the store has it."""
        known = {"id": KEY, "scopes": scopes, "tier": "", "enrichment": EnrichmentTable().model_dump_json()}
        self.memory.values[names.key(ACCOUNT, KEY)] = known | {"created": "5"} | fields

    def put_token(self, token: str) -> None:
        """A token of the key."""
        self.memory.values[names.credential(digest(PEPPER, token))] = f"{ACCOUNT} {KEY} token"


def fake_world(terms: Terms | None = None) -> FakeWorld:
    """A world without a server."""
    memory, tiers = MemoryStore(), parse(TIERS)
    money = dict.fromkeys(("available", "held", "charged", "topped"), "0")
    memory.values[names.account(ACCOUNT)] = {"tier": "paid", "status": "active", "created": "1", **money}
    memory.values[names.credential(digest(PEPPER, SECRET))] = f"{ACCOUNT} {KEY}"
    memory.answers["limit"] = [0]
    access = Access(memory.store, PEPPER, tiers, Throttle())
    world = FakeWorld(
        memory,
        access,
        Registry(memory.store, PEPPER, tiers),
        Sessions(memory.store, access, terms or Terms()),
        LiveSessions(memory.store),
        Ledger(memory.store),
    )
    world.put_key()
    return world
