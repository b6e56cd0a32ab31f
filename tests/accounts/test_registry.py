"""Accounts, keys and tokens over real Valkey."""

from dataclasses import replace

import pytest

from dragoman_accounts import names
from dragoman_accounts.access import Throttle
from dragoman_accounts.registry import ConflictError, NotFoundError
from dragoman_accounts.tiers import Engine, EnrichmentTable, parse
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.fingerprints import fingerprint, visible_prefix
from dragoman_contract.ids import new_id
from dragoman_contract.rpc import RateLimit
from tests.accounts.conftest import NewWorld
from tests.accounts.support import PEPPER, SPEC, World, make_world, refused

SOURCE = "10.0.0.2"


async def token(world: World, *, single_use: bool = False, ttl_ms: int = 60_000, credential: str = "") -> str:
    made = new_id("kst_live_")
    await world.access.issue_token(
        credential or world.key, SOURCE, token=made, ttl_ms=ttl_ms, single_use=single_use, claims="{}"
    )
    return made


async def test_a_key_is_shown_once_and_its_secret_is_nowhere_in_the_store(world: World) -> None:
    prefix = world.account + "}"
    names_found = [n async for n in world.client.scan_iter(match=f"*{prefix}*")]
    names_found += [n async for n in world.client.scan_iter(match="dragoman:credential:*")]
    texts = list(names_found)
    hashes = [name for name in names_found if await world.client.type(name) == "hash"]
    texts += [str(await world.client.hgetall(name)) for name in hashes]
    assert names.account(world.account) in hashes
    assert not [text for text in texts if world.key in text]
    key = await world.registry.key(world.account, world.key_id)
    assert world.key.startswith(key.prefix) and len(key.prefix) == len("dk_live_") + 6


async def test_a_key_says_when_it_was_last_used(world: World) -> None:
    assert (await world.registry.key(world.account, world.key_id)).used_ms == 0
    await world.access.authenticate(world.key, SOURCE)
    assert (await world.registry.key(world.account, world.key_id)).used_ms == world.now


@pytest.mark.parametrize("bad", ["dk_live_unknown", "x", "%$ü\n\x00", "k" * 513, "{tag}", "*"])
async def test_an_unknown_or_malformed_key_is_refused_without_echoing_it(world: World, bad: str) -> None:
    with pytest.raises(PeerError) as caught:
        await world.access.authenticate(bad, "10.9.9.9")
    assert caught.value.code == FaultCode.INVALID_CREDENTIAL
    assert caught.value.message == "the credential is not valid"


async def test_no_key_is_told_apart_from_a_wrong_one(world: World) -> None:
    assert await refused(world.access.authenticate("", SOURCE)) == FaultCode.MISSING_CREDENTIAL


async def test_another_pepper_makes_every_key_unknown(world: World, redis_url: str) -> None:
    other = make_world(redis_url)
    other.access._pepper = PEPPER + b"!"
    assert await refused(other.access.authenticate(world.key, SOURCE)) == FaultCode.INVALID_CREDENTIAL
    await other.store.close()


async def test_a_source_that_failed_too_often_waits_but_a_right_key_never_does(new_world: NewWorld) -> None:
    world = await new_world(own_clock=True, throttle=Throttle(burst=3, interval_ms=1000))
    for _ in range(3):
        assert await refused(world.access.authenticate("bad", "10.1.1.1")) == FaultCode.INVALID_CREDENTIAL
    with pytest.raises(PeerError) as caught:
        await world.access.authenticate("bad", "10.1.1.1")
    assert (caught.value.code, caught.value.retry_after_ms) == (FaultCode.RATE_LIMITED, 1000)
    await world.access.authenticate(world.key, "10.1.1.1")  # others may be behind the same address
    assert await refused(world.access.authenticate("bad", "10.1.1.2")) == FaultCode.INVALID_CREDENTIAL
    await world.at(1000)
    assert await refused(world.access.authenticate("bad", "10.1.1.1")) == FaultCode.INVALID_CREDENTIAL


async def test_failed_tries_are_limited_by_prefix_and_address_together(new_world: NewWorld) -> None:
    world = await new_world(own_clock=True, throttle=Throttle(burst=2, interval_ms=1000))

    async def tried(key: str, source: str = world.source) -> str:
        prefix = fingerprint(visible_prefix(key))
        return await refused(world.access.authenticate(fingerprint(key), source, prefix=prefix))

    for guess in ("dk_live_aaaaaa1", "dk_live_aaaaaa2"):
        assert await tried(guess) == FaultCode.INVALID_CREDENTIAL
    assert await tried("dk_live_aaaaaa3") == FaultCode.RATE_LIMITED
    assert await tried("dk_live_bbbbbb1") == FaultCode.INVALID_CREDENTIAL  # somebody else behind the address
    assert await tried("dk_live_aaaaaa4", f"{world.source}.2") == FaultCode.INVALID_CREDENTIAL
    for number in range(17):  # of twenty in all, whatever the prefix
        assert await tried(f"dk_live_{number:02}others") == FaultCode.INVALID_CREDENTIAL
    assert await tried("dk_live_cccccc1") == FaultCode.RATE_LIMITED
    await world.access.authenticate(world.key, world.source)
    await world.at(100)  # a tenth of the interval
    assert await tried("dk_live_dddddd1") == FaultCode.INVALID_CREDENTIAL


async def test_forgotten_tokens_are_no_failed_tries(new_world: NewWorld) -> None:
    world = await new_world(throttle=Throttle(burst=1, interval_ms=60_000))
    for _ in range(30):
        token = new_id("kst_")
        shown = world.access.authenticate(
            fingerprint(token), world.source, prefix=fingerprint(visible_prefix(token))
        )
        assert await refused(shown) == FaultCode.INVALID_CREDENTIAL
    assert await refused(world.access.authenticate("bad", world.source)) == FaultCode.INVALID_CREDENTIAL
    assert await refused(world.access.authenticate("bad", world.source)) == FaultCode.RATE_LIMITED


async def test_a_key_that_is_too_long_counts_as_a_failed_try_like_any_other(new_world: NewWorld) -> None:
    world = await new_world(throttle=Throttle(burst=1, interval_ms=60_000))
    assert (
        await refused(world.access.authenticate("k" * 10_000, world.source)) == FaultCode.INVALID_CREDENTIAL
    )
    assert await refused(world.access.authenticate("k", world.source)) == FaultCode.RATE_LIMITED


async def test_a_revoked_key_names_its_live_sessions_and_opens_nothing_more(world: World) -> None:
    session = (await world.open("s_1")).session_id
    spare = await token(world)
    assert await world.registry.revoke_key(world.account, world.key_id) == [session]
    assert await world.registry.revoke_key(world.account, world.key_id) == [session]
    for credential in (world.key, spare):
        assert await refused(world.open(credential=credential)) == FaultCode.REVOKED_CREDENTIAL
    assert (await world.registry.key(world.account, world.key_id)).revoked_ms == world.now


async def test_a_key_ends_at_its_expiry_but_its_session_goes_on(world: World) -> None:
    made, secret = await world.registry.create_key(world.account, expires_ms=world.now + 1000)
    await world.open("s_1", credential=secret)
    await world.at(1000)
    assert await refused(world.open("s_2", credential=secret)) == FaultCode.EXPIRED_CREDENTIAL
    await world.open("s_1", "e2", credential=secret)
    assert made.expires_ms == world.now


async def test_a_key_without_a_scope_may_not(world: World) -> None:
    _, opener = await world.registry.create_key(world.account, scopes=("sessions",))
    _, issuer = await world.registry.create_key(world.account, scopes=("tokens",))
    assert await refused(token(world, credential=opener)) == FaultCode.FORBIDDEN
    assert await refused(world.open(credential=issuer)) == FaultCode.FORBIDDEN


async def test_keys_are_listed_by_pages_without_secrets(world: World) -> None:
    for number in range(4):
        await world.registry.create_key(world.account, f"key {number}")
    first = await world.registry.keys(world.account, limit=3)
    rest = await world.registry.keys(world.account, first[-1].id, limit=3)
    assert len(first) == 3 and len(rest) == 2
    assert sorted(k.id for k in first + rest) == [k.id for k in first + rest]


async def test_accounts_are_listed_by_pages(new_world: NewWorld) -> None:
    made = sorted([(await new_world()).account for _ in range(3)])
    world = await new_world()
    found: list[str] = []
    while page := await world.registry.accounts(found[-1] if found else "", limit=2):
        found += [account.id for account in page]
    assert found == sorted(found) and set(made) < set(found)


async def test_an_account_id_is_given_once(world: World) -> None:
    with pytest.raises(ConflictError):
        await world.registry.create_account("again", "paid", world.account)


@pytest.mark.parametrize("change", [{"tier": "none"}, {"status": "odd"}, {"name": "x" * 201}])
async def test_a_wrong_change_of_an_account_is_refused(world: World, change: dict[str, str]) -> None:
    before = await world.registry.account(world.account)
    assert await refused(world.registry.change_account(world.account, **change)) == FaultCode.BAD_REQUEST
    assert await world.registry.account(world.account) == before


async def test_what_is_not_there_is_not_found(world: World) -> None:
    for wanted in ("acc_none", "a.b", "{x}", ""):
        with pytest.raises(NotFoundError):
            await world.registry.account(wanted)
    with pytest.raises(NotFoundError):
        await world.registry.key(world.account, "key_none")
    with pytest.raises(NotFoundError):
        await world.registry.change_account("acc_none", name="x")
    with pytest.raises(NotFoundError):
        await world.registry.revoke_key("acc_none", world.key_id)
    assert not await world.client.exists(names.account("acc_none"))


# Tokens


async def test_a_session_token_opens_sessions_until_it_expires(world: World) -> None:
    session_token = await token(world)
    assert session_token.startswith("kst_live_")
    await world.open("s_1", credential=session_token)
    await world.open("s_2", credential=session_token)
    await world.at(60_000)
    assert await refused(world.open("s_3", credential=session_token)) == FaultCode.EXPIRED_CREDENTIAL
    await world.open("s_1", "e2", credential=session_token)


async def test_a_ticket_opens_one_session_and_lets_that_one_come_back(world: World) -> None:
    ticket = await token(world, single_use=True)
    await world.open("s_1", credential=ticket)
    assert await refused(world.open("s_2", credential=ticket)) == FaultCode.USED_CREDENTIAL
    await world.at(100_000)
    await world.open("s_1", "e2", credential=ticket)


async def test_a_ticket_is_consumed_at_the_handshake_for_its_session_only(world: World) -> None:
    ticket = await token(world, single_use=True)
    await world.access.authenticate(ticket, SOURCE)
    await world.access.authenticate(ticket, SOURCE, "s_1")
    assert await refused(world.access.authenticate(ticket, SOURCE, "s_2")) == FaultCode.USED_CREDENTIAL
    await world.at(61_000)
    await world.open("s_1", credential=ticket)


async def test_a_socket_that_consumed_its_ticket_takes_up_another_session_with_it_and_no_other_socket(
    world: World,
) -> None:
    ticket = await token(world, single_use=True)
    await world.access.authenticate(ticket, SOURCE, "s_socket")
    assert await refused(world.open("s_1", credential=ticket)) == FaultCode.USED_CREDENTIAL
    await world.open("s_1", credential=ticket, consumed_for="s_socket")
    await world.open("s_1", credential=ticket, consumed_for="s_socket")
    other = world.open("s_2", credential=ticket, consumed_for="s_other")
    assert await refused(other) == FaultCode.USED_CREDENTIAL


async def test_a_token_that_was_good_at_the_handshake_may_open_after_its_expiry(world: World) -> None:
    session_token = await token(world)
    await world.at(60_000)
    assert await refused(world.open("s_1", credential=session_token)) == FaultCode.EXPIRED_CREDENTIAL
    await world.open("s_1", credential=session_token, admitted=True)


async def test_a_token_carries_its_claims_and_ends_with_its_key(world: World) -> None:
    _, secret = await world.registry.create_key(world.account, expires_ms=world.now + 5000)
    owner, checked = await world.access.issue_token(
        secret, SOURCE, token="t_1", ttl_ms=60_000, single_use=False, claims='{"to":"es"}'
    )
    assert checked.expires_ms == world.now + 5000
    who, seen = await world.access.authenticate("t_1", SOURCE)
    assert (who.owner.key_id, seen.claims) == (owner.key_id, '{"to":"es"}')


async def test_a_token_is_good_for_the_api_that_had_it_made_alone(world: World) -> None:
    made = "t_1"
    await world.access.issue_token(
        world.key, SOURCE, token=made, ttl_ms=60_000, single_use=True, claims="{}", audience="vas"
    )
    for elsewhere in ("native", "krisp", ""):
        found = world.access.authenticate(made, SOURCE, "s_1", elsewhere)
        assert await refused(found) == FaultCode.INVALID_CREDENTIAL
    assert await refused(world.open("s_1", credential=made)) == FaultCode.INVALID_CREDENTIAL  # by Krisp
    await world.access.authenticate(made, SOURCE, "s_1", "vas")
    await world.open("s_1", credential=made, spec=replace(SPEC, dialect="vas"))


async def seeded(world: World, seed: str, credential: str = "", ttl_ms: int = 60_000) -> tuple[str, int]:
    made = f"kst_{seed}"
    _, checked = await world.access.issue_token(
        credential or world.key, SOURCE, token=made, single_use=False, claims="{}", ttl_ms=ttl_ms
    )
    return made, checked.expires_ms


async def test_a_token_that_is_remembered_stays_as_it_was_made(world: World) -> None:
    first = await seeded(world, "s_1")
    await world.at(30_000)
    assert await seeded(world, "s_1") == await seeded(world, "s_1", ttl_ms=30_000) == first
    assert (await seeded(world, "s_2"))[0] != first[0]
    who, _ = await world.access.authenticate(first[0], SOURCE)
    assert who.owner.key_id == world.key_id
    await world.at(60_000)
    assert await seeded(world, "s_1", ttl_ms=1000) == first  # it has expired, and stays so
    assert await refused(world.access.authenticate(first[0], SOURCE)) == FaultCode.EXPIRED_CREDENTIAL


async def test_a_token_is_that_of_a_key_that_is_good(world: World, redis_url: str) -> None:
    made, _ = await seeded(world, "s_1")
    other, secret = await world.registry.create_key(world.account)
    assert (await seeded(world, "s_1", secret))[0] == made
    who, _ = await world.access.authenticate(made, SOURCE)
    assert who.owner.key_id == world.key_id
    await world.registry.revoke_key(world.account, world.key_id)
    assert await refused(world.access.authenticate(made, SOURCE)) == FaultCode.REVOKED_CREDENTIAL
    assert (await seeded(world, "s_1", secret))[0] == made
    who, _ = await world.access.authenticate(made, SOURCE)
    assert who.owner.key_id == other.id


async def test_a_token_issues_no_tokens(world: World) -> None:
    assert await refused(token(world, credential=await token(world))) == FaultCode.FORBIDDEN


@pytest.mark.parametrize(
    ("made", "ttl_ms", "claims"),
    [
        ("", 60_000, ""),
        ("t_1", 999, ""),
        ("t_1", 86_400_001, ""),
        ("t_1", 60_000, "c" * 16_385),
    ],
)
async def test_a_token_outside_its_bounds_is_refused(
    world: World, made: str, ttl_ms: int, claims: str
) -> None:
    asked = world.access.issue_token(
        world.key, SOURCE, token=made, ttl_ms=ttl_ms, single_use=False, claims=claims
    )
    assert await refused(asked) == FaultCode.BAD_REQUEST


async def test_tokens_count_against_the_rate(new_world: NewWorld) -> None:
    world = await new_world("slow", own_clock=True)
    for _ in range(3):
        await token(world)
    assert await refused(token(world)) == FaultCode.RATE_LIMITED


async def test_how_many_requests_are_left_is_told_with_each(new_world: NewWorld) -> None:
    world = await new_world("slow", own_clock=True)

    async def left() -> tuple[int, int, int]:
        _, checked = await world.access.authenticate(world.key, SOURCE)
        return checked.rate.limit, checked.rate.remaining, checked.rate.reset_ms

    assert [await left(), await left()] == [(3, 2, 1000), (3, 1, 2000)]
    await world.at(500)
    assert await left() == (3, 0, 2500)
    await world.at(60_000)
    made = [await issued(world, token="t_rate") for _ in range(2)]  # the second is a repeat
    assert [(one.remaining, one.reset_ms) for one in made] == [(2, 1000), (1, 2000)]


async def issued(world: World, token: str) -> RateLimit:
    _, checked = await world.access.issue_token(
        world.key, SOURCE, token=token, ttl_ms=60_000, single_use=False, claims=""
    )
    return checked.rate


# Tiers and enrichment


async def test_a_tier_of_the_key_goes_before_that_of_the_account(world: World) -> None:
    _, secret = await world.registry.create_key(world.account, tier="free")
    grant = await world.open(credential=secret)
    assert (grant.tier, (await world.registry.account(world.account)).held) == ("free", 0)


async def test_private_settings_of_tier_and_key_reach_the_grant(new_world: NewWorld) -> None:
    tiers = parse(
        "tiers: {t: {enrichment: {stt: {engine: whisper, settings: {beam: '1', model: base}},"
        " metadata: {product_line: calls, team_id: '1'}}}}"
    )
    world = await new_world("t", tiers=tiers)
    own = EnrichmentTable(
        stt=Engine(settings={"beam": "5"}), tts=Engine(engine="piper"), metadata={"team_id": "2"}
    )
    _, secret = await world.registry.create_key(world.account, enrichment=own)
    grant = await world.open(credential=secret)
    assert grant.enrichment.stt.engine == "whisper"
    assert grant.enrichment.stt.settings == {"beam": "5", "model": "base"}
    assert grant.enrichment.tts.engine == "piper"
    assert grant.enrichment.metadata == {"product_line": "calls", "team_id": "2"}


async def test_a_key_cannot_name_an_engine_that_its_tier_forbids(new_world: NewWorld) -> None:
    world = await new_world("t", tiers=parse("tiers: {t: {engines: [whisper]}}"))
    asked = world.registry.create_key(world.account, enrichment=EnrichmentTable(stt=Engine(engine="big")))
    assert await refused(asked) == FaultCode.BAD_REQUEST


async def test_a_change_of_tier_between_reading_and_opening_is_noticed(world: World) -> None:
    who = await world.access.identify(await world.access.resolve(world.key, SOURCE))
    await world.registry.change_account(world.account, tier="free")
    answer = await world.sessions._open(who, "s_1", "e1", SPEC, False)
    assert answer == ["changed"]
    assert (await world.open("s_1")).tier == "free"


async def test_an_account_whose_tier_left_the_file_opens_nothing(world: World, redis_url: str) -> None:
    fewer = make_world(redis_url, tiers=parse("tiers: {other: {}}"))
    assert await refused(fewer.access.authenticate(world.key, SOURCE)) == FaultCode.INTERNAL
    await fewer.store.close()


async def test_a_token_whose_record_is_gone_opens_nothing(world: World) -> None:
    lost = await token(world)
    (record,) = [n async for n in world.client.scan_iter(match=f"*{world.account}*:token:*")]
    await world.client.delete(record)
    assert await refused(world.open(credential=lost)) == FaultCode.INVALID_CREDENTIAL
