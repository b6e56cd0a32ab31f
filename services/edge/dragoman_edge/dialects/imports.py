"""Imports over HTTP, the same for every dialect: priced, begun, listed and followed. Pure."""

from collections.abc import Generator
from dataclasses import replace
from typing import Any

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_edge.model.imports import (
    KIND,
    SMALLEST_MS,
    ImportRecord,
    Pause,
    ReceiveUpload,
    StartImport,
    State,
    Upload,
    key,
    prefix,
)
from dragoman_edge.model.requests import Ask, CheckSpec, Find, Keep, Names

LOOK_S = 1.0
STILL_LOOKS = 15  # without news, before a stream says that it lives
LONGEST_LOOKS = 1800  # then a client comes again
MANY = 100
Asking = Generator[Ask, Any, Any]


def imported(spec: ev.Spec, duration_ms: int) -> ev.Spec:
    """Return a spec as that of an import: nobody sees it grow, and what it leaves is kept."""
    kept = replace(spec.keep or ev.Keep(), text=True, kind=KIND)
    final = ev.Stability.FINAL
    return replace(spec, interim=False, speech=False, stability=final, keep=kept, imported_ms=duration_ms)


def quote(credential: str, source: str, spec: ev.Spec) -> Generator[Ask, Any, rpc.QuoteReply]:
    """Price an import.

    Raises: PeerError if the key or its tier does not allow it.
    """
    reply: rpc.QuoteReply = yield rpc.QuoteRequest(credential=credential, source=source, spec=spec)
    return reply


def receive(account_id: str) -> Generator[Ask, Any, Upload]:
    """Read the request's file.

    Raises: DragomanError if it cannot be had.
    """
    upload: Upload = yield ReceiveUpload(account_id)
    return upload


def begin(
    account_id: str, credential: str, source: str, spec: ev.Spec, upload: Upload
) -> Generator[Ask, Any, ImportRecord]:
    """Begin the import of a received file, if workers and tier can do it.

    Raises: DragomanError if they cannot.
    """
    wanted = imported(spec, SMALLEST_MS)
    yield CheckSpec(wanted)
    yield from quote(credential, source, wanted)
    record: ImportRecord = yield StartImport(
        account_id=account_id, credential=credential, source=source, spec=wanted, upload=upload
    )
    return record


def find(who: dict[str, Any], session_id: str, now_ms: int) -> Generator[Ask, Any, ImportRecord]:
    """Return an import, by its record or, when that is forgotten, by its task.

    Raises: PeerError (`UNKNOWN_SESSION`) if the account has none of this id.
    """
    known: str | None = (yield Find(key(who["account_id"], session_id))) if session_id else None
    if known:
        return (yield from _standing(who, ImportRecord.model_validate_json(known), now_ms))
    if not session_id:
        raise unknown()
    reply: rpc.GetTaskReply = yield rpc.GetTaskRequest(**who, task_id=session_id)
    if reply.task is None or reply.task.kind != KIND:
        raise unknown()
    return of_task(reply.task)


def _standing(who: dict[str, Any], record: ImportRecord, now_ms: int) -> Generator[Ask, Any, ImportRecord]:
    """Return an import as it stands: where its edge is late, its task knows first that it is gone."""
    if record.is_late(now_ms):
        try:
            reply: rpc.GetTaskReply = yield rpc.GetTaskRequest(**who, task_id=record.session_id)
        except DragomanError:  # it has not begun, or the archive is away
            return record.seen_at(now_ms)
        if reply.task is not None and reply.task.ended_at_ms:
            return record.interrupted() if reply.task.failed else of_task(reply.task)
    return record.seen_at(now_ms)


def cancel(who: dict[str, Any], session_id: str, now_ms: int) -> Generator[Ask, Any, ImportRecord]:
    """Give an import up: the edge that has it stops within seconds, with what it has made by then.

    Raises: PeerError (`UNKNOWN_SESSION`) if the account has none of this id.
    """
    record = yield from find(who, session_id, now_ms)
    if record.state.over:
        return record
    cancelled = record.given_up().model_copy(update={"at_ms": now_ms})
    yield Keep(key(who["account_id"], session_id), cancelled.model_dump_json())
    return cancelled


def page(
    who: dict[str, Any], limit: int, after: str, now_ms: int
) -> Generator[Ask, Any, tuple[list[ImportRecord], str]]:
    """Return imports, the newest first, and where the next page begins: those without a task go first.

    Raises: DragomanError if the archive refuses it.
    """
    reply: rpc.ListTasksReply = yield rpc.ListTasksRequest(**who, limit=limit, after=after, kind=KIND)
    found = {task.id: of_task(task) for task in reply.tasks}
    if not after:
        names: list[str] = yield Names(prefix(who["account_id"]))
        for name in names[-MANY:]:
            record = yield Find(key(who["account_id"], name))
            if record and (name in found or not ImportRecord.model_validate_json(record).done_ms):
                found[name] = ImportRecord.model_validate_json(record).seen_at(now_ms)
    return sorted(found.values(), key=lambda one: -one.created_at_ms), reply.next


def of_task(task: rpc.Task) -> ImportRecord:
    """Return an import as its task tells it."""
    state = State.RUNNING if not task.ended_at_ms else State.FAILED if task.failed else State.COMPLETED
    return ImportRecord(
        session_id=task.id,
        state=state,
        created_at_ms=task.started_at_ms,
        at_ms=task.ended_at_ms or task.started_at_ms,
        duration_ms=task.heard_ms,
        done_ms=task.heard_ms,
        code=task.reason if state is State.FAILED else "",
    )


def follow(
    who: dict[str, Any], record: ImportRecord, now_ms: int
) -> Generator[Ask | ImportRecord | None, Any, None]:
    """Yield an import whenever it has changed, to its end; None now and then when it has not.

    Questions are yielded, too. It ends after half an hour in any case: whoever wants more asks again.
    """
    still = 0
    for look in range(1, LONGEST_LOOKS):
        if record.state.over:
            return
        yield Pause(LOOK_S)
        last = record
        record = yield from find(who, record.session_id, now_ms + int(look * LOOK_S * 1000))
        changed = record.model_copy(update={"at_ms": last.at_ms}) != last
        still = 0 if changed else still + 1
        if changed:
            yield record
        elif still % STILL_LOOKS == 0:
            yield None


def percent(record: ImportRecord) -> int:
    """Return the progress of an import, 0 to 100."""
    if record.state is State.COMPLETED:
        return 100
    return min(99, 100 * record.done_ms // record.duration_ms) if record.duration_ms else 0


def unknown() -> PeerError:
    """Return the error for an import that there is not, or of another account."""
    return PeerError(FaultCode.UNKNOWN_SESSION, "there is no such import")
