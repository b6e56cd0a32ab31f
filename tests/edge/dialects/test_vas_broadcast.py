"""Broadcasts of the VAS dialect without sockets: what hosts and viewers are told, and the endpoints."""

import contextlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode, PeerError, error_for
from dragoman_edge.dialects.rest import Route
from dragoman_edge.dialects.vas import Vas
from dragoman_edge.dialects.vas.conversation import VasConversation
from dragoman_edge.dialects.vas.viewer_encoder import VasViewerEncoder
from dragoman_edge.model.broadcasts import (
    Admit,
    Admitted,
    Broadcast,
    EndBroadcast,
    FindBroadcast,
    MakeBroadcast,
)
from dragoman_edge.model.commands import JOBS, BroadcastAction, BroadcastCommand, Open
from dragoman_edge.model.events import (
    Announcement,
    Audience,
    BroadcastAck,
    BroadcastInfo,
    Opened,
    Placed,
    ViewerJoined,
    ViewerLeft,
)
from dragoman_edge.model.http import HttpRequest, HttpResponse
from dragoman_edge.model.requests import CheckSpec, Names
from dragoman_edge.model.viewers import SseMessage
from tests.edge.dialects.test_vas import (
    NOW,
    START,
    action,
    chunk,
    failure,
    fresh,
    refused,
    shown,
    transcript,
    translation,
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


# The host


def test_a_broadcast_is_begun_by_its_name_or_anew() -> None:
    for named, name in (({}, ""), ({"broadcast_id": "b-1"}, "b-1"), ({"token": "a3f9"}, "a3f9")):
        (command,) = fresh().receive(action("start", **BROADCAST, **named))
        assert isinstance(command, Open) and command.broadcast is not None
        assert command.broadcast.name == name and command.spec.speech
    (command,) = fresh().receive(action("start", **START))
    assert isinstance(command, Open) and command.broadcast is None


def test_a_broadcast_is_spoken_unless_told() -> None:
    for quiet in ({"tts_enabled": False}, {"tts_mode": "async"}):
        (command,) = fresh().receive(action("start", **BROADCAST, **quiet))
        assert isinstance(command, Open) and not command.spec.speech


def test_the_times_of_a_broadcast_begin_when_it_is_live() -> None:
    made = hosting()
    (said,) = shown(made, transcript())
    assert "start_time" not in said["data"]["origin"]
    (changed,) = shown(made, BroadcastAck(BroadcastAction.GO_LIVE, LIVE))
    assert changed["data"]["action"] == "broadcast_phase_changed"
    for start_ms, time in ((65_500, "00:05"), (59_000, "00:00")):
        (said,) = shown(made, transcript(start_ms=start_ms))
        assert said["data"]["origin"]["start_time"] == time
    (said,) = shown(hosting(LIVE), transcript())  # a host that came back
    assert said["data"]["origin"]["start_time"] == "00:05"


def test_speech_is_not_the_hosts_unless_it_asks_for_it() -> None:
    made = hosting()
    made.render(transcript(), NOW)
    made.render(translation(), NOW)
    assert shown(made, chunk(last=True)) == []
    made.receive(action("tts_play", sid=1, language="es-ES"))
    assert shown(made, chunk(track=JOBS, last=True))[0]["data"]["action"] == "tts_ready"


@pytest.mark.parametrize(
    ("name", "data", "command"),
    [
        ("broadcast_go_live", {}, BroadcastCommand(BroadcastAction.GO_LIVE)),
        ("broadcast_announcement", {"announcement": "x"}, BroadcastCommand(BroadcastAction.ANNOUNCE, "x")),
        ("set_standby_message", {"message": ""}, BroadcastCommand(BroadcastAction.STANDBY_MESSAGE, "")),
    ],
)
def test_the_host_directs(name: str, data: dict[str, str], command: BroadcastCommand) -> None:
    assert hosting().receive(action(name, **data)) == [command]


@pytest.mark.parametrize("data", [{}, {"message": ""}, {"message": "x" * 1001}, {"message": 1}])
def test_an_announcement_says_something(data: dict[str, Any]) -> None:
    assert refused(hosting(), action("broadcast_announcement", **data)) == "invalid_request"


def test_the_host_is_told_the_figures() -> None:
    made, audience = hosting(), Audience(4, 1, 5, 9)
    (joined,) = shown(made, ViewerJoined("viewer_1", "::1", "es", audience))
    assert joined["data"]["viewer"] == {"id": "viewer_1", "ip": "::1", "language": "es"}
    (left,) = shown(made, ViewerLeft("viewer_1", audience))
    assert left["data"] == {
        "action": "viewer_left", "viewer_id": "viewer_1", "viewer_count": 4, "queue_count": 1,
    }  # fmt: skip
    (count,) = shown(made, audience)
    assert list(count["data"].values()) == ["viewer_count", 4, 1, 5, 9]


@pytest.mark.parametrize(
    ("code", "said"),
    [(FaultCode.UNKNOWN_SESSION, "broadcast_not_found"), (FaultCode.SESSION_ENDED, "broadcast_ended")],
)
def test_a_broadcast_that_cannot_be_begun(code: FaultCode, said: str) -> None:
    made = fresh()
    made.receive(action("start", **BROADCAST))
    (frame,) = made.refuse(error_for(code), NOW)
    assert json.loads(str(frame))["data"]["error_code"] == said


# Viewers


def told(viewing: VasViewerEncoder, event: Any) -> list[tuple[SseMessage, Any]]:
    return [(line, json.loads(line.data)) for line in viewing.render(event, NOW)]


def test_each_line_says_whom_it_concerns() -> None:
    viewing = VasViewerEncoder()
    viewing.render(LIVE, NOW)
    ((line, data),) = told(viewing, transcript(final=False))
    assert line.interim and not line.language and data["data"]["origin"]["start_time"] == "00:05"
    ((line, _),) = told(viewing, transcript())
    assert not line.interim
    ((line, data),) = told(viewing, translation())
    assert line.language == "es-ES" and data["data"]["translations"]["es-ES"]["text"] == "Hola, tú"
    assert told(viewing, chunk()) == []
    ((line, data),) = told(viewing, chunk(last=True))
    assert (line.language, line.speech) == ("es-ES", True) and data["data"]["text"] == "Hola, tú"
    ((line, data),) = told(viewing, failure(ev.Stage.TRANSLATION, language="fr-FR"))
    assert (line.language, data["data"]["error_code"]) == ("fr-FR", "translation_failed")
    ((line, data),) = told(viewing, failure(ev.Stage.TTS, language="fr-FR"))
    assert line.speech and data["data"]["action"] == "tts_error"


def test_viewers_are_told_what_changed() -> None:
    viewing = VasViewerEncoder()
    assert told(viewing, STANDBY) == []
    ((_, data),) = told(viewing, replace(STANDBY, standby_message="Soon"))
    assert data["data"] == {"action": "standby_message", "message": "Soon"}
    ((_, data),) = told(viewing, replace(LIVE, standby_message="Soon"))
    assert data["data"]["phase"] == "live"
    ((_, data),) = told(viewing, Announcement("Hear, hear"))
    assert data["data"] == {"action": "broadcast_announcement", "message": "Hear, hear"}
    ((_, data),) = told(viewing, replace(LIVE, show=ev.Show.ENDED))
    assert data["data"]["action"] == "broadcast_ended"


@pytest.mark.parametrize(
    ("position", "name"), [(0, "viewer_connected"), (3, "viewer_waiting"), (None, "viewer_waiting")]
)
def test_a_viewer_knows_its_place(position: int | None, name: str) -> None:
    ((_, data),) = told(VasViewerEncoder(), Placed("viewer_1", position, 5, STANDBY))
    assert (data["data"]["action"], data["data"]["phase"]) == (name, "standby")
    assert data["data"].get("position") == (position or None)


# Endpoints


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


def test_a_wish_is_read() -> None:
    body = {"name": "Talk", "transcription_language": "EN_us", "translation_languages": ["es-es", "es-ES"],
            "password": "open", "max_viewers": 7}  # fmt: skip
    (_, checked, made), answer = exchanged(route("POST", "/broadcasts"), request(body), OWNER, (), MADE)
    assert isinstance(checked, CheckSpec)
    assert checked.spec.tracks[0].target_languages == ("es-ES",)
    assert isinstance(made, MakeBroadcast) and made.account_id == "acme"
    assert made.wish.source_languages == ("en-US",) and made.wish.target_languages == ("es-ES",)
    assert (made.wish.password, made.wish.max_viewers) == ("open", 7)
    assert answer.status == 201


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"max_viewers": 0}, "invalid_request"),
        ({"access_type": "password"}, "invalid_request"),
        ({"access_type": "secret"}, "invalid_request"),
        ({"translation_languages": ["!"]}, "language_not_supported"),
        ([], "invalid_request"),
        ({"name": "x" * 201}, "invalid_request"),
    ],
)
def test_a_wish_that_cannot_be(body: Any, code: str) -> None:
    _, answer = exchanged(route("POST", "/broadcasts"), request(body), OWNER)
    assert answer.status == 400 and isinstance(answer.body, dict)
    assert answer.body["error_code"] == code


def test_a_ticket_makes_no_broadcast() -> None:
    _, answer = exchanged(route("POST", "/broadcasts"), request({}), replace(OWNER, token=True))
    assert answer.status == 401


def test_a_wrong_password() -> None:
    questions, answer = exchanged(
        route("POST", "/verify"), request({"password": "x"}, token="a3f9"), error_for("invalid_credential")
    )
    assert questions == [Admit("a3f9", "x", "::1")]
    assert answer.status == 401 and answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_good_password() -> None:
    given = Admitted("vat_x", NOW + 3_600_000)
    _, answer = exchanged(route("POST", "/verify"), request({"password": "x"}, token="a3f9"), given)
    assert isinstance(answer.body, dict) and answer.body["data"]["expires_in"] == 3600


def test_what_a_viewer_wants() -> None:
    vas = Vas()
    asked = request(query={"lang": "es_es", "tts": "true", "viewer_access_token": "vat_x"}, token="a3f9")
    watch = vas.watch(asked)
    assert (watch.token, watch.language, watch.speech, watch.access) == ("a3f9", "es-ES", True, "vat_x")
    assert vas.watch(replace(asked, query={}, headers={"authorization": "Bearer y"})).access == "y"
    for wrong in ({"tts": "perhaps"}, {"lang": "!"}):
        with pytest.raises(PeerError):
            vas.watch(replace(asked, query=wrong))


@pytest.mark.parametrize("code", FaultCode)
def test_every_fault_of_a_viewer_has_an_answer(code: FaultCode) -> None:
    answer = Vas().refuse_viewer(error_for(code, retry_after_ms=2000), None)
    assert 400 <= answer.status < 600 and isinstance(answer.body, dict) and answer.body["error_code"]


FIELDS = st.sampled_from(
    ["name", "transcription_language", "translation_languages", "max_viewers", "access_type", "pass_code",
     "password", "standby_message", "lang", "tts", "viewer_access_token", "page", "per_page"]
)  # fmt: skip
ANYTHING = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(["es", 1])
BODIES = st.dictionaries(FIELDS, ANYTHING, max_size=4).map(lambda body: json.dumps(body).encode())


@given(
    BODIES | st.binary(max_size=30),
    st.dictionaries(FIELDS, st.text(max_size=8), max_size=4),
    st.text(max_size=8),
)
def test_nothing_hostile_leaves_the_endpoints(body: bytes, query: dict[str, str], name: str) -> None:
    asked = replace(request(None, query, id=name, token=name), body=body)
    for one in Vas.routes:
        answers: dict[type, Any] = {
            rpc.AuthenticateRequest: OWNER, rpc.IssueTokenRequest: rpc.IssueTokenReply(token="T"),
            MakeBroadcast: MADE, FindBroadcast: MADE, EndBroadcast: None, Names: ["b-1"],
            Admit: Admitted("vat_x", NOW),
        }  # fmt: skip
        exchange = one.handle(asked)
        try:
            question = next(exchange)
            while True:
                question = exchange.send(answers[type(question)])
        except StopIteration as done:
            assert json.dumps(done.value.body)
    with contextlib.suppress(PeerError):
        Vas().watch(asked)
