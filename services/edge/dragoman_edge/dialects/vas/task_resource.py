"""A kept session and its sentences as JSON of the task endpoints."""

from typing import Any

from dragoman_contract import rpc
from dragoman_contract.languages import same_language
from dragoman_contract.task_ids import task_id
from dragoman_edge.dialects.vas import frames
from dragoman_edge.dialects.vas.errors import timestamp

UNTITLED = "Untitled Recording"
CONVERSATION = "conversation"
IMPORT = "import"
MORE_TRACKS = 1_000_000  # sentences of a track behind the first, which VAS sessions do not have


def task(kept: rpc.Task) -> dict[str, Any]:
    """An element of `data.tasks`; times are ISO 8601."""
    seconds = kept.heard_ms // 1000
    return {
        "task_id": task_id(kept.id),
        "title": kept.title or UNTITLED,
        "type": "transcribe" if kept.kind in ("", IMPORT) else kept.kind,
        "type_source": IMPORT if kept.kind == IMPORT else kept.dialect,
        "duration_ms": kept.heard_ms,
        "duration_formatted": f"{seconds // 60}:{seconds % 60:02d}",
        "source_lang": next(iter(kept.source_languages), None),
        "target_lang": next(iter(kept.target_languages), None),
        "source_languages": list(kept.source_languages),
        "target_languages": list(kept.target_languages),
        "created_at": timestamp(kept.started_at_ms),
        "ended_at": timestamp(kept.ended_at_ms) if kept.ended_at_ms else None,
        "expires_at": timestamp(kept.delete_at_ms),
        "audio_status": _audio_status(kept),
        "is_pinned": kept.pinned,
        "is_unread": not kept.read,
        "processing_status": status(kept),
        "sentences": kept.sentences,
        "not_kept": kept.unkept,
    }


def _audio_status(kept: rpc.Task) -> str:
    """`none`, `uploading` while the session runs, or `ready`."""
    if not kept.audio_ms:
        return "none"
    return "ready" if kept.ended_at_ms else "uploading"


def status(kept: rpc.Task) -> str:
    """`recording`, or `importing` of a file; `completed` or `failed`."""
    if not kept.ended_at_ms:
        return "importing" if kept.kind == IMPORT else "recording"
    return "failed" if kept.failed else "completed"


def sid(said: rpc.KeptSentence) -> int:
    """The number of a sentence, as the session's events had it."""
    return said.track * MORE_TRACKS + said.utterance


def speaker(kept: rpc.Task, said: rpc.KeptSentence) -> str:
    """The speaker's id, as the session's events had it, or that of the one who it was merged into."""
    found = said.speaker or _by_language(kept, said)
    return next((one.merged_into for one in kept.speakers if one.id == found and one.merged_into), found)


def _by_language(kept: rpc.Task, said: rpc.KeptSentence) -> str:
    if kept.kind != CONVERSATION:
        return str(said.track)
    tags = enumerate(kept.source_languages, 1)
    return next((str(number) for number, tag in tags if same_language(tag, said.language)), "0")


def aliases(kept: rpc.Task) -> dict[str, str]:
    """Labels of speakers by their ids (`speaker_aliases`)."""
    return {one.id: one.label for one in kept.speakers if one.label and not one.merged_into}


def label(kept: rpc.Task, said: rpc.KeptSentence) -> str:
    """The name that a speaker is shown by."""
    found = speaker(kept, said)
    return aliases(kept).get(found, found)


def result(kept: rpc.Task, entry: rpc.Entry) -> dict[str, Any]:
    """A sentence in the form of a `result`."""
    said = entry.sentence
    origin = {
        "sid": sid(said),
        "language": said.language,
        "text": said.text,
        "is_final": True,
        "speaker_id": speaker(kept, said),
        "speaker_label": label(kept, said),
        "detected_language": said.language,
        "start_time": frames.start_time(said.start_ms),
        "start_ms": said.start_ms,
        "duration_ms": said.duration_ms,
    }
    translations = {
        made.language: {"sid": sid(said), "text": made.text, "is_final": True} for made in entry.translations
    }
    return {"origin": origin, "translations": translations}
