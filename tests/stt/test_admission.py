"""When a worker takes one more track, and when it leaves it to another."""

from collections import Counter

import pytest

from dragoman_contract import rpc
from dragoman_stt import admission
from dragoman_stt.admission import Admission
from dragoman_stt.settings import SttSettings


class Spent:
    """What the scheduler has spent on finals."""

    final_seconds = 0.0
    lag = 0.0

    def lag_s(self, now: float) -> float:
        """How long decodes waited."""
        return self.lag


@pytest.fixture
def spent() -> Spent:
    return Spent()


@pytest.fixture
def made(spent: Spent) -> Admission:
    return Admission(SttSettings(capacity=10, decodes=2, max_load=0.5), spent, "me")  # type: ignore[arg-type]


def load(worker: str, tracks: int, room: bool = True) -> rpc.WorkerLoad:
    return rpc.WorkerLoad(worker_id=worker, tracks=tracks, room=room)


def test_a_full_worker_takes_no_more(made: Admission) -> None:
    assert [made.refusal(tracks) for tracks in (0, 9, 10, 11)] == ["", "", "full", "full"]


def test_a_worker_whose_threads_are_busy_with_finals_takes_no_more(made: Admission, spent: Spent) -> None:
    for second in range(1, 31):
        spent.final_seconds += 1.9  # of two threads
        made.measure(float(second))
    assert made.load == pytest.approx(0.95, abs=0.05)
    assert made.refusal(3) == "busy"
    assert made.refusal(0) == ""  # an idle worker's load is of the past
    for second in range(31, 61):
        made.measure(float(second))
    assert made.refusal(3) == ""


def test_a_worker_whose_decodes_wait_takes_no_more(made: Admission, spent: Spent) -> None:
    spent.lag = 0.7
    made.measure(1.0)
    assert (made.refusal(3), made.refusal(0)) == ("late", "")
    spent.lag = 0.1
    made.measure(1.4)
    assert made.refusal(3) == ""


def test_a_worker_near_its_memory_limit_takes_no_more(
    made: Admission, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made, "_limit", 1000)
    monkeypatch.setattr(admission, "memory_used", lambda: 901)
    assert made.refusal(1) == "memory"
    monkeypatch.setattr(admission, "memory_used", lambda: 899)
    assert made.refusal(1) == ""


def test_a_worker_leaves_tracks_to_one_that_has_clearly_fewer(made: Admission) -> None:
    made.heard(load("other", 2), 0.0)
    assert [made.yields(tracks, 1.0) for tracks in (1, 2, 3, 8)] == [False, False, True, True]
    made.heard(load("me", 0), 0.0)
    assert not made.yields(2, 1.0)


def test_a_worker_that_is_full_or_silent_is_not_counted_on(made: Admission) -> None:
    made.heard(load("full", 0, room=False), 0.0)
    assert not made.yields(5, 0.1)
    made.heard(load("gone", 0), 0.0)
    assert made.yields(5, 0.1) and not made.yields(5, 3.0)


def test_one_of_any_number_of_workers_never_yields() -> None:
    counts = [7, 3, 5, 3]
    workers = [Admission(SttSettings(), Spent(), str(n)) for n in range(4)]  # type: ignore[arg-type]
    for worker in workers:
        for number, tracks in enumerate(counts):
            worker.heard(load(str(number), tracks), 0.0)
    yielding = [w.yields(tracks, 0.1) for w, tracks in zip(workers, counts, strict=True)]
    assert yielding == [True, False, True, False]


def test_the_limit_of_a_container_is_found() -> None:
    assert admission.memory_limit() > 1 << 20
    assert 1 << 20 < admission.memory_used() < 1 << 40


def test_one_account_leaves_places_for_others(made: Admission) -> None:
    assert made.refusal_of("a", Counter(a=7)) == ""
    assert made.refusal_of("a", Counter(a=8)) == "share"
    assert made.refusal_of("b", Counter(a=8, b=1)) == ""
    assert made.refusal_of("b", Counter(a=8, b=2)) == "full"


def test_an_account_may_have_all_where_the_operator_says_so(spent: Spent) -> None:
    made = Admission(SttSettings(capacity=3, account_share=1), spent, "me")  # type: ignore[arg-type]
    assert made.refusal_of("a", Counter(a=2)) == ""


def test_who_has_less_than_an_equal_share_is_taken_by_a_late_worker(made: Admission, spent: Spent) -> None:
    spent.lag = 0.7
    made.measure(1.0)
    assert made.refusal_of("b", Counter(a=5)) == ""
    assert made.refusal_of("b", Counter(a=5, b=2)) == ""
    assert made.refusal_of("b", Counter(a=4, b=4)) == "late"
    assert made.refusal_of("a", Counter(a=5)) == "late"  # nobody else is there to be served first
    assert made.refusal_of("c", Counter(a=2, b=2)) == ""


def test_imports_are_few_and_leave_half_of_the_room_to_live_tracks(made: Admission, spent: Spent) -> None:
    assert [made.refusal_of_import(0, imports) for imports in (0, 1, 2)] == ["", "", "imports"]
    assert [made.refusal_of_import(live, 1) for live in (3, 4)] == ["", "full"]
    spent.lag = 0.7
    made.measure(1.0)
    assert made.refusal_of_import(1, 0) == "late"
