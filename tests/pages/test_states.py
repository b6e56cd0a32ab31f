"""States in which people find the pages, and what they are told: full, deaf, asleep, twice, embedded."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from playwright.async_api import Page, expect

from dragoman_cli.browser_link import browser_link
from tests.conformance import native
from tests.mesh.conftest import Mesh
from tests.pages.broadcasts import on_air, show
from tests.pages.conftest import EMBEDDING_HOST, PHONE, SLOW_3G, SOCKETS, Machine, Open, fits, new_key, shot
from tests.pages.slow_network import slowly
from tests.pages.test_accessible import checked
from tests.support.broadcasts import transcript, translation
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.integration
EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>"
TEN_MINUTES = "10:00"


def harmless(page: Page) -> None:
    """A dialog is a script that ran."""
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))


async def speaking(page: Page) -> None:
    """From English into Spanish, by the microphone."""
    await page.select_option("#from", "en")
    await page.select_option("#to", "es")
    await page.click("#speak")


async def test_who_finds_the_house_full_waits_and_is_let_in(mesh: Mesh, opened: Open) -> None:
    async with on_air(mesh, max_viewers=1) as (path, _):
        first = await opened(path, locale="en-US")
        await expect(first.locator("#state")).to_have_attribute("data-state", "on")
        await expect(first.locator("#notice")).to_be_hidden()
        second = await opened(path, locale="en-US")
        await expect(second.locator("#notice")).to_contain_text("number 1 in the queue")
        await checked(second)
        await shot(second, "viewer-full")
        await first.close()
        await expect(second.locator("#notice")).to_be_hidden()


async def test_an_account_that_has_its_sessions_is_told_so(mesh: Mesh, opened: Open) -> None:
    key = await new_key(mesh, "starter")  # two sessions at once
    page = await opened("/", locale="en-US")
    await page.fill("#key", key)
    await page.click("#key-form button")
    wish = {"spoken": "en", "to": ["es"], "speech": False}
    async with native.session(mesh.edge, key, **wish), native.session(mesh.edge, key, **wish):
        await speaking(page)
        await expect(page.locator("#problem")).to_contain_text("too many sessions")
        await expect(page.locator("#speak")).to_have_text("Speak")


async def test_a_machine_without_a_microphone_is_told(mesh: Mesh, opened: Open) -> None:
    page = await opened("/", signed_in=True, machine=Machine(microphone=False), locale="en-US")
    await page.click("#speak")
    await expect(page.locator("#problem")).to_contain_text("No microphone was found")
    await page.goto(f"{mesh.edge}/host")
    await page.fill("#name", "Unheard")
    await page.click("#create button.main")
    await expect(page.locator("#problem")).to_contain_text("No microphone was found")


async def test_a_forged_link_is_told_and_leaves_the_address(opened: Open) -> None:
    page = await opened("/#sign-in=0123456789abcdef0123456789abcdef", locale="en-US")
    await expect(page.locator("#problem")).to_contain_text("used already or is too old")
    assert "sign-in" not in page.url
    await checked(page)


async def test_two_tabs_with_one_session_do_not_disturb_each_other(opened: Open) -> None:
    first = await opened("/", signed_in=True, machine=Machine(again=True), locale="en-US")
    await expect(first.locator("#speak")).to_be_visible()
    async with first.expect_popup() as waiting:
        await first.evaluate("open('/')")  # a tab that another one opens has a copy of what that one keeps
    second = await waiting.value
    await expect(second.locator("#speak")).to_be_visible()
    for page in (first, second):
        await speaking(page)
        await expect(page.locator("#state")).to_have_attribute("data-state", "on")
    await second.click("#speak")
    await expect(second.locator("#state")).to_have_attribute("data-state", "off")
    await expect(first.locator("#spoken .original").first).to_be_visible()
    await expect(first.locator("#state")).to_have_attribute("data-state", "on")


async def test_a_viewer_who_slept_for_ten_minutes_gets_a_new_stream_and_what_was_said(
    mesh: Mesh, opened: Open
) -> None:
    async with on_air(mesh) as (path, _):
        page = await opened(path, clock=True, locale="es-ES")
        await expect(page.locator("#state")).to_have_attribute("data-state", "on")
        await show(mesh, path, transcript("one"), translation("uno", language="es"))
        await expect(page.locator("#spoken")).to_contain_text("uno")
        async with page.expect_request(re.compile(r"/text\?.*last_event_id=[^&]*\.0\.1\.es")):
            await page.clock.fast_forward(TEN_MINUTES)
        await show(mesh, path, translation("dos", utterance=2, language="es"))
        await expect(page.locator("#spoken")).to_contain_text("dos")
        await expect(page.locator("#state")).to_have_attribute("data-state", "on")
        assert await page.locator("#spoken .translation").all_inner_texts() == ["uno", "dos"]


async def test_a_speaker_who_slept_goes_on_or_is_told_that_it_is_over(mesh: Mesh, opened: Open) -> None:
    page = await opened("/", signed_in=True, clock=True, machine=Machine(again=True), locale="en-US")
    await expect(page.locator("#speak")).to_be_visible()
    await page.evaluate(SOCKETS)
    await speaking(page)
    await expect(page.locator("#state")).to_have_attribute("data-state", "on")
    await page.clock.fast_forward(TEN_MINUTES)  # the server still has the session
    await page.wait_for_function("() => sockets.length === 2")
    await expect(page.locator("#state")).to_have_attribute("data-state", "on")
    await page.evaluate("away = true, sockets.at(-1).close(4000)")
    await expect(page.locator("#state")).to_have_attribute("data-state", "lost")
    await page.clock.fast_forward(TEN_MINUTES)
    await expect(page.locator("#problem")).to_contain_text("the conversation is over")
    await page.evaluate("away = false")
    await page.click("#speak")
    await expect(page.locator("#state")).to_have_attribute("data-state", "on")
    await expect(page.locator("#problem")).to_be_hidden()


async def test_a_host_who_slept_goes_on_and_may_begin_again_when_it_is_over(mesh: Mesh, opened: Open) -> None:
    page = await opened("/", signed_in=True, clock=True, machine=Machine(again=True), locale="en-US")
    await expect(page.locator("#speak")).to_be_visible()
    await page.goto(f"{mesh.edge}/host")
    await page.fill("#name", "Talk")
    await page.click("#create button.main")
    await expect(page.locator("#state")).to_have_attribute("data-state", "on")
    await page.clock.fast_forward(TEN_MINUTES)
    await expect(page.locator("#state")).to_have_attribute("data-state", "on")
    link = await page.locator("#link").get_attribute("href") or ""
    async with httpx.AsyncClient(headers={"x-api-key": mesh.key}, timeout=WAIT_S) as http:
        await http.delete(f"{mesh.edge}/api/v1/broadcasts/{link.rpartition('/')[2]}")
    await expect(page.locator("#problem")).to_contain_text("This broadcast was revoked")
    await expect(page.locator("#create")).to_be_visible()
    await expect(page.locator("#again")).to_be_hidden()


async def test_a_speaker_on_a_slow_network_is_understood(mesh: Mesh, opened: Open) -> None:
    async with slowly(mesh.edge) as slow:
        link = browser_link(mesh.edge, mesh.key).replace(mesh.edge, slow)
        page = await opened(link.removeprefix(slow), host=slow, locale="en-US")
        await expect(page.locator("#speak")).to_be_visible()
        await speaking(page)
        await expect(page.locator("#spoken")).to_contain_text("coffee")
        await expect(page.locator("#spoken")).to_contain_text("café")
        await page.click("#speak")
        await expect(page.locator("#state")).to_have_attribute("data-state", "off")
        await expect(page.locator("#problem")).to_be_hidden()


async def test_markup_of_a_speaker_a_name_or_an_announcement_is_text_on_a_slow_network(
    mesh: Mesh, opened: Open
) -> None:
    async with on_air(mesh, name=EVIL, standby_message=EVIL) as (path, client):
        page = await opened("/broadcast/0123456789abcdef", locale="es-ES", **PHONE)
        harmless(page)
        session = await page.context.new_cdp_session(page)
        await session.send("Network.enable")
        await session.send("Network.emulateNetworkConditions", SLOW_3G)
        await page.goto(mesh.edge + path)
        await expect(page.locator("#name")).to_have_text(EVIL)
        await show(mesh, path, transcript(EVIL), translation(EVIL, language="es"))
        await expect(page.locator("#spoken .translation")).to_have_text(EVIL)
        await client.do("broadcast_announcement", message=EVIL)
        await expect(page.locator("#notice")).to_have_text(EVIL)
        assert await page.locator("main img, main script").count() == 0
        await fits(page)


async def test_every_page_fits_a_telephone(mesh: Mesh, opened: Open) -> None:
    page = await opened("/", signed_in=True, **PHONE)
    await expect(page.locator("#speak")).to_be_visible()
    for summary in await page.locator("summary").all():
        await summary.click()
    await fits(page)
    await page.goto(f"{mesh.edge}/host")
    await page.fill("#name", "Talk")
    await page.click("#create button.main")
    await expect(page.locator("#qr")).not_to_have_js_property("naturalWidth", 0)
    await fits(page)
    await shot(page, "host-phone")


@asynccontextmanager
async def site(body: str) -> AsyncIterator[int]:
    """Somebody else's page on this machine; its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {len(body)}\r\n"
        writer.write(f"{head}connection: close\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_another_site_shows_the_pages_only_if_the_operator_lists_it(mesh: Mesh, opened: Open) -> None:
    async with site(f'<iframe src="{mesh.edge}/broadcast/0123456789abcdef"></iframe>') as port:
        listed = await opened("/", host=f"http://{EMBEDDING_HOST}:{port}", locale="en-US")
        inner = listed.frame_locator("iframe").locator("#notice")
        await expect(inner).to_contain_text("no such broadcast")
        other = await opened("/", host=f"http://127.0.0.1:{port}", locale="en-US")
        await expect(other.frame_locator("iframe").locator("body")).not_to_have_class("viewer")
        assert await other.frame_locator("iframe").locator("#notice").count() == 0
