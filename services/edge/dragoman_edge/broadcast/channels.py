"""Stored broadcast channels: definitions and standings by token, and each account's tokens by id."""

import string
from collections.abc import Callable

from dragoman_contract.ids import is_safe_token
from dragoman_edge.broadcast.definition import BroadcastDefinition, BroadcastStanding
from dragoman_edge.mesh.key_value import KeyValueStore

LETTERS = string.ascii_lowercase + string.digits
SHORTEST, LONGEST = 4, 32  # tokens


class Channels:
    """The records of all broadcasts. Every method raises `MeshError` as `KeyValueStore` does."""

    def __init__(self, records: KeyValueStore) -> None:
        self._records = records

    async def add(self, made: BroadcastDefinition) -> bool:
        """Store a new one; False when its token is taken."""
        text = made.model_dump_json()
        if await self._records.keep(_made(made.token), text, only_new=True) != text:
            return False
        await self._records.keep(f"{made.account_id}.open.{made.id}", made.token)
        return True

    async def keep(self, made: BroadcastDefinition) -> None:
        """Store it as it is now; its year begins anew."""
        await self._records.keep(_made(made.token), made.model_dump_json())
        if made.revoked_at_ms:
            await self._records.keep(f"{made.account_id}.revoked.{made.id}", made.token)
        else:
            await self._records.keep(f"{made.account_id}.open.{made.id}", made.token)

    async def find(self, name: str, account_id: str = "") -> BroadcastDefinition | None:
        """By its token, or by its id among those of an account; with `account_id` only the account's own."""
        token: str | None = name
        if not is_token(name):
            known = account_id and is_safe_token(name)
            token = await self._records.find(f"{account_id}.open.{name}") if known else None
        text = await self._records.find(_made(token)) if token else None
        found = BroadcastDefinition.model_validate_json(text) if text else None
        return None if found and account_id and found.account_id != account_id else found

    async def ever(self, account_id: str) -> int:
        """Count an account's broadcasts, the revoked ones, too."""
        return len(await self._records.names(f"{account_id}.open"))

    async def open(self, account_id: str) -> list[str]:
        """Ids of those that are not revoked, the newest first."""
        revoked = set(await self._records.names(f"{account_id}.revoked"))
        known = await self._records.names(f"{account_id}.open")
        return [name for name in reversed(known) if name not in revoked]

    async def standing(self, token: str) -> BroadcastStanding:
        """Read the state of a broadcast."""
        return _standing(await self._records.find(_stands(token)) or "")

    async def store(self, token: str, standing: BroadcastStanding) -> None:
        """Store the broadcast's current state."""
        await self._records.keep(_stands(token), standing.model_dump_json())

    async def change(
        self, token: str, change: Callable[[BroadcastStanding], BroadcastStanding]
    ) -> BroadcastStanding:
        """Change the state; the first of two edges is heeded by the second."""

        def changed(text: str) -> str:
            before = _standing(text)
            after = change(before)
            return text if after is before else after.model_dump_json()

        return _standing(await self._records.change(_stands(token), changed))


def is_token(name: str) -> bool:
    """Whether it can be a token of a broadcast."""
    return SHORTEST <= len(name) <= LONGEST and all(letter in LETTERS for letter in name)


def _standing(text: str) -> BroadcastStanding:
    return BroadcastStanding.model_validate_json(text) if text else BroadcastStanding()


def _made(token: str) -> str:
    """No account has this name."""
    return f"+channel.{token}.made"


def _stands(token: str) -> str:
    return f"+channel.{token}.stands"
