"""Hostile conversations and HTTP requests against a real edge: no traceback, no blocked loop, no 500.

python -m tests.security.fuzz [--count 100000] [--seed 1]

The codecs alone are driven by tests/edge/dialects/test_fuzz.py; here all is real, also sessions and accounts.
"""

import argparse
import asyncio
import contextlib
import json
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from dragoman_edge.dialects import DIALECTS
from tests.edge.dialects.test_fuzz import GOOD, WORDS, mutated
from tests.mesh.conftest import Mesh
from tests.security.customers import making
from tests.security.fairness.measure import COMPUTING, blocked
from tests.security.fairness.scenery import mesh_of

TALKING, ASKING = 24, 48  # at a time: most of them wait
CLOSE_S = 1.0
ANSWER_S = 3.0
ROUTES = sorted({(route.method, route.path) for one in DIALECTS.values() for route in one.routes})
PATHS = ("/healthz", "/", "/broadcast/x", "/broadcast/x/text", "/openapi.json", "/vt")
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "BREW", "get", "")
HEADERS = (
    "Authorization", "X-API-Key", "Content-Type", "Accept", "Origin", "Cookie", "Upgrade", "Connection",
    "Sec-WebSocket-Key", "Sec-WebSocket-Version", "X-Forwarded-For", "Range", "Last-Event-ID",
    "Idempotency-Key", "Expect", "Transfer-Encoding",
)  # fmt: skip
PRINTED = re.compile(r"[^ -~]")  # what no header may have is left out
TRACES = re.compile(rb"Traceback|\"exception\"")
Chance = random.Random


@dataclass(slots=True)
class Outcome:
    """What came of it; `traces` are log lines with a traceback."""

    conversations: int = 0
    requests: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    traces: list[str] = field(default_factory=list)
    blocked: dict[str, int] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Whether nothing gave way."""
        return not self.traces and not self.answers["500"] and not self.answers["internal"]

    @property
    def computing(self) -> dict[str, int]:
        """How often a loop was late by its own computing; the rest is what a busy machine did not give it."""
        return {name: count for name, count in self.blocked.items() if name.endswith(COMPUTING)}


def value(chance: Chance, depth: int = 0) -> Any:
    """Anything that JSON can say."""
    kinds: list[Callable[[], Any]] = [
        lambda: None,
        lambda: chance.random() < 0.5,
        lambda: chance.choice((0, -1, 2**31, 2**70, -(2**70), 1.5, 1e308)),
        lambda: text(chance),
        lambda: chance.choice(WORDS),
    ]
    if depth < 3:
        kinds.append(lambda: [value(chance, depth + 1) for _ in range(chance.randrange(4))])
        kinds.append(lambda: {key(chance): value(chance, depth + 1) for _ in range(chance.randrange(5))})
    return chance.choice(kinds)()


def key(chance: Chance) -> str:
    return chance.choice(WORDS) if chance.random() < 0.8 else text(chance)


def text(chance: Chance) -> str:
    """Characters of all kinds; sometimes very many."""
    alphabet = chance.choice(("abc ", "\x00\x01\x1b\u2028", "é漢🙂\ud800", "<[{\"\\'", "0123456789-."))
    count = chance.choice((0, 1, 8, 40, 300)) if chance.random() < 0.97 else 20_000
    return "".join(chance.choices(alphabet, k=count))


def frame(chance: Chance, name: str) -> str | bytes:
    """A message of a client, good, nearly good, or none."""
    kind = chance.random()
    if kind < 0.25:
        return chance.randbytes(chance.choice((0, 1, 2, 640, 3201, 70_000)))
    if kind < 0.3:
        return text(chance).encode("utf-8", "replace").decode()
    good = chance.choice(GOOD.get(name, [{}]))
    message = good if kind < 0.5 else mutated(good, chance.choice(WORDS), value(chance))
    if kind > 0.85:
        message = {key(chance): value(chance) for _ in range(5)} | {"type": chance.choice(WORDS)}
    return json.dumps(message)


def handshake(chance: Chance, name: str, credential: str) -> tuple[str, dict[str, str], list[Any] | None]:
    """Path with its query, headers and subprotocols; mostly with a good key."""
    shown = credential if chance.random() < 0.8 else text(chance).encode("ascii", "ignore").decode("ascii")
    shown = "".join(c for c in shown if c.isalnum() or c in "_-")
    path = DIALECTS[name].socket_paths[0].replace("{session_id}", chance.choice(("s_1", "x", "%00")))
    query = "&".join(f"{chance.choice(WORDS)}={chance.choice(WORDS)}" for _ in range(chance.randrange(4)))
    scheme = chance.choice(("Bearer", "api-key", ""))
    headers = {"Authorization": f"{scheme} {shown}", "X-API-Key": shown, "API-Subscription-KEY": shown}
    return f"{path}?token={shown}&{query}", headers, ["x"] if chance.random() < 0.1 else None


async def conversation(mesh: Mesh, credential: str, chance: Chance, outcome: Outcome) -> None:
    """One socket, up to six frames, and an end of any kind."""
    name = chance.choice(sorted(DIALECTS))
    path, headers, subprotocols = handshake(chance, name, credential)
    frames = [frame(chance, name) for _ in range(chance.randrange(7))]
    try:
        url = mesh.edge.replace("http", "ws", 1) + path
        async with connect(
            url, additional_headers=headers, subprotocols=subprotocols, max_size=None, close_timeout=CLOSE_S
        ) as socket:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_S):
                    for one in frames:
                        await socket.send(one)
                    async with asyncio.timeout(chance.choice((0.0, 0.02, 0.1))):
                        async for said in socket:
                            _note(said, outcome)
            if chance.random() < 0.5:
                socket.transport.abort()
    except ConnectionClosed as exc:
        outcome.answers[f"closed {exc.rcvd.code if exc.rcvd else 1006}"] += 1
    except InvalidHandshake as exc:
        response = getattr(exc, "response", None)
        outcome.answers[str(response.status_code) if response else type(exc).__name__] += 1
    except (OSError, TimeoutError, ValueError) as exc:
        outcome.answers[type(exc).__name__] += 1
    outcome.conversations += 1


def _note(said: str | bytes, outcome: Outcome) -> None:
    if isinstance(said, str) and '"internal"' in said:
        outcome.answers["internal"] += 1


def request(chance: Chance, credential: str) -> bytes:
    """A request over HTTP, good, nearly good or none."""
    if chance.random() < 0.1:
        return chance.randbytes(chance.choice((1, 20, 500)))
    body = (
        json.dumps(value(chance)).encode()
        if chance.random() < 0.6
        else chance.randbytes(chance.randrange(200))
    )
    framed = chance.random() < 0.5  # a handler gets to see it

    def words(most: int) -> str:
        return PRINTED.sub("", text(chance)[:most]) if framed else text(chance)[:most]

    def escaped() -> str:
        return quote(text(chance)[:20], safe="", errors="replace") or "x"

    method, path = chance.choice(ROUTES)
    path = re.sub(r"\{\w+\}", lambda _: escaped(), path)
    if not framed:
        method = chance.choice(METHODS)
        path = chance.choice((path, chance.choice(PATHS), "/" + words(200)))
    version = "1.1" if framed else chance.choice(("1.1", "1.1", "1.0", "2", "x"))
    query = "&".join(f"{chance.choice(WORDS)}={escaped()}" for _ in range(chance.randrange(3)))
    lines = [f"{method} {path}?{query} HTTP/{version}", f"Host: {chance.choice(('x', '', words(30)))}"]
    lines += [f"Authorization: Bearer {credential}", f"X-API-Key: {credential}"]
    for _ in range(chance.choice((0, 2, 5) if framed else (0, 2, 5, 150))):
        lines.append(f"{chance.choice(HEADERS)}: {words(300)}")
    length = len(body) if chance.random() < 0.8 else chance.choice((0, len(body) + 9, -1, 10**12))
    lines.append(f"Content-Length: {length}")
    lines.append("Content-Type: application/json")
    lines.append("Connection: close")
    return "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n\r\n" + body


async def asked(mesh: Mesh, credential: str, chance: Chance, outcome: Outcome) -> None:
    """One request on a connection of its own, and its status."""
    host, _, port = mesh.edge.removeprefix("http://").partition(":")
    sent = request(chance, credential)
    answer = b""
    try:
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            async with asyncio.timeout(ANSWER_S):
                writer.write(sent)
                await writer.drain()
                if chance.random() < 0.1:  # and so its answer is lost
                    writer.write_eof()
                answer = await reader.read(64)
        finally:
            writer.transport.abort()
    except (OSError, TimeoutError) as exc:
        outcome.answers[type(exc).__name__] += 1
    words = answer.split(b" ", 2)
    outcome.answers[words[1].decode(errors="replace") if len(words) > 1 else "nothing"] += 1
    outcome.requests += 1


One = Callable[[Mesh, str, Chance, Outcome], Awaitable[None]]


async def many(
    one: One, at_once: int, mesh: Mesh, credential: str, count: int, seed: int, outcome: Outcome
) -> None:
    """`count` of one kind, so many at a time."""
    numbers = iter(range(count))

    async def work() -> None:
        for number in numbers:
            await one(mesh, credential, random.Random(seed * 10**9 + number), outcome)

    await asyncio.gather(*(work() for _ in range(at_once)))


async def fuzz(mesh: Mesh, credential: str, count: int, seed: int = 1) -> Outcome:
    """So many conversations and requests; what the services logged and how often their loops were late."""
    outcome = Outcome()
    before, logs = await blocked(mesh), _sizes(mesh.folder)
    await many(conversation, TALKING, mesh, credential, count, seed, outcome)
    await many(asked, ASKING, mesh, credential, count, seed + 1, outcome)
    after = await blocked(mesh)
    outcome.blocked = {
        name: late - before.get(name, 0) for name, late in after.items() if late > before.get(name, 0)
    }
    outcome.traces = _traces(mesh.folder, logs)
    return outcome


def _sizes(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_size for path in folder.glob("*.log")}


def _traces(folder: Path, known: dict[Path, int]) -> list[str]:
    lines = [
        (path.stem, line)
        for path in folder.glob("*.log")
        for line in path.read_bytes()[known.get(path, 0) :].splitlines()
    ]
    return [f"{name}: {line.decode(errors='replace')}" for name, line in lines if TRACES.search(line)]


async def run(mesh: Mesh, count: int, seed: int) -> Outcome:
    """With an account of its own."""
    async with making(mesh.admin_url, mesh.admin_token) as make:
        return await fuzz(mesh, (await make(micro=10**12)).key, count, seed)


def main() -> None:
    """Print what came of it; the status is 1 when something gave way."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=100_000, help="of conversations, and of requests")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name, mesh_of(Path(name), scripted=True) as mesh:
        outcome = asyncio.run(run(mesh, options.count, options.seed))
    took = time.monotonic() - began
    print(f"{outcome.conversations} conversations and {outcome.requests} requests in {took:.0f} s")
    print(f"answers: {dict(outcome.answers.most_common())}")
    print(f"loops late by more than 200 ms: {outcome.blocked or 'none'}; tracebacks: {len(outcome.traces)}")
    print("\n".join(outcome.traces[:5]))
    raise SystemExit(0 if outcome.clean and not outcome.computing else 1)


if __name__ == "__main__":
    main()
