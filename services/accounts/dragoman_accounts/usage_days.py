"""Usage by day, summed from ledgers."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime

from dragoman_accounts.ledger import Line

DAY_MS = 86_400_000
MAX_LINES = 200_000  # read for one answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Sums of a day (UTC); `micro` is what sessions took, `topped` what top-ups added, in micro-credits."""

    day: str
    sessions: int = 0
    recognised_ms: int = 0
    translated_ms: int = 0
    synthesised_ms: int = 0
    micro: int = 0
    topped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Days, oldest first, none left out; `whole` is false when there were more lines than are read."""

    days: tuple[Day, ...]
    whole: bool


def first_id(now_ms: int, days: int) -> str:
    """The id before the first ledger line of the last `days` days, today included."""
    begin = now_ms - now_ms % DAY_MS - (days - 1) * DAY_MS
    return f"{begin - 1}-{2**64 - 1}"


async def by_day(lines: AsyncIterator[Line], now_ms: int, days: int) -> Usage:
    """Sum the lines of the last `days` days, today included; a line counts on the day it was written."""
    today = now_ms // DAY_MS
    sums = {day: Day(day=_name(day)) for day in range(today - days + 1, today + 1)}
    read = 0
    async for line in lines:
        read += 1
        if read > MAX_LINES:
            return Usage(days=tuple(sums.values()), whole=False)
        day = int(line.id.partition("-")[0]) // DAY_MS
        if day in sums:
            sums[day] = _plus(sums[day], _of(line, sums[day].day))
    return Usage(days=tuple(sums.values()), whole=True)


def _name(day: int) -> str:
    return datetime.fromtimestamp(day * DAY_MS / 1000, UTC).strftime("%Y-%m-%d")


def _of(line: Line, day: str) -> Day:
    if line.kind == "topup":
        return Day(day=day, topped=line.micro)
    return Day(
        day=day,
        sessions=int(line.kind == "session"),
        recognised_ms=line.recognised_ms,
        translated_ms=line.translated_ms,
        synthesised_ms=line.synthesised_ms,
        micro=line.micro,
    )


def _plus(one: Day, other: Day) -> Day:
    counted = [field.name for field in fields(Day) if field.name != "day"]
    return replace(one, **{name: getattr(one, name) + getattr(other, name) for name in counted})
