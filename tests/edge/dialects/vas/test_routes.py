"""Nothing hostile leaves the endpoints."""

import contextlib
import io
import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract import rpc
from dragoman_contract.errors import PeerError
from dragoman_edge.dialects.vas import Vas
from dragoman_edge.model.broadcasts import (
    Admit,
    Admitted,
    BroadcastPage,
    ChangeBroadcast,
    FindBroadcast,
    ListBroadcasts,
    MakeBroadcast,
    RevokeBroadcast,
)
from dragoman_edge.model.http import Pieces
from dragoman_edge.model.imports import ImportRecord, Pause, ReceiveUpload, StartImport, Upload
from dragoman_edge.model.requests import (
    CheckSpec,
    Find,
    IssuedToken,
    IssueToken,
    Languages,
    ListLanguages,
    Names,
    RunTexts,
    TextResult,
)
from tests.support.vas_broadcasts import (
    MADE,
    OWNER,
    request,
)
from tests.support.vas_codec import (
    NOW,
)
from tests.support.vas_tasks import TASK, UUID, entry

FIELDS = st.sampled_from(
    ["name", "transcription_language", "translation_languages", "max_viewers", "access_type", "pass_code",
     "password", "standby_message", "task_ids", "name", "is_pinned", "status", "limit", "format",
     "language", "after", "sid", "length", "targetLang", "speaker_id", "new_label", "lang", "tts",
     "viewer_access_token", "page", "per_page"]
)  # fmt: skip
ANYTHING = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(["es", 1])
BODIES = st.dictionaries(FIELDS, ANYTHING, max_size=4).map(lambda body: json.dumps(body).encode())


ARCHIVED: dict[type, Any] = {
    rpc.ListTasksRequest: rpc.ListTasksReply(tasks=(TASK,)),
    rpc.GetTaskRequest: rpc.GetTaskReply(task=TASK),
    rpc.ListEntriesRequest: rpc.ListEntriesReply(entries=(entry(1),)),
    rpc.ChangeTasksRequest: rpc.ChangeTasksReply(tasks=(TASK,)),
    rpc.DeleteTasksRequest: rpc.DeleteTasksReply(),
    rpc.GetSummaryRequest: rpc.GetSummaryReply(),
    rpc.GetAudioRequest: rpc.GetAudioReply(),
    rpc.ChangeSpeakersRequest: rpc.ChangeSpeakersReply(task=TASK),
    rpc.KeepTranslationRequest: rpc.KeepTranslationReply(),
    rpc.SummariseRequest: rpc.SummariseReply(),
}


FORM = dict.fromkeys(("transcription_languages", "translation_languages"), '["es"]')
IMPORTED: dict[type, Any] = {
    ReceiveUpload: Upload(io.BytesIO(), 1, FORM), rpc.QuoteRequest: rpc.QuoteReply(), Names: [], Find: None,
    StartImport: ImportRecord(session_id="s_1", created_at_ms=1, at_ms=1), Pause: None,
}  # fmt: skip


def texts(body: Pieces, answers: dict[type, Any]) -> list[str]:
    found: list[str] = []
    answer: Any = None
    while True:
        try:
            piece = body.pieces.send(answer)
        except StopIteration:
            return found
        answer = None
        if isinstance(piece, str | bytes):
            found.append(str(piece))
        else:
            answer = reply(piece, answers)


SERVED = Languages(voices=(rpc.VoiceInfo(id=UUID, language="es"),))


def reply(question: Any, answers: dict[type, Any]) -> Any:
    if isinstance(question, RunTexts):
        return tuple(TextResult("words") for _ in question.jobs)
    return answers[type(question)]


@given(
    BODIES | st.binary(max_size=30),
    st.dictionaries(FIELDS, st.text(max_size=8), max_size=4),
    st.text(max_size=8) | st.just(UUID),
)
def test_nothing_hostile_leaves_the_endpoints(body: bytes, query: dict[str, str], name: str) -> None:
    asked = replace(request(None, query, id=name, token=name, sid=name, slug=name, name=name), body=body)
    for one in Vas.routes:
        answers: dict[type, Any] = {
            rpc.AuthenticateRequest: OWNER, IssueToken: IssuedToken(token="T"),
            MakeBroadcast: MADE, FindBroadcast: MADE, RevokeBroadcast: MADE,
            ListBroadcasts: BroadcastPage((MADE,), 1), ChangeBroadcast: MADE, CheckSpec: (),
            Admit: Admitted("vat_x", NOW), ListLanguages: SERVED, **ARCHIVED, **IMPORTED,
        }  # fmt: skip
        exchange = one.handle(asked)
        try:
            question = next(exchange)
            while True:
                question = exchange.send(reply(question, answers))
        except StopIteration as done:
            body = done.value.body
            assert json.dumps(texts(body, answers) if isinstance(body, Pieces) else body)
    with contextlib.suppress(PeerError):
        Vas().watch(asked)
