"""Attack H1: a service's login on the bus makes no streams, reads no others' work, speaks as nobody else."""

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client

from dragoman_cli.processes import stop_all
from tests.chart.bus import SERVICES
from tests.security.guarded_bus import Guarded, start
from tests.support.waiting import until

# The JetStream API as nats-server 2.11 documents it, {s} a stream and {c} a consumer.
API = (
    "INFO", "ACCOUNT.PURGE.X", "META.LEADER.STEPDOWN", "SERVER.REMOVE", "SERVER.STREAM.MOVE.X.{s}",
    "SERVER.STREAM.CANCEL_MOVE.X.{s}",
    "STREAM.CREATE.{s}", "STREAM.UPDATE.{s}", "STREAM.NAMES", "STREAM.LIST", "STREAM.INFO.{s}",
    "STREAM.DELETE.{s}", "STREAM.PURGE.{s}", "STREAM.SNAPSHOT.{s}", "STREAM.RESTORE.{s}",
    "STREAM.MSG.DELETE.{s}", "STREAM.MSG.GET.{s}", "STREAM.PEER.REMOVE.{s}", "STREAM.LEADER.STEPDOWN.{s}",
    "STREAM.TEMPLATE.CREATE.X", "STREAM.TEMPLATE.NAMES", "STREAM.TEMPLATE.INFO.X", "STREAM.TEMPLATE.DELETE.X",
    "DIRECT.GET.{s}", "DIRECT.GET.{s}.dragoman.v1.event.s.final.0.transcript",
    "CONSUMER.CREATE.{s}", "CONSUMER.CREATE.{s}.{c}", "CONSUMER.CREATE.{s}.{c}.dragoman.v1.event.>",
    "CONSUMER.DURABLE.CREATE.{s}.{c}", "CONSUMER.NAMES.{s}", "CONSUMER.LIST.{s}", "CONSUMER.INFO.{s}.{c}",
    "CONSUMER.DELETE.{s}.{c}", "CONSUMER.PAUSE.{s}.{c}", "CONSUMER.RESET.{s}.{c}", "CONSUMER.UNPIN.{s}.{c}",
    "CONSUMER.MSG.NEXT.{s}.{c}", "CONSUMER.LEADER.STEPDOWN.{s}.{c}",
)  # fmt: skip
STREAMS = (
    "EVENTS",
    "SPEECH",
    "SESSIONS",
    "RESOURCES",
    "CHANNELS",
    "ORDERS",
    "BEGUN",
    "KEPT",
    "RECORDINGS",
    "USAGE",
    "DEAD",
)
CONSUMERS = (
    "translation_live",
    "translation_texts",
    "tts_live",
    "tts_texts",
    "accounts",
    "archive",
    "recordings",
    "evil",
)
READS = {
    "edge": {
        *(f"STREAM.MSG.GET.DRAGOMAN_{s}" for s in ("EVENTS", "SPEECH", "SESSIONS", "RESOURCES", "CHANNELS")),
        *(f"DIRECT.GET.DRAGOMAN_{s}" for s in ("EVENTS", "SPEECH", "SESSIONS")),
        *(f"STREAM.INFO.DRAGOMAN_{s}" for s in ("EVENTS", "SPEECH", "RESOURCES", "CHANNELS")),
    },
    "archive": {"STREAM.MSG.GET.DRAGOMAN_KEPT"},
}


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    guarded = start(tmp_path_factory.mktemp("nats"))
    yield guarded
    stop_all([guarded.process])


def allowed(user: str) -> set[str]:
    """What of the API the user needs: to read its own consumers and, of the edge, what a resume reads."""
    if user not in ("translation", "tts", "archive"):
        return READS.get(user, set())
    own = (
        ["DRAGOMAN_KEPT.archive", "DRAGOMAN_RECORDINGS.recordings"]
        if user == "archive"
        else [f"DRAGOMAN_EVENTS.{user}_{kind}" for kind in ("live", "texts")]
    )
    return READS.get(user, set()) | {
        f"CONSUMER.{verb}.{name}" for verb in ("INFO", "MSG.NEXT") for name in own
    }


def named(told: list[str], subjects: Iterable[str]) -> set[str]:
    """Which of the subjects the server complained of."""
    said = "\n".join(told).lower()
    return {subject for subject in subjects if f'"{subject.lower()}"' in said}


async def complained(told: list[str], subjects: Iterable[str], expected: set[str]) -> set[str]:
    """Which of the subjects it complained of, once they are all that it should: it need not do so at once."""
    with suppress(AssertionError):
        await until(lambda: expected <= named(told, subjects), "what is refused is told")
    return named(told, subjects)


async def refused(client: Client, told: list[str], calls: Iterable[str], expected: set[str]) -> set[str]:
    """Which of the calls the server refuses, of which so many are expected."""
    told.clear()
    for call in calls:
        await client.publish(f"$JS.API.{call}", b"{}", reply=f"{client._inbox_prefix.decode()}.x")
    await client.flush()
    api = "$JS.API."
    found = await complained(told, [api + call for call in calls], {api + call for call in expected})
    return {subject.removeprefix(api) for subject in found}


@pytest.mark.parametrize("user", [name for name in SERVICES if name != "accounts"])
async def test_no_service_has_more_of_the_api_than_reading_its_own(bus: Guarded, user: str) -> None:
    calls = sorted(
        {verb.format(s=f"DRAGOMAN_{s}", c=c) for verb in API for s in (*STREAMS, "X") for c in CONSUMERS}
    )
    async with bus.client(user) as (client, told):
        got = set(calls) - await refused(client, told, calls, set(calls) - allowed(user))
    assert got == allowed(user)


async def test_accounts_makes_the_streams_of_the_mesh_and_no_other(bus: Guarded) -> None:
    calls = ["STREAM.CREATE.X", "STREAM.UPDATE.X", "CONSUMER.CREATE.DRAGOMAN_EVENTS.evil"]
    calls += [f"STREAM.{verb}.DRAGOMAN_EVENTS" for verb in ("PURGE", "DELETE")]
    calls += ["CONSUMER.DURABLE.CREATE.DRAGOMAN_EVENTS.tts_live"]
    async with bus.client("accounts") as (client, told):
        assert await refused(client, told, calls, set(calls)) == set(calls)


async def test_a_stream_that_republishes_cannot_be_made(bus: Guarded) -> None:
    """The attack: everything said on the bus comes out where the attacker may hear it."""
    elsewhere = {"src": ">", "dest": "_INBOX.tts.x.>"}
    config = {"name": "X", "subjects": ["dragoman.v1.accounts.>"], "republish": elsewhere}
    async with bus.client("tts") as (client, _):
        with pytest.raises(nats.errors.TimeoutError):
            await client.request("$JS.API.STREAM.CREATE.X", json.dumps(config).encode(), timeout=1)


# What each user could gain by saying it; {…} of the contract filled in.
SPOKEN = {
    "dragoman.v1.accounts.authenticate": {"edge"},
    "dragoman.v1.accounts.close": {"edge"},
    "dragoman.v1.usage.s1": {"edge"},
    "dragoman.v1.session.s1.record": {"edge"},
    "dragoman.v1.session.s1.handover": {"edge"},
    "dragoman.v1.resource.acc_1.life.s1": {"edge"},
    "dragoman.v1.channel.acc_1.open.c1": {"edge"},
    "dragoman.v1.kept.s1": {"edge", "accounts"},
    "dragoman.v1.recording.acc_1": {"edge"},
    "dragoman.v1.recorded.s1": {"archive"},
    "dragoman.v1.archive.accounts.erase": {"accounts"},
    "dragoman.v1.archive.delete_task": {"edge"},
    "dragoman.v1.order.acc_1.abc": {"edge"},
    "$JS.API.DIRECT.GET.DRAGOMAN_ORDERS.dragoman.v1.order.acc_1.abc": {"translation"},
    "dragoman.v1.begun.tts_live.7": {"tts"},
    "dragoman.v1.begun.translation_tentative.s1-0-7": {"translation"},
    "$JS.API.DIRECT.GET.DRAGOMAN_BEGUN.dragoman.v1.begun.translation_tentative.s1-0-7": {"translation"},
    "$JS.API.DIRECT.GET.DRAGOMAN_BEGUN.dragoman.v1.begun.translation_texts.7": {"translation"},
    "dragoman.v1.event.s1.end": {"edge", "accounts"},
    "dragoman.v1.event.s1.final.0.transcript": {"stt"},
    "dragoman.v1.event.s1.final.0.translation.es": {"edge", "translation"},
    "dragoman.v1.event.s1.speech.0.es": {"tts"},
    "dragoman.v1.event.s1.heartbeat.0": {"stt"},
    "dragoman.v1.stt.allocate.default": {"edge"},
    "dragoman.v1.stt.loads": {"stt"},
    "dragoman.v1.capabilities.tts": {"edge", "accounts"},
    "dragoman.v1.track.w1.audio": {"edge"},
    "dragoman.v1.broadcast.a3f9.show.event": {"edge"},
    "dragoman.v1.dead.tts.s1": {"tts"},
    "_INBOX.edge.x": set(),
    "$SYS.REQ.SERVER.PING": set(),
    "$JS.ACK.DRAGOMAN_KEPT.archive.1.1.1.1.1": {"archive"},
    "$JS.ACK.DRAGOMAN_EVENTS.tts_live.1.1.1.1.1": {"tts"},
    "$JS.FC.X": set(),
    "$KV.x": set(),
    "anything": set(),
}


@pytest.mark.parametrize("user", SERVICES)
async def test_each_subject_is_said_by_those_alone_whose_it_is(bus: Guarded, user: str) -> None:
    async with bus.client(user) as (client, told):
        for subject in SPOKEN:
            await client.publish(subject, b"")
        await client.flush()
        others = {subject for subject, users in SPOKEN.items() if user not in users}
        assert await complained(told, SPOKEN, others) == others


HEARD = {
    "dragoman.v1.accounts.*": {"accounts"},
    "dragoman.v1.archive.*": {"archive"},
    "dragoman.v1.kept.*": set(),
    "dragoman.v1.recording.*": set(),
    "dragoman.v1.recorded.*": {"edge"},
    "dragoman.v1.event.>": {"edge"},
    "dragoman.v1.track.>": {"stt"},
    "dragoman.v1.stt.loads": {"edge", "stt", "accounts"},
    "dragoman.v1.session.*.handover": {"edge"},
    "_INBOX.accounts.>": {"accounts"},
    "_INBOX.>": set(),
    "$JS.>": set(),
    "$SYS.>": set(),
    ">": set(),
}


@pytest.mark.parametrize("user", SERVICES)
async def test_each_subject_is_heard_by_those_alone_whose_it_is(bus: Guarded, user: str) -> None:
    async with bus.client(user) as (client, told):
        for subject in HEARD:
            await client.subscribe(subject)
        await client.flush()
        others = {subject for subject, users in HEARD.items() if user not in users}
        assert await complained(told, HEARD, others) == others


def test_the_table_has_every_stream_and_consumer_of_the_mesh() -> None:
    from dragoman_kit import streams

    assert {f"DRAGOMAN_{name}" for name in STREAMS} == {stream.name for stream in streams.STREAMS}
    assert set(CONSUMERS) - {"evil"} == {consumer.durable for consumer in streams.CONSUMERS}
    text = Path("helm/dragoman/files/nats-permissions.yaml").read_text()
    assert "JS.API.STREAM.CREATE.*" not in text and "JS.API.STREAM.UPDATE.*" not in text
