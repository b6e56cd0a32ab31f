"""Answers of the native API about kept sessions; docs/native.openapi.yaml is made from these models."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Task(_Model):
    """A kept session. Times are Unix times in ms."""

    id: str = Field(description="The session's id")
    status: Literal["active", "completed"] = Field(description="active = its end is not known yet")
    title: str = Field(description="Empty = none was given")
    api: str = Field(description="API of the session")
    reference_id: str
    spoken: list[str] = Field(description="BCP 47; empty = detected")
    to: list[str]
    started_at_ms: int
    ended_at_ms: int | None
    delete_at_ms: int = Field(description="When it is deleted by itself")
    end_reason: str | None
    sentences: int
    not_kept: int = Field(description="Results that could not be kept")
    speakers: dict[str, str] = Field(description="Names that speakers were given, by id")
    merged: dict[str, str] = Field(description="Speakers that are another one, by id")
    audio_ms: int | None = Field(description="Length of the longest recording; null = there is none")


class TaskPage(_Model):
    """Tasks of the key's account, the newest first."""

    tasks: list[Task]
    next: str | None = Field(description="`after` of the next page; null = this is the last one")


class TranslationOfEntry(_Model):
    """A sentence in another language."""

    language: str
    text: str


class Entry(_Model):
    """A sentence; times are relative to the start of the track."""

    track: int
    utterance: int
    speaker: str
    language: str
    text: str
    start_ms: int
    duration_ms: int
    confidence: float
    translations: list[TranslationOfEntry]


class EntryPage(_Model):
    """Sentences of a task by time and track."""

    entries: list[Entry]
    next: str | None = Field(description="`after` of the next page; null = there are no more at this moment")


class Recording(_Model):
    """The recording of a track: Ogg Opus, mono, 16 kHz; pauses of the client are in it."""

    track: int
    duration_ms: int
    missing_ms: int = Field(description="Lost on its way; silence in its place")
    bytes: int


class Recordings(_Model):
    """The recordings of a task, by track."""

    recordings: list[Recording]


class Deleted(_Model):
    """The task is deleted for good."""

    id: str
    deleted: Literal[True] = True


class WebhookSecret(_Model):
    """The secret by which webhooks are signed (Standard Webhooks)."""

    secret: str = Field(description="`whsec_` and base64")


class Problem(_Model):
    """Why a request was refused. Codes: proto/SPEC.md."""

    code: str
    message: str
    retry_after_ms: int | None = None


class Refusal(_Model):
    """An error's envelope."""

    error: Problem
