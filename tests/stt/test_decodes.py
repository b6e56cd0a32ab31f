"""Requests of a track: windows of its samples, cut at samples of the track."""

import numpy as np

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_stt.decodes import Kind, Order, Request

ORDER = Order(rpc.RecogniserSpec(), ev.WorkOrder())


def request() -> Request:
    return Request(Kind.FINAL, 1000, np.arange(500, dtype=np.int16), 1400, ORDER)


def test_a_window_ends_behind_its_last_sample() -> None:
    assert request().end == 1500


def test_a_part_keeps_its_place_in_the_track() -> None:
    before, after = request().until(1200), request().behind(1200)
    assert (before.start, before.end, before.speech_end) == (1000, 1200, 1200)
    assert (after.start, after.end, after.speech_end) == (1200, 1500, 1400)
    assert np.concatenate([before.pcm, after.pcm]).tolist() == request().pcm.tolist()
    assert request().until(1450).speech_end == 1400


def test_engines_get_samples_between_minus_one_and_one() -> None:
    full = Request(Kind.FINAL, 0, np.array([-32768, 0, 16384], np.int16), 3, ORDER)
    assert full.audio.tolist() == [-1.0, 0.0, 0.5] and full.audio.dtype == np.float32
