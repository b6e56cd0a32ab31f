"""The static files of the pages: read once, cached by their hash, under a strict content security policy."""

import asyncio
import hashlib
import io
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import segno
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

PAGES = {"/": "index.html", "/host": "host.html", "/broadcast/*": "viewer.html"}
QR = "/pages/qr.svg"
ASSETS = "/pages/"  # then the hash of all files, then a file's name
LONGEST = 300  # characters of a QR code
DRAWN_AT_ONCE = 2  # QR codes: each takes a tenth of a second of CPU, and anybody may ask
PLACE = "/pages/@/"  # where a page names an asset
FOREVER = "public, max-age=31536000, immutable"
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".json": "application/json"}


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is sent."""

    body: bytes
    media_type: str


class Site:
    """ASGI application: a page or an asset; anything else goes on to `app`.

    Args:
        app: what answers all other requests.
        pages: the page's file for a path; a path that ends in "/*" takes one more part.
        embedded_in: origins that may show the pages in a frame, separated by spaces; empty = none.
    """

    def __init__(self, app: ASGIApp, pages: dict[str, str], embedded_in: str = "") -> None:
        self._app = app
        static = _read(files("dragoman_edge.pages") / "static")
        self._hash = hashlib.sha256(b"".join(static[name].body for name in sorted(static))).hexdigest()[:16]
        self._assets = {f"{ASSETS}{self._hash}/{name}": file for name, file in static.items()}
        self._pages = {path: self._page(static[name]) for path, name in pages.items()}
        self._policy = _policy(embedded_in)
        self._static = static
        self._drawing = 0

    def _page(self, file: File) -> File:
        body = file.body.replace(PLACE.encode(), f"{ASSETS}{self._hash}/".encode())
        return File(body, file.media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer GET and HEAD of what is here."""
        found = None
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            found = await self._qr(scope) if scope["path"] == QR else self._find(scope["path"])
        await (found or self._app)(scope, receive, send)

    async def _qr(self, scope: Scope) -> Response:
        """A QR code of the text in the query, at most that of a link."""
        text = Request(scope).query_params.get("text", "")
        if not 0 < len(text) <= LONGEST:
            return Response(status_code=400)
        if self._drawing >= DRAWN_AT_ONCE:
            return Response(status_code=503, headers={"retry-after": "1"})
        self._drawing += 1
        try:
            return Response(await asyncio.to_thread(_drawn, text), media_type="image/svg+xml")
        finally:
            self._drawing -= 1

    def _find(self, path: str) -> Response | None:
        if (asset := self._assets.get(path)) is not None:
            headers = {"cache-control": FOREVER}
            return Response(asset.body, media_type=asset.media_type, headers=headers)
        if path.startswith(ASSETS) and (asset := self._static.get(_name(path))) is not None:
            # A page of another release, whose edge is gone or going: better these files than none.
            return Response(asset.body, media_type=asset.media_type, headers={"cache-control": "no-store"})
        page = self._pages.get(path) or self._pages.get(path.rpartition("/")[0] + "/*")
        if page is None:
            return None
        headers = {"cache-control": "no-cache", "content-security-policy": self._policy}
        headers["permissions-policy"] = "microphone=(self), screen-wake-lock=(self)"
        return Response(page.body, media_type=page.media_type, headers=headers)


@lru_cache(maxsize=64)
def _drawn(text: str) -> bytes:
    image = io.BytesIO()
    segno.make(text, error="m", micro=False).save(image, kind="svg", scale=8, border=4)
    return image.getvalue()


def _name(path: str) -> str:
    """The name of an asset's file, from its path with any hash."""
    return path.removeprefix(ASSETS).partition("/")[2]


def _policy(embedded_in: str) -> str:
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "media-src": "'self' blob:",
        "connect-src": "'self'",
        "worker-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": embedded_in or "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _read(folder: Traversable, prefix: str = "") -> dict[str, File]:
    found: dict[str, File] = {}
    for entry in folder.iterdir():
        if entry.is_dir():
            found |= _read(entry, f"{prefix}{entry.name}/")
        else:
            suffix = "." + entry.name.rpartition(".")[2]
            kind = TYPES.get(suffix) or mimetypes.guess_type(entry.name)[0] or "application/octet-stream"
            found[prefix + entry.name] = File(entry.read_bytes(), kind)
    return found
