"""A nats-server with the chart's users, permissions and TLS, and clients with a service's login."""

import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import nats
from nats.aio.client import Client

from dragoman_cli.processes import Managed, _script, free_port
from dragoman_kit.settings import CommonSettings
from tests.chart.bus import certificates, configuration
from tests.chart.conftest import MATRIX, render


@dataclass(frozen=True)
class Guarded:
    """The running server; `authority` is the file of its CA."""

    url: str
    passwords: dict[str, str]
    authority: Path
    process: Managed

    @property
    def tls(self) -> ssl.SSLContext:
        """Return what a client needs to trust it."""
        return ssl.create_default_context(cafile=self.authority)

    def settings(self, user: str) -> CommonSettings:
        return CommonSettings(
            nats_url=self.url,
            nats_user=user,
            nats_password=self.passwords[user],
            nats_ca_file=str(self.authority),
            nats_provision=user in ("accounts", "operator"),
        )

    @asynccontextmanager
    async def client(self, user: str) -> AsyncIterator[tuple[Client, list[str]]]:
        """Connect as a user; the list has what the server complained of."""
        told: list[str] = []

        async def on_error(exc: Exception) -> None:
            told.append(str(exc))

        client = await nats.connect(
            self.url,
            user=user,
            password=self.passwords[user],
            error_cb=on_error,
            inbox_prefix=f"_INBOX.{user}",
            connect_timeout=60,
            tls=self.tls,
        )
        try:
            yield client, told
        finally:
            await client.close()


def start(folder: Path) -> Guarded:
    """Start the server with the configuration that the chart renders."""
    manifests = list(render(MATRIX["trial"]))
    text, passwords = configuration(manifests)
    files = certificates(manifests, "nats", folder)
    port, monitor = free_port(), free_port()
    text = text.replace("/data", str(folder / "data")).replace("0.0.0.0:4222", f"127.0.0.1:{port}")
    text = text.replace("/etc/nats-tls", str(files))
    config = folder / "nats.conf"
    config.write_text(text.replace("0.0.0.0:8222", f"127.0.0.1:{monitor}"))
    env = dict(os.environ) | {"POD_NAME": "nats-0"} | {f"NATS_{k.upper()}": v for k, v in passwords.items()}
    process = Managed("nats", [_script("nats-server"), "-c", str(config)], folder / "log", env).start()
    return Guarded(f"tls://127.0.0.1:{port}", passwords, files / "ca.crt", process)
