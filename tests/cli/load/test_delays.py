"""Delays as histograms, added up over processes."""

import pytest

from dragoman_cli.load.delays import Delays


def test_delays_of_several_processes_add_up() -> None:
    whole = Delays()
    for seconds in ([0.1] * 50, [0.2] * 49 + [3.0]):
        part = Delays()
        for value in seconds:
            part.record("final", value)
        whole.add(part.encoded())
    assert whole.count("final") == 100
    assert whole.at("final", 50) == pytest.approx(0.1, rel=0.01)
    assert whole.at("final", 90) == pytest.approx(0.2, rel=0.01)
    assert whole.summary()["final"]["max"] == pytest.approx(3.0, rel=0.01)
    assert whole.at("nothing", 50) is None
