"""Too much audio, a full fleet, an edge that stops: what clients are told, and that nothing is lost."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from dragoman_cli.mesh import Mesh
from dragoman_scripted.tones import numbers, words_to_pcm
from tests.chaos.harness import Plan, mesh
from tests.conformance import native, test_krisp, test_pinch, test_sarvam
from tests.conformance.native import PAUSE
from tests.support.waiting import WAIT_S

PARAMETERS = {"model": "saaras:v3", "mode": "transcribe"}


@pytest.fixture(scope="module")
def small() -> Iterator[Mesh]:
    """One recogniser that takes three tracks and has no noise suppressor, until the edge is told to stop."""
    plan = Plan(replicas={"edge": 1, "stt": 1, "translation": 1, "tts": 1})
    settings = {"DRAGOMAN_STT_CAPACITY": "3", "DRAGOMAN_STT_DENOISE": "", "DRAGOMAN_DRAIN_S": "1"}
    with mesh(plan, **settings) as (running, _):
        yield running


def edge_of(mesh: Mesh) -> str:
    return next(r.url for r in mesh.replicas if r.service == "edge")


@pytest.mark.shows("krisp:error.429.busy", "pinch:error.503", "pinch:close.4503", "sarvam:error.rate.busy")
async def test_a_full_fleet(small: Mesh) -> None:
    edge, key = edge_of(small), small.key
    token = (await test_pinch.created(edge, key)).json()["ws_url"]  # of a moment when there was room
    async with native.session(edge, key), native.session(edge, key), native.session(edge, key):
        async with asyncio.timeout(WAIT_S):  # until the recogniser has told
            while (answer := await test_pinch.created(edge, key)).status_code != 503:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        assert answer.json()["error"]
        assert int(answer.headers["Retry-After"]) >= 1
        async with connect(token, open_timeout=WAIT_S) as socket:
            late = test_pinch.Talk(socket, "")
            assert await late.closed() == 4503 and late.frames[-1]["type"] == "error"
        async with test_krisp.talk(edge, {"Authorization": f"api-key {key}"}) as krisp:
            await krisp.socket.send(json.dumps(test_krisp.config()))
            assert (await krisp.until("error"))["code"] == 429
            with pytest.raises(ConnectionClosed) as closed:
                await krisp.take()
            assert closed.value.rcvd is not None and closed.value.rcvd.code == 1013
        async with test_sarvam.talk(edge, key, **PARAMETERS) as sarvam:
            assert await sarvam.closed() == 1013
            assert sarvam.seen[-1]["data"]["code"] == "rate_limit_exceeded_error"


@pytest.mark.shows("krisp:throttle", "pinch:throttle", "sarvam:throttle")
async def test_audio_that_comes_too_fast_waits_and_is_not_lost(edge: str, key: str) -> None:
    said = [[n, n + 1] for n in range(1, 16, 2)]
    pcm = b"".join(words_to_pcm(words) + PAUSE for words in said)  # twelve seconds, at once
    async with (
        test_krisp.session(edge, key) as krisp,
        test_pinch.session(edge, key, finalizeMode="sentence", audioOutputEnabled="false") as pinch,
        test_sarvam.talk(edge, key, mode="transcribe", input_audio_codec="pcm_s16le") as sarvam,
    ):
        await asyncio.gather(krisp.socket.send(pcm), pinch.socket.send(pcm), sarvam.say(pcm))
        heard = [numbers((await krisp.until("transcript"))["text"]) for _ in said]
        assert heard == said
        heard = [numbers((await pinch.until("original_transcript", is_final=True))["text"]) for _ in said]
        assert heard == said
        heard = [numbers((await sarvam.until("data"))["transcript"]) for _ in said]
        assert heard == said


@pytest.mark.shows("krisp:features.background_voice_cancellation.none")
async def test_recognisers_without_a_noise_suppressor_say_so(small: Mesh) -> None:
    wanted = {"features": {"background_voice_cancellation": True}}
    error = await test_krisp.refusal(edge_of(small), small.key, test_krisp.config(**wanted))
    assert error["code"] == 400 and "background_voice_cancellation" in error["description"]
    async with native.talk(edge_of(small), small.key) as made:
        await made.send(type="start", spoken="en-US", to=["es-ES"], denoise=True)
        assert (await made.until("error"))["code"] == "unsupported_feature"


@pytest.mark.shows("krisp:drain", "pinch:drain", "sarvam:drain")
async def test_an_edge_that_stops(small: Mesh) -> None:
    edge, key = edge_of(small), small.key
    process = next(r.process for r in small.replicas if r.service == "edge")
    async with (
        test_krisp.session(edge, key) as krisp,
        test_pinch.session(edge, key, finalizeMode="sentence") as pinch,
        test_sarvam.talk(edge, key, **PARAMETERS, input_audio_codec="pcm_s16le") as sarvam,
    ):
        await krisp.say(1)
        assert await krisp.until("translate")
        await pinch.say(2)
        assert await pinch.until("translated_transcript", is_final=True)
        assert await sarvam.result(words_to_pcm([3]))
        os.kill(process.pid, signal.SIGTERM)
        error = await krisp.until("error")
        assert error["code"] == 500 and "connect again" in error["description"]
        assert await pinch.closed() == 4503 and "connect again" in pinch.frames[-1]["error"]
        assert await sarvam.closed() == 1013
        assert sarvam.seen[-1]["data"]["code"] == "internal_server_error"
