"""Settings of the archive service, as `DRAGOMAN_ARCHIVE_<NAME>`."""

import json
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from dragoman_archive.recordings.store import AudioStore
from dragoman_kit.hosted import HostedSettings
from dragoman_kit.settings import ServiceSettings

SCHEMES = ("postgresql", "postgres")
SECRET = 16  # characters, at least
STORES = ("file", "s3", "s3a", "gs", "az", "azure", "abfs", "abfss")


class SummariserSettings(HostedSettings):
    """Settings of the summariser over HTTP, by OpenAI's API; without an address summaries are extractive."""

    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_ARCHIVE_SUMMARISER_", extra="ignore")

    timeout_s: float = Field(60, gt=0, le=300, description="Time-out of a request")
    at_once: int = Field(2, ge=1, le=256, description="Concurrent requests")
    model: str = Field("", description="Name of the model")
    max_tokens: int = Field(1500, ge=50, le=32_000, description="Maximum length of a summary in tokens")
    part_characters: int = Field(
        24_000,
        ge=500,
        le=1_000_000,
        description="Characters of a transcript in a request; more go in parts",
    )
    extra: dict[str, Any] = Field({}, description="Additional request fields as JSON; null removes a field")


class ArchiveSettings(ServiceSettings):
    """Settings of the archive service: its database, and how much is done at once."""

    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_ARCHIVE_", extra="ignore")

    database_url: SecretStr = Field(
        SecretStr(""), description="postgresql://USER:PASSWORD@HOST/DATABASE; empty = SQLite in `DATA_DIR`"
    )
    key: SecretStr = Field(
        description="Secret that protects what is kept; at least 16 characters. Nothing opens without it"
    )
    old_keys: SecretStr = Field(
        SecretStr(""), description="Earlier secrets, comma-separated, until a start with the new one is done"
    )
    data_dir: str = Field("archive", description="Folder of the SQLite database")
    audio_url: str = Field(
        "",
        description="Store of recordings: file:///FOLDER, s3://BUCKET/PREFIX, gs://…, az://…; "
        "empty = the folder audio in `DATA_DIR`",
    )
    audio_options: SecretStr = Field(
        SecretStr("{}"),
        description="Options of that store as JSON: endpoint, region, access_key_id, secret_access_key, …",
    )
    audio_timeout_s: float = Field(
        10, gt=0, le=60, description="Time-out of a request to the store of recordings"
    )
    audio_concurrency: int = Field(
        4, ge=1, le=64, description="Pieces of recordings that are stored concurrently"
    )
    database_connections: int = Field(8, ge=1, le=200, description="Maximum number of database connections")
    database_timeout_s: float = Field(
        5, gt=0, le=60, description="Time-out of connecting to the database and of waiting for a connection"
    )
    concurrency: int = Field(4, ge=1, le=64, description="Records that are stored concurrently")
    rpc_concurrency: int = Field(
        64, ge=1, le=10_000, description="Maximum number of concurrent requests over the bus"
    )
    sweep_s: float = Field(
        60, gt=0, le=3600, description="Interval of the search for tasks whose time is over"
    )

    webhook_concurrency: int = Field(8, ge=1, le=256, description="Webhooks that are sent concurrently")
    webhook_private: bool = Field(
        False,
        description="Let webhooks go to private addresses and over plain HTTP",
    )
    summariser: SummariserSettings = Field(default_factory=SummariserSettings)

    @field_validator("database_url")
    @classmethod
    def _known(cls, url: SecretStr) -> SecretStr:
        scheme, separator, _ = url.get_secret_value().partition("://")
        if url.get_secret_value() and (not separator or scheme not in SCHEMES):
            raise ValueError("the URL of the database begins with postgresql://")
        return url

    @field_validator("audio_url")
    @classmethod
    def _store(cls, url: str) -> str:
        if url and url.partition("://")[0] not in STORES:
            raise ValueError(f"the URL of the store begins with one of {', '.join(STORES)} and ://")
        return url

    @field_validator("audio_options")
    @classmethod
    def _options(cls, options: SecretStr) -> SecretStr:
        try:
            known = json.loads(options.get_secret_value() or "{}")
        except ValueError:
            known = None
        if not isinstance(known, dict):
            raise ValueError("the options of the store are a JSON object")
        return options

    @model_validator(mode="after")
    def _long_enough(self) -> "ArchiveSettings":
        if any(len(secret) < SECRET for secret in self.secrets()):
            raise ValueError(f"a key has at least {SECRET} characters")
        return self

    def secrets(self) -> list[str]:
        """Return the secrets of the operator's keys, the newest first."""
        older = self.old_keys.get_secret_value().split(",")
        return [self.key.get_secret_value(), *(secret.strip() for secret in older if secret.strip())]

    def store(self) -> AudioStore:
        """Return the store of recordings.

        Raises:
            ValueError: an option is none of its kind.
        """
        url = self.audio_url or f"file://{Path(self.data_dir).resolve() / 'audio'}"
        options = json.loads(self.audio_options.get_secret_value() or "{}")
        return AudioStore(url, options, self.audio_timeout_s)

    def url(self) -> str:
        """Return the database's URL in SQLAlchemy's form."""
        given = self.database_url.get_secret_value()
        if given:
            return "postgresql+asyncpg://" + given.partition("://")[2]
        return f"sqlite+aiosqlite:///{Path(self.data_dir).resolve() / 'archive.sqlite3'}"
