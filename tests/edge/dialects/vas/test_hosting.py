"""A broadcast as its host sees it."""

import json
from typing import Any

import pytest

from dragoman_contract.errors import FaultCode, error_for
from dragoman_edge.model.commands import JOBS, BroadcastAction, BroadcastCommand, Open
from dragoman_edge.model.events import (
    Audience,
    BroadcastAck,
    ViewerJoined,
    ViewerLeft,
)
from tests.support.vas_broadcasts import BROADCAST, LIVE, hosting
from tests.support.vas_codec import (
    NOW,
    START,
    action,
    chunk,
    fresh,
    refused,
    shown,
    transcript,
    translation,
)


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
    made, audience = hosting(), Audience(4, 1, 5, 9, (("", 1), ("es", 3)))
    (joined,) = shown(made, ViewerJoined("viewer_1", "::1", "es", audience))
    assert joined["data"]["viewer"] == {"id": "viewer_1", "ip": "::1", "language": "es"}
    (left,) = shown(made, ViewerLeft("viewer_1", audience))
    assert left["data"] == {
        "action": "viewer_left", "viewer_id": "viewer_1", "viewer_count": 4, "queue_count": 1,
    }  # fmt: skip
    (count,) = shown(made, audience)
    assert list(count["data"].values()) == ["viewer_count", 4, 1, 5, 9, {"": 1, "es": 3}]


@pytest.mark.parametrize(
    ("code", "said"),
    [(FaultCode.UNKNOWN_SESSION, "broadcast_not_found"), (FaultCode.SESSION_ENDED, "broadcast_ended")],
)
def test_a_broadcast_that_cannot_be_begun(code: FaultCode, said: str) -> None:
    made = fresh()
    made.receive(action("start", **BROADCAST))
    (frame,) = made.refuse(error_for(code), NOW)
    assert json.loads(str(frame))["data"]["error_code"] == said
