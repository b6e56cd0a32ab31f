"""The native API about enrolled speakers. docs/native.openapi.yaml is made from these models."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictInt

from dragoman_contract.limits import SPEAKER_NAME
from dragoman_edge.model.guests import GUEST


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _own_name(name: str) -> str:
    """Raises: ValueError, when nobody can be called so."""
    if not name.isprintable() or not name.strip() or name.startswith(GUEST):
        raise ValueError(f"a name is printable and does not begin with {GUEST}")
    return name


SpeakerName = Annotated[str, Field(min_length=1, max_length=SPEAKER_NAME), AfterValidator(_own_name)]


class Enrolment(_Model):
    """A speaker who is to be known by name. Their voice is a biometric: it needs their consent."""

    name: SpeakerName
    consent: Literal[True] = Field(description="The person has agreed that their voice is used for this")
    keep: StrictBool = Field(False, description="Keep the voice; else it is only answered, for one session")
    days: StrictInt = Field(0, ge=0, le=3650, description="0 = as long as the tier allows")


class EnrolledSpeaker(_Model):
    """A speaker whose voice is kept until `delete_at_ms` (Unix time, ms)."""

    id: str
    name: str
    enrolled_at_ms: int
    delete_at_ms: int
    spoken_ms: int = Field(description="Speech that the voice was made of")


class EncodedSpeaker(_Model):
    """A voice that is not kept: `name` and `print` belong into `speakers.known` of a session's `start`."""

    name: str
    print: str = Field(description="Base64")
    spoken_ms: int


class Enrolled(_Model):
    """The speaker: kept, with an `id`, or `print`ed only."""

    kept: EnrolledSpeaker | None = None
    voice: EncodedSpeaker | None = None


class EnrolledSpeakers(_Model):
    """The account's enrolled speakers, the oldest first; at most 100."""

    speakers: list[EnrolledSpeaker]


class DeletedSpeaker(_Model):
    """The speaker is deleted for good; sessions that run still know them."""

    id: str
    deleted: Literal[True] = True
