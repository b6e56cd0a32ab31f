"""The summariser over HTTP, its server in memory: parts, tokens, fallbacks, nonsense."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from dragoman_archive.settings import SummariserSettings
from dragoman_archive.summaries.base import FilteredError, Job, Line
from dragoman_archive.summaries.chat import Chat
from dragoman_archive.summaries.prompts import MERGE, NEUTRAL
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_contract.events import SummaryWish
from dragoman_kit.hosted import MUCH

# System and user message → the answer, a status, a finish reason, or the stream of an answer.
Reply = Callable[[str, str], Any]
FILTER = {"error": {"code": "content_filter", "message": "the secret plan"}}


class Server:
    """OpenAI's API; `reply` says what it answers."""

    def __init__(self) -> None:
        self.reply: Reply = lambda system, user: "A summary."
        self.asked: list[dict[str, Any]] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        self.asked.append(body)
        system, user = (message["content"] for message in body["messages"])
        found = self.reply(system, user)
        if isinstance(found, Endless):
            return httpx.Response(200, stream=found)
        if isinstance(found, tuple):
            return streamed(found[0], found[1])
        reason = "content_filter" if found is None else "stop"
        choice = {"message": {"content": found}, "finish_reason": reason}
        return streamed(200, {"choices": [choice], "usage": {"prompt_tokens": 10, "completion_tokens": 3}})


@dataclass
class Endless(httpx.AsyncByteStream):
    """An answer without an end."""

    piece: bytes
    pause_s: float = 0
    pieces: int = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(self.pause_s)
            self.pieces += 1
            yield self.piece


def streamed(status: int, body: Any) -> httpx.Response:
    return httpx.Response(status, stream=httpx.ByteStream(json.dumps(body).encode()))


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def chat(server: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Chat]:
    client = httpx.AsyncClient(transport=httpx.MockTransport(server))
    monkeypatch.setattr("dragoman_kit.hosted.httpx.AsyncClient", lambda **_: client)
    made = Chat(SummariserSettings(url="http://models/v1", model="small", part_characters=500))
    yield made
    await made.close()


def job(*texts: str, **wish: Any) -> Job:
    return Job(
        SummaryWish(mode="custom", prompt="As a poem.", **wish), [Line("1", text) for text in texts], "en"
    )


async def test_a_summary_is_asked_for_as_it_is_wished(chat: Chat, server: Server) -> None:
    made = await chat.summarise(job("hello", "world"))
    assert (made.text, made.engine, made.level, made.dropped) == ("A summary.", "openai", 1, ())
    assert (made.input_tokens, made.output_tokens) == (10, 3)
    (asked,) = server.asked
    assert (asked["model"], asked["temperature"], asked["max_tokens"]) == ("small", 0, 1500)
    assert (
        "As a poem." in asked["messages"][0]["content"]
        and "1: hello\n1: world" in asked["messages"][1]["content"]
    )


async def test_a_long_transcript_is_summarised_in_parts_and_once_more(chat: Chat, server: Server) -> None:
    server.reply = lambda system, user: (
        "the whole" if MERGE in system else f"part of {user.count(chr(10)) - 1}"
    )
    made = await chat.summarise(job(*["x" * 200] * 5))
    assert made.text == "the whole" and (made.input_tokens, made.output_tokens) == (40, 12)
    assert [body["messages"][1]["content"].split("\n")[1:-1] for body in server.asked][-1] == [
        "part of 2", "part of 2", "part of 1",
    ]  # fmt: skip


async def test_a_transcript_of_too_many_parts_is_no_endless_work(chat: Chat, server: Server) -> None:
    with pytest.raises(MeshError, match="too long"):
        await chat.summarise(job(*["x" * 501] * 41))
    assert server.asked == []


@pytest.mark.parametrize("refusal", [(400, FILTER), None])
async def test_a_prompt_that_the_filter_refuses_is_replaced_by_a_neutral_one(
    chat: Chat, server: Server, refusal: Any
) -> None:
    server.reply = lambda system, user: "Neutral." if NEUTRAL in system else refusal
    made = await chat.summarise(job("hello"))
    assert (made.text, made.level) == ("Neutral.", 2)


async def test_lines_that_the_filter_refuses_are_left_out_and_named(chat: Chat, server: Server) -> None:
    server.reply = lambda system, user: (400, FILTER) if "bad" in user else "Fine."
    made = await chat.summarise(job("good", "bad", "good", "good", "bad"))
    assert (made.text, made.level, made.dropped) == ("Fine.", 3, (1, 4))


async def test_a_transcript_that_is_refused_as_a_whole_has_no_summary(chat: Chat, server: Server) -> None:
    server.reply = lambda system, user: (400, FILTER)
    with pytest.raises(FilteredError) as caught:
        await chat.summarise(job("bad", "worse"))
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    "reply", ["", "---", (200, {"choices": []}), (200, {}), (500, {}), (400, {"error": 7})]
)
async def test_nonsense_is_a_failure_that_tells_nothing(chat: Chat, server: Server, reply: Any) -> None:
    server.reply = lambda system, user: reply
    with pytest.raises(Exception) as caught:
        await chat.summarise(job("the secret plan"))
    assert not isinstance(caught.value, FilteredError) and "secret" not in str(caught.value)


async def test_an_answer_that_is_no_summary_is_the_engines_failure(chat: Chat, server: Server) -> None:
    server.reply = lambda system, user: "\0"
    with pytest.raises(MeshError) as caught:
        await chat.summarise(job("hello"))
    assert caught.value.code is FaultCode.ENGINE_FAILED


async def test_an_answer_of_a_gigabyte_is_cut_off(chat: Chat, server: Server) -> None:
    answer = Endless(b" " * (1 << 16))
    server.reply = lambda system, user: answer
    with pytest.raises(MeshError) as caught:
        await chat.summarise(job("the secret plan"))
    assert caught.value.code is FaultCode.ENGINE_FAILED and "secret" not in str(caught.value)
    assert answer.pieces << 16 <= 2 * MUCH and len(server.asked) == 1


async def test_an_answer_that_never_ends_is_left_when_its_time_is_over(chat: Chat, server: Server) -> None:
    chat._hosted.settings.timeout_s = 0.05
    server.reply = lambda system, user: Endless(b" ", pause_s=0.001)
    with pytest.raises(MeshError) as caught:
        await chat.summarise(job("hello"))
    assert caught.value.code is FaultCode.TIMEOUT
