"""The service with a real PostgreSQL that is away when it starts, and hangs while it stores."""

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from dragoman_archive.main import serve
from dragoman_archive.settings import ArchiveSettings
from dragoman_contract import rpc, subjects
from dragoman_kit.bus import Bus
from dragoman_kit.settings import CommonSettings
from dragoman_kit.tasks import end
from tests.archive.support import BEGUN, SECRET, record, sentence
from tests.archive.test_main_process import keep, left, until_stored
from tests.chaos.proxy import proxied
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.integration
AWAY_S = 2.0


async def test_records_wait_for_a_server_that_is_away_at_the_start_and_hangs_later(
    bus: Bus, own_nats_url: str, postgres_url: str, tmp_path: Path
) -> None:
    asked = rpc.ListEntriesRequest(account_id="a_away", task_id="s_away", limit=200)
    part = {"session": "s_away", "account": "a_away"}
    async with proxied(postgres_url.rpartition("@")[2].partition("/")[0]) as way:
        url = f"postgresql://dragoman@{way.url.removeprefix('http://')}/postgres"
        settings = ArchiveSettings(
            key=SecretStr(SECRET), database_url=SecretStr(url), database_timeout_s=1, data_dir=str(tmp_path)
        )
        away = asyncio.create_task(way.cut_for(AWAY_S))
        stop = asyncio.Event()
        common = CommonSettings(nats_url=own_nats_url, nats_provision=False)
        service = asyncio.create_task(serve(stop, settings, common))
        await keep(bus, record(**part, begun=BEGUN), *(record(**part, sentence=sentence(n)) for n in (1, 2)))
        await away
        await until_stored(bus)
        hangs = asyncio.create_task(way.hold(WAIT_S))
        await keep(bus, *(record(**part, sentence=sentence(n)) for n in (3, 4)))
        await asyncio.sleep(AWAY_S)  # longer than the archive waits for it
        assert await left(bus) == 2
        await end(hangs)
        await until_stored(bus)
        found = await bus.request(subjects.archive("list_entries"), asked, rpc.ListEntriesReply)
        assert [entry.sentence.utterance for entry in found.entries] == [1, 2, 3, 4]
        stop.set()
        await asyncio.wait_for(service, WAIT_S)
