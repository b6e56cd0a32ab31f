"""Settings of the accounts service: what contradicts itself is refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from dragoman_accounts.settings import AccountsSettings

GOOD: dict[str, Any] = {"pepper": "p" * 16, "admin_token": "t" * 16}


def test_times_become_milliseconds() -> None:
    made = AccountsSettings(**GOOD, lease_ttl_s=0.5, hold_s=10, failures_per_minute=60, failures_burst=3)
    terms = made.terms()
    assert (terms.lease_ttl_ms, terms.grace_ms, terms.hold_ms, terms.margin_ms) == (500, 60_000, 10_000, 5000)
    assert terms.memory_ms == 192 * 3_600_000
    assert (made.throttle().burst, made.throttle().interval_ms) == (3, 1000)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"pepper": "short secret"}, "pepper has fewer than 16"),
        ({"admin_token": "short secret"}, "admin_token has fewer than 16"),
        ({"bootstrap_key": "short secret"}, "bootstrap_key has fewer than 16"),
        ({"hold_s": 4}, "margin_s is longer than hold_s"),
        ({"dashboards": "Mesh=javascript:alert(1)"}, "dashboards are NAME=https"),
        ({"dashboards": "https://short secret"}, "dashboards are NAME=https"),
    ],
)
def test_a_weak_secret_or_a_margin_beyond_the_hold_is_refused(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why) as caught:
        AccountsSettings(**GOOD | wrong)
    assert "short secret" not in "".join(error["msg"] for error in caught.value.errors())


def test_dashboards_are_names_with_addresses() -> None:
    made = AccountsSettings(**GOOD, dashboards="Mesh=https://a.example/d?x=1, Traces=http://b.example ,")
    assert made.links() == (("Mesh", "https://a.example/d?x=1"), ("Traces", "http://b.example"))
