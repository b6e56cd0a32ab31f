"""What a viewer asks for, and whom a message is for."""

from dragoman_edge.model.viewers import SseMessage, ViewerRequest


def test_a_viewer_gets_texts_in_every_language_unless_it_asks() -> None:
    asked = ViewerRequest("a3f9")
    assert (asked.language, asked.speech, asked.access) == ("", False, "")


def test_a_message_is_for_all_and_not_superseded_unless_told() -> None:
    message = SseMessage("{}")
    assert (message.language, message.speech, message.interim) == ("", False, ())
