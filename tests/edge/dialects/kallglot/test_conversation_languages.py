"""Languages that are detected while the session runs."""

import json
from dataclasses import replace

from dragoman_edge.model.commands import Update
from dragoman_edge.model.events import Outcome
from dragoman_edge.model.served import UnservedError
from tests.support.kallglot_codec import detecting, heard, sound


def test_who_is_answered_hears_the_language_that_was_detected() -> None:
    made = detecting()
    assert not any(isinstance(command, Update) for command in made.receive(sound()))
    (frame,) = made.render(heard("fr"), 0)
    assert json.loads(frame)["speaker"] == "customer"
    (update, _) = made.receive(sound())
    assert isinstance(update, Update)
    assert update.spec.tracks[0].target_languages == ("en", "fr")
    assert update.spec.tracks[0].source_languages == ()
    (frame,) = made.render(heard("en"), 0)
    assert json.loads(frame)["speaker"] == "agent"
    assert len(made.receive(sound())) == 1
    made.render(heard("de", 0.3), 0)  # perhaps
    assert len(made.receive(sound())) == 1


def test_a_final_is_as_sure_of_its_language_as_its_surest_interim() -> None:
    made = detecting()
    made.render(replace(heard("fr", 0.8), final=False), 0)
    assert len(made.receive(sound())) == 1  # an interim alone does not tell
    made.render(heard("fr", 0.55), 0)
    assert isinstance(made.receive(sound())[0], Update)


def test_an_interim_in_another_language_or_of_another_utterance_does_not_make_a_final_sure() -> None:
    made = detecting()
    made.render(replace(heard("tr", 0.8), final=False), 0)
    made.render(heard("fr", 0.55), 0)
    made.render(replace(heard("es", 0.8), utterance=2, final=False), 0)
    made.render(replace(heard("es", 0.55), utterance=3), 0)
    assert len(made.receive(sound())) == 1


def test_on_two_channels_the_one_who_is_known_is_translated_once_the_other_was_heard() -> None:
    made = detecting()
    (update, _) = made.receive(sound(2))
    assert isinstance(update, Update)
    assert [(t.source_languages, t.target_languages) for t in update.spec.tracks] == [
        ((), ("en",)),
        (("en",), ()),
    ]
    made.render(heard("fr"), 0)
    (update, _) = made.receive(sound(2))
    assert isinstance(update, Update)
    assert [t.target_languages for t in update.spec.tracks] == [("en",), ("fr",)]


def test_a_detected_language_that_cannot_be_answered_is_told_and_ends_nothing() -> None:
    made = detecting()
    made.render(heard("fi"), 0)
    (update, _) = made.receive(sound())
    assert isinstance(update, Update)
    error = UnservedError("'en' cannot be translated into 'fi'", "fi", "en")
    (frame,) = made.render(Outcome(update.tag, error), 0)
    told = json.loads(frame)
    assert (told["type"], told["code"], told["recoverable"]) == ("error", "invalid_language_code", True)
    made.render(heard("fi"), 0)
    assert len(made.receive(sound())) == 1  # it is not asked for again
    made.render(heard("fr"), 0)
    (update, _) = made.receive(sound(2))
    assert isinstance(update, Update)
    assert update.spec.tracks[1].target_languages == ("fr",)
