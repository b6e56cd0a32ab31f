"""What waits for a consumer is taken at once, and a request for more waits for nothing."""

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest
from nats.aio.client import Client

from dragoman_kit import backlog, streams
from dragoman_kit.backlog import Backlog
from tests.support.fake_bus import FakeClient


class Stream:
    """Answers a pull request as a server does: what there is, then a status if that is too little."""

    def __init__(self) -> None:
        self.nc = FakeClient()
        self.waiting: list[bytes] = []
        self.asked: list[dict[str, Any]] = []
        self.nc.on_publish = None

    async def publish(self, subject: str, payload: bytes, reply: str) -> None:
        assert subject == "$JS.API.CONSUMER.MSG.NEXT.DRAGOMAN_EVENTS.tts_live"
        request = json.loads(payload)
        self.asked.append(request)
        answers = [self._msg(data) for data in self.waiting[: request["batch"]]]
        del self.waiting[: request["batch"]]
        if len(answers) < request["batch"]:
            answers.append(SimpleNamespace(data=b"", headers={"Status": "404"}))
        (subscription,) = [one for one in self.nc.subscriptions if one.pattern == reply]
        for answer in answers:
            await subscription.give(cast(Any, answer))

    @staticmethod
    def _msg(data: bytes) -> Any:
        return SimpleNamespace(data=data, headers=None)

    @property
    def client(self) -> Client:
        return cast(
            Client,
            SimpleNamespace(new_inbox=self.nc.new_inbox, subscribe=self.nc.subscribe, publish=self.publish),
        )


async def test_only_what_waits_is_taken_and_no_more_than_wanted() -> None:
    stream = Stream()
    stream.waiting = [b"1", b"2", b"3"]
    made = Backlog(stream.client, streams.TTS)
    assert [msg.data for msg in await made.take(2)] == [b"1", b"2"]
    assert [msg.data for msg in await made.take(2)] == [b"3"]
    assert await made.take(2) == []
    assert all(request == {"batch": 2, "no_wait": True} for request in stream.asked)
    await made.close()
    assert stream.nc.subscriptions == []


async def test_a_server_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "ANSWER_S", 0.001)
    silent = SimpleNamespace(new_inbox=FakeClient().new_inbox, subscribe=FakeClient().subscribe)
    silent.publish = lambda *_, **__: _nothing()
    assert await Backlog(cast(Client, silent), streams.TTS).take(1) == []


async def _nothing() -> None:
    return None
