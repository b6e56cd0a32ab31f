"""Messages of a client as models: `audio` and `config`."""

from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.dialects.json_text import explain

PROMPT = 2000  # characters of a prompt
DEFAULT_RATE = 16_000
MESSAGE_RATES = (16_000, 22_050, 24_000)  # "16kHz (preferred), 22.05kHz, 24kHz" of the package
Message = TypeVar("Message", bound=BaseModel)


def _encodable(text: str) -> str:
    """JSON can spell half of a surrogate pair, which is no text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("not a text") from None
    return text


Text = Annotated[str, AfterValidator(_encodable)]


class AudioData(BaseModel):
    """`audio` of a message."""

    model_config = ConfigDict(extra="ignore")

    data: Text
    sample_rate: int = DEFAULT_RATE  # some clients send it as text
    encoding: Text = Field("audio/wav", max_length=40)


class AudioMessage(BaseModel):
    """The `audio` message of the page."""

    audio: AudioData


class ConfigMessage(BaseModel):
    """`config`: what is recognised from now on."""

    model_config = ConfigDict(extra="ignore")

    prompt: Text | None = Field(None, max_length=PROMPT)


def read(model: type[Message], message: dict[str, Any]) -> Message:
    """`message` as `model`.

    Raises:
        PeerError: `BAD_REQUEST`, with the field that is wrong.
    """
    try:
        return model.model_validate(message)
    except ValidationError as exc:
        raise PeerError(FaultCode.BAD_REQUEST, explain(exc)) from None
