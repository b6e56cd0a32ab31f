"""`/v1/speakers`: enrolled by a recording, listed, deleted."""

import json
from typing import Any

import pytest

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.dialects.native import enrolment
from dragoman_edge.model.http import HttpRequest
from dragoman_edge.model.imports import ReceiveUpload, Upload
from dragoman_edge.model.requests import CheckSpec, EncodeVoice
from tests.edge.dialects.test_imports import run

OWNER = rpc.AuthenticateReply(account_id="a_1", key_id="k_1", max_keep_days=30)
VOICE = rpc.EncodeVoiceReply(print=b"\x01\xff", spoken_ms=4000)
KEPT = rpc.EnrolledSpeaker(id="sp_1", name="Ana", enrolled_at_ms=5, delete_at_ms=9, spoken_ms=4000)
SHOWN = {"id": "sp_1", "name": "Ana", "enrolled_at_ms": 5, "delete_at_ms": 9, "spoken_ms": 4000}


def request(name: str = "sp_1") -> HttpRequest:
    headers = {"authorization": "Bearer key"}
    return HttpRequest("POST", "/v1/speakers", {"speaker_id": name}, {}, headers, b"", "::1", "", "x", "t", 9)


def upload(**speaker: Any) -> Upload:
    fields = {"speaker": json.dumps({"name": "Ana", "consent": True} | speaker)}
    return Upload(None, 9, fields)  # type: ignore[arg-type]


def enrolled(*answers: Any, owner: rpc.AuthenticateReply = OWNER) -> tuple[list[Any], Any]:
    return run(enrolment.enrol(request()), owner, (), *answers)


def test_a_voice_is_kept_if_that_is_asked_for() -> None:
    file = upload(keep=True)
    asked, response = enrolled(file, VOICE, rpc.EnrolSpeakerReply(speaker=KEPT))
    assert isinstance(asked[1], CheckSpec) and asked[1].spec.speakers
    assert asked[2:4] == [ReceiveUpload("a_1", enrolment.MOST_BYTES), EncodeVoice(file)]
    assert asked[4] == rpc.EnrolSpeakerRequest(
        account_id="a_1", key_id="k_1", name="Ana", print=b"\x01\xff", spoken_ms=4000, days=30
    )
    assert (response.status, response.body) == (201, {"kept": SHOWN, "voice": None})


def test_else_it_is_only_answered() -> None:
    asked, response = enrolled(upload(), VOICE)
    assert len(asked) == 4
    voice = {"name": "Ana", "print": "Af8=", "spoken_ms": 4000}
    assert (response.status, response.body) == (201, {"kept": None, "voice": voice})


@pytest.mark.parametrize(
    ("speaker", "most", "code"),
    [
        ({"consent": False}, 30, FaultCode.BAD_REQUEST),
        ({"keep": True, "days": 31}, 30, FaultCode.UNSUPPORTED_FEATURE),
        ({"keep": True}, 0, FaultCode.UNSUPPORTED_FEATURE),
    ],
    ids=["no consent", "too long", "tier"],
)
def test_nothing_is_heard_without_consent_or_for_longer_than_the_tier_allows(
    speaker: dict[str, Any], most: int, code: FaultCode
) -> None:
    owner = rpc.AuthenticateReply(account_id="a_1", max_keep_days=most)
    with pytest.raises(PeerError) as caught:
        enrolled(upload(**speaker), owner=owner)
    assert caught.value.code == code


def test_speakers_are_listed_and_deleted() -> None:
    asked, response = run(enrolment.listing(request()), OWNER, rpc.ListSpeakersReply(speakers=(KEPT,)))
    assert asked[1] == rpc.ListSpeakersRequest(account_id="a_1", key_id="k_1")
    assert response.body == {"speakers": [SHOWN]}
    asked, response = run(enrolment.delete(request()), OWNER, rpc.DeleteSpeakerReply())
    assert asked[1] == rpc.DeleteSpeakerRequest(account_id="a_1", key_id="k_1", speaker_id="sp_1")
    assert response.body == {"id": "sp_1", "deleted": True}
    with pytest.raises(PeerError) as caught:
        run(enrolment.delete(request("a.b")), OWNER)
    assert caught.value.code == FaultCode.UNKNOWN_SESSION
