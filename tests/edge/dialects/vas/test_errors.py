"""The error envelope, and the codes for our faults."""

import json

from dragoman_edge.model.commands import Answer
from tests.support.vas_codec import (
    fresh,
)


def test_request_ids_differ() -> None:
    made = fresh()
    frames = [made.receive("{")[0] for _ in range(3)]
    ids = {json.loads(f.frames[0])["data"]["request_id"] for f in frames if isinstance(f, Answer)}
    assert len(ids) == 3
