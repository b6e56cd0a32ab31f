"""The folder of a mesh: for one mesh at a time, its secrets made once and for this user alone."""

import json
from pathlib import Path

import pytest

from dragoman_cli.data_folder import Secrets, data_folder, lock, secrets_of, write
from dragoman_cli.processes import StartError


def test_it_is_where_the_user_keeps_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert data_folder() == Path("/data/dragoman")
    monkeypatch.delenv("XDG_DATA_HOME")
    assert data_folder() == Path.home() / ".local" / "share" / "dragoman"


def test_secrets_are_made_once_and_read_by_nobody_else(tmp_path: Path) -> None:
    made = secrets_of(tmp_path)
    assert secrets_of(tmp_path) == made and isinstance(made, Secrets)
    assert (
        made.key.startswith("drg_") and len({made.key, made.pepper, made.admin_token, made.archive_key}) == 4
    )
    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0


def test_secrets_of_an_older_version_stay_and_get_what_they_lack(tmp_path: Path) -> None:
    write(tmp_path / "secrets.json", {"key": "drg_k", "admin_token": "a", "pepper": "p"})
    made = secrets_of(tmp_path)
    assert (made.key, made.admin_token, made.pepper) == ("drg_k", "a", "p") and len(made.archive_key) == 48
    assert secrets_of(tmp_path) == made


def test_state_is_written_whole_over_an_older_one(tmp_path: Path) -> None:
    for number in (1, 2):
        write(tmp_path / "mesh.json", {"n": number})
    assert json.loads((tmp_path / "mesh.json").read_text()) == {"n": 2}
    assert [path.name for path in tmp_path.iterdir()] == ["mesh.json"]


def test_a_second_mesh_is_kept_out(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as first, (tmp_path / "lock").open("w") as second:
        lock(first, tmp_path)
        with pytest.raises(StartError, match="another mesh runs in"):
            lock(second, tmp_path)
