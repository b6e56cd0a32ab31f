"""What a dialect renders: the defaults that it relies on."""

import dataclasses

import pytest

from dragoman_contract.events import BroadcastState, Event
from dragoman_edge.model import events
from dragoman_edge.model.commands import BroadcastAction
from dragoman_edge.model.events import Audience, BroadcastAck, Opened, Outcome, Placed, ServerEvent, Throttled


def test_a_session_ends_with_its_socket_unless_it_says_how_to_come_back() -> None:
    opened = Opened("s_1", 1)
    assert (opened.resume_token, opened.resume_window_ms, opened.resumed) == ("", 0, None)
    assert opened.on_air is None and opened.notices == ()


def test_an_outcome_without_an_error_is_a_success() -> None:
    outcome = Outcome("a")
    assert outcome.error is None and outcome.job == 0 and outcome.notices == ()


def test_a_directed_broadcast_has_changed_unless_told() -> None:
    assert BroadcastAck(BroadcastAction.GO_LIVE, BroadcastState()).changed
    assert Audience() == Audience(0, 0, 0, 0)


@pytest.mark.parametrize(
    "event", [Opened("s", 1), Outcome(""), Throttled(True), Audience(), Placed("v", 0, 0, BroadcastState())]
)
def test_an_event_cannot_be_changed(event: object) -> None:
    field = dataclasses.fields(event)[0].name  # type: ignore[arg-type]
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(event, field, None)


def test_hosts_and_viewers_are_told_of_results_alike() -> None:
    for_clients, for_viewers = set(ServerEvent.__args__), set(events.ViewerEvent.__args__)
    assert for_clients & for_viewers == set(Event.__args__)
