"""The handshake of the Sarvam APIs: its query parameters, and what they mean for a session. Pure."""

import json
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.languages import canonical, key
from dragoman_edge.dialects.json_text import explain

NAME = "sarvam"
TRANSLATE_PATH, TRANSCRIBE_PATH = "/speech-to-text-translate/ws", "/speech-to-text/ws"
ENGLISH = "en"
FRAME_MS = 32  # of the voice activity that the vendor's parameters count in: 512 samples at 16 kHz
# "only 16kHz and 8kHz are supported" for the connection.
RATES = (8000, 16_000)
MAX_KEYTERMS, MAX_KEYTERM = 50, 64

# The page: negative_speech_threshold, negative_frames_count and negative_frames_window have a
# `high_vad_sensitivity` preset. It gives no numbers; these end an utterance in half the usual silence.
_HIGH_NEGATIVE_THRESHOLD, _HIGH_NEGATIVE_FRAMES, _HIGH_WINDOW = 0.35, 8, 10
# Zero means "default" to the recogniser: these mean zero to it.
_NO_THRESHOLD, _NO_PAD_MS = 1e-9, 1

_CODES = {"or": "od"}  # languages that the vendor names in its own way
INDIC = frozenset({
    "as", "bn", "brx", "doi", "en", "gu", "hi", "kn", "kok", "ks", "mai", "ml", "mni", "mr", "ne", "od", "pa",
    "sa", "sat", "sd", "ta", "te", "ur",
})  # fmt: skip

Probability = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Frames = Annotated[int, Field(ge=0, le=300)]  # 300 frames are 9.6 s
Model = Literal["saaras:v4", "saaras:v3", "saaras:v2.5", "saarika:v2.5"]
Mode = Literal["translate", "transcribe", "verbatim", "translit", "codemix"]
Codec = Literal["wav", "pcm_s16le", "pcm_l16", "pcm_raw"]

# Per path: its models. saaras:v4 and saarika:v2.5 are of the vendor's later pages, not of the seed.
_MODELS: dict[str, tuple[Model, ...]] = {
    TRANSLATE_PATH: ("saaras:v3", "saaras:v2.5"),
    TRANSCRIBE_PATH: ("saaras:v3", "saaras:v4", "saarika:v2.5"),
}
_OLD_MODES: dict[Model, Mode] = {"saaras:v2.5": "translate", "saarika:v2.5": "transcribe"}


class Query(BaseModel):
    """The parameters, checked. `path` is the socket's."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    path: str
    model: Model = "saaras:v3"
    mode: Mode | None = None
    language_code: str = Field("unknown", alias="language-code", max_length=35)
    keyterms: tuple[Annotated[str, Field(min_length=1, max_length=MAX_KEYTERM)], ...] = Field(
        (), max_length=MAX_KEYTERMS
    )
    sample_rate: int | None = None
    input_audio_codec: Codec | None = None
    vad_signals: bool = False
    flush_signal: bool = True
    high_vad_sensitivity: bool = False
    positive_speech_threshold: Probability | None = None
    negative_speech_threshold: Probability | None = None
    min_speech_frames: Frames | None = None
    first_turn_min_speech_frames: Frames | None = None
    negative_frames_count: int | None = Field(None, ge=1, le=300)
    negative_frames_window: int | None = Field(None, ge=1, le=300)
    start_speech_volume_threshold: float | None = Field(None, ge=-100, lt=0, allow_inf_nan=False)  # dBFS
    interrupt_min_speech_frames: Frames | None = None
    pre_speech_pad_frames: int | None = Field(None, ge=0, le=31)
    num_initial_ignored_frames: int | None = Field(None, ge=0, le=1875)  # a minute

    @field_validator("keyterms", mode="before")
    @classmethod
    def _list(cls, text: str) -> object:
        """A JSON array; where it is none the type is wrong."""
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise ValueError("send a JSON array of strings") from None

    @field_validator("sample_rate")
    @classmethod
    def _rate(cls, rate: int | None) -> int | None:
        if rate is not None and rate not in RATES:
            raise ValueError("use 8000 or 16000")
        return rate

    @model_validator(mode="after")
    def _together(self) -> Self:
        models = _MODELS[self.path]
        if self.model not in models:
            raise ValueError(f"model '{self.model}' is not served at {self.path}: use {', '.join(models)}")
        only = _OLD_MODES.get(self.model)
        if only is not None and self.mode not in (None, only):
            raise ValueError(f"mode is only applicable to saaras:v3: '{self.model}' can only {only}")
        if self.keyterms and self.model != "saaras:v4":
            raise ValueError("keyterms are only supported with saaras:v4")
        if self.mode == "codemix":
            raise ValueError(
                "mode 'codemix' is not supported by this server: its recognisers write one script"
            )
        self._check_frames()
        return self

    def _check_frames(self) -> None:
        count, window = self.negative_frames_count, self.negative_frames_window
        if count is not None and window is not None and count > window:
            raise ValueError("negative_frames_count is more than negative_frames_window")
        high, low = self.positive_speech_threshold, self.negative_speech_threshold
        if high is not None and low is not None and low > high:
            raise ValueError("negative_speech_threshold is above positive_speech_threshold")

    @property
    def output(self) -> Mode:
        """The mode, told or by default: translate at the translation's path, transcribe at the other."""
        default: Mode = "translate" if self.path == TRANSLATE_PATH else "transcribe"
        return self.mode or _OLD_MODES.get(self.model, default)

    @property
    def detects(self) -> bool:
        """Whether the spoken language is to be found out."""
        return self.language_code.lower() in ("", "unknown")

    def endpointing(self) -> ev.Endpointing:
        """The voice activity. Signals are always wanted: the end of speech is where the latency begins."""
        high = self.high_vad_sensitivity
        count = self.negative_frames_count or (_HIGH_NEGATIVE_FRAMES if high else 0)
        window = self.negative_frames_window or (_HIGH_WINDOW if high else 0)
        return ev.Endpointing(
            silence_ms=count * FRAME_MS,
            silence_window_ms=max(window, count) * FRAME_MS if window else 0,
            speech_threshold=_threshold(self.positive_speech_threshold, 0.0),
            silence_threshold=_threshold(
                self.negative_speech_threshold, _HIGH_NEGATIVE_THRESHOLD if high else 0.0
            ),
            min_speech_ms=_at_least_one(self.min_speech_frames),
            first_min_speech_ms=_at_least_one(self.first_turn_min_speech_frames),
            speech_pad_ms=_pad(self.pre_speech_pad_frames),
            ignore_initial_ms=(self.num_initial_ignored_frames or 0) * FRAME_MS,
            min_volume_db=self.start_speech_volume_threshold or 0.0,
            interrupt_min_speech_ms=(self.interrupt_min_speech_frames or 0) * FRAME_MS,
            vad_signals=True,
        )

    def spec(self) -> ev.Spec:
        """Return the session's spec.

        Raises:
            PeerError: `UNSUPPORTED_LANGUAGE`, when language-code is no language.
        """
        translate = self.output == "translate"
        track = ev.TrackSpec(
            source_languages=() if self.detects else (canonical(self.language_code),),
            target_languages=(ENGLISH,) if translate else (),
            candidates=tuple(sorted(INDIC)) if self.detects else (),
        )
        return ev.Spec(
            dialect=NAME,
            tracks=(track,),
            translate=translate,
            speech=False,
            endpointing=self.endpointing(),
            vocabulary=self.keyterms,
            metadata={"model": self.model, "mode": self.output},
        )


def parse(path: str, query: dict[str, str]) -> Query:
    """The parameters of a handshake.

    Raises:
        PeerError: `BAD_REQUEST`, with the first that is wrong.
    """
    told = {key: value for key, value in query.items() if value != ""}
    try:
        return Query.model_validate(told | {"path": path})
    except ValidationError as exc:
        raise PeerError(FaultCode.BAD_REQUEST, explain(exc).removeprefix(": Value error, ")) from None


def candidates(path: str, query: dict[str, str]) -> tuple[str, ...]:
    """The vendor's languages, where a handshake wants English of them."""
    default = "translate" if path == TRANSLATE_PATH else ""
    return tuple(sorted(INDIC)) if (query.get("mode") or default) == "translate" else ()


def code(tag: str) -> str:
    """A language as the vendor writes it: hi → hi-IN, or → od-IN, es-ES → es-ES."""
    meant = key(tag)
    language = _CODES.get(meant, meant)
    return f"{language}-IN" if language in INDIC else tag


def _threshold(told: float | None, default: float) -> float:
    return default if told is None else max(told, _NO_THRESHOLD)


def _at_least_one(frames: int | None) -> int:
    return 0 if frames is None else max(1, frames) * FRAME_MS


def _pad(frames: int | None) -> int:
    return 0 if frames is None else frames * FRAME_MS or _NO_PAD_MS
