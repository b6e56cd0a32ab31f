"""Credentials of requests, and when a client may come back."""

import pytest

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.dialects.rest import authorization, retry_after

SCHEMES = ("bearer", "api-key")


@pytest.mark.parametrize(
    ("headers", "query", "credential"),
    [
        ({"authorization": "Bearer abc"}, {}, "abc"),
        ({"authorization": "  bEaReR   abc  "}, {}, "abc"),
        ({"authorization": "Api-Key a b"}, {}, "a b"),
        ({}, {"authorization": "Bearer abc"}, "abc"),
        ({"authorization": "Bearer abc"}, {"authorization": "Bearer def"}, "abc"),
        ({"authorization": ""}, {"authorization": "Bearer def"}, "def"),
        ({"authorization": "Basic abc"}, {}, ""),
        ({"authorization": "abc"}, {}, ""),
        ({"authorization": "Bearer"}, {}, ""),
        ({}, {}, ""),
    ],
)
def test_the_credential_follows_one_of_the_schemes(
    headers: dict[str, str], query: dict[str, str], credential: str
) -> None:
    assert authorization(headers, query, SCHEMES) == credential


@pytest.mark.parametrize(
    ("milliseconds", "header"),
    [(0, {}), (1, {"Retry-After": "1"}), (999, {"Retry-After": "1"}), (2500, {"Retry-After": "2"})],
)
def test_the_time_to_come_back_is_in_whole_seconds(milliseconds: int, header: dict[str, str]) -> None:
    assert retry_after(PeerError(FaultCode.RATE_LIMITED, retry_after_ms=milliseconds)) == header
