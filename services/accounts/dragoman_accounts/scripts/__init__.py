"""The Lua scripts of the store, and the one place that puts them together.

Every script is `clock.lua` + `common.lua` + its own file, and gets one key (the account's, whose hash tag all
its other keys share) and one JSON argument. Each is safe to run twice, because the client repeats a call
whose answer was lost.
"""

import hashlib
from dataclasses import dataclass
from importlib import resources

NAMES = (
    "account_put",
    "key_put",
    "key_revoke",
    "token_put",
    "authenticate",
    "open",
    "report",
    "reserve",
    "sweep",
    "end",
    "topup",
    "snapshot",
    "copy",
    "limit",
    "due_cas",
)


@dataclass(frozen=True, slots=True)
class Script:
    """A script's source and the hash by which the server knows it."""

    name: str
    source: str
    sha: str


def load(clock: str | None = None) -> dict[str, Script]:
    """All scripts by name. `clock` replaces `clock.lua`, for tests that own the time."""
    folder = resources.files(__package__)
    head = (clock or (folder / "clock.lua").read_text()) + (folder / "common.lua").read_text()
    return {name: _script(name, head + (folder / f"{name}.lua").read_text()) for name in NAMES}


def _script(name: str, source: str) -> Script:
    # The server identifies scripts by SHA-1; nothing here rests on its strength.
    return Script(name, source, hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest())
