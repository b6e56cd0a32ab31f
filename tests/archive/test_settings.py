"""Settings name a database that there is."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from dragoman_archive.settings import ArchiveSettings
from tests.archive.support import SECRET


def test_without_an_url_the_database_is_a_file_of_the_data_folder(tmp_path: Path) -> None:
    settings = ArchiveSettings(key=SecretStr(SECRET), data_dir=str(tmp_path))
    assert settings.url() == f"sqlite+aiosqlite:///{tmp_path}/archive.sqlite3"


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_an_url_of_postgresql_is_taken_whole(scheme: str) -> None:
    settings = ArchiveSettings(
        key=SecretStr(SECRET), database_url=SecretStr(f"{scheme}://u:p%40@db:5432/dragoman?ssl=require")
    )
    assert settings.url() == "postgresql+asyncpg://u:p%40@db:5432/dragoman?ssl=require"


def test_old_secrets_come_behind_the_new_one() -> None:
    settings = ArchiveSettings(key=SecretStr(SECRET), old_keys=SecretStr(f"{'a' * 16}, {'b' * 16},"))
    assert settings.secrets() == [SECRET, "a" * 16, "b" * 16]


@pytest.mark.parametrize(("key", "old"), [("short", ""), (SECRET, "short"), ("", "")])
def test_a_short_secret_is_refused_without_telling_it(key: str, old: str) -> None:
    with pytest.raises(ValidationError, match="at least 16 characters") as caught:
        ArchiveSettings(key=SecretStr(key), old_keys=SecretStr(old))
    assert "short" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql://db/x", "sqlite:///x", "db.example.com", "postgresql+psycopg://x"])
def test_another_kind_of_database_is_refused_without_telling_the_password(url: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ArchiveSettings(key=SecretStr(SECRET), database_url=SecretStr(url))
    assert "begins with postgresql://" in str(caught.value) and url not in str(caught.value)


async def test_recordings_lie_in_the_data_folder_unless_another_store_is_named(tmp_path: Path) -> None:
    settings = ArchiveSettings(key=SecretStr(SECRET), data_dir=str(tmp_path))
    assert settings.store().folder == tmp_path / "audio"
    elsewhere = ArchiveSettings(key=SecretStr(SECRET), audio_url=f"file://{tmp_path}/other")
    assert elsewhere.store().folder == tmp_path / "other"
    bucket = ArchiveSettings(
        key=SecretStr(SECRET), audio_url="s3://bucket/x", audio_options=SecretStr('{"region": "eu-west-1"}')
    )
    assert bucket.store().folder is None


@pytest.mark.parametrize(("url", "options"), [
    ("ftp://host/x", "{}"), ("bucket", "{}"), ("s3://bucket", "PASSWORD"), ("s3://bucket", '["PASSWORD"]'),
])  # fmt: skip
def test_a_store_that_there_is_not_is_refused_without_telling_its_secrets(url: str, options: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ArchiveSettings(key=SecretStr(SECRET), audio_url=url, audio_options=SecretStr(options))
    assert "PASSWORD" not in str(caught.value)
