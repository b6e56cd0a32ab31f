"""The first try of somebody new: a fresh clone, an empty home, two commands and one click.

python -m tests.pages.first_try: prints how long each step took, and writes out/pages/first-try.png.
"""

import asyncio
import os
import re
import signal
import subprocess
import tempfile
import time
import wave
from pathlib import Path

from playwright.async_api import async_playwright

from dragoman_contract.audio import SAMPLE_RATE
from dragoman_tts.demo import say
from tests.pages.conftest import SAID, SHOTS, Machine, chromium

PATIENCE_S = 900.0
HEARD_S = 12.0
LINK = re.compile(r"http://\S+#sign-in=\S+")


def started(home: Path) -> tuple["subprocess.Popen[bytes]", str]:
    """The two commands; the running mesh and the link that it printed."""
    folder, log = home / "dragoman", home / "up.log"
    subprocess.run(["git", "clone", "-q", ".", str(folder)], check=True)
    environment = {**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home / "data")}
    with log.open("wb") as told:
        process = subprocess.Popen(
            ["make", "up"], cwd=folder, env=environment, stdout=told, stderr=told, start_new_session=True
        )
    ends = time.monotonic() + PATIENCE_S
    while not (link := LINK.search(log.read_text())):
        assert process.poll() is None and time.monotonic() < ends, log.read_text()
        time.sleep(0.5)
    return process, link[0]


async def click(link: str, spoken: Path) -> None:
    """The one click, and what comes of it."""
    async with async_playwright() as play:
        arguments = Machine().arguments(spoken)
        browser = await play.chromium.launch(executable_path=chromium(), args=arguments)
        page = await (await browser.new_context(locale="en-US")).new_page()
        begun = time.monotonic()
        await page.goto(link)
        await page.locator("#speak:enabled").wait_for()
        print(f"page: {time.monotonic() - begun:.1f} s")
        begun = time.monotonic()
        await page.click("#speak")
        await page.locator("#spoken .translation").first.wait_for()
        print(f"click to the first translated words: {time.monotonic() - begun:.1f} s")
        await page.wait_for_timeout(1000 * HEARD_S)
        print(await page.locator("#spoken").inner_text())
        await page.screenshot(path=SHOTS / "first-try.png")
        await browser.close()


def main() -> None:
    """Try it."""
    with tempfile.TemporaryDirectory() as name:
        spoken = Path(name) / "spoken.wav"
        with wave.open(str(spoken), "wb") as file:
            file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
            file.writeframes(bytes(2 * SAMPLE_RATE) + say(SAID, "en-us") + bytes(8 * SAMPLE_RATE))
        begun = time.monotonic()
        process, link = started(Path(name))
        print(f"git clone and make up: {time.monotonic() - begun:.0f} s")
        asyncio.run(click(link, spoken))
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


if __name__ == "__main__":
    main()
