"""The edge's HTTP side: health, the REST endpoints of the dialects, and their sockets' paths."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request, Response, WebSocket
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect
from starlette.routing import Route as Path

from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode, MeshError, PeerError
from dragoman_contract.ids import new_id
from dragoman_edge import metrics
from dragoman_edge.broadcast.store import Broadcasts
from dragoman_edge.broadcast.viewers import Viewers
from dragoman_edge.dialects.api import Dialect, ServesViewers
from dragoman_edge.dialects.rest import Route
from dragoman_edge.mesh.accounts import Accounts, fault_error
from dragoman_edge.mesh.archive import Archive
from dragoman_edge.mesh.capabilities import Capabilities
from dragoman_edge.mesh.key_value import KeyValueStore
from dragoman_edge.model.http import HttpRequest, HttpResponse, Pieces
from dragoman_edge.model.imports import Pause, ReceiveUpload, StartImport
from dragoman_edge.model.requests import (
    Ask,
    BroadcastAsk,
    CheckSpec,
    EncodeVoice,
    EndLive,
    Find,
    IsLive,
    IssueToken,
    Keep,
    Languages,
    ListLanguages,
    Names,
    Room,
    RunTexts,
    TextResult,
)
from dragoman_edge.server import enrolment
from dragoman_edge.server.gateway import Gateway
from dragoman_edge.server.imports import Imports
from dragoman_edge.server.pieces import PiecesResponse
from dragoman_edge.server.sse import SseEndpoint
from dragoman_edge.server.text_work import TextWork
from dragoman_edge.server.uploads import Answering, Uploading
from dragoman_edge.session.context import EdgeContext
from dragoman_kit import ops
from dragoman_kit.bus import Bus
from dragoman_kit.logging import get
from dragoman_kit.ops import Health

log = get(__name__)
MAX_BODY = 256 * 1024


class Http:
    """Builds the application. What needs the bus is set once that is there."""

    def __init__(
        self,
        dialects: dict[str, Dialect],
        health: Health,
        public_url: str,
        send_timeout_s: float,
        ops_paths: frozenset[str] = ops.PATHS,
    ) -> None:
        self.gateway: Gateway | None = None
        self.accounts: Accounts | None = None
        self.archive: Archive | None = None
        self.bus: Bus | None = None
        self.texts: TextWork | None = None
        self.imports: Imports | None = None
        self.resources: KeyValueStore | None = None
        self.broadcasts: Broadcasts | None = None
        self.capabilities: Capabilities | None = None
        self._watching: list[SseEndpoint] = []
        self._public_url = public_url
        self._send_timeout_s = send_timeout_s
        self._build = health.build
        health.add("start", self._starting)
        self.app = FastAPI(title="dragoman edge", docs_url=None, redoc_url=None, openapi_url=None)
        for dialect in dialects.values():
            for path in dialect.socket_paths:
                self.app.add_api_websocket_route(path, self._socket(dialect))
            for route in dialect.routes:
                self.app.add_api_route(
                    route.path, self._endpoint(route, dialect.name), methods=[route.method]
                )
            if isinstance(dialect, ServesViewers):
                watching = SseEndpoint(dialect, self._request, send_timeout_s)
                self._watching.append(watching)
                self.app.router.routes.append(Path(dialect.watch_path, watching, methods=["GET"]))
        self.app.mount("/", ops.ops_app(health, ops_paths))

    def connect(self, context: EdgeContext, viewers: Viewers, gateway: Gateway) -> None:
        """The bus is there: from now on sessions and viewers are taken."""
        self.accounts, self.resources = context.accounts, context.resources
        self.broadcasts, self.capabilities = context.broadcasts, context.capabilities
        self.archive, self.bus = context.archive, context.bus
        self.texts = TextWork(context, gateway.begin)
        self.imports = Imports(context, gateway.begin)
        for watching in self._watching:
            watching.viewers = viewers
        self.gateway = gateway

    async def _starting(self) -> str | None:
        """The port is open before the bus is there."""
        return None if self.gateway is not None else "no sessions yet: the edge waits for the bus"

    def _socket(self, dialect: Dialect) -> Callable[[WebSocket], Awaitable[None]]:
        async def serve(websocket: WebSocket) -> None:
            if self.gateway is None:
                await websocket.close(1013)
            else:
                await self.gateway.serve(websocket, dialect)

        return serve

    def _endpoint(self, route: Route, dialect: str) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            name = new_id("")
            try:
                if route.upload:
                    response = await self._upload(route, request, name)
                else:
                    response = await self._exchange(route, await self._request(request, name), self._answer)
            except DragomanError as exc:
                metrics.credential_refused(dialect, exc.code)
                response = route.refuse(exc)
            except Exception:
                log.exception("unexpected error in a request", request=name)
                response = route.refuse(MeshError(FaultCode.INTERNAL, "unexpected error"))
            response = route.identify(response, name)
            if isinstance(response.body, Pieces):
                return PiecesResponse(response, response.body, self._answer, self._send_timeout_s)
            return JSONResponse(response.body, response.status, response.headers)

        return answer

    async def _upload(self, route: Route, request: Request, name: str) -> HttpResponse:
        """An exchange whose handler says when the body is read, once it knows whose it is."""
        if self.imports is None:
            raise MeshError(FaultCode.UNAVAILABLE, "the service is starting", retry_after_ms=1000)
        async with Uploading(self.imports, request, self._answer) as uploading:
            return await self._exchange(route, self._known(request, b"", name), uploading.answer)

    async def _exchange(self, route: Route, request: HttpRequest, answering: Answering) -> HttpResponse:
        """Run a dialect's handler, asking for what it yields; it may catch the errors of its questions."""
        exchange = route.handle(request)
        try:
            question = next(exchange)
            while True:
                try:
                    answer = await answering(question)
                except DragomanError as exc:
                    question = exchange.throw(exc)
                else:
                    question = exchange.send(answer)
        except StopIteration as done:
            response: HttpResponse = done.value
            return response

    async def _answer(self, question: Ask) -> Any:
        if self.accounts is None or self.resources is None or self.gateway is None or self.broadcasts is None:
            raise MeshError(FaultCode.UNAVAILABLE, "the service is starting", retry_after_ms=1000)
        if isinstance(question, Room):
            self.gateway.check_room()
            return None
        if isinstance(question, Pause):
            return await asyncio.sleep(question.seconds)
        if isinstance(question, RunTexts):
            return await self._texts(question)
        if isinstance(question, CheckSpec | ListLanguages):
            return await self._languages(question)
        if isinstance(question, Keep | Find | Names | IsLive | EndLive):
            return await self.resources.answer(question)
        if isinstance(question, BroadcastAsk):
            return await self.broadcasts.answer(question)
        if isinstance(question, rpc.ArchiveRequest) and self.archive is not None:
            return await self.archive.ask(question)
        if isinstance(question, EncodeVoice) and self.bus is not None:
            return await enrolment.encoded(self.bus, question.upload)
        if isinstance(question, IssueToken):
            return await self.accounts.issue(question)
        if isinstance(question, ReceiveUpload | StartImport | EncodeVoice):
            raise MeshError(FaultCode.INTERNAL, "this endpoint takes no upload")
        reply = await self.accounts.call(question)
        if reply.fault is not None:
            raise fault_error(reply.fault)
        return reply

    async def _texts(self, question: RunTexts) -> tuple[TextResult, ...]:
        if self.texts is None or self.gateway is None:
            raise MeshError(FaultCode.UNAVAILABLE, "the service is starting", retry_after_ms=1000)
        self.gateway.check_draining()
        return await self.texts.run(question)

    async def _languages(self, question: CheckSpec | ListLanguages) -> tuple[str, ...] | Languages:
        if self.capabilities is None:
            raise MeshError(FaultCode.UNAVAILABLE, "the service is starting", retry_after_ms=1000)
        if isinstance(question, ListLanguages):
            return await self.capabilities.languages()
        await self.capabilities.check(question.spec)
        return self.capabilities.notices(question.spec)

    async def _request(self, request: Request, name: str = "") -> HttpRequest:
        return self._known(request, await _body(request), name)

    def _known(self, request: Request, body: bytes, name: str) -> HttpRequest:
        return HttpRequest(
            method=request.method,
            path=request.url.path,
            path_parameters={key: str(value) for key, value in request.path_params.items()},
            query=dict(request.query_params),
            headers=dict(request.headers),
            body=body,
            source=request.client.host if request.client else "",
            base_url=self._public_url or str(request.base_url).rstrip("/"),
            new_id=name or new_id(""),
            build=self._build,
            now_ms=int(time.time() * 1000),
        )


async def _body(request: Request) -> bytes:
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > MAX_BODY:
                raise PeerError(FaultCode.TOO_LARGE, f"body of more than {MAX_BODY} bytes")
    except ClientDisconnect:
        raise PeerError(FaultCode.BAD_REQUEST, "the body is shorter than its length") from None
    return body
