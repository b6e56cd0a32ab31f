"""Orders of an edge to workers."""

from dragoman_contract import rpc
from dragoman_contract.codec import decode, encode
from dragoman_contract.events import Term


def test_texts_of_an_order_keep_their_order() -> None:
    terms = tuple(Term(source=word, target=word.upper()) for word in ("b", "a"))
    assert decode(rpc.OrderTexts, encode(rpc.OrderTexts(dictionary=terms))).dictionary == terms


def test_a_pace_leaves_pauses_as_the_voice_makes_them() -> None:
    pace = rpc.SpeechPace(session_id="s", track=0, language="es", rate=1.25)
    assert decode(rpc.SpeechPace, encode(pace)).pause_ms == 0
