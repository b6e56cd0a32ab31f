"""Static files of a service's pages: read and packed once, cached by hash, under a strict content policy."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass, replace
from importlib.resources import files
from importlib.resources.abc import Traversable

from dragoman_kit.ops import App, Receive, Scope, Send

ASSETS = "/pages/"  # then the hash of all files, then a file's name
PLACE = "/pages/@/"  # where a page names an asset
FOREVER = "public, max-age=31536000, immutable"
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".json": "application/json"}
SHARED = "dragoman_kit.pages"  # the design, and the scripts that several services' pages use


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is sent; `packed` by gzip, empty where that is not worth it."""

    body: bytes
    media_type: str
    packed: bytes = b""

    @property
    def is_text(self) -> bool:
        """Whether it is written in characters."""
        return self.media_type.startswith(("text/", "application/json", "image/svg"))


class Site:
    """ASGI application: a page or an asset; anything else goes on to `app`.

    Args:
        app: what answers all other requests.
        package: the package whose folder `static` has the pages; the shared design is added to it.
        pages: the page's file for a path; a path that ends in "/*" takes one more part.
        embedded_in: origins that may show the pages in a frame, separated by spaces; empty = none.
    """

    def __init__(self, app: App, package: str, pages: dict[str, str], embedded_in: str = "") -> None:
        self._app = app
        static = _read(files(SHARED) / "static") | _read(files(package) / "static")
        self._hash = hashlib.sha256(b"".join(static[name].body for name in sorted(static))).hexdigest()[:16]
        self._assets = {f"{ASSETS}{self._hash}/{name}": file for name, file in static.items()}
        self._pages = {path: self._page(static[name]) for path, name in pages.items()}
        self._policy = _policy(embedded_in)
        self._static = static

    def _page(self, file: File) -> File:
        return _packed(
            File(file.body.replace(PLACE.encode(), f"{ASSETS}{self._hash}/".encode()), file.media_type)
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer GET and HEAD of what is here."""
        found = None
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            found = self._find(scope["path"])
        if found is None:
            await self._app(scope, receive, send)
        else:
            await _answer(send, *found, gzipped=_takes_gzip(scope))

    def _find(self, path: str) -> tuple[File, dict[str, str]] | None:
        """A file and the headers that go with it."""
        if (asset := self._assets.get(path)) is not None:
            return asset, {"cache-control": FOREVER}
        if path.startswith(ASSETS) and (asset := self._static.get(_name(path))) is not None:
            # A page of another release, whose replica is gone or going: better these files than none.
            return asset, {"cache-control": "no-store"}
        page = self._pages.get(path) or self._pages.get(path.rpartition("/")[0] + "/*")
        if page is None:
            return None
        headers = {"cache-control": "no-cache", "content-security-policy": self._policy}
        return page, headers | {"permissions-policy": "microphone=(self), screen-wake-lock=(self)"}


async def _answer(send: Send, file: File, headers: dict[str, str], *, gzipped: bool) -> None:
    body = file.packed if gzipped and file.packed else file.body
    fields = {
        "content-type": file.media_type + ("; charset=utf-8" if file.is_text else ""),
        "content-length": str(len(body)),
        "vary": "accept-encoding",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
    } | headers
    if body is file.packed:
        fields["content-encoding"] = "gzip"
    encoded = [(name.encode(), value.encode()) for name, value in fields.items()]
    await send({"type": "http.response.start", "status": 200, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


def _takes_gzip(scope: Scope) -> bool:
    return any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])


def _packed(file: File) -> File:
    packed = gzip.compress(file.body, mtime=0) if file.is_text else b""
    return replace(file, packed=packed if len(packed) < len(file.body) else b"")


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
            found[prefix + entry.name] = _packed(File(entry.read_bytes(), kind))
    return found
