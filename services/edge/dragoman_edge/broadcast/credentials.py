"""Passwords of broadcasts, and the tokens that viewers get for them. No bus in it."""

import asyncio
import hashlib
import hmac
import secrets

from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.broadcast.tries import Tries

ACCESS_S = 3600.0  # a viewer connects within this time; who is connected stays
TRIES, ADDRESS_TRIES, TRIES_S = 10, 50, 60.0  # wrong passwords of a viewer, and of an address, at a broadcast
AT_ONCE, MOST_WAITING = 2, 50  # passwords that are looked at; each takes 16 MB for a moment
PATIENCE_S = 5.0
_COST = {"n": 1 << 14, "r": 8, "p": 1}  # scrypt: a twentieth of a second


def hashed(password: str, salt: str) -> str:
    """Slow on purpose."""
    return hashlib.scrypt(password.encode("utf-8", "replace"), salt=salt.encode(), **_COST).hex()


def new_secret() -> str:
    """32 random bytes."""
    return secrets.token_hex(32)


def signed(secret: str, token: str, expires_ms: int) -> str:
    """Sign a pass to the broadcast `token` that is valid until `expires_ms` (Unix time)."""
    return f"vat_{expires_ms:x}_{_mac(secret, token, expires_ms)}"


def good(access: str, secret: str, token: str, now_ms: int) -> bool:
    """Whether `access` was signed for this broadcast and is not too old."""
    _, _, rest = access.partition("vat_")
    expires, _, mac = rest.partition("_")
    try:
        expires_ms = int(expires[:16], 16)
    except ValueError:
        return False
    fits = hmac.compare_digest(mac.encode("utf-8", "replace"), _mac(secret, token, expires_ms).encode())
    return fits and now_ms < expires_ms


def _mac(secret: str, token: str, expires_ms: int) -> str:
    return hmac.new(secret.encode(), f"{token}.{expires_ms}".encode(), hashlib.sha256).hexdigest()


class Passwords:
    """Looks at passwords beside the event loop, a few wrong ones a minute for each viewer and address."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._viewers, self._addresses = Tries(TRIES, TRIES_S), Tries(ADDRESS_TRIES, TRIES_S)

    async def check(
        self, token: str, source: str, password: str, salt: str, wanted: str, viewer: str = ""
    ) -> None:
        """Compare the hash of `password` with `wanted`.

        `viewer` is the key of a viewer at the address `source`; those without one are taken for the same.

        Raises:
            PeerError: `INVALID_CREDENTIAL`; `RATE_LIMITED`, after too many tries.
            MeshError: `BUSY`, when too many are looked at.
        """
        address, who = (token, source), (token, source, viewer)
        self._viewers.begin(who)
        self._addresses.begin(address)
        found = await self.hash(password, salt)
        if not hmac.compare_digest(found.encode(), wanted.encode()):
            raise PeerError(FaultCode.INVALID_CREDENTIAL, "wrong password")
        self._viewers.passed(who)  # right ones of many viewers behind one address do not add up
        self._addresses.passed(address)

    async def hash(self, password: str, salt: str) -> str:
        """`hashed`, in its turn.

        Raises:
            MeshError: `BUSY`.
        """
        if self._waiting >= MOST_WAITING:
            raise MeshError(FaultCode.BUSY, "too many concurrent password checks", retry_after_ms=1000)
        self._waiting += 1
        try:
            async with asyncio.timeout(PATIENCE_S), self._turns:
                return await asyncio.to_thread(hashed, password, salt)
        except TimeoutError:
            raise MeshError(
                FaultCode.BUSY, "too many concurrent password checks", retry_after_ms=1000
            ) from None
        finally:
            self._waiting -= 1
