"""From what the client asked for and what accounts allowed to what the workers need to know. Pure."""

from dragoman_contract import events as ev
from dragoman_contract import rpc


def recogniser_spec(spec: ev.Spec, track: ev.TrackSpec, grant: ev.Grant, english: bool) -> rpc.RecogniserSpec:
    """What the recogniser of a track must know."""
    return rpc.RecogniserSpec(
        source_languages=track.source_languages,
        interim=spec.interim,
        endpointing=spec.endpointing,
        vocabulary=spec.vocabulary,
        context=spec.context,
        translate_to_english=english,
        two_way=track.two_way,
        settings=grant.enrichment.stt.settings,
    )


def work_order(spec: ev.Spec, track: ev.TrackSpec, grant: ev.Grant) -> ev.WorkOrder:
    """What translation and speech of a track must know."""
    wanted = spec.translate or spec.speech
    return ev.WorkOrder(
        target_languages=track.target_languages if wanted else (),
        speech=spec.speech,
        voices=spec.voices,
        vocabulary=spec.vocabulary,
        dictionary=spec.dictionary,
        context=spec.context,
        labels=spec.labels,
        translation=grant.enrichment.translation,
        tts=grant.enrichment.tts,
    )
