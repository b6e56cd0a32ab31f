"""Places of a list and bounds of a page."""

import pytest

from dragoman_archive.paging import check_limit, number, parts
from dragoman_contract.errors import FaultCode, PeerError


def test_a_place_is_what_it_was_made_of() -> None:
    assert parts("12.s_1", 2) == ["12", "s_1"] and number("12") == 12
    check_limit(1, 1)


@pytest.mark.parametrize(
    ("call", "given"),
    [
        (parts, ("1.2", 3)),
        (parts, ("", 2)),
        (number, ("-1",)),
        (number, ("²",)),
        (number, ("9" * 19,)),
        (check_limit, (0, 5)),
        (check_limit, (6, 5)),
    ],
)
def test_anything_else_is_a_bad_request(call: object, given: tuple[object, ...]) -> None:
    with pytest.raises(PeerError) as caught:
        call(*given)  # type: ignore[operator]
    assert caught.value.code is FaultCode.BAD_REQUEST
