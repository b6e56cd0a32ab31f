"""Traces: one for each utterance, W3C context in bus headers, exported over OTLP when an endpoint is set.

The trace of an utterance has an id that follows from its name, so that every service finds it without a
header on an audio frame. Its root is the edge's span from the first sample to the last result.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, DEFAULT_ON
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

Value = str | int | float | bool
Ids = tuple[int, int]  # of a trace (128 bits) and of its root span (64 bits)
_CONTEXT = TraceContextTextMapPropagator()  # alone: no service has baggage
_root: ContextVar[Ids | None] = ContextVar("root", default=None)


class _Generator(RandomIdGenerator):
    """Random ids, but for the roots of utterances."""

    def generate_trace_id(self) -> int:
        root = _root.get()
        return root[0] if root else super().generate_trace_id()

    def generate_span_id(self) -> int:
        root = _root.get()
        return root[1] if root else super().generate_span_id()


def setup(service: str, build: str, otlp_endpoint: str) -> None:
    """Install the tracer provider. Without an endpoint spans have ids, and nothing is recorded."""
    resource = Resource.create({"service.name": f"dragoman-{service}", "service.version": build})
    sampler = DEFAULT_ON if otlp_endpoint else ALWAYS_OFF
    provider = TracerProvider(sampler, resource, id_generator=_Generator())
    if otlp_endpoint:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=otlp_endpoint)))
    trace.set_tracer_provider(provider)


@contextmanager
def span(
    name: str,
    headers: Mapping[str, str] | None = None,
    *,
    within: Context | None = None,
    about: Mapping[str, Value] | None = None,
    **more: Value,
) -> Iterator[trace.Span]:
    """A span below that of `headers`, below `within`, or below the current one; what it is `about`."""
    parent = _CONTEXT.extract(headers) if headers else within
    attributes = {**(about or {}), **more}
    with _tracer().start_as_current_span(name, context=parent, attributes=attributes) as current:
        yield current


def headers() -> dict[str, str]:
    """The current trace context as bus headers."""
    carrier: dict[str, str] = {}
    _CONTEXT.inject(carrier)
    return carrier


def utterance(session_id: str, track: int, number: int) -> Context:
    """The trace of an utterance: what is done for it is done within this."""
    trace_id, span_id = _ids(session_id, track, number)
    place = trace.SpanContext(trace_id, span_id, is_remote=True, trace_flags=trace.TraceFlags(1))
    return trace.set_span_in_context(trace.NonRecordingSpan(place), Context())


def record_utterance(
    session_id: str, track: int, number: int, began_ns: int, ended_ns: int, attributes: Mapping[str, Value]
) -> None:
    """The root span of an utterance, once it is over; times are Unix nanoseconds."""
    token = _root.set(_ids(session_id, track, number))
    try:
        root = _tracer().start_span(
            "utterance", context=Context(), attributes=dict(attributes), start_time=began_ns
        )
    finally:
        _root.reset(token)
    root.end(ended_ns)


def _ids(session_id: str, track: int, number: int) -> Ids:
    digest = hashlib.blake2b(f"{session_id}.{track}.{number}".encode(), digest_size=24).digest()
    return int.from_bytes(digest[:16], "big"), int.from_bytes(digest[16:], "big")


@lru_cache(maxsize=1)
def _of(provider: trace.TracerProvider) -> trace.Tracer:
    """To ask a provider costs more than a span."""
    return provider.get_tracer("dragoman")


def _tracer() -> trace.Tracer:
    return _of(trace.get_tracer_provider())
