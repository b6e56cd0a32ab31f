"""The edge's HTTP side: a dialect's handlers are answered or refused; nothing runs before the bus."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode, MeshError
from dragoman_edge.broadcast.viewers import Viewers
from dragoman_edge.dialects.rest import Route
from dragoman_edge.model.broadcasts import FindBroadcast
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.requests import CheckSpec, Find, Languages, ListLanguages, Room
from dragoman_edge.server.app import MAX_BODY, Http
from dragoman_edge.server.gateway import Gateway
from dragoman_kit.ops import Health
from tests.support.factories import WINDOW_S, edge_context, spec
from tests.support.fake_bus import ACCOUNT, FakeMesh
from tests.support.fake_socket import FakeSocket, PlainDialect

AUTHENTICATE = rpc.AuthenticateRequest(credential="key", source="", dialect="plain", session_id="")


def refuse(error: DragomanError) -> HttpResponse:
    return HttpResponse(418, {"refused": str(error.code)}, {"x-code": str(error.code)})


class Served:
    """An application with one endpoint, whose handler is given."""

    def __init__(
        self, handle: Callable[[HttpRequest], Any], public_url: str = "", bus: bool = True, **route: Any
    ) -> None:
        self.mesh = FakeMesh()
        self.dialect = PlainDialect()
        self.dialect.routes = (Route("POST", "/things/{id}", handle, refuse, **route),)
        self.health = Health("edge", "b_7")
        self.app = Http({"plain": self.dialect}, self.health, public_url, 5)
        self.context = edge_context(self.mesh)
        if bus:
            self.connect()

    def connect(self) -> None:
        context = self.context
        viewers = Viewers(context.bus, context.broadcasts, context.settings, context.edge_id, WINDOW_S)
        self.app.connect(context, viewers, Gateway(context))

    async def post(self, body: bytes = b"") -> httpx.Response:
        transport = httpx.ASGITransport(self.app.app, client=("10.0.0.5", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://edge:80") as client:
            return await client.post("/things/7?a=b", content=body, headers={"X-Key": "k"})

    async def get(self, path: str) -> httpx.Response:
        transport = httpx.ASGITransport(self.app.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://edge") as client:
            return await client.get(path)


def asking(*questions: Any) -> Callable[[HttpRequest], Any]:
    """A handler that asks these and answers with what it heard."""

    def handle(request: HttpRequest) -> Any:
        heard = []
        for question in questions:
            try:
                answer = yield question
            except DragomanError as exc:
                heard.append(f"error {exc.code}")
            else:
                heard.append(type(answer).__name__)
        return HttpResponse(201, heard, {"x-made": "yes"})

    return handle


async def test_a_handler_sees_the_request() -> None:
    seen: list[HttpRequest] = []

    def handle(request: HttpRequest) -> Any:
        seen.append(request)
        return HttpResponse(201, {"made": True}, {"x-made": "yes"})
        yield

    answer = await Served(handle).post(b"body")
    assert (answer.status_code, answer.json(), answer.headers["x-made"]) == (201, {"made": True}, "yes")
    (request,) = seen
    assert (request.method, request.path, request.path_parameters) == ("POST", "/things/7", {"id": "7"})
    assert (request.query, request.headers["x-key"], request.body) == ({"a": "b"}, "k", b"body")
    assert (request.source, request.base_url, request.build) == ("10.0.0.5", "http://edge", "b_7")
    assert request.new_id and request.now_ms > 10**12


async def test_clients_may_reach_it_at_another_address() -> None:
    def handle(request: HttpRequest) -> Any:
        return HttpResponse(200, request.base_url)
        yield

    assert (
        await Served(handle, public_url="https://dragoman.example").post()
    ).json() == "https://dragoman.example"


async def test_a_handler_is_answered_by_whom_its_questions_concern() -> None:
    served = Served(asking(AUTHENTICATE, Room(), ListLanguages(), CheckSpec(spec()), Find("some.key")))
    assert (await served.post()).json() == [
        "AuthenticateReply", "NoneType", Languages.__name__, "tuple", "NoneType",
    ]  # fmt: skip


async def test_a_handler_may_go_on_after_a_refusal() -> None:
    wrong = rpc.AuthenticateRequest(credential="wrong", source="", dialect="plain", session_id="")
    answer = await Served(asking(wrong, FindBroadcast(ACCOUNT, "b_none"), AUTHENTICATE)).post()
    assert answer.json()[0] == "error invalid_credential" and answer.json()[2] == "AuthenticateReply"


async def test_what_a_handler_does_not_catch_is_refused_in_the_dialects_words() -> None:
    def handle(request: HttpRequest) -> Any:
        yield Room()
        raise MeshError(FaultCode.BUSY, "full")

    answer = await Served(handle).post()
    assert (answer.status_code, answer.json(), answer.headers["x-code"]) == (418, {"refused": "busy"}, "busy")


async def test_a_refused_key_is_counted() -> None:
    def handle(request: HttpRequest) -> Any:
        yield rpc.AuthenticateRequest(credential="wrong", source="", dialect="plain", session_id="")

    labels = {"dialect": Served(handle).dialect.name, "reason": "invalid_credential"}
    before = REGISTRY.get_sample_value("dragoman_edge_credentials_refused_total", labels) or 0
    await Served(handle).post()
    assert REGISTRY.get_sample_value("dragoman_edge_credentials_refused_total", labels) == before + 1


async def test_a_bug_in_a_handler_is_an_internal_error_without_its_words() -> None:
    def handle(request: HttpRequest) -> Any:
        raise ValueError("a secret")
        yield

    answer = await Served(handle).post()
    assert answer.json() == {"refused": "internal"} and "secret" not in answer.text


def naming(response: HttpResponse, name: str) -> HttpResponse:
    return replace(response, headers=response.headers | {"x-name": name})


async def test_every_answer_is_given_the_id_of_its_request() -> None:
    seen: list[str] = []

    def handle(request: HttpRequest) -> Any:
        seen.append(request.new_id)
        yield Room()
        if request.body == b"refused":
            raise MeshError(FaultCode.BUSY, "full")
        return HttpResponse(201, {})

    served = Served(handle, identify=naming)
    told = [await served.post(body) for body in (b"", b"refused", bytes(MAX_BODY + 1))]
    assert [answer.status_code for answer in told] == [201, 418, 418]
    assert [answer.headers["x-name"] for answer in told[:2]] == seen
    assert len({answer.headers["x-name"] for answer in told}) == 3


async def test_a_bug_is_found_in_the_log_by_the_id_of_its_request() -> None:
    def handle(request: HttpRequest) -> Any:
        raise ValueError("a secret")
        yield

    with capture_logs() as logs:
        answer = await Served(handle, identify=naming).post()
    assert [line["request"] for line in logs] == [answer.headers["x-name"]]


@pytest.mark.parametrize(("size", "status"), [(MAX_BODY, 201), (MAX_BODY + 1, 418)])
async def test_a_body_is_bounded(size: int, status: int) -> None:
    assert (await Served(asking()).post(bytes(size))).status_code == status


async def test_a_client_that_leaves_within_its_body_is_no_bug_of_ours(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sent: list[Any] = []
    parts = iter([{"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        return next(parts)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/things/7", "query_string": b"", "headers": []}
    await Served(asking()).app.app(scope | {"server": ("edge", 80), "root_path": ""}, receive, send)
    assert b"bad_request" in sent[-1]["body"] and not caplog.records


async def test_before_the_bus_is_there_nothing_is_answered() -> None:
    served = Served(asking(Room(), ListLanguages()), bus=False)
    assert (await served.post()).json() == ["error unavailable"] * 2
    assert "start" in await served.health.problems()
    served.connect()
    assert "start" not in await served.health.problems()


async def test_a_socket_before_the_bus_is_there_may_try_again() -> None:
    served = Served(asking(), bus=False)
    socket = FakeSocket("open")
    await served.app._socket(_dialect(served))(socket.websocket())
    assert socket.sent == [{"type": "websocket.close", "code": 1013, "reason": ""}]


async def test_a_socket_is_served_by_the_dialect_of_its_path() -> None:
    served = Served(asking())
    socket = FakeSocket("what")
    await served.app.app(socket.scope, socket._incoming.get, socket._send)  # type: ignore[arg-type]
    assert socket.told == ["error bad_request"] and socket.code == 4000
    assert served.dialect.handshakes[0].path == "/test"


async def test_health_is_beside_the_dialects() -> None:
    served = Served(asking())
    assert (await served.get("/healthz")).json() == {"status": "alive"}
    assert (await served.get("/version")).json() == {"service": "edge", "build": "b_7"}
    assert (await served.get("/nothing")).status_code == 404


def _dialect(served: Served) -> Any:
    return served.dialect
