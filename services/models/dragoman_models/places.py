"""Places that hold files: web sites, folders, object stores. One `Net` serves all transfers of a pull."""

import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import certifi
import httpx

from dragoman_models.catalogue import safe
from dragoman_models.errors import Broken, Missing, ModelError, SourceError, Unreachable
from dragoman_models.transfer import BLOCK, Limits, Opened, Place

PIECE = 8 << 20  # bytes that are asked of an object store at once
STORES = ("s3", "gs", "az")
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class Net:
    """An HTTP client that remembers who does not answer, so that nobody is waited for twice."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.index_down = False  # the package index, which pip asks
        self._left_s = limits.connect_s
        self._answered: dict[str, bool] = {}
        times = httpx.Timeout(limits.stall_s, connect=max(limits.connect_s, 0.1))
        self._client = httpx.Client(
            timeout=times, follow_redirects=True, max_redirects=5, verify=_certificates()
        )

    def place(self, address: str, headers: Mapping[str, str] | None = None) -> Place:
        """The place at an address.

        Raises:
            ModelError: it is no address, or a library for it is not installed.
        """
        scheme = urlsplit(address).scheme
        if scheme in ("http", "https"):
            return HttpPlace(address.rstrip("/"), self, dict(headers or {}))
        if scheme == "file":
            return FolderPlace(address, Path(unquote(urlsplit(address).path)))
        if scheme in STORES:
            return ObjectPlace(address.rstrip("/"), self.limits)
        raise ModelError(
            f"{shown(address)} is not an address: use https://, http://, file:///, s3://, gs:// or az://"
        )

    def stream(self, url: str, headers: Mapping[str, str]) -> Any:
        """A GET whose body is read in pieces.

        Raises:
            Unreachable: nothing answers there in the time that is left.
        """
        self._reach(url)
        return self._client.stream("GET", url, headers=dict(headers))

    def away(self, url: httpx.URL) -> None:
        """Nobody answers there, also not by a proxy."""
        self._answered[f"{url.host}:{url.port or (443 if url.scheme == 'https' else 80)}"] = False

    def _reach(self, url: str) -> None:
        """Ask whether somebody answers: a name server that does not would be waited for without a bound."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        where = f"{host}:{port}"
        if where not in self._answered:
            if _through_proxy(parts.scheme, host):
                return
            began = time.monotonic()
            self._answered[where] = _answers(host, port, max(self._left_s, self.limits.connect_later_s))
            self._left_s -= time.monotonic() - began
        if not self._answered[where]:
            raise Unreachable(f"{where} does not answer")


def _certificates() -> ssl.SSLContext:
    """The system's, which are the right ones behind a proxy that signs anew, and those of certifi."""
    made = ssl.create_default_context()
    made.load_verify_locations(certifi.where())
    return made


def _through_proxy(scheme: str, host: str) -> bool:
    return scheme in getproxies() and not proxy_bypass(host)


def _answers(host: str, port: int, timeout_s: float) -> bool:
    good = threading.Event()

    def knock() -> None:
        try:
            socket.create_connection((host, port), timeout=timeout_s).close()
        except OSError:
            return
        good.set()

    knocking = threading.Thread(target=knock, daemon=True)
    knocking.start()
    knocking.join(timeout_s)
    return good.is_set()


def shown(address: str) -> str:
    """An address without a password or a signed query, for messages."""
    parts = urlsplit(address)
    host = (parts.netloc or "").rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"


@dataclass(frozen=True, slots=True)
class HttpPlace:
    """Files below an address of the web."""

    root: str
    net: Net
    headers: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def address(self) -> str:
        """Return the place as messages name it."""
        return shown(self.root)

    @contextmanager
    def open(self, name: str, offset: int = 0) -> Iterator[Opened]:
        """Open a file over HTTP from an offset in bytes.

        Raises: Broken, SourceError, Unreachable.
        """
        path, _, query = name.partition("?")
        url = f"{self.root}/{quote(path)}{'?' + query if query else ''}"
        # What is stored as .gz may be sent as "encoded" so; everything else is wanted as it is.
        encoding = "gzip" if path.endswith(".gz") else "identity"
        wanted = {**self.headers, "Accept-Encoding": encoding}
        if offset:
            wanted["Range"] = f"bytes={offset}-"
        try:
            with self.net.stream(url, wanted) as answer:
                yield self._opened(answer, name, offset, encoding)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as exc:
            self.net.away(exc.request.url)
            raise Unreachable(f"{self.address} does not answer") from exc
        except httpx.TimeoutException as exc:
            raise Broken(f"{self.address} stopped sending") from exc
        except httpx.TooManyRedirects as exc:
            raise SourceError(f"{self.address} redirects without an end") from exc
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as exc:
            raise Broken(f"{self.address} broke off ({type(exc).__name__})") from exc

    def _opened(self, answer: httpx.Response, name: str, offset: int, encoding: str) -> Opened:
        status = answer.status_code
        if status in (404, 410):
            raise Missing(f"{self.address} has no {name}")
        if status == 416:  # what is there is longer than the file: it is of something else
            return self._again(name)
        if status in (408, 425, 429) or status >= 500:
            raise Broken(f"{self.address} answers with status {status}")
        if status not in (200, 206):
            raise SourceError(f"{self.address} answers with status {status}")
        if answer.headers.get("Content-Encoding", "identity") not in ("identity", encoding):
            raise SourceError(f"{self.address} sends {name} encoded, which was not asked for")
        blocks = answer.iter_raw()  # as they come: what has come is kept when it breaks off
        told = answer.headers.get("Content-Length", "")
        length = int(told) if told.isdecimal() else 0
        found = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        if status == 200 or found is None:
            return Opened(0, length, blocks)
        if int(found[1]) != offset:
            raise SourceError(f"{self.address} sends another part of {name} than was asked for")
        return Opened(offset, int(found[2]) if found[2] != "*" else 0, blocks)

    def _again(self, name: str) -> Opened:
        return Opened(0, 0, iter(()))


@dataclass(frozen=True, slots=True)
class FolderPlace:
    """Files below a folder of this machine."""

    address: str
    folder: Path

    @contextmanager
    def open(self, name: str, offset: int = 0) -> Iterator[Opened]:
        """Open a file of the folder from an offset in bytes.

        Raises: Missing, SourceError.
        """
        if not safe(name):
            raise SourceError(f"{name[:80]!r} is not a name of a file")
        try:
            with (self.folder / name).open("rb") as file:
                size = (self.folder / name).stat().st_size
                file.seek(min(offset, size))
                yield Opened(min(offset, size), size, iter(lambda: file.read(BLOCK), b""))
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as exc:
            raise Missing(f"{self.address} has no {name}") from exc
        except PermissionError as exc:
            raise SourceError(f"{self.address} {name} may not be read") from exc


class ObjectPlace:
    """Files below a prefix of a bucket; keys are in the store's own variables (AWS_…, GOOGLE_…, AZURE_…)."""

    def __init__(self, address: str, limits: Limits) -> None:
        self.address = shown(address)
        try:
            from obstore.store import from_url
        except ImportError:
            raise ModelError(
                f"{self.address} needs the package obstore: pip install 'dragoman-models[object-store]'"
            ) from None
        options = {
            "connect_timeout": f"{limits.connect_s}s",
            "timeout": f"{max(limits.stall_s, 60)}s",  # of a request, and so of a piece
            "allow_http": True,
        }
        try:
            made: Any = from_url
            retries = {"max_retries": 1, "retry_timeout": timedelta(seconds=2 * limits.connect_s)}
            self._store = made(address, client_options=options, retry_config=retries)
        except Exception as exc:  # its errors have no common class
            raise ModelError(f"{self.address} cannot be used: {type(exc).__name__}") from exc

    @contextmanager
    def open(self, name: str, offset: int = 0) -> Iterator[Opened]:
        """Open an object of the store from an offset in bytes.

        Raises: Broken, Missing.
        """
        import obstore

        try:
            size = int(obstore.head(self._store, name)["size"])
            begin = min(offset, size)
            pieces = (
                bytes(obstore.get_range(self._store, name, start=start, end=min(start + PIECE, size)))
                for start in range(begin, size, PIECE)
            )
            yield Opened(begin, size, pieces)
        except FileNotFoundError as exc:
            raise Missing(f"{self.address} has no {name}") from exc
        except (SourceError, ModelError, OSError):
            raise
        except Exception as exc:  # as above; its text may hold a signed address
            raise Broken(f"{self.address} does not give {name} ({type(exc).__name__})") from exc
