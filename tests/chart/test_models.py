"""Models that pods fetch, or find: init containers, folders, ways out."""

from typing import Any

from tests.chart.conftest import HERE, Manifest, of, pods, render


def deployment(objects: tuple[Manifest, ...], service: str) -> dict[str, Any]:
    """The pod of a service, by the end of its name."""
    found = [pod for name, pod in pods(list(objects)).items() if name.endswith(f"-{service}")]
    assert len(found) == 1
    return dict(found[0]["spec"])


def environment(container: dict[str, Any]) -> dict[str, str]:
    """The variables that have a plain value."""
    return {entry["name"]: entry.get("value", "") for entry in container["env"]}


def test_each_service_fetches_the_models_that_it_names_from_the_mirror() -> None:
    objects = render(HERE / "everything.yaml")
    for service, names in {"stt": ["base"], "translation": ["en-es", "es-en"]}.items():
        spec = deployment(objects, service)
        (fetching,) = spec["initContainers"]
        assert fetching["command"] == [
            "python",
            "-m",
            "dragoman_models",
            "pull",
            "--folder",
            "/models",
            *names,
        ]
        assert environment(fetching)["DRAGOMAN_MODELS_MIRROR"] == "https://models.example.com:8443/dragoman"
        assert environment(fetching)["DRAGOMAN_MODELS_ACCEPT_LICENCES"] == "CC-BY-NC-4.0"
        (own,) = spec["containers"]
        assert environment(own)["DRAGOMAN_MODELS_DIR"] == "/models"
        assert {"name": "models", "mountPath": "/models", "readOnly": True} in own["volumeMounts"]
    assert environment(deployment(objects, "stt")["containers"][0])["DRAGOMAN_STT_MODEL"] == "base"


def test_who_names_no_model_has_no_init_container_and_uses_those_of_the_image() -> None:
    for service in ("stt", "translation", "tts"):
        spec = deployment(render(), service)
        assert "initContainers" not in spec
        assert "DRAGOMAN_MODELS_DIR" not in environment(spec["containers"][0])


def test_a_claim_is_read_by_all_three_and_written_only_by_who_fetches() -> None:
    options = ("--set", "models.volume=claim,models.claimName=kept,services.translation.models[0]=en-es")
    objects = render(None, *options)
    for service, read_only in {"stt": True, "translation": False, "tts": True}.items():
        (volume,) = [v for v in deployment(objects, service)["volumes"] if v["name"] == "models"]
        assert volume["persistentVolumeClaim"] == {"claimName": "kept", "readOnly": read_only}


def test_only_who_fetches_may_reach_the_mirror() -> None:
    objects = list(render(HERE / "everything.yaml", "--set", "defaults.egress=null"))
    policies = {m["metadata"]["name"]: m["spec"] for m in of(objects, "NetworkPolicy")}
    ports = {
        name: {port["port"] for rule in spec.get("egress", []) for port in rule["ports"]}
        for name, spec in policies.items()
    }
    reaching = {name.rpartition("-")[2] for name, open_ports in ports.items() if {443, 8443} <= open_ports}
    assert reaching == {"stt", "translation"}
