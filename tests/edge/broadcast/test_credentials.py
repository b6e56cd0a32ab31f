"""Passwords of broadcasts, and the tokens that viewers get for them."""

import pytest

from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.broadcast import credentials as access
from dragoman_edge.broadcast.credentials import Passwords, good, signed


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of passwords cost nothing."""
    monkeypatch.setitem(access._COST, "n", 2)


def test_a_token_is_good_for_its_broadcast_and_its_time() -> None:
    token = signed("secret", "abcd", 1000)
    assert good(token, "secret", "abcd", 999)
    assert not good(token, "secret", "abcd", 1000)
    assert not good(token, "secret", "abce", 999)
    assert not good(token, "other", "abcd", 999)
    later = token.replace("_3e8_", "_fff_")
    assert later != token and not good(later, "secret", "abcd", 999)


@pytest.mark.parametrize(
    "hostile", ["", "vat_", "vat__", "vat_zz_x", "vat_1_é", "vat_-1_x", "x" * 200, "vat_fff"]
)
def test_what_is_no_token_is_no_token(hostile: str) -> None:
    assert not good(hostile, "secret", "abcd", 0)


async def test_a_password_is_looked_at_a_few_times_a_minute() -> None:
    passwords = Passwords()
    right = await passwords.hash("open", "salt")
    for _ in range(access.TRIES + 1):  # a hall behind one address
        await passwords.check("abcd", "here", "open", "salt", right)
    codes = []
    for _ in range(access.TRIES + 1):
        with pytest.raises(PeerError) as refused:
            await passwords.check("abcd", "here", "wrong", "salt", right)
        codes.append(refused.value.code)
    assert codes == [FaultCode.INVALID_CREDENTIAL] * access.TRIES + [FaultCode.RATE_LIMITED]
    await passwords.check("abcd", "elsewhere", "open", "salt", right)


async def test_wrong_passwords_of_one_viewer_do_not_keep_out_another_at_its_address() -> None:
    passwords = Passwords()
    right = await passwords.hash("open", "salt")

    async def tried(password: str, viewer: str) -> FaultCode | None:
        try:
            await passwords.check("abcd", "hall", password, "salt", right, viewer)
        except PeerError as exc:
            return exc.code
        return None

    for _ in range(access.TRIES):
        assert await tried("wrong", "guesser") is FaultCode.INVALID_CREDENTIAL
    assert await tried("open", "guesser") is FaultCode.RATE_LIMITED
    assert await tried("open", "somebody") is None
    for number in range(access.ADDRESS_TRIES - access.TRIES):  # who calls itself another viewer each time
        assert await tried("wrong", f"viewer {number}") is FaultCode.INVALID_CREDENTIAL
    assert await tried("wrong", "one more") is FaultCode.RATE_LIMITED


async def test_too_many_passwords_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "MOST_WAITING", 0)
    with pytest.raises(MeshError) as refused:
        await Passwords().hash("open", "salt")
    assert (refused.value.code, refused.value.retry_after_ms) == (FaultCode.BUSY, 1000)


async def test_a_turn_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "AT_ONCE", 0)
    monkeypatch.setattr(access, "PATIENCE_S", 0.01)
    passwords = Passwords()
    with pytest.raises(MeshError) as refused:
        await passwords.hash("open", "salt")
    assert refused.value.code is FaultCode.BUSY and passwords._waiting == 0


def test_secrets_and_hashes_differ() -> None:
    assert len({access.new_secret() for _ in range(3)}) == 3 and len(access.new_secret()) == 64
    assert access.hashed("open", "a") != access.hashed("open", "b") != access.hashed("shut", "b")
    assert access.hashed("\ud800", "a")  # whatever a client sends
