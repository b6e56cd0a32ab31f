"""The claims of a socket's token: the session's mode and languages, and the spec that follows from them."""

from dataclasses import replace
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from dragoman_contract import events as ev
from dragoman_contract.languages import canonical, same_language

NAME = "kallglot"
SPEAKERS = ("customer", "agent")  # channel 1 and 2
# The archive has audio with its texts only.
KEEP = ev.Keep(text=True, audio=True, callback_topics=("started", "ended", "transcript", "recording"))
Tags = tuple[str, ...]


class Mode(StrEnum):
    """Use of the speech; the first is the page's, the others are its one-way forms."""

    BIDIRECTIONAL = "bidirectional_translation"
    TRANSLATION = "translation"
    TRANSCRIPTION = "transcription"


class Claims(BaseModel):
    """Contents of a token. The customer speaks the source language, the agent the target language."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    session_id: str
    mode: Mode
    source_language: str = ""  # empty = detected
    target_language: str = ""
    voice: str = ""
    recording: bool = False
    by_voice: bool = False  # the fleet can tell the two apart where the language does not

    @property
    def two_way(self) -> bool:
        """Whether both speak, each in a language of their own."""
        return self.mode is Mode.BIDIRECTIONAL

    @property
    def one_detected(self) -> bool:
        """Whether one of the two speaks a language that is to be found out."""
        return self.two_way and not (self.source_language and self.target_language)

    def known(self, language: str) -> bool:
        """Whether it is one of those that the session was made with."""
        return any(
            same_language(tag, language) for tag in (self.source_language, self.target_language) if tag
        )

    def spec(self, channels: int, heard: str = "") -> ev.Spec:
        """One track for each channel; `heard` is the language of who speaks one that had to be detected.

        Raises:
            PeerError: `UNSUPPORTED_LANGUAGE`, when a language is no tag.
        """
        source = (canonical(self.source_language),) if self.source_language else ()
        target = (canonical(self.target_language),) if self.target_language else ()
        if self.one_detected:
            tracks = self._detecting(channels, source, target, (heard,) if heard else ())
        else:
            tracks = tuple(self._track(channel, channels, source, target) for channel in range(channels))
        return ev.Spec(
            dialect=NAME,
            tracks=tracks,
            interim=True,
            stability=ev.Stability.LIVE,
            other_languages=ev.OtherLanguages.LABEL,
            translate=self.mode is not Mode.TRANSCRIPTION,
            speech=self.two_way,
            voices=(ev.VoiceChoice(voice=self.voice),),
            keep=KEEP if self.recording else None,
            speakers=len(SPEAKERS) if self.by_voice and self.two_way and channels == 1 else 0,
        )

    def _detecting(self, channels: int, source: Tags, target: Tags, heard: Tags) -> tuple[ev.TrackSpec, ...]:
        """Who speaks a detected language is translated for the other; the other, once it has been heard."""
        known = source or target
        if channels == 1:  # both are on it
            return (ev.TrackSpec(target_languages=known + heard, two_way=True),)
        other = ev.TrackSpec(target_languages=known, two_way=True)
        native = ev.TrackSpec(source_languages=known, target_languages=heard)
        tracks = (native, other) if source else (other, native)
        return tuple(
            replace(track, track=channel, speaker=SPEAKERS[channel]) for channel, track in enumerate(tracks)
        )

    def _track(
        self, channel: int, channels: int, source: tuple[str, ...], target: tuple[str, ...]
    ) -> ev.TrackSpec:
        speaker = SPEAKERS[channel]
        if not self.two_way:
            return ev.TrackSpec(
                track=channel, speaker=speaker, source_languages=source, target_languages=target
            )
        if channels == 1:  # both are on it
            both = source + target
            return ev.TrackSpec(source_languages=both, target_languages=both, two_way=True)
        spoken, wanted = (source, target) if speaker == "customer" else (target, source)
        return ev.TrackSpec(track=channel, speaker=speaker, source_languages=spoken, target_languages=wanted)
