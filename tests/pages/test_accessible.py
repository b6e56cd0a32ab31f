"""Every page and state without violations of WCAG 2.2 AA that a machine can find; the keyboard alone."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.conformance import viewing
from tests.mesh.conftest import Mesh
from tests.pages.broadcasts import on_air, show
from tests.pages.conftest import PHONE, Open, fits, tick
from tests.support.broadcasts import transcript, translation

pytestmark = pytest.mark.integration
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
COLOURS: tuple[Literal["dark", "light"], ...] = ("dark", "light")
AT_200: Any = {"width": 640, "height": 400}  # 1280 at 200 %
VIEWS = ("", "?overlay=1", "?display=1")  # of a viewer
STAND_IN = """() => {
  globalThis.EventSource = class { constructor() { globalThis.stream = this; } close() {} };
}"""
TELL = """translations => stream.onmessage({ lastEventId: "", data: JSON.stringify(
  { type: "x", data: { action: "result", translations } }) })"""
Prepare = Callable[[Mesh, Open], Awaitable[Page]]


async def nobody(mesh: Mesh, opened: Open) -> Page:
    """The playground before a key is known."""
    page = await opened("/")
    await expect(page.locator("#sign-in")).to_be_visible()
    return page


async def ready(mesh: Mesh, opened: Open) -> Page:
    """The playground with everything unfolded and a sentence on it."""
    page = await opened("/", signed_in=True)
    for summary in await page.locator("summary").all():
        await summary.click()
    await page.select_option("#from", "en")
    await page.select_option("#to", "es")
    await page.click("#speak")
    await expect(page.locator("#spoken .translation").first).to_be_visible()
    return page


async def host(mesh: Mesh, opened: Open) -> Page:
    """The host's form."""
    page = await opened("/", signed_in=True)
    await expect(page.locator("#speak")).to_be_visible()
    await page.goto(f"{mesh.edge}/host")
    await expect(page.locator("#create")).to_be_visible()
    return page


async def viewer(mesh: Mesh, opened: Open) -> Page:
    """A viewer before the broadcast begins, on a telephone, with the settings unfolded."""
    made = await viewing.made(mesh.edge, mesh.key, name="Talk", translation_languages=["es-ES"])
    page = await opened(f"/broadcast/{made['token']}", **PHONE)
    await expect(page.locator("#notice")).to_be_visible()
    await page.click("#settings summary")
    return page


async def checked(page: Page) -> None:
    """Nothing that axe finds is wrong with the page as it is now, in light or in dark colours."""
    for colours in COLOURS:
        await page.emulate_media(color_scheme=colours)
        found = await Axe().run(page, options=RULES)
        assert found.violations_count == 0, (colours, found.generate_report())


@pytest.mark.parametrize("prepare", [nobody, ready, host, viewer])
async def test_no_violation_is_found(mesh: Mesh, opened: Open, prepare: Prepare) -> None:
    await checked(await prepare(mesh, opened))


async def test_no_violation_is_found_while_it_is_live(mesh: Mesh, opened: Open) -> None:
    stage = await host(mesh, opened)
    await stage.fill("#name", "Talk")
    await stage.select_option("#from", "en")
    await tick(stage, "#to", "es", "pt")
    await stage.click("#create button.main")
    await stage.click("#live")
    await expect(stage.locator("#spoken .original").first).to_be_visible()
    await checked(stage)
    async with on_air(mesh) as (path, client):
        await client.do("broadcast_announcement", message="Soon")
        pages = [await opened(f"{path}{query}", locale="es-ES") for query in VIEWS]
        for page in pages:
            await expect(page.locator("#state")).to_have_attribute("data-state", "on")
        await show(mesh, path, transcript("one"), translation("uno", language="es"))
        await show(mesh, path, translation("dos", utterance=2, language="es", final=False))
        for page in pages:
            await expect(page.locator("#spoken")).to_contain_text("dos")
            assert await page.evaluate("document.getAnimations().length") == 0
            await checked(page)


async def test_the_keyboard_is_enough_and_a_large_page_fits(mesh: Mesh, opened: Open) -> None:
    page = await opened("/", signed_in=True, viewport=AT_200)
    await expect(page.locator("#speak")).to_be_visible()
    await fits(page)
    reached: list[str] = []
    for _ in range(7):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    assert reached[3:7] == ["from", "swap", "to", "speak"]
    await page.locator("#speak").press("Enter")
    await expect(page.locator("#state")).to_have_attribute("data-state", "on")


async def reach(page: Page, wanted: str, *, most: int = 20) -> None:
    """Go there by the Tab key."""
    for _ in range(most):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.id") == wanted:
            assert await page.evaluate("document.activeElement.matches(':focus-visible')")
            return
    raise AssertionError(f"{wanted} is not reached by {most} Tabs")


async def test_a_host_needs_no_mouse_and_the_stage_fits_a_large_page(mesh: Mesh, opened: Open) -> None:
    page = await opened("/", signed_in=True, viewport=AT_200, locale="en-US", reduced_motion="reduce")
    await expect(page.locator("#speak")).to_be_visible()
    await page.goto(f"{mesh.edge}/host")
    await expect(page.locator("#create")).to_be_visible()
    await reach(page, "name")
    await page.keyboard.type("Talk")
    await page.keyboard.press("Enter")
    await expect(page.locator("#stage")).to_be_visible()
    await reach(page, "live")
    await page.keyboard.press("Enter")
    await expect(page.locator("#blank")).to_be_enabled()
    await reach(page, "blank")
    await page.keyboard.press("Space")
    await expect(page.locator("#blank")).to_have_attribute("aria-pressed", "true")
    await reach(page, "announcement")
    await page.keyboard.type("Soon")
    await page.keyboard.press("Enter")
    await expect(page.locator("#announcement")).to_have_value("")
    await fits(page)
    assert await page.evaluate("document.getAnimations().length") == 0


async def test_a_viewer_needs_no_mouse_and_the_captions_fit_a_large_page(mesh: Mesh, opened: Open) -> None:
    async with on_air(mesh) as (path, _):
        page = await opened(path, viewport=AT_200, locale="es-ES", reduced_motion="reduce")
        await expect(page.locator("#state")).to_have_attribute("data-state", "on")
        await show(mesh, path, translation("palabra " * 60, language="es"))
        await expect(page.locator("#spoken")).to_contain_text("palabra")
        await reach(page, "language")
        await page.keyboard.type("portugués")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await expect(page.locator("#spoken li")).to_have_count(0)
        await show(mesh, path, translation("palavra " * 60, utterance=2, language="pt"))
        await expect(page.locator("#spoken")).to_contain_text("palavra")
        assert await page.evaluate("document.activeElement.id") == "listen"
        await page.keyboard.press("Space")
        await expect(page.locator("#listen")).to_have_attribute("aria-pressed", "true")
        await fits(page)


async def test_a_language_from_right_to_left_is_set_so(opened: Open) -> None:
    page = await opened("/broadcast/0123456789abcdef", locale="ar")
    told = {"data": {"name": "Talk", "transcription_language": "en", "translation_languages": ["ar", "es"]}}
    await page.route("**/api/v1/viewer/broadcasts/*", lambda route: route.fulfill(json=told))
    await page.add_init_script(f"({STAND_IN})()")
    await page.reload()
    await page.wait_for_function("() => globalThis.stream")
    text = "بدأ القطار في الساعة 9:30 من Lisboa."
    await page.evaluate(TELL, {"ar": {"sid": "1", "text": text, "is_final": True}})
    line = page.locator("#spoken .translation")
    await expect(line).to_have_text(text)
    await expect(line).to_have_attribute("lang", "ar")
    right = "line => { const range = document.createRange(); range.selectNodeContents(line);"
    right += " return line.getBoundingClientRect().right - range.getBoundingClientRect().right; }"
    assert await line.evaluate(right) < 2  # the text begins at the right edge
    assert await line.evaluate("line => getComputedStyle(line).direction") == "rtl"
