"""The store of recordings: a folder that is there after a crash, failures that tell nothing of it."""

import threading
from pathlib import Path

import pytest

from dragoman_archive.recordings.store import REFUSED, UNAVAILABLE, AudioStore, StoreError
from dragoman_contract.errors import FaultCode
from tests.support.waiting import WAIT_S


def local(folder: Path) -> AudioStore:
    return AudioStore(f"file://{folder}", {})


async def test_what_is_put_is_read_and_deleted(tmp_path: Path) -> None:
    store = local(tmp_path / "audio")
    await store.put("s_1/0/000000000", b"one")
    await store.put("s_1/1/000000000", b"two")
    await store.put("s_10/0/000000000", b"three")
    assert await store.get("s_1/0/000000000") == b"one"
    await store.put("s_1/0/000000000", b"again")
    assert await store.get("s_1/0/000000000") == b"again"
    await store.delete("s_1/1/000000000")
    await store.delete("s_1/1/000000000")  # it is gone already
    await store.delete_all("s_1")
    assert not (tmp_path / "audio" / "s_1").exists()
    assert await store.get("s_10/0/000000000") == b"three"
    with pytest.raises(StoreError):
        await store.get("s_1/0/000000000")


async def test_others_of_this_machine_cannot_read_the_folder(tmp_path: Path) -> None:
    await local(tmp_path / "audio").put("s_1/0/0", b"x")
    assert (tmp_path / "audio").stat().st_mode & 0o077 == 0


async def test_a_folder_that_takes_nothing_refuses_and_heals(tmp_path: Path) -> None:
    (tmp_path / "audio").write_text("in the way")
    store = local(tmp_path / "audio")
    with pytest.raises(StoreError) as refused:
        await store.put("s_1/0/0", b"x")
    assert (refused.value.problem, refused.value.code) == (REFUSED, FaultCode.UNAVAILABLE)
    (tmp_path / "audio").unlink()
    await store.put("s_1/0/0", b"x")
    assert await store.get("s_1/0/0") == b"x"


async def test_a_disk_that_hangs_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hangs = threading.Event()
    monkeypatch.setattr("dragoman_archive.recordings.store._sync", lambda _: hangs.wait(WAIT_S))
    store = AudioStore(f"file://{tmp_path}", {}, timeout_s=0.05)
    with pytest.raises(StoreError) as away:
        await store.put("s_1/0/0", b"x")
    hangs.set()
    assert away.value.problem == UNAVAILABLE


async def test_a_server_that_is_away_is_told_without_its_address() -> None:
    options = {"endpoint": "http://127.0.0.1:1", "access_key_id": "SECRET1", "secret_access_key": "SECRET2"}
    store = AudioStore("s3://bucket/prefix", options, timeout_s=0.5)
    for call in (store.put("a", b"x"), store.get("a"), store.delete("a"), store.delete_all("a")):
        with pytest.raises(StoreError) as away:
            await call
        assert away.value.problem == UNAVAILABLE
        assert "SECRET" not in repr(away.value) and "127.0" not in repr(away.value)
        assert away.value.__cause__ is None and away.value.__suppress_context__


def test_an_option_that_there_is_not_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="cannot be set up") as refused:
        AudioStore("s3://bucket", {"no_such_option": "SECRET"})
    assert "SECRET" not in str(refused.value)
