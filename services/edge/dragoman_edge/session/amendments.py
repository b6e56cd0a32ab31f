"""Changes of what a session has said already: told to the archive and to viewers. Pure."""

import time

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_edge.broadcast.publisher import BroadcastPublisher
from dragoman_edge.model.commands import JOBS, Amend, TextRequest
from dragoman_edge.model.guests import correction, named
from dragoman_edge.session.keeping import Keeping

MOST_OPEN = 1000  # texts without a result yet


class Amendments:
    """Names and corrections of speakers, titles, and sentences that were translated again."""

    def __init__(self, keeping: Keeping | None, broadcast: BroadcastPublisher | None) -> None:
        self._keeping = keeping
        self._broadcast = broadcast
        self._of: dict[int, int] = {}  # utterances by the number of their job
        self._last_ms = 0
        self._guests: set[tuple[int, int]] = set()  # tracks and speakers without a name

    def take(self, amend: Amend) -> None:
        """The client changes something."""
        self._change(amend.change.speakers, amend.change.title)

    def _change(self, speakers: rpc.SpeakerChange | None, title: str = "") -> None:
        self._last_ms = max(self._last_ms + 1, int(time.time() * 1000))
        if self._keeping is not None:
            self._keeping.changed(rpc.KeptChange(number=self._last_ms, speakers=speakers, title=title))
        if self._broadcast is not None and speakers is not None:
            self._broadcast.rename(speakers)

    def asked(self, job: TextRequest) -> None:
        """A text goes to the workers; `of` is the sentence that it translates again."""
        if job.of and len(self._of) < MOST_OPEN:
            self._of[job.number] = job.of

    def released(self, event: ev.Event) -> None:
        """A result goes out: what it corrects is replaced in what is kept, and for viewers."""
        if isinstance(event, ev.SpeakerCorrection):
            self._change(correction(event))
        if isinstance(event, ev.Transcript) and event.final and event.speaker:
            self._spoken(event)
        if isinstance(event, ev.Failure) and event.track == JOBS:
            self._of.pop(event.utterance, None)
        if not isinstance(event, ev.Translation) or event.track != JOBS:
            return
        utterance = self._of.pop(event.utterance, 0)
        if not utterance or not event.text:
            return
        made = rpc.KeptTranslation(
            track=0,
            utterance=utterance,
            language=event.language,
            text=event.text,
            revision=event.utterance,  # of a track of jobs: it grows
        )
        if self._keeping is not None:
            self._keeping.translated_again(made)
        if self._broadcast is not None:
            self._broadcast.translated_again(made)

    def _spoken(self, event: ev.Transcript) -> None:
        """Give what a guest has said to the known speaker who that turns out to be."""
        speaker = event.track, event.speaker
        if not event.speaker_name:
            self._guests.add(speaker)
        elif speaker in self._guests:
            self._guests.discard(speaker)
            if any(number == event.speaker for _, number in self._guests):
                return  # of another track, and the archive knows both by one name
            merge, guest = rpc.SpeakerChangeKind.MERGE, named(event.speaker, "")
            self._change(rpc.SpeakerChange(kind=merge, speaker=guest, target=event.speaker_name))
