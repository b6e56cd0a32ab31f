"""A repeated request has the answer of the first."""

from dragoman_edge.dialects.kallglot import sessions
from dragoman_edge.model.served import UnservedError
from tests.support.kallglot_codec import BOTH, NOW_MS, Mesh, request


def test_a_repeat_has_the_same_answer_also_when_its_token_has_expired() -> None:
    mesh = Mesh()
    headers = {"authorization": "Bearer key", "idempotency-key": "once"}
    first = mesh.run(sessions.create(request(BOTH, headers=headers)))
    for later_ms in (1, 3_599_000, 3_600_001, 86_000_000):
        mesh.now_ms = NOW_MS + later_ms
        later = request(BOTH, headers=headers, now_ms=mesh.now_ms, new_id="def")
        assert mesh.run(sessions.create(later)) == first
    assert {asked.seed for asked in mesh.issued} == {first.body["id"]}  # type: ignore[index]
    assert [asked.ttl_ms for asked in mesh.issued] == [3_600_000, 3_599_999, 1000, 1000, 1000]
    plain = [mesh.run(sessions.create(request(BOTH, new_id=name))).body for name in "xy"]
    assert plain[0] != plain[1]
    assert mesh.issued[-1].seed == ""  # a token of no key is random


def test_nothing_that_is_remembered_holds_a_token_or_an_idempotency_key() -> None:
    mesh = Mesh()
    headers = {"authorization": "Bearer key", "idempotency-key": "once.>*"}
    mesh.run(sessions.create(request(BOTH, headers=headers)))
    assert len(mesh.kept) == 2
    for name, value in mesh.kept.items():
        assert name.startswith("acc_key.kallglot.")
        assert "kst_" not in value
        assert "once" not in name.rpartition(".")[2] + value


def test_a_repeat_is_not_refused_for_a_language_that_has_gone() -> None:
    mesh = Mesh()
    headers = {"authorization": "Bearer key", "idempotency-key": "once"}
    first = mesh.run(sessions.create(request(BOTH, headers=headers)))
    mesh.refusal = UnservedError("gone", "de")
    assert mesh.run(sessions.create(request(BOTH, headers=headers))) == first
    assert mesh.run(sessions.create(request(BOTH))).status == 400
