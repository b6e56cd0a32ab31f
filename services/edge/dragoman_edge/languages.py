"""BCP 47 tags as clients write them: `en`, `en-US`, `EN_us`; matched to what the mesh can do. Pure."""

import re

from dragoman_contract.errors import FaultCode, PeerError

_TAG = re.compile(r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,4}$")


def canonical(tag: str) -> str:
    """`EN_us` → `en-US`, `zh-hant-tw` → `zh-Hant-TW`.

    Raises:
        PeerError: `UNSUPPORTED_LANGUAGE`, when it is no language tag.
    """
    if not _TAG.match(tag):
        raise PeerError(FaultCode.UNSUPPORTED_LANGUAGE, f"'{tag[:35]}' is not a BCP 47 language tag")
    first, *rest = tag.replace("_", "-").split("-")
    return "-".join([first.lower(), *(_subtag(part) for part in rest)])


def base(tag: str) -> str:
    """The language alone: `en-US` → `en`."""
    return tag.partition("-")[0].lower()


def _subtag(part: str) -> str:
    if len(part) == 2 and part.isalpha():
        return part.upper()
    if len(part) == 4 and part.isalpha():
        return part.title()
    return part.lower()
