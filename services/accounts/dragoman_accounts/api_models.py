"""Bodies of the REST API."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import asdict, fields
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from dragoman_accounts.ledger import Line
from dragoman_accounts.live_sessions import LiveSession
from dragoman_accounts.money import MAX_MICRO
from dragoman_accounts.registry import MAX_LABEL, SCOPES, Account, Key
from dragoman_accounts.tiers import EnrichmentTable, Tier

Name = Annotated[str, Field(max_length=MAX_LABEL)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewAccount(_Body):
    """An account to be made; without an id it gets one."""

    name: Name
    tier: str
    id: Annotated[str, Field(max_length=64)] = ""


class AccountChange(_Body):
    """Fields of an account to change; fields that are absent stay."""

    name: Name | None = None
    tier: str | None = None
    status: str | None = None


class NewKey(_Body):
    """A key to be made. `expires_ms` is Unix time, 0 = never; an empty tier is the account's."""

    label: Name = ""
    scopes: list[str] = list(SCOPES)
    tier: str = ""
    expires_ms: Annotated[int, Field(ge=0, le=MAX_MICRO, strict=True)] = 0
    enrichment: EnrichmentTable = EnrichmentTable()
    webhook_url: str = ""


class Webhook(_Body):
    """Address that is told of a key's kept sessions that name none themselves; empty = none."""

    url: str


class NewTopUp(_Body):
    """Credits to be added. A number with a point, an exponent or quotes is refused."""

    micro: Annotated[int, Field(ge=1, le=MAX_MICRO, strict=True)]
    note: Name = ""


class TopUp(BaseModel):
    """Credits that were added."""

    id: str
    micro: int
    available: int


class Balance(BaseModel):
    """Micro-credits: `available` is what may still be held or spent."""

    available: int
    held: int
    charged: int
    topped: int


class Erased(BaseModel):
    """Number of the kept sessions that were erased."""

    tasks: int


class SecretKey(BaseModel):
    """A new key and its secret."""

    key: Key
    secret: str


class AccountPage(BaseModel):
    """A page; `next` is the `after` of the following one."""

    items: list[Account]
    next: str | None


class KeyPage(BaseModel):
    """A page; `next` is the `after` of the following one."""

    items: list[Key]
    next: str | None


class LinePage(BaseModel):
    """A page; `next` is the `after` of the following one."""

    items: list[Line]
    next: str | None


class SessionPage(BaseModel):
    """A page; `next` is the `after` of the following one."""

    items: list[LiveSession]
    next: str | None


class TierView(BaseModel):
    """A tier and its name."""

    name: str
    tier: Tier


async def csv_of(lines: AsyncIterator[Line]) -> AsyncIterator[str]:
    """The lines as CSV, a row at a time, with a header."""
    names = [f.name for f in fields(Line)]
    yield _row(names)
    async for line in lines:
        yield _row([_harmless(value) for value in asdict(line).values()])


def _row(values: list[object] | list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(values)
    return out.getvalue()


def _harmless(value: object) -> object:
    """A spreadsheet must not take a client's reference id for a formula."""
    text = isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r")
    return f"'{value}" if text else value
