"""Settings of a VAS client, and the spec that follows from them. Frozen: a change may fail."""

from dataclasses import dataclass, field, replace

from dragoman_contract import events as ev
from dragoman_contract.languages import same_language
from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.model.guests import guest

NAME = "vas"
MULTI_SPEAKER = "multi_speaker"
BROADCAST = "broadcast"
UNKNOWN = "Unknown"  # a speaker who was not told apart, or not yet
MOST_VOICES = 8  # that are told apart


@dataclass(frozen=True, slots=True)
class Voice:
    """A choice of `tts_config`; `rate` 1.0 = as usual."""

    voice: str = ""
    rate: float = 1.0

    def shown(self) -> dict[str, object]:
        """Return the voice in the form of `tts_updated`."""
        return {"voice": self.voice, "speaking_rate": self.rate}


@dataclass(frozen=True, slots=True)
class Words:
    """Words that `config` sets; it may come before `start`."""

    terminology: tuple[str, ...] = ()
    corrections: tuple[tuple[str, str], ...] = ()  # misheard → right
    dictionary: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """One session's; languages are canonical BCP 47. A conversation has exactly two, of speakers 1 and 2."""

    recording_type: str = "transcribe"
    recognition_mode: str = "single"
    sources: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    words: Words = field(default_factory=Words)
    tts_mode: str = "async"
    tts_enabled: bool = False
    voices: tuple[tuple[str, Voice], ...] = ()
    conversation_mode: str = "auto"
    active: int = 1  # the speaker whose language is heard in manual mode
    summary: ev.SummaryWish | None = None
    realtime: bool = False  # translations while one speaks
    callback_url: str = ""
    keep: bool = True  # the API's sessions are recordings; where the tier allows it
    broadcast: str = ""  # its id or token; empty = a new one, where it is one

    @property
    def conversation(self) -> bool:
        """Whether two languages are translated into each other."""
        return self.recording_type == "conversation"

    @property
    def manual(self) -> bool:
        """Whether the client says who speaks."""
        return self.conversation and self.conversation_mode == "manual"

    @property
    def speaks(self) -> bool:
        """Whether each translation is spoken at once."""
        enabled = self.tts_enabled or not self.conversation
        translated = bool(self.targets) or self.recording_type == BROADCAST  # of a channel's languages
        return translated and self.tts_mode == "sync" and enabled

    @property
    def active_languages(self) -> tuple[str, str]:
        """Return the active speaker's language and its target, in a conversation."""
        mine, other = self.sources if self.active == 1 else self.sources[::-1]
        return mine, other

    def speaker_languages(self) -> dict[str, str]:
        """Return the languages of the speakers, by speaker (`speaker_language_map`)."""
        return {str(number): tag for number, tag in enumerate(self.sources, 1)}

    def speaker_of(self, language: str, voice: int = 0) -> str:
        """Return the speaker of a language, in a conversation, or of a voice; else "0"."""
        if voice or self.recognition_mode == MULTI_SPEAKER:
            return guest(voice) if voice else UNKNOWN
        if not self.conversation:
            return "0"
        for number, tag in enumerate(self.sources, 1):
            if same_language(tag, language):
                return str(number)
        return "0"

    def tag_of(self, language: str) -> str:
        """The recogniser's language as the client wrote it."""
        known = [tag for tag in self.sources if same_language(tag, language)]
        return known[0] if known else language or (self.sources[0] if self.sources else "")

    def joined(self, spec: ev.Spec) -> "Settings":
        """The settings of a broadcast as its channel completes them."""
        track, keep = spec.tracks[0], spec.keep
        return replace(
            self,
            sources=track.source_languages,
            targets=track.target_languages,
            voices=tuple((one.language, Voice(one.voice, one.rate or 1.0)) for one in spec.voices),
            recognition_mode=MULTI_SPEAKER if spec.speakers else self.recognition_mode,
            summary=keep.summary if keep else self.summary,
            callback_url=keep.callback_url if keep else self.callback_url,
        )

    def with_pair(self, first: str, second: str) -> "Settings":
        """The languages of a conversation's speakers.

        Raises:
            Problem: `conversation_language_conflict`, when they are the same.
        """
        if same_language(first, second):
            message = "A conversation needs two different languages"
            raise Problem("conversation_language_conflict", message, context="conversation")
        return replace(self, sources=(first, second), targets=(first, second))

    def _kept(self) -> ev.Keep:
        return ev.Keep(
            text=True,
            audio=True,
            kind=self.recording_type,
            where_allowed=True,
            summary=self.summary,
            callback_url=self.callback_url,
        )

    def spec(self) -> ev.Spec:
        """For the mesh."""
        sources, targets = self.sources, self.targets
        if self.manual:
            spoken, wanted = self.active_languages
            sources, targets = (spoken,), (wanted,)
        two_way = self.conversation and not self.manual
        return ev.Spec(
            dialect=NAME,
            tracks=(ev.TrackSpec(source_languages=sources, target_languages=targets, two_way=two_way),),
            interim=True,
            translate=bool(targets),
            stability=ev.Stability.LIVE if self.realtime else ev.Stability.FINAL,
            other_languages=ev.OtherLanguages.LABEL,
            speakers=MOST_VOICES if self.recognition_mode == MULTI_SPEAKER else 0,
            speech=self.speaks,
            voices=tuple(
                ev.VoiceChoice(language=tag, voice=voice.voice, rate=voice.rate) for tag, voice in self.voices
            ),
            vocabulary=self.words.terminology + tuple(right for _, right in self.words.corrections),
            dictionary=_terms(self.words.dictionary),
            keep=self._kept() if self.keep else None,
            corrections=_terms(self.words.corrections),
        )


def _terms(pairs: tuple[tuple[str, str], ...]) -> tuple[ev.Term, ...]:
    return tuple(ev.Term(source=source, target=target) for source, target in pairs)
