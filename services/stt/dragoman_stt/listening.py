"""Places of a track's utterances: audio and voice activity in, utterances and activity out. Pure."""

from collections import deque
from dataclasses import dataclass, field

from dragoman_stt.decodes import Activity, Order
from dragoman_stt.endpointing import FRAME, FRAME_MS, PAUSE_MS, Endpointer, Signal, levels_db
from dragoman_stt.engines.base import Pcm
from dragoman_stt.held import HeldAudio
from dragoman_stt.utterance import TAIL, Utterance

LOOK_BACK = 48  # frames before an onset in which quiet speech is looked for
MAYBE, HUSH = 0.1, 6  # speech that voice activity doubts; after so many frames below it nobody spoke
QUIETER_DB, HUSH_DB = 12.0, -50.0  # than the speech that was believed; than anything said


@dataclass(slots=True)
class Listener:
    """One track from sample `position` on; `utterances` are in order, the last one may be open."""

    order: Order
    position: int
    judged: bool = False  # somebody says in each pause when its final is to be decoded ahead
    utterances: list[Utterance] = field(default_factory=list)
    ears: Endpointer = field(init=False)
    audio: HeldAudio = field(init=False)
    _floor: int = field(init=False)  # what lies before belongs to utterances that are done or on their way
    _recent: deque[tuple[float, Pcm]] = field(default_factory=lambda: deque(maxlen=LOOK_BACK))
    _untold: Activity | None = None  # an onset without speech enough to tell of it

    def __post_init__(self) -> None:
        """Start listening at `position`."""
        self._floor = self.position
        self.audio = HeldAudio(self.position)
        self.ears = Endpointer(self.order.spec.endpointing)

    @property
    def covered(self) -> int:
        """Audio before this sample is not needed any more."""
        if self.utterances:
            return self.utterances[0].start
        kept = max(self._pad(), LOOK_BACK * FRAME)
        return max(self._floor, self.position - kept - self.ears.run * FRAME)

    def update(self, order: Order) -> None:
        """Wanted from the next utterance on."""
        self.order = order
        if not self.ears.speaking:
            self.ears.tune(order.spec.endpointing)

    def feed(self, frame: Pcm, probability: float) -> list[Activity]:
        """The next 512 samples."""
        self.audio.add(frame, probability >= self.ears.knobs.silence_threshold)
        self._recent.append((probability, frame))
        self.position += FRAME
        match self.ears.step(frame, probability, self.position):
            case Signal.ONSET:
                return self._open()
            case Signal.ENDPOINT:
                return self._close()
        if not self.ears.speaking:
            self.forget()
            return []
        self._listen()
        return self._tell()

    def wait(self, silence_ms: int) -> list[Activity]:
        """In this pause so much silence ends the utterance."""
        return self._close() if self.ears.wait(silence_ms) else []

    def flush(self) -> list[Activity]:
        """End the open utterance now."""
        if not self.ears.speaking:
            return []
        self.ears.reset()
        return self._close()

    def done(self) -> None:
        """The first utterance is finished."""
        del self.utterances[0]
        self.forget()

    def forget(self) -> None:
        """Drop the audio that nothing needs."""
        self.audio.forget(self.covered)

    def _open(self) -> list[Activity]:
        earliest = max(self._floor, self.audio.base)
        onset = max(earliest, self.position - self.ears.onset_run * FRAME)
        start = max(earliest, min(onset - self._pad(), self._first_doubted(onset)))
        voiced = self.position - onset
        self.utterances.append(Utterance(start, onset, self.position, self.order, looked=onset, fresh=voiced))
        self._untold = Activity(True, onset)
        return self._tell()

    def _first_doubted(self, onset: int) -> int:
        """The first sample that may be speech; the onset where the client says how much is kept before it."""
        own = self.order.spec.endpointing.speech_pad_ms
        return onset if own else self.position - self._doubted() * FRAME

    def _doubted(self) -> int:
        """Frames up to now that may be speech: voice activity is slow to believe sudden or quick speech."""
        levels = levels_db([frame for _, frame in self._recent])
        loud = max(levels[-self.ears.onset_run :]) - QUIETER_DB
        probabilities = [probability for probability, _ in self._recent]
        count = 0
        for number, (probability, level) in enumerate(zip(probabilities[::-1], levels[::-1], strict=True), 1):
            if probability >= MAYBE or (level >= loud and level > HUSH_DB):
                count = number
            elif number - count > HUSH:
                break
        return count

    def _tell(self) -> list[Activity]:
        """The onset, once there is speech enough."""
        if self._untold is None or not self.ears.interrupts:
            return []
        told, self._untold = self._untold, None
        return [told]

    def _listen(self) -> None:
        utterance = self.utterances[-1]
        if self.ears.run == 0:
            utterance.speech_end, utterance.pause = self.position, False
            utterance.fresh += FRAME
        elif self.ears.run * FRAME_MS == PAUSE_MS and (self.ears.chosen or not self.judged):
            utterance.foresee()

    def _close(self) -> list[Activity]:
        utterance = self.utterances[-1]
        utterance.end = min(self.position, utterance.speech_end + TAIL)
        self._floor = max(utterance.start, utterance.end)  # a cut may lie in the silence
        self.ears.tune(self.order.spec.endpointing)
        ended = [] if self._untold else [Activity(False, utterance.speech_end)]
        self._untold = None
        if utterance.speech_end <= utterance.start:  # only the silence after a cut
            self.utterances.remove(utterance)
        return ended

    def _pad(self) -> int:
        return self.ears.knobs.speech_pad_ms // FRAME_MS * FRAME
