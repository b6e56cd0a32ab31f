"""Records of imports: one whose edge is gone has failed, and is never stuck."""

from dragoman_edge.model.imports import INTERRUPTED, STALE_MS, ImportRecord, State, key, prefix

RECORD = ImportRecord(session_id="s_1", created_at_ms=1_000, at_ms=5_000, done_ms=7)


def test_an_import_whose_edge_is_gone_has_failed() -> None:
    assert RECORD.seen_at(5_000 + STALE_MS - 1) is RECORD
    lost = RECORD.seen_at(5_000 + STALE_MS)
    assert (lost.state, lost.code, lost.done_ms) == (State.FAILED, INTERRUPTED, 7)


def test_an_import_that_is_over_stays_as_it_ended() -> None:
    done = RECORD.model_copy(update={"state": State.COMPLETED})
    assert done.seen_at(10**15) is done and done.state.over


def test_an_accounts_imports_are_found_by_the_beginning_of_their_keys() -> None:
    assert key("a_1", "s_1") == prefix("a_1") + ".s_1"
