"""Speakers of a task: renamed, merged, exchanged; sealed like its texts."""

import pytest
from sqlalchemy import select

from dragoman_archive import speakers as module
from dragoman_archive.intake import store
from dragoman_archive.speakers import changed
from dragoman_archive.tables import TASKS
from dragoman_archive.tasks import Tasks
from dragoman_archive.vault import Vault
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.rpc import KeptChange, Speaker, SpeakerChange, SpeakerChangeKind
from tests.archive.support import BEGUN, record, sentence


def renamed(speaker: str, label: str) -> SpeakerChange:
    return SpeakerChange(kind=SpeakerChangeKind.RENAME, speaker=speaker, label=label)


def merged(source: str, target: str) -> SpeakerChange:
    return SpeakerChange(kind=SpeakerChangeKind.MERGE, speaker=source, target=target)


def reassigned(utterance: int, speaker: str) -> SpeakerChange:
    return SpeakerChange(kind=SpeakerChangeKind.REASSIGN, speaker=speaker, utterance=utterance)


def corrected(utterance: int, before: str, speaker: str) -> SpeakerChange:
    kind = SpeakerChangeKind.CORRECT
    return SpeakerChange(kind=kind, speaker=speaker, target=before, utterance=utterance)


def test_who_was_merged_follows_the_one_he_was_merged_into() -> None:
    known = changed(changed((), merged("c", "b")), renamed("b", "Bo"))
    known = changed(known, merged("b", "a"))
    assert known == (Speaker(id="c", merged_into="a"), Speaker(id="b", label="Bo", merged_into="a"))
    assert changed(known, merged("d", "c"))[-1] == Speaker(id="d", merged_into="a")
    with pytest.raises(PeerError):
        changed(known, merged("a", "c"))  # c is a


def test_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 1)
    known = changed((), renamed("a", "A"))
    assert changed(known, renamed("a", "B")) == (Speaker(id="a", label="B"),)
    with pytest.raises(PeerError):
        changed(known, renamed("b", "B"))


async def test_changes_are_sealed_and_gone_with_the_task(vault: Vault) -> None:
    await store(vault, record(begun=BEGUN))
    await store(vault, record(sentence=sentence(1)))
    tasks = Tasks(vault)
    task = await tasks.change_speakers("a_1", "s_1", renamed("agent", "Ms Secret"))
    assert task.speakers == (Speaker(id="agent", label="Ms Secret"),)
    async with vault.database.reading() as connection:
        stored = (await connection.execute(select(TASKS.c.speakers))).scalar_one()
    assert stored and b"Secret" not in stored
    await tasks.delete("a_1", ["s_1"])
    async with vault.database.reading() as connection:
        assert (await connection.execute(select(TASKS.c.speakers))).scalar_one() is None


async def test_a_sentence_gets_another_speaker(vault: Vault) -> None:
    for part in (record(begun=BEGUN), record(sentence=sentence(1)), record(sentence=sentence(2))):
        await store(vault, part)
    tasks = Tasks(vault)
    await tasks.change_speakers("a_1", "s_1", reassigned(2, "client"))
    page = await tasks.entries("a_1", "s_1", 10)
    assert [one.sentence.speaker for one in page.entries] == ["agent", "client"]
    for wrong, code in (
        (reassigned(3, "client"), FaultCode.UNKNOWN_SESSION),
        (reassigned(1, ""), FaultCode.BAD_REQUEST),
        (renamed("agent", "a\nb"), FaultCode.BAD_REQUEST),
        (renamed("agent", "x" * 101), FaultCode.BAD_REQUEST),
    ):
        with pytest.raises(PeerError) as refused:
            await tasks.change_speakers("a_1", "s_1", wrong)
        assert refused.value.code is code
    for account, task in (("a_2", "s_1"), ("a_1", "s_2")):
        with pytest.raises(PeerError) as refused:
            await tasks.change_speakers(account, task, renamed("agent", "x"))
        assert refused.value.code is FaultCode.UNKNOWN_SESSION


async def test_what_the_client_changed_while_it_spoke_is_kept(vault: Vault) -> None:
    await store(vault, record(begun=BEGUN))
    await store(vault, record(sentence=sentence(1)))
    for number, change in enumerate(
        (renamed("agent", "Ann"), reassigned(1, "other"), reassigned(9, "other"))
    ):
        await store(vault, record(change=KeptChange(number=number, speakers=change)))
    await store(vault, record(change=KeptChange(number=9, title="Réunion")))
    task = await Tasks(vault).get("a_1", "s_1")
    assert (task.title, task.speakers) == ("Réunion", (Speaker(id="agent", label="Ann"),))
    page = await Tasks(vault).entries("a_1", "s_1", 10)
    assert page.entries[0].sentence.speaker == "other"


async def test_a_correction_counts_unless_somebody_has_chosen_another_speaker(vault: Vault) -> None:
    for part in (record(begun=BEGUN), record(sentence=sentence(1)), record(sentence=sentence(2))):
        await store(vault, part)
    tasks = Tasks(vault)
    await tasks.change_speakers("a_1", "s_1", reassigned(2, "client"))
    for utterance in (1, 2):
        change = KeptChange(number=utterance, speakers=corrected(utterance, "agent", "Guest-2"))
        assert await store(vault, record(change=change))
    page = await tasks.entries("a_1", "s_1", 10)
    assert [one.sentence.speaker for one in page.entries] == ["Guest-2", "client"]
