"""Two people at one device: each half has its reader's language, of a stand-in and of a real mesh."""

import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from dragoman_tts.demo import say
from tests.mesh.conftest import Mesh
from tests.pages.conftest import PHONE, Machine, Open, fits, recorded, shot
from tests.pages.test_accessible import checked
from tests.stt.speech import said_in

pytestmark = pytest.mark.integration
LANGUAGES = {
    "pairs": [{"from": "en", "to": "es", "quality": 60}, {"from": "es", "to": "en", "quality": 60}],
    "spoken": [],
    "recognised": ["en", "es"],
}
STARTED = {"type": "started", "session_id": "s_1", "resume_token": "s_1.x", "window": 0, "resumed": False}


def transcript(utterance: int, language: str, text: str, **more: Any) -> dict[str, Any]:
    usual = {"stable_length": len(text), "final": True, "start_ms": 0, "duration_ms": 100}
    place = {"type": "transcript", "track": 0, "utterance": utterance, "language": language, "text": text}
    return place | usual | more


def translation(utterance: int, language: str, text: str) -> dict[str, Any]:
    place = {"type": "translation", "track": 0, "utterance": utterance, "language": language, "text": text}
    return place | {"concluded_length": len(text), "final": True}


def answering(said: list[dict[str, Any]]) -> Callable[[Page], Awaitable[None]]:
    """Prepare a page whose session says this."""

    def begin(socket: WebSocketRoute) -> None:
        def answer(message: str | bytes) -> None:
            if isinstance(message, str) and (start := json.loads(message))["type"] == "start":
                assert start["two_way"] is True and start["to"] == start["spoken"] == ["en", "es"]
                for one in [STARTED, *said]:
                    socket.send(json.dumps(one))

        socket.on_message(answer)

    async def prepare(page: Page) -> None:
        await page.route("**/v1/languages", lambda route: route.fulfill(json=LANGUAGES))
        await page.route_web_socket("**/*", begin)

    return prepare


async def test_each_half_has_its_readers_language(opened_alone: Open) -> None:
    said = [
        transcript(1, "en", "Where is the station?"),
        translation(1, "es", "¿Dónde está la estación?"),
        transcript(2, "en", "Alla", final=False),  # heard as English at first
        transcript(2, "es", "Allá, a la izquierda."),
        translation(2, "en", "Over there, on the left."),
    ]
    page = await opened_alone("/", answering(said), locale="en-US", **PHONE)
    await page.fill("#key", "a key")
    await page.click("#key-form button")
    await page.click("details.controls summary")
    await page.check("#two-way")
    await page.check("#facing")
    await page.click("details.controls summary")
    await page.click("#speak")
    upper, lower = page.locator("#halves section").first, page.locator("#halves section").last
    await expect(upper.locator("p")).to_have_text(["¿Dónde está la estación?", "Allá, a la izquierda."])
    await expect(lower.locator("p")).to_have_text(["Where is the station?", "Over there, on the left."])
    await expect(upper.locator(".own")).to_have_text("Allá, a la izquierda.")
    await expect(page.locator("#spoken")).to_be_hidden()
    await expect(page.locator("#from")).to_be_hidden()  # there is room for two while they talk
    assert await upper.evaluate("half => getComputedStyle(half).rotate") == "180deg"
    await checked(page)
    await fits(page)
    await shot(page, "halves-phone")


async def test_languages_are_swapped(opened_alone: Open) -> None:
    page = await opened_alone("/", answering([]), locale="en-US")
    await page.fill("#key", "a key")
    await page.click("#key-form button")
    await expect(page.locator("#from")).to_have_value("en")
    await page.click("#swap")
    await expect(page.locator("#from")).to_have_value("es")
    await expect(page.locator("#to")).to_have_value("en")


async def test_two_people_understand_each_other(mesh: Mesh, opened: Open, tmp_path: Path) -> None:
    ask = "Good morning. Where is the train station?"
    answer = "Buenos días. La estación de tren está a la izquierda, detrás de la iglesia."
    talk = recorded(tmp_path / "talk.wav", say(ask, "en-us"), said_in("es", answer))
    page = await opened("/", signed_in=True, machine=Machine(hears=talk), locale="en-US", **PHONE)
    await expect(page.locator("#speak")).to_be_visible()
    await page.select_option("#from", "en")
    await page.select_option("#to", "es")
    await page.click("details.controls summary")
    await page.check("#two-way")
    await page.click("#speak")
    spanish, english = page.locator("#halves section").first, page.locator("#halves section").last
    await expect(english.locator(".own", has_text="train").first).to_be_visible()
    await expect(spanish.locator(".translation", has_text=re.compile("tren|estaci")).first).to_be_visible()
    await expect(spanish.locator(".own").first).to_have_text(re.compile(r"\w"))
    await expect(english.locator(".translation").first).to_have_text(re.compile(r"\w"))
