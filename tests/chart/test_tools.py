"""The pod of the command and the CronJob of backups: their logins, and who may talk to whom."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from dragoman_cli.processes import stop_all
from dragoman_kit.bus import connect
from dragoman_kit.ops import Health
from tests.chart.conftest import Manifest, of, render
from tests.chart.test_chart import VERSIONS
from tests.security.guarded_bus import start

ON = ("--set", "tools.enabled=true", "--set-string", "backup.schedule=17 3 * * *")


def spec(made: list[Manifest], kind: str) -> Any:
    """The pod's."""
    (found,) = [m for m in of(made, kind) if m["metadata"]["name"] in ("mesh-tools", "mesh-backup")]
    template = found["spec"]["jobTemplate"]["spec"] if kind == "CronJob" else found["spec"]
    return template["template"]["spec"]


@pytest.mark.parametrize("kind", ["Deployment", "CronJob"])
def test_it_has_the_logins_of_the_release_and_the_rules_of_restricted(kind: str) -> None:
    made = list(render(None, *ON))
    pod = spec(made, kind)
    (container,) = pod["containers"]
    known = {variable["name"]: variable for variable in container["env"]}
    assert known["DRAGOMAN_ADMIN_TOKEN"]["valueFrom"]["secretKeyRef"]["key"] == "admin-token"
    assert known["DRAGOMAN_NATS_URL"]["value"].startswith("tls://operator:$(NATS_OPERATOR)@mesh-nats")
    assert list(known).index("NATS_OPERATOR") < list(known).index("DRAGOMAN_NATS_URL")
    assert known["DRAGOMAN_NATS_CA_FILE"]["value"] == "/etc/dragoman/nats/ca.crt"
    assert container["securityContext"]["readOnlyRootFilesystem"] and pod["securityContext"]["runAsNonRoot"]
    assert pod["automountServiceAccountToken"] is False


def test_backups_go_to_a_claim_that_an_uninstall_leaves() -> None:
    made = list(render(None, *ON))
    pod = spec(made, "CronJob")
    assert pod["containers"][0]["command"][:2] == ["dragoman", "backup"]
    assert pod["containers"][0]["command"][-2:] == ["--keep", "14"]
    (claim,) = [m for m in of(made, "PersistentVolumeClaim") if m["metadata"]["name"] == "mesh-backup"]
    assert claim["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
    assert {"name": "backup", "persistentVolumeClaim": {"claimName": "mesh-backup"}} in pod["volumes"]
    own = list(render(None, *ON, "--set", "backup.claimName=mine"))
    assert not [m for m in of(own, "PersistentVolumeClaim") if m["metadata"]["name"] == "mesh-backup"]
    assert {"name": "backup", "persistentVolumeClaim": {"claimName": "mine"}} in spec(own, "CronJob")[
        "volumes"
    ]


def test_only_what_the_tools_need_is_open_to_them() -> None:
    policies = {m["metadata"]["name"]: m["spec"] for m in of(list(render(None, *ON)), "NetworkPolicy")}
    (rule,) = policies["mesh-from-tools"]["ingress"]
    assert rule["from"][0]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "tools"
    assert {port["port"] for rule in policies["mesh-tools"]["egress"] for port in rule["ports"]} == {
        8080,
        4222,
    }


def test_an_own_bus_gives_its_address_by_a_secret() -> None:
    own = ["--set", "nats.embedded=false,nats.url=tls://bus:4222,tools.natsUrlSecret=bus"]
    (container,) = spec(list(render(None, *ON, *own)), "Deployment")["containers"]
    (url,) = [variable for variable in container["env"] if variable["name"] == "DRAGOMAN_NATS_URL"]
    assert url["valueFrom"]["secretKeyRef"] == {"name": "bus", "key": "nats-url"}


def test_objects_are_valid() -> None:
    for manifest in render(None, *ON):
        if manifest["metadata"]["name"] in ("mesh-tools", "mesh-backup", "mesh-from-tools"):
            kubernetes_validate.validate(manifest, VERSIONS[1], strict=True)


def test_by_default_there_is_none() -> None:
    names = {manifest["metadata"]["name"] for manifest in render(None)}
    assert not {"mesh-tools", "mesh-backup", "mesh-from-tools"} & names


def dlq(known: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dragoman_cli", "dlq", "list"]
    return subprocess.run(
        command, env=os.environ | known, capture_output=True, text=True, timeout=60, check=False
    )


async def test_the_command_reaches_the_bus_with_these_settings(tmp_path: Path) -> None:
    bus = start(tmp_path)
    known = {
        "DRAGOMAN_NATS_URL": bus.url.replace("://", f"://operator:{bus.passwords['operator']}@"),
        "DRAGOMAN_NATS_CA_FILE": str(bus.authority),
    }
    try:
        made = await connect(bus.settings("accounts"), "accounts", Health("accounts", "test"))  # the streams
        await made.close()
        said = await asyncio.to_thread(dlq, known)
        assert (said.returncode, said.stdout.strip()) == (0, "nothing was given up"), said.stderr
        del known["DRAGOMAN_NATS_CA_FILE"]
        said = await asyncio.to_thread(dlq, known)
        assert said.returncode != 0
    finally:
        stop_all([bus.process])
