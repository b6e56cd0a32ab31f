"""Choices of the playground and of a host: offered, searched and remembered; the mesh is a stand-in."""

import pytest
from playwright.async_api import Page, expect

from tests.pages.conftest import Machine, Open

pytestmark = pytest.mark.integration
TARGETS = ("ar", "de", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "sv", "tr", "zh")
PAIRS = [{"from": "en", "to": tag, "quality": 60} for tag in TARGETS]
PAIRS += [{"from": "de", "to": "fr", "quality": 60}]


async def serving(page: Page) -> None:
    """Fourteen languages."""
    known = {"pairs": PAIRS, "spoken": [], "recognised": ["de", "en"]}
    await page.route("**/v1/languages", lambda route: route.fulfill(json=known))


async def with_key(page: Page) -> None:
    """Sign in."""
    await page.fill("#key", "a key")
    await page.click("#key-form button")


async def test_a_host_finds_languages_among_many_and_has_the_same_the_next_time(opened_alone: Open) -> None:
    page = await opened_alone("/host", serving, machine=Machine(allowed=False), locale="en-US")
    await with_key(page)
    boxes = page.locator("#to label")
    await expect(boxes).to_have_count(len(TARGETS))
    ticked = page.locator("#to label:has(:checked)")
    first = await ticked.all_inner_texts()
    assert len(first) == 1  # one that is likely
    await ticked.click()
    await page.fill("#to [type=search]", "ORTUG")
    await expect(page.locator("#to label:visible")).to_have_text(["Portuguese"])
    await page.click("#to label:visible")
    await page.fill("#to [type=search]", "ital")
    await expect(page.locator("#to label:visible")).to_have_text(["Italian", "Portuguese"])  # it is chosen
    await page.fill("#name", "Talk")
    await page.click("#create button.main")
    await expect(page.locator("#problem")).to_be_visible()  # no microphone, but the choice is made
    await page.reload()
    await expect(ticked).to_have_text(["Portuguese"])
    await page.select_option("#from", "de")
    await expect(ticked).to_have_text(["French"])
    await expect(page.locator("#to [type=search]")).to_be_hidden()


async def test_the_playground_has_the_languages_of_the_last_time(opened_alone: Open) -> None:
    page = await opened_alone("/", serving, locale="fr-FR")
    await with_key(page)
    await expect(page.locator("#from")).to_have_value("en")
    await expect(page.locator("#to")).to_have_value("fr")  # the browser's language
    await page.select_option("#to", "it")
    await page.reload()
    await expect(page.locator("#to")).to_have_value("it")
    await page.select_option("#from", "de")
    await expect(page.locator("#to")).to_have_value("fr")  # what there is
