"""DeepL over HTTP: https://developers.deepl.com/api-reference."""

import re
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
from dragoman_translation.hosted import DeepLSettings

FREE, PRO = "https://api-free.deepl.com", "https://api.deepl.com"
FREE_KEY = ":fx"  # how the keys of the free API end
MOST_CONTEXT = 4000  # characters
# What it has, until it has told; of one language in two regions the preferred one comes first.
_BOTH = "ar,bg,cs,da,de,el,es,et,fi,fr,he,hu,id,it,ja,ko,lt,lv,nb,nl,pl,ro,ru,sk,sl,sv,th,tr,uk,vi"
SOURCES = f"{_BOTH},en,pt,zh".split(",")
TARGETS = f"{_BOTH},en-US,en-GB,pt-BR,pt-PT,zh-Hans,zh-Hant,es-419".split(",")
_INFORMAL = re.compile(
    r"\b(?:informal(?:ly)?|casual(?:ly)?|colloquial(?:ly)?|familiar|familiär|du-form|duzen|tutear|tuteo|tutoyer|tutoiement)\b",
    re.IGNORECASE,
)
_FORMAL = re.compile(
    r"\b(?:formal(?:ly)?|formell|polite(?:ly)?|höflich|sie-form|siezen|usted|vous|vouvoyer|vouvoiement)\b",
    re.IGNORECASE,
)


class DeepL:
    """The pairs that the server tells, or those of the languages in the settings."""

    name = "deepl"
    # A label is understood where it speaks of formality, and is context. Glossaries are the account's.
    heeds = frozenset({"label", "context", "preceding"})

    def __init__(self, settings: DeepLSettings) -> None:
        key = settings.key.get_secret_value()
        host = FREE if key.endswith(FREE_KEY) else PRO
        self._settings = settings.model_copy(update={"url": settings.url or host})
        self.only_named = settings.only_named
        self._hosted = Hosted(self.name, self._settings, scheme="DeepL-Auth-Key", explain=_explain)
        self._sources, self._targets = SOURCES, TARGETS
        self._asked: Blocking | None = None
        self._fixed = between(tags(settings.languages), settings)
        known = directions(((s, t) for s in SOURCES for t in TARGETS), settings)
        self._served = Served(self.name, self._ask, known, settings.refresh_s)

    def pairs(self) -> list[Pair]:
        """Asks the server when it is time to, and then blocks."""
        return self._fixed or self._served.pairs()

    async def warm(self, pairs: list[Pair]) -> None:
        """Nothing to load."""

    async def translate(self, job: Job) -> str:
        """The text in the target language."""
        check_length(job.text)
        answer = await self._hosted.ask("POST", "/v2/translate", _Translations, json=self._body(job))
        return answer.translations[0].text.strip()

    async def close(self) -> None:
        """Let the connections go."""
        await self._hosted.close()
        if self._asked is not None:
            self._asked.close()

    def _body(self, job: Job) -> dict[str, Any]:
        source = best_match(job.source, self._sources) or job.source
        target = best_match(job.wanted or job.target, self._targets) or job.target
        context = "\n".join(filter(None, (job.context, job.label, job.preceding)))
        body = {
            "text": [job.text],
            "source_lang": source.upper(),
            "target_lang": target.upper(),
            "context": context[-MOST_CONTEXT:] or None,
            "formality": formality(job.label),
            "preserve_formatting": True,
            **self._settings.extra,
        }
        return {name: value for name, value in body.items() if value is not None}

    def _ask(self) -> list[Pair]:
        brief = self._settings.model_copy(update={"timeout_s": min(LONGEST_ASK_S, self._settings.timeout_s)})
        self._asked = self._asked or Blocking(
            lambda: Hosted(f"{self.name}-languages", brief, scheme="DeepL-Auth-Key")
        )
        sources, targets = (
            [item.language for item in self._asked.ask("GET", "/v2/languages", _Languages, params=kind).root]
            for kind in ({"type": "source"}, {"type": "target"})
        )
        self._sources, self._targets = sources, sorted(targets, key=_preference)
        return directions(((_tag(s), _tag(t)) for s in self._sources for t in self._targets), self._settings)


class _Translated(BaseModel):
    text: str = Field(min_length=1, pattern=r"\S")


class _Translations(BaseModel):
    translations: list[_Translated] = Field(min_length=1)


class _Language(BaseModel):
    language: str = Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")


class _Languages(RootModel[list[_Language]]):
    root: list[_Language] = Field(min_length=1, max_length=500)


def formality(label: str) -> str | None:
    """DeepL's parameter for a label such as "informal Mexican Spanish"; languages without it ignore it."""
    if _INFORMAL.search(label):
        return "prefer_less"
    return "prefer_more" if _FORMAL.search(label) else None


def _tag(code: str) -> str:
    first, *rest = code.split("-")
    return "-".join([first.lower(), *(part.title() if len(part) == 4 else part.upper() for part in rest)])


def _preference(code: str) -> tuple[int, str]:
    """Ours first, in our order: of English without a region it is the American one."""
    tag = _tag(code)
    return (TARGETS.index(tag) if tag in TARGETS else len(TARGETS), tag)


def _explain(status: int, body: Mapping[str, Any]) -> DragomanError | None:
    if status == 400 and "not supported" in str(body.get("message", ""))[:500]:
        return PeerError(FaultCode.UNSUPPORTED_LANGUAGE, "the engine does not support this language")
    return None
