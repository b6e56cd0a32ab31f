"""Tell unit tests from integration tests, and keep unit tests from starting processes.

A unit test uses neither a server nor another process nor a model. `make unit` runs the unit tests alone.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVERS = frozenset(
    {"nats_url", "own_nats_url", "redis_url", "own_redis_url", "postgres_url", "mesh"}
)  # fixtures
INTEGRATION = frozenset(
    {"mesh", "conformance", "chaos", "resume", "e2e", "chart", "hosted", "security"}
)  # folders
PROCESS_EVENTS = frozenset({"subprocess.Popen", "os.posix_spawn", "os.fork", "os.forkpty", "os.exec"})

_running: list[str] = []  # the unit test that runs now, if one does


class ProcessStarted(RuntimeError):
    """A unit test started a process: mark it `integration` or use a fake."""


def mark_integration(items: list[pytest.Item], tests: Path) -> None:
    """Mark what uses a server's fixture, and whole folders that need the mesh, as integration tests."""
    for item in items:
        folder = item.path.relative_to(tests).parts[0]
        fixtures = set(getattr(item, "fixturenames", ()))
        if folder in INTEGRATION or fixtures & SERVERS:
            item.add_marker("integration")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even read folders of integration tests when unit tests alone are wanted."""
    tests = config.rootpath / "tests"
    unwanted = collection_path.parent == tests and collection_path.name in INTEGRATION
    return True if unwanted and config.option.markexpr == "not integration" else None


def _refuse_processes(event: str, _arguments: tuple[object, ...]) -> None:
    if _running and event in PROCESS_EVENTS:
        raise ProcessStarted(f"{_running[0]} is a unit test and starts a process: mark it `integration`")


sys.addaudithook(_refuse_processes)  # an audit hook cannot be removed: it looks at what runs


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Guard the whole protocol of a unit test: set-up, call and tear-down."""
    if item.get_closest_marker("integration") is None:
        _running.append(item.nodeid)
    try:
        return (yield)
    finally:
        _running.clear()
