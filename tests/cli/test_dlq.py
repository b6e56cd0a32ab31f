"""`dragoman dlq`: what was given up is listed without its text, and sent again under an id of its own."""

from types import SimpleNamespace
from typing import Any

import nats
import pytest
from nats.errors import Error, NoServersError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.errors import NotFoundError

from dragoman_cli import dlq
from dragoman_cli.rest import RestError
from dragoman_contract import codec, subjects
from tests.cli.fake_accounts import Invoke, invoking
from tests.support.mesh_events import final


class Stream:
    """Dead messages by number."""

    def __init__(self) -> None:
        event = final(3)
        self.messages: dict[int, tuple[str, bytes]] = {
            4: ("translation", codec.encode_event(event)),
            7: ("tts", b"\xff"),
        }
        self.sent: list[tuple[str, bytes, dict[str, str]]] = []
        self.failure: Exception | None = None
        self.closed = False

    def jetstream(self, timeout: float) -> "Stream":
        return self

    async def close(self) -> None:
        self.closed = True

    async def get_msg(self, stream: str, seq: int, subject: str, next: bool) -> Any:
        if self.failure:
            raise self.failure
        for number, (service, data) in sorted(self.messages.items()):
            if number >= seq and (f".{service}." in subject or subject == subjects.DEAD_SUBJECTS):
                headers = {subjects.REASON_HEADER: "timeout", subjects.SUBJECT_HEADER: f"again.{number}"}
                place = subjects.dead(service, "s_1")
                return SimpleNamespace(seq=number, subject=place, headers=headers, data=data)
        raise NotFoundError

    async def publish(self, subject: str, data: bytes, headers: dict[str, str]) -> None:
        self.sent.append((subject, data, headers))

    async def delete_msg(self, stream: str, number: int) -> None:
        del self.messages[number]


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> Stream:
    made = Stream()

    async def connect(url: str, **_: Any) -> Stream:
        if url == "nats://u:secret@away":
            raise NoServersError
        if url == "nats://u:secret@closed":
            raise Error("nats: 'Authorization Violation'")
        return made

    monkeypatch.setattr(nats, "connect", connect)
    monkeypatch.setenv("DRAGOMAN_NATS_URL", "nats://here")
    return made


@pytest.fixture
def invoke(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    return invoking(dlq.app, monkeypatch)


def test_what_was_given_up_is_listed_by_kind_and_reason(invoke: Invoke, stream: Stream) -> None:
    told = invoke("list").stdout
    assert "transcript 3" in told and "malformed" in told and "timeout" in told and "hello" not in told
    assert "transcript" not in invoke("list", "--service", "tts").stdout
    assert "malformed" not in invoke("list", "--limit", "1").stdout
    stream.messages.clear()
    assert invoke("list").stdout == "nothing was given up\n" and stream.closed


def test_it_is_sent_where_it_belongs_once(invoke: Invoke, stream: Stream) -> None:
    assert invoke("replay", "7").stdout == "1 sent again\n"
    assert stream.sent == [("again.7", b"\xff", {subjects.MESSAGE_ID_HEADER: "replay.7"})]
    assert set(stream.messages) == {4}
    assert invoke("replay", "--all").stdout == "1 sent again\n" and not stream.messages


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("replay",), "say which numbers"),
        (("replay", "4", "9"), "there is no message 9"),
        (("list", "--nats", "nats://u:secret@away"), "cannot be reached at away"),
        (("list", "--nats", "nats://u:secret@closed"), "RELEASE-nats-users, key operator"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_sent(
    invoke: Invoke, stream: Stream, words: tuple[str, ...], told: str
) -> None:
    failure = invoke(*words).exception
    assert isinstance(failure, RestError) and told in str(failure) and "secret" not in str(failure)
    assert stream.sent == []


def test_a_bus_that_does_not_answer_or_is_not_known_is_told(
    invoke: Invoke, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream.failure = NatsTimeoutError()
    assert "does not answer" in str(invoke("list").exception)
    monkeypatch.delenv("DRAGOMAN_NATS_URL")
    monkeypatch.setattr(dlq, "running_mesh", dict)
    assert "no bus is known" in str(invoke("list").exception)
