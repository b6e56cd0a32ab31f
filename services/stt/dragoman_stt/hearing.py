"""One interface to the ways in which a track is heard: windows that are decoded, or a stream."""

from typing import Protocol

from dragoman_stt.decodes import Kind, Order, Output
from dragoman_stt.engines.base import Pcm


class Hearing(Protocol):
    """Recognition of one track: audio in, results out; `work` does what is due."""

    @property
    def order(self) -> Order:
        """Order that the next utterance is recognised by."""

    @property
    def utterance(self) -> int:
        """Number of the next final."""

    @property
    def covered(self) -> int:
        """Sample of the track before which no audio is needed any more."""

    @property
    def idle(self) -> bool:
        """Whether no utterance is open or waits for its final."""

    @property
    def behind(self) -> bool:
        """Whether so much waits that no more audio is to be looked at."""

    @property
    def due(self) -> Kind | None:
        """Kind of work that is due now, if any."""

    def update(self, order: Order) -> None:
        """Take an order that counts from the next utterance on."""

    def feed(self, frame: Pcm) -> list[Output]:
        """Take the next 512 samples."""

    async def judge(self) -> list[Output]:
        """Find out what a pause means that was just heard; the audio behind it waits meanwhile."""

    def flush(self) -> list[Output]:
        """End the open utterance now."""

    async def work(self) -> list[Output]:
        """Do what is due; wait for a thread if need be.

        Raises:
            DragomanError: the track cannot go on here.
        """
