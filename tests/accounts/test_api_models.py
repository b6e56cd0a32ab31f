"""Bodies of the REST API: exact numbers, no unknown fields, and a statement that no spreadsheet runs."""

import csv
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import ValidationError

from dragoman_accounts.api_models import AccountChange, NewAccount, NewKey, NewTopUp, csv_of
from dragoman_accounts.ledger import Line
from dragoman_accounts.money import MAX_MICRO


@pytest.mark.parametrize("micro", [0, -1, MAX_MICRO + 1, 1.0, "1", True, 1e3])
def test_credits_are_whole_numbers_in_bounds(micro: Any) -> None:
    with pytest.raises(ValidationError):
        NewTopUp(micro=micro)


def test_the_largest_amount_is_one() -> None:
    assert NewTopUp(micro=MAX_MICRO).micro == MAX_MICRO


@pytest.mark.parametrize("body", [NewAccount, NewKey, NewTopUp, AccountChange])
def test_a_field_that_is_not_known_is_refused(body: type[Any]) -> None:
    with pytest.raises(ValidationError, match="unknown"):
        body.model_validate({"name": "n", "tier": "t", "micro": 1, "unknown": 1})


def test_a_new_key_may_do_everything_that_keys_may() -> None:
    assert (NewKey().scopes, NewKey().tier, NewKey().expires_ms) == (["sessions", "tokens"], "", 0)


async def lines(*references: str) -> AsyncIterator[Line]:
    for number, reference in enumerate(references):
        yield Line(id=f"{number}-0", account_id="a", kind="session", micro=-5, reference=reference)


async def test_a_statement_is_csv_with_a_header_and_without_formulas() -> None:
    text = "".join([row async for row in csv_of(lines("=1+1", "@x", 'a "b", c', "plain"))])
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["reference"] for row in rows] == ["'=1+1", "'@x", 'a "b", c', "plain"]
    assert {row["micro"] for row in rows} == {"-5"}
