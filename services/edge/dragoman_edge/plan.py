"""From what the client asked for and what accounts allowed to what the workers need to know. Pure."""

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_edge.languages import base


def recogniser_spec(spec: ev.Spec, track: ev.TrackSpec, grant: ev.Grant) -> rpc.RecogniserSpec:
    """What the recogniser of a track must know."""
    return rpc.RecogniserSpec(
        source_languages=track.source_languages,
        interim=spec.interim,
        endpointing=spec.endpointing,
        vocabulary=spec.vocabulary,
        context=spec.context,
        translate_to_english=_english_wanted(track),
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


def _english_wanted(track: ev.TrackSpec) -> bool:
    """Whether somebody wants English of a track that is not, or not only, spoken in it."""
    sources = {base(tag) for tag in track.source_languages}
    return sources != {"en"} and "en" in {base(tag) for tag in track.target_languages}
