"""A kept session as server-sent events: its metadata, its sentences one by one, its summary."""

from typing import Any

from dragoman_contract import rpc
from dragoman_edge.dialects.json_text import dump
from dragoman_edge.dialects.vas import task_resource
from dragoman_edge.dialects.vas.task_ids import task_id

MEDIA_TYPE = "text/event-stream; charset=utf-8"


def begin(kept: rpc.Task) -> str:
    """Return the events before the sentences."""
    metadata = task_resource.task(kept) | {"speaker_aliases": {}}
    return _event("connected", {"task_id": task_id(kept.id)}) + _event("init_metadata", metadata)


def sentence(kept: rpc.Task, entry: rpc.Entry) -> str:
    """Return the event of one sentence."""
    return _event("result", task_resource.result(kept, entry))


def end() -> str:
    """Return the event behind the last sentence."""
    return _event("done", {})


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {dump(data)}\n\n"
