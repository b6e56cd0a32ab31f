"""What `dragoman up` gives its services of the user's surroundings, and fetches before it starts them."""

from pathlib import Path

import pytest

from dragoman_cli.mesh import MODELS, Mesh, MeshOptions
from dragoman_models import catalogue
from dragoman_models.catalogue import SourceKind
from dragoman_models.names import candidates


def test_services_keep_models_where_the_user_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", "/srv/models")
    monkeypatch.setenv("DRAGOMAN_EDGE_PORT", "1")
    mesh = Mesh(MeshOptions(tmp_path, environment={"DRAGOMAN_MODELS_MIRROR": "file:///srv/mirror"}), print)
    given = mesh._environment("stt", 0, tmp_path / "port")
    assert given["DRAGOMAN_MODELS_DIR"] == "/srv/models" and "DRAGOMAN_EDGE_PORT" not in given
    settings = mesh._models_settings()
    assert (settings.dir, settings.mirror) == ("/srv/models", "file:///srv/mirror")


def test_all_that_a_mesh_wants_can_be_had_without_a_hub() -> None:
    for wish in MODELS:
        last = candidates(wish, catalogue.load())[-1]
        assert last.sources[-1].kind is SourceKind.WHEELS, wish
