"""Users of a mesh's own bus: each service with a password of its own and the permissions of the chart."""

import json
import secrets
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

OPERATOR, ROUTE = "operator", "route"  # people and tools; the nodes of a cluster for each other
CONFIG_FILE = "users.conf"
# As in the chart. By itself the server allows what its disk has free, and makes no stream of a higher bound.
LIMITS = {"max_file_store": 6 << 30, "max_memory_store": 640 << 20}


def passwords() -> dict[str, str]:
    """Make a password for each user and for the routes of a cluster."""
    return {user: secrets.token_hex(20) for user in (*_table(), ROUTE)}


def login(service: str, known: Mapping[str, str]) -> dict[str, str]:
    """Return the settings by which a service connects; accounts alone makes streams and consumers."""
    return {
        "DRAGOMAN_NATS_USER": service,
        "DRAGOMAN_NATS_PASSWORD": known[service],
        "DRAGOMAN_NATS_PROVISION": str(service == "accounts").lower(),
    }


def operator_url(urls: str, known: Mapping[str, str]) -> str:
    """Return the addresses with the operator's login."""
    return urls.replace("nats://", f"nats://{OPERATOR}:{known[OPERATOR]}@")


def write(folder: Path, known: Mapping[str, str], number: int, route_ports: list[int]) -> Path:
    """Write a node's configuration, for this user alone.

    Args:
        number: of the node.
        route_ports: of all nodes; empty = it is the only one.
    """
    users = [
        {"user": user, "password": known[user], "permissions": _permissions(user, may)}
        for user, may in _table().items()
    ]
    config: dict[str, Any] = {"authorization": {"users": users}, "jetstream": LIMITS}
    if route_ports:
        config["cluster"] = _cluster(known[ROUTE], number, route_ports)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / CONFIG_FILE
    path.unlink(missing_ok=True)
    path.touch(0o600)
    path.write_text(json.dumps(config))  # which the server's own format includes
    return path


def _permissions(user: str, may: Mapping[str, list[str]]) -> dict[str, Any]:
    subscribe = [*may["subscribe"], f"_INBOX.{user}.>"]
    return {
        "publish": {"allow": may["publish"]},
        "subscribe": {"allow": subscribe},
        "allow_responses": True,
    }


def _cluster(password: str, number: int, route_ports: list[int]) -> dict[str, Any]:
    others = [port for n, port in enumerate(route_ports) if n != number]
    return {
        "name": "dragoman",
        "listen": f"127.0.0.1:{route_ports[number]}",
        "authorization": {"user": ROUTE, "password": password},
        "routes": [f"nats-route://{ROUTE}:{password}@127.0.0.1:{port}" for port in others],
    }


def _table() -> dict[str, dict[str, list[str]]]:
    text = files("dragoman_cli").joinpath("nats-permissions.yaml").read_text()
    users: dict[str, dict[str, list[str]]] = yaml.safe_load(text)["users"]
    return users
