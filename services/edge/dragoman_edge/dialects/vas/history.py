"""A kept session as server-sent events: its metadata, its sentences one by one, its summary."""

from typing import Any

from dragoman_contract import rpc
from dragoman_contract.task_ids import task_id
from dragoman_edge.dialects.json_text import dump
from dragoman_edge.dialects.vas import task_resource

STATUS = {"wanted": "processing", "done": "completed", "failed": "failed"}
MEDIA_TYPE = "text/event-stream; charset=utf-8"


def begin(kept: rpc.Task) -> str:
    """Return the events before the sentences."""
    metadata = task_resource.task(kept) | {"speaker_aliases": task_resource.aliases(kept)}
    return _event("connected", {"task_id": task_id(kept.id)}) + _event("init_metadata", metadata)


def sentence(kept: rpc.Task, entry: rpc.Entry) -> str:
    """Return the event of one sentence."""
    return _event("result", task_resource.result(kept, entry))


def end(told: rpc.Summary | None) -> str:
    """Return the events behind the last sentence: the summary, if there is one."""
    return (_event("init_summary", summary(told)) if told else "") + _event("done", {})


def summary(made: rpc.Summary) -> dict[str, Any]:
    """Return a summary as the API has it: the fields of the fallback only where there was one."""
    fallback: dict[str, Any] = {}
    if made.fallback_level > 1:
        fallback["summary_fallback_level"] = made.fallback_level
    if made.fallback_level > 2:
        fallback["summary_dropped_segments"] = list(made.dropped)
    return {
        "summary_id": made.id,
        "status": STATUS.get(made.state, made.state),
        "error_code": made.error or None,
        "summary_mode": made.mode,
        "summary_template": made.template,
        "summary_plain_text": made.plain_text,
        "summary_engine": made.engine,
        "final_content": made.text,
        "tokens_used": {"input": made.input_tokens, "output": made.output_tokens},
        **fallback,
    }


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {dump(data)}\n\n"
