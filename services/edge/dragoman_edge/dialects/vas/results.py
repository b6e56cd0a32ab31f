"""Events of the mesh as frames: transcripts, translations, speech, failures."""

from typing import Any

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode
from dragoman_contract.rpc import KeptTranslation
from dragoman_edge.dialects.vas import frames
from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.dialects.vas.sentences import Sentence, Sentences, Speakers
from dragoman_edge.dialects.vas.settings import Settings
from dragoman_edge.dialects.vas.speech import Recording
from dragoman_edge.dialects.vas.tasks import Batch, Kind, Task, Tasks
from dragoman_edge.model.commands import JOBS, Frame
from dragoman_edge.model.guests import GUEST

Key = tuple[int, int, str]  # track, utterance, language


class Results:
    """Results that were shown, and speech on its way. Errors of sentences are raised."""

    def __init__(self) -> None:
        self.sentences = Sentences()
        self.speakers = Speakers()
        self.tasks = Tasks()
        self._speaking: dict[Key, Recording | None] = {}  # None = stopped: what is left of it is dropped

    # Transcripts and translations

    def transcript(self, event: ev.Transcript, settings: Settings, zero_ms: int | None = 0) -> list[Frame]:
        """`result` with `origin`; its time counts from `zero_ms` of track time, and is left out for None."""
        language = settings.tag_of(event.language)
        speaker = self.speakers.met(settings.speaker_of(language, event.speaker))
        text = event.text
        if event.final and text:
            self.sentences.add(Sentence(event.utterance, text, language, speaker, event.duration_ms))
        origin = {
            "sid": event.utterance,
            "language": language,
            "text": text,
            "is_final": event.final,
            "speaker_id": speaker,
            **self._label(speaker),
            "detected_language": language,
        }
        if zero_ms is not None:
            origin["start_time"] = frames.start_time(max(0, event.start_ms - zero_ms))
        return [frames.event("result", origin=origin)]

    def translation(self, event: ev.Translation) -> list[Frame]:
        """`result` with `translations`, or the result of a task."""
        if event.track == JOBS:
            return self._task_translated(event)
        sentence = self.sentences.find(event.utterance)
        if sentence is not None and event.final:
            sentence.translate(event.language, event.text)
        if not event.text:
            return []
        body = self._translated(event, event.utterance, sentence, final=event.final)
        return [frames.event("result", translations=body)]

    def _translated(
        self,
        event: ev.Translation | KeptTranslation,
        sid: int,
        sentence: Sentence | None,
        *,
        final: bool = True,
        **more: Any,
    ) -> dict[str, Any]:
        speaker = sentence.speaker if sentence else ""
        label = self._label(speaker)
        named = {"speaker_id": speaker, **label} if label else {}
        return frames.translated(sid, event.language, event.text, final=final, **more, **named)

    def _label(self, speaker: str) -> dict[str, str]:
        told_apart = speaker if speaker.startswith(GUEST) else ""
        label = self.speakers.label(speaker) or told_apart
        return {"speaker_label": label} if label else {}

    def translated_again(self, made: KeptTranslation) -> list[Frame]:
        """`translation`, for a viewer; the host has it as the answer to `retranslate`."""
        sentence = self.sentences.find(made.utterance)
        if sentence is None:
            return []
        sentence.translate(made.language, made.text)
        body = self._translated(made, sentence.sid, sentence, is_retranslation=True)
        return [frames.event("translation", translations=body)]

    def _task_translated(self, event: ev.Translation) -> list[Frame]:
        task = self.tasks.find(event.utterance)
        if task is None or task.kind is Kind.PLAY:
            return []
        self.tasks.finish(event.utterance)
        sentence = task.sentence
        if not event.text:
            return self._task_failed(task, "the translation is empty")
        body = self._translated(event, sentence.sid, sentence, is_retranslation=True)
        if task.batch is None:
            sentence.translate(event.language, event.text)
            return [frames.event("translation", translations=body)]
        if task.batch.refused:
            return []
        sentence.translate(event.language, event.text)
        task.batch.done += 1
        shown = frames.event("batch_retranslation", sid=sentence.sid, translations=body)
        return [shown, *_end(task.batch)]

    # Speech

    def speech(self, chunk: ev.SpeechChunk) -> list[Frame]:
        """`tts_ready` with the last piece."""
        key = (chunk.track, chunk.utterance, chunk.language)
        task = self.tasks.find(chunk.utterance) if chunk.track == JOBS else None
        if key not in self._speaking:
            self._speaking[key] = None if task and task.silent else Recording()
        recording = self._speaking[key]
        if recording is not None:
            recording.add(chunk)
        if not chunk.last:
            return []
        del self._speaking[key]
        if chunk.track == JOBS:
            self.tasks.finish(chunk.utterance)
        sentence = task.sentence if task else self.sentences.find(chunk.utterance)
        text = sentence.translations.get(chunk.language, "") if sentence else ""
        if recording is None or sentence is None or not text:
            return []
        fields = {"sid": sentence.sid, "language": chunk.language, "transcript": sentence.text, "text": text}
        return [frames.event("tts_ready", **fields, **recording.finish(text))]

    def stop_speech(self) -> None:
        """Drop the speech on its way and the speech that waits to be played."""
        self._speaking = dict.fromkeys(self._speaking)
        self.tasks.silence()

    # What failed

    def failure(self, event: ev.Failure) -> list[Frame]:
        """`tts_error`, or nothing.

        Raises:
            Problem: an error of the sentence.
        """
        self._speaking.pop((event.track, event.utterance, event.language), None)
        if event.track == JOBS:
            task = self.tasks.finish(event.utterance)
            return self._task_failed(task, event.message, event.code) if task else []
        sentence = self.sentences.find(event.utterance)
        if event.stage is ev.Stage.TTS:
            said = sentence.text if sentence else ""
            return [_tts_error(event.utterance, event.language, event.code, event.message, said)]
        raise _sentence_problem(event, sentence)

    def job_refused(self, number: int, code: str, message: str) -> list[Frame]:
        """The mesh did not take a job.

        Raises:
            Problem: an error of the sentence.
        """
        task = self.tasks.refused(number)
        return self._task_failed(task, message, code) if task else []

    def _task_failed(self, task: Task, message: str, code: str = "") -> list[Frame]:
        sentence = task.sentence
        if task.kind is Kind.PLAY:
            if task.silent:
                return []
            return [_tts_error(sentence.sid, task.language, code, message, sentence.text)]
        if task.batch is None:
            raise Problem(
                "retranslation_failed",
                f"Retranslation failed: {message}",
                context="translation",
                sid=sentence.sid,
                details={"source_lang": sentence.language, "translation_language": task.language},
            )
        if task.batch.refused:
            return []
        task.batch.failed.append(sentence.sid)
        return _end(task.batch)


def _end(batch: Batch) -> list[Frame]:
    return [frames.switch_done(batch)] if batch.over else []


def _tts_error(sid: int, language: str, code: str, message: str, transcript: str) -> str:
    """Section "TTS error codes"."""
    error = "tts_quota_exceeded" if code == FaultCode.INSUFFICIENT_CREDITS else "tts_synthesis_failed"
    return frames.tts_error(sid, language, error, message or "Speech synthesis failed", transcript)


def _sentence_problem(event: ev.Failure, sentence: Sentence | None) -> Problem:
    """Section "error": an error with a `sid` is one of the sentence alone."""
    if event.stage is ev.Stage.STT:
        message = f"Recognition failed: {event.message}"
        return Problem("stt_failed", message, "warning", "stt", event.utterance)
    details = {"translation_language": event.language}
    if sentence is not None:
        details["source_lang"] = sentence.language
    message = f"Translation failed: {event.message}"
    return Problem("translation_failed", message, "warning", "translation", event.utterance, details)
