"""What sessions share cannot be changed by one of them."""

from dataclasses import FrozenInstanceError

import pytest

from tests.support.factories import edge_context
from tests.support.fake_bus import FakeMesh


def test_no_session_changes_what_all_share() -> None:
    context = edge_context(FakeMesh(), max_sessions=3)
    with pytest.raises(FrozenInstanceError):
        context.edge_id = "e_2"  # type: ignore[misc]
    assert context.settings.max_sessions == 3
