"""Recordings in a bucket: a real S3 server, that goes away and comes back."""

from collections.abc import Iterator

import pytest

from dragoman_archive.recordings.garbage import Garbage
from dragoman_archive.recordings.intake import RecordingIntake
from dragoman_archive.recordings.reading import Recordings
from dragoman_archive.recordings.store import UNAVAILABLE, AudioStore, StoreError
from dragoman_archive.tasks import Tasks
from dragoman_archive.vault import Vault
from tests.archive import s3_server
from tests.support.audio_pieces import cuts_of, decoded, likeness, pieces_of, sound
from tests.support.recording_bus import RecordingBus

pytestmark = pytest.mark.integration
WHOLE = 10**5


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3_server.S3]:
    with s3_server.running(tmp_path_factory.mktemp("s3")) as server:
        yield server


def store_of(s3: s3_server.S3, prefix: str, timeout_s: float = 10) -> AudioStore:
    return AudioStore(f"s3://recordings/{prefix}", s3.options, timeout_s)


async def test_a_recording_lies_sealed_in_the_bucket_and_is_gone_when_its_task_is(
    s3: s3_server.S3, vault: Vault
) -> None:
    store = store_of(s3, "one")
    spoken = sound(10)
    for piece in pieces_of(cuts_of(spoken.tobytes())):
        await RecordingIntake(RecordingBus().bus, vault, store).keep(piece)
    recordings = Recordings(vault, Tasks(vault), store)
    heard = decoded(await recordings.read("a_1", "s_1", 0, 0, WHOLE))
    assert len(heard) == len(spoken) and likeness(heard, spoken) > 0.95
    objects = s3.objects("one/")
    assert len(objects) == 3 and all(path.startswith("one/s_1/0/") for path in objects)
    assert all(b"Ogg" not in raw and len(raw) > 1000 for raw in objects.values())
    await Tasks(vault).delete("a_1", ["s_1"])
    await Garbage(vault, store, 60).remove()
    assert s3.objects("one/") == {}


@pytest.mark.parametrize("name", ["AWS_ENDPOINT", "AWS_ENDPOINT_URL"])
async def test_a_server_of_ones_own_is_found_by_the_environment(
    s3: s3_server.S3, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for option in ("access_key_id", "secret_access_key", "region"):
        monkeypatch.setenv(f"AWS_{option.upper()}", s3.options[option])
    monkeypatch.setenv(name, s3.options["endpoint"])
    store = AudioStore("s3://recordings/environment", {})
    await store.put("a", b"x")
    assert await store.get("a") == b"x"


async def test_a_bucket_that_there_is_not_takes_nothing(s3: s3_server.S3) -> None:
    with pytest.raises(StoreError):
        await AudioStore("s3://nobodys/x", s3.options).put("a", b"x")


async def test_a_server_that_hangs_is_away_and_heals(s3: s3_server.S3) -> None:
    store = store_of(s3, "two", timeout_s=3)
    await store.put("a", b"before")
    s3.pause(True)
    try:
        with pytest.raises(StoreError) as away:
            await store.put("b", b"x")
        assert away.value.problem == UNAVAILABLE
    finally:
        s3.pause(False)
    again = store_of(s3, "two")
    await again.put("b", b"after")
    assert [await again.get(name) for name in ("a", "b")] == [b"before", b"after"]
