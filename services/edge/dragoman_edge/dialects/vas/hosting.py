"""A broadcast as its host sees it: actions in, figures and phases out."""

from typing import Any

from dragoman_contract.events import Show
from dragoman_edge.dialects.vas import frames, messages, parsing
from dragoman_edge.dialects.vas.errors import Problem
from dragoman_edge.dialects.vas.settings import BROADCAST
from dragoman_edge.model.commands import BroadcastAction, BroadcastCommand, Command, Frame
from dragoman_edge.model.events import Audience, BroadcastAck, BroadcastInfo, ViewerJoined, ViewerLeft

Data = dict[str, Any]
TYPE = BROADCAST
_DONE = {
    BroadcastAction.ANNOUNCE: "Announcement sent",
    BroadcastAction.STANDBY_MESSAGE: "Standby message updated",
}
ACTIONS = ("broadcast_go_live", "broadcast_announcement", "set_standby_message")


def direct(action: str, data: Data, recording_type: str) -> list[Command]:
    """One of `ACTIONS`.

    Raises:
        Problem: `broadcast_required`, `invalid_request`.
    """
    if recording_type != TYPE:
        raise Problem("broadcast_required", "Only in a broadcast", context="broadcast")
    match action:
        case "broadcast_go_live":
            return [BroadcastCommand(BroadcastAction.GO_LIVE)]
        case "broadcast_announcement":
            return [
                BroadcastCommand(
                    BroadcastAction.ANNOUNCE, parsing.read(messages.AnnouncementText, data).message
                )
            ]
    return [
        BroadcastCommand(BroadcastAction.STANDBY_MESSAGE, parsing.read(messages.StandbyMessage, data).message)
    ]


def directed(event: BroadcastAck) -> list[Frame]:
    """Render the outcome of a host's command."""
    if event.what is not BroadcastAction.GO_LIVE:
        return [frames.status(_DONE[event.what])]
    if not event.changed:
        return [frames.status("The broadcast is live already")]
    return [phase_changed(event.state.show)]


def phase_changed(show: Show) -> str:
    """Render a message of the page's section "broadcast_phase_changed"."""
    message = "Broadcast started" if show is Show.LIVE else "The broadcast is in standby"
    return frames.event("broadcast_phase_changed", phase=str(show), message=message)


def started(on_air: BroadcastInfo) -> Data:
    """Return the fields of a broadcast's `session_started`; those by which viewers find it are ours."""
    return {
        "phase": str(on_air.state.show),
        **_figures(on_air.audience),
        "broadcast_id": on_air.id,
        "token": on_air.token,
    }


def viewer_count(audience: Audience) -> str:
    """Render a message of the page's section "viewer_count"."""
    return frames.event("viewer_count", **_figures(audience))


def viewer_joined(event: ViewerJoined) -> str:
    """Render a message of the page's section "viewer_joined"."""
    viewer = {"id": event.id, "ip": event.source, "language": event.language}
    return frames.event("viewer_joined", viewer=viewer, **_now(event.audience))


def viewer_left(event: ViewerLeft) -> str:
    """Render a message of the page's section "viewer_left"."""
    return frames.event("viewer_left", viewer_id=event.id, **_now(event.audience))


def _now(audience: Audience) -> dict[str, int]:
    return {"viewer_count": audience.viewers, "queue_count": audience.queued}


def _figures(audience: Audience) -> Data:
    """The languages are ours; "" = every language."""
    figures = {"peak_viewers": audience.peak, "total_viewers": audience.total}
    return {**_now(audience), **figures, "viewers_by_language": dict(audience.languages)}
