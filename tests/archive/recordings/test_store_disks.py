"""Recordings on a real disk that is full, or may only be read."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dragoman_archive.recordings.store import REFUSED, AudioStore, StoreError
from tests.chaos.world import may_mount

pytestmark = pytest.mark.integration


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a megabyte."""
    if not may_mount():
        pytest.skip("this user may not mount a disk")
    folder = tmp_path / "audio"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def remount(disk: Path, mode: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{mode}", disk], check=True)


async def refused(store: AudioStore) -> None:
    with pytest.raises(StoreError) as caught:
        await store.put("s_2/0/0", bytes(10_000))
    assert caught.value.problem == REFUSED


async def test_a_full_disk_refuses_keeps_what_it_has_and_heals(disk: Path) -> None:
    store = AudioStore(f"file://{disk}", {})
    await store.put("s_1/0/0", b"before")
    (disk / "ballast").write_bytes(bytes((1 << 20) - 8192))
    await refused(store)
    assert await store.get("s_1/0/0") == b"before"
    (disk / "ballast").unlink()
    await store.put("s_2/0/0", b"after")
    assert await store.get("s_2/0/0") == b"after"


async def test_a_disk_that_may_only_be_read_refuses_is_read_and_heals(disk: Path) -> None:
    store = AudioStore(f"file://{disk}", {})
    await store.put("s_1/0/0", b"before")
    remount(disk, "ro")
    await refused(store)
    assert await store.get("s_1/0/0") == b"before"
    remount(disk, "rw")
    await store.put("s_2/0/0", b"after")
