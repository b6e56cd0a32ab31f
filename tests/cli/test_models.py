"""`dragoman models` against a mirror on this machine, as a user runs it."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dragoman_cli.main import main
from dragoman_models.catalogue import Item, Kind, Model, Quality, Source, SourceKind
from dragoman_models.folder import ModelFolder, manifest, write_manifest
from dragoman_models.mirror import write
from tests.models.servers import Site, serving

pytestmark = pytest.mark.integration

WEIGHTS = bytes(range(256)) * 8000
NOWHERE = Source(SourceKind.SITE, "http://127.0.0.1:9", (Item("model.bin"),))


def entry(name: str, source: str, target: str, **changes: object) -> Model:
    values: dict[str, object] = {"licence": "MIT", "sources": (NOWHERE,), **changes}
    return Model(
        name,
        Kind.TRANSLATOR,
        "bergamot",
        directions=((source, target),),
        quality=(Quality(source, target, 70.0, origin="measured"),),
        settings=(("architecture", "tiny"),),
        **values,  # type: ignore[arg-type]
    )


MODELS = (
    entry("own-en-ga", "en", "ga"),
    entry("own-ga-en", "ga", "en"),
    entry("own-en-cy", "en", "cy", licence="CC-BY-NC-4.0", commercial=False),
)


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Site]:
    """A mirror of three models that nobody else has."""
    made = ModelFolder(tmp_path / "made")
    for model in MODELS:
        folder = made.path / model.name
        folder.mkdir(parents=True)
        (folder / "model.bin").write_bytes(WEIGHTS)
        (folder / "vocab.spm").write_bytes(b"words")
        write_manifest(manifest(model, folder), folder)
    write(made.installed(), made, tmp_path / "mirror", print)
    with serving(Site().add(tmp_path / "mirror")) as site:
        yield site


class Models:
    """`dragoman models …` with a folder, a mirror, and no way to anything else."""

    def __init__(self, folder: Path, mirror: str) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
        self.environment = kept | {
            "DRAGOMAN_MODELS_DIR": str(folder),
            "DRAGOMAN_MODELS_MIRROR": mirror,
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "NO_PROXY": "127.0.0.1",
            "COLUMNS": "160",
            "TERM": "dumb",
        }

    def __call__(self, *words: str, module: str = "dragoman_cli") -> "subprocess.CompletedProcess[str]":
        first = ["models"] if module == "dragoman_cli" else []
        command = [sys.executable, "-m", module, *first, *words]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=60, env=self.environment, check=False
        )


@pytest.fixture
def models(mirror: Site, tmp_path: Path) -> Models:
    return Models(tmp_path / "models", mirror.url)


def told(said: "subprocess.CompletedProcess[str]") -> str:
    return " ".join((said.stdout + said.stderr).split())


def test_models_are_listed_pulled_verified_mirrored_and_removed(
    models: Models, mirror: Site, tmp_path: Path
) -> None:
    said = models("list", "--to", "ga")
    assert "own-en-ga" in said.stdout and "opus-mt" not in said.stdout and "✓" not in said.stdout

    mirror.cut["/own-en-ga/model.bin"] = [1_000_000]
    said = models("pull", "en-ga", "--pairs", "ga-en")
    assert said.returncode == 0, said.stderr
    assert f"own-en-ga: {models.folder / 'own-en-ga'} (sha256 right)" in told(said)
    assert "own-en-ga: 2 MB, MIT" in told(said)
    assert mirror.bodies("/own-en-ga/model.bin") == ["", "bytes=1000000-"]
    assert (models.folder / "own-ga-en" / "model.bin").read_bytes() == WEIGHTS

    said = models("list", "--installed", "--kind", "translation")
    assert said.stdout.count("✓") == 2 and "own-ga-en" in said.stdout

    assert told(models("verify")) == "own-en-ga: right own-ga-en: right"
    (models.folder / "own-ga-en" / "vocab.spm").write_bytes(b"Words")
    said = models("verify")
    assert said.returncode == 1
    assert "own-en-ga: right" in told(said) and "vocab.spm has sha256" in told(said)

    said = models("mirror", str(tmp_path / "second"), "own-en-ga")
    assert said.returncode == 0 and "own-en-ga: copied" in said.stdout
    again = Models(tmp_path / "third", (tmp_path / "second").as_uri())
    assert again("pull", "en-ga").returncode == 0
    assert again("pull", "ga-en").returncode == 1

    assert told(models("remove", "own-en-ga")) == "own-en-ga: removed"
    assert not (models.folder / "own-en-ga").exists()


def test_a_licence_is_asked_for(models: Models) -> None:
    said = models("pull", "own-en-cy")
    assert said.returncode == 1
    assert "own-en-cy is under CC-BY-NC-4.0, not for commercial use: accept it with --accept-" in told(said)
    assert models("pull", "own-en-cy", "--accept-licence").returncode == 0


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("pull",), "say which"),
        (("pull", "own-en-g"), "did you mean own-en-ga"),
        (("pull", "en-ga", "nonsense"), "'nonsense' is unknown"),
        (("pull", "firefox-en-es-tiny"), "the mirror has it not; site: "),
        (("remove", "base"), "model 'base' is not installed"),
        (("mirror", "/dev/null/x", "en-ga"), "cannot be written to"),
        (("mirror", "/tmp/none"), "no model is installed"),
        (("list", "--kind", "poem"), "kind 'poem' is unknown"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    models: Models,
    words: tuple[str, ...],
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In this process: a new one for each would take long."""
    monkeypatch.setattr(sys, "argv", ["dragoman", "models", *words])
    for name, value in models.environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        main()
    error = capsys.readouterr().err
    assert ended.value.code == 1
    assert line in " ".join(error.split())
    assert error.count("dragoman: ") == 1 and "Traceback" not in error


def test_of_several_names_none_is_fetched_when_one_is_unknown(models: Models, mirror: Site) -> None:
    assert models("pull", "en-ga", "nonsense").returncode == 1
    assert not [path for _, path, _ in mirror.asked if path.endswith("model.bin")]


def test_a_mirror_that_lies_leaves_nothing(models: Models, mirror: Site) -> None:
    mirror.files["/own-en-ga/model.bin"] = WEIGHTS[:-1] + b"?"
    said = models("pull", "en-ga")
    assert said.returncode == 1
    wanted = hashlib.sha256(WEIGHTS).hexdigest()
    assert f"expected {wanted}" in told(said)
    assert [path.name for path in models.folder.iterdir()] == [".pulling"]


def test_the_module_does_the_same_for_images(models: Models, tmp_path: Path) -> None:
    def module(*words: str) -> "subprocess.CompletedProcess[str]":
        return models(*words, module="dragoman_models")

    folder = str(tmp_path / "other")
    said = module("pull", "--folder", folder, "en-ga", "--pairs", "ga-en")
    assert said.returncode == 0 and said.stderr.count("(sha256 right)") == 2
    assert module("pull", "--folder", folder, "en-ga").stderr == ""
    assert module("list", "--folder", folder).stdout.split() == ["own-en-ga", "own-ga-en"]
    assert module("verify", "--folder", folder).returncode == 0
    assert module("mirror", "--folder", folder, str(tmp_path / "m")).returncode == 0
    assert (tmp_path / "m" / "catalogue.json").exists()
    assert module("remove", "--folder", folder, "own-en-ga").returncode == 0
    said = module("pull", "--optional", "--folder", folder, "nonsense", "own-en-ga")
    assert said.returncode == 0 and "'nonsense' is unknown" in said.stderr
    said = module("pull", "--folder", folder, "nonsense")
    assert said.returncode == 1 and said.stderr.startswith("dragoman-models: model 'nonsense'")
