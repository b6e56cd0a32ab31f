"""From what the client asked for and what accounts allowed to what the workers need to know. Pure."""

from typing import Any

from dragoman_contract import events as ev
from dragoman_contract import rpc


def recogniser_spec(spec: ev.Spec, track: ev.TrackSpec, grant: ev.Grant, english: bool) -> rpc.RecogniserSpec:
    """Return the spec for the recogniser of a track."""
    return rpc.RecogniserSpec(
        source_languages=track.source_languages,
        interim=spec.interim or spec.stability in (ev.Stability.STEADY, ev.Stability.LIVE),
        endpointing=spec.endpointing,
        vocabulary=spec.vocabulary,
        context=spec.context,
        translate_to_english=english,
        two_way=track.two_way,
        settings=grant.enrichment.stt.settings,
        denoise=ev.DENOISE in spec.features,
        corrections=spec.corrections,
        other_languages=spec.other_languages,
        candidates=track.candidates,
        speakers=spec.speakers,
        known_speakers=spec.known_speakers,
    )


def configuration(spec: ev.Spec, grant: ev.Grant) -> dict[str, Any]:
    """The session as its workers get it, for the operators' log: no texts, of settings only the names.

    It is the "Initial Worker Message" of the Krisp page in the mesh's own words.
    """
    chosen = grant.enrichment
    return {
        "account": grant.account_id,
        "key_id": grant.key_id,
        "tier": grant.tier,
        "dialect": spec.dialect,
        "tracks": [
            {"source": list(t.source_languages), "targets": list(t.target_languages)} for t in spec.tracks
        ],
        "stt": {
            **_engine(chosen.stt),
            "interim": spec.interim,
            "final": spec.final,
            "vocabulary": len(spec.vocabulary),
            "corrections": len(spec.corrections),
        },
        "translation": {
            **_engine(chosen.translation),
            "wanted": spec.translate,
            "dictionary": len(spec.dictionary),
        },
        "tts": {
            **_engine(chosen.tts),
            "wanted": spec.speech,
            "voices": [{"language": v.language, "voice": v.voice, "rate": v.rate} for v in spec.voices],
        },
        "features": list(spec.features),
        "metadata": chosen.metadata,
        "reference_id": spec.reference_id,
    }


def _engine(choice: ev.EngineChoice) -> dict[str, Any]:
    """Settings by name alone: a value may be a secret."""
    return {"engine": choice.engine or "default", "settings": sorted(choice.settings)}


def work_order(spec: ev.Spec, track: ev.TrackSpec, grant: ev.Grant, patience_ms: int = 0) -> ev.WorkOrder:
    """Return the instructions of a track for its workers; work that waited for `patience_ms` is not begun."""
    wanted = spec.translate or spec.speech
    return ev.WorkOrder(
        target_languages=track.target_languages if wanted else (),
        speech=spec.speech,
        voices=spec.voices,
        dictionary=spec.dictionary,
        context=spec.context,
        labels=spec.labels,
        translation=grant.enrichment.translation,
        tts=grant.enrichment.tts,
        patience_ms=patience_ms,
        account_id=grant.account_id,
        background=spec.imported_ms > 0,
    )
