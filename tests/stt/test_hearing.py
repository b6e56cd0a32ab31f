"""Both ways of hearing a track have all that a track asks of them."""

import inspect

import pytest

from dragoman_stt.hearing import Hearing
from dragoman_stt.streams import Streams
from dragoman_stt.windows import Windows

ASKED = [name for name in vars(Hearing) if not name.startswith("_")]


@pytest.mark.parametrize("way", [Windows, Streams])
def test_a_way_of_hearing_has_everything(way: type) -> None:
    assert {"order", "utterance", "covered", "idle", "behind", "due", "feed", "flush", "work"} <= set(ASKED)
    for name in ASKED:
        asked = getattr(Hearing, name)
        if not isinstance(asked, property):
            assert inspect.signature(asked) == inspect.signature(getattr(way, name)), name
