"""Every dialect keeps the protocols of `api.py`, and tells what it can beyond them."""

import pytest

from dragoman_edge.dialects import DIALECTS
from dragoman_edge.dialects.api import Announces, Conversation, Denies, Dialect, ServesViewers
from dragoman_edge.model.http import Handshake


def conversation(dialect: Dialect) -> Conversation:
    return dialect.converse(Handshake(dialect.socket_paths[0], {"session_id": "s"}, {}, {}))


@pytest.mark.parametrize("name", DIALECTS)
def test_a_dialect_has_its_registered_name_and_paths_of_its_own(name: str) -> None:
    dialect = DIALECTS[name]
    assert dialect.name == name and dialect.socket_paths
    others = [one for other in DIALECTS.values() if other is not dialect for one in other.socket_paths]
    assert not set(dialect.socket_paths) & set(others)


@pytest.mark.parametrize("name", DIALECTS)
def test_a_new_socket_has_a_codec_without_a_subprotocol_that_was_not_offered(name: str) -> None:
    made = conversation(DIALECTS[name])
    assert made.subprotocol is None
    assert made is not conversation(DIALECTS[name])


def test_what_only_some_can_is_told_by_their_class() -> None:
    conversations = {name: conversation(dialect) for name, dialect in DIALECTS.items()}
    assert [name for name, made in conversations.items() if isinstance(made, Denies)] == ["sarvam"]
    assert [name for name, made in conversations.items() if isinstance(made, Announces)] == ["sarvam"]
    assert [name for name, one in DIALECTS.items() if isinstance(one, ServesViewers)] == ["vas"]


def test_no_two_endpoints_are_the_same() -> None:
    routes = [(one.method, one.path) for dialect in DIALECTS.values() for one in dialect.routes]
    assert len(routes) == len(set(routes))
