"""Sound in the browser: resampled without aliases, and held back when the server says so."""

import asyncio
import base64
import json

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.async_api import Page, WebSocketRoute, expect

from dragoman_contract.audio import SAMPLE_RATE
from tests.pages.conftest import Open
from tests.pages.test_halves import LANGUAGES, STARTED, transcript

pytestmark = pytest.mark.integration
DEVICE_RATE = 48_000
FRAME = 320  # samples of 20 ms
CAPTURED = """async ([base, tones, rate]) => {
  const context = new OfflineAudioContext(1, 2 * rate, rate);
  await context.audioWorklet.addModule(new URL("capture-worklet.js", base));
  const capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 1 });
  const frames = [];
  const enough = new Promise((done) => {
    capture.port.onmessage = ({ data }) => frames.push([...new Int16Array(data.pcm)]) >= 98 && done();
  });
  for (const frequency of tones) {
    const tone = new OscillatorNode(context, { frequency });
    tone.connect(new GainNode(context, { gain: 0.4 })).connect(capture);
    tone.start();
  }
  capture.connect(context.destination);
  await context.startRendering();
  await enough;
  return frames.flat();
}"""
TURNS = """async (base) => {
  const { Turns } = await import(new URL("turns.js", base));
  const played = [];
  const turns = new Turns((chunk, last) => played.push(chunk + (last ? "." : "")));
  const chunks = [["a", "a1"], ["b", "b1"], ["a", "a2"], ["b", "b2", true], ["a", "a3", true]];
  for (const [key, chunk, last] of chunks) turns.add(key, chunk, last ?? false, 0);
  turns.add("c", "c1", false, 0); // never ends
  turns.add("d", "d1", true, 1000);
  turns.add("e", null, true, 3000);
  return played;
}"""
# Blocks of 128 samples at 16 kHz; each chunk comes at a time (ms) and is numbered through, from 1.
PLAYED = """async ([base, chunks, ms]) => {
  globalThis.AudioWorkletProcessor = class { port = {}; };
  globalThis.sampleRate = 16000;
  let Player;
  globalThis.registerProcessor = (_, made) => (Player = made);
  await import(new URL("player-worklet.js", base));
  const player = new Player(), played = [], waiting = [...chunks];
  let number = 0;
  while (played.length < ms * 16) {
    while (waiting.length && waiting[0].at <= played.length / 16) {
      const { length, whole } = waiting.shift();
      const samples = Int16Array.from({ length }, () => ++number);
      player.port.onmessage({ data: { samples, whole } });
    }
    const block = new Float32Array(128);
    player.process(null, [[block]]);
    played.push(...block);
  }
  return played.map((value) => Math.round(value * 32768));
}"""
STREAMS = """() => {
  globalThis.streams = [];
  const opened = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    streams.push(await opened(wanted));
    return streams.at(-1);
  };
  globalThis.none = () => Promise.reject(new DOMException("", "NotFoundError"));
  globalThis.take = () => {
    const [track] = streams.at(-1).getTracks();
    track.stop();
    track.dispatchEvent(new Event("ended"));
  };
}"""
THROTTLE = {"type": "throttle", "active": True}
COUNT = """() => {
  globalThis.handed = [];
  const session = dragoman.sessionOf();
  const send = session.send.bind(session);
  session.send = (frame) => { handed.push(String.fromCharCode(...new Uint8Array(frame))); send(frame); };
}"""
BASE = "() => document.querySelector('script[src]').src"


async def nothing(page: Page) -> None:
    """Prepare nothing."""


async def captured(page: Page, *tones: float) -> NDArray[np.float64]:
    """The spectrum, by Hz, of what the microphone's worklet makes of tones."""
    base = await page.evaluate(BASE)
    samples = np.array(await page.evaluate(CAPTURED, [base, tones, DEVICE_RATE]), float)
    second = samples[FRAME : FRAME + SAMPLE_RATE] / 32768
    spectrum: NDArray[np.float64] = np.abs(np.fft.rfft(second * np.hanning(SAMPLE_RATE))) * 4 / SAMPLE_RATE
    return spectrum


async def test_the_microphone_is_resampled_without_aliases(opened_alone: Open) -> None:
    page = await opened_alone("/", nothing)
    spectrum = await captured(page, 1000, 11_000)  # the second would be heard as 5 kHz
    assert spectrum[1000] == pytest.approx(0.4, rel=0.05)
    assert spectrum[4900:5100].max() < 0.4 / 300  # 50 dB
    rest = np.delete(spectrum, np.r_[0:20, 980:1020])
    assert rest.max() < 0.4 / 300


async def test_speech_in_two_languages_is_played_one_utterance_after_another(opened_alone: Open) -> None:
    page = await opened_alone("/", nothing)
    played = await page.evaluate(TURNS, await page.evaluate(BASE))
    assert played == ["a1", "a2", "a3.", "b1", "b2.", "c1", "d1."]


def chunks(*at_ms: int) -> list[dict[str, object]]:
    """Chunks of 20 ms that come at these times; the last one is the end of the utterance."""
    return [{"at": at, "length": FRAME, "whole": at == at_ms[-1]} for at in at_ms]


async def test_speech_begins_after_a_lead_so_that_a_late_chunk_leaves_no_gap(opened_alone: Open) -> None:
    page = await opened_alone("/", nothing)
    base = await page.evaluate(BASE)
    late = chunks(0, 20, 40, 60, 130, 130, 130)  # the fifth comes 50 ms late
    played = np.array(await page.evaluate(PLAYED, [base, late, 400]))
    (heard,) = np.nonzero(played)
    assert heard[0] >= 60 * 16  # 80 ms of it were there
    assert list(played[heard[0] : heard[-1] + 1]) == list(range(1, 7 * FRAME + 1))


async def test_speech_that_is_shorter_than_the_lead_is_played(opened_alone: Open) -> None:
    page = await opened_alone("/", nothing)
    played = await page.evaluate(PLAYED, [await page.evaluate(BASE), chunks(0), 100])
    assert [value for value in played if value] == list(range(1, FRAME + 1))


async def speaking(page: Page) -> None:
    """Sign in with a key, and speak."""
    await page.fill("#key", "a key")
    await page.click("#key-form button")
    await page.click("#speak")


async def test_a_microphone_that_is_taken_away_is_replaced_or_told(opened_alone: Open) -> None:
    got = asyncio.Event()

    def begin(socket: WebSocketRoute) -> None:
        socket.on_message(lambda message: got.set() if isinstance(message, bytes) else None)
        socket.send(json.dumps(STARTED))

    async def prepare(page: Page) -> None:
        await page.route("**/v1/languages", lambda route: route.fulfill(json=LANGUAGES))
        await page.route_web_socket("**/*", begin)
        await page.add_init_script(f"({STREAMS})()")

    page = await opened_alone("/", prepare, locale="en-US")
    await speaking(page)
    async with asyncio.timeout(60):
        await got.wait()
        await page.evaluate("take()")
        await page.wait_for_function("() => streams.length === 2")
        got.clear()
        await got.wait()  # the other one is heard
    await page.evaluate("navigator.mediaDevices.getUserMedia = none, take()")
    await expect(page.locator("#problem")).to_contain_text("No microphone was found")
    assert await page.locator("#level").evaluate("meter => meter.value") == 0


async def test_a_server_that_is_full_gets_no_audio_until_it_says_so_and_then_all(opened_alone: Open) -> None:
    got: list[bytes] = []
    more = asyncio.Event()
    server: asyncio.Future[WebSocketRoute] = asyncio.get_running_loop().create_future()

    def begin(socket: WebSocketRoute) -> None:
        def answer(message: str | bytes) -> None:
            if isinstance(message, bytes):
                got.append(message)
                more.set()
            elif json.loads(message)["type"] == "start":
                for told in (STARTED, THROTTLE, transcript(1, "en", "full")):
                    socket.send(json.dumps(told))
                server.set_result(socket)

        socket.on_message(answer)

    async def prepare(page: Page) -> None:
        await page.route("**/v1/languages", lambda route: route.fulfill(json=LANGUAGES))
        await page.route_web_socket("**/*", begin)

    page = await opened_alone("/", prepare, locale="en-US")
    await speaking(page)
    await expect(page.locator("#spoken")).to_contain_text("full")  # so it knows that it must wait
    await page.evaluate(COUNT)
    before = len(got)
    await page.wait_for_function("() => handed.length >= 100")  # two seconds of the microphone
    assert len(got) == before
    (await server).send(json.dumps(THROTTLE | {"active": False}))
    said = base64.b64decode(await page.evaluate("btoa(handed.join(''))"))
    async with asyncio.timeout(30):
        while said not in b"".join(got):
            more.clear()
            await more.wait()
    assert any(said)
