"""Broadcasts as every edge finds them."""

from dataclasses import replace

import pytest
from nats.errors import Error as NatsError

from dragoman_contract import codec, rpc, subjects
from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.broadcast import credentials as access
from dragoman_edge.broadcast import store as module
from dragoman_edge.broadcast.definition import BroadcastStanding
from dragoman_edge.model.broadcasts import (
    Admit,
    Admitted,
    Broadcast,
    BroadcastPage,
    BroadcastWish,
    ChangeBroadcast,
    FindBroadcast,
    ListBroadcasts,
    MakeBroadcast,
    RevokeBroadcast,
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
        await stored.broadcasts.answer(RevokeBroadcast(made.token))
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


async def test_only_the_owner_hosts_and_only_until_it_is_revoked() -> None:
    stored = Stored()
    made = await stored.made()
    wanted = Open(SPEC, broadcast=BroadcastWanted(made.token))
    await refusal(FaultCode.UNKNOWN_SESSION, stored.broadcasts.hosted(wanted, "acc_2"))
    await stored.broadcasts.revoke(made.token)
    await refusal(FaultCode.SESSION_ENDED, stored.broadcasts.hosted(wanted, OWNER))
    await refusal(FaultCode.SESSION_ENDED, stored.broadcasts.change(made.token, WISH))
    await refusal(FaultCode.UNKNOWN_SESSION, stored.broadcasts.revoke("zzzz"))
    await refusal(FaultCode.UNKNOWN_SESSION, stored.broadcasts.change("zzzz", WISH))


async def test_a_channel_is_used_again_with_the_figures_of_before() -> None:
    stored = Stored()
    made = await stored.made()
    wanted = Open(SPEC, broadcast=BroadcastWanted(made.token))
    first = await stored.broadcasts.hosted(wanted, OWNER)
    over = (await stored.broadcasts.standing(made.token)).model_copy(
        update={"started_at_ms": 1, "show": ev.Show.ENDED, "ended_at_ms": 2, "peak": 4, "total": 9}
    )
    await stored.broadcasts.store(made.token, over)
    shown = await stored.broadcasts.answer(FindBroadcast(made.token))
    assert (shown.sessions, shown.ended_at_ms) == (1, 2)
    second = await stored.broadcasts.hosted(wanted, OWNER)
    assert second.promised != first.promised
    standing = await stored.broadcasts.standing(made.token)
    assert (standing.show, standing.ended_at_ms, standing.peak, standing.total) == (ev.Show.STANDBY, 0, 4, 9)
    assert (
        standing.sessions == 1 and (await stored.broadcasts.hosted(wanted, OWNER)).promised == second.promised
    )


async def test_a_session_whose_host_died_without_a_word_is_followed_by_another() -> None:
    stored = Stored()
    made = await stored.made()
    await stored.broadcasts.store(made.token, BroadcastStanding(session_id="s_1", started_at_ms=1))
    opened = await stored.broadcasts.hosted(Open(SPEC, broadcast=BroadcastWanted(made.token)), OWNER)
    assert opened.promised != "s_1"


async def test_a_session_is_as_its_channel_has_it_where_its_client_says_nothing() -> None:
    stored = Stored()
    voices = (ev.VoiceChoice(language="es", voice="v"),)
    wish = replace(
        WISH, voices=voices, speakers=8, summary_template="meeting", callback_url="https://a.example/"
    )
    made = await stored.made(wish)
    bare = replace(SPEC, tracks=(ev.TrackSpec(),), keep=ev.Keep(text=True), translate=False)
    wanted = Open(bare, broadcast=BroadcastWanted(made.token))
    spec = (await stored.broadcasts.hosted(wanted, OWNER)).spec
    assert (spec.tracks[0].source_languages, spec.tracks[0].target_languages) == (("en-US",), ("es-ES", "fr"))
    assert spec.translate and spec.speakers == 8 and spec.voices == voices and spec.keep is not None
    assert spec.keep.callback_url == "https://a.example/"
    assert spec.keep.summary == ev.SummaryWish(mode="builtin", template="meeting")
    told = replace(wanted, spec=replace(SPEC, keep=ev.Keep(callback_url="https://b.example/"), speakers=2))
    spec = (await stored.broadcasts.hosted(told, OWNER)).spec
    assert spec.tracks == SPEC.tracks and spec.speakers == 2 and spec.keep is not None
    assert spec.keep.callback_url == "https://b.example/"


async def test_a_session_without_a_language_does_not_begin() -> None:
    stored = Stored()
    made = await stored.made(BroadcastWish())
    wanted = Open(replace(SPEC, tracks=(ev.TrackSpec(),)), broadcast=BroadcastWanted(made.token))
    await refusal(FaultCode.BAD_REQUEST, stored.broadcasts.hosted(wanted, OWNER))


async def test_those_that_are_not_revoked_are_listed_the_newest_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    times = iter(range(1, 100))
    monkeypatch.setattr("dragoman_edge.broadcast.store.now_ms", lambda: next(times))
    stored = Stored()
    made = [await stored.made() for _ in range(4)]
    await stored.broadcasts.answer(RevokeBroadcast(made[1].token))
    page = await stored.broadcasts.answer(ListBroadcasts(OWNER, 0, 2))
    assert isinstance(page, BroadcastPage) and page.total == 3
    assert [one.token for one in page.broadcasts] == [made[3].token, made[2].token]
    rest = await stored.broadcasts.answer(ListBroadcasts(OWNER, 2, 2))
    assert [one.token for one in rest.broadcasts] == [made[0].token]


async def test_another_password_makes_the_viewers_tokens_void() -> None:
    stored = Stored()
    made = await stored.made(PRIVATE)
    access_token = (await stored.broadcasts.answer(Admit(made.token, "open", "::1"))).access
    renamed = await stored.broadcasts.answer(
        ChangeBroadcast(made.token, replace(PRIVATE, password=None, name="Other"))
    )
    assert renamed.name == "Other" and renamed.has_password
    await stored.broadcasts.open_to(made.token, access_token)
    await stored.broadcasts.answer(ChangeBroadcast(made.token, replace(PRIVATE, password="new")))
    await refusal(FaultCode.INVALID_CREDENTIAL, stored.broadcasts.open_to(made.token, access_token))
    await stored.broadcasts.answer(ChangeBroadcast(made.token, replace(PRIVATE, password="")))
    await stored.broadcasts.open_to(made.token, "")


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


async def test_viewers_wait_for_the_next_session_of_a_channel_until_it_is_revoked() -> None:
    stored = Stored()
    made = await stored.made(replace(WISH, standby_message="Soon"))
    await stored.broadcasts.store(made.token, BroadcastStanding(session_id="s_1", started_at_ms=1, peak=3))
    await stored.broadcasts.end(made.token)
    _, standing = await stored.broadcasts.open_to(made.token, "")
    assert standing == BroadcastStanding(standby_message="Soon", peak=3)
    await stored.broadcasts.revoke(made.token)
    await refusal(FaultCode.SESSION_ENDED, stored.broadcasts.open_to(made.token, ""))
