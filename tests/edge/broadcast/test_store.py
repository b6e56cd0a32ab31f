"""Broadcasts as every edge finds them."""

from dataclasses import replace

import pytest
from nats.errors import Error as NatsError

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.broadcast import credentials as access
from dragoman_edge.broadcast import store as module
from dragoman_edge.broadcast.store import BroadcastStanding
from dragoman_edge.model.broadcasts import (
    Admit,
    Admitted,
    Broadcast,
    BroadcastWish,
    EndBroadcast,
    FindBroadcast,
    MakeBroadcast,
)
from dragoman_edge.model.commands import BroadcastWanted, Open
from tests.support.broadcasts import OWNER, WISH, Stored
from tests.support.factories import SPEC

PRIVATE = BroadcastWish(password="open")


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of passwords cost nothing."""
    monkeypatch.setitem(access._COST, "n", 2)


async def refusal(code: FaultCode, asked: object) -> None:
    with pytest.raises((PeerError, MeshError)) as refused:
        await asked  # type: ignore[misc]
    assert refused.value.code is code


# Made and found


async def test_a_broadcast_is_found_by_its_token_or_by_its_owner_by_its_id() -> None:
    stored = Stored()
    made = await stored.made()
    assert len(made.token) == module.LENGTH and made.target_languages == WISH.target_languages
    find = stored.broadcasts.find
    assert await find(made.token) == await find(made.id, OWNER) == await find(made.token, OWNER) == made
    assert await find(made.id) is await find(made.token, "acc_2") is await find(made.id, "acc_2") is None
    assert await find("zzzz") is await find("no name") is await find("a.b", OWNER) is None


async def test_no_two_broadcasts_have_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = iter("aaaa" + "aaaa" + "bbbb")
    monkeypatch.setattr("secrets.choice", lambda _: next(letters))
    stored = Stored(token_length=4)
    assert [(await stored.made()).token for _ in range(2)] == ["aaaa", "bbbb"]
    monkeypatch.setattr("secrets.choice", lambda _: "a")
    await refusal(FaultCode.BUSY, stored.made())


async def test_an_account_has_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 1)
    stored = Stored()
    await stored.made()
    await refusal(FaultCode.RATE_LIMITED, stored.made())
    await stored.broadcasts.make("acc_2", WISH)


async def test_a_password_is_kept_as_a_hash() -> None:
    stored = Stored()
    made = await stored.made(PRIVATE)
    assert made.password and "open" not in made.model_dump_json()
    assert (await stored.made()).password == ""


# As REST handlers ask


async def test_a_broadcast_is_shown_without_its_secrets() -> None:
    stored = Stored()
    shown = await stored.broadcasts.answer(MakeBroadcast(OWNER, PRIVATE))
    assert isinstance(shown, Broadcast) and shown.has_password and not shown.hosted
    assert await stored.broadcasts.answer(FindBroadcast(shown.token)) == shown
    assert await stored.broadcasts.answer(FindBroadcast("zzzz")) is None


async def test_how_it_stands_goes_before_what_was_wished() -> None:
    stored = Stored()
    made = await stored.made()
    standing = BroadcastStanding(
        session_id="s_1",
        show=ev.Show.LIVE,
        standby_message="Soon",
        target_languages=("de",),
        viewers=4,
        peak=5,
    )
    await stored.broadcasts.store(made.token, standing)
    shown = await stored.broadcasts.answer(FindBroadcast(made.token))
    assert (shown.source_languages, shown.target_languages) == (("en-US",), ("de",))
    assert (shown.show, shown.standby_message, shown.viewers, shown.peak) == (ev.Show.LIVE, "Soon", 4, 5)
    assert not shown.hosted  # its session has no record


async def test_the_end_is_stored_and_told_once() -> None:
    stored = Stored()
    made = await stored.made()
    told: list[rpc.BroadcastNotice] = []

    async def heard(subject: str, payload: bytes) -> None:
        if subject == subjects.broadcast_notice(made.token):
            told.append(codec.decode(rpc.BroadcastNotice, payload))

    stored.mesh.nc.on_publish = heard
    await stored.broadcasts.store(made.token, BroadcastStanding(session_id="s_1", started_at_ms=1))
    for _ in range(2):
        await stored.broadcasts.answer(EndBroadcast(made.token))
    standing = await stored.broadcasts.standing(made.token)
    assert standing.ended_at_ms and standing.state.show is ev.Show.ENDED
    assert [notice.state for notice in told] == [standing.state]


async def test_without_the_bus_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = Stored()

    async def broken(*_: object) -> None:
        raise NatsError

    monkeypatch.setattr(stored.mesh.nc, "publish", broken)
    await refusal(FaultCode.UNAVAILABLE, stored.broadcasts.tell("a3f9", rpc.BroadcastNotice()))


# Hosts


async def test_whoever_begins_it_first_says_which_session_it_is() -> None:
    stored = Stored()
    made = await stored.made(BroadcastWish(standby_message="Soon"))
    wanted = Open(SPEC, broadcast=BroadcastWanted(made.id))
    first = await stored.broadcasts.hosted(wanted, OWNER)
    assert first.resumable and first.promised.startswith("s_")
    assert first.broadcast == BroadcastWanted(made.token)
    again = await stored.broadcasts.hosted(Open(SPEC, broadcast=BroadcastWanted(made.token)), OWNER)
    assert again.promised == first.promised
    assert (await stored.broadcasts.standing(made.token)).standby_message == "Soon"


async def test_without_a_name_a_new_broadcast_is_made() -> None:
    stored = Stored()
    opened = await stored.broadcasts.hosted(Open(SPEC, broadcast=BroadcastWanted()), OWNER)
    assert opened.broadcast is not None
    made = await stored.broadcasts.find(opened.broadcast.name)
    assert made is not None and made.account_id == OWNER


async def test_a_session_without_viewers_is_left_alone() -> None:
    wanted = Open(SPEC)
    assert await Stored().broadcasts.hosted(wanted, OWNER) is wanted


async def test_only_the_owner_hosts_and_only_until_the_end() -> None:
    stored = Stored()
    made = await stored.made()
    wanted = Open(SPEC, broadcast=BroadcastWanted(made.token))
    await refusal(FaultCode.UNKNOWN_SESSION, stored.broadcasts.hosted(wanted, "acc_2"))
    await stored.broadcasts.end(made.token)
    await refusal(FaultCode.SESSION_ENDED, stored.broadcasts.hosted(wanted, OWNER))


# Viewers


async def test_a_password_becomes_a_token_that_opens_the_broadcast() -> None:
    stored = Stored()
    made = await stored.made(PRIVATE)
    admitted = await stored.broadcasts.answer(Admit(made.token, "open", "::1"))
    assert isinstance(admitted, Admitted)
    assert (await stored.broadcasts.open_to(made.token, admitted.access))[0] == made
    await refusal(FaultCode.INVALID_CREDENTIAL, stored.broadcasts.answer(Admit(made.token, "shut", "::1")))
    await refusal(FaultCode.MISSING_CREDENTIAL, stored.broadcasts.open_to(made.token, ""))
    await refusal(FaultCode.INVALID_CREDENTIAL, stored.broadcasts.open_to(made.token, "vat_fff_x"))


async def test_a_public_broadcast_needs_no_token() -> None:
    stored = Stored()
    made = await stored.made()
    found, standing = await stored.broadcasts.open_to(made.token, "")
    assert (found, standing) == (made, BroadcastStanding())
    assert isinstance(await stored.broadcasts.answer(Admit(made.token, "", "::1")), Admitted)


@pytest.mark.parametrize("token", ["zzzz", "", "no token", "../a", "a.b.", "+abc"])
async def test_what_is_no_broadcast_is_not_opened(token: str) -> None:
    broadcasts = Stored().broadcasts
    await refusal(FaultCode.UNKNOWN_SESSION, broadcasts.open_to(token, ""))
    await refusal(FaultCode.UNKNOWN_SESSION, broadcasts.answer(Admit(token, "x", "::1")))


async def test_of_a_private_broadcast_others_hear_only_that_it_has_a_password() -> None:
    stored = Stored()
    made = await stored.made(replace(WISH, password="open", standby_message="Soon"))
    hidden = await stored.broadcasts.answer(FindBroadcast(made.token))
    assert hidden.has_password
    assert (hidden.name, hidden.source_languages, hidden.target_languages, hidden.standby_message) == (
        "",
        (),
        (),
        "",
    )
    admitted = await stored.broadcasts.answer(Admit(made.token, "open", "::1"))
    for told in (FindBroadcast(made.token, OWNER), FindBroadcast(made.token, access=admitted.access)):
        assert (await stored.broadcasts.answer(told)).name == WISH.name


async def test_short_tokens_cannot_be_found_by_trying(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GUESSES", 2)
    stored = Stored(token_length=4)
    made = await stored.made()
    assert len(made.token) == 4
    for _ in range(3):  # those who have the link are not slowed down
        await stored.broadcasts.open_to(made.token, "", "::1")
    assert await stored.broadcasts.answer(FindBroadcast("zzzz", source="::1")) is None
    await refusal(FaultCode.UNKNOWN_SESSION, stored.broadcasts.open_to("zzzy", "", "::1"))
    await refusal(FaultCode.RATE_LIMITED, stored.broadcasts.answer(Admit(made.token, "", "::1")))
    await refusal(FaultCode.RATE_LIMITED, stored.broadcasts.open_to(made.token, "", "::1"))
    await stored.broadcasts.open_to(made.token, "", "::2")


async def test_one_that_has_ended_is_not_opened() -> None:
    stored = Stored()
    made = await stored.made()
    await stored.broadcasts.end(made.token)
    await refusal(FaultCode.SESSION_ENDED, stored.broadcasts.open_to(made.token, ""))
