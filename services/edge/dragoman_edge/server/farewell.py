"""An outcome as the client is told it: the dialect's error frames and close code."""

from dragoman_contract.errors import DragomanError
from dragoman_edge.dialects import close_codes
from dragoman_edge.dialects.api import Conversation
from dragoman_edge.model.commands import Frame
from dragoman_kit.logging import get

log = get(__name__)


def farewell(conversation: Conversation, error: DragomanError | None, now_ms: int) -> tuple[list[Frame], int]:
    """The dialect's own error frames and close code; a bug in the codec still closes as a failure."""
    frames: list[Frame] = []
    if error is not None:
        try:
            frames = conversation.refuse(error, now_ms)
        except Exception:
            log.exception("dialect failed to render an error", code=error.code)
    try:
        return frames, conversation.close_code(error)
    except Exception:
        log.exception("a dialect has no close code", code=error.code if error is not None else "")
        return frames, close_codes.INTERNAL_ERROR
