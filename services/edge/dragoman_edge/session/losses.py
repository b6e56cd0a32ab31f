"""Recognisers lost by a track in one utterance: audio that kills does not go to one after the other. Pure."""

DEADLY = 3  # lost in one utterance


class Losses:
    """Counts by track. One that is lost between two utterances says nothing of the audio."""

    def __init__(self) -> None:
        self._counts: dict[int, tuple[int, int]] = {}  # the open utterance, and recognisers lost in it

    def add(self, track: int, utterance: int, at_rest: bool) -> None:
        """A recogniser was lost while `utterance` was open, or none was (`at_rest`)."""
        known, count = self._counts.get(track, (utterance, 0))
        self._counts[track] = utterance, count + 1 if known == utterance and not at_rest else 1

    def forget(self, track: int) -> None:
        """Forget the track's: one that seemed lost has come back."""
        self._counts.pop(track, None)

    def deadly(self, track: int) -> bool:
        """Whether what was said since the last final is to be left out; it is said once."""
        if self._counts.get(track, (0, 0))[1] < DEADLY:
            return False
        self.forget(track)
        return True
