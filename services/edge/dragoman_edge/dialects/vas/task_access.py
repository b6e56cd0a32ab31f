"""Requests about kept tasks: whose key it is, which task is meant, and its sentences a page at a time."""

from collections.abc import Generator
from typing import Any

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.task_ids import session_id
from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.dialects.vas.rest import key_of
from dragoman_edge.dialects.vas.routes import Codes
from dragoman_edge.dialects.vas.settings import NAME
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.requests import Ask

TASKS, ALIAS = "/api/v1/tasks", "/api/v1/recordings"
PAGE = 200  # sentences that are read at a time
PRIVATE = {"Cache-Control": "no-store"}
CODES: Codes = {
    FaultCode.UNKNOWN_SESSION: (404, "recording_not_found"),
    FaultCode.BUSY: (503, "storage_connection_failed"),
    FaultCode.UNAVAILABLE: (503, "storage_connection_failed"),
    FaultCode.TIMEOUT: (503, "storage_connection_failed"),
}
Who = dict[str, Any]


def asking(request: HttpRequest) -> Generator[Ask, Any, Who]:
    """Whose API key it is; a ticket, or a browser's token, reads no tasks.

    Raises:
        PeerError: `INVALID_CREDENTIAL`, or what accounts say.
    """
    asked = rpc.AuthenticateRequest(credential=key_of(request), source=request.source, dialect=NAME)
    who: rpc.AuthenticateReply = yield asked
    if who.token:
        raise PeerError(FaultCode.INVALID_CREDENTIAL, "an API key is needed, not a token of one")
    return {"account_id": who.account_id, "key_id": who.key_id}


def task(request: HttpRequest, who: Who) -> Generator[Ask, Any, rpc.Task]:
    """The task that the path names.

    Raises:
        PeerError: `UNKNOWN_SESSION`.
    """
    reply: rpc.GetTaskReply = yield rpc.GetTaskRequest(**who, task_id=session(request))
    if reply.task is None:
        raise unknown()
    return reply.task


def session(request: HttpRequest) -> str:
    """The session whose task the path names.

    Raises:
        PeerError: `UNKNOWN_SESSION`, when there can be none.
    """
    found = session_id(request.path_parameters["id"])
    if not found:
        raise unknown()
    return found


def entries(who: Who, task_id: str) -> Generator[Ask, Any, list[rpc.Entry]]:
    """All sentences of a task."""
    found: list[rpc.Entry] = []
    after = ""
    while True:
        page: rpc.ListEntriesReply = yield rpc.ListEntriesRequest(
            **who, task_id=task_id, limit=PAGE, after=after
        )
        found += page.entries
        after = page.next
        if not after:
            return found


def limit(request: HttpRequest, most: int) -> int:
    """Return the number of elements that the request wants of a list.

    Raises:
        Problem: `invalid_request`.
    """
    text = request.query.get("limit") or request.query.get("per_page") or "20"
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= most:
        raise Problem("invalid_request", f"limit: 1 to {most}")
    return int(text)


def unknown() -> PeerError:
    """There is no such task, or it is another account's."""
    return PeerError(FaultCode.UNKNOWN_SESSION, "there is no such task")


def no_sentence(sid: int) -> Problem:
    """The task has no such sentence."""
    return Problem("sentence_not_found", f"Sentence {sid} not found", sid=sid, status=404)


def answer(data: object) -> HttpResponse:
    """Return an answer that nobody stores on its way."""
    return HttpResponse(200, {"data": data}, PRIVATE)
