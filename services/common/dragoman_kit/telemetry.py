"""Traces: W3C context in bus headers, spans exported over OTLP when an endpoint is set."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import propagate, trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def setup(service: str, build: str, otlp_endpoint: str) -> None:
    """Install the tracer provider. Without an endpoint spans are made (for their ids) and dropped."""
    provider = TracerProvider(
        resource=Resource.create({"service.name": f"dragoman-{service}", "service.version": build})
    )
    if otlp_endpoint:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=otlp_endpoint)))
    trace.set_tracer_provider(provider)


@contextmanager
def span(
    name: str, headers: Mapping[str, str] | None = None, **attributes: str | int | float
) -> Iterator[trace.Span]:
    """A span below the one named in `headers`, or below the current one."""
    parent = propagate.extract(headers) if headers else None
    tracer = trace.get_tracer("dragoman")
    with tracer.start_as_current_span(name, context=parent, attributes=attributes) as current:
        yield current


def headers() -> dict[str, str]:
    """The current trace context as bus headers."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier
