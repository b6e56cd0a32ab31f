"""Keys of hosted engines come from Secrets, to the service that uses them and nowhere else."""

import json

from tests.chart.conftest import EXAMPLES, containers, of, pods, render

HOSTED = EXAMPLES / "hosted.yaml"
DEEPL = {
    "name": "DRAGOMAN_TRANSLATION_DEEPL_KEY",
    "valueFrom": {"secretKeyRef": {"name": "hosted-engines", "key": "deepl"}},
}


def test_a_key_goes_to_its_service_alone() -> None:
    found = {
        (name, container["name"])
        for name, pod in pods(list(render(HOSTED, "--set", "services.translation.models={en-es}"))).items()
        for container in containers(pod)
        if DEEPL in container.get("env", [])
    }
    assert {container for _, container in found} == {"translation"} and len(found) == 1


def test_its_value_is_never_rendered() -> None:
    objects = render(HOSTED)
    assert not any("hosted-engines" in json.dumps(secret) for secret in of(list(objects), "Secret"))


def test_the_service_may_reach_the_engine() -> None:
    policies = {m["metadata"]["name"]: m["spec"] for m in of(list(render(HOSTED)), "NetworkPolicy")}
    ports = {
        name.partition("-")[2]: {port["port"] for rule in spec.get("egress", []) for port in rule["ports"]}
        for name, spec in policies.items()
    }
    assert 443 in ports["translation"] and 443 in ports["tts"] and 443 not in ports["edge"]
