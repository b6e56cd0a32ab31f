"""The conformance table is whole and current."""

import pytest

from dragoman_edge.dialects import DIALECTS
from tests.conformance import table
from tests.conformance.vas_pages import EVENTS, PATHS


def test_every_row_is_shown_by_a_test_and_every_mark_names_a_row() -> None:
    assert not table.problems()


def test_the_page_is_current() -> None:
    assert table.PAGE.read_text() == table.page(), "run `python -m tests.conformance.table`"


def test_each_of_the_28_events_of_vas_is_a_message_with_a_test() -> None:
    rows = {row.key: row for _, _, made in table.rows() for row in made}
    marks = table.shown()
    assert len(set(EVENTS)) == 28
    missing = [name for name in EVENTS if f"vas:{name}" not in rows or not marks[f"vas:{name}"]]
    assert missing == []
    assert {rows[f"vas:{name}"].kind for name in EVENTS} == {"message"}


@pytest.mark.parametrize(("method", "path", "row"), PATHS, ids=[f"{one[0]} {one[1]}" for one in PATHS])
def test_each_path_of_the_pages_of_vas_is_answered_and_has_a_test(method: str, path: str, row: str) -> None:
    served = {(route.method, route.path) for route in DIALECTS["vas"].routes}
    assert (method, path) in served
    assert table.shown()[f"vas:{row}"]
