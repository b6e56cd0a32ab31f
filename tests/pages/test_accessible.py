"""Every page and state without violations of WCAG 2.2 AA that a machine can find; the keyboard alone."""

from collections.abc import Awaitable, Callable

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.conformance import viewing
from tests.mesh.conftest import Mesh
from tests.pages.conftest import PHONE, Open

pytestmark = pytest.mark.integration
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
Prepare = Callable[[Mesh, Open, str], Awaitable[Page]]


async def nobody(mesh: Mesh, opened: Open, theme: str) -> Page:
    """The playground before a key is known."""
    page = await opened("/", color_scheme=theme)
    await expect(page.locator("#sign-in")).to_be_visible()
    return page


async def ready(mesh: Mesh, opened: Open, theme: str) -> Page:
    """The playground with everything unfolded and a sentence on it."""
    page = await opened("/", signed_in=True, color_scheme=theme)
    for summary in await page.locator("summary").all():
        await summary.click()
    await page.select_option("#from", "en")
    await page.select_option("#to", "es")
    await page.click("#speak")
    await expect(page.locator("#spoken .translation").first).to_be_visible()
    return page


async def host(mesh: Mesh, opened: Open, theme: str) -> Page:
    """The host's form."""
    page = await opened("/", signed_in=True, color_scheme=theme)
    await expect(page.locator("#speak")).to_be_visible()
    await page.goto(f"{mesh.edge}/host")
    await expect(page.locator("#create")).to_be_visible()
    return page


async def viewer(mesh: Mesh, opened: Open, theme: str) -> Page:
    """A viewer before the broadcast begins, on a telephone, with the settings unfolded."""
    made = await viewing.made(mesh.edge, mesh.key, name="Talk", translation_languages=["es-ES"])
    page = await opened(f"/broadcast/{made['token']}", color_scheme=theme, **PHONE)
    await expect(page.locator("#notice")).to_be_visible()
    await page.click("#settings summary")
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("prepare", [nobody, ready, host, viewer])
async def test_no_violation_is_found(mesh: Mesh, opened: Open, prepare: Prepare, theme: str) -> None:
    page = await prepare(mesh, opened, theme)
    found = await Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


async def test_the_keyboard_is_enough_and_a_large_page_fits(mesh: Mesh, opened: Open) -> None:
    page = await opened("/", signed_in=True, viewport={"width": 640, "height": 400})  # 1280 at 200 %
    await expect(page.locator("#speak")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    reached: list[str] = []
    for _ in range(6):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    assert reached[1:4] == ["from", "to", "speak"]
    await page.locator("#speak").press("Enter")
    await expect(page.locator("#state")).to_have_attribute("data-state", "on")
