"""The conformance table is whole and current."""

from tests.conformance import table


def test_every_row_is_shown_by_a_test_and_every_mark_names_a_row() -> None:
    assert not table.problems()


def test_the_page_is_current() -> None:
    assert table.PAGE.read_text() == table.page(), "run `python -m tests.conformance.table`"
