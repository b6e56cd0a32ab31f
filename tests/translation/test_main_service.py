"""The service as it runs: real processes, real models, and what it says while they come and go."""

import asyncio
import os
import shutil
import sys
from pathlib import Path

import pytest

from dragoman_contract import rpc, subjects
from dragoman_contract.errors import MeshError
from dragoman_kit.bus import Bus
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.integration


async def chain(bus: Bus, source: str, target: str) -> str:
    """What serves a pair now; empty = nothing, or no answer yet."""
    subject = subjects.capabilities("translation")
    try:
        reply = await bus.request(subject, rpc.CapabilitiesRequest(), rpc.CapabilitiesReply)
    except MeshError:
        return ""
    found = [pair.chain for pair in reply.pairs if (pair.source, pair.target) == (source, target)]
    return found[0] if found else ""


async def until(bus: Bus, source: str, target: str, wanted: str) -> None:
    async with asyncio.timeout(WAIT_S):
        while await chain(bus, source, target) != wanted:  # noqa: ASYNC110  it says so only when asked
            await asyncio.sleep(0.2)


async def test_models_that_come_and_go_change_what_serves_a_pair(
    bus: Bus, own_nats_url: str, models_folder: Path, tmp_path: Path
) -> None:
    aside = tmp_path / "aside"
    shutil.move(models_folder / "translatelocally-en-pt", aside)
    environment = os.environ | {
        "DRAGOMAN_NATS_URL": own_nats_url,
        "DRAGOMAN_MODELS_DIR": str(models_folder),
        "DRAGOMAN_MODELS_FETCH": "false",
    }
    command = [sys.executable, "-m", "dragoman_translation"]
    service = await asyncio.create_subprocess_exec(*command, env=environment)
    try:
        await until(bus, "en", "es", "apertium:en-es")
        shutil.move(aside, models_folder / "translatelocally-en-pt")
        await until(bus, "en", "es", "bergamot:en-pt+apertium:pt-es")
        shutil.rmtree(models_folder / "translatelocally-en-pt")
        await until(bus, "en", "es", "apertium:en-es")
    finally:
        service.terminate()
        assert await asyncio.wait_for(service.wait(), WAIT_S) == 0
