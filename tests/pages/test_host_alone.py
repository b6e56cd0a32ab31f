"""A host's page before a stand-in of the mesh: what leaves it, and what it says after a long absence."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from tests.pages.conftest import Machine, Open
from tests.pages.test_halves import LANGUAGES

pytestmark = pytest.mark.integration
MADE = {
    "token": "0123456789abcdef",
    "name": "Talk",
    "share_url": "http://localhost/broadcast/0123456789abcdef",
    "transcription_language": "en",
    "translation_languages": ["es"],
}
LEVELS = """() => {
  globalThis.levels = 0;
  const level = document.getElementById("level");
  new MutationObserver((seen) => (levels += seen.length)).observe(level, { attributes: true });
}"""
STATES = """() => {
  globalThis.states = [];
  const shown = document.getElementById("state");
  new MutationObserver(() => states.push(shown.dataset.state)).observe(shown, { attributes: true });
}"""


class Edge:
    """What the page says to it, and a broadcast that begins in standby each time."""

    def __init__(self) -> None:
        self.actions: list[str] = []
        self.sockets: list[WebSocketRoute] = []
        self._more = asyncio.Event()

    async def until(self, true: Callable[[list[str]], bool]) -> None:
        """Wait for actions of which something is true."""
        async with asyncio.timeout(30):
            while not true(self.actions):
                self._more.clear()
                await self._more.wait()

    async def prepare(self, page: Page) -> None:
        """Answer a page instead of the mesh."""
        await page.route("**/v1/languages", lambda route: route.fulfill(json=LANGUAGES))
        await page.route("**/api/v1/broadcasts", lambda route: route.fulfill(json={"data": MADE}))
        await page.route("**/auth/ticket", lambda route: route.fulfill(json={"ticket": "t"}))
        await page.route_web_socket("**/ws", self._begin)

    def _begin(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        socket.on_message(lambda message: self._take(socket, json.loads(message)["data"]["action"]))

    def _take(self, socket: WebSocketRoute, action: str) -> None:
        self.actions.append(action)
        self._more.set()
        if action == "start":
            self._tell(socket, action="session_started", phase="standby")
        if action == "broadcast_go_live":
            self._tell(socket, action="broadcast_phase_changed", phase="live")

    def _tell(self, socket: WebSocketRoute, **data: Any) -> None:
        socket.send(json.dumps({"type": "voice-translation", "data": data}))


async def live(opened_alone: Open, edge: Edge) -> Page:
    """A host who is live."""
    page = await opened_alone("/host", edge.prepare, machine=Machine(again=True), locale="en-US")
    await page.fill("#key", "a key")
    await page.click("#key-form button")
    await page.fill("#name", "Talk")
    await page.click("#create button.main")
    await expect(page.locator("#state")).to_have_attribute("data-state", "on")
    await page.click("#live")
    await expect(page.locator("#live")).to_be_disabled()
    return page


async def test_nothing_of_the_microphone_leaves_a_blanked_page(opened_alone: Open) -> None:
    edge = Edge()
    page = await live(opened_alone, edge)
    assert (await page.locator("#projector").get_attribute("href") or "").endswith("?display=1")
    await edge.until(lambda actions: "audio" in actions)
    await page.evaluate(LEVELS)
    await page.click("#blank")
    await page.wait_for_function("() => levels >= 50")  # the microphone goes on: a second
    await page.click("#blank")
    await edge.until(lambda actions: "resume" in actions and actions[-1] == "audio")
    blanked = edge.actions[edge.actions.index("pause") + 1 : edge.actions.index("resume")]
    assert blanked == []


async def test_a_host_who_was_away_for_too_long_is_told_and_goes_live_again(opened_alone: Open) -> None:
    edge = Edge()
    page = await live(opened_alone, edge)
    await edge.sockets[-1].close(code=4000)
    await expect(page.locator("#problem")).to_contain_text("viewers were told that it has ended")
    await expect(page.locator("#live")).to_be_enabled()
    await page.click("#live")
    await expect(page.locator("#problem")).to_be_hidden()
    await expect(page.locator("#live")).to_be_disabled()


async def test_a_socket_of_the_session_before_does_not_disturb_the_next(opened_alone: Open) -> None:
    edge = Edge()
    page = await live(opened_alone, edge)
    await page.click("#stop")
    await page.click("#again")
    await expect(page.locator("#state")).to_have_attribute("data-state", "on")
    await page.evaluate(STATES)
    await edge.sockets[0].close(code=1000)
    await page.click("#live")
    await expect(page.locator("#live")).to_be_disabled()
    await edge.until(lambda actions: actions.count("broadcast_go_live") == 2)
    assert await page.evaluate("states") == []
