"""A speaker's socket: frames become delays, from the moment that they should have been heard."""

import time
from typing import Any

import pytest
from picows import WSMsgType

from dragoman_cli.load.plan import Plan
from dragoman_cli.load.session import Session, Tally
from dragoman_cli.load.speaker import BINARY, TEXT, Heard, Sent, Speaker

SAID = 100.0


class Transport:
    def __init__(self) -> None:
        self.sent: list[tuple[Any, bytes]] = []
        self.closed: list[Any] = []

    def send(self, kind: Any, payload: bytes) -> None:
        self.sent.append((kind, payload))

    def send_close(self, code: Any = None) -> None:
        self.closed.append(code)

    def disconnect(self) -> None:
        self.closed.append("disconnected")


class Frame:
    def __init__(self, kind: WSMsgType, payload: bytes = b"") -> None:
        self.msg_type = kind
        self._payload = payload

    def get_payload_as_bytes(self) -> bytes:
        return self._payload

    def get_close_code(self) -> int:
        return 1000


def hear(kind: str, frame: bytes) -> Heard | None:
    """A frame is the kind of what is heard, its utterance and its text."""
    words = frame.decode().split()
    if not words:
        return None
    end_ms = 1000 if words[0] == "final" else 0
    return Heard(
        words[0], words[1] if len(words) > 1 else "", 0, end_ms, text=words[2] if len(words) > 2 else ""
    )


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    speaker = Speaker("ws://x", {}, [], lambda pcm: (BINARY, pcm), hear)
    made = Session(speaker, Tally(Plan("", "", "")), 0)
    made.tally.measuring = True
    made.began = SAID
    monkeypatch.setattr(time, "monotonic", lambda: SAID + 3)
    return made


def heard(session: Session, *frames: str) -> dict[str, Any]:
    for frame in frames:
        session.on_ws_frame(Transport(), Frame(WSMsgType.TEXT, frame.encode()))  # type: ignore[arg-type]
    return session.tally.delays.summary()


def test_a_result_is_as_late_as_its_speech_is_past(session: Session) -> None:
    delays = heard(
        session,
        "interim 0/1",
        "interim 0/1",
        "final 0/1",
        "translation 0/1/es",
        "speech 0/1/es",
        "speech 0/1/es",
    )
    assert {name: row["count"] for name, row in delays.items()} == {
        "first interim": 1, "final": 1, "translation after final": 1, "first audio after final": 1,
        "first audio": 1,
    }  # fmt: skip
    assert delays["final"]["max"] == pytest.approx(3 - 0.98, rel=0.01)
    assert session.tally.results == {"interim": 2, "final": 1, "translation": 1, "speech": 2}


def test_speech_that_names_no_utterance_is_of_the_oldest_that_waits(session: Session) -> None:
    delays = heard(
        session,
        "speech",
        "final a",
        "translation a",
        "final b",
        "translation b",
        "speech",
        "speech",
        "speech",
    )
    assert delays["first audio"]["count"] == 2


def test_before_the_window_results_count_and_delays_do_not(session: Session) -> None:
    session.tally.measuring = False
    assert heard(session, "final 0/1") == {} and session.tally.results == {"final": 1}
    session.began = 0.0
    heard(session, "final 0/2")
    assert session.tally.results == {"final": 1}  # it has not begun to speak


def test_stamped_frames_tell_the_way_there_and_back(session: Session) -> None:
    session.tally.plan = Plan("", "", "", stamped=True)
    delays = heard(session, f"interim 0/1 {int((SAID + 2.5) * 1e9)}", f"back x {int((SAID + 2) * 1e9)}")
    assert delays["event to client"]["max"] == pytest.approx(0.5, rel=0.01)
    assert delays["round trip"]["max"] == pytest.approx(1.0, rel=0.01)


def test_a_session_is_ready_when_its_api_says_so_and_errors_are_counted(session: Session) -> None:
    heard(session, "", "error x busy")
    assert not session.ready.is_set() and session.tally.failed == {"error busy": 1}
    heard(session, "ready")
    assert session.ready.is_set()


def test_frames_go_out_while_the_socket_is_open(session: Session) -> None:
    sent: Sent = (TEXT, b"a")
    session.send(sent)
    transport: Any = Transport()
    session.on_ws_connected(transport)
    session.send(sent)
    session.send((BINARY, b"b"))
    assert transport.sent == [(WSMsgType.TEXT, b"a"), (WSMsgType.BINARY, b"b")]
    session.on_ws_frame(transport, Frame(WSMsgType.PING))  # type: ignore[arg-type]
    session.on_ws_frame(transport, Frame(WSMsgType.CLOSE))  # type: ignore[arg-type]
    assert transport.closed == [1000, "disconnected"]
    session.on_ws_disconnected(transport)
    session.send(sent)
    assert session.over and session.tally.failed == {"closed": 1} and len(transport.sent) == 2


def test_an_api_without_a_word_for_it_is_ready_at_once() -> None:
    speaker = Speaker("ws://x", {}, [], lambda pcm: (BINARY, pcm), hear, ready_at_once=True)
    made = Session(speaker, Tally(Plan("", "", "")), 0)
    made.on_ws_connected(Transport())  # type: ignore[arg-type]
    made.tally.over = True
    made.on_ws_disconnected(Transport())  # type: ignore[arg-type]
    assert made.ready.is_set() and made.tally.failed == {}
