"""Indic and other scripts in Latin letters, as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_edge.dialects.sarvam.romanise import romanise


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("मेरा फोन नंबर है 9840950950", "mera phon nambar hai 9840950950"),
        ("नमस्ते, आप कैसे हैं? मैं ठीक हूँ।", "namaste, ap kaise hain? main thik hun."),
        ("अपना घर समझ सकते", "apna ghar samajh sakte"),
        ("लड़का बड़ा है, ज़रूर", "larka bara hai, zarur"),
        ("आमार नाम", "amar nam"),
        ("আমার নাম রহিম", "amar nam rahim"),
        ("বাংলাদেশ", "bangladesh"),
        ("મારું નામ પટેલ છે", "marun nam patel chhe"),
        ("ਸੱਚ ਪੱਕਾ", "sacch pakka"),
        ("ମୋର ନାମ ରମେଶ", "mora nama ramesha"),
        ("என் பெயர் குமார்", "en peyar kumar"),
        ("మీరు ఎలా ఉన్నారు", "miru ela unnaru"),
        ("ನನ್ನ ಹೆಸರು ರಮೇಶ", "nanna hesaru ramesha"),
        ("എനിക്ക് മലയാളം അറിയാം", "enikk malayalam ariyam"),
        ("میرا نام", "myra nam"),
        ("عام", "aam"),
        ("hello, café", "hello, cafe"),
        ("", ""),
    ],
)
def test_words_read_as_they_are_said(text: str, latin: str) -> None:
    assert romanise(text) == latin


INDIC = st.text(st.characters(min_codepoint=0x0900, max_codepoint=0x0D7F), max_size=12)


@given(st.text() | INDIC)
def test_any_text_becomes_ascii(text: str) -> None:
    assert romanise(text).isascii()
