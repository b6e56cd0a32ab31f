"""Settings of the models folder, `DRAGOMAN_MODELS_*`; every service that loads models has them."""

import os
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from dragoman_models.errors import ModelError


class ModelsSettings(BaseSettings):
    """Settings for the folder of models and for fetching them."""

    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_MODELS_", extra="ignore")

    dir: str = Field("", description="Models folder; empty = ~/.cache/dragoman/models")
    mirror: str = Field(
        "",
        description="Mirror that is tried first: https://, file:///, s3://, gs:// or az://; empty = none",
    )
    fetch: bool = Field(True, description="Download missing models")
    trust_first_pull: bool = Field(
        False,
        description="Pull models whose sums the catalogue lacks, as they come first; else they are refused",
    )
    accept_licences: str = Field(
        "",
        description="Accepted non-commercial licences, comma-separated; other such models are refused",
    )

    @property
    def folder(self) -> Path:
        """The folder of models."""
        return Path(self.dir) if self.dir else default_folder()

    @property
    def accepted(self) -> frozenset[str]:
        """The licences that are accepted."""
        return frozenset(part.strip() for part in self.accept_licences.split(",") if part.strip())


def read(**own: str) -> ModelsSettings:
    """From the environment and what is given instead, for commands.

    Raises:
        ModelError: a value is none.
    """
    try:
        return ModelsSettings(**own)  # type: ignore[arg-type]
    except ValidationError as exc:
        error = exc.errors(include_input=False)[0]
        name = str(error["loc"][-1]).upper()
        raise ModelError(f"DRAGOMAN_MODELS_{name}: {error['msg']}") from None


def default_folder() -> Path:
    """Return the folder of models when no setting names one."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "dragoman" / "models"
