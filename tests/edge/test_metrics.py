"""Metrics of the edge: of one family, and bounded in how many series there can be."""

import pytest
from prometheus_client import REGISTRY, Counter, Gauge, Histogram

from dragoman_contract.errors import FaultCode
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


def test_what_alerts_read_is_there_before_anything_happens() -> None:
    metrics.initialise(["new"])
    asked = {"dialect": "new", "stage": "translation", "code": "timeout"}
    assert REGISTRY.get_sample_value("dragoman_edge_failures_total", asked) == 0
    assert REGISTRY.get_sample_value("dragoman_edge_results_total", {"dialect": "new", "stage": "tts"}) == 0
    refused = {"dialect": "new", "reason": "invalid_credential"}
    assert REGISTRY.get_sample_value("dragoman_edge_credentials_refused_total", refused) == 0
    assert REGISTRY.get_sample_value("dragoman_edge_opens_total", {"dialect": "new", "outcome": "busy"}) == 0
    assert REGISTRY.get_sample_value("dragoman_edge_closes_total", {"dialect": "new", "reason": "busy"}) == 0


def test_only_errors_of_credentials_count_as_refused_credentials() -> None:
    for code in (FaultCode.BUSY, FaultCode.MISSING_CREDENTIAL):
        metrics.credential_refused("shown", code)
    found = [
        s for m in metrics.CREDENTIALS_REFUSED.collect() for s in m.samples if s.labels["dialect"] == "shown"
    ]
    counts = {s.labels["reason"]: s.value for s in found if s.name.endswith("_total")}
    assert counts == {"missing_credential": 1}
