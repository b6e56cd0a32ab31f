"""Speakers of a kept task over HTTP."""

from dataclasses import replace
from typing import Any

import pytest

from dragoman_contract import rpc
from dragoman_contract.rpc import SpeakerChange, SpeakerChangeKind
from dragoman_edge.dialects.vas import kept_speakers
from dragoman_edge.model.http import HttpResponse
from tests.support.vas_broadcasts import exchanged
from tests.support.vas_tasks import KEY, SESSION, TASK, WHO, entry, request

ROUTES = {one.path.rpartition("/")[2]: one for one in kept_speakers.ROUTES if "recordings" not in one.path}
NAMED = replace(TASK, kind="transcribe", speakers=(rpc.Speaker(id="Guest-1", label="Ann"),))
PAGES = (
    rpc.ListEntriesReply(entries=(entry(1, speaker="Guest-1"), entry(2, speaker="Guest-2")), next="2.0.2"),
    rpc.ListEntriesReply(entries=(entry(3, speaker="Guest-1"),)),
)


def asked(what: str, body: object, *, changed: rpc.Task | None = NAMED) -> tuple[Any, HttpResponse]:
    answers: list[Any] = [KEY, rpc.GetTaskReply(task=NAMED), *PAGES]
    questions, answer = exchanged(
        ROUTES[what], request(body=body, method="PATCH"), *answers, rpc.ChangeSpeakersReply(task=changed)
    )
    return questions[-1], answer


def data(answer: HttpResponse) -> Any:
    assert answer.status == 200 and isinstance(answer.body, dict)
    return answer.body["data"]


@pytest.mark.parametrize("name", ["Guest-1", "Ann"])
def test_a_speaker_is_renamed_by_its_id_or_its_label(name: str) -> None:
    question, answer = asked("rename", {"speaker_id": name, "new_label": " Ms Ann "})
    change = SpeakerChange(kind=SpeakerChangeKind.RENAME, speaker="Guest-1", label="Ms Ann")
    assert question == rpc.ChangeSpeakersRequest(**WHO, task_id=SESSION, change=change)
    told = data(answer)
    assert (told["speaker_id"], told["affected_sids"]) == ("Guest-1", [1, 3])
    assert told["speaker_aliases"] == {"Guest-1": "Ann"}  # as the archive has them


def test_a_sentence_is_given_to_another_speaker_who_may_be_new() -> None:
    for name, speaker, label in (("Ann", "Guest-1", "Ann"), ("Guest-9", "Guest-9", "Guest-9")):
        question, answer = asked("reassign", {"sid": 2, "new_speaker_id": name})
        assert (question.change.speaker, question.change.utterance) == (speaker, 2)
        told = data(answer)
        assert (told["old_speaker_id"], told["new_speaker_id"]) == ("Guest-2", speaker)
        assert told["new_speaker_label"] == label


def test_speakers_become_one() -> None:
    question, answer = asked("merge", {"source_speaker_id": "Guest-2", "target_speaker_id": "Ann"})
    assert question.change == SpeakerChange(kind=SpeakerChangeKind.MERGE, speaker="Guest-2", target="Guest-1")
    assert data(answer)["affected_sids"] == [2]


@pytest.mark.parametrize(
    ("what", "body", "status", "code"),
    [
        ("rename", {"speaker_id": "Bob", "new_label": "x"}, 404, "speaker_not_found"),
        ("rename", {"speaker_id": "Guest-1", "new_label": "a\u0007"}, 400, "invalid_request"),
        ("rename", {"speaker_id": "Guest-1", "new_label": "x" * 101}, 400, "invalid_request"),
        ("rename", {"speaker_id": "Guest-1", "new_label": "  "}, 400, "invalid_request"),
        ("reassign", {"sid": 9, "new_speaker_id": "x"}, 404, "sentence_not_found"),
        ("merge", {"source_speaker_id": "Ann", "target_speaker_id": "Guest-1"}, 400, "speaker_merge_invalid"),
        ("merge", {"source_speaker_id": "x", "target_speaker_id": "Guest-1"}, 404, "speaker_not_found"),
    ],
)
def test_what_makes_no_sense_changes_nothing(what: str, body: object, status: int, code: str) -> None:
    answers: list[Any] = [KEY, rpc.GetTaskReply(task=NAMED), *PAGES]
    questions, answer = exchanged(ROUTES[what], request(body=body, method="PATCH"), *answers)
    assert isinstance(answer.body, dict) and (answer.status, answer.body["error_code"]) == (status, code)
    assert not [one for one in questions if isinstance(one, rpc.ChangeSpeakersRequest)]


def test_a_task_that_is_deleted_meanwhile_is_an_unknown_one() -> None:
    _, answer = asked("rename", {"speaker_id": "Ann", "new_label": "x"}, changed=None)
    assert answer.status == 404
