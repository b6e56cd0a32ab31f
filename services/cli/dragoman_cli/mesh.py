"""The whole mesh on one machine: nats-server, Valkey and the six services, each a process of its own."""

import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dragoman_cli import bus_users
from dragoman_cli.data_folder import STATE_FILE, lock, secrets_of, write
from dragoman_cli.mesh_options import SERVICES, Addresses, MeshOptions, environment
from dragoman_cli.processes import (
    READY_TIMEOUT_S,
    Managed,
    StartError,
    check_port,
    free_port,
    node_name,
    start_nats,
    start_valkey,
    stop_all,
    wait_ready,
)
from dragoman_cli.wanted_models import Say, models_settings, wanted
from dragoman_models.ensure import ensure

RESTART_DELAYS_S = (0.5, 1, 2, 5, 10, 30)
STEADY_S = 60.0  # who lived so long starts with the shortest delay again


@dataclass
class Replica:
    """One process of a service; `url` is its HTTP port."""

    service: str
    process: Managed
    port_file: Path
    url: str = ""
    deaths: int = 0
    again_at: float = 0.0
    started_at: float = field(default_factory=time.monotonic)


class Mesh:
    """Starts, watches and stops. Use `running`."""

    def __init__(self, options: MeshOptions, say: Say) -> None:
        self.options = options
        self.key = ""
        self.admin_token = ""
        self.nats_url = ""  # with the login of people and tools
        self.redis_url = ""
        self.replicas: list[Replica] = []
        self._servers: list[Managed] = []  # Valkey, then the nodes of the bus
        self._say = say
        self._bus_options: list[list[str]] = []
        self._passwords = bus_users.passwords()
        self._bus_urls = ""
        self._lock = threading.Lock()  # a bus that is being restarted has not ended

    # Start

    def start(self) -> None:
        """Start everything and wait until all of it is ready.

        Raises:
            StartError: what did not come up, and why.
        """
        folder = self.options.folder
        self._check_ports()
        self._secrets = secrets_of(folder)
        self.key, self.admin_token = self._secrets.key, self._secrets.admin_token
        if self.options.models:
            names = wanted(self.options.models, self.options.environment)
            ensure(names, models_settings(self.options.environment), self._say)
        self._say("starting nats-server and Valkey")
        valkey, self.redis_url = start_valkey(folder / "valkey", self.options.redis_port)
        self._servers.append(valkey)
        self._start_bus(folder)
        for service in SERVICES:
            for number in range(self.options.replicas.get(service, 1)):
                self._launch(service, number)
        for replica in self.replicas:
            self.ready(replica)
        self._tell()

    def _start_bus(self, folder: Path) -> None:
        nodes = self.options.nats_nodes
        routes = [free_port() for _ in range(nodes)] if nodes > 1 else []
        urls = []
        for number in range(nodes):
            port = self.options.nats_port if number == 0 else -1
            node = self._node(folder, number)
            config = bus_users.write(node, self._passwords, number, routes)
            monitored = self.options.nats_monitor and number == 0
            monitor = ["-m", str(self.options.nats_monitor)] if monitored else []
            self._bus_options.append(["-c", str(config), "--name", node_name(number), *monitor])
            server, url = start_nats(node, port, self._bus_options[number])
            self._servers.append(server)
            urls.append(url)
        self._bus_urls = ",".join(urls)
        self.nats_url = bus_users.operator_url(self._bus_urls, self._passwords)

    @staticmethod
    def _node(folder: Path, number: int) -> Path:
        return folder / ("nats" if number == 0 else f"nats-{number}")

    def _check_ports(self) -> None:
        wanted = self.options
        for number, option in (
            (wanted.port, "--port"),
            (wanted.admin_port, "--admin-port"),
            (wanted.nats_port, "--nats-port"),
            (wanted.redis_port, "--redis-port"),
        ):
            if number > 0:
                check_port(number, option)

    def _tell(self) -> None:
        """Write the state for the commands of this user."""
        write(self.options.folder / STATE_FILE, self.state())

    def _launch(self, service: str, number: int) -> None:
        folder = self.options.folder
        name = f"{service}-{number}"
        port_file = folder / f"{name}.port"
        port_file.unlink(missing_ok=True)
        command = [sys.executable, "-m", f"dragoman_{service}"]
        store = re.sub(r":[0-9]+/", f":{self.options.store_port}/", self.redis_url)
        addresses = Addresses(
            self._bus_urls, store if self.options.store_port else self.redis_url, self._passwords
        )
        variables = environment(self.options, service, number, port_file, addresses, self._secrets)
        log = folder / f"{name}.log"
        if log.exists():  # of an earlier mesh
            log.replace(log.with_suffix(".log.1"))
        process = Managed(name, command, log, variables).start()
        self.replicas.append(Replica(service, process, port_file))

    def ready(self, replica: Replica) -> None:
        """Wait until it answers.

        Raises:
            StartError: it does not.
        """
        self._say(f"waiting for {replica.process.name}")
        deadline = time.monotonic() + READY_TIMEOUT_S
        while not replica.port_file.exists():
            if not replica.process.alive or time.monotonic() > deadline:
                process = replica.process
                raise StartError(f"{process.name} did not start; it {process.ending}:\n{process.tail(10)}")
            time.sleep(0.02)
        replica.url = f"http://127.0.0.1:{replica.port_file.read_text().strip()}"
        wait_ready(replica.process, replica.url, deadline - time.monotonic())

    # Run

    def watch(self) -> None:
        """Look after the services once: a dead one is told and, if wanted, started again.

        Raises:
            StartError: the bus or the store ended; without them nothing works.
        """
        with self._lock:
            ended = [server for server in self._servers if not server.alive]
        for server in ended:
            raise StartError(f"{server.name} {server.ending}; its log ends with:\n{server.tail()}")
        for replica in self.replicas:
            if not replica.process.alive:
                self._care(replica, time.monotonic())

    def _care(self, replica: Replica, now: float) -> None:
        """A dead one: tell, wait longer after each death in a row, start again."""
        if replica.again_at:
            if now >= replica.again_at:
                self._revive(replica)
            return
        process = replica.process
        self._say(f"{process.name} {process.ending}; its log ends with:\n{process.tail()}")
        if now - replica.started_at > STEADY_S:
            replica.deaths = 0
        delay = RESTART_DELAYS_S[min(replica.deaths, len(RESTART_DELAYS_S) - 1)]
        replica.deaths += 1
        replica.again_at = now + delay if self.options.restart else float("inf")

    def _revive(self, replica: Replica) -> None:
        """Start it again on the port that clients know."""
        replica.again_at, replica.started_at = 0.0, time.monotonic()
        port = replica.url.rpartition(":")[2]
        prefix = f"DRAGOMAN_{replica.service.upper()}_"
        replica.process.env = {**replica.process.env, f"{prefix}PORT": port}
        replica.process.start()
        self._say(f"{replica.process.name} started again")
        self._tell()

    def restart_bus(
        self, number: int = 0, away_s: float = 0.0, before: Callable[[Path], None] = lambda folder: None
    ) -> None:
        """Kill a nats-server and start it again on its port, with the streams it has on disk.

        Args:
            before: called with the server's folder while it is away.
        """
        with self._lock:
            old = self._servers[1 + number]
            if old.process is not None:
                old.process.kill()
                old.process.wait()
            time.sleep(away_s)
            port = int(self.nats_url.split(",")[number].rpartition(":")[2])
            folder = self._node(self.options.folder, number)
            before(folder)
            self._servers[1 + number], _ = start_nats(folder, port, self._bus_options[number])

    def state(self) -> dict[str, object]:
        """Return facts for scripts: addresses, key, admin, process ids."""
        pids: dict[str, list[int]] = {}
        for server in self._servers:
            pids.setdefault(server.name, []).append(server.pid)
        for replica in self.replicas:
            pids.setdefault(replica.service, []).append(replica.process.pid)
        edges = [r.url for r in self.replicas if r.service == "edge"]
        admin = next(r.url for r in self.replicas if r.service == "accounts")
        return {
            "edge": edges[0],
            "edges": edges,
            "key": self.key,
            "admin": {"url": admin, "token": self.admin_token},
            "nats": self.nats_url,
            "redis": self.redis_url,
            "pids": pids,
            "urls": {r.process.name: r.url for r in self.replicas},
        }

    # Stop

    def stop(self) -> None:
        """The edge first, so that it can settle; then the other services, then the servers."""
        order = {"edge": 0, "stt": 1, "translation": 1, "tts": 1, "archive": 1, "accounts": 2}
        for rank in (0, 1, 2):
            stop_all([r.process for r in self.replicas if order[r.service] == rank])
        stop_all(list(reversed(self._servers)))
        (self.options.folder / STATE_FILE).unlink(missing_ok=True)


@contextmanager
def running(options: MeshOptions, say: Say = lambda text: None) -> Iterator[Mesh]:
    """A mesh that is ready; stopped at the end, whatever happens.

    Raises:
        StartError: another mesh uses the folder, or something did not come up.
    """
    options.folder.mkdir(parents=True, exist_ok=True)
    with (options.folder / "lock").open("w") as file:
        lock(file, options.folder)
        mesh = Mesh(options, say)
        try:
            mesh.start()
            yield mesh
        finally:
            mesh.stop()
