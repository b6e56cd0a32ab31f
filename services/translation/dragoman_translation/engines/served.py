"""Pairs that a server serves, from the settings or from the server itself, asked from time to time."""

import threading
import time
from collections.abc import Callable, Iterable

from dragoman_contract.errors import DragomanError, FaultCode, PeerError
from dragoman_contract.languages import same_language, variety
from dragoman_kit.logging import get
from dragoman_translation.engines.base import Pair
from dragoman_translation.hosted import TranslatorSettings
from dragoman_translation.quality import ceiling

log = get(__name__)
LONGEST = 10_000  # characters of a text
AGAIN_S = 30.0  # after a server that did not answer
LONGEST_ASK_S = 3.0  # a start does not wait longer for it


def check_length(text: str) -> None:
    """Raises: PeerError, when a text is longer than is sent anywhere."""
    if len(text) > LONGEST:
        raise PeerError(FaultCode.TOO_LARGE, "the text is too long for the engine")


def tags(setting: str) -> list[str]:
    """The languages of a setting: `en, es,pt-BR`."""
    return [tag.strip() for tag in setting.split(",") if tag.strip()]


def between(languages: Iterable[str], settings: TranslatorSettings) -> list[Pair]:
    """Every pair of different languages, with what the planner expects of them."""
    known = list(languages)
    return directions(((source, target) for source in known for target in known), settings)


def directions(found: Iterable[tuple[str, str]], settings: TranslatorSettings) -> list[Pair]:
    """These pairs, with what the planner expects of them."""
    # Regions are for the request: two pairs of one language would be two ways to the same server.
    varieties = dict.fromkeys((variety(source), variety(target)) for source, target in found)
    return [
        Pair(source, target, quality=settings.worth * ceiling(source, target), cost_ms=settings.cost_ms)
        for source, target in varieties
        if not same_language(source, target)
    ]


class Served:
    """Last answer of `ask`, which blocks, and so does `pairs` when it is time to ask again.

    Args:
        name: of the engine, for the log.
        ask: asks the server. Raises: DragomanError.
        otherwise: what is taken until it has answered.
    """

    def __init__(
        self,
        name: str,
        ask: Callable[[], list[Pair]],
        otherwise: list[Pair],
        refresh_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._ask = ask
        self._pairs = otherwise
        self._refresh_s = refresh_s
        self._clock = clock
        self._due = clock()
        self._asking = threading.Lock()

    def pairs(self) -> list[Pair]:
        """The pairs that are known now."""
        with self._asking:
            if self._clock() >= self._due:
                self._refresh()
            return self._pairs

    def _refresh(self) -> None:
        try:
            self._pairs = self._ask()
            self._due = self._clock() + self._refresh_s
        except DragomanError as exc:
            self._due = self._clock() + min(AGAIN_S, self._refresh_s)
            pairs = len(self._pairs)
            log.warning(
                "the server does not tell its languages", engine=self._name, code=exc.code, pairs=pairs
            )
