"""Orders of an edge to the workers of a session."""

from dataclasses import dataclass

from dragoman_contract.events import Label, Term


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTexts:
    """Texts of a work order that are stored once, because every utterance would carry them."""

    dictionary: tuple[Term, ...] = ()
    context: str = ""
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechPace:
    """Rate of a session's next speech, as a factor on the rate that it wants, and its longest pause.

    Args:
        pause_ms: 0 = pauses as the voice makes them.
    """

    session_id: str
    track: int
    language: str
    rate: float
    pause_ms: int = 0
