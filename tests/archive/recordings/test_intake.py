"""Pieces are stored sealed, each once, and the session's edge hears of it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dragoman_archive.intake import DAY_MS
from dragoman_archive.recordings.intake import RecordingIntake
from dragoman_archive.recordings.store import AudioStore, StoreError
from dragoman_archive.tasks import Tasks
from dragoman_archive.vault import Vault
from dragoman_contract import codec, rpc, subjects
from dragoman_kit import streams
from dragoman_kit.work import Poison
from tests.archive.support import NOW_MS
from tests.support.files import files_in
from tests.support.recording_bus import RecordingBus, WorkMessage

PIECE = rpc.AudioPiece(
    session_id="s_1", account_id="a_1", started_at_ms=NOW_MS - 60_000, days=30, track=0, index=4,
    start_frame=80, packets=(b"audio of ours",) * 3, end_sample=0,
)  # fmt: skip


class Desk:
    """The intake over a bus in memory and a folder."""

    def __init__(self, vault: Vault, folder: Path) -> None:
        self.bus, self.folder = RecordingBus(), folder
        self.store = AudioStore(f"file://{folder}", {})
        self.intake = RecordingIntake(self.bus.bus, vault, self.store)
        self.told: list[tuple[str, rpc.AudioNotice]] = []
        nc: Any = self.bus.nc
        nc.publish = self.publish

    async def publish(self, subject: str, payload: bytes) -> None:
        self.told.append((subject, codec.decode(rpc.AudioNotice, payload)))

    async def take(self, piece: rpc.AudioPiece, account: str = "a_1") -> None:
        message = WorkMessage(codec.encode(piece), subject=subjects.recording(account))
        await self.intake.handle(message.msg)

    def objects(self) -> dict[str, bytes]:
        return {str(path.relative_to(self.folder)): data for path, data in files_in(self.folder).items()}


@pytest.fixture
def desk(vault: Vault, tmp_path: Path) -> Desk:
    return Desk(vault, tmp_path / "audio")


async def test_a_piece_is_stored_sealed_and_told(desk: Desk) -> None:
    await desk.take(PIECE)
    ((path, raw),) = desk.objects().items()
    assert path == "s_1/0/000000080" and b"audio of ours" not in raw
    notice = rpc.AudioNotice(track=0, index=4, frames=3)
    assert desk.told == [(subjects.recorded("s_1"), notice)]


async def test_a_store_that_refuses_is_told_and_the_piece_comes_again(desk: Desk) -> None:
    desk.folder.write_text("in the way")
    with pytest.raises(StoreError):
        await desk.take(PIECE)
    assert [notice.problem for _, notice in desk.told] == ["refused"]
    desk.folder.unlink()
    await desk.take(PIECE)
    assert [notice.problem for _, notice in desk.told] == ["refused", ""] and len(desk.objects()) == 1


async def test_a_piece_waits_for_a_store_that_is_away_for_days(desk: Desk) -> None:
    settings = desk.intake.worker(3)._settings
    assert (settings.consumer, settings.concurrency) == (streams.RECORDINGS, 3)
    assert settings.max_deliver > 7 * 24 * 3600 / 30


async def test_pieces_of_a_deleted_task_are_dropped(desk: Desk, vault: Vault) -> None:
    await desk.take(PIECE)
    await Tasks(vault).delete("a_1", ["s_1"])
    before = desk.objects()
    await desk.take(replace(PIECE, start_frame=160))
    assert desk.objects() == before and not await desk.intake.keep(replace(PIECE, start_frame=240))


async def test_a_task_that_is_deleted_meanwhile_gets_nothing(
    desk: Desk, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.take(PIECE)
    put = desk.store.put

    async def deleted_then(path: str, data: bytes) -> None:
        await put(path, data)
        await Tasks(vault).delete("a_1", ["s_1"])

    monkeypatch.setattr(desk.store, "put", deleted_then)
    assert not await desk.intake.keep(replace(PIECE, start_frame=160))
    assert list(desk.objects()) == ["s_1/0/000000080"]  # of the deletion itself others take care


async def test_a_piece_whose_time_is_over_is_not_stored(desk: Desk) -> None:
    assert not await desk.intake.keep(replace(PIECE, started_at_ms=NOW_MS - 31 * DAY_MS))
    assert desk.objects() == {}


BAD = {
    "no packets": replace(PIECE, packets=()),
    "an empty packet": replace(PIECE, packets=(b"",)),
    "too many": replace(PIECE, packets=(b"x",) * 81),
    "more than a page": replace(PIECE, packets=(bytes(1000),) * 80),
    "kept for no day": replace(PIECE, days=0),
    "a session that is no token": replace(PIECE, session_id="../x"),
    "a place that no database takes": replace(PIECE, start_frame=2**60),
    "an end that no database takes": replace(PIECE, end_sample=2**62),
    "of another account than its subject": replace(PIECE, account_id="a_2"),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
async def test_what_is_no_piece_is_given_up_at_once(desk: Desk, bad: rpc.AudioPiece) -> None:
    with pytest.raises(Poison):
        await desk.take(bad)
    assert desk.objects() == {}


async def test_a_piece_cannot_add_to_another_accounts_task(desk: Desk) -> None:
    await desk.take(PIECE)
    with pytest.raises(Poison, match="another account"):
        await desk.take(replace(PIECE, account_id="a_2", start_frame=160), account="a_2")
    assert (await desk.intake.keep(PIECE)) is True


async def test_what_is_given_up_lies_where_an_operator_finds_it(desk: Desk) -> None:
    message = WorkMessage(b"?", subject=subjects.recording("a_1"))
    with pytest.raises(Poison):
        await desk.intake.handle(message.msg)
    await desk.intake.give_up(message.msg, "malformed")
    assert desk.bus.dead == [("archive", "a_1", "malformed")]
