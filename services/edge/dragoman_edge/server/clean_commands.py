"""Commands of clients made safe before they reach a session, whatever dialect they were read from. Pure."""

from dataclasses import replace

from dragoman_contract.limits import check_job, check_spec
from dragoman_contract.rpc import SpeakerChange
from dragoman_contract.texts import clean, cleaned
from dragoman_edge.model.commands import Amend, BroadcastCommand, Command, Open, TextRequest, Update


def safe(commands: list[Command]) -> list[Command]:
    """Return the commands with clean texts.

    Raises:
        PeerError: `TOO_LARGE` or `BAD_REQUEST`, when one is beyond the bounds of the contract.
    """
    return list(map(_safe, commands))


def _safe(command: Command) -> Command:
    match command:
        case Open() | Update():
            check_spec(command.spec)
            return replace(command, spec=cleaned(command.spec))
        case TextRequest():
            check_job(command.text)
            return replace(command, text=clean(command.text), source_text=clean(command.source_text))
        case Amend(change=change):
            return Amend(replace(change, title=clean(change.title), speakers=_clean(change.speakers)))
        case BroadcastCommand():
            return replace(command, text=clean(command.text))
    return command


def _clean(change: SpeakerChange | None) -> SpeakerChange | None:
    if change is None:
        return None
    speaker, label, target = map(clean, (change.speaker, change.label, change.target))
    return replace(change, speaker=speaker, label=label, target=target)
