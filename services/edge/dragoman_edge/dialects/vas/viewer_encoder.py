"""A broadcast as its viewers see it: the events of the host's socket, a line each (of unconfirmed form)."""

import hashlib

from dragoman_contract import events as ev
from dragoman_contract.rpc import KeptTranslation, SpeakerChange
from dragoman_edge.dialects.json_text import dump
from dragoman_edge.dialects.vas import frames, hosting
from dragoman_edge.dialects.vas.errors import Problem, RequestIds
from dragoman_edge.dialects.vas.results import Results
from dragoman_edge.dialects.vas.settings import Settings
from dragoman_edge.dialects.vas.speakers import seen
from dragoman_edge.model.commands import JOBS
from dragoman_edge.model.events import Announcement, Placed, SpeakersChanged, TranslatedAgain, ViewerEvent
from dragoman_edge.model.viewers import SseMessage


class VasViewerEncoder:
    """Each event is rendered once, whoever watches."""

    def __init__(self) -> None:
        self._results = Results()
        self._settings = Settings(recording_type=hosting.TYPE)
        self._state = ev.BroadcastState()
        self._ids = RequestIds("viewers")

    def render(self, event: ViewerEvent, now_ms: int) -> list[SseMessage]:
        """Lines, each with whom it concerns."""
        match event:
            case ev.BroadcastState():
                return self._changed(event)
            case Placed():
                return [SseMessage(_placed(event))]
            case Announcement(text=text):
                return [SseMessage(frames.event("broadcast_announcement", message=text))]
            case ev.Transcript():
                zero = self._state.live_from_ms
                shown = self._results.transcript(event, self._settings, zero)
                return [SseMessage(str(frame), interim=_interim(event), id=_id(event)) for frame in shown]
            case ev.Translation():
                shown = self._results.translation(event)
                return [
                    SseMessage(str(frame), event.language, interim=_interim(event), id=_id(event))
                    for frame in shown
                ]
            case SpeakersChanged(change=change):
                return [
                    SseMessage(str(frame), id=_change_id(change)) for frame in seen(self._results, change)
                ]
            case TranslatedAgain(made=made):
                again = self._results.translated_again(made)
                return [SseMessage(str(frame), made.language, id=_again_id(made)) for frame in again]
            case ev.SpeechChunk():
                shown = self._results.speech(event)
                return [SseMessage(str(frame), event.language, speech=True) for frame in shown]
            case ev.Failure():
                return self._failed(event, now_ms)
        return []

    def _changed(self, state: ev.BroadcastState) -> list[SseMessage]:
        before, self._state = self._state, state
        self._settings = Settings(
            recording_type=hosting.TYPE,
            sources=state.source_languages,
            targets=state.target_languages,
        )
        lines = []
        if state.show is ev.Show.ENDED:
            return [SseMessage(frames.event("broadcast_ended", message="The broadcast has ended"))]
        if state.standby_message != before.standby_message:
            lines.append(SseMessage(frames.event("standby_message", message=state.standby_message)))
        if state.show is not before.show:
            lines.append(SseMessage(hosting.phase_changed(state.show)))
        return lines

    def _failed(self, event: ev.Failure, now_ms: int) -> list[SseMessage]:
        try:
            shown = self._results.failure(event)
        except Problem as problem:
            data = problem.data(self._ids.next(), now_ms)
            return [SseMessage(dump({"type": "error", "data": data}), event.language)]
        return [SseMessage(str(frame), event.language, speech=True) for frame in shown]


def _interim(event: ev.Transcript | ev.Translation) -> tuple[object, ...]:
    return () if event.final else (type(event).__name__, event.track, event.utterance, event.language)


def _id(event: ev.Transcript | ev.Translation) -> str:
    """Of a sentence for late viewers: that of a language has its own; the next session's are others."""
    if not event.final or not event.text or event.track == JOBS:
        return ""
    language = event.language if isinstance(event, ev.Translation) else ""
    return f"{event.session_id[-6:]}.{event.track}.{event.utterance}.{language}"


def _change_id(change: SpeakerChange) -> str:
    """The same change twice is told once, which is enough."""
    told = f"{change.kind}.{change.speaker}.{change.label}.{change.target}.{change.utterance}"
    return "speakers." + hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:12]


def _again_id(made: KeptTranslation) -> str:
    return f"again.{made.utterance}.{made.language}.{made.revision}"


def _placed(placed: Placed) -> str:
    state = placed.state
    told = {
        "viewer_id": placed.viewer_id,
        "phase": str(state.show),
        "standby_message": state.standby_message,
        "transcription_languages": list(state.source_languages),
        "translation_languages": list(state.target_languages),
    }
    if placed.position == 0:
        return frames.event("viewer_connected", **told)
    return frames.event("viewer_waiting", position=placed.position, queue_count=placed.queued, **told)
