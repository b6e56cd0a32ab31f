"""Engines of stt, found through entry points: recognisers; models of activity, turns, speakers, noise."""

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

from dragoman_kit.logging import get
from dragoman_models.errors import ModelError
from dragoman_models.pull import Puller
from dragoman_models.settings import ModelsSettings
from dragoman_models.transfer import Limits
from dragoman_stt import weights
from dragoman_stt.engines.base import (
    NoiseSuppressor,
    Recogniser,
    SpeakerEncoder,
    StreamingRecogniser,
    TurnJudge,
    VoiceActivityModel,
)
from dragoman_stt.settings import SttSettings

RECOGNISERS = "dragoman.stt.engines"
ACTIVITY = "dragoman.stt.vad"
SUPPRESSORS = "dragoman.stt.denoise"
TURNS = "dragoman.stt.turns"
SPEAKERS = "dragoman.stt.speakers"
SMART_TURN = "smart-turn-v3.2"
RESEMBLYZER, WESPEAKER = "resemblyzer", "wespeaker-resnet34-lm"
SOON = Limits(connect_s=3.0, connect_later_s=0.5, index_s=5.0, tries=1)  # it can do without
log = get(__name__)
Factory = Callable[[SttSettings], Any]


class EngineError(Exception):
    """The engine that the settings name cannot be had; the message says what to do."""


def recogniser(settings: SttSettings) -> Recogniser | StreamingRecogniser:
    """The recogniser that the settings name; not warm yet.

    Raises:
        EngineError: no installed package provides it.
        ModelError: its weights are missing or differ.
    """
    made: Recogniser | StreamingRecogniser = _find(RECOGNISERS, settings.engine)(settings)
    return made


def activity(settings: SttSettings) -> VoiceActivityModel:
    """The voice-activity model that the settings name.

    Raises:
        EngineError: no installed package provides it.
    """
    made: VoiceActivityModel = _find(ACTIVITY, settings.vad)(settings)
    return made


def suppressor(settings: SttSettings) -> NoiseSuppressor | None:
    """The noise suppressor that the settings name; None, with a warning, when its package is not there.

    Raises:
        EngineError: no installed package knows the name.
    """
    without = "no noise suppressor: sessions that want one are refused"
    made: NoiseSuppressor | None = _optional(SUPPRESSORS, settings.denoise, settings, without)
    return made


def turn_judge(settings: SttSettings) -> TurnJudge | None:
    """The judge of turns that the settings name; None, with a warning, when its weights cannot be had.

    Raises:
        EngineError: no installed package knows the name.
    """
    without = "no judge of turns: half a second of silence ends an utterance"
    made: TurnJudge | None = _optional(TURNS, settings.turns, settings, without)
    return made


def speaker_encoder(settings: SttSettings) -> SpeakerEncoder | None:
    """The speaker encoder that the settings name; None, with a warning, when its weights cannot be had.

    Raises:
        EngineError: no installed package knows the name.
    """
    without = "no speaker encoder: sessions that tell speakers apart are refused"
    made: SpeakerEncoder | None = _optional(SPEAKERS, settings.speakers, settings, without)
    return made


def _optional(group: str, name: str, settings: SttSettings, without: str) -> Any:
    """What an empty name switches off, and what is not there, the service does without."""
    if not name:
        return None
    factory = _find(group, name)
    try:
        return factory(settings)
    except (ImportError, ModelError) as exc:
        log.warning(without, reason=str(exc))
        return None


def _find(group: str, name: str) -> Factory:
    found = {point.name: point for point in entry_points(group=group)}
    if name not in found:
        raise EngineError(f"engine '{name}' is not installed; there are: {', '.join(sorted(found))}")
    factory: Factory = found[name].load()
    return factory


def make_whisper(settings: SttSettings) -> Recogniser:
    """faster-whisper with checked weights."""
    from dragoman_stt.engines.whisper.engine import Whisper

    puller = Puller.of(ModelsSettings(), say=log.info)
    folder = weights.find(settings.model, puller, settings.model_sha256)
    return Whisper(folder, settings.threads, settings.decodes, settings.beam, settings.compute_type)


def make_openai(settings: SttSettings) -> Recogniser:
    """Transcriptions over HTTP.

    Raises:
        EngineError: it has no address.
    """
    from dragoman_stt.engines.openai import OpenAI

    if not settings.openai.url:
        raise EngineError("openai: set DRAGOMAN_STT_OPENAI_URL, e.g. http://127.0.0.1:8000/v1")
    return OpenAI(settings.openai)


def make_webrtc(settings: SttSettings) -> NoiseSuppressor:
    """WebRTC's noise suppression.

    Raises:
        ImportError: the package is not installed.
    """
    from dragoman_stt.engines.webrtc import WebRtc

    return WebRtc()


def make_silero(settings: SttSettings) -> VoiceActivityModel:
    """Silero's ONNX model."""
    from dragoman_stt.vad import Silero

    return Silero()


def make_smart_turn(settings: SttSettings) -> TurnJudge:
    """Smart Turn's ONNX model.

    Raises:
        ModelError: its weights are not there and cannot be fetched.
    """
    from dragoman_stt.engines.smart_turn import SmartTurn

    folder = Puller.of(ModelsSettings(), log.info, SOON).ensure(SMART_TURN)
    return SmartTurn(next(folder.glob("*.onnx")))


def make_resemblyzer(settings: SttSettings) -> SpeakerEncoder:
    """Resemblyzer's speaker encoder.

    Raises:
        ModelError: its weights are not there and cannot be fetched.
    """
    from dragoman_stt.engines.resemblyzer import Resemblyzer

    folder = Puller.of(ModelsSettings(), log.info, SOON).ensure(RESEMBLYZER)
    return Resemblyzer(next(folder.glob("*.pt")))


def make_wespeaker(settings: SttSettings) -> SpeakerEncoder:
    """WeSpeaker's speaker encoder.

    Raises:
        ModelError: its weights are not there and cannot be fetched.
    """
    from dragoman_stt.engines.wespeaker import WeSpeaker

    folder = Puller.of(ModelsSettings(), log.info, SOON).ensure(WESPEAKER)
    return WeSpeaker(next(folder.glob("*.onnx")))
