"""Several generator processes as one: shares, sums, and processes that fail."""

from dragoman_cli.load.load import Outcome
from dragoman_cli.load.plan import Plan


def test_a_generator_that_was_late_says_so() -> None:
    outcome = Outcome(Plan("", "", ""))
    assert not outcome.kept_up  # it sent nothing
    outcome.delays.record("sent late", 0.002)
    assert outcome.kept_up
    for _ in range(10):
        outcome.delays.record("sent late", 0.3)
    assert not outcome.kept_up
