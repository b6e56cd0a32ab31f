"""One trace for each utterance, through all the services, read where an operator's collector would be."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from dragoman_cli.audio_source import paced
from dragoman_cli.client import Wish, translate
from dragoman_scripted.tones import words_to_pcm
from tests.chaos.harness import PAUSE, Plan, mesh
from tests.support.waiting import SETTLE_S, WAIT_S

ONE_EACH = Plan(replicas={"edge": 1, "stt": 1, "translation": 1, "tts": 1})


class Collector:
    """Takes OTLP over HTTP and keeps the spans."""

    def __init__(self) -> None:
        self.spans: list[tuple[str, Any]] = []

    def take(self, body: bytes) -> None:
        request = ExportTraceServiceRequest.FromString(body)
        for resource in request.resource_spans:
            attributes = {a.key: a.value.string_value for a in resource.resource.attributes}
            for scope in resource.scope_spans:
                self.spans += [(attributes["service.name"], span) for span in scope.spans]

    def traces(self) -> dict[bytes, dict[str, Any]]:
        """Of each trace its spans by "service name"."""
        found: dict[bytes, dict[str, Any]] = defaultdict(dict)
        for service, span in self.spans:
            found[span.trace_id][f"{service} {span.name}"] = span
        return found


@contextmanager
def collector() -> Iterator[tuple[Collector, str]]:
    made = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield made, f"http://127.0.0.1:{server.server_port}/v1/traces"
        server.shutdown()


@pytest.fixture(scope="module")
def collected() -> Iterator[Collector]:
    """What a session of three utterances left at the collector, once the mesh has stopped."""
    pcm = PAUSE
    for first in (10, 20, 30):
        pcm += words_to_pcm([first, first + 1]) + PAUSE
    with collector() as (made, endpoint):
        with mesh(ONE_EACH, DRAGOMAN_OTLP_ENDPOINT=endpoint) as (running, _):
            edge = next(r.url for r in running.replicas if r.service == "edge")
            asyncio.run(
                translate(
                    edge, running.key, Wish("en-US", "es-ES"), paced(pcm), quiet_s=WAIT_S, settle_s=SETTLE_S
                )
            )
        yield made


def test_an_utterance_is_one_trace_from_the_edge_through_all_the_workers(collected: Collector) -> None:
    whole = [spans for spans in collected.traces().values() if "dragoman-edge utterance" in spans]
    assert len(whole) == 3
    for spans in whole:
        assert {
            "dragoman-stt stt.decode",
            "dragoman-stt stt.publish",
            "dragoman-translation translation",
            "dragoman-translation translation.engine",
            "dragoman-tts tts",
        } <= spans.keys()
        root = spans["dragoman-edge utterance"]
        assert not root.parent_span_id
        assert spans["dragoman-stt stt.publish"].parent_span_id == root.span_id
        published = spans["dragoman-stt stt.publish"].span_id
        assert spans["dragoman-translation translation"].parent_span_id == published


def test_the_root_says_how_late_each_stage_was(collected: Collector) -> None:
    for spans in collected.traces().values():
        if (root := spans.get("dragoman-edge utterance")) is None:
            continue
        said = {a.key: a.value for a in root.attributes}
        stages = ("transcript", "translation", "first_audio")
        late = [said[f"after_speech.{stage}_ms"].int_value for stage in stages]
        assert late == sorted(late) and said["complete"].bool_value
        assert root.end_time_unix_nano - root.start_time_unix_nano > said["speech_ms"].int_value * 1_000_000


def test_no_span_carries_text(collected: Collector) -> None:
    for _, span in collected.spans:
        assert not any("w00" in a.value.string_value for a in span.attributes)
