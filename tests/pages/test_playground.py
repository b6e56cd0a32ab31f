"""The playground in a real browser: speak, read, hear; and what people are told when that cannot be."""

import base64
import re

import httpx
import numpy as np
import pytest
import soxr
from playwright.async_api import Page, expect

from dragoman_cli.browser_link import browser_link
from tests.conformance import native
from tests.mesh.conftest import Mesh
from tests.pages.conftest import PHONE, SAID, SOCKETS, Machine, Open, shot
from tests.stt.speech import bare
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.integration

# What goes to the loudspeakers goes to a list as well.
TAP = """() => {
globalThis.played = [];
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (target, ...rest) {
  if (target === this.context.destination) {
    const tap = this.context.createScriptProcessor(4096, 1, 1);
    tap.onaudioprocess = ({ inputBuffer }) => played.push(Float32Array.from(inputBuffer.getChannelData(0)));
    connect.call(this, tap);
    connect.call(tap, target);
    globalThis.playedRate = this.context.sampleRate;
  }
  return connect.call(this, target, ...rest);
};
}"""
# A second of sound itself was played, and then a second of nothing.
SPOKEN = """() => {
  const loud = played.map((part) => part.filter((one) => Math.abs(one) > 0.016).length);
  const sum = (parts) => parts.reduce((total, one) => total + one, 0);
  return sum(loud) > playedRate && sum(loud.slice(-12)) === 0;
}"""
TAKE = """() => {
  const bytes = new Uint8Array(Float32Array.from(played.flatMap((part) => [...part])).buffer);
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}"""


async def played(page: Page) -> bytes:
    """What the page played, as 16 kHz samples."""
    samples = np.frombuffer(base64.b64decode(await page.evaluate(TAKE)), "<f4")
    rate = await page.evaluate("playedRate")
    return bytes((soxr.resample(samples, rate, 16_000) * 32767).astype("<i2").tobytes())


async def heard(mesh: Mesh, pcm: bytes, language: str) -> str:
    """What the mesh's recogniser hears in speech."""
    wish = {"spoken": language, "to": [], "translate": False, "speech": False}
    async with native.session(mesh.edge, mesh.key, **wish) as talk:
        await talk.play(pcm + bytes(48_000), speed=2)
        await talk.send(type="end")
        await talk.over()
        return " ".join(message["text"] for message in talk.of("transcript", final=True))


async def speak(page: Page) -> None:
    """Press the button, and again once a translated sentence is whole."""
    await page.select_option("#from", "en")
    await page.select_option("#to", "es")
    await page.click("#speak")
    await expect(page.locator("#spoken")).to_contain_text("coffee")
    await expect(page.locator("#spoken .late", has_text=re.compile("speech|voz")).last).to_be_visible()
    await page.click("#speak")
    await expect(page.locator("#state")).to_have_attribute("data-state", "off")


async def test_a_person_speaks_reads_and_hears_the_translation(mesh: Mesh, opened: Open) -> None:
    page = await opened("/", signed_in=True, locale="en-US")
    await expect(page.locator("#speak")).to_be_visible()
    assert "sign-in" not in page.url
    assert await page.input_value("#from") == "en"  # the browser's language
    assert await page.input_value("#to") == "pt"  # the best that this mesh has
    await page.evaluate(TAP)
    await speak(page)
    await shot(page, "playground")
    original = " ".join(await page.locator("#spoken .original").all_inner_texts())
    translated = " ".join(await page.locator("#spoken .translation").all_inner_texts())
    missing = set(bare(SAID)) - set(bare(original))
    assert len(missing) <= 2, original
    assert "tren" in translated and "café" in translated
    await page.wait_for_function(SPOKEN, polling=500)
    sound = await played(page)
    loud = np.abs(np.frombuffer(sound, "<i2").astype(np.int32)) > 500
    assert loud.sum() > 16_000  # a second of sound itself, in some seconds of speech
    said = set(bare(await heard(mesh, sound, "es")))
    assert len(said & set(bare(translated))) >= 3, said
    assert await page.locator("#spoken .tentative").count() == 0


async def test_a_connection_that_breaks_is_taken_up_again(mesh: Mesh, opened: Open) -> None:
    page = await opened("/", signed_in=True)
    await page.evaluate(SOCKETS)
    await page.select_option("#from", "en")
    await page.select_option("#to", "es")
    await page.click("#speak")
    await expect(page.locator("#spoken")).to_contain_text("morning")
    await page.evaluate("sockets.at(-1).close(4000)")
    await expect(page.locator("#spoken")).to_contain_text("coffee")
    assert await page.evaluate("sockets.length") == 2
    await page.click("#speak")
    await expect(page.locator("#state")).to_have_attribute("data-state", "off")
    original = " ".join(await page.locator("#spoken .original").all_inner_texts())
    assert len(set(bare(SAID)) - set(bare(original))) <= 2, original


async def test_markup_in_a_dictionary_is_text(mesh: Mesh, opened: Open) -> None:
    page = await opened("/", signed_in=True, **PHONE)
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    await page.click("details.controls summary")
    await page.fill("#dictionary", "coffee = <img src=x onerror=alert(1)>")
    await page.select_option("#from", "en")
    await page.select_option("#to", "es")
    await page.click("#speak")
    await expect(page.locator("#spoken .late", has_text="translation").last).to_be_visible()
    await expect(page.locator("#spoken .translation", has_text="<img src=x")).to_have_count(1)
    assert await page.locator("#spoken img").count() == 0
    await shot(page, "playground-phone")


async def test_a_link_works_once_and_a_key_that_is_wrong_is_told(mesh: Mesh, opened: Open) -> None:
    page = await opened("/")
    await expect(page.locator("#sign-in")).to_be_visible()
    await page.fill("#key", "dk_live_wrong")
    await page.click("#key-form button")
    await expect(page.locator("#problem")).to_contain_text("not valid")
    url = browser_link(mesh.edge, mesh.key)
    async with httpx.AsyncClient(timeout=WAIT_S) as http:
        code = url.partition("sign-in=")[2]
        first = await http.post(f"{mesh.edge}/v1/browser-sessions", json={"code": code})
        assert first.status_code == 201 and first.headers["cache-control"] == "no-store"
        assert (await http.post(f"{mesh.edge}/v1/browser-sessions", json={"code": code})).status_code == 401
    await page.goto("about:blank")
    await page.goto(url)
    await expect(page.locator("#problem")).to_contain_text("used already")
    logs = [path.read_text(errors="replace") for path in mesh.folder.glob("*.log")]
    assert len(logs) > 5 and not any(code in log for log in logs)
    await page.fill("#key", mesh.key)
    await page.click("#key-form button")
    await expect(page.locator("#speak")).to_be_visible()


async def test_without_permission_people_are_told_what_to_do(mesh: Mesh, opened: Open) -> None:
    page = await opened("/", signed_in=True, machine=Machine(allowed=False))
    await page.click("#speak")
    await expect(page.locator("#problem")).to_contain_text("microphone")
    await shot(page, "playground-refused")
