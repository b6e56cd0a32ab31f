"""Pictures of the docs, from what the tests of the pages have kept in out/pages.

pytest tests/pages && python -m tests.pages.first_try && python -m tests.pages.pictures
"""

import asyncio
import base64
from pathlib import Path

from playwright.async_api import async_playwright

from tests.pages.conftest import SHOTS, chromium

IMAGES = Path("docs/images")
WIDE, PHONE = 960, 320  # pixels across
PICTURES = {  # shot: its picture and width
    "playground": ("playground", WIDE),
    "host-two-languages": ("host", WIDE),
    "viewer-phone": ("viewer-phone", PHONE),
    "viewer-display": ("viewer-display", WIDE // 2),
    "tasks": ("tasks", WIDE),
    "first-try": ("first-try", WIDE),
    "admin-sessions": ("admin-sessions", WIDE),
    "admin-account": ("admin-account", WIDE),
    "admin-usage": ("admin-usage", WIDE),
    "admin-fleet": ("admin-fleet", WIDE),
    "halves-phone": ("halves-phone", PHONE),
}
DRAWN = """async ([source, width]) => {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = Math.round((image.height * width) / image.width);
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/webp", 0.8).split(",")[1];
}"""


async def main() -> None:
    """Write every picture."""
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = await browser.new_page()
        for shot, (name, width) in PICTURES.items():
            source = base64.b64encode((SHOTS / f"{shot}.png").read_bytes()).decode()
            drawn = await page.evaluate(DRAWN, [f"data:image/png;base64,{source}", width])
            (IMAGES / f"{name}.webp").write_bytes(base64.b64decode(drawn))
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
