"""A kept session as server-sent events."""

import json

from dragoman_edge.dialects.vas import history
from tests.support.vas_tasks import TASK, UUID, entry


def events(text: str) -> list[tuple[str, dict[str, object]]]:
    found = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_it_begins_with_the_metadata_and_ends_with_a_word() -> None:
    (connected, metadata), (over,) = events(history.begin(TASK)), events(history.end())
    assert connected == ("connected", {"task_id": UUID}) and over == ("done", {})
    assert metadata[0] == "init_metadata" and metadata[1]["speaker_aliases"] == {}


def test_a_sentence_is_one_event_whatever_is_in_it() -> None:
    ((name, data),) = events(history.sentence(TASK, entry(1, "a\n\nevent: x\ndata: {}")))
    assert name == "result" and isinstance(data["origin"], dict)
    assert data["origin"]["text"] == "a\n\nevent: x\ndata: {}"
