"""The native API over a real websocket."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest

from dragoman_cli.mesh import Mesh
from dragoman_edge.model.audio_formats import Encoding
from dragoman_scripted.engines import FAIL, HINT, LANGUAGES, TRANSLATION, trouble
from dragoman_scripted.tones import numbers, pcm_to_words, words_to_pcm
from tests.chaos.proxy import proxied
from tests.conformance.edges import edge_here
from tests.conformance.native import PAUSE, Talk, session, talk
from tests.conformance.test_kallglot import as_alaw, as_mulaw, as_pcm_8, at_rate, ledger
from tests.conformance.test_kallglot_sessions import new_key
from tests.conformance.test_krisp import suppressed
from tests.support.waiting import WAIT_S


def heard(pcm: bytes) -> list[int]:
    return [number for number, _ in pcm_to_words(pcm)]


@pytest.mark.shows(
    "native:endpoint",
    "native:start",
    "native:audio",
    "native:end",
    "native:close.normal",
    "native:transcript",
    "native:transcript.interim",
    "native:translation",
    "native:speech",
    "native:usage",
)
async def test_a_session_from_start_to_end(edge: str, key: str) -> None:
    async with session(edge, key, to=["es-ES", "fr-FR"]) as made:
        started = made.messages[0]
        assert started["session"].startswith("s_") and started["started_at_ms"] > 1e12
        await made.say([1, 2, 3], [4, 5])
        await made.send(type="end")
        assert await made.over() == 1000
    finals = made.of("transcript", final=True)
    assert [(m["utterance"], numbers(m["text"])) for m in finals] == [(1, [1, 2, 3]), (2, [4, 5])]
    first = finals[0]
    assert first["language"] == "en-US" and first["confidence"] > 0 and first["duration_ms"] > 0
    assert len(first["words"]) == 3 and first["words"][1]["start_ms"] > first["words"][0]["start_ms"]
    assert made.of("transcript", final=False)
    for language in ("es-ES", "fr-FR"):
        texts = made.of("translation", language=language, final=True)
        assert [numbers(m["text"]) for m in texts] == [[1, 2, 3], [4, 5]]
        assert heard(made.speech[0, 1, language]) == [1, 2, 3]
        assert heard(made.speech[0, 2, language]) == [4, 5]
    closing = made.of("usage", closing=True)[-1]
    assert closing["recognised_ms"] > 3000 and closing["translated_ms"] > 0 and closing["synthesised_ms"] > 0


@pytest.mark.shows("native:start.key", "native:start.speech.off")
async def test_a_key_in_the_first_message_and_texts_only(edge: str, key: str) -> None:
    async with talk(edge) as made:
        await made.send(type="start", key=key, spoken="en", to=["es"], speech=False)
        await made.until("started")
        await made.say([7])
        await made.until("translation", final=True)
        await made.send(type="end")
        assert await made.over() == 1000
    assert not made.of("speech")


@pytest.mark.shows("native:start.tracks")
async def test_two_channels_are_two_speakers(edge: str, key: str) -> None:
    tracks = [
        {"speaker": "agent", "spoken": "en", "to": ["es"]},
        {"speaker": "customer", "spoken": "es", "to": ["en"]},
    ]
    left, right = words_to_pcm([1, 2]) + PAUSE * 2, PAUSE + words_to_pcm([8, 9]) + PAUSE
    both = np.stack([np.frombuffer(left, "<i2"), np.frombuffer(right, "<i2")], axis=1)
    async with talk(edge, key) as made:
        await made.send(type="start", tracks=tracks)
        await made.until("started")
        await made.play(both.tobytes(), width=2)
        await made.send(type="end")
        assert await made.over() == 1000
    for track, speaker, words, target in ((0, "agent", [1, 2], "es"), (1, "customer", [8, 9], "en")):
        (final,) = made.of("transcript", track=track, final=True)
        assert final["speaker"] == speaker and numbers(final["text"]) == words
        assert heard(made.speech[track, 1, target]) == words


@pytest.mark.shows("native:start.two_way")
async def test_two_way_translates_each_language_into_the_other(edge: str, key: str) -> None:
    async with session(edge, key, spoken=["en", "es"], to=["en", "es"], two_way=True) as made:
        await made.say([3])
        translation = await made.until("translation", final=True)
        assert translation["source_language"] != translation["language"]


@pytest.mark.shows("native:start.output")
async def test_speech_in_another_format(edge: str, key: str) -> None:
    output = {"encoding": "float32le", "sample_rate": 24_000}
    async with session(edge, key, output=output) as made:
        await made.say([5, 6])
        await made.send(type="end")
        await made.over()
    samples = np.frombuffer(made.speech[0, 1, "es-ES"], "<f4")
    back = (samples[::3].repeat(2) * 32767).astype("<i2")  # roughly 16 kHz again: enough for its length
    assert len(samples) / 24_000 == pytest.approx(0.48, abs=0.1) and len(back)


@pytest.mark.shows("native:denoise")
async def test_noise_is_suppressed_while_it_is_wanted(made: Mesh, edge: str, key: str) -> None:
    before = suppressed(made)[0]
    async with session(edge, key, denoise=True) as talk:
        await talk.say([1, 2])
        assert numbers((await talk.until("translation", final=True))["text"]) == [1, 2]
        assert suppressed(made)[0] == pytest.approx(before + 1.48, abs=0.1)
        await talk.send(type="update", id="u1", denoise=False)
        await talk.until("updated")
        await talk.say([3, 4])
        assert numbers((await talk.until("translation", final=True))["text"]) == [3, 4]
        assert suppressed(made)[0] == pytest.approx(before + 1.48, abs=0.1)
        await talk.send(type="update", id="u2", denoise=True)
        await talk.until("updated")
        await talk.say([5])
        assert numbers((await talk.until("translation", final=True))["text"]) == [5]
        await talk.send(type="end")
        assert await talk.over() == 1000
    assert suppressed(made)[0] > before + 2.5


@pytest.mark.shows("native:update")
async def test_a_session_changes_while_it_runs(edge: str, key: str) -> None:
    async with session(edge, key) as made:
        await made.say([1])
        await made.until("translation", final=True)
        await made.send(type="update", id="u1", to=["fr-FR"], speech=False)
        assert (await made.until("updated"))["id"] == "u1"
        await made.say([2])
        translation = await made.until("translation", final=True)
        assert (translation["utterance"], translation["language"]) == (2, "fr-FR")
        await made.send(type="end")
        assert await made.over() == 1000
    assert not made.of("speech", utterance=2)


@pytest.mark.shows("native:update.refused")
async def test_a_change_that_cannot_be_done_changes_nothing(edge: str, key: str) -> None:
    async with session(edge, key) as made:
        await made.send(type="update", id="u1", to=["xx"])
        error = await made.until("error")
        assert (error["id"], error["fatal"], error["code"]) == ("u1", False, "unsupported_language")
        await made.say([2])
        assert (await made.until("translation", final=True))["language"] == "es-ES"


@pytest.mark.shows("native:translate", "native:speak")
async def test_texts_beside_the_speech(edge: str, key: str) -> None:
    async with session(edge, key) as made:
        wish = {"text": "w000a w000b", "language": "en", "to": ["fr", "de"], "speech": True}
        await made.send(type="translate", id="greet", **wish)
        await made.send(type="speak", id="again", text="w000c", language="es")
        await made.send(type="end")
        assert await made.over() == 1000
    texts = {m["language"]: numbers(m["text"]) for m in made.of("translation", job="greet")}
    assert texts == {"fr": [10, 11], "de": [10, 11]}
    assert heard(made.speech["greet", "fr"]) == heard(made.speech["greet", "de"]) == [10, 11]
    assert heard(made.speech["again", "es"]) == [12]


@pytest.mark.shows("native:flush")
async def test_flush_finishes_the_open_utterance(edge: str, key: str) -> None:
    async with session(edge, key, endpointing={"silence_ms": 5000}) as made:
        await made.play(words_to_pcm([1, 2]) + PAUSE[: len(PAUSE) // 5])
        await made.send(type="flush")
        final = await made.until("transcript", final=True)
        assert numbers(final["text"]) == [1, 2]


@pytest.mark.shows("native:ping")
async def test_ping_is_answered_even_before_the_start(edge: str, key: str) -> None:
    async with talk(edge, key) as made:
        await made.send(type="ping", id="p")
        assert await made.take() == {"type": "pong", "id": "p"}


BAD: list[tuple[Any, str]] = [
    ({"type": "start", "spoken": "en", "to": ["es"]}, "already started"),
    ({"type": "nothing"}, "tag"),
    ({"type": "update", "to": "es"}, "to"),
    ({"type": "translate", "id": "x", "text": "", "language": "en", "to": ["es"]}, "text"),
    ({"type": "update", "typo": 1}, "typo"),
    ({}, "discriminator"),
]


@pytest.mark.shows("native:malformed")
async def test_a_wrong_message_does_not_end_a_session(edge: str, key: str) -> None:
    async with session(edge, key) as made:
        for message, said in BAD:
            await made.socket.send(json.dumps(message))
            error = await made.until("error")
            assert error["fatal"] is False and said in error["message"], error
        await made.socket.send("{")
        await made.until("error", fatal=True)
        assert await made.over() == 4400


@pytest.mark.shows("native:languages", "native:languages.filters")
async def test_languages_are_listed(edge: str, key: str) -> None:
    async with httpx.AsyncClient(
        base_url=edge, headers={"Authorization": f"Bearer {key}"}, timeout=WAIT_S
    ) as http:
        everything = (await http.get("/v1/languages")).json()
        some = (await http.get("/v1/languages", params={"from": "en-US", "to": "pt-BR"})).json()
        assert (await http.get("/v1/languages", params={"to": "?"})).status_code == 400
        assert (await http.get("/v1/languages", headers={"Authorization": "Bearer x"})).status_code == 401
    assert set(everything["recognised"]) == set(LANGUAGES)
    assert len(everything["pairs"]) == len(LANGUAGES) * (len(LANGUAGES) - 1)
    assert {entry["language"] for entry in everything["spoken"]} == set(LANGUAGES)
    (pair,) = some["pairs"]
    assert (some["recognised"], pair["from"], pair["to"], pair["labels"]) == (["en"], "en", "pt", False)
    assert [entry["language"] for entry in some["spoken"]] == ["pt"]


@pytest.mark.shows("native:started.notices")
async def test_labels_that_are_not_heeded_are_told_with_the_beginning(edge: str, key: str) -> None:
    async with talk(edge, key) as made:
        await made.send(type="start", spoken="en", to=["es"], labels={"es": "casual Spanish"})
        started = await made.until("started")
        assert started["notices"] == [
            "labels are not heeded from 'en' into 'es': the engines that serve it take none"
        ]
        await made.send(type="update", id="more", to=["es", "fr-FR"])
        assert "notices" not in await made.until("updated")  # no label is of French
        await made.send(type="end")
        assert await made.over() == 1000


@pytest.mark.shows("native:close.bad_request")
@pytest.mark.parametrize(
    "start",
    [
        {"type": "start", "spoken": "en", "to": ["klingon!"]},
        {"type": "start", "spoken": "xx", "to": ["es"]},
        {"type": "start", "spoken": "en", "to": ["es", "ru"]},
        {"type": "start", "spoken": "en", "to": ["es"], "voices": {"*": "nobody"}},
        {"type": "start", "spoken": "en", "to": ["es"], "audio": {"sample_rate": 7}},
        {"type": "end"},
        {"type": "resume", "token": "x.y", "audio_from": 0},
    ],
)
async def test_a_first_message_that_cannot_be_done(edge: str, key: str, start: dict[str, Any]) -> None:
    async with talk(edge, key) as made:
        await made.send(**start)
        error = await made.until("error")
        assert error["fatal"] is True
        assert await made.over() in (4400, 4404)


@pytest.mark.shows("native:close.credential")
@pytest.mark.parametrize("credential", ["", "drg_wrong"])
async def test_no_or_a_wrong_key(edge: str, credential: str) -> None:
    async with talk(edge, credential) as made:
        if not credential:
            await made.send(type="start", spoken="en", to=["es"])
        assert await made.over() == 4401
    assert "credential" in made.of("error")[0]["code"]


@pytest.mark.shows("native:failure")
async def test_a_failure_takes_the_place_of_what_will_not_come(edge: str, key: str) -> None:
    async with session(edge, key) as made:
        await made.say([1, trouble(TRANSLATION, FAIL)], [2])
        failure = await made.until("failure")
        assert (failure["utterance"], failure["stage"]) == (1, "translation")
        assert (await made.until("translation", final=True))["utterance"] == 2


@pytest.mark.shows("native:throttle")
async def test_a_client_that_sends_too_fast_is_told(edge: str, key: str) -> None:
    async with session(edge, key) as made:
        for _ in range(14):
            await made.socket.send(PAUSE)
        assert (await made.until("throttle"))["active"] is True
        assert (await made.until("throttle"))["active"] is False


@pytest.mark.shows("native:start.interim", "native:start.final", "native:start.translate")
@pytest.mark.parametrize("off", ["interim", "final", "translate"])
async def test_what_is_not_wanted_does_not_come(edge: str, key: str, off: str) -> None:
    async with session(edge, key, **{off: False}) as made:
        await made.say([1, 2, 3])
        await made.send(type="end")
        assert await made.over() == 1000
    interims, finals = made.of("transcript", final=False), made.of("transcript", final=True)
    wanted = {"interim": bool(interims), "final": bool(finals), "translate": bool(made.of("translation"))}
    assert wanted == {name: name != off for name in wanted}
    assert heard(made.speech[0, 1, "es-ES"]) == [1, 2, 3]


@pytest.mark.shows("native:start.audio")
@pytest.mark.parametrize(
    ("encoding", "rate"),
    [(e, r) for e in Encoding for r in (8000, 16_000, 24_000, 44_100, 48_000)],
)
async def test_audio_of_every_encoding_and_rate(edge: str, key: str, encoding: str, rate: int) -> None:
    encoders: dict[str, Callable[[bytes], bytes]] = {
        "pcm_s16le": bytes,
        "pcm_u8": as_pcm_8,
        "mulaw": as_mulaw,
        "alaw": as_alaw,
        "float32le": as_float,
    }
    audio = {"encoding": encoding, "sample_rate": rate}
    async with session(edge, key, audio=audio, translate=False) as made:
        sound = encoders[encoding](at_rate(words_to_pcm([0x1A2B]) + PAUSE, rate))
        size = {"pcm_s16le": 2, "float32le": 4}.get(encoding, 1) * rate // 10
        for start in range(0, len(sound), size):
            await made.socket.send(sound[start : start + size])
        final = await made.until("transcript", final=True)
    assert numbers(final["text"]) == [0x1A2B]


def as_float(pcm: bytes) -> bytes:
    return bytes((np.frombuffer(pcm, "<i2") / np.float32(32_768)).astype("<f4").tobytes())


WORDS: dict[str, Any] = {
    "voices": {"*": "male", "es-ES": {"voice": "female", "rate": 1.5}},
    "vocabulary": ["w0001"],
    "dictionary": [{"source": "xw0002", "target": "dos"}],  # the context makes words begin with an x
    "context": HINT + "x",
}


@pytest.mark.shows(
    "native:start.voices", "native:start.vocabulary", "native:start.dictionary", "native:start.context",
    "native:start.labels", "native:start.features", "native:start.metadata", "native:start.reference_id",
    "native:start.endpointing", "native:start.detect", "native:activity",
)  # fmt: skip
async def test_a_session_with_everything_set(edge: str, key: str, made: Mesh) -> None:
    more = {
        "labels": {"es": "Spanish"}, "features": ["resume"], "metadata": {"ticket": "7"},
        "reference_id": "call 7", "endpointing": {"silence_ms": 300, "vad_signals": True}, "spoken": [],
    }  # fmt: skip
    async with session(edge, key, **WORDS | more) as one:
        await one.play(words_to_pcm([1, 2]) + PAUSE[: len(PAUSE) // 2] + words_to_pcm([3]) + PAUSE)
        await one.send(type="end")
        assert await one.over() == 1000
    first, second = one.of("transcript", final=True)  # half a second of silence ends an utterance here
    assert (first["text"], second["text"].lower()) == ("xw0001 xw0002", "xw0003")
    assert first["language"] == "en"
    assert "dos" in one.of("translation", final=True)[0]["text"]
    assert [m["speaking"] for m in one.of("activity")] == [True, False, True, False]
    (line,) = await ledger(made, one.messages[0]["session"])
    assert line["reference"] == "call 7"


@pytest.mark.shows("native:update.all")
async def test_everything_of_a_change_counts(edge: str, key: str) -> None:
    off = {"interim": False, "final": True, "translate": True, "speech": False}
    async with session(edge, key) as made:
        await made.send(type="update", id="u", track=0, to=["fr"], **off | WORDS)
        assert (await made.until("updated"))["id"] == "u"
        await made.say([1, 2])
        await made.send(type="update", final=False, translate=False)
        await made.until("updated")
        await made.say([3])
        await made.send(type="end")
        assert await made.over() == 1000
    (final,) = made.of("transcript")
    assert final["text"] == "xw0001 xw0002"
    (translation,) = made.of("translation")
    assert translation["language"] == "fr" and "dos" in translation["text"]
    assert not made.speech


@pytest.mark.shows("native:start.unknown")
async def test_a_field_that_is_not_known_is_named(edge: str, key: str) -> None:
    async with talk(edge, key) as made:
        await made.send(type="start", spoken="en", to=["es"], voise="male")
        assert "voise" in (await made.until("error", fatal=True))["message"]
        assert await made.over() == 4400


@pytest.mark.shows("native:close.money", "native:close.gone", "native:close.forbidden")
async def test_why_there_is_no_session(edge: str, key: str, made: Mesh) -> None:
    poor, limited = await new_key(made, 0), await new_key(made, 10_000_000, scopes=["tokens"])
    start = {"type": "start", "spoken": "en", "to": ["es"]}
    gone = {"type": "resume", "token": "s_none.x", "audio_from": 0}
    for credential, first, code in ((poor, start, 4402), (limited, start, 4403), (key, gone, 4404)):
        async with talk(edge, credential) as one:
            await one.send(**first)
            await one.until("error", fatal=True)
            assert await one.over() == code


@pytest.mark.shows("native:close.idle", "native:close.busy", "native:close.drain", "native:status")
async def test_an_edge_that_is_full_or_stops_says_so_and_silence_ends(made: Mesh) -> None:
    async with (
        edge_here(made, drain_s=1, max_sessions=1, idle_s=2) as edge,
        session(edge.url, made.key) as silent,
        talk(edge.url, made.key) as second,
    ):
        assert await second.over() == 4503
        assert await silent.over() == 4408
    async with edge_here(made, drain_s=1) as edge, session(edge.url, made.key) as one:
        edge.stop.set()
        await one.until("status", state="draining")
        assert await one.over() == 1012


def lanes(made: list[Talk]) -> dict[str, dict[str, int]]:
    """What a client has counted, over all its sockets."""
    counts: dict[str, dict[str, int]] = {"transcripts": {}, "translations": {}, "samples": {}}
    for one in made:
        for m in one.messages:
            if m["type"] == "transcript" and m["final"]:
                _add(counts["transcripts"], str(m["track"]), 1)
            elif m["type"] == "translation" and m["final"] and m["text"]:
                _add(counts["translations"], f"{m['track']}/{m['language']}", 1)
            elif m["type"] == "speech":
                _add(counts["samples"], f"{m['track']}/{m['language']}", m["bytes"] // 2)
    return counts


def _add(counts: dict[str, int], lane: str, more: int) -> None:
    counts[lane] = counts.get(lane, 0) + more


@pytest.mark.shows("native:resume")
async def test_resume_is_exact_with_two_target_languages(edge: str, key: str) -> None:
    words = [[10 * n + 1, 10 * n + 2] for n in range(1, 7)]
    pcm = PAUSE + b"".join(words_to_pcm(pair) + PAUSE for pair in words)
    talks: list[Talk] = []
    token, sent_from = "", 0
    for part in range(3):
        async with proxied(edge) as proxy, talk(proxy.url, key) as made:
            talks.append(made)
            if not part:
                await made.send(type="start", spoken="en", to=["es", "fr"], resume=True)
            else:
                await made.send(type="resume", token=token, received=lanes(talks), audio_from=0)
            started = await made.until("started")
            token, sent_from = started["resume"]["token"], started.get("audio_from", 0)
            sender = asyncio.create_task(made.play(pcm[2 * sent_from :], 1.2))
            if part < 2:
                reader = asyncio.create_task(made.over())
                await asyncio.sleep(3)
                proxy.cut()
                await asyncio.gather(sender, reader, return_exceptions=True)
            else:
                await sender
                await made.send(type="end")
                assert await made.over() == 1000
    finals = [m for one in talks for m in one.of("transcript", final=True)]
    assert [numbers(m["text"]) for m in finals] == words
    for language in ("es", "fr"):
        texts = [m for one in talks for m in one.of("translation", final=True, language=language)]
        assert [numbers(m["text"]) for m in texts] == words
        spoken = b"".join(a for one in talks for lane, a in one.speech.items() if lane[2] == language)
        assert heard(spoken) == [n for pair in words for n in pair]
