"""The environment of each service of a mesh."""

from pathlib import Path

import pytest

from dragoman_cli.data_folder import Secrets
from dragoman_cli.mesh_options import SERVICES, Addresses, MeshOptions, environment

SECRETS = Secrets(key="drg_k", admin_token="a", pepper="p", archive_key="r")
ADDRESSES = Addresses("nats://n", "redis://r", {service: f"of {service}" for service in SERVICES})


def given(options: MeshOptions, service: str = "edge", number: int = 0) -> dict[str, str]:
    return environment(options, service, number, Path("/port"), ADDRESSES, SECRETS)


def test_only_accounts_know_the_store_and_the_secrets() -> None:
    for service in SERVICES:
        made = given(MeshOptions(Path("/d")), service)
        assert made["DRAGOMAN_NATS_URL"] == "nats://n"
        knows = "p" in made.values() or "redis://r" in made.values() or "drg_k" in made.values()
        assert knows == (service == "accounts")


def test_each_service_has_its_own_login_and_accounts_alone_makes_streams() -> None:
    for service in SERVICES:
        made = given(MeshOptions(Path("/d")), service)
        assert (made["DRAGOMAN_NATS_USER"], made["DRAGOMAN_NATS_PASSWORD"]) == (service, f"of {service}")
        assert (made["DRAGOMAN_NATS_PROVISION"] == "true") == (service == "accounts")
        assert not {f"of {other}" for other in SERVICES if other != service} & set(made.values())


def test_the_first_replica_gets_the_port_and_the_others_any() -> None:
    options = MeshOptions(Path("/d"), port=8080, admin_port=9)
    assert [given(options, "edge", n)["DRAGOMAN_EDGE_PORT"] for n in (0, 1)] == ["8080", "0"]
    assert given(options, "accounts")["DRAGOMAN_ACCOUNTS_PORT"] == "9"
    assert given(options, "tts")["DRAGOMAN_TTS_PORT"] == "0"


def test_what_is_set_here_goes_before_ours_and_a_services_own_before_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DRAGOMAN_LOG_LEVEL", "debug")
    monkeypatch.setenv("DRAGOMAN_MODELS_DIR", "/m")
    options = MeshOptions(
        Path("/d"), environment={"DRAGOMAN_DRAIN_S": "1", "A": "1"}, of_service={"stt": {"A": "2"}}
    )
    assert (given(options)["DRAGOMAN_DRAIN_S"], given(options)["A"], given(options, "stt")["A"]) == (
        "1",
        "1",
        "2",
    )
    assert "DRAGOMAN_LOG_LEVEL" not in given(options) and given(options)["DRAGOMAN_MODELS_DIR"] == "/m"
