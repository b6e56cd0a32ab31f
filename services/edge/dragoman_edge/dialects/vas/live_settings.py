"""The settings of a running session: as the client asked for them, and as the mesh applies them."""

from dataclasses import dataclass

from dragoman_edge.dialects.vas.errors import Problem, code_of
from dragoman_edge.dialects.vas.settings import Settings
from dragoman_edge.dialects.vas.tasks import Batch
from dragoman_edge.model.commands import Frame, Update
from dragoman_edge.model.events import Outcome


@dataclass(frozen=True, slots=True)
class _Change:
    """Settings that the mesh was asked for, and the frames that tell the client when it has them."""

    settings: Settings
    frames: tuple[Frame, ...]
    batch: Batch | None = None


class LiveSettings:
    """`wanted` has every change that was asked for, `applied` those that the mesh confirmed."""

    def __init__(self) -> None:
        self.wanted = self.applied = Settings()
        self.speaking = False  # in a manual conversation: the client said that somebody speaks
        self._changes: dict[str, _Change] = {}
        self._count = 0

    @property
    def hears(self) -> bool:
        """Whether audio is recognised; in a manual conversation only between start_ and stop_speaking."""
        return self.speaking or not self.wanted.manual

    def begin(self, settings: Settings) -> None:
        """The session begins with `settings`."""
        self.wanted = self.applied = settings

    def change(self, settings: Settings, *frames: Frame, batch: Batch | None = None) -> Update:
        """The command that asks the mesh for `settings`; `frames` are sent once it has confirmed them."""
        self._count += 1
        tag = f"change {self._count}"
        self._changes[tag] = _Change(settings, frames, batch)
        self.wanted = settings
        return Update(settings.spec(), tag)

    def settle(self, outcome: Outcome) -> list[Frame]:
        """The mesh has answered a change: the frames that tell the client.

        Raises:
            Problem: the change was refused; the settings stay as they were applied last.
        """
        change = self._changes.pop(outcome.tag, None)
        if change is None:
            return []
        if outcome.error is None:
            self.applied = change.settings
            return list(change.frames)
        if not self._changes:
            self.wanted = self.applied
        if change.settings.active != self.applied.active:
            self.speaking = False  # or the new speaker would be heard in the other's language
        if change.batch is not None:
            change.batch.refused = True
        raise Problem(code_of(outcome.error.code), outcome.error.text)

    def must_converse(self) -> None:
        """Raises: Problem, `conversation_required`."""
        if not self.wanted.conversation:
            raise Problem("conversation_required", "Only in a conversation", context="conversation")

    def must_be_manual(self) -> None:
        """Raises: Problem, `conversation_required` or `conversation_mode_invalid`."""
        self.must_converse()
        if not self.wanted.manual:
            raise Problem("conversation_mode_invalid", "Only in manual mode", context="conversation")
