"""A mesh on one machine: what to start, and the environment of each of its services."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from dragoman_cli.bus_users import login
from dragoman_cli.data_folder import Secrets

SERVICES = ("accounts", "archive", "stt", "translation", "tts", "edge")


@dataclass
class MeshOptions:
    """Parts and places of a mesh to start. A port of 0 = any free one; a replica count is 1 unless named."""

    folder: Path
    port: int = 8080
    admin_port: int = 0
    nats_port: int = -1
    nats_nodes: int = 1  # 3 = a cluster that survives the loss of one
    nats_monitor: int = 0  # port of the first node's monitoring; 0 = it has none
    redis_port: int = 0
    store_port: int = 0  # at which services reach the store; 0 = at its own
    replicas: dict[str, int] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    of_service: dict[str, dict[str, str]] = field(default_factory=dict)  # the same, of one service
    restart: bool = True
    models: tuple[str, ...] = ()  # names or pairs that are fetched before the start where they can be had


@dataclass(frozen=True, slots=True)
class Addresses:
    """The servers that the services of a mesh share; `passwords` are those of the bus's users."""

    nats_url: str
    redis_url: str
    passwords: dict[str, str]


def environment(
    options: MeshOptions, service: str, number: int, port_file: Path, addresses: Addresses, secrets: Secrets
) -> dict[str, str]:
    """The variables of one replica: of ours those only that are set here, or say where models are.

    Args:
        number: of the replica; the first one gets the port that the options name.
        port_file: where it writes the port that it took.
    """
    outer = {key: value for key, value in os.environ.items() if _outer(key)}
    prefix = f"DRAGOMAN_{service.upper()}_"
    port = {"edge": options.port, "accounts": options.admin_port}.get(service, 0)
    own = {
        "DRAGOMAN_NATS_URL": addresses.nats_url,
        "DRAGOMAN_NATS_REPLICAS": str(options.nats_nodes),
        "DRAGOMAN_DRAIN_S": "3",
        **login(service, addresses.passwords),
        f"{prefix}PORT": str(port if number == 0 else 0),
        f"{prefix}PORT_FILE": str(port_file),
    }
    if service == "accounts":
        own |= {
            "DRAGOMAN_ACCOUNTS_REDIS_URL": addresses.redis_url,
            "DRAGOMAN_ACCOUNTS_PEPPER": secrets.pepper,
            "DRAGOMAN_ACCOUNTS_ADMIN_TOKEN": secrets.admin_token,
            "DRAGOMAN_ACCOUNTS_BOOTSTRAP_KEY": secrets.key,
        }
    if service == "archive":
        own |= {
            "DRAGOMAN_ARCHIVE_DATA_DIR": str(options.folder / "archive"),
            "DRAGOMAN_ARCHIVE_KEY": secrets.archive_key,
        }
    return outer | own | options.environment | options.of_service.get(service, {})


def _outer(name: str) -> bool:
    """Whether a service gets a variable of the user's shell: all that are not ours, and where models are."""
    return not name.startswith("DRAGOMAN_") or name.startswith("DRAGOMAN_MODELS_")
