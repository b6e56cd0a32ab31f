"""The admin page in a real browser: what an operator does, on a real mesh."""

import csv
import io

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.conformance import native
from tests.mesh.conftest import Mesh
from tests.pages.conftest import PHONE, Open, fits, shot
from tests.pages.test_accessible import AT_200, checked
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.integration
VIEWS = {  # what is there once a view is filled
    "account/acc_development": "#proof:not(:empty)",
    "accounts": "#account-rows tr",
    "sessions": "#session-rows tr, #no-sessions:not([hidden])",
    "usage": "#usage #plot rect",
    "tiers": "#tier-rows tr",
    "fleet": "#voice-rows tr",
}


async def signed_in(mesh: Mesh, opened: Open, view: str, **options: object) -> Page:
    """The page of the mesh's administrator."""
    page = await opened(f"/#{view}", host=mesh.admin_url, **{"locale": "en-US", **options})
    await page.fill("#token", mesh.admin_token)
    await page.click("#token-form button")
    await expect(page.locator("#nav")).to_be_visible()
    return page


async def seen(page: Page, view: str) -> None:
    """Another view, filled."""
    await page.evaluate("view => { location.hash = view; }", view)
    await expect(page.locator(f"#{view.partition('/')[0]}")).to_be_visible()
    await expect(page.locator(VIEWS[view]).first).to_be_attached()


async def test_a_wrong_token_shows_nothing(mesh: Mesh, opened: Open) -> None:
    page = await opened("/", host=mesh.admin_url, locale="en-US")
    await page.fill("#token", "not the token at all")
    await page.click("#token-form button")
    await expect(page.locator("#problem")).to_contain_text("not the admin token")
    await checked(page)
    await expect(page.locator("#sign-in")).to_be_visible()
    await expect(page.locator("#nav")).to_be_hidden()


async def test_an_operator_makes_an_account_with_credits_and_a_key(mesh: Mesh, opened: Open) -> None:
    page = await signed_in(mesh, opened, "accounts")
    page.on("dialog", lambda dialog: dialog.accept())
    await page.click("#accounts summary")
    await page.fill("#new-name", "<img src=x onerror=alert(1)> Acme")
    await page.fill("#new-id", "acme-1")
    await page.click("#create-account button")
    await expect(page.locator("#account-name")).to_have_text("<img src=x onerror=alert(1)> Acme (acme-1)")
    await page.fill("#credits", "2.5")
    await page.fill("#note", "first invoice")
    await page.click("#top-up button")
    await expect(page.locator("#available")).to_have_text("2.5")
    await expect(page.locator("#proof")).to_have_text("adds up")
    await expect(page.locator("#line-rows")).to_contain_text("first invoice")
    await page.fill("#key-label", "laptop")
    await page.click("#create-key button")
    await expect(page.locator("#secret")).to_be_visible()
    await checked(page)
    secret = await page.locator("#secret-text").inner_text()
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {secret}"}, timeout=WAIT_S) as http:
        assert (await http.get(f"{mesh.edge}/v1/languages")).status_code == 200
        await page.click("#key-rows button")
        await expect(page.locator("#key-rows")).to_contain_text("revoked")
        assert (await http.get(f"{mesh.edge}/v1/languages")).status_code in (401, 403)
    async with page.expect_download() as waiting:
        await page.click("#export")
    rows = list(csv.DictReader(io.StringIO((await (await waiting.value).path()).read_text())))
    assert [(row["kind"], row["micro"], row["reason"]) for row in rows] == [
        ("topup", "2500000", "first invoice")
    ]
    await page.click("#suspend")
    await expect(page.locator("#suspend")).to_have_text("Activate")


async def test_a_live_session_is_seen_and_ended_and_its_usage_drawn(mesh: Mesh, opened: Open) -> None:
    page = await signed_in(mesh, opened, "sessions")
    page.on("dialog", lambda dialog: dialog.accept())
    async with native.session(mesh.edge, mesh.key, spoken="en", to=["es"], speech=False) as talk:
        row = page.locator("#session-rows tr", has_text="native")
        await expect(row).to_have_count(1)
        await shot(page, "admin-sessions")
        await row.locator("button").click()
        await talk.over()
        await expect(row).to_have_count(0)
    await page.click("#nav a[href='#accounts']")
    await page.click("#account-rows a[href='#account/acc_development']")
    await expect(page.locator("#line-rows")).to_contain_text("session_ended")
    await page.select_option("#quantity", "usage.sessions")
    bars = page.locator("#plot rect")
    await expect(bars).to_have_count(30)
    assert float(await bars.last.get_attribute("height") or 0) > 0
    await shot(page, "admin-account", whole=True)
    await page.click("#nav a[href='#usage']")
    await expect(page.locator("#usage #plot rect")).to_have_count(30)
    assert float(await page.locator("#usage #plot rect").last.get_attribute("height") or 0) > 0
    await expect(page.locator("#usage #plot-sum")).to_contain_text("Sessions")
    await shot(page, "admin-usage")


async def test_what_the_fleet_holds_is_searched(mesh: Mesh, opened: Open) -> None:
    page = await signed_in(mesh, opened, "fleet")
    await expect(page.locator("#recognisers")).to_have_text("1")
    await expect(page.locator("#dashboards a")).to_have_attribute("href", "https://grafana.example/d/mesh")
    await shot(page, "admin-fleet")
    await page.fill("#fleet-search", "portug")
    await expect(page.locator("#pair-rows tr").first).to_contain_text("pt")
    await expect(page.locator("#away")).to_be_hidden()
    await page.click("#nav a[href='#tiers']")
    await expect(page.locator("#tier-rows")).to_contain_text("development")
    await page.click("#nav a[href='#out']")
    await expect(page.locator("#sign-in")).to_be_visible()
    assert await page.evaluate("sessionStorage.length") == 0


async def test_no_violation_is_found_in_any_view(mesh: Mesh, opened: Open) -> None:
    page = await signed_in(mesh, opened, "account/acc_development")
    await expect(page.locator("#proof")).to_have_text("adds up")
    for view in VIEWS:
        await seen(page, view)
        for summary in await page.locator("summary:visible").all():
            await summary.click()
        await checked(page)


async def test_the_page_fits_at_two_hundred_percent_and_its_words_are_the_readers(
    mesh: Mesh, opened: Open
) -> None:
    page = await signed_in(mesh, opened, "account/acc_development", viewport=AT_200, locale="de-DE")
    await expect(page.locator("#proof")).to_have_text("geht auf")
    await fits(page)


async def test_every_view_fits_a_telephone(mesh: Mesh, opened: Open) -> None:
    page = await signed_in(mesh, opened, "sessions", **PHONE)
    for view in VIEWS:
        await seen(page, view)
        await fits(page)
        await shot(page, f"admin-{view.partition('/')[0]}-phone")
    await seen(page, "usage")
    height = "text => text.getBoundingClientRect().height"
    assert await page.locator("#usage #plot text").last.evaluate(height) > 10  # pixels: it can be read
