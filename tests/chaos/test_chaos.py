"""A short run of `make chaos`: workers and the archive are killed and stopped while clients speak."""

import pytest

from dragoman_archive.recordings import ogg
from dragoman_archive.recordings.layout import File, Piece
from dragoman_scripted.engines import STOP
from dragoman_scripted.tones import pcm_to_words
from tests.chaos.harness import Plan, Report, run, speech
from tests.support.audio_pieces import cuts_of, pieces_of
from tests.support.recorded_sessions import RecordedSession

pytestmark = pytest.mark.mesh


def file_of(pcm: bytes) -> bytes:
    """A recording as the archive gives it out."""
    sent = pieces_of(cuts_of(pcm))
    bodies = [ogg.body(piece.packets) for piece in sent]
    pieces = [
        Piece(piece.start_frame, len(piece.packets), 0, len(body), piece.end_sample)
        for piece, body in zip(sent, bodies, strict=True)
    ]
    file = File("s_1", 0, pieces)
    parts = [
        ogg.page(body, page.granule, file.serial, page.sequence, page.flags)
        for body, page in zip(bodies, file.pages, strict=True)
    ]
    return ogg.head(file.serial) + b"".join(parts)


def test_nothing_is_lost_doubled_or_misordered_when_workers_die() -> None:
    report = run(Plan(seed=7, sessions=8, utterances=6, fault_every_s=1.2, recorded=2))
    assert report.faults.total() >= 4
    assert report.clean, report.lines()
    assert report.steady.updates > 10
    assert report.segments >= 2, report.lines()  # of the speakers without pauses
    assert all(one.acknowledged for one in report.recorded.sessions)


def test_some_speakers_say_several_sentences_in_one_breath() -> None:
    plan = Plan(sessions=8, utterances=6, words=4)
    said, pcm, utterances = speech(plan, 0)
    assert (len(said), len(set(said)), utterances) == (24, 24, 2)
    assert [number for number in said if number >= STOP] == [STOP + sentence for sentence in (1, 2, 4, 5)]
    assert [n for n, _ in pcm_to_words(pcm)] == said
    other, other_pcm, others = speech(plan, 1)
    assert (others, len(other_pcm), set(said) & set(other)) == (6, len(pcm), set())


def test_the_comparison_sees_what_is_lost_doubled_and_misordered() -> None:
    report = Report()
    report._count([1, 2, 3, 4], [1, 3, 2, 2])
    assert (report.lost, report.doubled, report.misordered) == (1, 1, 1)


def test_the_comparison_sees_audio_that_is_late_lost_and_too_short() -> None:
    one = RecordedSession([[1, 2], [3, 4]])
    pcm = one.pcm
    late = pcm[: len(pcm) // 2] + bytes(20) + pcm[len(pcm) // 2 : -20]
    lost = pcm[: len(pcm) // 2] + bytes(len(pcm) // 2)
    assert one.differences(pcm, file_of(pcm)) == []
    (told,) = one.differences(pcm, file_of(late))
    assert told.endswith("are 10 late")
    assert [told.endswith("lost") for told in one.differences(pcm, file_of(lost))] == [True]
    assert one.differences(pcm, file_of(pcm[:-3200])) == [
        f"{len(pcm) // 2 - 1600} samples of {len(pcm) // 2}"
    ]
