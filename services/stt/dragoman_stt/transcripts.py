"""Outputs of the policy as events of the bus. Pure."""

from dataclasses import replace

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.audio import samples_to_ms
from dragoman_contract.errors import FaultCode
from dragoman_contract.languages import best_match, same_language
from dragoman_stt.corrections import corrected
from dragoman_stt.decodes import Activity, Order, Output, Result, Unrecognised

MOST_PRECEDING = 300  # characters


def event_of(output: Output, start: rpc.StartTrack, order: Order) -> ev.Event | None:
    """The event of an output; None when nobody wants it."""
    match output:
        case Result():
            return corrected(_transcript(output, start), output.order.spec.corrections)
        case Unrecognised():
            return ev.Failure(
                session_id=start.session_id,
                track=start.track,
                epoch=start.epoch,
                utterance=output.utterance,
                stage=ev.Stage.STT,
                code=FaultCode.ENGINE_FAILED,
                message="the utterance could not be recognised",
                retryable=FaultCode.ENGINE_FAILED.retryable,
            )
        case Activity() if order.spec.endpointing.vad_signals:
            return ev.SpeechActivity(
                session_id=start.session_id,
                track=start.track,
                epoch=start.epoch,
                speaking=output.speaking,
                at_ms=samples_to_ms(output.at),
            )
    return None


class Preceding:
    """Text of a track so far, as much of it as the next final carries."""

    def __init__(self) -> None:
        self._text = ""
        self._language = ""

    def tell(self, event: ev.Event) -> ev.Event:
        """The event; a final with the end of what was said just before it in its language."""
        if not isinstance(event, ev.Transcript) or not event.final:
            return event
        before = self._text if same_language(event.language, self._language) else ""
        self._text, self._language = _end(f"{before} {event.text}".strip()), event.language
        return replace(event, preceding=before)


def _end(text: str) -> str:
    """Its last characters, from the beginning of a word where it has words."""
    if len(text) <= MOST_PRECEDING:
        return text
    end = text[-MOST_PRECEDING:]
    cut_in_two = not text[-MOST_PRECEDING - 1].isspace()
    return (end.partition(" ")[2] or end).strip() if cut_in_two else end.strip()


def _transcript(result: Result, start: rpc.StartTrack) -> ev.Transcript:
    heard, spec = result.heard, result.order.spec
    language = tag(heard.language, spec.source_languages)
    alternatives = (ev.Alternative(language="en", text=heard.english),) if heard.english else ()
    onset = samples_to_ms(result.onset)
    return ev.Transcript(
        session_id=start.session_id,
        track=start.track,
        epoch=start.epoch,
        utterance=result.utterance,
        revision=result.revision,
        final=result.final,
        text=heard.text,
        stable_length=result.stable,
        language=language,
        language_probability=heard.language_probability,
        confidence=heard.confidence,
        start_ms=onset,
        duration_ms=max(0, samples_to_ms(result.speech_end) - onset),
        words=_words(result) if result.final else (),
        alternatives=alternatives if result.final else (),
        covered_samples=result.covered,
        work=_ordered(result, language) if result.final else ev.WorkOrder(),
    )


def _words(result: Result) -> tuple[ev.Word, ...]:
    first = samples_to_ms(result.start)
    return tuple(
        ev.Word(
            text=word.text.strip(),
            start_ms=first + word.start_ms,
            end_ms=first + word.end_ms,
            probability=word.probability,
        )
        for word in result.heard.words
    )


def _ordered(result: Result, language: str) -> ev.WorkOrder:
    """The work order, in a two-way session without the spoken language; of a language not named none."""
    order = result.order
    if result.heard.other:
        return replace(order.work, target_languages=())
    if not order.spec.two_way:
        return order.work
    others = tuple(tag for tag in order.work.target_languages if not same_language(tag, language))
    return replace(order.work, target_languages=others)


def tag(code: str, wanted: tuple[str, ...]) -> str:
    """The tag the client used for this language, e.g. en → en-US, no → nb-NO; also where it stands for it."""
    return best_match(code, wanted) or next((tag for tag in wanted if best_match(tag, (code,))), code)
