"""Typed settings from `DRAGOMAN_*` variables, refused at start when unknown or bad."""

import difflib
import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, overload

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "DRAGOMAN_"
SERVICES = ("EDGE", "ACCOUNTS", "ARCHIVE", "STT", "TRANSLATION", "TTS", "MODELS")


class CommonSettings(BaseSettings):
    """Settings that every service shares, as `DRAGOMAN_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

    nats_url: str = Field("nats://127.0.0.1:4222", description="NATS servers, comma-separated")
    nats_user: str = Field("", description="NATS user of this service")
    nats_password: SecretStr = Field(SecretStr(""), description="Password of the NATS user")
    nats_ca_file: str = Field("", description="CA bundle for TLS to NATS; empty = the system's")
    nats_replicas: int = Field(1, ge=1, le=5, description="Replicas of each stream (1 or 3)")
    nats_provision: bool = Field(True, description="Create missing streams and consumers")
    resume_window_s: float = Field(
        45, gt=0, le=600, description="Time within which a disconnected client may resume"
    )
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$")
    log_format: str = Field("json", pattern="^(json|console)$")
    otlp_endpoint: str = Field("", description="OTLP/HTTP endpoint for traces; empty = off")
    build: str = Field("dev", description="Build identity shown in /version, metrics and model_version_id")
    pod: str = Field("", description="Name of the Kubernetes pod whose deletion cost is kept; empty = off")
    drain_s: float = Field(30, ge=0, description="Longest wait for running work on shutdown")
    blocked_limit_s: float = Field(
        60,
        ge=0,
        description="A process whose event loop is blocked for so long ends, to be started again; 0 = never",
    )


class ServiceSettings(BaseSettings):
    """The base of a service's own settings: set `env_prefix="DRAGOMAN_<SERVICE>_"` in a subclass."""

    model_config = SettingsConfigDict(extra="ignore")

    host: str = Field(
        "127.0.0.1", description="Address on which the HTTP server listens; `::` = all, of IPv6 and IPv4"
    )
    port: int = Field(0, ge=0, le=65535, description="HTTP port; 0 = any free port")
    port_file: str = Field("", description="File to which the actual port is written; empty = none")


S = TypeVar("S", bound=BaseSettings)
S2 = TypeVar("S2", bound=BaseSettings)
S3 = TypeVar("S3", bound=BaseSettings)


@overload
def load(first: type[S], /) -> tuple[S]: ...
@overload
def load(first: type[S], second: type[S2], /) -> tuple[S, S2]: ...
@overload
def load(first: type[S], second: type[S2], third: type[S3], /) -> tuple[S, S2, S3]: ...
def load(*classes: type[BaseSettings]) -> tuple[BaseSettings, ...]:
    """Read the settings classes from the environment.

    Raises: SystemExit (status 2) after a message if one is wrong.
    """
    problems = unknown_variables(os.environ, classes)
    loaded: list[BaseSettings] = []
    for cls in classes:
        wrong = [line for part in parts(cls) for line in _read(part)[1]]
        made, why = (None, wrong) if wrong else _read(cls)
        problems += why
        loaded += [made] if made is not None else []
    if problems:
        print("dragoman: the settings are not usable:", *problems, sep="\n  ", file=sys.stderr)  # noqa: T201
        raise SystemExit(2)
    return tuple(loaded)


def unknown_variables(environ: Mapping[str, str], classes: Iterable[type[BaseSettings]]) -> list[str]:
    """A message for every `DRAGOMAN_*` variable that neither these classes nor another service could mean."""
    every: list[type[BaseSettings]] = [*classes, CommonSettings]
    every += [part for cls in every for part in parts(cls)]
    known = {_variable(cls, name) for cls in every for name in cls.model_fields}
    mine = {_prefix(cls) for cls in every}
    others = tuple(f"{PREFIX}{s}_" for s in SERVICES if f"{PREFIX}{s}_" not in mine)
    suspects = [v for v in environ if v.upper().startswith(PREFIX) and v.upper() not in known]
    return [_unknown(v, known) for v in sorted(suspects) if not v.upper().startswith(others)]


def parts(cls: type[BaseSettings]) -> list[type[BaseSettings]]:
    """The settings classes that are fields of a settings class: each reads variables of its own prefix."""
    kinds: list[Any] = [info.annotation for info in cls.model_fields.values()]
    return [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseSettings)]


def _read(cls: type[BaseSettings]) -> tuple[BaseSettings | None, list[str]]:
    """The settings from the environment, or what is wrong with them."""
    try:
        return cls(), []
    except ValidationError as exc:
        return None, _explain(cls, exc)


def _unknown(variable: str, known: set[str]) -> str:
    close = difflib.get_close_matches(variable.upper(), known, n=1)
    return f"{variable} is unknown" + (f"; did you mean {close[0]}?" if close else "")


def _explain(cls: type[BaseSettings], exc: ValidationError) -> list[str]:
    """One line an error; never the value, which may be a secret."""
    names = [_variable(cls, str(e["loc"][0])) if e["loc"] else cls.__name__ for e in exc.errors()]
    return [f"{name}: {e['msg']}" for name, e in zip(names, exc.errors(), strict=True)]


def _prefix(cls: type[BaseSettings]) -> str:
    return str(cls.model_config.get("env_prefix", "")).upper()


def _variable(cls: type[BaseSettings], name: str) -> str:
    return _prefix(cls) + name.upper()
