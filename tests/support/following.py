"""A policy that hears made-up audio, and decoders for it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from hypothesis import strategies as st

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.events import Endpointing
from dragoman_scripted.engines import ScriptedRecogniser
from dragoman_scripted.tones import numbers, words_to_pcm
from dragoman_stt.decodes import Activity, Kind, Order, Output, Request, Result
from dragoman_stt.endpointing import DEFAULTS, FRAME, FRAME_MS, PAUSE_MS
from dragoman_stt.engines.base import DecodeOptions, Hypothesis, Pcm
from dragoman_stt.policy import Policy

SPEECH, SILENCE = 0.9, 0.0
PAD = DEFAULTS.speech_pad_ms // FRAME_MS
TAIL = 10  # frames of silence that belong to an utterance
PAUSE = PAUSE_MS // FRAME_MS
ENDPOINT = -(-DEFAULTS.silence_ms // FRAME_MS)
ONSET = DEFAULTS.min_speech_ms // FRAME_MS
Decode = Callable[[Request], Hypothesis | None]


def same(request: Request) -> Hypothesis:
    """A decoder that always hears one word."""
    return Hypothesis("word", "en", 1.0)


@dataclass
class Run:
    """Feeds a policy, decodes at once (or after `lag` frames) and keeps what happened."""

    policy: Policy
    decode: Decode = same
    lag: Callable[[], int] = lambda: 0
    requests: list[Request] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)
    held: int = 0
    covered: list[int] = field(default_factory=list)
    _asked: Request | None = None
    _left: int = 0

    def feed(self, frame: Pcm, probability: float) -> None:
        """One frame, and the decodes that are over by then."""
        self.outputs += self.policy.feed(frame, probability)
        self._left -= 1
        self._work()
        self.held = max(self.held, len(self.policy._listener.audio))
        self.covered.append(self.policy.covered)

    def end(self) -> None:
        """Flush, and let all decodes come to their ends."""
        self.outputs += self.policy.flush()
        while not self.policy.idle:
            self._left = 0
            self._work()

    def _work(self) -> None:
        while True:
            if self._asked is not None and self._left <= 0:
                heard = self.decode(self._asked)
                self.outputs += self.policy.failed() if heard is None else self.policy.heard(heard)
                self._asked = None
            if self._asked is not None or (request := self.policy.next()) is None:
                return
            self._asked, self._left = request, self.lag()
            self.requests.append(request)

    @property
    def finals(self) -> list[Result]:
        """In the order in which they came."""
        return [o for o in self.outputs if isinstance(o, Result) and o.final]

    @property
    def interims(self) -> list[Result]:
        """In the order in which they came."""
        return [o for o in self.outputs if isinstance(o, Result) and not o.final]

    @property
    def activity(self) -> list[Activity]:
        """In the order in which it came."""
        return [o for o in self.outputs if isinstance(o, Activity)]

    def windows(self, kind: Kind) -> list[Request]:
        """What was decoded for this reason."""
        return [r for r in self.requests if r.kind is kind]


def begin(
    wanted: Endpointing | None = None, interim: bool = False, first: int = 0, judged: bool = False
) -> Policy:
    """A policy with these knobs."""
    spec = rpc.RecogniserSpec(interim=interim, endpointing=wanted or Endpointing())
    return Policy(Order(spec, ev.WorkOrder()), first, 1, judged=judged)


def numbered(index: int) -> Pcm:
    """A frame whose samples are its number, so that a lost or doubled frame is seen."""
    return np.full(FRAME, index % 30_000, np.int16)


def follow(
    probabilities: list[float],
    wanted: Endpointing | None = None,
    *,
    decode: Decode = same,
    interim: bool = False,
    first: int = 0,
    end: bool = False,
    lag: int = 0,
) -> Run:
    """Feed numbered frames with these probabilities."""
    run = Run(begin(wanted, interim, first), decode, lambda: lag)
    for index, probability in enumerate(probabilities):
        run.feed(numbered(index), probability)
    if end:
        run.end()
    return run


def frames_of(request: Request) -> list[int]:
    """The numbers of the frames in a window."""
    return [int(n) for n in request.pcm[::FRAME]]


def texts(*said: str) -> Decode:
    """A decoder that hears these one after the other, and then the last one again."""
    left = list(said)
    return lambda request: Hypothesis(left.pop(0) if len(left) > 1 else left[0], "en", 1.0)


PHRASES = st.lists(
    st.tuples(st.integers(3_000, 20_000), st.sampled_from([1, 2, 5, 20, 90])), min_size=1, max_size=4
)
ENGINE = ScriptedRecogniser()


def read(request: Request) -> Hypothesis:
    """The words in a window."""
    final = request.kind is not Kind.INTERIM
    return ENGINE.decode(request.pcm.astype(np.float32) / np.float32(32768), DecodeOptions(final=final))


def in_sentences(every: int) -> Decode:
    """The words in a window, with a full stop behind each so many."""

    def heard(request: Request) -> Hypothesis:
        plain = read(request)
        words = tuple(
            replace(word, text=f"{word.text}." if (numbers(word.text)[0] + 1) % every == 0 else word.text)
            for word in plain.words
        )
        return replace(plain, text="".join(word.text for word in words).strip(), words=words)

    return heard


def speak(words: int, decode: Decode, policy: Policy, lag: int = 0) -> Run:
    """So many words without a pause."""
    pcm = words_to_pcm(list(range(words)))
    run = Run(policy, decode, lambda: lag)
    for frame in np.frombuffer(pcm + bytes(-len(pcm) % (2 * FRAME)), np.int16).reshape(-1, FRAME):
        run.feed(frame, 1.0)
    return run
