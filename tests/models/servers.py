"""Servers that hold models: a web site, a model hub, an S3 store; each can do what bad ones do."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMMIT = "c0" * 20


@dataclass
class Site:
    """Files by path, and how they are served."""

    files: dict[str, bytes] = field(default_factory=dict)
    status: dict[str, int] = field(default_factory=dict)  # by path
    redirects: dict[str, str] = field(default_factory=dict)
    cut: dict[str, list[int]] = field(default_factory=dict)  # bytes after which each next answer breaks off
    stall: dict[str, int] = field(default_factory=dict)  # bytes after which nothing more comes
    ranges: bool = True
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)  # method, path, headers
    port: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def add(self, folder: Path, below: str = "") -> "Site":
        """Serve all files of a folder."""
        for path in folder.rglob("*"):
            if path.is_file():
                self.files[f"{below}/{path.relative_to(folder).as_posix()}"] = path.read_bytes()
        return self

    def bodies(self, path: str) -> list[str]:
        """The Range headers with which a path was asked for."""
        return [headers.get("range", "") for method, asked, headers in self.asked if asked == path]


@contextmanager
def serving(site: Site, address: str = "127.0.0.1") -> Iterator[Site]:
    """The site at a port of this machine; address "" = for containers on it, too."""

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            _answer(site, self)

        do_HEAD = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer((address, 0), Answer) as server:
        server.daemon_threads = True
        site.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield site
        finally:
            site.over.set()
            server.shutdown()
            thread.join(5)


def _answer(site: Site, request: BaseHTTPRequestHandler) -> None:
    path = request.path.partition("?")[0]
    site.asked.append((request.command, path, {k.lower(): v for k, v in request.headers.items()}))
    request.close_connection = True
    if path in site.redirects:
        request.send_response(302)
        request.send_header("Location", site.redirects[path])
        request.send_header("Content-Length", "0")
        request.send_header("Connection", "close")
        request.end_headers()
    elif path in site.status or path not in site.files:
        request.send_response(site.status.get(path, 404))
        request.send_header("Content-Length", "0")
        request.send_header("Connection", "close")
        request.end_headers()
    else:
        _body(site, request, path)


def _body(site: Site, request: BaseHTTPRequestHandler, path: str) -> None:
    data, begin = site.files[path], 0
    found = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
    if found and site.ranges:
        begin = int(found[1])
        if begin >= len(data):
            request.send_response(416)
            request.send_header("Content-Length", "0")
            request.send_header("Connection", "close")
            request.end_headers()
            return
        end = min(int(found[2]) if found[2] else len(data), len(data) - 1)
        request.send_response(206)
        request.send_header("Content-Range", f"bytes {begin}-{end}/{len(data)}")
        body = data[begin : end + 1]
    else:
        request.send_response(200)
        body = data
    request.send_header("Content-Length", str(len(body)))
    request.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()[:16]}"')
    request.send_header("Last-Modified", "Thu, 26 Nov 2026 00:00:00 GMT")
    request.send_header("Accept-Ranges", "bytes")
    request.send_header("Connection", "close")
    request.end_headers()
    if request.command == "HEAD":
        return
    cuts = site.cut.get(path, [])
    if cuts:
        request.wfile.write(body[: cuts.pop(0)])
    elif path in site.stall:
        request.wfile.write(body[: site.stall[path]])
        request.wfile.flush()
        site.over.wait(30)
    else:
        request.wfile.write(body)


def hub(repository: str, files: dict[str, bytes], lies: dict[str, Any] | None = None) -> Site:
    """A model hub with one repository; ten bytes and more are "large". `lies` changes what it says."""
    siblings = [_sibling(name, data) | (lies or {}).get(name, {}) for name, data in files.items()]
    about = {"id": repository, "sha": COMMIT, "siblings": siblings}
    site = Site({f"/api/models/{repository}/revision/main": json.dumps(about).encode()})
    for name, data in files.items():
        site.files[f"/{repository}/resolve/{COMMIT}/{name}"] = data
    return site


def _sibling(name: str, data: bytes) -> dict[str, Any]:
    git = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
    told: dict[str, Any] = {"rfilename": name, "size": len(data), "blobId": git}
    if len(data) >= 10:
        told["lfs"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}
    return told
