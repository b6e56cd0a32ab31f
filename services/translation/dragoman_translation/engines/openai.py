"""Chat completions as of OpenAI: the cloud, llama.cpp, Ollama, vLLM and many more."""

from typing import Any

from pydantic import BaseModel, Field

from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit.hosted import Hosted
from dragoman_kit.logging import get
from dragoman_translation.engines import chat
from dragoman_translation.engines.base import Job, Pair
from dragoman_translation.engines.served import between, check_length, tags
from dragoman_translation.hosted import OpenAISettings

log = get(__name__)
MOST_LINES = 12  # that are asked one by one


class OpenAI:
    """Every pair of the languages in the settings: a server does not tell what its model knows."""

    name = "openai"
    heeds = frozenset({"label", "context", "dictionary", "preceding"})

    def __init__(self, settings: OpenAISettings) -> None:
        self._settings = settings
        self.only_named = settings.only_named
        self._hosted = Hosted(self.name, settings)
        self._pairs = between(tags(settings.languages), settings)

    def pairs(self) -> list[Pair]:
        """Return the pairs that the settings name."""
        return self._pairs

    async def warm(self, pairs: list[Pair]) -> None:
        """Nothing: a request may cost money."""

    async def translate(self, job: Job) -> str:
        """The text in the target language; its lines stay lines."""
        check_length(job.text)
        translated = await self._one(job, job.text)
        if "\n" not in job.text.strip() or chat.same_lines(job.text.strip(), translated):
            return translated
        return await self._line_by_line(job)

    async def close(self) -> None:
        """Let the connections go."""
        await self._hosted.close()

    async def _line_by_line(self, job: Job) -> str:
        lines = chat.lines(job.text)
        if len(lines) > MOST_LINES:
            raise _no_translation("lines lost")
        return "\n".join([await self._one(job, line) if line.strip() else line for line in lines])

    async def _one(self, job: Job, text: str) -> str:
        if not any(map(str.isalnum, text)):
            return text  # nothing to translate, and models would chat about it
        answer = await self._hosted.ask("POST", "/chat/completions", _Completion, json=self._body(job, text))
        choice = answer.choices[0]
        if choice.finish_reason not in (None, "stop"):
            raise _no_translation("cut off or filtered")
        try:
            return chat.cleaned(choice.message.content, text)
        except ValueError as exc:
            raise _no_translation(str(exc)) from None

    def _body(self, job: Job, text: str) -> dict[str, Any]:
        body = {
            "model": job.settings.get("model") or self._settings.model,
            "messages": chat.messages(job, text),
            "temperature": 0,
            "max_tokens": chat.most_tokens(text),
            "stream": False,
            **self._settings.extra,
        }
        return {name: value for name, value in body.items() if value is not None}


class _Message(BaseModel):
    content: str = Field(min_length=1)


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)


def _no_translation(reason: str) -> MeshError:
    log.warning("the model's answer is not a translation", reason=reason)
    return MeshError(FaultCode.ENGINE_FAILED, "the engine's answer is not a translation")
