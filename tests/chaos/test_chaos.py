"""A short run of `make chaos`: workers are killed and stopped while clients speak."""

import pytest

from tests.chaos.harness import Plan, Report, run

pytestmark = pytest.mark.mesh


def test_nothing_is_lost_doubled_or_misordered_when_workers_die() -> None:
    report = run(Plan(seed=7, sessions=8, utterances=6, fault_every_s=1.2))
    assert report.faults.total() >= 4
    assert report.clean, report.lines()
    assert report.steady.updates > 10


def test_the_comparison_sees_what_is_lost_doubled_and_misordered() -> None:
    report = Report()
    report._count([1, 2, 3, 4], [1, 3, 2, 2])
    assert (report.lost, report.doubled, report.misordered) == (1, 1, 1)
