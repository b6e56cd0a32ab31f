"""Sentences of a task are read in pages."""

from dragoman_contract import rpc
from dragoman_edge.dialects.vas import task_access
from tests.support.vas_tasks import SESSION, WHO, entry


def test_all_sentences_are_read_a_page_at_a_time() -> None:
    reading = task_access.entries(WHO, SESSION)
    first = next(reading)
    assert isinstance(first, rpc.ListEntriesRequest) and first.after == ""
    second = reading.send(rpc.ListEntriesReply(entries=(entry(1),), next="1.0.1"))
    assert isinstance(second, rpc.ListEntriesRequest) and second.after == "1.0.1"
    try:
        reading.send(rpc.ListEntriesReply(entries=(entry(2),)))
    except StopIteration as done:
        assert [one.sentence.utterance for one in done.value] == [1, 2]
