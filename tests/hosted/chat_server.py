"""Chat completions, transcriptions and speech as of OpenAI's API reference, for the contract tests.

Its translations are of one small table, so that a test sees which request an answer belongs to.
"""

import io
import json
import struct
import time
import wave
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import FastAPI, Form, Header, HTTPException, Request, UploadFile
from fastapi.responses import JSONResponse, Response, StreamingResponse

from tests.hosted.stand import KEY

WORDS = {
    "Good morning.": "Buenos días.",
    "The house is white.": "La casa es blanca.",
    "How are you?": "¿Cómo estás?",
}
RATE = 24_000
VOICES = ("alloy", "onyx")


def application(answer: Any = None, hear: Any = None) -> FastAPI:
    """`answer(messages)` may give another text than the table's, `hear(pcm)` another than "Hello there."."""
    app = FastAPI()

    @app.exception_handler(HTTPException)
    async def refused(_: Request, exc: HTTPException) -> JSONResponse:
        kind, code = exc.detail if isinstance(exc.detail, tuple) else ("invalid_request_error", None)
        body = {"message": "not so", "type": kind, "param": None, "code": code}
        return JSONResponse({"error": body}, exc.status_code)

    def check(authorization: str) -> None:
        if authorization != f"Bearer {KEY}":
            raise HTTPException(401, ("invalid_request_error", "invalid_api_key"))

    @app.post("/v1/chat/completions")
    async def chat(request: Request, authorization: Annotated[str, Header()] = "") -> dict[str, Any]:
        check(authorization)
        asked = await request.json()
        if not asked.get("model"):
            raise HTTPException(400, ("invalid_request_error", None))
        if asked["model"] == "absent":
            raise HTTPException(404, ("invalid_request_error", "model_not_found"))
        said = asked["messages"][-1]["content"]
        text = answer(asked["messages"]) if answer else WORDS.get(said, f"«{said}»")
        reason = "stop" if len(text) <= asked.get("max_tokens", 4096) else "length"
        message = {"role": "assistant", "content": text, "refusal": None}
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": asked["model"],
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": reason}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        }

    @app.post("/v1/audio/transcriptions")
    async def transcribe(
        file: UploadFile,
        model: Annotated[str, Form()],
        request: Request,
        response_format: Annotated[str, Form()] = "json",
        authorization: Annotated[str, Header()] = "",
    ) -> dict[str, Any]:
        check(authorization)
        with wave.open(io.BytesIO(await file.read())) as sound:
            seconds = sound.getnframes() / sound.getframerate()
            pcm = sound.readframes(sound.getnframes())
        form = await request.form()
        if hear is not None:
            return {"text": hear(pcm), "language": "english"}
        if response_format == "json":
            return {"text": " Hello there."}
        words = [
            {"word": "Hello", "start": 0.1, "end": 0.4},
            {"word": "there", "start": 0.5, "end": seconds},
        ]
        segment = {
            "id": 0, "seek": 0, "start": 0.0, "end": seconds, "text": " Hello there.", "tokens": [1],
            "temperature": 0.0, "avg_logprob": -0.2, "compression_ratio": 1.0, "no_speech_prob": 0.01,
        }  # fmt: skip
        return {
            "task": "transcribe",
            "language": "spanish" if form.get("language") == "es" else "english",
            "duration": seconds,
            "text": " Hello there.",
            "segments": [segment],
            "words": words if "word" in form.getlist("timestamp_granularities[]") else None,
        }

    @app.post("/v1/audio/speech")
    async def speak(request: Request, authorization: Annotated[str, Header()] = "") -> Response:
        check(authorization)
        asked = await request.json()
        if asked["voice"] not in VOICES:
            raise HTTPException(400, ("invalid_request_error", None))
        pcm = sound_of(asked["input"], asked.get("speed", 1.0))
        if asked["response_format"] == "wav":
            pcm = _wav_header() + pcm

        async def pieces() -> AsyncIterator[bytes]:
            for start in range(0, len(pcm), 4801):  # odd: a sample may be cut in two
                yield pcm[start : start + 4801]

        return StreamingResponse(pieces(), media_type="audio/pcm")

    return app


def sound_of(text: str, speed: float = 1.0) -> bytes:
    """60 ms for a character: its code as samples."""
    count = int(RATE * 60 / 1000 / speed)
    return b"".join(struct.pack("<h", ord(char)) * count for char in text)


def _wav_header() -> bytes:
    """Of a stream: the lengths are not known yet."""
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, 2 * RATE, 2, 16)
    extra = struct.pack("<4sI4s", b"LIST", 4, b"INFO")
    return b"RIFF\xff\xff\xff\xffWAVE" + form + extra + b"data\xff\xff\xff\xff"


def dumped(messages: list[dict[str, str]]) -> str:
    """Messages as text."""
    return json.dumps(messages, ensure_ascii=False)
