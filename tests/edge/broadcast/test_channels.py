"""Stored channels: by token, by id of an account; the state changed by one edge at a time."""

from dragoman_edge.broadcast.channels import Channels, is_token
from dragoman_edge.broadcast.definition import BroadcastDefinition, BroadcastStanding
from dragoman_edge.mesh.key_value import CHANNELS, KeyValueStore
from tests.support.fake_bus import FakeMesh


def made(**changes: object) -> BroadcastDefinition:
    fields = {"id": "b1", "token": "a3f9", "account_id": "acc_1", "secret": "x", "created_at_ms": 1}
    return BroadcastDefinition.model_validate(fields | changes)


def channels() -> Channels:
    return Channels(KeyValueStore(FakeMesh().bus, 5, CHANNELS))


async def test_a_channel_is_found_by_its_token_and_by_its_owner_by_its_id() -> None:
    known = channels()
    assert await known.add(made()) and not await known.add(made(id="b2"))
    assert await known.find("a3f9") == await known.find("b1", "acc_1") == made()
    assert await known.find("b1") is await known.find("a3f9", "acc_2") is await known.find("A B") is None


async def test_the_revoked_are_counted_and_not_listed() -> None:
    known = channels()
    for name in ("b1", "b2", "b3"):
        await known.add(made(id=name, token=f"tok{name}"))
    await known.keep(made(id="b2", token="tokb2", revoked_at_ms=5))
    assert await known.open("acc_1") == ["b3", "b1"] and await known.ever("acc_1") == 3
    found = await known.find("tokb2")
    assert found is not None and found.revoked_at_ms == 5


async def test_a_state_that_is_wanted_as_it_is_is_not_written() -> None:
    known = channels()
    assert await known.standing("a3f9") == BroadcastStanding()
    first = BroadcastStanding(session_id="s_1")
    assert await known.change("a3f9", lambda _: first) == first
    assert await known.change("a3f9", lambda before: before) == first == await known.standing("a3f9")


def test_tokens_are_letters_and_digits() -> None:
    assert is_token("a3f9") and not is_token("a3f") and not is_token("A3F9") and not is_token("a" * 33)
