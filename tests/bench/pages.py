"""The pages in Chromium: address to microphone, link to caption on slow 3G, an hour of captions.

python -m tests.bench.pages [--json FILE]
"""

import argparse
import asyncio
import tempfile
import time
import wave
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

from dragoman_cli.browser_link import browser_link
from dragoman_contract.audio import SAMPLE_RATE
from dragoman_tts.demo import say
from tests.bench.figures import Findings
from tests.conformance import viewing
from tests.mesh.conftest import Mesh, running
from tests.pages.broadcasts import SPEAKING
from tests.pages.conftest import PHONE, SAID, SLOW_3G, chromium
from tests.pages.test_viewer import talk

SENTENCES, REVISIONS = 900, 8  # an hour: one of four seconds, and what it looks like on the way
ON_PHONE: dict[str, Any] = {**PHONE, "locale": "es-ES"}
STAND_IN = """() => {
  globalThis.EventSource = class { constructor() { globalThis.stream = this; } close() {} };
  globalThis.shift = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((one) => (shift += one.value)))
    .observe({ type: "layout-shift", buffered: true });
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


async def hour(found: Findings, browser: Browser, path: str) -> None:
    """Captions of an hour, as fast as they are painted."""
    page = await (await browser.new_context(**ON_PHONE)).new_page()
    await page.add_init_script(f"({STAND_IN})()")
    await page.goto(path)
    await page.wait_for_function("globalThis.stream")
    before, shifted = await _heap(page), await page.evaluate("shift")
    found.add("caption to paint p99", "ms", await page.evaluate(HOUR, [SENTENCES, REVISIONS]))
    found.add("an hour of captions: growth", "MB", (await _heap(page) - before) / 1e6)
    found.add("an hour of captions: layout shift", "", await page.evaluate("shift") - shifted)
    found.add("opening the page: layout shift", "", shifted)
    await page.context.close()


async def _heap(page: Page) -> float:
    session = await page.context.new_cdp_session(page)
    await session.send("HeapProfiler.collectGarbage")
    usage = await session.send("Runtime.getHeapUsage")
    return float(usage["usedSize"])


async def measure(found: Findings, mesh: Mesh, spoken: Path, rounds: int) -> None:
    """Every figure, `rounds` times."""
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
        for _ in range(rounds):
            await microphone(found, browser, mesh)
            await first_caption(found, browser, path)
            await hour(found, browser, path)
        await browser.close()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = Findings()
    with tempfile.TemporaryDirectory() as name, running(Path(name) / "data") as mesh:
        spoken = Path(name) / "spoken.wav"
        with wave.open(str(spoken), "wb") as file:
            file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
            file.writeframes(say(SAID, "en-us") + bytes(4 * SAMPLE_RATE))
        asyncio.run(measure(found, mesh, spoken, options.rounds))
    found.show()
    found.write(options.json)


if __name__ == "__main__":
    main()
