"""`dragoman dlq`: work that was given up after all tries. See what it is, and do it again."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

import nats
import typer
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from rich.console import Console
from rich.table import Table

from dragoman_cli.rest import RestError, running_mesh
from dragoman_contract import codec, subjects
from dragoman_contract.errors import DragomanError

app = typer.Typer(
    help="Work that was given up: list it, do it again.",
    epilog="Example: dragoman dlq list",
    no_args_is_help=True,
)
NatsUrl = Annotated[str, typer.Option("--nats", help="The bus; else DRAGOMAN_NATS_URL or the local mesh")]
Service = Annotated[str, typer.Option(help="Of this service only: translation, tts or accounts")]
CONNECT_S = 5
LOGIN = (
    "the bus asks for another login: --nats nats://operator:PASSWORD@HOST:4222; "
    "the chart keeps the password in the Secret RELEASE-nats-users, key operator"
)


@dataclass(frozen=True, slots=True)
class Dead:
    """A message that was given up; `subject` is where it has to go again."""

    number: int
    service: str
    session: str
    what: str
    reason: str
    subject: str
    data: bytes


@app.command("list", epilog="Example: dragoman dlq list --service tts")
def list_dead(service: Service = "", nats_url: NatsUrl = "", limit: int = 100) -> None:
    """List what was given up, the oldest first. Texts are not shown."""
    found = asyncio.run(_list(bus_url(nats_url), service, limit))
    if not found:
        typer.echo("nothing was given up")
        return
    table = Table("number", "service", "session", "what", "reason")
    for dead in found:
        table.add_row(str(dead.number), dead.service, dead.session, dead.what, dead.reason)
    Console(markup=False).print(table)


@app.command(epilog="Example: dragoman dlq replay 12 13")
def replay(
    numbers: Annotated[list[int] | None, typer.Argument(help="Numbers that `list` shows")] = None,
    every: Annotated[bool, typer.Option("--all", help="Everything (of the service)")] = False,
    service: Service = "",
    nats_url: NatsUrl = "",
) -> None:
    """Do work again that was given up. What fails again is given up again, under a new number."""
    if not numbers and not every:
        raise RestError("say which numbers, or --all")
    done = asyncio.run(_replay(bus_url(nats_url), service, set(numbers or ()), every))
    typer.echo(f"{done} sent again")


def bus_url(given: str) -> str:
    """The bus that the option, the environment or the running mesh names.

    Raises: RestError: none of them does.
    """
    url = given or os.environ.get("DRAGOMAN_NATS_URL", "") or str(running_mesh().get("nats", ""))
    if not url:
        raise RestError("no bus is known: start `dragoman up`, or give --nats")
    return url


async def _quiet(exc: Exception) -> None:
    """What nats-py would log with a traceback is raised as well."""


@asynccontextmanager
async def bus_stream(url: str) -> AsyncIterator[JetStreamContext]:
    """A connection to the streams of a bus.

    Raises: RestError: it cannot be reached, asks for another login, or does not answer.
    """
    try:
        nc = await nats.connect(
            url,
            connect_timeout=CONNECT_S,
            max_reconnect_attempts=0,
            allow_reconnect=False,
            error_cb=_quiet,
            tls=_trusted(url),
        )
    except (NatsError, OSError, TimeoutError) as exc:
        if "authorization" in str(exc).lower():
            raise RestError(LOGIN) from exc
        raise RestError(f"the bus cannot be reached at {url.rpartition('@')[2]}") from exc
    try:
        yield nc.jetstream(timeout=CONNECT_S)
    except (NatsError, TimeoutError) as exc:
        raise RestError(f"the bus does not answer ({type(exc).__name__})") from exc
    finally:
        await nc.close()


def _trusted(url: str) -> ssl.SSLContext | None:
    """Trust for TLS to the bus: the CA of `DRAGOMAN_NATS_CA_FILE`, as the services have it."""
    if "tls://" not in url:
        return None
    return ssl.create_default_context(cafile=os.environ.get("DRAGOMAN_NATS_CA_FILE") or None)


async def _list(url: str, service: str, limit: int) -> list[Dead]:
    async with bus_stream(url) as js:
        found = []
        async for dead in _all(js, service):
            found.append(dead)
            if len(found) == limit:
                break
        return found


async def _replay(url: str, service: str, numbers: set[int], every: bool) -> int:
    async with bus_stream(url) as js:
        wanted = [dead async for dead in _all(js, service) if every or dead.number in numbers]
        missing = numbers - {dead.number for dead in wanted}
        if missing:
            raise RestError(f"there is no message {min(missing)}; see `dragoman dlq list`")
        for dead in wanted:
            identity = {subjects.MESSAGE_ID_HEADER: f"replay.{dead.number}"}
            await js.publish(dead.subject, dead.data, headers=identity)
            await js.delete_msg(subjects.DEAD_STREAM, dead.number)
        return len(wanted)


async def _all(js: JetStreamContext, service: str) -> AsyncIterator[Dead]:
    pattern = subjects.dead(service, ">") if service else subjects.DEAD_SUBJECTS
    number = 0
    while True:
        try:
            msg = await js.get_msg(subjects.DEAD_STREAM, seq=number + 1, subject=pattern, next=True)
        except NotFoundError:
            return
        number = msg.seq or number + 1
        headers, place = msg.headers or {}, (msg.subject or "").split(".")
        yield Dead(
            number=number,
            service=place[-2],
            session=place[-1],
            what=_what(msg.data or b""),
            reason=headers.get(subjects.REASON_HEADER, ""),
            subject=headers.get(subjects.SUBJECT_HEADER, ""),
            data=msg.data or b"",
        )


def _what(data: bytes) -> str:
    """The kind of event and its utterance, never its text."""
    try:
        event = codec.decode_event(data)
    except DragomanError:
        return "malformed"
    number = getattr(event, "utterance", None)
    kind = type(event).__name__.lower()
    return kind if number is None else f"{kind} {number}"
