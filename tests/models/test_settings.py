"""Where models are, as the environment says."""

from pathlib import Path

import pytest

from dragoman_models.errors import ModelError
from dragoman_models.settings import ModelsSettings, default_folder, read


def test_the_folder_is_the_one_that_is_set_or_the_users_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRAGOMAN_MODELS_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert ModelsSettings().folder == default_folder() == Path("/cache/dragoman/models")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_folder() == Path.home() / ".cache" / "dragoman" / "models"
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", "/srv/models")
    assert ModelsSettings().folder == Path("/srv/models")


def test_licences_are_a_list() -> None:
    assert read(accept_licences=" CC-BY-NC-4.0, x,,").accepted == {"CC-BY-NC-4.0", "x"}


def test_a_bad_value_is_told_by_its_variable_and_not_repeated() -> None:
    with pytest.raises(ModelError, match=r"^DRAGOMAN_MODELS_FETCH: ") as caught:
        read(fetch="secret")
    assert "secret" not in str(caught.value)
