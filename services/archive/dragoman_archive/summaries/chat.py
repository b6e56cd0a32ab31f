"""Summaries by chat completions as of OpenAI: the cloud, llama.cpp, Ollama, vLLM and many more."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from dragoman_archive.settings import SummariserSettings
from dragoman_archive.summaries import prompts
from dragoman_archive.summaries.base import FilteredError, Job, Line, Made
from dragoman_contract.errors import DragomanError, FaultCode, MeshError
from dragoman_kit.hosted import Hosted

NAME = "openai"
FILTERED = ("content_filter", "content_policy_violation", "responsible_ai_policy_violation")
MOST_PARTS = 40
TRIMMED = 12  # pieces of a transcript that the filter refuses


class Chat:
    """A model that speaks OpenAI's API."""

    def __init__(self, settings: SummariserSettings) -> None:
        self._settings = settings
        self._hosted = Hosted(NAME, settings, explain=_explain)

    async def summarise(self, job: Job) -> Made:
        """Summarise as it was wished; if the filter refuses that, neutrally; then without what it refuses.

        Raises:
            FilteredError: all of it is refused.
            MeshError: the server failed, or its answer is no summary.
        """
        work = _Work(self._hosted, self._settings, job)
        for level, wanted in ((1, prompts.instruction(job)), (2, prompts.NEUTRAL)):
            try:
                return work.made(await work.whole(job.lines, wanted), level)
            except FilteredError:
                continue
        text, dropped = await work.trimmed(job.lines)
        return work.made(text, 3, dropped)

    async def close(self) -> None:
        """Let the connections go."""
        await self._hosted.close()


class _Work:
    """One summary: its requests and their tokens."""

    def __init__(self, hosted: Hosted, settings: SummariserSettings, job: Job) -> None:
        self._hosted = hosted
        self._settings = settings
        self._job = job
        self._input = self._output = 0

    def made(self, text: str, level: int, dropped: tuple[int, ...] = ()) -> Made:
        return Made(text, NAME, level, dropped, self._input, self._output)

    async def whole(self, lines: Sequence[Line], wanted: str) -> str:
        """A long transcript in parts, and one summary of theirs."""
        found = prompts.parts(lines, self._settings.part_characters)
        if len(found) > MOST_PARTS:
            raise MeshError(FaultCode.ENGINE_FAILED, "the transcript is too long to be summarised")
        if len(found) == 1:
            return await self._one(lines, wanted)
        notes = [Line("", await self._one(part, wanted)) for part in found]
        return await self._one(notes, prompts.MERGE + wanted)

    async def trimmed(self, lines: Sequence[Line]) -> tuple[str, tuple[int, ...]]:
        """A summary of the pieces that the filter lets pass, and the indices of the other lines."""
        size = -(-len(lines) // TRIMMED)
        notes: list[Line] = []
        dropped: list[int] = []
        for start in range(0, len(lines), size):
            piece = lines[start : start + size]
            try:
                notes.append(Line("", await self.whole(piece, prompts.NEUTRAL)))
            except FilteredError:
                dropped += range(start, start + len(piece))
        if not notes:
            raise FilteredError
        return await self.whole(notes, prompts.MERGE + prompts.NEUTRAL), tuple(dropped)

    async def _one(self, lines: Sequence[Line], wanted: str) -> str:
        mark = f"transcript-{secrets.token_hex(8)}"
        body = {
            "model": self._settings.model,
            "messages": prompts.messages(self._job, wanted, lines, mark),
            "temperature": 0,
            "max_tokens": self._settings.max_tokens,
            "stream": False,
            **self._settings.extra,
        }
        asked = {name: value for name, value in body.items() if value is not None}
        answer = await self._hosted.ask("POST", "/chat/completions", _Completion, json=asked)
        self._input += answer.usage.prompt_tokens
        self._output += answer.usage.completion_tokens
        choice = answer.choices[0]
        if choice.finish_reason == "content_filter":
            raise FilteredError
        try:
            return prompts.cleaned(choice.message.content or "")
        except ValueError as exc:
            raise MeshError(FaultCode.ENGINE_FAILED, "the engine's answer is not a summary") from exc


class _Message(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = Field(0, ge=0, le=1 << 31)
    completion_tokens: int = Field(0, ge=0, le=1 << 31)


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage = _Usage()


def _explain(status: int, body: Mapping[str, Any]) -> DragomanError | None:
    """A refusal for the content, in the form of OpenAI and Azure."""
    error = body.get("error")
    found = error if isinstance(error, Mapping) else {}
    return FilteredError() if status == 400 and found.get("code") in FILTERED else None
