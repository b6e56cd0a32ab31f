"""The host's page in a real browser, and a viewer who came by its link."""

import asyncio

import httpx
import pytest
from playwright.async_api import expect

from tests.mesh.conftest import Mesh
from tests.pages.conftest import SOCKETS, Machine, Open, shot, tick
from tests.pages.test_accessible import checked
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.integration
NEW = """() => document.getElementById("state").dataset.state === "on"
  && document.getElementById("spoken").children.length === 0"""


async def test_a_host_speaks_and_a_viewer_reads(opened: Open) -> None:
    host = await opened("/", signed_in=True, machine=Machine(again=True), locale="en-US")
    await expect(host.locator("#speak")).to_be_visible()
    await host.goto(host.url.partition("#")[0] + "host")
    await host.fill("#name", "The <i>talk</i>")
    await host.select_option("#from", "en")
    await tick(host, "#to", "es")
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
    await host.click("#blank")
    await expect(host.locator("#blank")).to_have_attribute("aria-pressed", "true")
    await host.click("#stop")
    await expect(viewer.locator("#notice")).to_contain_text("terminado")
    await checked(host)
    await host.click("#again")  # the same link, and the viewer is still there
    await expect(host.locator("#state")).to_have_attribute("data-state", "on")
    assert await host.locator("#link").get_attribute("href") == link
    before = await viewer.locator("#spoken li").count()
    await host.click("#live")
    await expect(viewer.locator("#notice")).to_be_hidden()
    await expect(viewer.locator("#spoken li").nth(before)).to_be_visible()
    await host.click("#stop")
    await expect(host.locator("#state")).to_have_attribute("data-state", "over")
    new = asyncio.create_task(host.wait_for_function(NEW))
    await host.click("#create button.main")  # another one: nothing is left of the first
    await new
    assert await host.locator("#link").get_attribute("href") != link
    await expect(host.locator("#blank")).to_have_attribute("aria-pressed", "false")


async def test_a_host_whose_connection_breaks_goes_on_with_what_was_said(opened: Open) -> None:
    host = await opened("/", signed_in=True, locale="en-US")
    await expect(host.locator("#speak")).to_be_visible()
    await host.goto(host.url.partition("#")[0] + "host")
    await host.evaluate(SOCKETS)
    await host.fill("#name", "Talk")
    await host.select_option("#from", "en")
    await host.click("#create button.main")
    await host.click("#live")
    await expect(host.locator("#spoken .original").last).to_contain_text("morning")
    await host.evaluate("sockets.at(-1).close(4000)")
    await expect(host.locator("#spoken")).to_contain_text("coffee")
    assert await host.evaluate("sockets.length") == 2


async def test_a_host_without_a_microphone_makes_no_broadcast(mesh: Mesh, opened: Open) -> None:
    host = await opened("/", signed_in=True, machine=Machine(allowed=False), locale="en-US")
    await expect(host.locator("#speak")).to_be_visible()
    await host.goto(f"{mesh.edge}/host")
    await host.fill("#name", "Unheard")
    await host.click("#create button.main")
    await expect(host.locator("#problem")).to_contain_text("microphone")
    await checked(host)
    async with httpx.AsyncClient(headers={"x-api-key": mesh.key}, timeout=WAIT_S) as http:
        made = (await http.get(f"{mesh.edge}/api/v1/broadcasts")).json()["data"]
    assert "Unheard" not in [one["name"] for one in made]


async def test_viewers_at_two_edges_read_every_language_and_are_counted_once(
    mesh: Mesh, opened: Open
) -> None:
    near, far = mesh.state["edges"]
    host = await opened("/", signed_in=True, machine=Machine(again=True), locale="en-US")
    await expect(host.locator("#speak")).to_be_visible()
    await host.goto(f"{near}/host")
    await host.fill("#name", "Talk")
    await host.select_option("#from", "en")
    await tick(host, "#to", "es", "pt")
    await host.click("#create button.main")
    await expect(host.locator("#stage")).to_be_visible()
    link = await host.locator("#link").get_attribute("href")
    assert link is not None
    path = link[link.index("/broadcast") :]
    spanish = await opened(path, host=near, locale="es-ES")
    portuguese = await opened(path, host=near, locale="pt-BR")
    await expect(host.locator("#viewers")).to_have_text("2")
    await host.click("#live")
    await expect(spanish.locator("#spoken")).to_contain_text("café")
    await expect(portuguese.locator("#spoken")).to_contain_text("café")
    for tag in ("es", "pt"):
        await expect(host.locator(f"#spoken [data-language={tag}]", has_text="café").first).to_be_visible()
    late = await opened(path, host=far, locale="es-ES")  # nobody watched at that edge before
    await expect(late.locator("#spoken")).to_contain_text("café")
    await expect(host.locator("#languages")).to_contain_text("Spanish: 2")
    await late.context.set_offline(True)
    await late.context.set_offline(False)
    await expect(late.locator("#state")).to_have_attribute("data-state", "on")
    await expect(host.locator("#viewers")).to_have_text("3")
    await expect(host.locator("#languages")).to_have_text("Spanish: 2Portuguese: 1")
    async with httpx.AsyncClient(headers={"x-api-key": mesh.key}, timeout=WAIT_S) as http:
        shown = (await http.get(f"{far}/api/v1/broadcasts/{path.rpartition('/')[2]}")).json()
    assert shown["data"]["total_viewers"] == 3
    await shot(host, "host-two-languages")
