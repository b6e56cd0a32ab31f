"""Work that no worker could do: told to the client, put aside, and done again by an operator."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from dragoman_cli.audio_source import paced
from dragoman_cli.client import Wish, translate
from dragoman_cli.mesh import Mesh
from dragoman_cli.results import Results
from dragoman_scripted.engines import FAIL, TRANSLATION, trouble
from dragoman_scripted.tones import numbers, words_to_pcm
from tests.chaos.harness import PAUSE, Plan, mesh
from tests.support.waiting import SETTLE_S, WAIT_S

pytestmark = pytest.mark.mesh
ONE_EACH = {"edge": 1, "stt": 1, "translation": 1, "tts": 1}


@pytest.fixture(scope="module")
def made() -> Iterator[Mesh]:
    with mesh(Plan(replicas=ONE_EACH)) as (running, _):
        yield running


def dlq(made: Mesh, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dragoman_cli", "dlq", *arguments, "--nats", made.nats_url]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


async def test_what_fails_for_ever_is_told_put_aside_and_can_be_sent_again(made: Mesh) -> None:
    assert dlq(made, "list").stdout.strip() == "nothing was given up"
    bad = trouble(TRANSLATION, FAIL)
    pcm = PAUSE + words_to_pcm([1, 2]) + PAUSE + words_to_pcm([3, bad]) + PAUSE + words_to_pcm([5, 6]) + PAUSE
    url = str(made.state()["edge"])
    results: Results = await translate(
        url, made.key, Wish("en-US", "es-ES"), paced(pcm), quiet_s=WAIT_S, settle_s=SETTLE_S
    )
    translated = [numbers(u.translation) for u in results.utterances.values()]
    assert translated == [[1, 2], [], [5, 6]]
    assert len(results.errors) == 1
    assert results.errors[0]["code"] == 500
    assert "utterance 2" in results.errors[0]["description"]

    shown = dlq(made, "list").stdout
    assert "transcript 2" in shown
    assert "engine_failed" in shown
    refused = dlq(made, "replay", "999")
    assert refused.returncode != 0
    assert "no message 999" in refused.stdout + refused.stderr
    assert dlq(made, "replay", "--all").stdout.strip() == "1 sent again"
