"""`dragoman backup` and `dragoman restore`."""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from dragoman_cli.admin import Token, Url
from dragoman_cli.backup import file, streams
from dragoman_cli.backup.file import ACCOUNTS, ARCHIVE, STREAMS
from dragoman_cli.dlq import NatsUrl, bus_stream, bus_url
from dragoman_cli.rest import Admin, RestError, find

BATCH = 200  # lines of a request
BATCH_CHARACTERS = 1 << 18
KEYS = "keys.sqlite3"  # beside the archive's database
ArchivePath = Annotated[
    Path | None, typer.Option(help="SQLite database of the archive; PostgreSQL has pg_dump")
]


def backup(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="File to write, e.g. dragoman-%Y-%m-%d.tar.gz")
    ],
    url: Url = "",
    token: Token = "",
    nats_url: NatsUrl = "",
    archive: ArchivePath = None,
    keep: Annotated[int, typer.Option(min=0, help="Keep only so many backups in the folder; 0 = all")] = 0,
) -> None:
    """Write accounts, keys, credits, statements and what waits on the bus into a file.

    The mesh goes on meanwhile. Secrets of the deployment (pepper, admin token) are not in it: without the
    same pepper no key works again. The keys of an archive lie beside it, in one newest copy: what is deleted
    cannot be read in an older backup either.
    """
    target = Path(time.strftime(str(path)))
    with tempfile.TemporaryDirectory(dir=target.parent if target.parent.is_dir() else None) as scratch:
        folder = Path(scratch)
        at_ms, count = _save_accounts(find(url, token), folder / ACCOUNTS)
        counts = {ACCOUNTS: count}
        if bus := _known_bus(nats_url):
            counts[STREAMS] = asyncio.run(_save_streams(bus, folder / STREAMS))
        if archive is not None:
            _copy_database(archive, folder / ARCHIVE)
            _save_keys(archive.with_name(KEYS), target.with_name(KEYS))  # behind the texts that need them
            counts[ARCHIVE] = 1
        manifest = file.write(target, folder, at_ms, counts)
    for name, part in manifest.parts.items():
        typer.echo(f"{name}: {part['entries']} entries, {part['bytes']} bytes")
    typer.echo(f"written: {target}")
    for old in file.prune(target, keep):
        typer.echo(f"removed: {old}")


def restore(
    path: Annotated[Path, typer.Argument(metavar="FILE", exists=True, help="A file of `dragoman backup`")],
    url: Url = "",
    token: Token = "",
    nats_url: NatsUrl = "",
    archive: ArchivePath = None,
    replace: Annotated[bool, typer.Option(help="Replace accounts that are there already")] = False,
) -> None:
    """Write a backup back into a mesh that has no clients. All of it is checked before."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        manifest = file.unpack(path, folder)
        has_archive = ARCHIVE in manifest.parts and archive is not None
        if has_archive and not path.with_name(KEYS).is_file():
            raise RestError(f"{KEYS}, without which nothing of the archive can be read, is not beside {path}")
        if ACCOUNTS in manifest.parts:
            written = _write_accounts(find(url, token), folder / ACCOUNTS, manifest.at_ms, replace)
            typer.echo(
                f"accounts: {written} of {manifest.parts[ACCOUNTS]['entries']} entries; the rest had lapsed"
            )
        if STREAMS in manifest.parts and (bus := _known_bus(nats_url)):
            typer.echo(f"bus: {asyncio.run(_write_streams(bus, folder / STREAMS))} messages")
        if has_archive and archive is not None:
            _copy_database(folder / ARCHIVE, archive)
            _copy_database(path.with_name(KEYS), archive.with_name(KEYS))
            typer.echo(f"archive: {archive}")


# Accounts


def _save_accounts(admin: Admin, path: Path) -> tuple[int, int]:
    """The backup's time (Unix ms) and its number of lines."""
    at_ms, last = 0, {"lines": -1}
    count = 0
    with file.writer(path) as put:
        for line in admin.lines("/v1/backup"):
            if "key" in line:
                put(line)
                count += 1
            else:
                at_ms, last = line.get("at_ms", at_ms), line
    if last.get("lines") != count:
        raise RestError("accounts broke off in the middle; see its log")
    return at_ms, count


def _write_accounts(admin: Admin, path: Path, at_ms: int, replace: bool) -> int:
    ours = {line["key"][len("dragoman:{") : -1] for line in file.lines(path) if _is_account(line)}
    there = ours & {account["id"] for account in admin.pages("/v1/accounts")}
    if there and not replace:
        raise RestError(
            f"{len(there)} accounts are there already, e.g. {min(there)}; --replace takes their place"
        )
    for some in _batches(iter(sorted(there))):
        admin.call("POST", "/v1/backup", {"age_ms": 0, "clear": some, "lines": []})
    age_ms = max(0, int(time.time() * 1000) - at_ms)
    written = 0
    for batch in _batches(file.lines(path)):
        written += admin.call("POST", "/v1/backup", {"age_ms": age_ms, "lines": batch})["written"]
    return written


def _is_account(line: dict[str, Any]) -> bool:
    return bool(line["kind"] == "hash" and line["key"].endswith("}"))


def _batches(entries: Iterator[Any]) -> Iterator[list[Any]]:
    """At most so many, of so much text."""
    batch: list[Any] = []
    size = 0
    for entry in entries:
        length = len(str(entry))
        if batch and (len(batch) == BATCH or size + length > BATCH_CHARACTERS):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += length
    if batch:
        yield batch


# The bus and the archive


def _known_bus(nats_url: str) -> str:
    try:
        return bus_url(nats_url)
    except RestError:
        typer.echo("no bus is known: what waits on it is left out (--nats)", err=True)
        return ""


async def _save_streams(url: str, path: Path) -> int:
    count = 0
    async with bus_stream(url) as js:
        with file.writer(path) as put:
            async for entry in streams.entries(js):
                put(entry)
                count += 1
    return count


async def _write_streams(url: str, path: Path) -> int:
    async with bus_stream(url) as js:
        return await streams.write(js, file.lines(path))


def _save_keys(source: Path, target: Path) -> None:
    """Whole or not at all, and for this user alone; nothing is left of the keys that were there."""
    fresh = target.with_name(target.name + ".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(0o600)
    _copy_database(source, fresh)
    fresh.replace(target)


def _copy_database(source: Path, target: Path) -> None:
    """As SQLite itself copies a database that is in use."""
    if not source.is_file():
        raise RestError(f"there is no database at {source}")
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
