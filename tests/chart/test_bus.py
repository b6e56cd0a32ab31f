"""The embedded NATS, as the chart configures it: who may say what."""

import asyncio
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from dragoman_cli.processes import stop_all
from dragoman_contract import events as ev
from dragoman_contract import subjects
from dragoman_kit import stored, streams
from dragoman_kit.bus import connect
from dragoman_kit.ops import Health
from dragoman_kit.work import Worker, WorkSettings
from tests.chart.bus import configuration
from tests.chart.conftest import MATRIX, of, render
from tests.security.guarded_bus import Guarded, start
from tests.support.waiting import WAIT_S, until

FINAL = "dragoman.v1.event.s1.final.0.transcript"
CORRECTION = "dragoman.v1.event.s1.final.0.speaker"
WORK = {
    "accounts": WorkSettings(streams.USAGE),
    "archive": WorkSettings(streams.KEPT),
    "archive recordings": WorkSettings(streams.RECORDINGS),
    "translation": WorkSettings(streams.TRANSLATION),
    "translation texts": WorkSettings(streams.TRANSLATION_TEXTS),
    "tts": WorkSettings(streams.TTS),
    "tts texts": WorkSettings(streams.TTS_TEXTS),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    made = start(tmp_path_factory.mktemp("nats"))
    try:
        asyncio.run(connects(made, "accounts"))  # which makes the streams
        yield made
    finally:
        stop_all([made.process])


async def connects(server: Guarded, user: str) -> None:
    """As a service does that begins."""
    async with asyncio.timeout(WAIT_S):
        bus = await connect(server.settings(user), user, Health(user, "test"))
        await bus.close()


@pytest.mark.parametrize("user", ["edge", "accounts", "archive", "stt", "translation", "tts"])
async def test_every_service_finds_its_streams(server: Guarded, user: str) -> None:
    await connects(server, user)


@pytest.mark.parametrize(("user", "work"), WORK.items())
async def test_a_worker_gets_its_work(server: Guarded, user: str, work: WorkSettings) -> None:
    done = asyncio.Event()

    async def handle(msg: Msg) -> None:
        done.set()

    async def give_up(msg: Msg, reason: str) -> None:
        raise AssertionError(reason)

    user = user.split(maxsplit=1)[0]
    everyone = await connect(server.settings("operator"), "operator", Health("operator", "test"))
    bus = await connect(server.settings(user), user, Health(user, "test"))
    worker = Worker(bus, work, handle, give_up)
    running = asyncio.create_task(worker.run())
    try:
        async with asyncio.timeout(WAIT_S):
            await everyone.js.publish(work.consumer.filters[0].replace("*", "x1"), b"work")
            await done.wait()
    finally:
        worker.stop()
        await asyncio.wait_for(running, WAIT_S)
        await bus.close()
        await everyone.close()


async def violations(
    server: Guarded, user: str, subject: str, *, hear: bool = False, wanted: bool = True
) -> list[str]:
    """What the server says when this user publishes on a subject, or listens to it; `wanted`: it must."""
    async with server.client(user) as (nc, told):
        if hear:
            await nc.subscribe(subject)
        else:
            await nc.publish(subject, b"x")
        await nc.flush()
        if wanted:
            await until(lambda: told, "it is refused")
        else:
            await asyncio.sleep(0.1)
    return told


@pytest.mark.parametrize(
    ("user", "subject"),
    [
        ("edge", FINAL),
        ("stt", "dragoman.v1.event.s1.end"),
        ("stt", "dragoman.v1.accounts.open"),
        ("stt", "dragoman.v1.usage.s1"),
        ("translation", FINAL),
        ("translation", "dragoman.v1.event.s1.speech.0.es"),
        ("tts", "dragoman.v1.event.s1.final.0.translation.es"),
        ("tts", "dragoman.v1.broadcast.a3f9.show.event"),
        ("tts", "$JS.API.STREAM.DELETE.DRAGOMAN_EVENTS"),
        ("edge", "$JS.API.STREAM.PURGE.DRAGOMAN_RESOURCES"),
        ("accounts", "dragoman.v1.track.w1.s1.0.audio"),
        ("archive", "dragoman.v1.kept.s1"),
        ("archive", "dragoman.v1.recording.a1"),
        ("tts", "dragoman.v1.recorded.s1"),
        ("edge", "dragoman.v1.archive.accounts.erase"),
        ("tts", "dragoman.v1.archive.delete_tasks"),
    ],
)
async def test_nobody_publishes_as_another(server: Guarded, user: str, subject: str) -> None:
    assert any("permissions violation" in told.lower() for told in await violations(server, user, subject))


@pytest.mark.parametrize(
    ("user", "subject"),
    [
        ("stt", "dragoman.v1.accounts.>"),
        ("tts", "dragoman.v1.track.>"),
        ("translation", "dragoman.v1.broadcast.*.admission"),
        ("translation", "_INBOX.accounts.>"),
        ("stt", ">"),
    ],
)
async def test_nobody_hears_what_is_not_meant_for_it(server: Guarded, user: str, subject: str) -> None:
    told = await violations(server, user, subject, hear=True)
    assert any("permissions violation" in one.lower() for one in told)


SAID = {
    "edge": [
        subjects.allocate("whisper"),
        subjects.allocate_any("whisper"),
        subjects.ENCODE_VOICE,
        subjects.worker_audio("w1"),
        subjects.track_control("w1", "s1", 0),
        subjects.usage("s1"),
        subjects.order_texts("acc_1", "abc"),
        subjects.session_record("s1"),
        subjects.session_handover("s1"),
        subjects.session_over("s1"),
        subjects.tentative("s1", 0),
        subjects.speech_pace("s1", 0, "es"),
        subjects.accounts("open"),
        subjects.archive("list_tasks"),
        subjects.kept("s1"),
        subjects.recording("acc_1"),
        subjects.capabilities("tts"),
        subjects.resource("acc_1.sessions.1"),
        subjects.channel("+channel.a3f9.made"),
        subjects.broadcast_event("a3f9"),
        subjects.broadcast_notice("a3f9"),
        subjects.broadcast_admission("a3f9"),
        subjects.event(ev.EndSession(session_id="s1", code="session_ended")),
    ],
    "stt": [FINAL, CORRECTION, subjects.WORKER_LOADS, subjects.dead("stt", "s1")],
    "translation": [
        subjects.dead("translation", "s1"),
        subjects.begun("translation_live", 1),
        subjects.begun_tentative("s1", 0, 1),
    ],
    "tts": [subjects.dead("tts", "s1"), subjects.begun("tts_texts", 1)],
    "archive": [subjects.dead("archive", "s1"), subjects.recorded("s1")],
    "accounts": [
        subjects.event(ev.EndSession(session_id="s1", code="session_ended")),
        subjects.archive(subjects.ERASE_ACCOUNT),
        subjects.kept("s1"),
    ],
}
HEARD = {
    "broadcast_show",
    "worker_tracks",
    "parse_control",
    "parse_over",
    "kept_id",
    "recording_id",
    "session_events",
    "session_finals",
    "session_speech",
}


@pytest.mark.parametrize("user", SAID)
async def test_everybody_may_say_what_the_contract_gives_it_to_say(server: Guarded, user: str) -> None:
    for subject in SAID[user]:
        assert await violations(server, user, subject, wanted=False) == []


async def test_an_edge_reads_back_what_is_stored(server: Guarded) -> None:
    bus = await connect(server.settings("edge"), "edge", Health("edge", "test"))
    try:
        await bus.store(subjects.session_record("s9"), b"record", "s9.1")
        for stream in (subjects.SESSIONS_STREAM, subjects.EVENTS_STREAM, subjects.SPEECH_STREAM):
            subject = subjects.session_record("s9") if "SESSIONS" in stream else "dragoman.v1.event.s9.>"
            found = [data async for _, data in stored.read(bus, stream, subject, 0, 10)]
            assert found == ([b"record"] if "SESSIONS" in stream else [])
    finally:
        await bus.close()


def test_no_subject_of_the_contract_is_forgotten() -> None:
    made = {n for n, f in vars(subjects).items() if inspect.isfunction(f) and not n.startswith("_")}
    used = set(re.findall(r"subjects\.([a-z_]+)\(", Path(__file__).read_text()))
    assert made - used - HEARD - {"event", "message_id"} == set()


def test_the_streams_fit_into_the_store() -> None:
    text, _ = configuration(list(render(MATRIX["trial"])))
    most = {"FILE": 0, "MEMORY": 0}
    for stream in streams.STREAMS:
        most[stream.storage.name] += stream.max_bytes
    for kind, limit in (("FILE", "max_file_store: (\\d+)GB"), ("MEMORY", "max_memory_store: (\\d+)MB")):
        (given,) = re.findall(limit, text)
        assert most[kind] <= int(given) * (10**9 if kind == "FILE" else 10**6)


async def test_the_operator_may_everything(server: Guarded) -> None:
    assert await violations(server, "operator", FINAL, wanted=False) == []


async def test_without_a_password_nobody_gets_in(server: Guarded) -> None:
    nc = Client()
    try:
        with pytest.raises(NatsError):
            await nc.connect(
                server.url,
                tls=server.tls,
                allow_reconnect=False,
                max_reconnect_attempts=0,
                connect_timeout=5,
            )
    finally:
        await nc.close()


def test_a_cluster_of_three_knows_its_nodes() -> None:
    objects = list(render(None, "--set", "nats.replicas=3"))
    (workload,) = [m for m in of(objects, "StatefulSet") if m["metadata"]["name"] == "mesh-nats"]
    assert workload["spec"]["replicas"] == 3
    routes = workload["spec"]["template"]["spec"]["containers"][0]["args"][-1].split(",")
    assert routes == [f"nats://route:$(NATS_ROUTE)@mesh-nats-{i}.mesh-nats-nodes:6222" for i in range(3)]
    for deployment in of(objects, "Deployment"):
        env = {
            v["name"]: v.get("value") for v in deployment["spec"]["template"]["spec"]["containers"][0]["env"]
        }
        assert env["DRAGOMAN_NATS_REPLICAS"] == "3"
