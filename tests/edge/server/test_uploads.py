"""Uploads: one file of a form, bounded, and none left behind."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.requests import Request

from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.model.imports import ImportRecord, ReceiveUpload, StartImport
from dragoman_edge.server import uploads
from dragoman_edge.server.uploads import Uploading, receive
from tests.support.factories import spec

MOST = 1_000_000
WAV = b"RIFF\x00\x00\x00\x00WAVEfmt "


def form(file: bytes | None = WAV, end: bool = True, **fields: str) -> bytes:
    parts = [f'--x\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    body = "".join(parts).encode()
    if file is not None:
        body += b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + file
    return body + (b"\r\n--x--\r\n" if end else b"")


def request(body: bytes, kind: str = "multipart/form-data; boundary=x", **headers: str) -> Request:
    pieces = iter([body[start : start + 50_000] for start in range(0, len(body), 50_000)] or [b""])

    async def receive() -> dict[str, Any]:
        piece = next(pieces, None)
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    sent = [(b"content-type", kind.encode()), *((n.encode(), v.encode()) for n, v in headers.items())]
    return Request({"type": "http", "headers": sent}, receive)


async def refused(sent: Request) -> FaultCode:
    with pytest.raises(PeerError) as caught:
        await receive(sent, MOST)
    return caught.value.code


async def test_a_file_and_its_fields_are_read() -> None:
    upload = await receive(request(form(WAV * 30_000, callback_url="https://x")), MOST)
    assert (upload.size, upload.fields) == (len(WAV) * 30_000, {"callback_url": "https://x"})
    assert upload.file.read(4) == b"RIFF" and upload.file.fileno() > 0
    upload.file.close()


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (request(b"{}", "application/json"), FaultCode.BAD_REQUEST),
        (request(form(None, name="x")), FaultCode.BAD_REQUEST),
        (request(form(b"")), FaultCode.BAD_REQUEST),
        (request(form(end=False)), FaultCode.BAD_REQUEST),
        (request(form(), "multipart/form-data"), FaultCode.BAD_REQUEST),
        (request(b"nothing of the kind"), FaultCode.BAD_REQUEST),
        (request(form(name="x" * 70_000)), FaultCode.BAD_REQUEST),
        (request(form(bytes(2 * MOST))), FaultCode.TOO_LARGE),
        (request(form(), **{"content-length": "9999999999"}), FaultCode.TOO_LARGE),
    ],
    ids=[
        "json", "no file", "empty file", "cut off", "no boundary", "no form", "long field", "large", "claims",
    ],
)  # fmt: skip
async def test_what_is_no_whole_form_of_one_file_is_refused(sent: Request, code: FaultCode) -> None:
    assert await refused(sent) == code


async def test_a_body_that_stops_coming_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_bounded", stops)
    assert await refused(request(b"")) == FaultCode.TOO_SLOW


async def stops(*_: object) -> AsyncIterator[bytes]:
    raise TimeoutError
    yield b""


class Importer:
    most_bytes = MOST

    def __init__(self, full: bool = False) -> None:
        self.full = full
        self.held: list[str] = []
        self.started: list[StartImport] = []

    def reserve(self, account_id: str) -> None:
        if self.full:
            raise MeshError(FaultCode.BUSY, "full")
        self.held.append(account_id)

    def release(self, account_id: str) -> None:
        self.held.remove(account_id)

    async def start(self, ask: StartImport) -> ImportRecord:
        self.started.append(ask)
        return ImportRecord(session_id="s_1", created_at_ms=1, at_ms=1)


async def other(question: Any) -> str:
    return f"answered {type(question).__name__}"


async def test_a_file_that_is_taken_over_is_not_ours_any_more() -> None:
    imports = Importer()
    async with Uploading(imports, request(form()), other) as uploading:
        assert await uploading.answer(rpc.AuthenticateRequest(credential="k")) == (
            "answered AuthenticateRequest"
        )
        upload = await uploading.answer(ReceiveUpload("a_1"))
        ask = StartImport(account_id="a_1", credential="k", source="", spec=spec(), upload=upload)
        assert (await uploading.answer(ask)).session_id == "s_1"
    assert imports.held == ["a_1"] and imports.started == [ask] and not upload.file.closed
    upload.file.close()


async def test_a_file_that_nobody_takes_is_thrown_away() -> None:
    imports = Importer()
    async with Uploading(imports, request(form()), other) as uploading:
        upload = await uploading.answer(ReceiveUpload("a_1"))
    assert imports.held == [] and upload.file.closed


async def test_what_is_no_audio_is_refused_with_its_upload() -> None:
    imports = Importer()
    with pytest.raises(PeerError) as caught:
        async with Uploading(imports, request(form(b"#EXTM3U")), other) as uploading:
            await uploading.answer(ReceiveUpload("a_1"))
    assert caught.value.code == FaultCode.UNSUPPORTED_AUDIO and imports.held == []


async def test_nothing_is_read_while_there_is_no_place_for_it() -> None:
    with pytest.raises(MeshError) as caught:
        async with Uploading(Importer(full=True), request(form()), other) as uploading:
            await uploading.answer(ReceiveUpload("a_1"))
    assert caught.value.code == FaultCode.BUSY
