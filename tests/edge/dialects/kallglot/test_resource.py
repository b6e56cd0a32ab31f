"""The session resource as the API shows it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.dialects.kallglot import sessions
from dragoman_edge.model.reservation import SessionReservation
from tests.support.kallglot_codec import BOTH, JSON, Mesh, request


def test_a_session_whose_edge_died_has_ended() -> None:
    mesh = Mesh()
    made: Any = mesh.run(sessions.create(request(BOTH))).body
    mesh.kept[f"acc_key.life.{made['id']}"] = SessionReservation(
        started_at_ms=1_774_522_801_000
    ).model_dump_json()
    mesh.live.add(made["id"])
    found: Any = mesh.run(sessions.retrieve(request(session_id=made["id"], now_ms=1_774_522_811_000))).body
    assert (found["status"], found["duration_seconds"]) == ("active", 10.0)
    mesh.live.clear()
    found = mesh.run(sessions.retrieve(request(session_id=made["id"]))).body
    assert (found["status"], found["stream"]) == ("ended", None)


def test_without_the_option_the_archive_is_not_asked() -> None:
    mesh = Mesh()
    made: Any = mesh.run(sessions.create(request(BOTH))).body
    mesh.tasks[made["id"]] = rpc.Task(id=made["id"], audio_ms=1)
    mesh.live.add(made["id"])
    found: Any = mesh.run(sessions.retrieve(request(session_id=made["id"]))).body
    assert made["recording"] == found["recording"] == {"enabled": False}


METADATA = st.fixed_dictionaries({"mode": st.just("transcription"), "metadata": JSON})


@given(METADATA)
def test_metadata_is_shown_as_it_was_sent(body: dict[str, Any]) -> None:
    try:
        answer = Mesh().run(sessions.create(request(body)))
    except PeerError as exc:
        assert exc.code is FaultCode.BAD_REQUEST
        return
    shown: Any = answer.body
    if answer.status == 201:
        assert shown["metadata"] == body["metadata"]
    else:
        assert shown["error"]["param"] == "metadata"
