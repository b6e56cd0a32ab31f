"""Speakers who do not speak as one writes: interims through the edge's decisions, as listeners see them."""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman_contract import codec
from dragoman_contract import events as ev
from dragoman_contract.events import Stability
from dragoman_edge.model.stability import StabilityFilter
from dragoman_edge.session.tentative import TentativeTranslations
from dragoman_edge.settings import EdgeSettings
from tests.support.fake_bus import FakeMesh

TRACK = ev.TrackSpec(source_languages=("en", "fr"), target_languages=("es",))
WORDS = {
    "send": "envía", "it": "lo", "to": "a", "Anna": "Ana", "no": "no", "Bob": "Roberto", "five": "cinco",
    "fifty": "cincuenta", "three": "tres", "fifty-three": "cincuenta y tres", "my": "mi", "name": "nombre",
    "is": "es", "bonjour": "hola",
}  # fmt: skip


def translated(text: str) -> str:
    """Word by word."""
    return " ".join(WORDS.get(word.rstrip(".,"), word.rstrip(".,")) for word in text.split())


@dataclass
class Listeners:
    """One session with a worker that answers at once, and a listener of each stability."""

    seen: dict[Stability, list[ev.Translation]] = field(default_factory=lambda: {s: [] for s in Stability})
    asked: int = 0
    late: bool = False  # answers wait for the next transcript

    def __post_init__(self) -> None:
        mesh = FakeMesh()
        mesh.nc.on_publish = self._note
        work = ev.WorkOrder(target_languages=("es",))
        settings = EdgeSettings(tentative_ms=100, tentative_mask=0)
        self.made = TentativeTranslations(mesh.bus, settings, lambda: True, lambda _: (TRACK, work))
        self._filters = {stability: StabilityFilter(stability) for stability in Stability}
        self._sent: list[ev.Transcript] = []

    async def _note(self, _: str, payload: bytes) -> None:
        event = codec.decode_event(payload)
        assert isinstance(event, ev.Transcript)
        self.asked += 1
        self._sent.append(event)

    async def hear(self, transcript: ev.Transcript) -> None:
        """A transcript, and what the workers make of it; the order drops answers behind their final."""
        self.made.take(transcript)
        self._answer(
            [one for one in self._sent if (one.utterance, one.final) == (transcript.utterance, False)]
        )
        if transcript.final:
            self.show(transcript)
        await self.made.send()
        if not self.late:
            self._answer(self._sent)

    def _answer(self, sent: list[ev.Transcript]) -> None:
        for one in list(sent):
            self.show(one)
        self._sent.clear()

    def show(self, transcript: ev.Transcript) -> None:
        """Its translation to all."""
        event = self.made.take(translation(transcript))
        for stability, keep in self._filters.items() if event is not None else ():
            got = keep.take(event)
            if got is not None:
                assert isinstance(got, ev.Translation)
                self.seen[stability].append(got)

    def texts(self, stability: Stability, utterance: int = 1) -> list[str]:
        """What one of them saw of an utterance."""
        return [event.text for event in self.seen[stability] if event.utterance == utterance]


def translation(of: ev.Transcript) -> ev.Translation:
    return ev.Translation(
        session_id="s", track=0, epoch=1, utterance=of.utterance, revision=of.revision, final=of.final,
        language="es", text=translated(of.text), source_language=of.language, source_text=of.text,
        start_ms=0, duration_ms=0,
    )  # fmt: skip


def said(text: str, revision: int, stable: str = "", **changes: Any) -> ev.Transcript:
    made = ev.Transcript(
        session_id="s", track=0, epoch=1, utterance=1, revision=revision, final=False, text=text,
        language="en", start_ms=0, duration_ms=0, stable_length=len(stable),
    )  # fmt: skip
    return replace(made, **changes)


async def heard(said_so: Sequence[tuple[str, str]]) -> Listeners:
    """Interims (text, its stable part), then the last one as the final."""
    listeners = Listeners()
    for revision, (text, stable) in enumerate(said_so, 1):
        await listeners.hear(said(text, revision, stable, final=revision == len(said_so)))
    return listeners


def grows(texts: list[str]) -> bool:
    return all(later.startswith(earlier) for earlier, later in itertools.pairwise(texts))


SPEAKERS = {
    "takes back half a sentence": (
        [
            ("send it to", ""),
            ("send it to Anna no", "send it to"),
            ("send it to Anna no to Bob", "send it to Anna no"),
            ("send it to Anna, no, to Bob.", "send it to Anna, no, to Bob."),
        ],
        "envía lo a Ana no a Roberto",
    ),
    "whose words the recogniser takes back": (
        [
            ("send it to Anna", ""),
            ("send it to Bob", "send it to"),
            ("send it to Bob", "send it to Bob"),
            ("send it to Bob.", "send it to Bob."),
        ],
        "envía lo a Roberto",
    ),
    "whose words the recogniser takes back when they are concluded": (
        [
            ("send it to Anna", ""),
            ("send it to Anna no", "send it to Anna"),
            ("send it to Anna no my", "send it to Anna no"),
            ("send it to Bob.", "send it to Bob."),
        ],
        "envía lo a Ana",
    ),
    "says a number digit by digit": (
        [
            ("five", ""),
            ("five three", "five"),
            ("53", ""),
            ("fifty-three", ""),
            ("Fifty-three.", "Fifty-three."),
        ],
        None,
    ),
    "spells a name": (
        [
            ("my name is", ""),
            ("my name is A", "my name is"),
            ("my name is A N", "my name is A"),
            ("my name is A. N. N. A.", "my name is"),
            ("my name is Anna.", "my name is Anna."),
        ],
        "mi nombre es Ana",
    ),
}


@pytest.mark.parametrize("who", SPEAKERS)
async def test_a_speaker_who(who: str) -> None:
    interims, final = SPEAKERS[who]
    listeners = await heard(interims)
    live, steady, finals = (
        listeners.texts(one) for one in (Stability.LIVE, Stability.STEADY, Stability.FINAL)
    )
    assert grows(steady), steady
    assert len(finals) == 1 and live[-1] == steady[-1] == finals[0]
    assert len(live) > 1
    if final is not None:
        assert finals[0] == final


async def test_a_speaker_who_changes_language_between_two_that_are_named() -> None:
    listeners = Listeners()
    await listeners.hear(said("send it", 1))
    await listeners.hear(said("bonjour", 2, language="fr"))
    await listeners.hear(said("bonjour Anna", 3, "bonjour", language="fr"))
    await listeners.hear(said("bonjour Anna.", 4, "bonjour Anna.", language="fr", final=True))
    assert listeners.texts(Stability.FINAL) == ["hola Ana"]
    assert grows(listeners.texts(Stability.STEADY))


async def test_a_speaker_who_changes_to_a_language_that_is_not_named() -> None:
    listeners = Listeners()
    await listeners.hear(said("send it", 1))
    await listeners.hear(said("guten Tag", 2, language="de"))
    await listeners.hear(said("guten Tag zusammen", 3, "guten Tag", language="de"))
    assert listeners.asked == 1


async def test_a_translator_slower_than_speech_has_one_text_at_a_time() -> None:
    class Slow(Listeners):
        def show(self, transcript: ev.Transcript) -> None:
            """Nothing comes back."""

    listeners = Slow()
    for revision in range(1, 20):
        await listeners.hear(said("send it to " * revision, revision))
    assert listeners.asked == 1


TEXT = st.lists(st.sampled_from(["send", "it", "Anna", "no", "no.", "five,", "Bob"]), max_size=6).map(
    " ".join
)


CONFIDENCE = st.sampled_from([0.0, 0.3, 0.7, 0.9])  # not known, doubted, neither, trusted


@given(
    st.lists(
        st.tuples(TEXT, st.floats(0, 1), st.booleans(), st.booleans(), CONFIDENCE), min_size=1, max_size=12
    )
)
def test_nothing_that_a_steady_viewer_was_shown_ever_changed(
    said_so: list[tuple[str, float, bool, bool, float]],
) -> None:
    """Any interims, any stable parts, any ends of utterances; answers that come late, too."""

    async def play() -> Listeners:
        listeners, utterance = Listeners(), 1
        for revision, (text, stable, final, late, confidence) in enumerate(said_so, 1):
            listeners.late = late
            about = {"utterance": utterance, "final": final, "confidence": confidence}
            await listeners.hear(said(text, revision, text[: round(stable * len(text))], **about))
            utterance += final
        return listeners

    listeners = asyncio.run(play())
    for number in range(1, len(said_so) + 1):
        assert grows(listeners.texts(Stability.STEADY, number))
