"""The pages in Chromium: address to microphone, link to caption on slow 3G, edge to page, an hour.

python -m tests.bench.pages [--rounds N] [--json FILE]
"""

import argparse
import asyncio
import tempfile
import time
import wave
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nats
from playwright.async_api import Browser, Page, async_playwright

from dragoman_cli.browser_link import browser_link
from dragoman_contract import codec, subjects
from dragoman_contract.audio import SAMPLE_RATE
from dragoman_tts.demo import say
from tests.bench.figures import Findings
from tests.conformance import viewing
from tests.mesh.conftest import Mesh, running
from tests.pages.broadcasts import SPEAKING
from tests.pages.conftest import PHONE, SAID, SLOW_3G, chromium
from tests.pages.test_viewer import talk
from tests.support.broadcasts import translation

SENTENCES, REVISIONS = 900, 8  # an hour: one of four seconds, and what it looks like on the way
ON_PHONE: dict[str, Any] = {**PHONE, "locale": "es-ES"}
STAND_IN = """() => {
  globalThis.EventSource = class { constructor() { globalThis.stream = this; } close() {} };
  globalThis.shift = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((one) => (shift += one.value)))
    .observe({ type: "layout-shift", buffered: true });
}"""
TEXTS, TEXT_S = 400, 0.1
FIRST = 10_000  # an utterance that the host does not reach
WATCH = """() => {
  globalThis.delays = new Map();
  const painted = (then) => requestAnimationFrame(() => setTimeout(then));
  new MutationObserver(() => {
    const text = document.querySelector("#spoken li:last-child .translation")?.textContent ?? "";
    if (!/^\\d+\\.\\d{3}$/.test(text) || delays.has(text)) return;
    delays.set(text, Infinity);
    painted(() => delays.set(text, performance.timeOrigin + performance.now() - Number(text)));
  }).observe(document.getElementById("spoken"), { subtree: true, childList: true, characterData: true });
}"""
HOUR = """async ([sentences, revisions]) => {
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const tell = (sid, text, final) => stream.onmessage({ lastEventId: "", data: JSON.stringify(
    { type: "x", data: { action: "result", translations: { es: { sid, text, is_final: final } } } }) });
  const delays = [];
  for (let sid = 0; sid < sentences; sid++) {
    for (let n = 1; n <= revisions; n++) tell(`s${sid}`, "palabra tras palabra ".repeat(n), n === revisions);
    const told = performance.now();
    await painted();
    delays.push(performance.now() - told);
  }
  return delays.sort((a, b) => a - b)[Math.floor(0.99 * delays.length)];
}"""


async def microphone(found: Findings, browser: Browser, mesh: Mesh) -> None:
    """From the one-time address to a button that can be pressed."""
    page = await (await browser.new_context()).new_page()
    url = browser_link(mesh.edge, mesh.key)
    begun = time.monotonic()
    await page.goto(url)
    await page.locator("#speak:enabled").wait_for()
    found.add("address to microphone", "s", time.monotonic() - begun)
    await page.context.close()


async def first_caption(found: Findings, browser: Browser, path: str) -> None:
    """From the link to what was said last, on a telephone with slow 3G (400 kbit/s, 400 ms)."""
    page = await (await browser.new_context(**ON_PHONE)).new_page()
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send("Network.emulateNetworkConditions", SLOW_3G)
    begun = time.monotonic()
    await page.goto(path)
    await page.locator("#spoken .translation").first.wait_for()
    found.add("slow 3G: link to first caption", "s", time.monotonic() - begun)
    await page.context.close()


async def edge_to_painted(found: Findings, browser: Browser, mesh: Mesh, path: str) -> None:
    """From before the edge sends a text until the page has painted it, at the pace of speech.

    A text is the wall clock of the moment before the bus has it, so before the edge has it; the page looks at
    the same clock once the frame with the text is painted. A text that a newer one overtakes is not seen.
    """
    page = await (await browser.new_context(**ON_PHONE)).new_page()
    await page.goto(path)
    await page.locator("#state[data-state=on]").wait_for()
    await page.evaluate(WATCH)
    bus = await nats.connect(mesh.state["nats"])
    subject = subjects.broadcast_event(urlsplit(path).path.rpartition("/")[2])
    for n in range(TEXTS):
        text = f"{time.time() * 1000:.3f}"
        utterance, final = FIRST + n // REVISIONS, n % REVISIONS == REVISIONS - 1
        event = translation(text, utterance, language="es", final=final)
        await bus.publish(subject, codec.encode_event(event))
        await bus.flush()
        await asyncio.sleep(TEXT_S)
    await page.wait_for_function("text => delays.get(text) < Infinity", arg=text)
    delays = sorted(await page.evaluate("[...delays.values()]"))
    found.add("edge to painted: texts seen", "of 1", len(delays) / TEXTS)
    found.add("edge to painted p50", "ms", delays[len(delays) // 2])
    found.add("edge to painted p99", "ms", delays[int(0.99 * len(delays))])
    await bus.close()
    await page.context.close()


async def hour(found: Findings, browser: Browser, path: str) -> None:
    """Captions of an hour, as fast as they are painted."""
    page = await (await browser.new_context(**ON_PHONE)).new_page()
    await page.add_init_script(f"({STAND_IN})()")
    await page.goto(path)
    await page.wait_for_function("() => globalThis.stream")
    before, shifted = await _heap(page), await page.evaluate("shift")
    found.add("caption received to painted p99", "ms", await page.evaluate(HOUR, [SENTENCES, REVISIONS]))
    found.add("an hour of captions: growth", "MB", (await _heap(page) - before) / 1e6)
    found.add("an hour of captions: layout shift", "", await page.evaluate("shift") - shifted)
    found.add("opening the page: layout shift", "", shifted)
    await page.context.close()


async def _heap(page: Page) -> float:
    session = await page.context.new_cdp_session(page)
    await session.send("HeapProfiler.collectGarbage")
    usage = await session.send("Runtime.getHeapUsage")
    return float(usage["usedSize"])


async def measure(found: Findings, mesh: Mesh, spoken: Path) -> None:
    """Every figure once, with a broadcast that nobody has seen: finals that a page has are not revised."""
    made = await viewing.made(mesh.edge, mesh.key, name="Talk")
    path = f"{mesh.edge}/broadcast/{made['token']}?lang=es"
    async with (
        viewing.host(mesh.edge, mesh.key, made["token"], **SPEAKING) as (client, _),
        viewing.viewer(mesh.edge, made["token"], lang="es") as viewer,
        async_playwright() as play,
    ):
        await client.do("broadcast_go_live")
        await talk(client, spoken)
        await viewer.translation("es")
        browser = await play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        await microphone(found, browser, mesh)
        await first_caption(found, browser, path)
        await edge_to_painted(found, browser, mesh, path)
        await hour(found, browser, path)
        await browser.close()


def measure_round(found: Findings) -> None:
    """Every figure once, in a mesh of its own."""
    with tempfile.TemporaryDirectory() as name, running(Path(name) / "data") as mesh:
        spoken = Path(name) / "spoken.wav"
        with wave.open(str(spoken), "wb") as file:
            file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
            file.writeframes(say(SAID, "en-us") + bytes(4 * SAMPLE_RATE))
        asyncio.run(measure(found, mesh, spoken))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = Findings()
    for _ in range(options.rounds):
        measure_round(found)
    found.finish(options.json)


if __name__ == "__main__":
    main()
