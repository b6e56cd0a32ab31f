"""The actions of a client as models. The seed has their answers; the vendor's page lists the actions.

Where the two leave open how a field is spelled, the likely spellings are taken.
"""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

MOST_TARGETS = 10
MOST_TERMS = 1000
LONGEST_PROMPT = 2000
LONGEST_MESSAGE = 1000  # characters, of what viewers read
RATES = (0.25, 4.0)  # of speech
CALLBACK = r"^(https?://[^\s@]+)?$"


def _listed(value: Any) -> Any:
    """The page writes lists as strings; both are taken."""
    return [value] if isinstance(value, str) and value else [] if value in (None, "") else value


def _pairs(value: Any) -> Any:
    """Terms as an object, as pairs or as objects of two fields."""
    if isinstance(value, dict):
        return [{"source": source, "target": target} for source, target in value.items()]
    if isinstance(value, list):
        return [_pair(entry) for entry in value]
    return [] if value is None else value


def _pair(entry: Any) -> Any:
    if isinstance(entry, list | tuple) and len(entry) == 2:
        return {"source": entry[0], "target": entry[1]}
    return entry


def _only(value: Any) -> Any:
    """A language, or a list of one."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _name(value: Any) -> Any:
    """Speakers are numbers or strings."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _term(value: Any) -> Any:
    """A term as a string, or as an object that has one."""
    if isinstance(value, dict):
        return next((value[key] for key in ("term", "text", "word", "source") if key in value), value)
    return value


Tag = Annotated[str, Field(min_length=1, max_length=35)]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Name = Annotated[Text, BeforeValidator(_name)]
Tags = Annotated[list[Tag], BeforeValidator(_listed)]
Sid = Annotated[int, Field(ge=1, le=1 << 31)]


class Model(BaseModel):
    """Unknown fields are not looked at."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)


class Pair(Model):
    """One entry of `translation_dict` or `fuzzy_correction`."""

    source: Text = Field(validation_alias=AliasChoices("source", "from", "wrong", "original", "term"))
    target: str = Field(
        max_length=200,
        validation_alias=AliasChoices("target", "to", "correct", "corrected", "replacement", "translation"),
    )


Terms = Annotated[list[Annotated[Text, BeforeValidator(_term)]], BeforeValidator(_listed)]
Pairs = Annotated[list[Pair], BeforeValidator(_pairs)]


class VoiceConfig(Model):
    """One language of `tts_config` (section "tts_updated")."""

    voice: str = Field("", max_length=100, validation_alias=AliasChoices("voice", "voice_name"))
    speaking_rate: float = Field(1.0, ge=RATES[0], le=RATES[1])


class Start(Model):
    """The client's action `start`."""

    transcription_languages: Tags = Field(default_factory=list, max_length=2)  # a broadcast has its own
    translation_languages: Tags = Field(default_factory=list, max_length=MOST_TARGETS)
    realtime_translation: StrictBool = False
    recognition_mode: Literal["single", "multi_speaker"] = "single"
    type: Literal["transcribe", "conversation", "record", "broadcast"]
    audio_format: str = Field("pcm", max_length=40)
    conversation_mode: Literal["auto", "manual"] = "auto"
    tts_mode: Literal["sync", "async"] | None = None  # a conversation is spoken, the rest is not
    tts_enabled: StrictBool = True
    tts_config: dict[Tag, VoiceConfig] = Field(default_factory=dict, max_length=MOST_TARGETS)
    summary_mode: Literal["builtin", "custom", ""] = ""
    summary_template: str = Field("", max_length=64)
    summary_prompt: str = Field(
        "",
        max_length=LONGEST_PROMPT,
        validation_alias=AliasChoices("summary_prompt", "summary_custom_prompt"),
    )
    summary_prompt_slug: str = Field("", max_length=64)
    summary_language: Tag | None = None
    summary_plain_text: StrictBool = False
    task_id: str = Field("", max_length=64, validation_alias=AliasChoices("task_id", "recording_id"))
    keep: StrictBool = True  # ours: false leaves nothing behind
    callback_url: str = Field("", max_length=2000, pattern=CALLBACK)
    broadcast: str = Field(
        "",
        max_length=64,
        validation_alias=AliasChoices("broadcast_id", "broadcast_token", "token", "broadcast"),
    )


class Config(Model):
    """`config`; what is absent stays."""

    terminology: Terms | None = Field(None, max_length=MOST_TERMS)
    fuzzy_correction: Pairs | None = Field(None, max_length=MOST_TERMS)
    translation_dict: Pairs | None = Field(None, max_length=MOST_TERMS)


class AudioData(Model):
    """The client's action `audio`."""

    audio: str = Field(validation_alias=AliasChoices("audio", "audio_data", "data"))


class Sentence(Model):
    """`retranslate` and `tts_play`: a sentence, and a language or the first one."""

    sid: Sid
    language: Tag | None = Field(
        None, validation_alias=AliasChoices("language", "translation_language", "target_language")
    )


class SwitchLanguage(Model):
    """`switch_language`; `language`, the new active one, in conversations only."""

    translation_language: Annotated[Tag, BeforeValidator(_only)] = Field(
        validation_alias=AliasChoices("translation_language", "target_language", "translation_languages")
    )
    language: Tag | None = Field(
        None, validation_alias=AliasChoices("language", "transcription_language", "source_language")
    )


class SetName(Model):
    """The client's action `set_name`."""

    name: Text = Field(validation_alias=AliasChoices("name", "recording_name"))


class RenameSpeaker(Model):
    """The client's action `rename_speaker`."""

    speaker: Name = Field(validation_alias=AliasChoices("speaker_id", "speaker", "old_label"))
    label: Text = Field(validation_alias=AliasChoices("new_label", "label", "new_name", "name"))


class ReassignSpeaker(Model):
    """The client's action `reassign_speaker`."""

    sid: Sid
    speaker: Name = Field(validation_alias=AliasChoices("new_speaker_id", "speaker_id", "speaker"))


class MergeSpeakers(Model):
    """The client's action `merge_speakers`."""

    source: Name = Field(validation_alias=AliasChoices("source_speaker_id", "source"))
    target: Name = Field(validation_alias=AliasChoices("target_speaker_id", "target"))


class TtsMode(Model):
    """The client's action `tts_mode`."""

    mode: Literal["sync", "async"] = Field(validation_alias=AliasChoices("tts_mode", "mode"))


class SetTts(Model):
    """`set_tts`; what is absent stays."""

    tts_enabled: StrictBool | None = None
    tts_config: dict[Tag, VoiceConfig] | None = Field(None, max_length=MOST_TARGETS)


class StartSpeaking(Model):
    """`start_speaking`: who, by number or by language."""

    speaker: Name | None = Field(
        None, validation_alias=AliasChoices("speaker", "speaker_id", "speaker_number")
    )
    language: Tag | None = None


class ConversationMode(Model):
    """The client's action `switch_conversation_mode`."""

    mode: Literal["auto", "manual"] = Field(validation_alias=AliasChoices("conversation_mode", "mode"))


class SpeakerLanguage(Model):
    """The client's action `set_speaker_language`."""

    speaker: Name = Field(validation_alias=AliasChoices("speaker", "speaker_id", "speaker_number"))
    language: Tag


class AnnouncementText(Model):
    """The host's action `broadcast_announcement`."""

    message: str = Field(
        min_length=1,
        max_length=LONGEST_MESSAGE,
        validation_alias=AliasChoices("message", "announcement", "text", "content"),
    )


class StandbyMessage(Model):
    """`set_standby_message`; empty = none."""

    message: str = Field(
        max_length=LONGEST_MESSAGE, validation_alias=AliasChoices("message", "standby_message", "text")
    )
