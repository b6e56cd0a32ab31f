"""The settings that the chart gives are ones that the services take."""

import os
from typing import Any

import pytest

from dragoman_kit.settings import CommonSettings, load
from scripts.settings_table import SETTINGS
from tests.chart.conftest import MATRIX, of, render


@pytest.mark.parametrize("name", MATRIX)
@pytest.mark.parametrize("service", ["edge", "accounts", "archive", "stt", "translation", "tts"])
def test_the_service_takes_its_settings(name: str, service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import import_module

    deployments = of(list(render(MATRIX[name])), "Deployment", "StatefulSet")
    (mine,) = [d for d in deployments if d["metadata"]["labels"]["app.kubernetes.io/component"] == service]
    (container,) = mine["spec"]["template"]["spec"]["containers"]
    for variable in [v for v in os.environ if v.startswith("DRAGOMAN_")]:
        monkeypatch.delenv(variable)
    for variable in container["env"]:
        secret = (
            "postgresql://user:word@host/name"
            if "DATABASE_URL" in variable["name"]
            else "a-secret-of-some-length"
        )
        monkeypatch.setenv(variable["name"], variable.get("value", secret))
    module, _, settings = SETTINGS[service].partition(":")
    cls: Any = getattr(import_module(module), settings)
    load(cls, CommonSettings)
