"""Real servers for the tests: one of a test's own, or one that is shared and may not be harmed."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest
import structlog

from dragoman_cli.processes import start_nats, start_valkey, stop_all
from dragoman_kit.bus import Bus, connect
from dragoman_kit.ops import Health
from dragoman_kit.settings import CommonSettings
from tests.support.shared_mesh import pytest_xdist_make_scheduler
from tests.support.unit_guard import mark_integration, pytest_ignore_collect, pytest_runtest_protocol

__all__ = ["pytest_ignore_collect", "pytest_runtest_protocol", "pytest_xdist_make_scheduler"]

# Speed is not asserted, and the examples are the same at each run: `make fuzz` looks for others.
SLOW = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("fuzz", SLOW)
hypothesis.settings.register_profile("check", SLOW, derandomize=True)
hypothesis.settings.register_profile("unit", SLOW, derandomize=True, max_examples=20)  # a fifth of "check"
hypothesis.settings.load_profile("check")

# Before `logging.setup`, structlog would draw each traceback with its variables: up to a second each.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tell unit tests from integration tests before they are selected."""
    mark_integration(items, Path(__file__).parent)


@pytest.fixture(scope="session")
def nats_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real nats-server with JetStream, shared by the session: keep to your own session ids and durables."""
    process, url = start_nats(tmp_path_factory.mktemp("nats"))
    yield url
    stop_all([process])


@pytest.fixture
def own_nats_url(tmp_path: Path) -> Iterator[str]:
    """A real nats-server of this test alone: shared consumers start empty."""
    process, url = start_nats(tmp_path / "nats")
    yield url
    stop_all([process])


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Valkey with its append-only file on, shared by the session: keep to your own account ids."""
    process, url = start_valkey(tmp_path_factory.mktemp("valkey"))
    yield url
    stop_all([process])


@pytest.fixture
def own_redis_url(tmp_path: Path) -> Iterator[str]:
    """A real Valkey of this test alone."""
    process, url = start_valkey(tmp_path / "valkey")
    yield url
    stop_all([process])


@pytest.fixture
async def bus(own_nats_url: str) -> AsyncIterator[Bus]:
    """A connection to this test's own bus, with the streams made."""
    made = await connect(CommonSettings(nats_url=own_nats_url), "test", Health("test", "test"))
    yield made
    await made.close()
