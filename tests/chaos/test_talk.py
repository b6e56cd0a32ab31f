"""What a speaker has heard is known while it comes, whatever the pieces."""

from dragoman_scripted.tones import words_to_pcm
from tests.chaos.talk import Talk


def test_words_are_counted_once_whatever_pieces_they_come_in() -> None:
    talk, pcm = Talk(1, 100), words_to_pcm(list(range(1, 31)))
    counts = []
    for start in range(0, len(pcm), 5000):
        talk.audio += pcm[start : start + 5000]
        counts.append(talk.spoken)
    assert counts == sorted(counts) and counts[-1] == talk.spoken == 30
