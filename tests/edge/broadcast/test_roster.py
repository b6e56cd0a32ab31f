"""Who watches and who waits at one replica, and what the host's edge hears of them."""

from dragoman_edge.broadcast.roster import ViewerRoster
from dragoman_edge.broadcast.viewer_stream import ViewerStream
from dragoman_edge.model.viewers import ViewerRequest


def viewer() -> ViewerStream:
    return ViewerStream(ViewerRequest("a3f9", "es"), "::1", 1000)


def names(roster: ViewerRoster) -> tuple[list[str], list[str]]:
    """Whom the next report names, and who it says has left."""
    report = roster.report("e_1")
    return [one.id for one in report.viewers], list(report.left)


def test_the_first_report_names_all_and_later_ones_what_changed() -> None:
    roster, one, two, three = ViewerRoster(), viewer(), viewer(), viewer()
    roster.enter(one)
    first = roster.report("e_1")
    assert first.all and first.edge_id == "e_1" and first.viewers == (one.shown(),)
    roster.enter(two)
    roster.enter(three)
    roster.leave(one)
    assert names(roster) == ([two.id, three.id], [one.id])
    assert names(roster) == ([], [])


def test_who_comes_and_goes_between_two_reports_has_only_left() -> None:
    roster, one = ViewerRoster(), viewer()
    names(roster)
    roster.enter(one)
    assert roster.leave(one) and not roster.leave(one)
    assert names(roster) == ([], [one.id])


def test_all_are_named_again_when_the_hosts_edge_needs_it() -> None:
    roster, one, two = ViewerRoster(), viewer(), viewer()
    roster.enter(one)
    names(roster)
    roster.enter(two)
    roster.report_all()
    assert names(roster) == ([one.id, two.id], [])


def test_a_roster_is_pending_until_the_last_leave_was_reported() -> None:
    roster, one = ViewerRoster(), viewer()
    assert not roster.pending
    roster.enter(one)
    assert roster.pending
    roster.leave(one)
    assert roster.pending
    names(roster)
    assert not roster.pending


def test_a_place_is_told_only_when_it_is_new() -> None:
    roster, one = ViewerRoster(), viewer()
    roster.enter(one)
    assert roster.waiting == 1
    assert roster.place(one.id, 3) is one and roster.place(one.id, 3) is None
    assert not one.watching and one.position == 3
    assert roster.place(one.id, 0) is one and one.watching and roster.waiting == 0
    assert roster.place("somebody else", 0) is None


def test_after_a_report_of_all_only_the_admitted_watch() -> None:
    roster, one, two = ViewerRoster(), viewer(), viewer()
    for stream in (one, two):
        roster.enter(stream)
        roster.place(stream.id, 0)
    roster.confirm({two.id})
    assert (one.watching, two.watching, roster.waiting) == (False, True, 1)


def test_viewers_may_leave_while_they_are_gone_through() -> None:
    roster, streams = ViewerRoster(), [viewer() for _ in range(3)]
    for stream in streams:
        roster.enter(stream)
    assert [roster.leave(stream) for stream in roster] == [True] * 3
