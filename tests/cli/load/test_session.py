"""A speaker's socket: which delays it counts, and from when."""

import pytest

from dragoman_cli.load.plan import Plan
from dragoman_cli.load.session import Session, Tally
from dragoman_cli.load.speaker import Heard
from tests.cli.load.speaking import speaker


@pytest.mark.parametrize("told", [Heard("final", end_ms=2000), Heard("final", unix_ms=12_000.0)])
def test_speech_ends_with_its_last_frame_however_late_the_speaker_began(told: Heard) -> None:
    session = Session(speaker("native"), Tally(Plan("", "", "")), 0)
    session.opened_ms, session.began = 10_000.0, 50.0
    assert session.ended(told) == pytest.approx(51.98)  # the hundredth frame of 20 ms
    assert session.ended(Heard("final")) == 0.0
