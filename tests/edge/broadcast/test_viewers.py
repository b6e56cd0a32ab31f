"""The small parts of viewing: what is shown once, what a slow viewer gets, passwords."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_edge.broadcast import credentials as access
from dragoman_edge.broadcast.credentials import Passwords, good, signed
from dragoman_edge.broadcast.deduplicate import Deduplicator
from dragoman_edge.broadcast.viewer_stream import SseChunk, ViewerStream, sse
from dragoman_edge.model.viewers import SseMessage, ViewerRequest

SAID = ev.Transcript(
    session_id="s", track=0, epoch=1, utterance=1, revision=1, final=True, text="x", language="en",
    start_ms=0, duration_ms=1,
)  # fmt: skip
SPOKEN = ev.SpeechChunk(
    session_id="s", track=0, epoch=1, utterance=1, language="es", sample_offset=0, audio=b"ab" * 4, last=False
)


def seat(limit: int = 1000, **watch: Any) -> ViewerStream:
    return ViewerStream(ViewerRequest("abcd", **watch), "127.0.0.1", limit)


# Once


def test_a_final_is_shown_once_and_no_interim_after_it() -> None:
    once = Deduplicator()
    interim = replace(SAID, final=False)
    assert once.take(interim) and once.take(interim) and once.take(SAID)
    assert once.take(SAID) is None and once.take(interim) is None
    assert once.take(replace(SAID, utterance=2)) and once.take(replace(SAID, track=1))


def test_speech_that_was_heard_is_cut_away() -> None:
    once = Deduplicator()
    assert once.take(SPOKEN) == SPOKEN
    longer = replace(SPOKEN, sample_offset=2, audio=b"abcdefgh")
    assert once.take(longer) == replace(longer, sample_offset=4, audio=b"efgh")
    last = replace(SPOKEN, sample_offset=6, audio=b"", last=True)
    assert once.take(last) == last and once.take(last) is None and once.take(SPOKEN) is None
    assert once.take(replace(SPOKEN, utterance=2)) == replace(SPOKEN, utterance=2)


# Seats


async def test_a_viewer_gets_all_that_waits_at_once() -> None:
    one = seat()
    one.put(SseChunk(b"a"))
    one.put(SseChunk(b"b"))
    assert await one.get() == b"ab"
    one.put(SseChunk(b"c"))
    one.close()
    assert await one.get() == b"c" and await one.get() is None


async def test_interims_are_superseded_and_given_up_first() -> None:
    one = seat()
    one.put(SseChunk(b"i1", ("u", 1)))
    one.put(SseChunk(b"i2", ("u", 1)))
    one.put(SseChunk(b"j1", ("u", 2)))
    assert await one.get() == b"i2j1"
    one.put(SseChunk(b"i3", ("u", 1)))
    one.put(SseChunk(bytes(800)))
    assert await one.get() == bytes(800)


async def test_a_viewer_that_does_not_read_is_sent_away_and_keeps_nothing() -> None:
    one, broken = seat(), asyncio.Event()
    one.break_off = broken.set
    for _ in range(10):
        one.put(SseChunk(bytes(500)))
    assert broken.is_set() and await one.get() is None


@pytest.mark.parametrize(
    ("language", "speech", "line", "wanted"),
    [
        ("", False, SseMessage("x", "es"), True),
        ("es", False, SseMessage("x", "es"), True),
        ("es", False, SseMessage("x", "fr"), False),
        ("es", False, SseMessage("x"), True),
        ("es", False, SseMessage("x", "es", speech=True), False),
        ("es", True, SseMessage("x", "es", speech=True), True),
        ("es", True, SseMessage("x", "fr", speech=True), False),
    ],
)
def test_a_viewer_gets_its_language_and_speech_when_wanted(
    language: str, speech: bool, line: SseMessage, wanted: bool
) -> None:
    assert seat(language=language, speech=speech).wants(line) is wanted


def test_an_event_is_one_line() -> None:
    assert sse('{"a":"ü"}') == 'data: {"a":"ü"}\n\n'.encode()


# Passwords


def test_a_token_is_good_for_its_broadcast_and_its_time() -> None:
    token = signed("secret", "abcd", 1000)
    assert good(token, "secret", "abcd", 999)
    assert not good(token, "secret", "abcd", 1000)
    assert not good(token, "secret", "abce", 999)
    assert not good(token, "other", "abcd", 999)
    later = token.replace("_3e8_", "_fff_")
    assert later != token and not good(later, "secret", "abcd", 999)


@pytest.mark.parametrize(
    "hostile", ["", "vat_", "vat__", "vat_zz_x", "vat_1_é", "vat_-1_x", "x" * 200, "vat_fff"]
)
def test_what_is_no_token_is_no_token(hostile: str) -> None:
    assert not good(hostile, "secret", "abcd", 0)


async def test_a_password_is_looked_at_a_few_times_a_minute() -> None:
    passwords = Passwords()
    right = await passwords.hash("open", "salt")
    await passwords.check("abcd", "here", "open", "salt", right)
    codes = []
    for _ in range(access.TRIES):
        with pytest.raises(PeerError) as refused:
            await passwords.check("abcd", "here", "wrong", "salt", right)
        codes.append(refused.value.code)
    assert codes == [FaultCode.INVALID_CREDENTIAL] * (access.TRIES - 1) + [FaultCode.RATE_LIMITED]
    await passwords.check("abcd", "elsewhere", "open", "salt", right)
