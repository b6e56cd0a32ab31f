"""A mirror is asked first, read as it was written, and believed no more than its sums."""

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dragoman_models import catalogue, mirror
from dragoman_models.errors import ModelError
from dragoman_models.folder import ModelFolder
from dragoman_models.pull import Puller
from tests.models.conftest import FILES, PullerOf, Serve, digest, model, packed, site_of
from tests.models.servers import Site
from tests.models.test_pull import contents

pytestmark = pytest.mark.integration

NOWHERE = "http://127.0.0.1:9/none"


@pytest.fixture
def written(serve: Serve, tmp_path: Path) -> Path:
    """A mirror of one model, as `dragoman models mirror` writes it."""
    known = catalogue.Catalogue({"small-en-es": model(serve(site_of()).url + "/models")})
    puller = Puller(ModelFolder(tmp_path / "first", known), known)
    puller.ensure("small-en-es")
    said: list[str] = []
    for _ in range(2):
        mirror.write(puller.folder.installed(), puller.folder, tmp_path / "mirror", said.append)
    assert said == ["small-en-es: copied", "small-en-es: already there"]
    return tmp_path / "mirror"


def test_a_mirror_that_was_written_is_read_over_http(
    written: Path, serve: Serve, puller_of: PullerOf
) -> None:
    site = serve(Site().add(written, "/m"))
    puller = puller_of(model(NOWHERE), mirror=f"{site.url}/m/")
    assert contents(puller.ensure("en-es")) == FILES
    assert puller.folder.installed()[0].sources == model(NOWHERE).sources


def test_a_mirror_may_be_a_folder(written: Path, puller_of: PullerOf) -> None:
    puller = puller_of(model(NOWHERE), mirror=written.as_uri())
    assert contents(puller.ensure("en-es")) == FILES


def test_a_transfer_from_a_mirror_goes_on_after_a_break(
    written: Path, serve: Serve, puller_of: PullerOf
) -> None:
    site = Site().add(written)
    site.cut["/small-en-es/model.bin"] = [500_000]
    serve(site)
    assert contents(puller_of(model(NOWHERE), mirror=site.url).ensure("en-es")) == FILES
    assert site.bodies("/small-en-es/model.bin") == ["", "bytes=500000-"]


def test_a_mirror_may_hold_packed_files(written: Path, serve: Serve, puller_of: PullerOf) -> None:
    told = json.loads((written / "small-en-es" / "model.json").read_text())
    items = [
        {"name": f"{path}.gz", "path": path, "size": len(packed(data)), "sha256": digest(packed(data))}
        for path, data in FILES.items()
    ]
    told["sources"] = [{"kind": "site", "where": "", "items": items}]
    site = Site({f"/small-en-es/{path}.gz": packed(data) for path, data in FILES.items()})
    site.files["/small-en-es/model.json"] = json.dumps(told).encode()
    puller = puller_of(model(NOWHERE), mirror=serve(site).url)
    assert contents(puller.ensure("en-es")) == FILES


def test_a_model_that_only_the_mirror_knows_can_be_had(
    written: Path, serve: Serve, puller_of: PullerOf
) -> None:
    site = serve(Site().add(written))
    puller = puller_of(mirror=site.url)
    assert contents(puller.ensure("en-es")) == FILES
    for wish in ("another", "../../etc"):
        with pytest.raises(ModelError, match="is unknown"):
            puller.ensure(wish)
    assert [path for _, path, _ in site.asked].count("/catalogue.json") == 1


def test_of_a_pair_the_mirrors_model_goes_first(
    written: Path, serve: Serve, puller_of: PullerOf, lines: list[str]
) -> None:
    better = model(NOWHERE, "better", quality=(catalogue.Quality("en", "es", 90.0),))
    puller = puller_of(better, model(NOWHERE), mirror=serve(Site().add(written)).url)
    assert puller.ensure("en-es").name == "small-en-es"
    assert lines == []


def test_what_is_there_is_used_without_asking_the_mirror(
    written: Path, serve: Serve, puller_of: PullerOf
) -> None:
    site = serve(Site().add(written))
    puller_of(mirror=site.url).ensure("en-es")
    site.asked.clear()
    assert contents(puller_of(mirror=site.url).ensure("en-es")) == FILES
    assert site.asked == []


@pytest.mark.parametrize("data", [b"{}", b"\xff", b'[{"name": "../evil"}]', b"[" * 100_000])
def test_a_mirrors_catalogue_that_makes_no_sense_is_none(
    written: Path, serve: Serve, puller_of: PullerOf, data: bytes
) -> None:
    (written / "catalogue.json").write_bytes(data)
    puller = puller_of(model(NOWHERE), mirror=serve(Site().add(written)).url)
    assert contents(puller.ensure("en-es")) == FILES


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("model.bin", b"x" * len(FILES["model.bin"]), "has sha256"),
        ("model.bin", b"short", "bytes, expected"),
        ("lex.bin", b"y" * len(FILES["lex.bin"]), "has sha256"),
        ("model.json", b"{}", "is not usable"),
        ("model.json", b"\xff\xfe", "is not usable"),
        ("model.json", b"x" * (2 << 20), "is larger than"),
    ],
)
def test_a_mirror_that_lies_is_told_and_the_source_of_the_catalogue_is_asked(
    written: Path, serve: Serve, puller_of: PullerOf, name: str, data: bytes, told: str
) -> None:
    (written / "small-en-es" / name).write_bytes(data)
    site = serve(Site().add(written))
    with pytest.raises(ModelError, match=f"mirror: .*{told}.*; site: .* does not answer"):
        puller_of(model(NOWHERE), mirror=site.url).ensure("en-es")
    good = model(serve(site_of()).url + "/models")
    assert contents(puller_of(good, mirror=site.url).ensure("en-es")) == FILES


def changed(written: Path, **changes: object) -> None:
    path = written / "small-en-es" / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_mirror_cannot_change_what_the_catalogue_pins(
    written: Path, serve: Serve, puller_of: PullerOf
) -> None:
    """It swaps the weights and says their new sum."""
    data = b"evil"
    (written / "small-en-es" / "model.bin").write_bytes(data)
    files = [{"path": "model.bin", "size": len(data), "sha256": digest(data)}]
    changed(written, files=files)
    with pytest.raises(ModelError, match=f"bytes, expected {len(FILES['model.bin'])}"):
        puller_of(model(NOWHERE), mirror=serve(Site().add(written)).url).ensure("en-es")


@pytest.mark.parametrize("path", ["../../evil", "/etc/evil", "a\\b", "c:evil", "model.json", "a//b", "."])
def test_a_mirror_cannot_write_outside_the_models_folder(
    written: Path, serve: Serve, puller_of: PullerOf, path: str
) -> None:
    changed(written, files=[{"path": path, "size": 4, "sha256": digest(b"evil")}])
    with pytest.raises(ModelError, match="is not a path of a file of a model"):
        puller_of(model(NOWHERE), mirror=serve(Site().add(written)).url).ensure("en-es")


def test_a_mirror_without_a_pinned_file_has_not_got_it(
    written: Path, serve: Serve, puller_of: PullerOf
) -> None:
    changed(written, files=[{"path": "lex.bin", "size": 4, "sha256": digest(b"evil")}])
    with pytest.raises(ModelError, match=r"its small-en-es has no model\.bin"):
        puller_of(model(NOWHERE), mirror=serve(Site().add(written)).url).ensure("en-es")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://127.0.0.1:9/m", r"mirror: 127\.0\.0\.1:9 does not answer"),
        ("ftp://somewhere/m", "ftp://somewhere/m is not an address: use https://"),
        ("file:///none/such", "the mirror has it not"),
        ("http://user:secret@127.0.0.1:9/m?sig=secret", "does not answer"),
    ],
)
def test_a_mirror_that_is_none_is_told_without_its_password(
    puller_of: PullerOf, address: str, told: str
) -> None:
    with pytest.raises(ModelError, match=told) as caught:
        puller_of(model(NOWHERE), mirror=address).ensure("en-es")
    assert "secret" not in str(caught.value)


def test_a_damaged_model_is_not_mirrored(written: Path, tmp_path: Path) -> None:
    folder = ModelFolder(tmp_path / "first")
    (tmp_path / "first" / "small-en-es" / "lex.bin").write_bytes(b"?")
    with pytest.raises(ModelError, match="has sha256"):
        mirror.write(folder.installed(), folder, tmp_path / "other", print)


def test_a_mirror_in_an_object_store(
    written: Path, serve: Serve, puller_of: PullerOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over the protocol of S3, piece by piece."""
    monkeypatch.setattr("dragoman_models.places.PIECE", 100_000)
    site = serve(Site().add(written, "/bucket/models"))
    for name, value in {
        "AWS_ENDPOINT": site.url,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "eu-west-1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NO_PROXY", urlsplit(site.url).hostname or "")
    puller = puller_of(model(NOWHERE), mirror="s3://bucket/models")
    assert contents(puller.ensure("en-es")) == FILES
    assert "AWS4-HMAC-SHA256 Credential=key/" in site.asked[0][2]["authorization"]
    site.status["/bucket/models/small-en-es/model.json"] = 403
    (puller.folder.path / "small-en-es" / "lex.bin").unlink()
    with pytest.raises(ModelError, match=r"mirror: s3://bucket/models/small-en-es does not give") as caught:
        puller.ensure("en-es")
    assert "secret" not in str(caught.value)


def test_an_object_store_without_its_package_says_what_to_install(
    puller_of: PullerOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "obstore.store", None)
    with pytest.raises(ModelError, match=r"needs the package obstore: pip install 'dragoman-models\[object"):
        puller_of(replace(model(NOWHERE)), mirror="s3://bucket/models").ensure("en-es")
