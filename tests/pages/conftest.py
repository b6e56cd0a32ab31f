"""A real browser in front of a real mesh."""

import asyncio
import shutil
import socket
import wave
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, Playwright, async_playwright, expect

from dragoman_cli.browser_link import browser_link
from dragoman_contract.audio import SAMPLE_RATE
from dragoman_edge.pages.site import with_pages
from dragoman_tts.demo import say
from tests.mesh.conftest import SETTINGS, Mesh, running
from tests.support.static_pages import elsewhere
from tests.support.waiting import WAIT_S

SAID = "Good morning. The train to the coast was late again, so we had a second cup of coffee."
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
EMBEDDING_HOST = "localhost"  # its sites may show the pages in a frame
SHOTS = Path("out/pages")
SOCKETS = """() => {
  const Real = WebSocket;
  globalThis.sockets = [];
  globalThis.away = false;
  globalThis.WebSocket = class extends Real {
    constructor(url, ...of) { super(away ? "/nowhere" : url, ...of); sockets.push(this); }
  };
  WebSocket.OPEN = Real.OPEN;
}"""  # the page's websockets, for tests that break them; while the server is `away` none opens
BEYOND = """width => {
  const all = [...document.body.querySelectorAll("*")];
  const wide = document.documentElement.scrollWidth;
  const beyond = all.filter((one) => one.getBoundingClientRect().right > width);
  return wide <= width ? [] : [wide, ...beyond.map((one) => one.id || one.tagName)];
}"""
expect.set_options(timeout=60_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of this folder share a loop, as they share their browsers."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def chromium() -> str:
    """The system's browser; `make test` installs it."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    assert found, "chromium is missing: `make test` installs the packages of tests/system-packages.txt"
    return found


@pytest.fixture(scope="session")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    """A whole mesh with two edges, shared by the tests of this folder."""
    with running(tmp_path_factory.mktemp("mesh") / "data", *OPTIONS, *SETTINGS) as made:
        yield made


@pytest.fixture(scope="session")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the browser's microphone hears: a second of silence, then a voice."""
    return recorded(tmp_path_factory.mktemp("spoken") / "spoken.wav", say(SAID, "en-us"))


def recorded(path: Path, *said: bytes) -> Path:
    """A recording of canonical audio, a second of silence before each piece and two behind it."""
    second = bytes(2 * SAMPLE_RATE)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        for pcm in said:
            file.writeframes(second + pcm + 2 * second)
    return path


@dataclass(frozen=True)
class Machine:
    """What the browser's machine has: a microphone, into which somebody says the same `again` and again.

    `hears` is another recording than the usual one.
    """

    microphone: bool = True
    allowed: bool = True
    again: bool = False
    hears: Path | None = None

    def arguments(self, spoken: Path) -> list[str]:
        """Options of Chromium."""
        heard = f"--use-file-for-fake-audio-capture={self.hears or spoken}{'' if self.again else '%noloop'}"
        prompt = "--use-fake-ui-for-media-stream" if self.allowed else "--deny-permission-prompts"
        device = ("--use-fake-device-for-media-stream", heard) if self.microphone else ()
        return ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", prompt, *device]


class People:
    """Browser contexts, one a person, in as few browsers as their machines need."""

    def __init__(self, play: Playwright, spoken: Path) -> None:
        self._play = play
        self._spoken = spoken
        self._browsers: dict[Machine, Browser] = {}
        self._contexts: list[BrowserContext] = []
        self.faults: list[str] = []  # errors that pages threw

    async def person(self, machine: Machine, **options: Any) -> BrowserContext:
        """One more, with a session of its own."""
        if machine not in self._browsers:
            arguments = machine.arguments(self._spoken)
            launch = self._play.chromium.launch
            self._browsers[machine] = await launch(executable_path=chromium(), args=arguments)
        context = await self._browsers[machine].new_context(**options)
        self._contexts.append(context)
        context.set_default_timeout(60_000)
        context.on("weberror", lambda fault: self.faults.append(str(fault.error)))
        return context

    async def leave(self) -> None:
        """Everybody goes; the machines stay."""
        while self._contexts:
            await self._contexts.pop().close()

    async def close(self) -> None:
        """Close everything."""
        for browser in self._browsers.values():
            await browser.close()


OPTIONS = ("--replicas", "edge=2", "--set", f"DRAGOMAN_EDGE_PAGES_EMBEDDED_IN=http://{EMBEDDING_HOST}:*")
HEARD = Machine()
Open = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browsers(spoken: Path) -> AsyncIterator[People]:
    """Browsers that the tests of this folder share: one takes a second to start."""
    async with async_playwright() as play:
        made = People(play, spoken)
        yield made
        await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def people(browsers: People) -> AsyncIterator[People]:
    """The people of a test; no page of theirs may throw."""
    browsers.faults.clear()
    yield browsers
    await browsers.leave()
    assert browsers.faults == []


@pytest_asyncio.fixture(loop_scope="session")
async def opened(mesh: Mesh, people: People) -> Open:
    """Open a page of the mesh as a person of its own: `await opened("/", signed_in=True)`."""

    async def open_page(
        path: str,
        *,
        signed_in: bool = False,
        host: str = mesh.edge,
        machine: Machine = HEARD,
        clock: bool = False,
        **options: Any,
    ) -> Page:
        context = await people.person(machine, **options)
        if clock:
            await context.clock.install()
        page = await context.new_page()
        await page.goto(browser_link(mesh.edge, mesh.key) if signed_in else host + path)
        return page

    return open_page


@pytest_asyncio.fixture(loop_scope="session")
async def opened_alone(people: People) -> AsyncIterator[Open]:
    """Open a page of the edge without a mesh: `prepare` says what its requests are answered."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(with_pages(elsewhere, ""), log_level="error", ws="none"))
    serving = asyncio.create_task(server.serve([listening]))
    port = listening.getsockname()[1]

    async def open_page(
        path: str, prepare: Callable[[Page], Awaitable[None]], *, machine: Machine = HEARD, **options: Any
    ) -> Page:
        page = await (await people.person(machine, **options)).new_page()
        await prepare(page)
        await page.goto(f"http://localhost:{port}{path}")
        return page

    yield open_page
    await people.leave()  # before the server: what a page still loads would fail
    server.should_exit = True
    await serving


async def tick(page: Page, fieldset: str, *wanted: str) -> None:
    """Choose several of a choice of boxes, and no others."""
    for box in await page.locator(f"{fieldset} input[type=checkbox]").all():
        await box.set_checked(await box.input_value() in wanted)


async def shot(page: Page, name: str, *, whole: bool = False) -> None:
    """Keep a picture for people to look at; `whole` = beyond what is seen without scrolling."""
    await page.screenshot(path=SHOTS / f"{name}.png", full_page=whole)


async def fits(page: Page) -> None:
    """Nothing is beyond the right edge: on a telephone `innerWidth` would grow with it."""
    assert page.viewport_size is not None
    beyond: list[Any] = await page.evaluate(BEYOND, page.viewport_size["width"])
    assert beyond == []


async def new_key(mesh: Mesh, tier: str) -> str:
    """The key of an account of its own, with credits."""
    async with httpx.AsyncClient(
        headers={"authorization": f"Bearer {mesh.admin_token}"}, timeout=WAIT_S
    ) as http:
        home = f"{mesh.admin_url}/v1/accounts"
        account = (await http.post(home, json={"name": "Of a test", "tier": tier})).json()["id"]
        await http.post(f"{home}/{account}/topups", json={"micro": 10**8}, headers={"idempotency-key": "1"})
        return str((await http.post(f"{home}/{account}/keys", json={})).json()["secret"])
