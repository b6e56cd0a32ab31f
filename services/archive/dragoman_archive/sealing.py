"""Envelope encryption: the operator's key wraps an account's, that one a task's, that one seals texts."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from dragoman_contract.errors import FaultCode, MeshError

NONCE = 12  # bytes; drawn at random: a task has far fewer than 2^32 texts
KEY = 32
PURPOSE = b"dragoman archive: operator's key"


class UnreadableError(MeshError):
    """Something stored does not open: another key, or changed bytes."""

    def __init__(self) -> None:
        super().__init__(FaultCode.INTERNAL, "what is kept cannot be read")


def new_key() -> bytes:
    """Return a random key of AES-256."""
    return AESGCM.generate_key(8 * KEY)


def seal(key: bytes, plain: bytes, place: str) -> bytes:
    """Encrypt `plain` for one `place`: a nonce, the ciphertext, a tag (28 bytes more than `plain`)."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, place.encode())


def unseal(key: bytes, sealed: bytes, place: str) -> bytes:
    """Return what `seal` was given for the same place.

    Raises:
        UnreadableError: another key, another place, or other bytes.
    """
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], place.encode())
    except (InvalidTag, ValueError) as exc:
        raise UnreadableError from exc


@dataclass(frozen=True, slots=True)
class TaskKey:
    """The key of one task's texts and audio."""

    task_id: str
    key: bytes

    def seal(self, text: str, *place: object) -> bytes:
        """Encrypt a text for its place in the task."""
        return seal(self.key, text.encode(), self._name(place))

    def unseal(self, sealed: bytes | None, *place: object) -> str:
        """Return the text of a place; nothing sealed is no text.

        Raises:
            UnreadableError: it was not sealed by this key for this place.
        """
        return unseal(self.key, sealed, self._name(place)).decode() if sealed is not None else ""

    def seal_bytes(self, plain: bytes, *place: object) -> bytes:
        """Encrypt bytes for their place in the task."""
        return seal(self.key, plain, self._name(place))

    def unseal_bytes(self, sealed: bytes, *place: object) -> bytes:
        """Return the bytes of a place.

        Raises:
            UnreadableError: they were not sealed by this key for this place.
        """
        return unseal(self.key, sealed, self._name(place))

    def _name(self, place: tuple[object, ...]) -> str:
        return "/".join(map(str, (self.task_id, *place)))


class OperatorKeys:
    """The operator's keys, from secrets: the first wraps accounts' keys, older ones only unwrap.

    Args:
        secrets: the newest first; each of 16 characters or more.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        keys = [_derived(secret) for secret in secrets]
        self._keys = {_id(key): key for key in reversed(keys)}
        self.newest = _id(keys[0])

    @property
    def ids(self) -> frozenset[str]:
        """Ids of the keys that can unwrap."""
        return frozenset(self._keys)

    def wrap(self, account_id: str, key: bytes) -> bytes:
        """Wrap an account's key with the newest."""
        return seal(self._keys[self.newest], key, account_id)

    def unwrap(self, operator_key: str, account_id: str, wrapped: bytes) -> bytes:
        """Return an account's key; `operator_key` is the id of the key that has wrapped it.

        Raises:
            UnreadableError: there is no such key here, or it does not fit.
        """
        if operator_key not in self._keys:
            raise UnreadableError
        return unseal(self._keys[operator_key], wrapped, account_id)


def _derived(secret: str) -> bytes:
    return HKDF(hashes.SHA256(), KEY, salt=None, info=PURPOSE).derive(secret.encode())


def _id(key: bytes) -> str:
    return hashlib.sha256(b"id " + key).hexdigest()[:16]
