"""The player of a kept session follows the sentences and the words, by a recording that stands in."""

import io
import re
import wave
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.pages.conftest import Open
from tests.pages.test_accessible import checked

pytestmark = pytest.mark.integration
SENTENCES = ("One two three four.", "Five six seven eight.", "Nine ten eleven twelve.")
SENTENCE_MS = 4000
TASK = {
    "task_id": "0199", "title": "Board", "duration_formatted": "0:12", "source_languages": ["en"],
    "target_languages": ["es"], "created_at": "2026-11-27T09:00:00Z", "expires_at": "2026-12-27T09:00:00Z",
    "audio_status": "completed", "sentences": 3,
}  # fmt: skip
HEARD = """() => [...(CSS.highlights.get("heard") ?? [])].map(String).join("")"""


def silence(seconds: int) -> bytes:
    """A WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(16_000 * seconds))
    return file.getvalue()


def entry(n: int, labels: dict[str, str]) -> dict[str, Any]:
    """A sentence of four seconds."""
    speaker = f"Guest-{n % 2 + 1}"
    return {
        "origin": {
            "sid": n, "language": "en", "text": SENTENCES[n], "speaker_id": speaker,
            "speaker_label": labels.get(speaker, ""), "start_time": f"00:{n * 4:02d}",
            "start_ms": n * SENTENCE_MS, "duration_ms": SENTENCE_MS,
        },
        "translations": {},
    }  # fmt: skip


async def kept(opened_alone: Open, labels: dict[str, str], changed: list[Any]) -> Page:
    """A kept session whose archive is a stand-in."""

    async def answer(route: Route) -> None:
        path = route.request.url
        if route.request.method == "PATCH":
            changed.append((path.rpartition("/")[2], route.request.post_data_json))
            await route.fulfill(json={"data": {}})
        elif "/entries" in path:
            numbers = (2,) if "after=2" in path else (0, 1)
            entries = [entry(n, labels) for n in numbers]
            await route.fulfill(json={"data": {"entries": entries, "next": None if 2 in numbers else "2"}})
        elif "audio" in path:
            await route.fulfill(body=silence(12), content_type="audio/wav")
        elif "history" in path:
            await route.fulfill(body="event: done\ndata: {}\n\n", content_type="text/event-stream")
        else:
            await route.fulfill(json={"data": TASK | {"tasks": [], "next": None}})

    page = await opened_alone("/tasks", lambda page: page.route("**/v1/**", answer), locale="en-US")
    await page.fill("#key", "a key")
    await page.click("#key-form button")
    await page.evaluate("location.hash = '0199'")
    await expect(page.locator("#spoken li")).to_have_count(2)
    return page


async def test_the_sentence_and_the_word_that_are_heard_are_marked(opened_alone: Open) -> None:
    page = await kept(opened_alone, {}, [])
    await page.click("#spoken li:nth-child(2) .original")
    await expect(page.locator("#spoken li:nth-child(2)")).to_have_attribute("aria-current", "true")
    await page.evaluate("document.querySelector('audio').pause()")
    await page.evaluate("document.querySelector('audio').currentTime = 1.2")
    await expect(page.locator("#spoken li:nth-child(1)")).to_have_attribute("aria-current", "true")
    await page.wait_for_function(f"() => ({HEARD})() === 'two'")
    await checked(page)
    await page.evaluate("document.querySelector('audio').currentTime = 8.5")  # the next page comes by itself
    await expect(page.locator("#spoken li")).to_have_count(3)
    await page.locator("#spoken li:nth-child(3) button").press("Enter")
    await expect(page.locator("#spoken li:nth-child(3)")).to_have_attribute("aria-current", "true")
    await page.evaluate("document.querySelector('audio').pause()")
    await page.evaluate("document.querySelector('audio').currentTime = 9.1")
    await page.wait_for_function(f"() => ({HEARD})() === 'ten'")


async def test_speakers_get_names_and_two_become_one(opened_alone: Open) -> None:
    labels: dict[str, str] = {}
    changed: list[Any] = []
    page = await kept(opened_alone, labels, changed)
    page.on("dialog", lambda dialog: dialog.accept())
    await page.click("#speakers summary")
    await page.fill("[data-speaker=Guest-1]", "Ann <b>")
    labels["Guest-1"] = "Ann <b>"
    await page.locator("[data-speaker=Guest-1]").press("Enter")
    await expect(page.locator("#spoken li:nth-child(1) select")).to_have_value("Guest-1")
    await expect(page.locator("#spoken li:nth-child(1) option:checked")).to_have_text("Ann <b>")
    await checked(page)
    async with page.expect_request(re.compile("/entries")):
        await page.select_option("[data-merge=Guest-2]", "Guest-1")
    async with page.expect_request(re.compile("/entries")):
        await page.select_option("#spoken li:nth-child(2) select", "Guest-1")
    merged = {"source_speaker_id": "Guest-2", "target_speaker_id": "Guest-1"}
    assert changed[0] == ("rename", {"speaker_id": "Guest-1", "new_label": "Ann <b>"})
    assert changed[1:] == [("merge", merged), ("reassign", {"sid": 1, "new_speaker_id": "Guest-1"})]
