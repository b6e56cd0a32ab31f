"""Routes of the backup: the whole store as lines of JSON, and such lines written back."""

import json
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from dragoman_accounts.backup import Backup, Entry

Id = Annotated[str, Field(min_length=1, max_length=64, pattern="^[A-Za-z0-9_-]+$")]


class Line(BaseModel):
    """A key of the store, or a page of a statement."""

    key: str = Field(max_length=1024)
    kind: Literal["hash", "zset", "string", "stream"]
    value: list[Any]
    ttl_ms: int = Field(-1, ge=-1)
    more: bool = False


class Lines(BaseModel):
    """Lines of a backup, in their order."""

    age_ms: int = Field(ge=0, description="Time since the backup was made")
    clear: list[Id] = Field([], max_length=500, description="Accounts of which everything goes before")
    lines: list[Line] = Field(max_length=1000)


class Written(BaseModel):
    """Number of lines that were written; those whose time was over are not among them."""

    written: int


def routes(backup: Backup) -> APIRouter:
    """Routes below /v1."""
    router = APIRouter(tags=["backup"])

    @router.get("/backup", response_class=StreamingResponse)
    async def read() -> StreamingResponse:
        """Everything that must not be lost, a line of JSON each; the last line says that it is whole."""
        return StreamingResponse(_lines(backup), media_type="application/x-ndjson")

    @router.post("/backup")
    async def write(body: Lines) -> Written:
        """Write lines of a backup over what is there."""
        await backup.clear(body.clear)
        entries = [Entry(**line.model_dump()) for line in body.lines]
        return Written(written=await backup.write(entries, body.age_ms))

    return router


async def _lines(backup: Backup) -> AsyncIterator[str]:
    count = 0
    yield json.dumps({"at_ms": int(time.time() * 1000)}) + "\n"
    async for entry in backup.entries():
        count += 1
        yield json.dumps(asdict(entry), separators=(",", ":")) + "\n"
    yield json.dumps({"lines": count}) + "\n"
