"""Speakers of a kept task over HTTP: renamed, merged, or a sentence given to another one."""

from collections.abc import Generator
from typing import Annotated, Any

from pydantic import AfterValidator, AliasChoices, Field

from dragoman_contract import rpc
from dragoman_edge.dialects.rest import Exchange, Route
from dragoman_edge.dialects.vas import messages, task_resource
from dragoman_edge.dialects.vas import task_access as access
from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.dialects.vas.routes import read_body, route
from dragoman_edge.model.http import HttpRequest
from dragoman_edge.model.requests import Ask

LONGEST = 100


def _label(value: str) -> str:
    text = value.strip()
    if not text or not text.isprintable():
        raise ValueError("a label has 1 to 100 characters and no control characters")
    return text


Label = Annotated[str, Field(min_length=1, max_length=LONGEST), AfterValidator(_label)]


class Rename(messages.Model):
    """The body of `PATCH …/speakers/rename`."""

    speaker_id: messages.Name = Field(validation_alias=AliasChoices("speaker_id", "speaker", "old_label"))
    new_label: Label = Field(validation_alias=AliasChoices("new_label", "label", "new_name", "name"))


class Reassign(messages.Model):
    """The body of `PATCH …/speakers/reassign`."""

    sid: messages.Sid
    new_speaker_id: Annotated[messages.Name, Field(max_length=LONGEST)] = Field(
        validation_alias=AliasChoices("new_speaker_id", "speaker_id", "speaker")
    )


class Merge(messages.Model):
    """The body of `PATCH …/speakers/merge`."""

    source_speaker_id: messages.Name = Field(validation_alias=AliasChoices("source_speaker_id", "source"))
    target_speaker_id: messages.Name = Field(validation_alias=AliasChoices("target_speaker_id", "target"))


class _Heard:
    """The speakers of a task, and the sentences of each."""

    def __init__(self, kept: rpc.Task, entries: list[rpc.Entry]) -> None:
        self.task = kept
        self.places = {task_resource.sid(one.sentence): one.sentence for one in entries}
        self.by_sid = {sid: task_resource.speaker(kept, said) for sid, said in self.places.items()}

    def sids(self, speaker: str) -> list[int]:
        return [sid for sid, whose in self.by_sid.items() if whose == speaker]

    def find(self, name: str) -> str:
        """The id that an id or a label stands for; empty = nobody's."""
        named = task_resource.aliases(self.task)
        if name in named or name in self.by_sid.values():
            return name
        return next((one for one, label in named.items() if label == name), "")

    def resolve(self, name: str) -> str:
        """Raises: Problem, `speaker_not_found`."""
        found = self.find(name)
        if not found:
            raise Problem("speaker_not_found", "Speaker not found", context="speaker", status=404)
        return found


def _rename(request: HttpRequest) -> Exchange:
    who, heard = yield from _heard(request)
    body = read_body(Rename, request)
    speaker = heard.resolve(body.speaker_id)
    change = rpc.SpeakerChange(kind=rpc.SpeakerChangeKind.RENAME, speaker=speaker, label=body.new_label)
    told = {"speaker_id": speaker, "new_label": body.new_label, "affected_sids": heard.sids(speaker)}
    return access.answer(told | (yield from _changed(who, heard, change)))


def _reassign(request: HttpRequest) -> Exchange:
    who, heard = yield from _heard(request)
    body = read_body(Reassign, request)
    said = heard.places.get(body.sid)
    if said is None:
        raise access.no_sentence(body.sid)
    speaker = heard.find(body.new_speaker_id) or body.new_speaker_id
    change = rpc.SpeakerChange(
        kind=rpc.SpeakerChangeKind.REASSIGN, speaker=speaker, track=said.track, utterance=said.utterance
    )
    more = yield from _changed(who, heard, change)
    label = more["speaker_aliases"].get(speaker, speaker)
    told = {"sid": body.sid, "old_speaker_id": heard.by_sid[body.sid], "new_speaker_id": speaker}
    return access.answer(told | {"new_speaker_label": label} | more)


def _merge(request: HttpRequest) -> Exchange:
    who, heard = yield from _heard(request)
    body = read_body(Merge, request)
    source, target = heard.resolve(body.source_speaker_id), heard.resolve(body.target_speaker_id)
    if source == target:
        raise Problem("speaker_merge_invalid", "The speakers are the same", context="speaker")
    change = rpc.SpeakerChange(kind=rpc.SpeakerChangeKind.MERGE, speaker=source, target=target)
    told = {"source_speaker_id": source, "target_speaker_id": target, "affected_sids": heard.sids(source)}
    return access.answer(told | (yield from _changed(who, heard, change)))


def _heard(request: HttpRequest) -> Generator[Ask, Any, tuple[access.Who, _Heard]]:
    who = yield from access.asking(request)
    kept = yield from access.task(request, who)
    return who, _Heard(kept, (yield from access.entries(who, kept.id)))


def _changed(
    who: access.Who, heard: _Heard, change: rpc.SpeakerChange
) -> Generator[Ask, Any, dict[str, Any]]:
    reply: rpc.ChangeSpeakersReply = yield rpc.ChangeSpeakersRequest(
        **who, task_id=heard.task.id, change=change
    )
    if reply.task is None:
        raise access.unknown()
    return {"speaker_aliases": task_resource.aliases(reply.task)}


ROUTES: tuple[Route, ...] = tuple(
    route("PATCH", f"{base}/{{id}}/speakers/{what}", handle, access.CODES)
    for base in (access.TASKS, access.ALIAS)
    for what, handle in (("rename", _rename), ("reassign", _reassign), ("merge", _merge))
)
