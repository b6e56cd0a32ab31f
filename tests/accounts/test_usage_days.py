"""Usage by day: every line on its day, no day left out, and no more lines read than allowed."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from dragoman_accounts.ledger import Line
from dragoman_accounts.usage_days import DAY_MS, Day, by_day, first_id

NOON = 20_000 * DAY_MS + DAY_MS // 2  # 2024-10-04


async def lines(*made: Line) -> AsyncIterator[Line]:
    for line in made:
        yield line


def line(ms: int, kind: str = "session", micro: int = 0, **more: Any) -> Line:
    return Line(id=f"{ms}-0", account_id="a", kind=kind, micro=micro, **more)


async def test_lines_are_summed_on_the_day_they_were_written() -> None:
    used = await by_day(
        lines(
            line(NOON - DAY_MS, micro=5, recognised_ms=10, translated_ms=20, synthesised_ms=30),
            line(NOON - DAY_MS, micro=7, recognised_ms=1),
            line(NOON - DAY_MS, "adjustment", 2, recognised_ms=3),
            line(NOON, "topup", 100),
        ),
        NOON,
        3,
    )
    yesterday = Day(
        day="2024-10-03", sessions=2, recognised_ms=14, translated_ms=20, synthesised_ms=30, micro=14
    )
    assert used.whole
    assert used.days == (Day(day="2024-10-02"), yesterday, Day(day="2024-10-04", topped=100))


async def test_lines_of_other_days_do_not_count() -> None:
    used = await by_day(lines(line(NOON - DAY_MS, micro=5), line(NOON + DAY_MS, micro=5)), NOON, 1)
    assert used.days == (Day(day="2024-10-04"),)


async def test_a_ledger_that_is_too_long_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dragoman_accounts.usage_days.MAX_LINES", 2)
    used = await by_day(lines(*(line(NOON, micro=1) for _ in range(3))), NOON, 1)
    assert (used.days[0].micro, used.whole) == (2, False)


def test_reading_begins_with_the_first_line_of_the_first_day() -> None:
    midnight = 20_000 * DAY_MS
    assert first_id(NOON, 1) == f"{midnight - 1}-18446744073709551615"
    assert first_id(midnight, 2).startswith(f"{midnight - DAY_MS - 1}-")
