"""LibreTranslate over HTTP: https://docs.libretranslate.com."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field, RootModel

from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_contract.languages import best_match
from dragoman_kit.hosted import Blocking, Hosted
from dragoman_translation.engines.base import Job, Pair
from dragoman_translation.engines.served import (
    LONGEST_ASK_S,
    Served,
    between,
    check_length,
    directions,
    tags,
)
from dragoman_translation.hosted import LibreTranslateSettings

# Its names that are no language tags.
_TAGS = {"zt": "zh-Hant", "pb": "pt-BR"}
_CODES = {tag: code for code, tag in _TAGS.items()}


class LibreTranslate:
    """The pairs that the server tells, or those of the languages in the settings."""

    name = "libretranslate"
    heeds: frozenset[str] = frozenset()

    def __init__(self, settings: LibreTranslateSettings) -> None:
        self._settings = settings
        self.only_named = settings.only_named
        # The key goes in the body here.
        self._hosted = Hosted(self.name, settings, scheme="", explain=_explain)
        self._codes: dict[str, str] = {}
        self._asked: Blocking | None = None
        self._fixed = between(tags(settings.languages), settings)
        self._served = Served(self.name, self._ask, [], settings.refresh_s)

    def pairs(self) -> list[Pair]:
        """Asks the server when it is time to, and then blocks."""
        return self._fixed or self._served.pairs()

    async def warm(self, pairs: list[Pair]) -> None:
        """The server loads what it needs."""

    async def translate(self, job: Job) -> str:
        """The text in the target language."""
        check_length(job.text)
        body = {
            "q": job.text,
            "source": self._code(job.source, job.source),
            "target": self._code(job.wanted, job.target),
            "format": "text",
        }
        key = self._settings.key.get_secret_value()
        answer = await self._hosted.ask(
            "POST", "/translate", _Translation, json=body | ({"api_key": key} if key else {})
        )
        return answer.translatedText.strip()

    async def close(self) -> None:
        """Let the connections go."""
        await self._hosted.close()
        if self._asked is not None:
            self._asked.close()

    def _code(self, wanted: str, known: str) -> str:
        tag = best_match(wanted or known, self._codes) or known
        return self._codes.get(tag) or _CODES.get(tag, tag)

    def _ask(self) -> list[Pair]:
        self._asked = self._asked or Blocking(
            lambda: Hosted(f"{self.name}-languages", _brief(self._settings))
        )
        found = self._asked.ask("GET", "/languages", _Languages).root
        self._codes = {_TAGS.get(item.code, item.code): item.code for item in found}
        every = [item.code for item in found]
        pairs = ((item.code, target) for item in found for target in item.targets or every)
        return directions(((_TAGS.get(s, s), _TAGS.get(t, t)) for s, t in pairs), self._settings)


class _Translation(BaseModel):
    translatedText: str = Field(min_length=1, pattern=r"\S")


class _Language(BaseModel):
    code: str = Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
    targets: list[str] = Field([], max_length=500)


class _Languages(RootModel[list[_Language]]):
    root: list[_Language] = Field(min_length=1, max_length=500)


def _brief(settings: LibreTranslateSettings) -> LibreTranslateSettings:
    update = {"timeout_s": min(LONGEST_ASK_S, settings.timeout_s)}
    return settings.model_copy(update=update)


def _explain(status: int, body: Mapping[str, Any]) -> DragomanError | None:
    """It answers 400 for a language that it does not have, too."""
    if status == 400 and "not supported" in str(body.get("error", ""))[:500]:
        return PeerError(FaultCode.UNSUPPORTED_LANGUAGE, "the engine does not support this language")
    return None
