"""Responses that go out piece by piece: whole, or broken off."""

import asyncio
from collections.abc import Generator
from typing import Any

import pytest

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_edge.model.http import HttpResponse, Pieces
from dragoman_edge.model.requests import Find
from dragoman_edge.server.pieces import PiecesResponse

ASK = Find("a_1.x")


class Socket:
    """What a client gets, and whether it was cut off; a slow one takes nothing."""

    def __init__(self, slow: bool = False) -> None:
        self.sent: list[dict[str, Any]] = []
        self.cut = False
        self.slow = slow
        self.transport = self

    def abort(self) -> None:
        self.cut = True

    async def receive(self) -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if self.slow and message["type"] == "http.response.body":
            await asyncio.Event().wait()
        self.sent.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)

    @property
    def whole(self) -> bool:
        return self.sent[-1].get("more_body") is False


async def served(pieces: Generator[Any, Any, None], answer: Any = None, slow: bool = False) -> Socket:
    socket = Socket(slow)

    async def ask(question: Any) -> Any:
        assert question == ASK
        if isinstance(answer, Exception):
            raise answer
        return answer

    response = HttpResponse(200, Pieces("text/csv", pieces), {"X-Ours": "1"})
    assert isinstance(response.body, Pieces)
    await PiecesResponse(response, response.body, ask, 0.01)({}, socket.receive, socket.send)
    return socket


def asking() -> Generator[Any, Any, None]:
    yield "é1 "
    found = yield ASK
    yield found
    yield " 3"


async def test_pieces_go_out_in_order_with_what_was_answered_between() -> None:
    socket = await served(asking(), "2")
    headers = dict(socket.sent[0]["headers"])
    assert (socket.body.decode(), socket.whole, socket.cut) == ("é1 2 3", True, False)
    assert headers[b"content-type"] == b"text/csv; charset=utf-8" and headers[b"x-ours"] == b"1"
    assert b"content-length" not in headers


async def test_a_response_that_cannot_be_completed_is_broken_off() -> None:
    socket = await served(asking(), MeshError(FaultCode.UNAVAILABLE))
    assert (socket.body.decode(), socket.whole, socket.cut) == ("é1 ", False, True)


async def test_a_handler_may_go_on_after_a_refusal() -> None:
    def catching() -> Generator[Any, Any, None]:
        try:
            yield ASK
        except MeshError as exc:
            yield f"refused: {exc.code}"

    socket = await served(catching(), MeshError(FaultCode.BUSY))
    assert (socket.body.decode(), socket.whole) == (f"refused: {FaultCode.BUSY}", True)


async def test_a_client_that_does_not_read_is_broken_off() -> None:
    socket = await served(asking(), "2", slow=True)
    assert socket.cut and len(socket.sent) == 1


async def test_a_bug_of_a_handler_is_not_hidden() -> None:
    def buggy() -> Generator[Any, Any, None]:
        yield "a"
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError):
        await served(buggy())
