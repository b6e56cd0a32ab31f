"""The audio of a message: JSON with base64 in, bytes and their format out ("Audio Data" of the page)."""

import base64
import binascii
from typing import Any

from pydantic import BaseModel, ConfigDict, StrictInt, StrictStr, ValidationError

from dragoman_edge.dialects.json_text import explain
from dragoman_edge.dialects.kallglot.errors import quoted
from dragoman_edge.model.audio_formats import AudioFormat, Encoding
from dragoman_edge.model.commands import Audio

ENCODINGS = {
    "pcm_16": Encoding.PCM_S16LE,
    "pcm_8": Encoding.PCM_U8,
    "mulaw": Encoding.MULAW,
    "alaw": Encoding.ALAW,
}
SAMPLE_RATES = (8000, 16_000, 24_000, 48_000)
CHANNELS = (1, 2)


class _Audio(BaseModel):
    """ "Audio Data" of the page; what is left out is what the page recommends."""

    model_config = ConfigDict(extra="ignore")

    data: StrictStr
    encoding: StrictStr = "pcm_16"
    sample_rate: StrictInt = 16_000
    channels: StrictInt = 1


class WrongAudioError(Exception):
    """Told in an `error` message; the socket stays open."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def from_audio_input(audio: object) -> dict[str, Any]:
    """`audio.input` of the vendor's pages of today as an `audio` message; what is left out is theirs."""
    told = audio if isinstance(audio, dict) else {}
    return {
        "data": told.get("payload"),
        "encoding": told.get("encoding", "mulaw"),
        "sample_rate": told.get("sample_rate_hz", 8000),
    }


def parse_audio(message: dict[str, Any]) -> Audio:
    """The command of an `audio` message.

    Raises:
        WrongAudioError: a field is wrong, or the bytes are no whole samples.
    """
    try:
        audio = _Audio.model_validate(message)
    except ValidationError as exc:
        field = str(exc.errors()[0]["loc"][0])
        code = "audio_sample_rate_invalid" if field == "sample_rate" else "audio_format_invalid"
        raise WrongAudioError(code, explain(exc)) from None
    encoding = ENCODINGS.get(audio.encoding)
    if encoding is None:
        known = "pcm_16, pcm_8, mulaw or alaw"
        text = f"Unsupported audio encoding {quoted(audio.encoding)}. Use {known}."
        raise WrongAudioError("audio_format_invalid", text)
    if audio.sample_rate not in SAMPLE_RATES:
        text = f"Unsupported sample rate {audio.sample_rate}. Use 8000, 16000, 24000 or 48000."
        raise WrongAudioError("audio_sample_rate_invalid", text)
    if audio.channels not in CHANNELS:
        text = f"Unsupported number of channels {audio.channels}. Use 1 or 2."
        raise WrongAudioError("audio_format_invalid", text)
    fmt = AudioFormat(encoding, audio.sample_rate, audio.channels)
    return Audio(_decoded(audio.data, fmt), fmt)


def _decoded(data: str, fmt: AudioFormat) -> bytes:
    try:
        sound = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise WrongAudioError("audio_format_invalid", "The audio data is not base64.") from None
    if len(sound) % fmt.bytes_per_frame:
        text = f"{len(sound)} bytes of audio are no whole number of {fmt.bytes_per_frame}-byte samples."
        raise WrongAudioError("audio_format_invalid", text)
    return sound
