"""The store as lines of JSON and back: an account at one moment, readable by any Redis or Valkey."""

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dragoman_accounts import names
from dragoman_accounts.store import Step, Store
from dragoman_contract.errors import FaultCode, MeshError, PeerError

PAGE = 500  # entries of a statement, keys, or credentials at a time
TRIES = 5  # an account may get keys and sessions while it is looked at
CREDENTIALS = names.credential("*")
MERGED = (names.ACCOUNTS, names.DUE)  # of all accounts: what is there stays
_OF_ACCOUNT = re.compile(r"dragoman:\{([A-Za-z0-9_-]{1,64})\}(:.{1,512})?", re.DOTALL)
KINDS = {"hash": "HSET", "zset": "ZADD", "string": "SET", "stream": "XADD"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A key, or a page of a stream's entries.

    Attributes:
        value: of a hash its fields and values in turn, of a sorted set members and scores, of a string its
            text, of a stream an id and the fields of each entry.
        ttl_ms: to live; -1 = for ever.
        more: the page follows another one.
    """

    key: str
    kind: str
    value: list[Any]
    ttl_ms: int = -1
    more: bool = False


class Backup:
    """Reads and writes everything that must not be lost: accounts, keys, tokens, credits, statements."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # Reading

    async def entries(self) -> AsyncIterator[Entry]:
        """Every account, each as it is at one moment, then the credentials and the lists of accounts.

        Raises:
            MeshError: `UNAVAILABLE`.
        """
        async for account_id in self._accounts():
            async for entry in self._account(account_id):
                yield entry
        async for page in self._pages(CREDENTIALS):
            for entry in await self._copies(page):
                yield entry
        for entry in await self._copies(MERGED):
            yield entry

    async def _accounts(self) -> AsyncIterator[str]:
        after = "-"
        while page := await self._store.command("ZRANGEBYLEX", names.ACCOUNTS, after, "+", "LIMIT", 0, PAGE):
            for account_id in page:
                yield str(account_id)
            after = f"({page[-1]}"

    async def _pages(self, pattern: str) -> AsyncIterator[list[str]]:
        page: list[str] = []
        async for name in self._store.names(pattern):
            page.append(name)
            if len(page) == PAGE:
                yield page
                page = []
        if page:
            yield page

    async def _account(self, account_id: str) -> AsyncIterator[Entry]:
        for entry in await self._moment(account_id):
            if entry.kind == "stream":
                async for page in self._stream(entry):
                    yield page
            else:
                yield entry

    async def _moment(self, account_id: str) -> list[Entry]:
        """The account's keys, all of them at one moment."""
        known = {names.account(account_id)}
        pattern = f"{names.account(account_id)}:*".replace("{", "\\{")
        known |= {name async for name in self._store.names(pattern)}
        for _ in range(TRIES):
            found = await self._store.script("copy", names.account(account_id), names=sorted(known))
            entries = [entry for entry in map(_entry, found) if entry is not None]
            missing = _named(account_id, entries) - known
            if not missing:
                return entries
            known |= missing
        raise MeshError(FaultCode.UNAVAILABLE, f"the account {account_id} changes all the time; try again")

    async def _stream(self, entry: Entry) -> AsyncIterator[Entry]:
        (last,) = entry.value
        after, more = "-", False
        while last and (page := await self._store.command("XRANGE", entry.key, after, last, "COUNT", PAGE)):
            value = [[number, _flat(fields)] for number, fields in page]
            yield Entry(entry.key, "stream", value, entry.ttl_ms, more)
            after, more = f"({page[-1][0]}", True

    async def _copies(self, keys: Sequence[str]) -> list[Entry]:
        """Keys of no account."""
        kinds = await self._store.pipeline(*[("TYPE", key) for key in keys])
        reads: list[Step] = []
        for key, kind in zip(keys, kinds, strict=True):
            read: Step = ("GET", key) if str(kind) == "string" else ("ZRANGE", key, 0, -1, "WITHSCORES")
            reads += [read, ("PTTL", key)]
        answers = await self._store.pipeline(*reads)
        pairs = zip(keys, kinds, answers[::2], answers[1::2], strict=True)
        found = [_entry([key, str(kind), ttl, _list(value)]) for key, kind, value, ttl in pairs]
        return [entry for entry in found if entry is not None]

    # Writing

    async def clear(self, account_ids: Iterable[str]) -> None:
        """Take everything of these accounts away.

        Raises:
            MeshError: `UNAVAILABLE`.
        """
        for account_id in account_ids:
            entries = await self._moment(account_id)
            if entries:
                await self._store.pipeline(*[("DEL", entry.key) for entry in entries])

    async def write(self, entries: Iterable[Entry], age_ms: int) -> int:
        """Write what was read `age_ms` ago, over what is there; what has lapsed since then is left out.

        Raises:
            PeerError: `BAD_REQUEST`: a key is none of accounts.
            MeshError: `UNAVAILABLE`.
        """
        lasting = [entry for entry in map(_checked, entries) if not 0 <= entry.ttl_ms <= age_ms]
        steps = [step for entry in lasting for step in _steps(entry, age_ms)]
        if steps:
            await self._store.pipeline(*steps)
        return len(lasting)


def account_of(key: str) -> str:
    """The account that a key belongs to; empty = none."""
    found = _OF_ACCOUNT.fullmatch(key)
    return found[1] if found else ""


def _entry(copy: list[Any]) -> Entry | None:
    """None of a key that has lapsed."""
    key, kind, ttl_ms, value = copy
    return Entry(str(key), str(kind), _list(value), int(ttl_ms)) if str(kind) in KINDS else None


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [part for item in value for part in (item if isinstance(item, tuple | list) else [item])]
    return [] if value is None else [value]


def _flat(fields: Any) -> list[Any]:
    return [part for pair in fields.items() for part in pair] if isinstance(fields, dict) else list(fields)


def _named(account_id: str, entries: list[Entry]) -> set[str]:
    """The keys and open sessions that an account's lists name."""
    by_name = {entry.key: entry.value[::2] for entry in entries if entry.kind == "zset"}
    keys = {names.key(account_id, key_id) for key_id in by_name.get(names.keys(account_id), ())}
    return keys | {names.session(account_id, s) for s in by_name.get(names.due(account_id), ())}


def _checked(entry: Entry) -> Entry:
    ours = entry.key in MERGED or entry.key.startswith(CREDENTIALS[:-1]) or account_of(entry.key)
    if not ours or entry.kind not in KINDS:
        raise PeerError(FaultCode.BAD_REQUEST, "a line is not of a backup of accounts")
    return entry


def _steps(entry: Entry, age_ms: int) -> list[Step]:
    key, value = entry.key, entry.value
    if entry.kind == "stream":
        write: list[Step] = [("XADD", key, number, *fields) for number, fields in value]
    elif entry.kind == "zset":
        turned = [
            part for member, score in zip(value[::2], value[1::2], strict=True) for part in (score, member)
        ]
        write = [("ZADD", key, *turned)] if value else []
    else:
        write = [(KINDS[entry.kind], key, *value)] if value else []
    begin: list[Step] = [] if entry.more or key in MERGED else [("DEL", key)]
    end: list[Step] = [("PEXPIRE", key, entry.ttl_ms - age_ms)] if entry.ttl_ms >= 0 else []
    return [*begin, *write, *end]
