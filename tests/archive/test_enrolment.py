"""Enrolled speakers: sealed, of one account, for a time, deleted for good."""

import pytest
from sqlalchemy import select

from dragoman_archive.enrolment import DAY_MS, Enrolment
from dragoman_archive.sweeper import sweep
from dragoman_archive.tables import ENROLLED_SPEAKERS, TASK_KEYS
from dragoman_archive.tasks import Tasks
from dragoman_archive.vault import Vault
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.events import KnownSpeaker
from dragoman_contract.rpc import EnrolSpeakerRequest
from tests.archive.support import NOW_MS


def wanted(name: str = "Ana", account: str = "a_1", days: int = 30) -> EnrolSpeakerRequest:
    return EnrolSpeakerRequest(account_id=account, name=name, print=b"voice", spoken_ms=4000, days=days)


async def rows(vault: Vault) -> tuple[int, int]:
    """Rows and keys."""
    async with vault.database.reading() as connection:
        speakers = (await connection.execute(select(ENROLLED_SPEAKERS))).all()
        keys = (await connection.execute(select(TASK_KEYS))).all()
    return len(speakers), len(keys)


async def test_a_voice_is_sealed_listed_and_given_to_sessions(vault: Vault) -> None:
    enrolment = Enrolment(vault)
    ana, ben = [await enrolment.enrol(wanted(name)) for name in ("Ana", "Ben")]
    assert ana.delete_at_ms - ana.enrolled_at_ms == 30 * DAY_MS
    assert await enrolment.all("a_1") == (ana, ben)
    known = await enrolment.known("a_1", [ben.id, ana.id])
    assert known[0] == KnownSpeaker(id=ben.id, name="Ben", print=b"voice", spoken_ms=4000)
    async with vault.database.reading() as connection:
        for row in await connection.execute(select(ENROLLED_SPEAKERS)):
            assert b"voice" not in row.print and b"Ana" not in row.name and b"Ben" not in row.name


async def test_another_accounts_speaker_is_an_unknown_one(vault: Vault) -> None:
    enrolment = Enrolment(vault)
    ana = await enrolment.enrol(wanted())
    assert await enrolment.all("a_2") == ()
    for attempt, code in (
        (enrolment.known("a_2", [ana.id]), FaultCode.BAD_REQUEST),
        (enrolment.delete("a_2", ana.id), FaultCode.UNKNOWN_SESSION),
    ):
        with pytest.raises(PeerError) as caught:
            await attempt
        assert caught.value.code == code
    assert await enrolment.all("a_1") == (ana,)


async def test_a_deleted_speaker_has_neither_row_nor_key(vault: Vault) -> None:
    enrolment = Enrolment(vault)
    ana = await enrolment.enrol(wanted())
    await enrolment.delete("a_1", ana.id)
    assert await rows(vault) == (0, 0)
    with pytest.raises(PeerError):
        await enrolment.delete("a_1", ana.id)


async def test_speakers_go_with_their_account(vault: Vault) -> None:
    enrolment = Enrolment(vault)
    await enrolment.enrol(wanted())
    other = await enrolment.enrol(wanted(account="a_2"))
    await Tasks(vault).erase("a_1")
    assert await rows(vault) == (1, 1)
    assert await enrolment.all("a_2") == (other,)


async def test_a_speaker_whose_time_is_over_is_swept(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    enrolment = Enrolment(vault)
    ana = await enrolment.enrol(wanted(days=1))
    monkeypatch.setattr("dragoman_archive.enrolment._now_ms", lambda: NOW_MS + 2 * DAY_MS)
    assert await enrolment.all("a_1") == ()
    with pytest.raises(PeerError):
        await enrolment.known("a_1", [ana.id])
    await sweep(vault, NOW_MS + 2 * DAY_MS)
    assert await rows(vault) == (0, 0)


async def test_an_account_has_only_so_many(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dragoman_archive.enrolment.MOST", 1)
    enrolment = Enrolment(vault)
    await enrolment.enrol(wanted())
    with pytest.raises(PeerError) as caught:
        await enrolment.enrol(wanted())
    assert caught.value.code == FaultCode.TOO_LARGE


@pytest.mark.parametrize(
    "bad",
    [
        wanted(name=""),
        wanted(name="a" * 101),
        wanted(name="a\nb"),
        wanted(days=0),
        EnrolSpeakerRequest(account_id="a_1", name="Ana", print=b"", days=1),
        EnrolSpeakerRequest(account_id="a_1", name="Ana", print=bytes(5000), days=1),
    ],
    ids=["no name", "long name", "two lines", "no time", "no voice", "too much voice"],
)
async def test_what_makes_no_sense_is_not_kept(vault: Vault, bad: EnrolSpeakerRequest) -> None:
    with pytest.raises(PeerError) as caught:
        await Enrolment(vault).enrol(bad)
    assert caught.value.code == FaultCode.BAD_REQUEST
    assert await rows(vault) == (0, 0)


async def test_a_session_knows_only_so_many(vault: Vault) -> None:
    with pytest.raises(PeerError):
        await Enrolment(vault).known("a_1", ["sp_1"] * 21)
