"""Changes of speakers as the API tells them, to the host and to viewers alike."""

from contextlib import suppress

from dragoman_contract.rpc import SpeakerChange, SpeakerChangeKind
from dragoman_edge.dialects.vas import frames
from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.dialects.vas.results import Results
from dragoman_edge.dialects.vas.sentences import Sentence
from dragoman_edge.model.commands import Frame


def rename(results: Results, speaker: str, label: str) -> str:
    """Section "speaker_renamed"; `speaker` is an id."""
    results.speakers.rename(speaker, label)
    sids = [one.sid for one in results.sentences.all() if one.speaker == speaker]
    return frames.event("speaker_renamed", speaker_id=speaker, new_label=label, affected_sids=sids)


def reassign(results: Results, sentence: Sentence, speaker: str) -> str:
    """Section "speaker_reassigned"; `speaker` is an id."""
    old, sentence.speaker = sentence.speaker, speaker
    return frames.event(
        "speaker_reassigned",
        sid=sentence.sid,
        old_speaker_id=old,
        new_speaker_id=speaker,
        new_speaker_label=results.speakers.label(speaker) or speaker,
    )


def merge(results: Results, source: str, target: str) -> str:
    """Section "speakers_merged"; both are ids."""
    moved = [one for one in results.sentences.all() if one.speaker == source]
    for sentence in moved:
        sentence.speaker = target
    results.speakers.merge(source, target)
    sids = [one.sid for one in moved]
    return frames.event(
        "speakers_merged", source_speaker_id=source, target_speaker_id=target, affected_sids=sids
    )


def seen(results: Results, change: SpeakerChange) -> list[Frame]:
    """A change by the host, as a viewer sees it; nothing where the viewer does not have the sentence."""
    with suppress(Problem):
        if change.kind is SpeakerChangeKind.RENAME:
            return [rename(results, change.speaker, change.label)]
        if change.kind is SpeakerChangeKind.MERGE:
            return [merge(results, change.speaker, change.target)]
        if change.kind is SpeakerChangeKind.CORRECT:
            return corrected(results, change)
        return [reassign(results, results.sentences.get(change.utterance), change.speaker)]
    return []


def corrected(results: Results, change: SpeakerChange) -> list[Frame]:
    """A speaker whom the mesh was unsure of, put right; nothing where somebody has chosen another one."""
    sentence = results.sentences.find(change.utterance)
    if sentence is None or sentence.speaker != results.speakers.met(change.target):
        return []
    speaker = results.speakers.met(change.speaker)
    return [reassign(results, sentence, speaker)] if speaker != sentence.speaker else []
