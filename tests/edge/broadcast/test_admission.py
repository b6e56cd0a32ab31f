"""Who may watch a broadcast: never more than the limit, in the order of arrival, whatever edges do."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract import rpc
from dragoman_edge.broadcast.admission import GONE_S, ViewerAdmission


def viewer(name: str, since: int = 0, watching: bool = False) -> rpc.Viewer:
    return rpc.Viewer(id=name, since_ms=since, watching=watching)


def report(edge: str, *viewers: rpc.Viewer, everybody: bool = False, left: tuple[str, ...] = ()) -> Any:
    return rpc.AdmissionReport(edge_id=edge, all=everybody, viewers=viewers, left=left)


def opened(limit: int = 2) -> ViewerAdmission:
    """Two edges are known."""
    door = ViewerAdmission(limit, 0.0)
    for edge in ("a", "b"):
        door.report(report(edge, everybody=True), 1.0)
    return door


def places(reply: rpc.AdmissionReply) -> dict[str, int]:
    return {place.viewer_id: place.position for place in reply.queue}


def test_the_first_are_let_in_and_the_others_wait_in_order() -> None:
    door = opened()
    reply, passage = door.report(report("a", *(viewer(f"v{i}", i) for i in range(4))), 1.0)
    assert reply.admitted == ("v0", "v1") and places(reply) == {"v2": 1, "v3": 2}
    assert [one.id for one in passage.joined] == ["v0", "v1"] and not passage.call
    assert door.audience.viewers == 2 and door.audience.queued == 2


def test_a_place_that_gets_free_is_the_longest_waitings_at_whatever_edge() -> None:
    door = opened(1)
    door.report(report("a", viewer("v0", 0)), 1.0)
    door.report(report("a", viewer("v2", 2)), 1.0)
    reply, _ = door.report(report("b", viewer("v1", 1)), 1.0)
    assert places(reply) == {"v1": 1}
    reply, passage = door.report(report("a", left=("v0",)), 1.0)
    assert reply.admitted == () and places(reply) == {"v2": 1}
    assert passage.left == ("v0",) and passage.call  # the other edge is to ask
    reply, passage = door.report(report("b"), 1.0)
    assert reply.admitted == ("v1",) and not passage.call


def test_without_a_limit_nobody_waits() -> None:
    door = opened(0)
    reply, _ = door.report(report("a", *(viewer(f"v{i}") for i in range(500))), 1.0)
    assert len(reply.admitted) == 500 and not reply.queue


def test_the_viewers_of_an_edge_that_reports_no_more_make_room() -> None:
    door = opened(1)
    door.report(report("a", viewer("v0")), 1.0)
    door.report(report("b", viewer("v1")), 1.0 + GONE_S)
    passage = door.pass_time(1.1 + GONE_S)
    assert passage.left == ("v0",) and [one.id for one in passage.joined] == ["v1"] and passage.call
    assert door.report(report("a"), 2.0 + GONE_S)[0].unknown


def test_an_answer_that_was_lost_is_given_again_and_nobody_is_counted_twice() -> None:
    door = opened()
    door.report(report("a", viewer("v0")), 1.0)
    reply, passage = door.report(report("a", viewer("v0"), everybody=True), 1.0)
    assert reply.admitted == ("v0",) and not passage.joined and door.audience.total == 1


def test_a_report_of_all_forgets_those_that_are_not_in_it() -> None:
    door = opened()
    door.report(report("a", viewer("v0"), viewer("v1")), 1.0)
    _, passage = door.report(report("a", viewer("v1"), everybody=True), 1.0)
    assert passage.left == ("v0",) and door.audience.viewers == 1


def test_at_a_hosts_next_edge_those_that_watched_go_on_and_newcomers_wait_until_all_are_known() -> None:
    door = ViewerAdmission(2, opens_at=5.0, peak=2, total=7)
    reply, passage = door.report(report("a", viewer("new", 1), everybody=True), 3.0)
    assert reply.admitted == () and places(reply) == {"new": 1}
    reply, passage = door.report(report("b", viewer("old", 0, watching=True), everybody=True), 4.0)
    assert reply.admitted == ("old",) and not passage.joined and door.audience.total == 7
    passage = door.pass_time(5.0)
    assert [one.id for one in passage.joined] == ["new"] and door.audience.total == 8


def test_an_edge_that_was_cut_off_and_claims_more_than_is_free_gets_no_more() -> None:
    door = opened(2)
    door.report(report("a", viewer("v0"), viewer("v1")), 1.0)
    claims = [viewer("v2", 1, watching=True), viewer("v3", 2, watching=True)]
    reply, _ = door.report(report("b", *claims, everybody=True), 1.0)
    assert reply.admitted == () and places(reply) == {"v2": 1, "v3": 2}


@given(st.integers(1, 4), st.data())
def test_never_more_than_the_limit_and_nobody_forgotten(limit: int, data: st.DataObject) -> None:
    door, now, here = opened(limit), 1.0, {"a": set[str](), "b": set[str]()}
    known = {"a", "b"}
    for step in range(data.draw(st.integers(1, 25))):
        edge = data.draw(st.sampled_from(["a", "b"]))
        match data.draw(st.sampled_from(["come", "go", "silence", "all"])):
            case "come":
                made = report(edge, viewer(f"v{step}", step))
                here[edge].add(f"v{step}")
            case "go" if here[edge]:
                gone = data.draw(st.sampled_from(sorted(here[edge])))
                here[edge].discard(gone)
                made = report(edge, left=(gone,))
            case "silence":
                now += GONE_S + 1
                door.pass_time(now)
                known.clear()
                continue
            case _:
                made = report(edge, *map(viewer, sorted(here[edge])), everybody=True)
        reply, _ = door.report(made, now)
        if reply.unknown:
            door.report(report(edge, *map(viewer, sorted(here[edge])), everybody=True), now)
        known.add(edge)
        count = sum(len(here[name]) for name in known)
        assert door.audience.viewers == min(limit, count)
        assert door.audience.viewers + door.audience.queued == count
        assert door.audience.peak <= limit


def spoken(name: str, language: str, since: int = 0) -> rpc.Viewer:
    return rpc.Viewer(id=name, language=language, since_ms=since)


def test_viewers_are_counted_by_language() -> None:
    door = opened()
    door.report(report("a", spoken("v0", "es"), spoken("v1", "es", 1), spoken("v2", "pt", 2)), 1.0)
    assert dict(door.audience.languages) == {"es": 2}
    door.report(report("a", left=("v0",)), 1.0)
    assert dict(door.audience.languages) == {"es": 1, "pt": 1}
    door.report(report("a", left=("v1", "v2")), 1.0)
    assert dict(door.audience.languages) == {}


def test_a_viewer_who_comes_back_before_it_is_missed_keeps_its_place_and_counts_once() -> None:
    door = opened(1)
    door.report(report("a", spoken("v0", "es", 1), spoken("v1", "es", 2)), 1.0)
    reply, passage = door.report(report("b", spoken("v0", "pt", 9)), 1.0)
    assert reply.admitted == ("v0",) and not passage.joined and not passage.left
    assert dict(door.audience.languages) == {"pt": 1}
    reply, passage = door.report(report("a", left=("v0",)), 1.0)  # the old connection, at last
    assert passage.left == () and places(reply) == {"v1": 1}
    reply, _ = door.report(report("b", spoken("v1", "es", 9)), 1.0)
    assert places(reply) == {"v1": 1}
    assert (door.audience.viewers, door.audience.queued, door.audience.total) == (1, 1, 1)


def test_a_viewer_who_comes_back_later_is_not_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    door = opened()
    for _ in range(2):
        door.report(report("a", viewer("v0")), 1.0)
        door.report(report("a", left=("v0",)), 1.0)
    assert (door.audience.viewers, door.audience.total) == (0, 1)
    monkeypatch.setattr("dragoman_edge.broadcast.admission.REMEMBERED", 1)
    door.report(report("a", viewer("v1"), left=("v0",)), 1.0)
    door.report(report("a", viewer("v0")), 1.0)
    assert door.audience.total == 3


def test_who_comes_back_without_a_key_is_not_counted_again() -> None:
    door = opened()
    door.report(report("a", viewer("v0")), 1.0)
    door.report(report("a", left=("v0",)), 2.0)
    door.report(report("a", rpc.Viewer(id="v1", back=True)), 3.0)
    assert (door.audience.viewers, door.audience.peak, door.audience.total) == (1, 1, 1)
    door.report(report("a", viewer("v2")), 4.0)
    assert (door.audience.viewers, door.audience.total) == (2, 2)
