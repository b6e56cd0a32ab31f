"""Records of sessions: which one a client goes on from, and who may."""

import time

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.model.audio_formats import AudioFormat
from dragoman_edge.model.delivery_counts import DeliveryCounts
from dragoman_edge.resume.checkpoint import (
    SessionCheckpoint,
    TrackCheckpoint,
    check,
    fitting,
    hashed,
    new_token,
    pack,
    session_of,
)

SPEC = ev.Spec(
    dialect="krisp",
    tracks=(ev.TrackSpec(track=0, source_languages=("en-US",), target_languages=("es-ES",)),),
    vocabulary=("dragoman", "…"),
    reference_id="call 7",
)
TOKEN = "s_1.secret"


def record(finals: int = 0, *, age_s: float = 0.0, account: str = "acc_1") -> SessionCheckpoint:
    return SessionCheckpoint(
        session_id="s_1",
        account_id=account,
        token_hash=hashed(TOKEN),
        spec=pack(SPEC),
        audio_in={"sample_rate": 8000},
        audio_out={},
        started_at_ms=1,
        at_ms=int((time.time() - age_s) * 1000),
        since={},
        delivered={
            "finals": {"0": finals},
            "translations": {"0/es": finals},
            "samples": {"0/es": finals * 100},
        },
        cursor={},
        links=[TrackCheckpoint(track=0, epoch=2, worker_id="w_1", ended=False)],
        usage={},
    )


def test_a_record_comes_back_as_it_was_written() -> None:
    again = SessionCheckpoint.model_validate_json(record(3).model_dump_json())
    assert again.wanted() == SPEC
    assert again.formats() == (AudioFormat(sample_rate=8000), AudioFormat())
    assert again.got() == DeliveryCounts({"0": 3}, {"0/es": 3}, {"0/es": 300})


def test_the_newest_record_that_is_not_ahead_of_the_client_is_taken() -> None:
    found = [record(9), record(6), record(3)]
    for known, finals in [
        ((7, 7, 700), 6),
        ((9, 9, 900), 9),
        ((7, 7, 350), 3),
        ((0, 0, 0), 3),  # the oldest there is
        ((7, None, None), 6),
    ]:
        assert fitting(found, DeliveryCounts.of_one_output(*known)).got().finals == {"0": finals}


def test_a_recording_goes_on_from_the_newest_record_whatever_the_client_has() -> None:
    newest = record(9).model_copy(update={"sequence": 12, "recorded": {"pieces": 5}})
    older = record(6).model_copy(update={"sequence": 11, "recorded": {"pieces": 4}})
    found = fitting([newest, older], DeliveryCounts.of_one_output(7, 7, 700))
    assert found.got().finals == {"0": 6}
    assert (found.recorded, found.sequence) == ({"pieces": 5}, 12)


@pytest.mark.parametrize(
    ("records", "token", "account"),
    [
        ([], TOKEN, "acc_1"),
        ([record()], "s_1.other", "acc_1"),
        ([record()], TOKEN, "acc_2"),
        ([record(age_s=100)], TOKEN, "acc_1"),
    ],
    ids=["unknown", "wrong secret", "another account", "too old"],
)
def test_whatever_is_wrong_the_answer_is_the_same(
    records: list[SessionCheckpoint], token: str, account: str
) -> None:
    with pytest.raises(PeerError) as caught:
        check(records, token, account, 30)
    assert caught.value.code is FaultCode.SESSION_ENDED
    assert caught.value.message == "the session cannot be resumed; begin a new one"


def test_the_owner_may_come_back_within_the_window() -> None:
    check([record(age_s=20)], TOKEN, "acc_1", 30)


def test_a_token_names_its_session_and_is_random() -> None:
    assert session_of(new_token("s_1")) == "s_1"
    assert new_token("s_1") != new_token("s_1")
    for bad in ("", "s_1", "s_1.", "a.b.c>.d", "*.x", ".x", "a b.x"):
        with pytest.raises(PeerError):
            assert session_of(bad) == "a"
            raise PeerError(FaultCode.BAD_REQUEST, "a plain name is fine")
