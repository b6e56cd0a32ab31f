"""Names of speakers who were told apart by their voices. Pure."""

from dragoman_contract import events as ev
from dragoman_contract import rpc

GUEST = "Guest-"


def guest(speaker: int) -> str:
    """The name of a speaker, from 1 on, until somebody gives them another one: `Guest-1`."""
    return f"{GUEST}{speaker}"


def named(speaker: int, name: str) -> str:
    """A speaker as people are shown them: by the own name if they are known; empty for nobody."""
    return name or (guest(speaker) if speaker else "")


def correction(event: ev.SpeakerCorrection) -> rpc.SpeakerChange:
    """A correction as a change of what was said: it counts unless somebody has changed the sentence since."""
    return rpc.SpeakerChange(
        kind=rpc.SpeakerChangeKind.CORRECT,
        speaker=named(event.speaker, event.speaker_name),
        target=named(event.before, event.name_before),
        track=event.track,
        utterance=event.utterance,
    )
