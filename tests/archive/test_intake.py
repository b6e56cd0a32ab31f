"""Records of kept sessions are stored in any order, each once; what is none is put aside."""

import asyncio
import itertools

import pytest
from sqlalchemy.exc import IntegrityError

from dragoman_archive.intake import DAY_MS, Intake, store
from dragoman_archive.tasks import Tasks
from dragoman_archive.vault import Vault
from dragoman_contract import codec, rpc, subjects
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit import streams
from dragoman_kit.work import Poison
from tests.archive.support import BEGUN, ENDED, NOW_MS, record, sentence, translation
from tests.support.recording_bus import RecordingBus, WorkMessage

RECORDS = (
    record(begun=BEGUN),
    record(sentence=sentence(1)),
    record(translation=translation(1)),
    record(ended=ENDED),
)


async def everything(vault: Vault) -> tuple[rpc.Task, tuple[rpc.Entry, ...]]:
    tasks = Tasks(vault)
    return await tasks.get("a_1", "s_1"), (await tasks.entries("a_1", "s_1", 200)).entries


def message(stored: rpc.KeptRecord, session: str = "s_1") -> WorkMessage:
    return WorkMessage(codec.encode(stored), subject=subjects.kept(session))


async def test_the_order_of_records_and_repeats_change_nothing(vault: Vault) -> None:
    for one in RECORDS:
        await store(vault, one)
    expected = await everything(vault)
    assert expected[0].sentences == 1 and len(expected[1][0].translations) == 1
    for order in itertools.permutations(RECORDS):
        await Tasks(vault).delete("a_1", ["s_1"])
        async with vault.database.writing() as connection:
            await connection.exec_driver_sql("DELETE FROM tasks")
        for one in (*order, *order):
            assert await store(vault, one)
        assert await everything(vault) == expected


async def test_a_handled_message_is_in_the_database(vault: Vault) -> None:
    await Intake(RecordingBus().bus, vault).handle(message(RECORDS[1]).msg)
    assert (await everything(vault))[0].sentences == 1


def test_a_record_waits_for_a_database_that_is_away_for_days(vault: Vault) -> None:
    settings = Intake(RecordingBus().bus, vault).worker(3)._settings
    assert (settings.consumer, settings.concurrency) == (streams.KEPT, 3)
    assert settings.max_deliver > 7 * 24 * 3600 / 30  # a try each half minute, as long as the stream has it


@pytest.mark.parametrize(("reason", "failed"), [("ended", False), ("internal", True), ("bad_request", False)])
async def test_a_task_has_failed_when_its_session_ended_by_our_fault(
    vault: Vault, reason: str, failed: bool
) -> None:
    await store(vault, record(ended=rpc.TaskEnded(reason=reason, at_ms=NOW_MS)))
    assert (await Tasks(vault).get("a_1", "s_1")).failed is failed


async def test_a_record_whose_time_is_over_is_not_stored(vault: Vault) -> None:
    late = record(started_at_ms=NOW_MS - 31 * DAY_MS, sentence=sentence(1))
    assert not await store(vault, late)
    assert (await Tasks(vault).page("a_1", 10)).tasks == ()


BAD = {
    "no record": WorkMessage(b"\xff\xff", subject=subjects.kept("s_1")),
    "an empty one": message(record()),
    "of another session than its subject": message(RECORDS[0], "s_2"),
    "an account that is no token": message(record(account="a.>", begun=BEGUN)),
    "kept for no day": message(record(days=0, begun=BEGUN)),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
async def test_what_is_no_record_is_given_up_at_once(vault: Vault, bad: WorkMessage) -> None:
    with pytest.raises(Poison):
        await Intake(RecordingBus().bus, vault).handle(bad.msg)


async def test_a_record_cannot_add_to_another_accounts_task(vault: Vault) -> None:
    await store(vault, RECORDS[0])
    with pytest.raises(Poison, match="another account"):
        await store(vault, record(account="a_2", sentence=sentence(1)))
    assert (await everything(vault))[1] == ()


async def test_what_the_database_refuses_for_good_is_given_up_and_an_outage_is_not(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[Exception] = [IntegrityError("", {}, Exception()), MeshError(FaultCode.UNAVAILABLE)]

    async def fail(*_: object) -> bool:
        raise failures[0]

    monkeypatch.setattr("dragoman_archive.intake.store", fail)
    intake = Intake(RecordingBus().bus, vault)
    with pytest.raises(Poison, match="IntegrityError"):
        await intake.handle(message(RECORDS[0]).msg)
    failures.pop(0)
    with pytest.raises(MeshError):
        await intake.handle(message(RECORDS[0]).msg)


async def test_what_is_given_up_lies_where_an_operator_finds_it(vault: Vault) -> None:
    bus = RecordingBus()
    await Intake(bus.bus, vault).give_up(message(RECORDS[0]).msg, "malformed")
    assert bus.dead == [("archive", "s_1", "malformed")]


async def test_a_session_whose_edge_is_lost_has_failed_and_none_begins_by_that(vault: Vault) -> None:
    lost = rpc.TaskEnded(reason="unavailable", at_ms=NOW_MS, lost=True)
    assert not await store(vault, record(days=1, ended=lost))
    assert (await Tasks(vault).page("a_1", 10)).tasks == ()
    await store(vault, RECORDS[0])
    assert await store(vault, record(started_at_ms=NOW_MS, days=1, ended=lost))
    task = await Tasks(vault).get("a_1", "s_1")
    assert (task.failed, task.reason, task.ended_at_ms) == (True, "unavailable", NOW_MS)
    assert task.delete_at_ms == RECORDS[0].started_at_ms + 30 * DAY_MS  # as its session asked


async def test_records_of_a_session_are_stored_in_the_order_in_which_they_come(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    async def slow(_: Vault, one: rpc.KeptRecord) -> bool:
        name = subjects.kept_id(one)
        await asyncio.sleep(0.02 if name == "s_1.kept.0.1" else 0)
        done.append(name)
        return True

    monkeypatch.setattr("dragoman_archive.intake.store", slow)
    intake = Intake(RecordingBus().bus, vault)
    other = record("s_2", ended=ENDED)
    first, last = message(RECORDS[1]), message(RECORDS[3])
    await asyncio.gather(
        intake.handle(first.msg), intake.handle(last.msg), intake.handle(message(other, "s_2").msg)
    )
    assert done == ["s_2.kept.ended", "s_1.kept.0.1", "s_1.kept.ended"]


async def test_the_end_of_a_session_waits_for_older_records_that_a_dead_replica_had_in_hand(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dragoman_archive.intake.BEFORE_S", (0, 0))
    bus = RecordingBus()
    intake, subject = Intake(bus.bus, vault), subjects.kept("s_1")
    await intake.handle(message(RECORDS[0]).msg)
    bus.js.first[subject] = 6  # the end has 7
    with pytest.raises(MeshError):
        await intake.handle(message(RECORDS[3]).msg)
    await intake.handle(message(RECORDS[1]).msg)
    assert (await everything(vault))[0].ended_at_ms == 0
    bus.js.first[subject] = 7
    await intake.handle(message(RECORDS[3]).msg)
    assert (await everything(vault))[0].ended_at_ms == ENDED.at_ms


async def test_a_corrected_speaker_waits_for_the_sentence(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dragoman_archive.intake.BEFORE_S", (0, 0))
    bus = RecordingBus()
    intake, subject = Intake(bus.bus, vault), subjects.kept("s_1")
    kind = rpc.SpeakerChangeKind.CORRECT
    change = rpc.SpeakerChange(kind=kind, speaker="Guest-2", target="agent", utterance=1)
    corrected = record(change=rpc.KeptChange(number=1, speakers=change))
    bus.js.first[subject] = 6  # the correction has 7
    with pytest.raises(MeshError):
        await intake.handle(message(corrected).msg)
    await intake.handle(message(RECORDS[1]).msg)
    bus.js.first[subject] = 7
    await intake.handle(message(corrected).msg)
    assert (await everything(vault))[1][0].sentence.speaker == "Guest-2"


async def test_a_stream_that_cannot_be_asked_holds_up_no_end(vault: Vault) -> None:
    bus = RecordingBus()
    bus.js.failures = [TimeoutError()]
    await store(vault, RECORDS[0])
    await Intake(bus.bus, vault).handle(message(RECORDS[3]).msg)
    assert (await everything(vault))[0].ended_at_ms == ENDED.at_ms
