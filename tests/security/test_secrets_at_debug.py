"""All services at debug: no log, file, metric or error has what a session said or showed. On a real mesh."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dragoman_tts.demo import SENTENCES, say
from tests.conformance import native
from tests.mesh.conftest import Mesh, running
from tests.security.customers import Customer, making
from tests.security.test_secrets_on_the_bus import shown
from tests.support.files import files_in
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.mesh
# Words that no program says by itself.
TEXT = "The quokka of Zanzibar ate seventy marmalade sandwiches"
SECRET = {
    "vocabulary": ["Vexillologist", "Xylographer"],
    "dictionary": [{"source": "quokka", "target": "ornitorrinco azul"}],
    "context": "a congress of campanologists in Ouagadougou",
    "labels": {"es": "mermelada confidencial"},
    "metadata": {"case": "witness Bartholomew Quiverful"},
}
WORDS = ("quokka", "Zanzibar", "marmalade", "Vexillologist", "Xylographer", "ornitorrinco", "campanologists")
MORE_WORDS = ("Ouagadougou", "mermelada", "Quiverful")
RUN = 3  # words in a row of a transcript that are no accident
STORE = "jetstream"  # finals lie there in clear, as the threat model says; no key or token does


@pytest.fixture
def mesh(tmp_path: Path) -> Iterator[Mesh]:
    with running(tmp_path / "data", "--set", "DRAGOMAN_LOG_LEVEL=debug") as made:
        yield made


def phrases(text: str) -> set[str]:
    words = re.findall(r"\w+", text)
    return {" ".join(words[n : n + RUN]) for n in range(len(words) - RUN + 1)}


async def talked(url: str, key: str) -> tuple[set[str], list[dict[str, Any]]]:
    """Everything that is said in a session, and the errors that came."""
    said: set[str] = set(phrases(TEXT))
    async with native.session(url, key, interim=True, speech=True, **SECRET) as made:
        await made.play(say(SENTENCES[0], "en-us") + native.PAUSE * 2, speed=1.5)
        await made.send(type="translate", id="t", text=TEXT, language="en", to=["es"], speech=True)
        await made.until("translation", job="t")
        await made.send(type="speak", id="s", text=TEXT, language="en")
        await made.until("speech", job="s")
        await made.send(type="translate", id="bad", text=TEXT, language="tlh", to=["es"])
        await made.send(type="update", id="u", context=TEXT * 99)  # its length is wrong
        await made.send(type="end")
        await made.over()
    for message in made.of("transcript") + made.of("translation"):
        said |= phrases(message["text"])
    return said, made.of("error")


async def refusals(url: str, secret: str) -> list[str]:
    """What is said of requests that are wrong and hold what nobody may repeat."""
    answers = []
    async with httpx.AsyncClient(base_url=url, timeout=WAIT_S) as http:
        for path in (
            "/v1/sessions",
            "/api/v1/broadcasts",
            f"/v1/sessions/{secret}",
            f"/api/v1/{secret}",
            f"/no?token={secret}",
        ):
            for headers in ({"Authorization": f"Bearer {secret}"}, {"X-API-Key": secret}):
                answer = await http.post(path, json={"text": TEXT, "metadata": TEXT}, headers=headers)
                assert answer.status_code >= 400
                answers.append(answer.text)
    return answers


async def metrics(mesh: Mesh) -> str:
    async with httpx.AsyncClient(timeout=WAIT_S) as http:
        return "\n".join([(await http.get(f"{url}/metrics")).text for url in mesh.state["urls"].values()])


def told_of(errors: list[dict[str, Any]], answers: list[str]) -> bytes:
    return (repr(errors) + repr(answers)).encode()


def found(what: set[str], where: bytes) -> set[str]:
    return {one for one in what if one.encode() in where}


async def test_nothing_that_was_said_or_shown_is_left_anywhere(mesh: Mesh) -> None:
    async with making(mesh.admin_url, mesh.admin_token) as make:
        customer: Customer = await make()
        secrets = await shown(mesh.edge, customer)
        texts, errors = await talked(mesh.edge, customer.key)
        told = await refusals(mesh.edge, f"drg_{'quokka' * 7}")
    texts |= {*WORDS, *MORE_WORDS}
    places: dict[str, bytes] = {
        "metrics": (await metrics(mesh)).encode(),
        "errors": told_of(errors, told),
    }
    files = {str(path): data for path, data in files_in(mesh.folder).items()}
    places |= {path: data for path, data in files.items() if STORE not in path and ".port" not in path}
    logs = [data for path, data in places.items() if path.endswith(".log")]
    assert len(logs) >= 7 and any(b'"debug"' in data for data in logs)
    assert len(texts) > 15 and len(secrets) >= 7 and errors
    assert {name: left for name, data in places.items() if (left := found(texts, data))} == {}
    mesh_key = mesh.key  # of the state file alone
    for name, data in (places | files).items():
        assert not found(secrets - {mesh_key}, data), name
