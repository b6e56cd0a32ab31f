"""Fields of actions as values: languages, voices, words, speakers, samples. What is wrong is a `Problem`."""

import base64
import binascii
from typing import Any, TypeVar

from pydantic import ValidationError

from dragoman_contract.errors import PeerError
from dragoman_contract.languages import canonical
from dragoman_edge.dialects.json_text import explain
from dragoman_edge.dialects.vas import messages
from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.dialects.vas.settings import Voice, Words

LONGEST_REASON = 300  # characters: names of fields are the client's

M = TypeVar("M", bound=messages.Model)


def read(model: type[M], data: dict[str, Any]) -> M:
    """The fields of an action.

    Raises:
        Problem: `invalid_request`, with the field that is wrong.
    """
    try:
        return model.model_validate(data)
    except (ValidationError, RecursionError) as exc:
        why = explain(exc) if isinstance(exc, ValidationError) else "nested too deeply"
        raise Problem("invalid_request", why[:LONGEST_REASON]) from None


def language(tag: str) -> str:
    """A canonical tag.

    Raises:
        Problem: `language_not_supported`.
    """
    try:
        return canonical(tag)
    except PeerError as exc:
        raise Problem("language_not_supported", exc.message) from None


def languages(tags: list[str]) -> tuple[str, ...]:
    """Canonical tags, each once.

    Raises:
        Problem: `language_not_supported`.
    """
    return tuple(dict.fromkeys(map(language, tags)))


def voices(config: dict[str, messages.VoiceConfig]) -> tuple[tuple[str, Voice], ...]:
    """`tts_config` by canonical language.

    Raises:
        Problem: `language_not_supported`.
    """
    return tuple((language(tag), Voice(chosen.voice, chosen.speaking_rate)) for tag, chosen in config.items())


def words(known: Words, config: messages.Config) -> tuple[Words, list[str]]:
    """The words after a `config`, and what of them was set."""
    terminology, corrections, dictionary = known.terminology, known.corrections, known.dictionary
    updated = []
    if config.terminology is not None:
        updated.append("terminology")
        terminology = tuple(config.terminology)
    if config.fuzzy_correction is not None:
        updated.append("fuzzy_correction")
        corrections = tuple((pair.source, pair.target) for pair in config.fuzzy_correction)
    if config.translation_dict is not None:
        updated.append("translation_dict")
        dictionary = tuple((pair.source, pair.target) for pair in config.translation_dict)
    return Words(terminology, corrections, dictionary), updated


def number(speaker: str) -> int:
    """The number of a conversation's speaker.

    Raises:
        Problem: `speaker_not_found`.
    """
    if speaker not in ("1", "2"):
        raise Problem("speaker_not_found", "A conversation has the speakers 1 and 2", context="speaker")
    return int(speaker)


def samples(text: str) -> bytes:
    """The PCM of an `audio` action.

    Raises:
        Problem: `audio_data_invalid`.
    """
    try:
        pcm = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Problem("audio_data_invalid", "Audio is not Base64") from None
    return whole(pcm)


def whole(pcm: bytes) -> bytes:
    """PCM of whole samples.

    Raises:
        Problem: `audio_data_invalid`.
    """
    if len(pcm) % 2:
        raise Problem("audio_data_invalid", "Audio is not a whole number of 16-bit samples")
    return pcm
