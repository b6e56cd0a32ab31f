"""The actions that change a running session: words, speech, languages, and who speaks."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from dragoman_edge.dialects.vas import frames, messages, parsing
from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.dialects.vas.live_settings import LiveSettings
from dragoman_edge.dialects.vas.results import Results
from dragoman_edge.dialects.vas.settings import Words
from dragoman_edge.dialects.vas.tasks import Batch, Kind
from dragoman_edge.model.commands import Answer, Command, Flush

Data = dict[str, Any]


# Words


def words_of(live: LiveSettings, data: Data) -> tuple[Words, list[str]]:
    """The words after a `config`, and the names of the lists that it sets.

    Raises:
        Problem: `invalid_request`, when it sets none.
    """
    words, updated = parsing.words(live.wanted.words, parsing.read(messages.Config, data))
    if not updated:
        raise Problem("invalid_request", "terminology, fuzzy_correction or translation_dict is needed")
    return words, updated


def _config(live: LiveSettings, results: Results, data: Data) -> list[Command]:
    words, updated = words_of(live, data)
    settings = replace(live.wanted, words=words)
    return [live.change(settings, frames.config_updated(updated, running=True))]


# Speech


def _tts_mode(live: LiveSettings, results: Results, data: Data) -> list[Command]:
    mode = parsing.read(messages.TtsMode, data).mode
    settings = replace(live.wanted, tts_mode=mode)
    return [live.change(settings, frames.event("tts_mode_changed", tts_mode=mode))]


def _set_tts(live: LiveSettings, results: Results, data: Data) -> list[Command]:
    live.must_converse()
    asked = parsing.read(messages.SetTts, data)
    enabled = live.wanted.tts_enabled if asked.tts_enabled is None else asked.tts_enabled
    voices = dict(live.wanted.voices)
    voices |= dict(parsing.voices(asked.tts_config or {}))
    if len(voices) > messages.MOST_TARGETS:
        raise Problem("invalid_request", f"tts_config: at most {messages.MOST_TARGETS} languages")
    settings = replace(live.wanted, tts_enabled=enabled, voices=tuple(voices.items()))
    return [live.change(settings, frames.tts_updated(settings))]


# Languages


def _switch_language(live: LiveSettings, results: Results, data: Data) -> list[Command]:
    asked = parsing.read(messages.SwitchLanguage, data)
    target = parsing.language(asked.translation_language)
    if live.wanted.conversation:
        return _switch_pair(live, asked.language, target)
    if live.wanted.recording_type == "record":
        raise Problem("translation_not_available", "A plain recording is not translated")
    said = results.sentences.all()
    results.tasks.room(len(said))
    batch = Batch(target, len(said))
    shown = [frames.switch_start(batch), *([] if said else [frames.switch_done(batch)])]
    change = live.change(replace(live.wanted, targets=(target,)), *shown, batch=batch)
    return [change, *(results.tasks.translate(Kind.BATCH, one, target, batch) for one in said)]


def _switch_pair(live: LiveSettings, spoken: str | None, target: str) -> list[Command]:
    """A conversation the other way round, or with another pair of languages."""
    known = live.wanted
    if spoken is None:
        raise Problem("invalid_request", "language: Field required")
    pair = (parsing.language(spoken), target)
    if pair == known.sources:
        settings = replace(known, active=1)
    elif pair[::-1] == known.sources:
        settings = replace(known, active=2)
    else:
        settings = replace(known.with_pair(*pair), active=1)
    return [live.change(settings, frames.language_switched(settings))]


def _set_speaker_language(live: LiveSettings, results: Results, data: Data) -> list[Command]:
    live.must_converse()
    asked = parsing.read(messages.SpeakerLanguage, data)
    tag = parsing.language(asked.language)
    first, second = live.wanted.sources
    pair = (tag, second) if parsing.number(asked.speaker) == 1 else (first, tag)
    settings = live.wanted.with_pair(*pair)
    shown = settings.speaker_languages()
    return [live.change(settings, frames.event("speaker_language_changed", speaker_language_map=shown))]


# Manual conversations


def _switch_conversation_mode(live: LiveSettings, results: Results, data: Data) -> list[Command]:
    live.must_converse()
    mode = parsing.read(messages.ConversationMode, data).mode
    live.speaking = False
    settings = replace(live.wanted, conversation_mode=mode)
    return [live.change(settings, frames.event("conversation_mode_changed", conversation_mode=mode))]


def _start_speaking(live: LiveSettings, results: Results, data: Data) -> list[Command]:
    live.must_be_manual()
    number = _speaker(live, parsing.read(messages.StartSpeaking, data))
    live.speaking = True
    shown = frames.status("Speaking started")
    if number == live.wanted.active:
        return [Answer((shown,))]
    # What the other one said until now is heard in his language.
    return [Flush(), live.change(replace(live.wanted, active=number), shown)]


def _speaker(live: LiveSettings, asked: messages.StartSpeaking) -> int:
    if asked.speaker is not None:
        return parsing.number(asked.speaker)
    if asked.language is None:
        return live.wanted.active
    tag = parsing.language(asked.language)
    if tag not in live.wanted.sources:
        raise Problem("speaker_not_found", "Nobody speaks this language", context="speaker")
    return live.wanted.sources.index(tag) + 1


def _stop_speaking(live: LiveSettings, results: Results, data: Data) -> list[Command]:
    live.must_be_manual()
    live.speaking = False
    return [Flush(), Answer((frames.status("Speaking stopped"),))]


ACTIONS: dict[str, Callable[[LiveSettings, Results, Data], list[Command]]] = {
    "config": _config,
    "tts_mode": _tts_mode,
    "set_tts": _set_tts,
    "switch_language": _switch_language,
    "set_speaker_language": _set_speaker_language,
    "switch_conversation_mode": _switch_conversation_mode,
    "start_speaking": _start_speaking,
    "stop_speaking": _stop_speaking,
}
