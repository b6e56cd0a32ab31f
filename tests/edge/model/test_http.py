"""Handshakes, requests and responses, free of any web framework."""

from dragoman_edge.model.http import Handshake, HttpResponse


def test_a_handshake_offers_no_subprotocol_unless_told() -> None:
    assert Handshake("/", {}, {}, {}).subprotocols == ()


def test_responses_do_not_share_their_headers() -> None:
    one, other = HttpResponse(200, {}), HttpResponse(200, {})
    one.headers["a"] = "b"
    assert other.headers == {} and one != other
