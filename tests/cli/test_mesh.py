"""What `dragoman up` gives its services of the user's surroundings, and fetches before it starts them."""

from pathlib import Path

import pytest

from dragoman_cli.data_folder import Secrets
from dragoman_cli.mesh_options import Addresses, MeshOptions, environment
from dragoman_cli.wanted_models import MODELS, models_settings
from dragoman_models import catalogue
from dragoman_models.catalogue import SourceKind
from dragoman_models.names import candidates

SECRETS = Secrets(key="drg_k", admin_token="a", pepper="p", archive_key="r")


def test_services_keep_models_where_the_user_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", "/srv/models")
    monkeypatch.setenv("DRAGOMAN_EDGE_PORT", "1")
    options = MeshOptions(tmp_path, environment={"DRAGOMAN_MODELS_MIRROR": "file:///srv/mirror"})
    addresses = Addresses("nats://n", "redis://r", {"stt": "secret"})
    given = environment(options, "stt", 0, tmp_path / "port", addresses, SECRETS)
    assert given["DRAGOMAN_MODELS_DIR"] == "/srv/models" and "DRAGOMAN_EDGE_PORT" not in given
    settings = models_settings(options.environment)
    assert (settings.dir, settings.mirror) == ("/srv/models", "file:///srv/mirror")


def test_all_that_a_mesh_wants_can_be_had_without_a_hub() -> None:
    for wish in MODELS:
        last = candidates(wish, catalogue.load())[-1]
        assert last.sources[-1].kind is SourceKind.WHEELS, wish
