"""Files of a model hub are checked against what the hub says of them, and against what is pinned."""

from typing import Any

import pytest

from dragoman_models.catalogue import File, Item, Kind, Model, Source, SourceKind
from dragoman_models.errors import ModelError
from tests.models.conftest import PullerOf, Serve, digest
from tests.models.servers import COMMIT, Site, hub

FILES = {"config.json": b"{}", "model.bin": b"weights" * 1000, "sub/vocabulary.txt": b"words"}


def recogniser(**changes: Any) -> Model:
    items = (Item("config.json"), Item("model.bin"), Item("*vocabulary.*"))
    values: dict[str, Any] = {
        "files": (),
        "sources": (Source(SourceKind.HUB, "someone/whisper", items),),
        **changes,
    }
    return Model("whisper", Kind.RECOGNISER, "whisper", "MIT", **values)


@pytest.fixture
def at(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> Any:
    def made(site: Site) -> Site:
        served = serve(site)
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        return served

    return made


def test_files_come_at_the_commit_that_answered_and_their_sums_are_kept(at: Any, puller_of: PullerOf) -> None:
    site = at(hub("someone/whisper", FILES))
    puller = puller_of(recogniser())
    folder = puller.ensure("whisper")
    names = {"config.json", "model.bin", "vocabulary.txt"}
    assert {path.name for path in folder.iterdir()} == names | {"model.json"}
    (installed,) = puller.folder.installed(Kind.RECOGNISER)
    assert {f.path: f.sha256 for f in installed.files}["model.bin"] == digest(FILES["model.bin"])
    assert f"/someone/whisper/resolve/{COMMIT}/model.bin" in [path for _, path, _ in site.asked]


@pytest.mark.parametrize(
    ("lies", "told"),
    [
        ({"model.bin": {"lfs": {"sha256": "0" * 64, "size": 7000}}}, "has sha256"),
        ({"model.bin": {"lfs": {"sha256": digest(FILES["model.bin"]), "size": 9}}}, "bytes, expected 9"),
        ({"model.bin": {"lfs": {"sha256": "nonsense", "size": 7000}}}, "gives no sum of model.bin"),
        ({"config.json": {"blobId": "0" * 40}}, "config.json has git sum"),
        ({"config.json": {"blobId": None}}, "gives no sum of config.json"),
        ({"config.json": {"size": "two"}}, "gives no sum of config.json"),
        ({"config.json": {"rfilename": "../config.json"}}, "the hub has it not"),
    ],
)
def test_what_differs_from_what_the_hub_says_is_refused(
    at: Any, puller_of: PullerOf, lies: dict[str, Any], told: str
) -> None:
    at(hub("someone/whisper", FILES, lies))
    puller = puller_of(recogniser())
    with pytest.raises(ModelError, match=told):
        puller.ensure("whisper")
    assert puller.folder.names() == []


def test_a_pinned_sum_counts_more_than_what_the_hub_says(at: Any, puller_of: PullerOf) -> None:
    site = at(hub("someone/whisper", FILES))
    puller = puller_of(recogniser(files=(File("model.bin", 7000, "1" * 64),)))
    with pytest.raises(ModelError, match=f"expected {'1' * 64}"):
        puller.ensure("whisper")
    assert not [path for _, path, _ in site.asked if path.endswith("model.bin")]


@pytest.mark.parametrize(
    ("about", "told"),
    [
        (b"not json", "not readable"),
        (b"[]", "not readable"),
        (b'{"sha": "main", "siblings": []}', "names no commit"),
        (b'{"sha": "' + COMMIT.encode() + b'"}', "names no files"),
        (b'{"sha": "' + COMMIT.encode() + b'", "siblings": [7]}', "the hub has it not"),
        (b"x" * (17 << 20), "is larger than"),
    ],
)
def test_a_hub_that_makes_no_sense_is_refused(at: Any, puller_of: PullerOf, about: bytes, told: str) -> None:
    site = hub("someone/whisper", FILES)
    site.files["/api/models/someone/whisper/revision/main"] = about
    at(site)
    with pytest.raises(ModelError, match=told):
        puller_of(recogniser()).ensure("whisper")


def test_the_token_goes_to_the_hub_and_not_where_it_redirects_to(
    at: Any, serve: Serve, puller_of: PullerOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    elsewhere = serve(Site({"/blob": FILES["model.bin"]}))
    site = hub("someone/whisper", FILES)
    site.redirects[f"/someone/whisper/resolve/{COMMIT}/model.bin"] = f"{elsewhere.url}/blob"
    at(site)
    puller_of(recogniser()).ensure("whisper")
    assert {headers.get("authorization") for _, _, headers in site.asked} == {"Bearer hf_secret"}
    assert [headers.get("authorization") for _, _, headers in elsewhere.asked] == [None]


def test_a_broken_transfer_of_several_files_goes_on_with_the_next_pull(at: Any, puller_of: PullerOf) -> None:
    site = hub("someone/whisper", FILES)
    path = f"/someone/whisper/resolve/{COMMIT}/model.bin"
    site.cut[path] = [3000, 0, 0, 0]
    at(site)
    with pytest.raises(ModelError, match="broke off"):
        puller_of(recogniser()).ensure("whisper")
    site.cut.clear()
    site.asked.clear()
    puller_of(recogniser()).ensure("whisper")
    assert site.bodies(path) == ["bytes=3000-"]
    assert site.bodies(f"/someone/whisper/resolve/{COMMIT}/config.json") == []
