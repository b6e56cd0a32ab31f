"""What tells the two kinds of recognisers apart, and what a decode is without more."""

from dragoman_scripted.engines import ScriptedRecogniser
from dragoman_scripted.streaming import ScriptedStreaming
from dragoman_stt.engines.base import DecodeOptions, Hypothesis, Recogniser, StreamingRecogniser


def test_an_engine_decodes_windows_or_listens_to_streams() -> None:
    windows, streams = ScriptedRecogniser(), ScriptedStreaming()
    assert isinstance(windows, Recogniser) and not isinstance(windows, StreamingRecogniser)
    assert isinstance(streams, StreamingRecogniser) and not isinstance(streams, Recogniser)


def test_settings_of_a_decode_are_its_own_and_a_text_is_sure_unless_it_says_otherwise() -> None:
    assert DecodeOptions().settings is not DecodeOptions().settings
    assert Hypothesis("a", "en", 1.0).sure
