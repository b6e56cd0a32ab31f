"""Metrics of the edge: of one family, and bounded in how many series there can be."""

import pytest
from prometheus_client import Counter, Gauge, Histogram

from dragoman_edge import metrics

ALL = [made for made in vars(metrics).values() if isinstance(made, Counter | Gauge | Histogram)]
UNBOUNDED = {"session", "account", "key", "token", "viewer", "client", "source"}


@pytest.mark.parametrize("metric", ALL, ids=lambda made: str(made._name))
def test_a_metric_is_of_the_edge_and_not_of_a_session(metric: Counter | Gauge | Histogram) -> None:
    assert metric._name.startswith("dragoman_edge_")
    assert not UNBOUNDED & set(metric._labelnames)
    assert metric._documentation


def test_times_are_in_seconds_and_counts_are_totals() -> None:
    for metric in ALL:
        if isinstance(metric, Histogram):
            assert metric._name.endswith("_seconds"), metric._name
        if isinstance(metric, Counter):
            assert {sample.name for found in metric.collect() for sample in found.samples} <= {
                f"{metric._name}_total", f"{metric._name}_created",
            }  # fmt: skip


def test_latencies_are_told_apart_where_a_listener_notices() -> None:
    assert list(metrics.SPEECH_BUCKETS) == sorted(metrics.SPEECH_BUCKETS)
    assert sum(1 for bound in metrics.SPEECH_BUCKETS if bound <= 1) >= 5
