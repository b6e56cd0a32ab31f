"""A kept session as server-sent events."""

import json

from dragoman_contract import rpc
from dragoman_edge.dialects.vas import history
from tests.support.vas_tasks import TASK, UUID, entry


def events(text: str) -> list[tuple[str, dict[str, object]]]:
    found = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_it_begins_with_the_metadata_and_ends_with_a_word() -> None:
    (connected, metadata), (over,) = events(history.begin(TASK)), events(history.end(None))
    assert connected == ("connected", {"task_id": UUID}) and over == ("done", {})
    assert metadata[0] == "init_metadata" and metadata[1]["speaker_aliases"] == {}


def test_a_sentence_is_one_event_whatever_is_in_it() -> None:
    ((name, data),) = events(history.sentence(TASK, entry(1, "a\n\nevent: x\ndata: {}")))
    assert name == "result" and isinstance(data["origin"], dict)
    assert data["origin"]["text"] == "a\n\nevent: x\ndata: {}"


def test_a_summary_is_told_with_its_text_and_its_fallback() -> None:
    made = rpc.Summary(
        id="sum_1", state="done", text="a\nb", engine="extractive", fallback_level=3, dropped=(2,)
    )
    (name, data), _ = events(history.end(made))
    assert name == "init_summary" and data["final_content"] == "a\nb"
    assert (data["summary_fallback_level"], data["summary_dropped_segments"]) == (3, [2])
    (_, wanted), _ = events(history.end(rpc.Summary(id="sum_1", state="wanted")))
    assert wanted["status"] == "processing" and "summary_fallback_level" not in wanted
