"""How a track is heard: windows that are decoded again and again, or a stream. The track knows only this."""

from typing import Protocol

from dragoman_stt.decodes import Kind, Order, Output
from dragoman_stt.engines.base import Pcm


class Hearing(Protocol):
    """Audio in, results out; `work` does what is due."""

    @property
    def order(self) -> Order:
        """What the edge wants of the next utterance."""

    @property
    def utterance(self) -> int:
        """The number of the next final."""

    @property
    def covered(self) -> int:
        """Audio before this sample of the track is not needed any more."""

    @property
    def idle(self) -> bool:
        """Whether no utterance is open or waits for its final."""

    @property
    def behind(self) -> bool:
        """Whether so much waits that no more audio is to be looked at."""

    @property
    def due(self) -> Kind | None:
        """What `work` would do now."""

    def update(self, order: Order) -> None:
        """Wanted from the next utterance on."""

    def feed(self, frame: Pcm) -> list[Output]:
        """The next 512 samples."""

    def flush(self) -> list[Output]:
        """End the open utterance now."""

    async def work(self) -> list[Output]:
        """Do what is due; wait for a thread if need be.

        Raises:
            DragomanError: the track cannot go on here.
        """
