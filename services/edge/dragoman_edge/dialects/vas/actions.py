"""Actions on sentences that were said, on who said them, and on the recording's name."""

from collections.abc import Callable
from typing import Any

from dragoman_contract.rpc import KeptChange, SpeakerChange, SpeakerChangeKind
from dragoman_edge.dialects.vas import frames, messages, parsing, speakers
from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.dialects.vas.results import Results
from dragoman_edge.dialects.vas.tasks import Kind
from dragoman_edge.model.commands import Amend, Answer, Command

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
    name = parsing.read(messages.SetName, data).name
    return [Amend(KeptChange(title=name)), Answer((frames.status("Recording name updated"),))]


def _rename(results: Results, data: Data) -> list[Command]:
    wanted = parsing.read(messages.RenameSpeaker, data)
    speaker = results.speakers.resolve(wanted.speaker)
    change = SpeakerChange(kind=SpeakerChangeKind.RENAME, speaker=speaker, label=wanted.label)
    return [_amend(change), Answer((speakers.rename(results, speaker, wanted.label),))]


def _reassign(results: Results, data: Data) -> list[Command]:
    wanted = parsing.read(messages.ReassignSpeaker, data)
    sentence = results.sentences.get(wanted.sid)
    speaker = results.speakers.resolve_or_new(wanted.speaker)
    change = SpeakerChange(kind=SpeakerChangeKind.REASSIGN, speaker=speaker, utterance=sentence.sid)
    return [_amend(change), Answer((speakers.reassign(results, sentence, speaker),))]


def _merge(results: Results, data: Data) -> list[Command]:
    wanted = parsing.read(messages.MergeSpeakers, data)
    known = results.speakers
    source, target = known.resolve(wanted.source), known.resolve(wanted.target)
    if source == target:
        raise Problem("speaker_merge_invalid", "The speakers are the same", context="speaker")
    change = SpeakerChange(kind=SpeakerChangeKind.MERGE, speaker=source, target=target)
    return [_amend(change), Answer((speakers.merge(results, source, target),))]


def _amend(change: SpeakerChange) -> Amend:
    return Amend(KeptChange(speakers=change))


ACTIONS: dict[str, Callable[[Results, Data], list[Command]]] = {
    "retranslate": _retranslate,
    "tts_play": _tts_play,
    "set_name": _set_name,
    "rename_speaker": _rename,
    "reassign_speaker": _reassign,
    "merge_speakers": _merge,
}
