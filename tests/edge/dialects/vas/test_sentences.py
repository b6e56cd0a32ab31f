"""What a conversation remembers, and how much of it."""

from dragoman_edge.dialects.vas.sentences import MOST_SENTENCES
from dragoman_edge.dialects.vas.tasks import MOST_OPEN
from tests.support.vas_codec import action, refused, running, said


def test_only_the_last_sentences_are_kept_and_only_so_many_are_translated_at_once() -> None:
    made = running()
    said(made, *range(1, MOST_SENTENCES + 2))
    assert refused(made, action("retranslate", sid=1)) == "sentence_not_found"
    assert len(made.receive(action("switch_language", translation_language="de"))) == MOST_SENTENCES + 1
    for _ in range(MOST_OPEN - MOST_SENTENCES):
        made.receive(action("retranslate", sid=2))
    assert refused(made, action("retranslate", sid=2)) == "rate_limit_exceeded"
