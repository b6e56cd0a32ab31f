"""The first message of a socket, `config` or `resume`, and the spec that follows from it."""

import json
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, ValidationError, field_validator

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.languages import canonical
from dragoman_edge.dialects.json_text import explain

NAME = "krisp"

Text = Annotated[str, Field(max_length=200)]


class Model(BaseModel):
    """Unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore")


class Audio(Model):
    """`config.audio`: the format of the PCM that the client sends."""

    format: str = "pcm_s16le"
    sample_rate: StrictInt = 16_000
    channels: StrictInt = 1


class Term(Model):
    """One entry of `config.translation_dictionary`."""

    source: Text = Field(min_length=1)
    target: Text


class Transcript(Model):
    """`config.transcript`: the texts that the client wants."""

    interim: StrictBool = False
    final: StrictBool = True
    translate: StrictBool = True


class Config(Model):
    """`config`: languages, voice, words and options of a session."""

    audio: Audio = Field(default_factory=Audio)
    source_language: str
    target_language: str
    voice: str = Field(min_length=1, max_length=100)
    vocabulary: list[Text] = Field(default_factory=list, max_length=1000)
    translation_dictionary: list[Term] = Field(default_factory=list, max_length=1000)
    transcript: Transcript = Field(default_factory=Transcript)
    features: dict[str, Any] = Field(default_factory=dict, max_length=50)
    metadata: dict[str, Any] = Field(default_factory=dict, max_length=50)

    @field_validator("features")
    @classmethod
    def _known(cls, features: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(features.get(ev.DENOISE, False), bool):
            raise ValueError(f"{ev.DENOISE}: use true or false")
        return features


class First(Model):
    """The message that begins a session."""

    config: Config
    api_key: str = ""  # "Step 1 — Authentication" of the page


class Received(Model):
    """Results that the client has received in its session."""

    transcripts: StrictInt | None = Field(None, ge=0)  # final ones
    translations: StrictInt | None = Field(None, ge=0)
    audio_bytes: StrictInt | None = Field(None, ge=0)


class Resume(Model):
    """`resume`: where a session whose socket broke goes on."""

    token: str = Field(min_length=1, max_length=200)
    received: Received = Field(default_factory=Received)
    audio_bytes_from: StrictInt = Field(ge=0, le=1 << 40)


class Again(Model):
    """The message that resumes a session: our own extension (docs/dialects.md)."""

    resume: Resume
    api_key: str = ""


M = TypeVar("M", bound=Model)


def read(model: type[M], message: dict[str, Any]) -> M:
    """`message` as `model`.

    Raises:
        PeerError: `BAD_REQUEST`, with the field that is wrong.
    """
    try:
        return model.model_validate(message)
    except ValidationError as exc:
        raise PeerError(FaultCode.BAD_REQUEST, explain(exc)) from None


def reference(message: dict[str, Any]) -> str:
    """The reference id even of a configuration that is refused."""
    config = message.get("config")
    metadata = config.get("metadata") if isinstance(config, dict) else None
    value = metadata.get("reference_id") if isinstance(metadata, dict) else None
    return value[:200] if isinstance(value, str) else ""


def _check_audio(audio: Audio) -> None:
    """ "Only pcm_s16le is supported", "only 16000 Hz mono confirmed"."""
    if audio.format != "pcm_s16le":
        raise PeerError(FaultCode.UNSUPPORTED_AUDIO, f"audio.format '{audio.format[:20]}': use 'pcm_s16le'")
    if audio.sample_rate != 16_000:
        raise PeerError(FaultCode.UNSUPPORTED_AUDIO, f"audio.sample_rate {audio.sample_rate}: use 16000")
    if audio.channels != 1:
        raise PeerError(FaultCode.UNSUPPORTED_AUDIO, f"audio.channels {audio.channels}: use 1")


def spec(config: Config, reference_id: str) -> ev.Spec:
    """The spec of a session.

    Raises:
        PeerError: `UNSUPPORTED_AUDIO` or `UNSUPPORTED_LANGUAGE`.
    """
    _check_audio(config.audio)
    track = ev.TrackSpec(
        track=0,
        source_languages=(_language(config.source_language, "source_language"),),
        target_languages=(_language(config.target_language, "target_language"),),
    )
    shown = config.transcript
    return ev.Spec(
        dialect=NAME,
        tracks=(track,),
        interim=shown.interim,
        final=shown.final,
        translate=shown.translate,
        speech=True,
        stability=ev.Stability.LIVE if shown.interim else ev.Stability.FINAL,
        voices=(ev.VoiceChoice(voice=config.voice),),
        vocabulary=tuple(config.vocabulary),
        dictionary=tuple(ev.Term(source=t.source, target=t.target) for t in config.translation_dictionary),
        features=tuple(name[:64] for name, wanted in config.features.items() if wanted),
        metadata={key[:64]: _plain(value) for key, value in config.metadata.items()},
        reference_id=reference_id,
    )


def _language(tag: str, field: str) -> str:
    try:
        return canonical(tag)
    except PeerError as exc:
        raise PeerError(exc.code, f"{field}: {exc.message}") from None


def _plain(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text[:1000]
