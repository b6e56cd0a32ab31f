"""Kept sessions in a real browser: from what was said to a file, another name, and nothing."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.mesh.conftest import Mesh
from tests.pages.conftest import PHONE, Machine, Open, fits, new_key, shot
from tests.pages.test_accessible import checked

pytestmark = pytest.mark.integration
EVIL = "<b onclick=alert(1)>Minutes</b>"


async def test_what_was_said_is_kept_read_exported_renamed_and_deleted(mesh: Mesh, opened: Open) -> None:
    page = await opened("/", machine=Machine(again=True), locale="en-US")
    await page.fill("#key", await new_key(mesh, "business"))
    await page.click("#key-form button")
    await expect(page.locator("#speak")).to_be_visible()
    await page.click("details.controls summary")
    await page.check("#keep-audio")
    await page.select_option("#from", "en")
    await page.select_option("#to", "es")
    await page.click("#speak")
    await expect(page.locator("#spoken .late", has_text="translation").last).to_be_visible()
    await page.click("#speak")
    await expect(page.locator("#state")).to_have_attribute("data-state", "off")
    await page.goto(f"{mesh.edge}/tasks")
    await expect(page.locator("#tasks tr")).to_have_count(1)
    await checked(page)
    await page.click("#tasks a")
    await expect(page.locator("#spoken .original").first).to_contain_text("morning")
    await expect(page.locator("#spoken")).to_contain_text("tren")
    await summarised(page)
    await page.locator("#spoken li button").first.click()  # the recording is played from there
    await expect(page.locator("#spoken li").first).to_have_attribute("aria-current", "true")
    await page.wait_for_function("() => document.querySelector('audio').duration > 3")
    await checked(page)
    await page.evaluate("scrollTo(0, 0)")  # or the player lies over the form
    await shot(page, "tasks", whole=True)
    await page.select_option("#language", "es")
    async with page.expect_download() as waiting:
        await page.click("[data-format=srt]")
    subtitles = (await (await waiting.value).path()).read_text()
    assert re.match(r"1\r?\n00:00:0\d,\d{3} --> ", subtitles) and "tren" in subtitles
    await page.fill("#name", EVIL)
    await page.click("#rename button:not([type=button])")
    await expect(page.locator("#title")).to_have_text(EVIL)
    page.on("dialog", lambda dialog: dialog.accept())
    await page.click("#delete")
    await expect(page.locator("#none")).to_be_visible()
    await page.go_back()
    await expect(page.locator("#problem")).to_contain_text("no such session any more")


async def summarised(page: Page) -> None:
    """A summary is made, and made anew as one of another kind, which is kept."""
    text, button = page.locator("#summary-text"), page.locator("#summarise-button")
    await expect(text).to_have_text("None was made yet.")
    await button.click()
    await expect(text).to_contain_text("coffee")
    await expect(button).to_have_text("Make it anew")
    await page.select_option("#template", "meeting")
    async with page.expect_response(re.compile("regenerate-summary$")) as waiting:
        await button.click()
    assert (await waiting.value).ok
    await page.reload()
    await expect(text).to_contain_text("coffee")
    await expect(page.locator("#template")).to_have_value("meeting")


async def test_a_link_is_not_enough_and_the_list_fits_a_telephone(mesh: Mesh, opened: Open) -> None:
    page = await opened("/", signed_in=True, locale="de-DE", **PHONE)
    await expect(page.locator("#speak")).to_be_visible()
    await page.goto(f"{mesh.edge}/tasks")
    await expect(page.locator("#sign-in")).to_contain_text("API-Schlüssel")
    await page.fill("#key", "drg_wrong")
    await page.click("#key-form button")
    await expect(page.locator("#problem")).to_contain_text("nicht mehr")
    await checked(page)
    await fits(page)
