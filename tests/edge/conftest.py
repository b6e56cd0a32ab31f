"""Which event loop a test runs on."""

from collections.abc import Mapping

import pytest
import uvloop
from pytest_asyncio.plugin import LoopFactory


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Mapping[str, LoopFactory]:
    """The loop that the services run on."""
    return {"uvloop": uvloop.new_event_loop}
