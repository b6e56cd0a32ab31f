"""The spec that a `start` begins with and a `change` turns it into."""

import base64
from collections.abc import Iterable
from typing import Any

from dragoman_contract import events as ev
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.ids import is_safe_token
from dragoman_contract.languages import canonical
from dragoman_contract.limits import VOICE_PRINT
from dragoman_edge.dialects.native import messages as m
from dragoman_edge.dialects.native.languages import NAME


def start_spec(message: m.Start) -> ev.Spec:
    """The spec of a new session.

    Raises:
        PeerError: `UNSUPPORTED_LANGUAGE`, when a language is no tag; `UNSUPPORTED_FEATURE`.
    """
    tracks = tuple(_track(number, track) for number, track in enumerate(message.tracks or [message.single()]))
    return ev.Spec(
        dialect=NAME,
        tracks=tracks,
        interim=message.interim,
        final=message.final,
        translate=message.translate,
        speech=message.speech,
        voices=_voices(message.voices),
        endpointing=ev.Endpointing(**message.endpointing.model_dump()),
        vocabulary=tuple(message.vocabulary),
        dictionary=_dictionary(message.dictionary),
        context=message.context,
        labels=tuple(ev.Label(language=canonical(k), text=v) for k, v in message.labels.items()),
        features=_features(message.features, denoise=message.denoise or ev.DENOISE in message.features),
        metadata=dict(message.metadata),
        reference_id=message.reference_id,
        stability=ev.Stability(message.stability) if message.stability else _usual(message.interim),
        keep=_keep(message.keep),
        speakers=message.speakers.max if message.speakers else 0,
        known_speakers=_known(message.speakers.known) if message.speakers else (),
    )


def _known(speakers: list[m.KnownSpeaker]) -> tuple[ev.KnownSpeaker, ...]:
    """Known speakers; voices of enrolled ones are read later."""
    made = tuple(map(_known_speaker, speakers))
    if len({one.id or one.name for one in made}) < len(made):
        raise PeerError(FaultCode.BAD_REQUEST, "a known speaker is given twice")
    return made


def _known_speaker(speaker: m.KnownSpeaker) -> ev.KnownSpeaker:
    if speaker.id and is_safe_token(speaker.id) and speaker.name is None and not speaker.print:
        return ev.KnownSpeaker(id=speaker.id)
    try:
        voice = base64.b64decode(speaker.print, validate=True)
    except ValueError:
        voice = b""
    if speaker.id or speaker.name is None or not 0 < len(voice) <= VOICE_PRINT:
        raise PeerError(FaultCode.BAD_REQUEST, "a known speaker has an 'id', or a 'name' and a 'print'")
    return ev.KnownSpeaker(name=speaker.name, print=voice, spoken_ms=speaker.spoken_ms)


def _keep(keep: m.Keep | None) -> ev.Keep | None:
    if keep is None:
        return None
    if keep.audio and not keep.text:
        raise PeerError(FaultCode.UNSUPPORTED_FEATURE, "audio is kept with the text only: set keep.text")
    return ev.Keep(text=keep.text, audio=keep.audio, days=keep.days, callback_url=keep.callback_url)


def _usual(interim: bool) -> ev.Stability:
    """The stability of a client that names none: who wants no interims wants no tentative translations."""
    return ev.Stability.LIVE if interim else ev.Stability.FINAL


def _features(names: Iterable[str], *, denoise: bool) -> tuple[str, ...]:
    others = tuple(name for name in names if name != ev.DENOISE)
    return (*others, ev.DENOISE) if denoise else others


def _track(number: int, track: m.Track) -> ev.TrackSpec:
    return ev.TrackSpec(
        track=number,
        speaker=track.speaker,
        source_languages=tuple(map(canonical, track.source())),
        target_languages=tuple(map(canonical, track.to)),
        two_way=track.two_way,
    )


def _voices(voices: dict[str, m.VoiceWish | str]) -> tuple[ev.VoiceChoice, ...]:
    """By language; "*" is any."""
    made = []
    for language, wish in voices.items():
        voice = m.VoiceWish(voice=wish) if isinstance(wish, str) else wish
        tag = "" if language == "*" else canonical(language)
        made.append(ev.VoiceChoice(language=tag, voice=voice.voice, rate=voice.rate))
    return tuple(made)


def _dictionary(terms: list[m.Term]) -> tuple[ev.Term, ...]:
    return tuple(ev.Term(source=term.source, target=term.target) for term in terms)


def changed_spec(spec: ev.Spec, change: m.Change) -> ev.Spec:
    """`spec` with the fields that the message names; the rest stays.

    Raises:
        PeerError: `UNSUPPORTED_LANGUAGE`, when a language is no tag.
    """
    fields: dict[str, Any] = {f: getattr(spec, f) for f in spec.__slots__}
    named = change.model_fields_set
    for name in ("interim", "final", "translate", "speech", "context"):
        if name in named:
            fields[name] = getattr(change, name)
    if "stability" in named:
        fields["stability"] = ev.Stability(change.stability)
    elif "interim" in named and spec.stability is _usual(spec.interim):
        fields["stability"] = _usual(change.interim)
    if "denoise" in named:
        fields["features"] = _features(spec.features, denoise=change.denoise)
    if change.voices is not None:
        fields["voices"] = _voices(change.voices)
    if change.vocabulary is not None:
        fields["vocabulary"] = tuple(change.vocabulary)
    if change.dictionary is not None:
        fields["dictionary"] = _dictionary(change.dictionary)
    if change.to is not None:
        fields["tracks"] = tuple(_retargeted(track, change) for track in spec.tracks)
    return ev.Spec(**fields)


def _retargeted(track: ev.TrackSpec, change: m.Change) -> ev.TrackSpec:
    if change.track not in (None, track.track):
        return track
    return ev.TrackSpec(
        track=track.track,
        speaker=track.speaker,
        source_languages=track.source_languages,
        target_languages=tuple(map(canonical, change.to or [])),
        two_way=track.two_way,
    )
