"""Texts of clients are harmless to engines, and keep their places."""

from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_contract.texts import clean, cleaned

HOSTILE = st.text(st.characters(codec=None, categories=None), max_size=40)


@given(HOSTILE)
def test_any_text_becomes_one_that_can_be_sent_and_obeys_no_command(text: str) -> None:
    made = clean(text)
    made.encode()
    assert len(made) == len(text)
    assert not any((ord(c) < 32 and c not in "\t\n\r") or 0x7F <= ord(c) < 0xA0 for c in made)
    assert clean(made) == made


def test_what_languages_need_stays() -> None:
    text = "नमस्ते\u200dक्ष می\u200cخواهم café\u0301 👩\u200d💻\n\tline 𝒳 \u200f"
    assert clean(text) == text


def test_every_text_of_a_message_is_cleaned() -> None:
    spec = ev.Spec(
        dialect="x",
        tracks=(ev.TrackSpec(speaker="a\x01b"),),
        dictionary=(ev.Term(source="\x02s", target="t\ud800"),),
        vocabulary=("v\x85",),
        context="c\x1b",
        labels=(ev.Label(language="fr", text="l\x00"),),
        metadata={"k\x01": "v\x02"},
    )
    made = cleaned(spec)
    assert made == ev.Spec(
        dialect="x",
        tracks=(ev.TrackSpec(speaker="a b"),),
        dictionary=(ev.Term(source=" s", target="t\ufffd"),),
        vocabulary=("v ",),
        context="c ",
        labels=(ev.Label(language="fr", text="l "),),
        metadata={"k ": "v "},
    )


def test_a_message_that_is_clean_is_handed_on_as_it_is() -> None:
    spec = ev.Spec(dialect="x", tracks=(ev.TrackSpec(speaker="a"),), vocabulary=("v",), metadata={"k": "v"})
    assert cleaned(spec) is spec


def test_enumerations_and_bytes_stay() -> None:
    chunk = ev.SpeechChunk(
        session_id="s",
        track=0,
        epoch=1,
        utterance=1,
        language="en",
        sample_offset=0,
        audio=b"\x01",
        last=True,
    )
    assert cleaned(chunk) is chunk
    assert cleaned(ev.Status(session_id="s", state=ev.State.ENDED)).state is ev.State.ENDED
