"""What a REST handler asks: one union that accounts, edges and broadcasts answer."""

import dataclasses

from dragoman_contract import rpc
from dragoman_edge.model import broadcasts, requests
from dragoman_edge.model.requests import Ask, IssuedToken, Keep, Languages, TextResult


def asks(module: object) -> set[object]:
    found = (one for one in vars(module).values() if dataclasses.is_dataclass(one))
    return {one for one in found if getattr(one, "__module__", "") == module.__name__}  # type: ignore[attr-defined]


def test_everything_that_can_be_asked_is_in_the_union() -> None:
    assert asks(requests) - {IssuedToken, Languages, TextResult} <= set(Ask.__args__)
    assert set(requests.BroadcastAsk.__args__) <= set(Ask.__args__)
    assert set(rpc.Message.__args__) <= set(Ask.__args__)


def test_answers_about_broadcasts_are_not_asked() -> None:
    answers = {broadcasts.Broadcast, broadcasts.Admitted, broadcasts.BroadcastWish}
    assert not answers & set(Ask.__args__)


def test_what_is_remembered_replaces_what_was_unless_told() -> None:
    assert not Keep("a.b", "1").only_new


def test_nothing_is_served_unless_a_service_tells_it() -> None:
    assert Languages() == Languages((), (), ())
