"""A model hub of one model, for pods that fetch their weights."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "c0" * 20


@contextmanager
def serving(repository: str, files: dict[str, Path]) -> Iterator[int]:
    """Answers what a client of the hub asks about a repository; the port, on every address of this host."""
    about = {"id": repository, "sha": COMMIT, "siblings": [{"rfilename": name} for name in files]}
    sizes = {name: path.stat().st_size for name, path in files.items()}
    tree = [{"type": "file", "path": name, "oid": COMMIT, "size": size} for name, size in sizes.items()]

    class Answer(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, *, body: bool) -> None:
            path = self.path.partition("?")[0]
            name = path.rpartition("/")[2]
            if path.startswith(f"/api/models/{repository}/revision/"):
                content = json.dumps(about).encode()
            elif path == f"/api/models/{repository}/tree/{COMMIT}":
                content = json.dumps(tree).encode()
            elif path.startswith(f"/{repository}/resolve/") and name in files:
                content = files[name].read_bytes()
            else:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("ETag", f'"{sha256(content).hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.end_headers()
            if body:
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join(5)
