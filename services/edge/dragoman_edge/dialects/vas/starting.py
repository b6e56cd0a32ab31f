"""Settings from a `start` message, or the reason why it is refused."""

from dragoman_contract import events as ev
from dragoman_contract.task_ids import session_id
from dragoman_edge.dialects.vas import messages, parsing
from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.dialects.vas.settings import BROADCAST, MULTI_SPEAKER, Settings, Words

FORMATS = ("pcm", "pcm_s16le")  # 16 bit, mono, 16 kHz


def settings(start: messages.Start, words: Words) -> Settings:
    """Return the settings of a session that begins; `words` were set before it.

    Raises:
        Problem: what is not supported, or makes no sense.
    """
    sources = parsing.languages(start.transcription_languages)
    if not sources and not (start.type == BROADCAST and start.broadcast):
        raise Problem("invalid_request", "transcription_languages: Field required")
    if start.recognition_mode == MULTI_SPEAKER and len(sources) > 1:
        message = "multi_speaker needs exactly one transcription language"
        raise Problem("diarization_multilang_conflict", message, context="diarization")
    if start.audio_format not in FORMATS:
        message = "audio_format: only 'pcm' (16 bit, mono, 16 kHz) is supported"
        raise Problem("audio_format_invalid", message)
    begun = _begun(start, sources, words)
    return _paired(begun) if begun.conversation else begun


def session_of(start: messages.Start) -> str:
    """The session of the task that a client comes back with; empty for a new one.

    Raises:
        Problem: `recording_not_found`.
    """
    found = session_id(start.task_id) if start.task_id else ""
    if start.task_id and not found:
        raise Problem("recording_not_found", "There is no such task", context="recording")
    return found


def _begun(start: messages.Start, sources: tuple[str, ...], words: Words) -> Settings:
    conversation = start.type == "conversation"
    spoken = conversation or (start.type == BROADCAST and start.tts_enabled)
    targets = parsing.languages(start.translation_languages)
    return Settings(
        recording_type=start.type,
        recognition_mode=start.recognition_mode,
        sources=sources,
        targets=() if start.type == "record" else targets,
        words=words,
        tts_mode=start.tts_mode or ("sync" if spoken else "async"),
        tts_enabled=conversation and start.tts_enabled,
        voices=parsing.voices(start.tts_config),
        conversation_mode=start.conversation_mode if conversation else "auto",
        summary=_summary(start),
        realtime=start.realtime_translation,
        broadcast=start.broadcast,
        keep=start.keep,
        callback_url=start.callback_url,
    )


def _summary(start: messages.Start) -> ev.SummaryWish | None:
    """The wish for a summary; a recording has none.

    Raises:
        Problem: `summary_mode_field_mismatch`, `language_not_supported`.
    """
    custom, builtin = bool(start.summary_prompt or start.summary_prompt_slug), bool(start.summary_template)
    mode = start.summary_mode or ("custom" if custom else "builtin" if builtin else "")
    wrong = (mode == "custom" and (builtin or not start.summary_prompt)) or (mode == "builtin" and custom)
    if wrong:
        message = "builtin has a summary_template, custom a summary_prompt and its slug"
        raise Problem("summary_mode_field_mismatch", message, context="summary")
    if not mode or start.type == "record":
        return None
    return ev.SummaryWish(
        mode=mode,
        template=start.summary_prompt_slug if mode == "custom" else start.summary_template or "general",
        prompt=start.summary_prompt,
        language=parsing.language(start.summary_language) if start.summary_language else "",
        plain_text=start.summary_plain_text,
    )


def _paired(begun: Settings) -> Settings:
    """The languages may all be given as spoken, or one as the target."""
    pair = tuple(dict.fromkeys(begun.sources + begun.targets))
    if len(pair) != 2:
        message = "A conversation needs two languages"
        raise Problem("conversation_language_conflict", message, context="conversation")
    return begun.with_pair(*pair)
