"""Real speech through real containers, run as the chart describes them."""

import asyncio
import json
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from dragoman_cli.audio_source import BYTES_PER_S, paced
from dragoman_cli.client import Wish, translate
from dragoman_cli.results import Results
from dragoman_contract import rpc, subjects
from dragoman_kit.bus import connect as connect_bus
from dragoman_kit.ops import Health
from dragoman_models.folder import MANIFEST, ModelFolder
from dragoman_models.mirror import write
from dragoman_models.pull import Puller
from dragoman_models.settings import ModelsSettings
from dragoman_tts.demo import SENTENCES, say
from tests.e2e import stores
from tests.e2e.clients import Heard, kallglot, kept, native, pinch, plain, vas, word_errors
from tests.e2e.conftest import LOGS, manifests
from tests.e2e.images import TAG, TARGETS, Bases, build
from tests.e2e.kubelet import HOST, Kubelet, Manifest, Pod, files, once, running, until
from tests.models.servers import Site, hub, serving
from tests.support.audio_pieces import decoded, likeness

BASE, NEURAL = "Systran/faster-whisper-base", "translatelocally-en-pt"
WISH = Wish("en-US", "es-ES", "female", resume=True)
SPOKEN = " ".join(SENTENCES)
TOOLS = {"gcc", "cc", "g++", "make", "ld", "uv", "curl", "wget"}


@pytest.fixture(scope="session")
def speech() -> bytes:
    """Four sentences with pauses."""
    pause = bytes(BYTES_PER_S)
    return bytes(BYTES_PER_S // 2) + pause.join(say(text, "en-us") for text in SENTENCES)


@pytest.fixture
def edges(mesh: Kubelet) -> list[str]:
    """Where the edges that run are."""
    return [pod.url() for pod in mesh.of("edge") if pod.running]


@pytest.fixture
def key(mesh: Kubelet) -> str:
    """The key of the install."""
    return mesh.secret("-secrets")["bootstrap-key"]


@pytest.fixture
def admin(mesh: Kubelet) -> Iterator[httpx.Client]:
    """The REST API of accounts."""
    token = mesh.secret("-secrets")["admin-token"]
    (accounts,) = mesh.of("accounts")
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=accounts.url(), headers=headers, timeout=15) as client:
        yield client


def prove(admin: httpx.Client, account: str, wait_s: float = 30) -> dict[str, int]:
    """The balance once nothing is held; every figure of the ledger adds up."""
    place = f"/v1/accounts/{account}"
    until(lambda: admin.get(f"{place}/balance").json()["held"] == 0, wait_s, "a hold was left")
    balance: dict[str, int] = admin.get(f"{place}/balance").json()
    assert admin.get(f"{place}/reconciliation").json()["problems"] == []
    assert balance["available"] == balance["topped"] - balance["charged"]
    return balance


def meant(translations: Iterable[str]) -> None:
    """Whether Spanish says what was spoken, whatever the chain."""
    said = " ".join(translations).lower()
    assert all(word in said for word in ("intérpretes", "máquina", "visita")), said


def all_heard(results: Results) -> None:
    """Every sentence once, in order, translated and spoken."""
    texts = list(results.utterances.values())
    heard = " ".join(u.transcript for u in texts)
    assert word_errors(SPOKEN, heard) <= len(plain(SPOKEN)) // 6, heard
    ids = [u.id for u in texts if u.transcript]
    for kind in ("transcript", "translation"):
        assert [i for k, i in results.order if k == kind and i in ids] == ids
    assert all(u.translation for u in texts if u.transcript)
    meant(u.translation for u in texts)
    assert results.errors == [] and results.audio


# The images


@pytest.mark.parametrize("target", TARGETS)
def test_an_image_holds_what_it_needs_and_no_more(images: None, target: str) -> None:
    with once(f"dragoman/{target}:{TAG}", command=["sleep", "60"]) as made:
        container = made.get_wrapped_container()
        image = container.image.attrs["Config"]
        assert re.fullmatch(r"[1-9][0-9]*:[1-9][0-9]*", image["User"])
        assert image["Labels"]["org.opencontainers.image.version"] == TAG
        programs = {n.rpartition("/")[2] for f in ("/usr/bin", "/app/bin") for n in files(container, f)}
        assert not programs & TOOLS
        kept = {f for f in ("/root/.cache", "/var/cache/apt/archives") if len(files(container, f)) > 3}
        assert not kept
        status, told = container.exec_run(["touch", "/app/x"])
        assert status != 0, told
        libraries = set(container.exec_run(["python", "-c", LIBRARIES]).output.decode().split())
    heavy = {"ctranslate2", "onnxruntime", "faster-whisper"}
    assert bool(libraries & heavy) == target.endswith("-with-models")
    assert ({"picows", "hdrhistogram", "uvloop"} <= libraries) == (target == "cli")  # of `dragoman bench`


LIBRARIES = "from importlib.metadata import distributions as d; print(*{x.name.lower() for x in d()})"


# The mesh


def test_helm_test_hears_translates_and_speaks(mesh: Kubelet) -> None:
    status, told = mesh.run_test()
    assert status == 0, told
    assert "the mesh works" in told


def test_every_service_tells_its_build(mesh: Kubelet) -> None:
    for component in ("edge", "accounts", "archive", "stt", "translation", "tts"):
        for pod in mesh.of(component):
            assert httpx.get(pod.ops_url + "/version").json() == {"service": component, "build": TAG}
            assert f'build="{TAG}"' in httpx.get(pod.ops_url + "/metrics").text
    for pod in mesh.of("edge"):  # clients reach neither
        assert [httpx.get(pod.url() + path).status_code for path in ("/metrics", "/readyz")] == [404, 404]


def test_krisp(
    mesh: Kubelet,
    edges: list[str],
    key: str,
    admin: httpx.Client,
    speech: bytes,
    report: dict[str, Any],
) -> None:
    before = prove(admin, "acc_development")["charged"]
    worked = processor_seconds(mesh)
    results = asyncio.run(translate(edges[0], key, WISH, paced(speech), others=(edges[1],)))
    all_heard(results)
    assert prove(admin, "acc_development")["charged"] > before
    seconds = len(speech) / BYTES_PER_S
    spent = {name: round((s - worked[name]) / seconds, 3) for name, s in processor_seconds(mesh).items()}
    report["core_seconds_per_second_of_audio"] = spent
    used = {
        pod.name: pod.raw.stats(stream=False)["memory_stats"]["usage"] for pod in mesh.pods if pod.running
    }
    report["memory_mib"] = {name: round(size / 2**20) for name, size in used.items()}
    late = [u.transcript_at - u.speech_ended for u in results.utterances.values() if u.transcript_at]
    report["final_after_speech_s"] = [round(s, 2) for s in late]


@pytest.mark.parametrize("dialect", [kallglot, native, pinch, vas])
def test_another_dialect(edges: list[str], key: str, speech: bytes, dialect: Any) -> None:
    heard: Heard = asyncio.run(dialect(edges[0], key, speech, len(SENTENCES)))
    assert word_errors(SPOKEN, " ".join(heard.transcripts)) <= len(plain(SPOKEN)) // 6
    assert len(heard.translations) == len([t for t in heard.transcripts if t])
    meant(heard.translations)
    assert heard.speech > BYTES_PER_S and heard.errors == []


async def test_a_kept_session_outlives_its_archive_and_is_deleted_for_good(
    mesh: Kubelet, edges: list[str], key: str, speech: bytes, report: dict[str, Any]
) -> None:
    first = mesh.of("archive")[0]
    talking = asyncio.create_task(kept(edges[0], key, speech))
    await asyncio.sleep(6)
    await asyncio.to_thread(first.kill)
    task = await talking
    async with httpx.AsyncClient(base_url=edges[1], headers={"Authorization": f"Bearer {key}"}) as http:
        track = await recording(http, task, len(speech) // 32)
        assert track["missing_ms"] == 0
        heard = decoded((await http.get(f"/v1/tasks/{task}/audio", timeout=30)).content)
        spoken = np.frombuffer(speech, np.int16)
        assert len(heard) == len(spoken) and likeness(heard, spoken) > 0.9
        entries = (await http.get(f"/v1/tasks/{task}/entries")).json()["entries"]
        assert word_errors(SPOKEN, " ".join(one["text"] for one in entries)) <= len(plain(SPOKEN)) // 6
        assert all(one["translations"] for one in entries)
        there = await asyncio.to_thread(stores.objects, mesh, task)
        assert there and not any(b"Opus" in raw or b"Ogg" in raw for raw in there.values())
        keys = f"select count(*) from dragoman_keys.task_keys where task_id = '{task}'"
        assert await asyncio.to_thread(stores.rows, mesh, keys) == "1"
        begun = time.monotonic()
        assert (await http.delete(f"/v1/tasks/{task}")).is_success
        assert await asyncio.to_thread(stores.rows, mesh, keys) == "0"
        report["deleted_s"] = round(time.monotonic() - begun, 2)
        assert (await http.get(f"/v1/tasks/{task}/audio")).status_code == 404
        await asyncio.to_thread(
            until, lambda: not stores.objects(mesh, task), 60, "audio was left in the bucket"
        )
    await asyncio.to_thread(first.restart)
    await asyncio.to_thread(until, first.ready, 60, "the archive did not come back")


async def recording(http: httpx.AsyncClient, task: str, ms: int) -> dict[str, Any]:
    """The only track of a task, once it is stored to its end."""
    async with asyncio.timeout(90):
        while True:
            about = (await http.get(f"/v1/tasks/{task}", timeout=15)).json()
            if about.get("status") == "completed" and (about["audio_ms"] or 0) >= ms:
                (track,) = (await http.get(f"/v1/tasks/{task}/recordings")).json()["recordings"]
                return dict(track)
            await asyncio.sleep(0.5)


def test_a_recogniser_that_is_killed_in_mid_sentence_costs_no_word(
    mesh: Kubelet, edges: list[str], key: str, admin: httpx.Client, speech: bytes
) -> None:
    killed: list[Pod] = []

    async def kill_when_it_listens() -> None:
        await asyncio.sleep(2.5)  # in the first sentence
        while not killed:
            for pod in mesh.of("stt"):
                if not killed and metric(await asyncio.to_thread(metrics, pod), "dragoman_stt_tracks") > 0:
                    await asyncio.to_thread(pod.kill)
                    killed.append(pod)
            await asyncio.sleep(0.1)

    async def both() -> Results:
        killer = asyncio.create_task(kill_when_it_listens())
        try:
            return await translate(edges[0], key, WISH, paced(speech), others=(edges[1],))
        finally:
            killer.cancel()
            await asyncio.gather(killer, return_exceptions=True)

    results = asyncio.run(both())
    assert killed
    killed[0].restart()
    all_heard(results)
    prove(admin, "acc_development")
    until(killed[0].ready, 60, "the recogniser did not come back")


def test_an_edge_that_drains_gives_its_sessions_to_the_other(
    mesh: Kubelet, key: str, admin: httpx.Client, speech: bytes, report: dict[str, Any]
) -> None:
    first, second = mesh.of("edge")
    urls = first.url(), second.url()

    async def drain() -> float:
        await asyncio.sleep(4)
        return await asyncio.to_thread(first.stop)

    async def both() -> tuple[Results, float]:
        stopping = asyncio.create_task(drain())
        results = await translate(urls[0], key, WISH, paced(speech), others=(urls[1],))
        return results, await stopping

    results, took = asyncio.run(both())
    report["edge_drain_s"] = round(took, 1)
    assert first.raw.wait()["StatusCode"] == 0
    assert took < first.spec["terminationGracePeriodSeconds"]
    assert results.resumes == 1
    all_heard(results)
    prove(admin, "acc_development")
    first.restart()
    until(first.ready, 60, "the edge did not come back")


def test_credits_that_run_out_end_the_session_and_no_more_than_they_is_charged(
    edges: list[str], admin: httpx.Client
) -> None:
    account = admin.post("/v1/accounts", json={"name": "E2E", "tier": "development"}).json()["id"]
    place = f"/v1/accounts/{account}"
    headers = {"Idempotency-Key": account}
    assert admin.post(f"{place}/topups", json={"micro": 14_000}, headers=headers).status_code == 201
    key = admin.post(f"{place}/keys", json={}).json()["secret"]
    heard, errors = asyncio.run(until_it_ends(edges[0], key, say("Good morning, and welcome.", "en-us")))
    assert errors == [402]
    assert "welcome" in " ".join(heard).lower()
    balance = prove(admin, account)
    assert 10_000 < balance["charged"] <= 14_000
    assert asyncio.run(until_it_ends(edges[0], key, b""))[1] == [402]


async def until_it_ends(url: str, key: str, pcm: bytes) -> tuple[list[str], list[int]]:
    """Speak, then be silent until the edge ends the session."""
    finals: list[str] = []
    errors: list[int] = []
    config = {"config": {"source_language": "en-US", "target_language": "es-ES", "voice": "male"}}
    headers = {"Authorization": f"api-key {key}"}

    async def listen() -> None:
        async for frame in socket:
            message = json.loads(frame) if isinstance(frame, str) else {}
            errors.extend([message["error"]["code"]] if "error" in message else [])
            finals.extend(
                [message["transcript"]["text"]] if message.get("transcript", {}).get("final") else []
            )

    async def speak() -> None:
        async for frame in paced(pcm + bytes(60 * BYTES_PER_S)):
            await socket.send(frame)

    async with connect(url.replace("http", "ws", 1) + "/vt", additional_headers=headers) as socket:
        await socket.send(json.dumps(config))
        speaker = asyncio.create_task(speak())
        try:
            with suppress(ConnectionClosed):
                async with asyncio.timeout(90):
                    await listen()
        finally:
            speaker.cancel()
            await asyncio.gather(speaker, return_exceptions=True)
    return finals, errors


def test_nobody_said_on_the_bus_what_it_may_not(mesh: Kubelet) -> None:
    (nats,) = mesh.of("nats")
    forbidden = [line for line in nats.logs().splitlines() if "violation" in line.lower()]
    assert forbidden == []


def test_the_store_and_the_bus_can_be_away_and_nothing_restarts(mesh: Kubelet) -> None:
    (nats,) = mesh.of("nats")
    nats.raw.pause()
    try:
        edge = mesh.of("edge")[1]
        until(lambda: not edge.ready(), 40, "the edge did not notice that the bus is away")
        told = httpx.get(edge.ops_url + "/readyz", timeout=10).json()
        assert "nats-server" in told["problems"]["bus"]
        assert httpx.get(edge.url() + "/healthz", timeout=10).status_code == 200
    finally:
        nats.raw.unpause()
    mesh.await_ready(60)


async def test_a_bus_of_three_replicates_and_outlives_one_of_them(bases: Bases, tmp_path: Path) -> None:
    objects = manifests(bases, nats__replicas="3")
    with running(objects, tmp_path, LOGS, "nats") as bus:
        nodes = bus.of("nats")
        settings = bus.bus_settings("operator", nats_replicas=3)
        client = await connect_bus(settings, "operator", Health("operator", "e2e"))
        try:
            await client.store("dragoman.v1.dead.e2e.s1", b"one", "one")
            await asyncio.to_thread(nodes[0].kill)
            await client.store("dragoman.v1.dead.e2e.s1", b"two", "two")
            info = await client.js.stream_info(subjects.DEAD_STREAM)
            assert info.config.num_replicas == 3 and info.state.messages == 2
        finally:
            await client.close()


# Models from a hub and from a mirror


def fetching(bases: Bases, service: str, model: str, port: int) -> list[Manifest]:
    """The trial release with one service whose image holds no model: it is at a port of this host alone."""
    build(service, bases)
    at = f"http://{HOST}:{port}"
    values = {
        f"services.{service}.image.repository": f"dragoman/{service}",
        f"services.{service}.replicas": "1",
        f"services.{service}.models[0]": model,
        f"services.{service}.env[0].name": "PIP_NO_INDEX",  # no wheel may help out
        f"services.{service}.env[0].value": "yes",
        f"services.{service}.env[1].name": "HF_ENDPOINT",
        f"services.{service}.env[1].value": at,
        "models.mirror": at if service == "translation" else "",
    }
    return manifests(bases, **values)


@pytest.fixture(scope="session")
def weights() -> dict[str, bytes]:
    """The files of Whisper `base`."""
    folder = Puller.of(ModelsSettings()).ensure("base")
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != MANIFEST}


def test_a_recogniser_starts_with_weights_that_were_fetched_and_checked(
    images: None, bases: Bases, weights: dict[str, bytes], tmp_path: Path
) -> None:
    with serving(hub(BASE, weights), "") as site:
        objects = fetching(bases, "stt", "base", site.port)
        with running(objects, tmp_path, LOGS, "nats", "stt") as release:
            assert all(pod.ready() for pod in release.of("stt"))


def test_weights_from_a_hub_that_are_not_the_right_ones_stop_the_start(
    images: None, bases: Bases, weights: dict[str, bytes], tmp_path: Path
) -> None:
    wrong = weights | {"model.bin": bytes(len(weights["model.bin"]))}
    with (
        serving(hub(BASE, wrong), "") as site,
        pytest.raises(AssertionError, match=r"base could not be fetched: hub: .*has sha256"),
        running(fetching(bases, "stt", "base", site.port), tmp_path, LOGS, "stt"),
    ):
        pass


async def test_translation_fetches_the_models_that_it_names_from_a_mirror(
    images: None, bases: Bases, tmp_path: Path
) -> None:
    folder = ModelFolder(Puller.of(ModelsSettings()).ensure(NEURAL).parent)
    write([model for model in folder.installed() if model.name == NEURAL], folder, tmp_path / "mirror", print)
    with serving(Site().add(tmp_path / "mirror"), "") as site:
        objects = fetching(bases, "translation", NEURAL, site.port)
        with running(objects, tmp_path, LOGS, "nats", "accounts", "translation", "valkey") as release:
            assert all(pod.ready() for pod in release.of("translation"))
            assert await served(release, "en", "pt") == "bergamot:en-pt"


async def test_an_image_with_models_serves_their_pairs(mesh: Kubelet) -> None:
    assert await served(mesh, "en", "pt") == "bergamot:en-pt"
    assert await served(mesh, "pt", "en") == "bergamot:pt-en"


def test_an_image_with_models_translates_without_a_network(images: None) -> None:
    command = ["python", "-c", TRANSLATES]
    with once(f"dragoman/translation-with-models:{TAG}", command=command, network_mode="none") as made:
        status, told = ended(made)
    assert status == 0, told
    assert "casa dos intérpretes" in told.lower() and "bergamot:en-pt" in told


TRANSLATES = """
import asyncio
from dragoman_contract.events import Transcript
from dragoman_translation.engines import load
from dragoman_translation.settings import TranslationSettings
from dragoman_translation.translate import Translation

async def main():
    said = Transcript(session_id="s", track=0, epoch=1, utterance=1, revision=1, final=True, language="en",
                      text="Welcome to the house of the interpreters.", start_ms=0, duration_ms=1)
    print(*await Translation(load(TranslationSettings())).translate(said, "pt-BR"))

asyncio.run(main())
"""


async def served(release: Kubelet, source: str, target: str) -> str:
    """The chain by which the release translates a pair."""
    client = await connect_bus(release.bus_settings("edge"), "edge", Health("edge", "e2e"))
    try:
        reply = await client.request(
            subjects.capabilities("translation"), rpc.CapabilitiesRequest(), rpc.CapabilitiesReply
        )
        return next(pair.chain for pair in reply.pairs if (pair.source, pair.target) == (source, target))
    finally:
        await client.close()


# Bad input


def test_a_wrong_setting_ends_the_container_and_its_log_says_which(images: None) -> None:
    with once(f"dragoman/edge:{TAG}", DRAGOMAN_EDGE_MAX_SESIONS="3") as made:
        status, told = ended(made)
    assert status == 2
    assert "DRAGOMAN_EDGE_MAX_SESIONS is unknown; did you mean DRAGOMAN_EDGE_MAX_SESSIONS?" in told


def test_a_missing_secret_is_named(images: None) -> None:
    with once(f"dragoman/accounts:{TAG}") as made:
        status, told = ended(made)
    assert status == 2
    assert "DRAGOMAN_ACCOUNTS_PEPPER" in told and "DRAGOMAN_ACCOUNTS_ADMIN_TOKEN" in told


def test_weights_with_another_checksum_are_refused_and_the_log_says_so(images: None) -> None:
    spoil = (
        "import shutil, sys; shutil.copytree('/opt/models', '/tmp/m'); "
        "open('/tmp/m/base/model.bin', 'w').write('x'); "
        "sys.argv = ['', 'verify', '--folder', '/tmp/m']; from dragoman_models.main import main; main()"
    )
    with once(f"dragoman/stt-with-models:{TAG}", command=["python", "-c", spoil]) as made:
        status, told = ended(made)
    assert status == 1
    assert "has sha256" in told and "delete it and pull it again" in told


def test_a_changed_file_starts_a_service_again_while_its_root_stays_read_only(images: None) -> None:
    command = ["python", "-m", "dragoman_kit.reload", "/tmp/sources", "dragoman_edge"]
    changed = "import sys; sys.exit('the new code')"
    with once(f"dragoman/edge:{TAG}", command=command) as made:
        container = made.get_wrapped_container()
        until(lambda: b"bus error" in container.logs(), 60, "the edge did not start")
        into = f"open('/tmp/sources/dragoman_edge/__main__.py', 'w').write({changed!r})"
        assert container.exec_run(["python", "-c", into]).exit_code == 0
        until(lambda: b"the new code" in container.logs(), 60, "the change was not seen")


def ended(made: Any) -> tuple[int, str]:
    container = made.get_wrapped_container()
    status = container.wait(timeout=60)["StatusCode"]
    return int(status), container.logs().decode()


# What pods tell


def metrics(pod: Pod) -> str:
    try:
        return httpx.get(pod.ops_url + "/metrics", timeout=5).text
    except httpx.HTTPError:
        return ""


def metric(text: str, name: str) -> float:
    """The sum over its labels."""
    found = re.findall(rf"^{name}(?:\{{[^}}]*\}})? ([0-9.e+-]+)$", text, re.MULTILINE)
    return sum(map(float, found))


def processor_seconds(mesh: Kubelet) -> dict[str, float]:
    """What each service has worked, all its pods together."""
    time.sleep(0.5)
    names = ("edge", "accounts", "archive", "stt", "translation", "tts")
    return {n: sum(metric(metrics(p), "process_cpu_seconds_total") for p in mesh.of(n)) for n in names}
