"""A real browser in front of a real mesh."""

import shutil
import wave
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, async_playwright, expect

from dragoman_cli.browser_link import browser_link
from dragoman_contract.audio import SAMPLE_RATE
from dragoman_tts.demo import say
from tests.mesh.conftest import SETTINGS, Mesh, running

SAID = "Good morning. The train to the coast was late again, so we had a second cup of coffee."
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
FAKE = ("--use-fake-device-for-media-stream", "--autoplay-policy=no-user-gesture-required")
SHOTS = Path("out/pages")
SOCKETS = """() => {
  const Real = WebSocket;
  globalThis.sockets = [];
  globalThis.WebSocket = class extends Real { constructor(...of) { super(...of); sockets.push(this); } };
  WebSocket.OPEN = Real.OPEN;
}"""  # the page's websockets, for tests that break them
expect.set_options(timeout=30_000)


def chromium() -> str:
    """The system's browser; `make test` installs it."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    assert found, "chromium is missing: `make test` installs the packages of tests/system-packages.txt"
    return found


@pytest.fixture(scope="session")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    """A whole mesh with two edges, shared by the tests of this folder."""
    with running(tmp_path_factory.mktemp("mesh") / "data", "--replicas", "edge=2", *SETTINGS) as made:
        yield made


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the browser's microphone hears: a second of silence, then a voice."""
    path = tmp_path_factory.mktemp("spoken") / "spoken.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(bytes(2 * SAMPLE_RATE) + say(SAID, "en-us") + bytes(4 * SAMPLE_RATE))
    return path


@asynccontextmanager
async def browsing(
    spoken: Path, *, allowed: bool = True, again: bool = False, **options: Any
) -> AsyncIterator[BrowserContext]:
    """A browser of one person, who says the same `again` and again; a page that throws an error fails."""
    arguments = [
        *FAKE,
        "--no-sandbox",
        f"--use-file-for-fake-audio-capture={spoken}{'' if again else '%noloop'}",
    ]
    arguments += ["--use-fake-ui-for-media-stream"] if allowed else ["--deny-permission-prompts"]
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=chromium(), args=arguments)
        context = await browser.new_context(**options)
        context.set_default_timeout(30_000)
        faults: list[str] = []
        context.on("weberror", lambda fault: faults.append(str(fault.error)))
        yield context
        await browser.close()
    assert faults == []


Open = Callable[..., Awaitable[Page]]


@pytest.fixture
async def opened(mesh: Mesh, spoken: Path) -> AsyncIterator[Open]:
    """Open a page of the mesh in a browser of its own: `await opened("/", signed_in=True)`."""
    async with AsyncExitStack() as stack:

        async def open_page(
            path: str, *, signed_in: bool = False, host: str = mesh.edge, **options: Any
        ) -> Page:
            context = await stack.enter_async_context(browsing(spoken, **options))
            page = await context.new_page()
            url = browser_link(mesh.edge, mesh.key) if signed_in else host + path
            await page.goto(url)
            return page

        yield open_page


async def shot(page: Page, name: str) -> None:
    """Keep a picture for people to look at."""
    await page.screenshot(path=SHOTS / f"{name}.png")
