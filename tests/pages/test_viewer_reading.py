"""What a reader of a broadcast may choose, and what the page does by itself; the stream is a stand-in."""

import json
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.pages.conftest import Open, shot
from tests.pages.test_accessible import checked

pytestmark = pytest.mark.integration
TOLD = {
    "name": "Talk",
    "transcription_language": "en",
    "translation_languages": ["es", "pt", "ar"],
    "standby_message": "",
}
STAND_IN = """() => {
  globalThis.streams = [];
  globalThis.EventSource = class {
    constructor(url) { this.url = url; streams.push(this); setTimeout(() => this.onopen()); }
    close() {}
  };
  globalThis.played = 0;
  HTMLMediaElement.prototype.play = async () => void (played += 1);
  globalThis.awake = [];
  Object.defineProperty(navigator, "wakeLock", { value: { request: async () => {
    const lock = { released: false, release: async () => (lock.released = true) };
    awake.push(lock);
    return lock;
  } } });
}"""
TELL = """([lastEventId, data]) =>
  streams.at(-1).onmessage({ lastEventId, data: JSON.stringify({ type: "x", data }) })"""
BACKGROUNDS = """() => [document.documentElement, document.body]
  .map((one) => getComputedStyle(one).backgroundColor)"""
NOTHING = "rgba(0, 0, 0, 0)"
AT_END = "() => innerHeight + scrollY > document.body.scrollHeight - 80"


async def watching(
    opened_alone: Open, query: str = "", kept_away: tuple[str, ...] = (), **options: Any
) -> Page:
    """A viewer of a broadcast that goes on; the network keeps files of these names away."""

    async def prepare(page: Page) -> None:
        await page.add_init_script(f"({STAND_IN})()")
        for name in kept_away:
            await page.route(f"**/{name}*", lambda route: route.abort())
        await page.route("**/api/v1/viewer/broadcasts/*", answer)

    async def answer(route: Route) -> None:
        await route.fulfill(json={"data": TOLD})

    path = f"/broadcast/0123456789abcdef{query}"
    page = await opened_alone(path, prepare, **{"locale": "es-ES", **options})
    await page.wait_for_function("() => streams.length === 1")
    await tell(page, {"action": "viewer_connected", "phase": "live"})
    await expect(page.locator("#state")).to_have_attribute("data-state", "on")
    return page


async def tell(page: Page, data: dict[str, Any], id_: str = "") -> None:
    """An event of the stream."""
    await page.evaluate(TELL, [id_, data])


async def said(page: Page, sid: int, text: str, *, start: str = "00:00") -> None:
    """A sentence and its translation."""
    origin = {"sid": sid, "text": f"as {text}", "language": "en", "is_final": True, "start_time": start}
    await tell(page, {"action": "result", "origin": origin}, f"abc.0.{sid}.")
    translations = {"es": {"sid": sid, "text": text, "is_final": True}}
    await tell(page, {"action": "result", "translations": translations}, f"abc.0.{sid}.es")


async def test_a_language_is_found_by_a_part_of_its_name_and_remembered(opened_alone: Open) -> None:
    page = await watching(opened_alone)
    await expect(page.locator("#language")).to_have_value("español")
    await page.click("#language")
    await expect(page.locator("#language")).to_have_value("")  # so that all of them are offered
    await page.keyboard.type("RTUGU")
    await page.keyboard.press("Enter")
    await expect(page.locator("#language")).to_have_value("portugués")
    assert "lang=pt" in await page.evaluate("streams.at(-1).url")
    await page.click("#language")
    await page.keyboard.type("no such language")
    await page.keyboard.press("Tab")
    await expect(page.locator("#language")).to_have_value("portugués")
    await page.reload()
    await expect(page.locator("#language")).to_have_value("portugués")
    assert "lang=pt" in await page.evaluate("streams.at(-1).url")


async def test_size_spacing_colours_and_the_original_are_the_readers_choice(opened_alone: Open) -> None:
    page = await watching(opened_alone)
    await said(page, 1, "uno")
    await expect(page.locator("#spoken .original")).to_be_hidden()
    await page.click("#settings summary")
    await page.fill("#size", "3")
    await page.fill("#spacing", "2")
    await page.select_option("#theme", "dark")
    await page.check("#original")
    await page.check("#live-region")
    await expect(page.locator("#spoken .original")).to_have_text("as uno")
    await expect(page.locator("#spoken")).to_have_attribute("aria-live", "polite")
    for again in (False, True):
        if again:
            await page.reload()
            await page.wait_for_function("() => streams.length === 1")
            await said(page, 1, "uno")
            await expect(page.locator("#spoken .original")).to_be_visible()
        style = "(line => [getComputedStyle(line).fontSize, getComputedStyle(line).lineHeight])"
        assert await page.locator("#spoken .translation").evaluate(style) == ["48px", "96px"]
        assert await page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert await page.locator("#spoken[aria-live=polite]").count() == 0  # asked for each time
    await checked(page)


async def test_text_that_grows_is_marked_and_the_stability_is_asked_of_the_server(opened_alone: Open) -> None:
    page = await watching(opened_alone, "?stability=steady")
    assert "stability=steady" in await page.evaluate("streams.at(-1).url")
    growing = {"es": {"sid": 1, "text": "una frase que", "is_final": False}}
    await tell(page, {"action": "result", "translations": growing})
    await expect(page.locator("#spoken .translation.tentative")).to_have_text("una frase que")
    await said(page, 1, "Una frase que termina.")
    await expect(page.locator("#spoken .tentative")).to_have_count(0)
    await page.click("#settings summary")
    await page.select_option("#stability", "final")
    assert "stability=final" in await page.evaluate("streams.at(-1).url")


async def test_who_reads_back_is_left_there_and_comes_to_the_end_by_a_button(opened_alone: Open) -> None:
    page = await watching(opened_alone, viewport={"width": 390, "height": 500})
    for sid in range(1, 30):
        await said(page, sid, f"frase {sid}")
    await page.wait_for_function(AT_END)
    await page.evaluate("scrollTo(0, 100)")
    await expect(page.locator("#latest")).to_be_visible()
    await said(page, 30, "frase 30")
    assert await page.evaluate("scrollY") == 100
    await shot(page, "viewer-back")
    await page.click("#latest")
    await page.wait_for_function(AT_END)
    await expect(page.locator("#latest")).to_be_hidden()


async def test_what_was_said_is_a_file_in_each_format(opened_alone: Open) -> None:
    page = await watching(opened_alone)
    await said(page, 1, "uno <b> & --> dos", start="00:02")
    await said(page, 2, "tres", start="01:05")
    await page.click("#settings summary")
    files = {}
    for kind in ("txt", "srt", "vtt", "json"):
        async with page.expect_download() as waiting:
            await page.click(f"[data-format={kind}]")
        files[kind] = (await (await waiting.value).path()).read_text()
    assert files["txt"] == "uno <b> & --> dos\ntres\n"
    assert files["srt"].startswith("1\n00:00:02,000 --> 00:01:05,000\nuno <b> & --> dos\n\n2\n00:01:05,000")
    escaped = "uno &lt;b&gt; &amp; --&gt; dos"
    assert files["vtt"].startswith(f"WEBVTT\n\n00:00:02.000 --> 00:01:05.000\n{escaped}\n\n00:01:05.000")
    kept = [(line["start_ms"], line["text"], line["original"]) for line in json.loads(files["json"])]
    assert kept == [(2000, "uno <b> & --> dos", "as uno <b> & --> dos"), (65_000, "tres", "as tres")]


async def test_the_screen_stays_on_while_the_broadcast_goes_on(opened_alone: Open) -> None:
    page = await watching(opened_alone)
    assert await page.evaluate("awake.map((lock) => lock.released)") == [False]
    await tell(page, {"action": "broadcast_ended"})
    await page.wait_for_function("() => awake.at(-1).released")
    await page.wait_for_function("() => streams.length === 2")  # it waits for the next session
    await tell(page, {"action": "viewer_connected", "phase": "live"})
    await page.wait_for_function("() => awake.length === 2 && !awake.at(-1).released")


async def test_a_button_fills_the_screen(opened_alone: Open) -> None:
    page = await watching(opened_alone)
    await page.click("#full")
    await page.wait_for_function("() => document.fullscreenElement === document.documentElement")
    await page.click("#full")
    await page.wait_for_function("() => !document.fullscreenElement")


async def test_an_overlay_shows_two_captions_over_nothing_and_a_room_large_ones(opened_alone: Open) -> None:
    for view in ("overlay", "display"):
        page = await watching(opened_alone, f"?{view}=1&lang=es")
        await tell(page, {"action": "standby_message", "standby_message": "Soon"})
        await expect(page.locator("#notice")).to_be_visible(visible=view == "display")  # no stream shows it
        for sid in range(1, 5):
            await said(page, sid, f"frase {sid}")
        await expect(page.locator("header")).to_be_hidden()
        await expect(page.locator("#choices")).to_be_hidden()
        await expect(page.locator("#spoken li").last).to_be_visible()
        seen = [one for one in await page.locator("#spoken li").all() if await one.is_visible()]
        assert len(seen) == (2 if view == "overlay" else 4)
        assert await seen[-1].locator(":visible").all_inner_texts() == ["frase 4"]  # and nothing empty
        behind = await page.evaluate(BACKGROUNDS)
        assert behind[1] == (NOTHING if view == "overlay" else "rgb(0, 0, 0)")
        assert (behind[0] == NOTHING) == (view == "overlay")
        await shot(page, f"viewer-{view}-alone")


async def test_what_the_network_kept_from_the_page_is_told_and_asked_for_again(opened_alone: Open) -> None:
    page = await watching(opened_alone, kept_away=("listening.js", "transcripts.js", "verify"))
    await page.click("#listen")
    await expect(page.locator("#notice")).to_contain_text("servidor")
    await expect(page.locator("#listen")).to_have_attribute("aria-pressed", "false")
    for button, asked in (("[data-format=txt]", "transcripts.js"), ("#password-form button", "verify")):
        await tell(page, {"action": "viewer_connected", "phase": "live"})
        await expect(page.locator("#notice")).to_be_hidden()
        await page.evaluate("document.querySelector('#password-form').hidden = false")
        await page.fill("#password", "secret")
        async with page.expect_event("requestfailed", lambda failed, name=asked: name in failed.url):
            await page.locator(button).evaluate("button => button.click()")
        await expect(page.locator("#notice")).to_contain_text("servidor")
    await page.unroute("**/listening.js*")
    await page.click("#listen")
    await expect(page.locator("#listen")).to_have_attribute("aria-pressed", "true")
    await page.wait_for_function("() => globalThis.played > 0")
