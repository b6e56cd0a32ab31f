"""The service over a real bus: records survive its death and that of its database, each is stored once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from dragoman_archive.main import serve
from dragoman_archive.settings import ArchiveSettings
from dragoman_contract import codec, rpc, subjects
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_kit.bus import Bus
from dragoman_kit.settings import CommonSettings
from tests.archive.support import BEGUN, ENDED, SECRET, record, sentence, translation
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.integration


@asynccontextmanager
async def running(nats: str, folder: Path) -> AsyncIterator[None]:
    stop = asyncio.Event()
    settings = ArchiveSettings(key=SecretStr(SECRET), data_dir=str(folder), sweep_s=3600)
    common = CommonSettings(nats_url=nats, nats_provision=False)
    service = asyncio.create_task(serve(stop, settings, common))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(service, WAIT_S)


async def keep(bus: Bus, *records: rpc.KeptRecord) -> None:
    for one in records:
        await bus.store(subjects.kept(one.session_id), codec.encode(one), subjects.kept_id(one))


async def entries(bus: Bus, session: str = "s_1") -> tuple[rpc.Entry, ...]:
    asked = rpc.ListEntriesRequest(account_id="a_1", task_id=session, limit=200)
    return (await bus.request(subjects.archive("list_entries"), asked, rpc.ListEntriesReply)).entries


async def left(bus: Bus) -> int:
    """Records that are not acknowledged."""
    return int((await bus.js.stream_info(subjects.KEPT_STREAM)).state.messages)


async def until_stored(bus: Bus) -> None:
    async with asyncio.timeout(WAIT_S):
        while await left(bus):  # noqa: ASYNC110  the server tells nobody
            await asyncio.sleep(0.02)


async def test_what_was_kept_while_it_was_away_is_there_and_leaves_the_bus(
    bus: Bus, own_nats_url: str, tmp_path: Path
) -> None:
    parts = [record(begun=BEGUN), *(record(sentence=sentence(n)) for n in range(1, 51))]
    await keep(bus, *parts, *parts)
    async with running(own_nats_url, tmp_path):
        await until_stored(bus)
        await keep(bus, record(translation=translation(1)), record(ended=ENDED))
        await until_stored(bus)
    await keep(bus, record(sentence=sentence(51)))
    async with running(own_nats_url, tmp_path):
        await until_stored(bus)
        found = await entries(bus)
    assert [entry.sentence.utterance for entry in found] == list(range(1, 52))
    assert found[0].translations == (translation(1),)


async def test_a_record_that_is_none_is_put_aside_and_the_others_are_stored(
    bus: Bus, own_nats_url: str, tmp_path: Path
) -> None:
    await bus.store(subjects.kept("s_1"), b"\xff\xff", "bad")
    await keep(bus, record(sentence=sentence(1)))
    async with running(own_nats_url, tmp_path):
        await until_stored(bus)
        assert len(await entries(bus)) == 1
    dead = await bus.js.get_last_msg(subjects.DEAD_STREAM, subjects.dead("archive", "s_1"))
    assert dead.data == b"\xff\xff"


async def test_records_wait_for_a_database_that_is_away(
    bus: Bus, own_nats_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dragoman_archive import intake

    real, tries = intake.store, []

    async def sometimes(*arguments: object) -> bool:
        tries.append(1)
        if len(tries) < 4:
            raise MeshError(FaultCode.UNAVAILABLE)
        return await real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("dragoman_archive.intake.store", sometimes)
    async with running(own_nats_url, tmp_path):
        await keep(bus, record(sentence=sentence(1)))
        await until_stored(bus)
        assert len(await entries(bus)) == 1 and len(tries) == 4


async def test_a_full_stream_refuses_and_keeps_what_it_has(bus: Bus) -> None:
    config = (await bus.js.stream_info(subjects.KEPT_STREAM)).config
    config.max_bytes = 20_000
    await bus.js.update_stream(config)
    with pytest.raises(MeshError):
        for number in range(100):
            one = record(sentence=sentence(number, "words " * 200))
            await bus.store(subjects.kept("s_1"), codec.encode(one), subjects.kept_id(one), patience_s=0.2)
    first = await bus.js.get_msg(subjects.KEPT_STREAM, seq=1)
    assert codec.decode(rpc.KeptRecord, first.data or b"").sentence == sentence(0, "words " * 200)


async def test_two_archives_on_one_file_store_each_record_once(
    bus: Bus, own_nats_url: str, tmp_path: Path
) -> None:
    async with running(own_nats_url, tmp_path), running(own_nats_url, tmp_path):
        said = [record(f"s_{n}", sentence=sentence(m)) for n in range(4) for m in range(1, 11)]
        await keep(bus, *(record(f"s_{n}", begun=BEGUN) for n in range(4)), *said, *said)
        await until_stored(bus)
        for n in range(4):
            found = await entries(bus, f"s_{n}")
            assert [entry.sentence.utterance for entry in found] == list(range(1, 11))
