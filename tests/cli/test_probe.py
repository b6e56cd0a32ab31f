"""Whether a mesh works: what is missing in the results is told, line by line."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from dragoman_cli import probe as module
from dragoman_cli.audio import write_wav
from dragoman_cli.client import TranslateError
from dragoman_cli.results import Results, Utterance


def results(translation: str = "hola", audio: bytes = b"ab", **more: Any) -> Results:
    utterance = Utterance("u", transcript="Hello World", translation=translation)
    return Results(utterances={"u": utterance}, audio=bytearray(audio), **more)


def test_good_results_have_no_faults() -> None:
    assert module.examine(results(), ["hello", "world"]) == []


def test_every_fault_is_a_line() -> None:
    faults = module.examine(results("", b"", errors=[{"description": "no credits"}]), ["goodbye"])
    assert faults == [
        "the word 'goodbye' was not recognised", "utterance u was not translated",
        "the edge told an error: no credits", "no translated speech came",
    ]  # fmt: skip


def pages(answers: dict[str, tuple[int, str]]) -> httpx.Client:
    def answer(request: httpx.Request) -> httpx.Response:
        status, text = answers.get(request.url.path, (404, ""))
        return httpx.Response(status, text=text)

    return httpx.Client(base_url="http://edge", transport=httpx.MockTransport(answer))


def test_the_viewers_page_and_all_that_it_names_must_be_there() -> None:
    page = (200, '<link href="/pages/a/app.css"><script src="/pages/a/viewer.js">')
    style, script = {"/pages/a/app.css": (200, "")}, {"/pages/a/viewer.js": (200, "")}
    assert module.missing_pages(pages({module.PAGE: page, **style, **script})) == []
    assert module.missing_pages(pages({module.PAGE: page, **style})) == ["/pages/a/viewer.js answers 404"]
    assert module.missing_pages(pages({module.PAGE: (200, "hello")})) == ["the viewer's page loads nothing"]
    assert module.missing_pages(pages({})) == ["the viewer's page answers 404"]


def test_an_edge_that_cannot_be_reached_is_told() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    http = httpx.Client(base_url="http://edge", transport=httpx.MockTransport(refuse))
    assert module.missing_pages(http) == ["the viewer's page cannot be opened: ConnectError"]


@pytest.fixture
def wav(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_wav(tmp_path / "speech.wav", b"\1\0" * 16_000)
    monkeypatch.setattr(sys, "argv", ["probe", str(tmp_path / "speech.wav"), "hello"])
    monkeypatch.setenv("DRAGOMAN_URL", "http://edge")
    monkeypatch.setenv("DRAGOMAN_KEY", "k")
    monkeypatch.setattr(module, "missing_pages", lambda http: [])
    return tmp_path / "speech.wav"


def answering(monkeypatch: pytest.MonkeyPatch, answer: Results | Exception) -> None:
    async def translate(*_: Any, **__: Any) -> Results:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(module, "translate", translate)


def test_a_mesh_that_works_is_told(
    wav: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answering(monkeypatch, results())
    module.main()
    assert capsys.readouterr().out.endswith("the mesh works\n")


@pytest.mark.parametrize(
    ("answer", "told"),
    [(results(audio=b""), "no translated speech"), (TranslateError("refused"), "dragoman: refused")],
)
def test_a_mesh_that_does_not_ends_with_why(
    wav: Path, monkeypatch: pytest.MonkeyPatch, answer: Any, told: str
) -> None:
    answering(monkeypatch, answer)
    with pytest.raises(SystemExit, match=told):
        module.main()


def test_what_is_not_set_or_no_sound_is_told(wav: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wav.write_bytes(b"no sound")
    with pytest.raises(SystemExit, match="cannot be read as a sound file"):
        module.main()
    monkeypatch.delenv("DRAGOMAN_KEY")
    with pytest.raises(SystemExit, match="set DRAGOMAN_KEY"):
        module.main()


async def test_a_mesh_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def translate(*_: Any) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(module, "translate", translate)
    monkeypatch.setattr(module, "WAIT_S", 0.01)
    with pytest.raises(TranslateError, match="did not answer in time"):
        await module.probe("http://edge", "k", b"")
