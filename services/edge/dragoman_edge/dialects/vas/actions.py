"""Actions on sentences that were said, on who said them, and on the recording's name."""

from collections.abc import Callable
from typing import Any

from dragoman_edge.dialects.vas import frames, messages, parsing
from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.dialects.vas.results import Results
from dragoman_edge.dialects.vas.tasks import Kind
from dragoman_edge.model.commands import Answer, Command

Data = dict[str, Any]


def _retranslate(results: Results, data: Data) -> list[Command]:
    wanted = parsing.read(messages.Sentence, data)
    sentence = results.sentences.get(wanted.sid)
    language = parsing.language(wanted.language) if wanted.language else next(iter(sentence.translations), "")
    if not language:
        raise Problem("invalid_request", "translation_language: Field required", sid=sentence.sid)
    return [results.tasks.translate(Kind.RETRANSLATE, sentence, language)]


def _tts_play(results: Results, data: Data) -> list[Command]:
    wanted = parsing.read(messages.Sentence, data)
    sentence = results.sentences.find(wanted.sid)
    translations = sentence.translations if sentence else {}
    language = parsing.language(wanted.language) if wanted.language else next(iter(translations), "")
    text = translations.get(language, "")
    if sentence is not None and text:
        return [results.tasks.play(sentence, language, text)]
    message = f"No translation available for language: {language}"
    said = sentence.text if sentence else ""
    return [Answer((frames.tts_error(wanted.sid, language, "translation_not_found", message, said),))]


def _set_name(results: Results, data: Data) -> list[Command]:
    parsing.read(messages.SetName, data)
    return [Answer((frames.status("Recording name updated"),))]


def _rename(results: Results, data: Data) -> list[Command]:
    wanted = parsing.read(messages.RenameSpeaker, data)
    speaker = results.speakers.resolve(wanted.speaker)
    results.speakers.rename(speaker, wanted.label)
    sids = [one.sid for one in results.sentences.all() if one.speaker == speaker]
    fields = {"speaker_id": speaker, "new_label": wanted.label, "affected_sids": sids}
    return [Answer((frames.event("speaker_renamed", **fields),))]


def _reassign(results: Results, data: Data) -> list[Command]:
    wanted = parsing.read(messages.ReassignSpeaker, data)
    speakers = results.speakers
    sentence = results.sentences.get(wanted.sid)
    old, sentence.speaker = sentence.speaker, speakers.resolve_or_new(wanted.speaker)
    fields = {
        "sid": sentence.sid,
        "old_speaker_id": old,
        "new_speaker_id": sentence.speaker,
        "new_speaker_label": speakers.label(sentence.speaker) or sentence.speaker,
    }
    return [Answer((frames.event("speaker_reassigned", **fields),))]


def _merge(results: Results, data: Data) -> list[Command]:
    wanted = parsing.read(messages.MergeSpeakers, data)
    speakers = results.speakers
    source, target = speakers.resolve(wanted.source), speakers.resolve(wanted.target)
    if source == target:
        raise Problem("speaker_merge_invalid", "The speakers are the same", context="speaker")
    moved = [one for one in results.sentences.all() if one.speaker == source]
    for sentence in moved:
        sentence.speaker = target
    speakers.merge(source, target)
    sids = [one.sid for one in moved]
    fields = {"source_speaker_id": source, "target_speaker_id": target, "affected_sids": sids}
    return [Answer((frames.event("speakers_merged", **fields),))]


ACTIONS: dict[str, Callable[[Results, Data], list[Command]]] = {
    "retranslate": _retranslate,
    "tts_play": _tts_play,
    "set_name": _set_name,
    "rename_speaker": _rename,
    "reassign_speaker": _reassign,
    "merge_speakers": _merge,
}
