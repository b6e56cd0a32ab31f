"""A broadcast in real browsers: a host, and viewers who read it in their languages."""

import asyncio
import base64
import wave
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.conformance import viewing
from tests.conformance.test_vas import Client
from tests.mesh.conftest import Mesh
from tests.pages.broadcasts import SPEAKING, on_air, show
from tests.pages.conftest import PHONE, Open, shot
from tests.pages.test_accessible import checked
from tests.pages.test_playground import heard
from tests.stt.speech import bare
from tests.support.broadcasts import translation
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.integration

# Sounds that were played to their end.
KEEP_SOUNDS = """() => {
  globalThis.sounds = [];
  globalThis.silences = 0;
  const [made, blobs] = [URL.createObjectURL, new Map()];
  URL.createObjectURL = (blob) => { const url = made.call(URL, blob); blobs.set(url, blob); return url; };
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    const blob = blobs.get(this.src);
    if (blob.size < 100) silences += 1;
    else this.addEventListener("ended", () => sounds.push(blob), { once: true });
    return play.call(this);
  };
}"""
SOUNDS = """async () => {
  let text = "";
  for (const blob of sounds) {
    const sound = await new OfflineAudioContext(1, 1, 16000).decodeAudioData(await blob.arrayBuffer());
    const pcm = Int16Array.from(sound.getChannelData(0), (value) => Math.max(-1, Math.min(1, value)) * 32767);
    for (const byte of new Uint8Array(pcm.buffer)) text += String.fromCharCode(byte);
  }
  return btoa(text);
}"""


async def talk(client: Client, spoken: Path) -> None:
    """The host says what the file holds."""
    with wave.open(str(spoken)) as file:
        while frame := file.readframes(1600):
            await client.do("audio", audio=base64.b64encode(frame).decode())
            await asyncio.sleep(0.08)


def text(page: Page) -> object:
    return page.locator("#spoken")


async def test_viewers_read_in_their_languages_and_miss_nothing(
    mesh: Mesh, opened: Open, spoken: Path
) -> None:
    made = await viewing.made(mesh.edge, mesh.key, name="<b>Talk</b>", standby_message="Soon")
    path = f"/broadcast/{made['token']}"
    assert made["share_url"] == mesh.edge + path
    early = await opened(path, locale="es-ES", **PHONE)
    await expect(early.locator("#notice")).to_have_text("Soon")
    await expect(early.locator("#name")).to_have_text("<b>Talk</b>")
    async with viewing.host(mesh.edge, mesh.key, made["token"], **SPEAKING) as (client, _):
        portuguese = await opened(f"{path}?lang=pt")
        await portuguese.evaluate(KEEP_SOUNDS)
        await portuguese.click("#listen")
        await portuguese.wait_for_function("() => silences === 1")  # a telephone plays what a click has begun
        await client.do("broadcast_go_live")
        await client.event("broadcast_phase_changed")
        await expect(early.locator("#notice")).to_be_hidden()
        speaking = asyncio.create_task(talk(client, spoken))
        await expect(early.locator("#spoken")).to_contain_text("tren")
        await expect(portuguese.locator("#spoken")).to_contain_text("trem")
        await early.context.set_offline(True)
        await early.evaluate("window.dispatchEvent(new Event('offline'))")
        await speaking
        await early.context.set_offline(False)
        await expect(early.locator("#spoken")).to_contain_text("café")
        await expect(early.locator("#state")).to_have_attribute("data-state", "on")
        late = await opened(f"{path}?lang=es&display=1")
        await expect(late.locator("#spoken")).to_contain_text("café")  # what was said before
        for page, name in ((early, "viewer-phone"), (portuguese, "viewer"), (late, "viewer-display")):
            await shot(page, name)
        async with early.expect_download() as waiting:
            await early.click("#settings summary")
            await early.click("[data-format=srt]")
        assert "café" in (await (await waiting.value).path()).read_text()
        said = await early.locator("#spoken .translation").all_inner_texts()
        assert len(said) == len(set(said))
        shown = await portuguese.locator("#spoken .translation").all_inner_texts()
        await portuguese.wait_for_function("wanted => sounds.length >= wanted", arg=len(shown))
        sound = base64.b64decode(await portuguese.evaluate(SOUNDS))
        words = set(bare(await heard(mesh, sound, "pt"))) & set(bare(" ".join(shown)))
        assert len(words) >= 3, shown
        await client.do("stop")
        await expect(early.locator("#notice")).to_contain_text("terminado")


async def test_a_viewer_waits_for_the_next_session_of_the_same_link(mesh: Mesh, opened: Open) -> None:
    async with on_air(mesh) as (path, client):
        page = await opened(path, locale="es-ES")
        await expect(page.locator("#state")).to_have_attribute("data-state", "on")
        await show(mesh, path, translation("uno", language="es"))
        await show(mesh, path, translation("dos a medias", utterance=2, language="es", final=False))
        await expect(page.locator("#spoken")).to_contain_text("dos a medias")
        await client.do("stop")
        await expect(page.locator("#notice")).to_contain_text("esta página continúa sola")
        await expect(page.locator("#state")).to_have_attribute("data-state", "over")
        await checked(page)
    async with viewing.host(mesh.edge, mesh.key, path.rpartition("/")[2], **SPEAKING) as (again, _):
        await again.do("broadcast_go_live")
        await expect(page.locator("#notice")).to_be_hidden()
        await expect(page.locator("#state")).to_have_attribute("data-state", "on")
        await show(mesh, path, translation("tres", language="es", session_id="s_2"))  # numbered anew
        await expect(page.locator("#spoken")).to_contain_text("tres")
        assert await page.locator("#spoken .translation").all_inner_texts() == ["uno", "tres"]
        async with httpx.AsyncClient(headers={"x-api-key": mesh.key}, timeout=WAIT_S) as http:
            await http.delete(f"{mesh.edge}/api/v1/broadcasts/{path.rpartition('/')[2]}")
        await expect(page.locator("#notice")).to_have_text("La emisión ha terminado.")


async def test_a_password_is_asked_for(mesh: Mesh, opened: Open) -> None:
    made = await viewing.made(
        mesh.edge, mesh.key, name="Board", access_type="password", pass_code="sesame", standby_message="Soon"
    )
    page = await opened(f"/broadcast/{made['token']}", locale="en-US")
    await expect(page.locator("#password-form")).to_be_visible()
    assert "Board" not in await page.content()
    await checked(page)
    await page.fill("#password", "wrong")
    await page.click("#password-form button")
    await expect(page.locator("#notice")).to_contain_text("not the password")
    await checked(page)
    await page.fill("#password", "sesame")
    await page.click("#password-form button")
    await expect(page.locator("#name")).to_have_text("Board")
    await expect(page.locator("#notice")).to_have_text("Soon")


async def test_a_link_to_no_broadcast_is_told(opened: Open) -> None:
    page = await opened("/broadcast/0123456789abcdef", locale="en-US")
    await expect(page.locator("#notice")).to_contain_text("no such broadcast")
    await checked(page)


async def test_the_page_is_light(mesh: Mesh, opened: Open) -> None:
    page = await opened("/broadcast/0123456789abcdef")
    taken: int = await page.evaluate(
        "performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))"
        ".reduce((sum, entry) => sum + entry.decodedBodySize, 0)"
    )
    assert 5_000 < taken <= 60_000
