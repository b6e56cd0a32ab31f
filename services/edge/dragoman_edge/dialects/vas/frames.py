"""The events of the VAS API, a function each (the seed's sections have their names)."""

import hashlib
import uuid
from typing import Any

from dragoman_contract.rpc import Summary
from dragoman_contract.task_ids import task_id
from dragoman_edge.dialects.json_text import dump
from dragoman_edge.dialects.vas.settings import Settings
from dragoman_edge.dialects.vas.tasks import Batch

TYPE = "voice-translation"
SUMMARY_ERRORS = {
    "summary_timeout": "The summary is not ready yet",
    "llm_content_filtered": "The summary was refused by the content filter",
    "summary_not_kept": "The session is not kept, so it is not summarised",
}


def event(action: str, **fields: Any) -> str:
    """`{"type": "voice-translation", "data": {"action": …}}`."""
    return dump({"type": TYPE, "data": {"action": action, **fields}})


def status(message: str) -> str:
    """Render a message of the page's section "status"."""
    return event("status", message=message)


def pong() -> str:
    """The answer to the health ping."""
    return dump({"type": "health", "data": {"action": "pong"}})


def connection_id(credential: str, session_id: str, now_ms: int) -> str:
    """The UUID that the API calls `session_id`: of a connection, and it tells nothing of the credential."""
    digest = hashlib.sha256(f"session {credential} {session_id} {now_ms}".encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))


def session_started(session_id: str, connection: str, settings: Settings, **more: Any) -> str:
    """Section "session_started"; `more` is what a broadcast has besides."""
    task = task_id(session_id)
    return event(
        "session_started",
        session_id=connection,
        task_id=task,
        recording_id=task,
        recording_type=settings.recording_type,
        recognition_mode=settings.recognition_mode,
        **more,
        message="Speech recognition started",
    )


def task_complete(session_id: str) -> str:
    """Render a message of the page's section "task_complete"."""
    return event("task_complete", task_id=task_id(session_id), message="Task processing complete")


def segment_uploaded(index: int, duration_ms: int) -> str:
    """Render a message of the page's section "segment_uploaded"."""
    return event("segment_uploaded", segment_index=index, duration_sec=duration_ms / 1000)


def summary_done(session_id: str, summary: Summary) -> str:
    """Section "summary_done": the fields of the fallback only where there was one."""
    fallback: dict[str, Any] = {}
    if summary.fallback_level > 1:
        fallback["summary_fallback_level"] = summary.fallback_level
    if summary.fallback_level > 2:
        fallback["summary_dropped_segments"] = list(summary.dropped)
    return event(
        "summary_done",
        task_id=task_id(session_id),
        summary_id=summary.id,
        summary_mode=summary.mode,
        summary_template=summary.template,
        summary_plain_text=summary.plain_text,
        tokens_used={"input": summary.input_tokens, "output": summary.output_tokens},
        **fallback,
    )


def summary_error(session_id: str, code: str) -> str:
    """Section "summary_error"; its words are ours, never the engine's."""
    message = SUMMARY_ERRORS.get(code, "Summary generation failed")
    return event("summary_error", task_id=task_id(session_id), error_code=code, message=message)


def stt_event(kind: str, message: str) -> str:
    """Section "stt_event"; `kind` is connected, disconnected or error."""
    return event("stt_event", event=kind, message=message)


def translated(sid: int, language: str, text: str, *, final: bool = True, **more: Any) -> dict[str, Any]:
    """The `translations` of a result."""
    return {language: {"sid": sid, "text": text, "is_final": final, **more}}


def tts_error(sid: int, language: str, error: str, message: str, transcript: str = "") -> str:
    """Render a message of the page's section "tts_error"."""
    more = {"transcript": transcript} if transcript else {}
    return event("tts_error", sid=sid, language=language, error=error, message=message, **more)


def config_updated(updated: list[str], *, running: bool) -> str:
    """Render a message of the page's section "config_updated"."""
    later = {"terminology_effective": "next_turn"} if running and "terminology" in updated else {}
    return event("config_updated", updated=updated, **later, message="Configuration updated")


def tts_updated(settings: Settings) -> str:
    """Render a message of the page's section "tts_updated"."""
    config = {tag: voice.shown() for tag, voice in settings.voices}
    return event("tts_updated", tts_enabled=settings.tts_enabled, tts_config=config)


def language_switched(settings: Settings) -> str:
    """Render a message of the page's section "language_switched"."""
    mine, other = settings.active_languages
    message = "Language switched"
    return event("language_switched", language=mine, translation_language=other, message=message)


def switch_start(batch: Batch) -> str:
    """Render a message of the page's section "language_switch_start"."""
    return event(
        "language_switch_start",
        translation_language=batch.language,
        total_segments=batch.total,
        message="Starting language switch and retranslation",
    )


def switch_done(batch: Batch) -> str:
    """Render a message of the page's section "language_switch_done"."""
    failed = {"failed_sids": batch.failed} if batch.failed else {}
    return event(
        "language_switch_done",
        translation_language=batch.language,
        success_count=batch.done,
        failed_count=len(batch.failed),
        **failed,
        message="Language switch complete",
    )


def start_time(start_ms: int) -> str:
    """`mm:ss`; minutes go on beyond 59."""
    minutes, seconds = divmod(start_ms // 1000, 60)
    return f"{minutes:02d}:{seconds:02d}"
