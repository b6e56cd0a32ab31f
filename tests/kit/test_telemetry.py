"""Traces: an utterance has the same trace in every service; context travels in bus headers."""

from collections.abc import Iterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

from dragoman_kit import telemetry


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What is exported, by a provider of this test."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(id_generator=telemetry._Generator())
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    yield exporter
    provider.shutdown()


def place(session: str = "s_1", track: int = 0, number: int = 1) -> trace.SpanContext:
    return trace.get_current_span(telemetry.utterance(session, track, number)).get_span_context()


def test_an_utterance_has_one_trace_wherever_it_is_asked_for() -> None:
    assert place() == place() and place().is_remote and place().is_valid
    others = {place(number=2).trace_id, place(track=1).trace_id, place("s_2").trace_id, place().trace_id}
    assert len(others) == 4


def test_the_root_span_has_the_ids_that_follow_from_the_name(spans: InMemorySpanExporter) -> None:
    telemetry.record_utterance("s_1", 0, 1, 1_000, 5_000, {"words": 3})
    with telemetry.span("afterwards"):
        pass
    root, after = spans.get_finished_spans()
    assert root.context is not None and after.context is not None
    assert (root.context.trace_id, root.context.span_id) == (place().trace_id, place().span_id)
    assert (root.start_time, root.end_time, dict(root.attributes or {})) == (1_000, 5_000, {"words": 3})
    assert after.context.trace_id != root.context.trace_id


def test_a_span_stands_below_the_one_of_the_headers(spans: InMemorySpanExporter) -> None:
    with telemetry.span("edge", within=telemetry.utterance("s_1", 0, 1)):
        carried = telemetry.headers()
    assert set(carried) == {"traceparent"}
    with telemetry.span("tts", carried, about={"try": 1}, language="es"):
        pass
    edge, tts = spans.get_finished_spans()
    assert edge.context is not None and tts.parent is not None and edge.parent is not None
    assert tts.parent.span_id == edge.context.span_id and edge.parent.trace_id == place().trace_id
    assert dict(tts.attributes or {}) == {"try": 1, "language": "es"}


def test_outside_of_a_span_there_is_nothing_to_carry() -> None:
    assert telemetry.headers() == {}


@pytest.mark.parametrize("endpoint", ["", "http://127.0.0.1:1/v1/traces"])
def test_without_an_endpoint_nothing_is_recorded(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[TracerProvider] = []
    monkeypatch.setattr(trace, "set_tracer_provider", made.append)
    telemetry.setup("edge", "7", endpoint)
    (provider,) = made
    assert (provider.sampler is ALWAYS_OFF) == (not endpoint)
    assert provider.resource.attributes["service.name"] == "dragoman-edge"
    assert isinstance(provider.resource, Resource)
    provider.shutdown()
