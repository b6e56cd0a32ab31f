"""The host's page in a real browser, and a viewer who came by its link."""

import pytest
from playwright.async_api import expect

from tests.pages.conftest import Open, shot

pytestmark = pytest.mark.integration


async def test_a_host_speaks_and_a_viewer_reads(opened: Open) -> None:
    host = await opened("/", signed_in=True, again=True, locale="en-US")
    await expect(host.locator("#speak")).to_be_visible()
    await host.goto(host.url.partition("#")[0] + "host")
    await host.fill("#name", "The <i>talk</i>")
    await host.select_option("#from", "en")
    await host.select_option("#to", ["es"])
    await host.click("#create button.main")
    await expect(host.locator("#qr")).not_to_have_js_property("naturalWidth", 0)
    link = await host.locator("#link").get_attribute("href")
    assert link is not None
    await host.click("#live")
    await expect(host.locator("#blank")).to_be_enabled()
    viewer = await opened(link[link.index("/broadcast") :], locale="es-ES")
    await expect(host.locator("#viewers")).to_have_text("1")
    await expect(viewer.locator("#spoken")).to_contain_text("café")
    await expect(viewer.locator("#name")).to_have_text("The <i>talk</i>")
    await host.fill("#announcement", "A short break")
    await host.click("#announce button")
    await expect(viewer.locator("#notice")).to_have_text("A short break")
    await shot(host, "host")
    await host.click("#stop")
    await expect(viewer.locator("#notice")).to_contain_text("terminado")
