"""Worlds: an account with a key and credits over real Valkey."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.accounts.support import World, make_world

NewWorld = Callable[..., Awaitable[World]]


@pytest.fixture
async def new_world(redis_url: str) -> AsyncIterator[NewWorld]:
    """Make worlds; what is not for `make_world` is for `settle_in`."""
    made: list[World] = []

    async def make(tier: str = "paid", credits: int = 10_000_000, **options: Any) -> World:
        world = make_world(redis_url, **options)
        made.append(world)
        return await world.settle_in(tier, credits)

    yield make
    for world in made:
        await world.store.close()


@pytest.fixture
async def world(new_world: NewWorld) -> World:
    """An account on the tier "paid" with 10 credits, and a clock that the test moves."""
    return await new_world(own_clock=True)
