"""Opus packets of recordings: one for each 60 ms, small enough for one page."""

import numpy as np

from dragoman_edge.media.opus import FRAME, OpusEncoder, OpusThread
from dragoman_edge.media.recorder import MOST_FRAMES
from tests.support.audio_pieces import sound

NOISE = np.random.default_rng(1).integers(-32768, 32767, MOST_FRAMES * FRAME).astype(np.int16)


def test_there_is_a_packet_for_each_frame_of_the_loudest_noise_and_all_fit_into_a_page() -> None:
    packets = OpusEncoder().encode(NOISE.tobytes())
    assert len(packets) == MOST_FRAMES
    assert sum(len(packet) // 255 + 1 for packet in packets) <= 255


def test_an_encoder_goes_on_where_it_was() -> None:
    pcm = sound(1.2).tobytes()
    whole, parts = OpusEncoder().encode(pcm), OpusEncoder()
    half = len(pcm) // 2
    assert parts.encode(pcm[:half]) + parts.encode(pcm[half:]) == whole


def test_packets_of_the_audio_before_are_dropped() -> None:
    pcm = sound(0.6).tobytes()
    assert OpusEncoder().encode(pcm[2 * FRAME :], pcm[: 2 * FRAME]) == OpusEncoder().encode(pcm)[1:]


async def test_it_is_done_in_a_thread_of_its_own() -> None:
    pcm = sound(0.6).tobytes()
    assert await OpusThread().encode(OpusEncoder(), pcm) == OpusEncoder().encode(pcm)
