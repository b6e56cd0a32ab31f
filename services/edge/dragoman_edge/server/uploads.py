"""Uploaded files: read from a request piece by piece into a file that no crash leaves behind."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, Protocol

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.media.decoding_child import HEAD, container_format
from dragoman_edge.model.imports import ImportRecord, ReceiveUpload, StartImport, Upload
from dragoman_edge.model.requests import Ask

FIELDS, FIELD_BYTES = 30, 64 * 1024
ENVELOPE = 256 * 1024  # bytes of a body beside its file
PIECE_S = 30.0  # for the next piece of a body
UPLOAD_S = 3600.0
Answering = Callable[[Ask], Awaitable[Any]]


class _Parser(MultiPartParser):
    """Starlette's, which forgets the file of a form that has no end."""

    def close(self) -> None:
        """Close its files."""
        for file in self._files_to_close_on_error:
            file.close()


async def receive(request: Request, most_bytes: int) -> Upload:
    """Read the form of a request with its one file.

    Raises:
        PeerError: `TOO_LARGE`; `TIMEOUT` is told as `TOO_SLOW`; `BAD_REQUEST`, when it is no such form.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise PeerError(FaultCode.BAD_REQUEST, "send multipart/form-data with a file")
    if int(request.headers.get("content-length") or 0) > most_bytes + ENVELOPE:
        raise _too_large(most_bytes)
    stream = _bounded(request, most_bytes)
    parser = _Parser(request.headers, stream, max_files=1, max_fields=FIELDS, max_part_size=FIELD_BYTES)
    try:
        async with asyncio.timeout(UPLOAD_S):
            form = await parser.parse()
    except (MultiPartException, ClientDisconnect, UnicodeDecodeError, KeyError):
        raise PeerError(FaultCode.BAD_REQUEST, "the form is not whole") from None
    except TimeoutError:
        raise PeerError(FaultCode.TOO_SLOW, "the file did not come in time") from None
    file = next((part for part in form.values() if isinstance(part, UploadFile)), None)
    if file is None or not file.size:
        parser.close()
        raise PeerError(FaultCode.BAD_REQUEST, "the form has no whole file")
    fields = {name: part for name, part in form.items() if isinstance(part, str)}
    await asyncio.to_thread(file.file.fileno)  # on disk, however small
    return Upload(file.file, file.size, fields)


async def _bounded(request: Request, most_bytes: int) -> AsyncGenerator[bytes, None]:
    size = 0
    parts = request.stream()
    while True:
        async with asyncio.timeout(PIECE_S):
            part = await anext(parts, None)
        if part is None:
            return
        size += len(part)
        if size > most_bytes + ENVELOPE:
            raise _too_large(most_bytes)
        yield part


def _too_large(most_bytes: int) -> PeerError:
    return PeerError(FaultCode.TOO_LARGE, f"a file of more than {most_bytes // 1_000_000} MB")


def _is_audio(upload: Upload) -> bool:
    return bool(container_format(upload.file.read(HEAD)))


class Importer(Protocol):
    """Whoever takes uploaded files over."""

    most_bytes: int

    def reserve(self, account_id: str) -> None:
        """Count a file that is about to come."""

    def release(self, account_id: str) -> None:
        """Forget a file that was counted."""

    async def start(self, ask: StartImport) -> ImportRecord:
        """Take it over."""


class Uploading:
    """Answers the questions of a handler about the body of one request; what it leaves is thrown away.

    Args:
        answer: answers its other questions.
    """

    def __init__(self, imports: Importer, request: Request, answer: Answering) -> None:
        self._imports = imports
        self._request = request
        self._answer = answer
        self._account = ""
        self._upload: Upload | None = None

    async def __aenter__(self) -> "Uploading":
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._account:
            self._imports.release(self._account)
        if self._upload is not None:
            await asyncio.to_thread(self._upload.file.close)

    async def answer(self, question: Ask) -> Any:
        """Answer a question of the handler.

        Raises:
            DragomanError: it cannot be done.
        """
        if isinstance(question, ReceiveUpload) and not self._account:
            self._imports.reserve(question.account_id)
            self._account = question.account_id
            most = question.most_bytes or self._imports.most_bytes
            self._upload = await receive(self._request, most)
            if not await asyncio.to_thread(_is_audio, self._upload):
                raise PeerError(FaultCode.UNSUPPORTED_AUDIO, "the file is of no kind of audio that is taken")
            return self._upload
        if isinstance(question, StartImport):
            started = await self._imports.start(question)
            self._account, self._upload = "", None
            return started
        return await self._answer(question)
