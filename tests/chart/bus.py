"""nats-server with the users and permissions that the chart gives it, for meshes of processes."""

import base64
from collections.abc import Iterable
from pathlib import Path

from tests.chart.conftest import Manifest, of

SERVICES = ("edge", "accounts", "archive", "stt", "translation", "tts")


def configuration(manifests: Iterable[Manifest]) -> tuple[str, dict[str, str]]:
    """nats.conf of a rendered chart, and the passwords of its users."""
    (config,) = [m for m in of(list(manifests), "ConfigMap") if "nats.conf" in m["data"]]
    (secret,) = [m for m in of(list(manifests), "Secret") if m["metadata"]["name"].endswith("-nats-users")]
    return config["data"]["nats.conf"], {k: base64.b64decode(v).decode() for k, v in secret["data"].items()}


def certificates(manifests: Iterable[Manifest], server: str, folder: Path) -> Path:
    """Write the files of a server's Secret of TLS; the folder they are in."""
    named = f"-{server}-tls"
    (secret,) = [m for m in of(list(manifests), "Secret") if m["metadata"]["name"].endswith(named)]
    made = folder / f"{server}-tls"
    made.mkdir()
    for name, value in secret["data"].items():
        (made / name).write_bytes(base64.b64decode(value))
    return made


def violations(folder: Path) -> list[str]:
    """What the servers of a mesh refused, from their logs.

    Not the answers: a server that was restarted has forgotten who was asked, and refuses late ones.
    """
    logs = [log.read_text(errors="replace") for log in folder.glob("nats*/nats-server.log")]
    assert logs, "the bus has written no log"
    refused = [line for text in logs for line in text.splitlines() if "violation" in line.lower()]
    return [line for line in refused if 'Subject "_INBOX.' not in line]
