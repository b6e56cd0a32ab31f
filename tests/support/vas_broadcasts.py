"""Broadcasts of the VAS dialect without a socket: a host, and the exchanges of the endpoints."""

import json
from dataclasses import replace
from typing import Any

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError
from dragoman_edge.dialects.rest import Route
from dragoman_edge.dialects.vas import Vas
from dragoman_edge.dialects.vas.conversation import VasConversation
from dragoman_edge.model.broadcasts import (
    Broadcast,
)
from dragoman_edge.model.events import (
    Audience,
    BroadcastInfo,
    Opened,
)
from dragoman_edge.model.http import HttpRequest, HttpResponse
from tests.support.vas_codec import (
    NOW,
    START,
    action,
    fresh,
)

BROADCAST = START | {"type": "broadcast"}
STANDBY = ev.BroadcastState(source_languages=("en-US",), target_languages=("es-ES", "fr-FR"))
LIVE = replace(STANDBY, show=ev.Show.LIVE, live_from_ms=60_000)
MADE = Broadcast(
    id="b-1", token="a3f9", name="Talk", has_password=False, max_viewers=0, source_languages=("en-US",),
    target_languages=("es-ES",), standby_message="", show=ev.Show.STANDBY, session_id="", hosted=False,
    viewers=0, queued=0, peak=0, total=0, created_at_ms=NOW, started_at_ms=0, live_at_ms=0, ended_at_ms=0,
)  # fmt: skip


def hosting(state: ev.BroadcastState = STANDBY, **start: Any) -> VasConversation:
    made = fresh()
    made.receive(action("start", **BROADCAST | start))
    made.render(Opened("s_1", NOW, on_air=BroadcastInfo("b-1", "a3f9", state, Audience())), NOW)
    return made


def request(body: object = None, query: dict[str, str] | None = None, **parameters: str) -> HttpRequest:
    return HttpRequest(
        method="POST", path="/", path_parameters=parameters, query=query or {},
        headers={"x-api-key": "vas_1"}, body=json.dumps(body).encode() if body is not None else b"",
        source="::1", base_url="http://edge", new_id="n", build="b", now_ms=NOW,
    )  # fmt: skip


def route(method: str, end: str) -> Route:
    (found,) = (one for one in Vas.routes if one.method == method and one.path.endswith(end))
    return found


def exchanged(one: Route, asked: HttpRequest, *answers: Any) -> tuple[list[Any], HttpResponse]:
    """What is asked, and the answer; an answer that is an error is thrown."""
    exchange, questions = one.handle(asked), []
    try:
        question = next(exchange)
        for answer in answers:
            questions.append(question)
            thrown = isinstance(answer, DragomanError)
            question = exchange.throw(answer) if thrown else exchange.send(answer)
    except StopIteration as done:
        return questions, done.value
    raise AssertionError(question)


OWNER = rpc.AuthenticateReply(account_id="acme")
