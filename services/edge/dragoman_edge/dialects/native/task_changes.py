"""`PATCH /v1/tasks/{id}` of the native API: the title of a kept session, and its speakers. Pure."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictInt, ValidationError

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.limits import SPEAKER_NAME
from dragoman_contract.rpc import SpeakerChange, SpeakerChangeKind
from dragoman_edge.dialects.json_text import explain, parse_object
from dragoman_edge.dialects.native import tasks
from dragoman_edge.dialects.native.errors import refuse
from dragoman_edge.dialects.rest import Exchange, Route
from dragoman_edge.model.http import HttpRequest

MOST = 50  # changes of a kind in one request
LARGEST = 1 << 31
Speaker = Annotated[str, Field(min_length=1, max_length=SPEAKER_NAME, description="As in an entry")]


class SpeakerOfEntry(BaseModel):
    """A sentence that another one said."""

    model_config = ConfigDict(extra="forbid")

    track: StrictInt = Field(0, ge=0, lt=LARGEST)
    utterance: StrictInt = Field(ge=1, lt=LARGEST)
    speaker: Speaker


class TaskChange(BaseModel):
    """Changes of a kept session, made in this order; what is absent stays."""

    model_config = ConfigDict(extra="forbid")

    title: str | None = Field(None, max_length=255)
    entries: list[SpeakerOfEntry] = Field(
        default_factory=list, max_length=MOST, description="Sentences that get another speaker"
    )
    merge: dict[Speaker, Speaker] = Field(
        default_factory=dict, max_length=MOST, description="Speakers that are another one"
    )
    names: dict[Speaker, str] = Field(
        default_factory=dict, max_length=MOST, description="Names that speakers are shown by"
    )

    def of_speakers(self) -> Iterator[SpeakerChange]:
        """Yield the changes of speakers, one by one."""
        for one in self.entries:
            kind = SpeakerChangeKind.REASSIGN
            yield SpeakerChange(kind=kind, speaker=one.speaker, track=one.track, utterance=one.utterance)
        for source, target in self.merge.items():
            yield SpeakerChange(kind=SpeakerChangeKind.MERGE, speaker=source, target=target)
        for speaker, name in self.names.items():
            yield SpeakerChange(kind=SpeakerChangeKind.RENAME, speaker=speaker, label=name)


def change(request: HttpRequest) -> Exchange:
    """Change the title of a task, and its speakers; changes before one that is refused are made.

    Raises: PeerError if one is refused.
    """
    who = yield from tasks.asking(request)
    task_id, wanted = tasks.task_id(request), _read(request)
    if wanted.title is not None:
        rename = rpc.TaskChange.RENAME
        yield rpc.ChangeTasksRequest(**who, task_ids=(task_id,), change=rename, title=wanted.title)
    for one in wanted.of_speakers():
        yield rpc.ChangeSpeakersRequest(**who, task_id=task_id, change=one)
    return (yield from tasks.one(request))


def _read(request: HttpRequest) -> TaskChange:
    try:
        body: Any = parse_object(request.body.decode("utf-8", "replace"))
        return TaskChange.model_validate(body)
    except ValidationError as exc:
        raise PeerError(FaultCode.BAD_REQUEST, explain(exc)[:300]) from None


ROUTES = (Route("PATCH", tasks.TASK, change, refuse),)
