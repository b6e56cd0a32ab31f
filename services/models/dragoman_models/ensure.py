"""Before a start: have the models that are wanted, or say in one line what is used instead."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from dragoman_models.catalogue import Kind, Model
from dragoman_models.errors import ModelError, NotFetched
from dragoman_models.pull import Puller, Say
from dragoman_models.settings import ModelsSettings
from dragoman_models.transfer import Limits, Progress

# Until a source must have answered, in seconds: nobody waits long for a network that is not there.
CONNECT_S, CONNECT_LATER_S, INDEX_S = 3.0, 0.5, 5.0


def ensure(
    wishes: Iterable[str],
    settings: ModelsSettings,
    say: Say,
    deadline_s: float | None = None,
    begin: Callable[[Model], Progress] | None = None,
) -> dict[str, Path]:
    """Fetch what is missing of some models, as far as it can be had. Blocks.

    Args:
        wishes: names, or pairs such as `en-es`.
        say: gets a line for each model that is fetched, and one for all that cannot be had.
        deadline_s: for all transfers together, in seconds; None = as long as they go on. What was fetched by
            then is kept, and the next call goes on there.

    Returns:
        The checked folder of each wish that there is one of.
    """
    until = float("inf") if deadline_s is None else time.monotonic() + deadline_s
    limits = Limits(CONNECT_S, CONNECT_LATER_S, INDEX_S, tries=2, until=until)
    puller = Puller.of(settings, say, limits)
    puller.begin = begin or _told(say)
    found: dict[str, Path] = {}
    problems: dict[str, ModelError] = {}
    for wish in dict.fromkeys(wishes):
        try:
            found[wish] = puller.ensure(wish)
        except ModelError as exc:
            problems[wish] = exc
    if problems:
        say(f"{_told_once(problems)}; {_instead(problems, puller)}")
    return found


def _told(say: Say) -> Callable[[Model], Progress]:
    def begin(model: Model) -> Progress:
        say(f"fetching {model.name} ({model.size / 1e6:.0f} MB, {model.licence})")
        return lambda done: None

    return begin


def _told_once(problems: dict[str, ModelError]) -> str:
    """One line, however many models it is about."""
    away = {wish: exc for wish, exc in problems.items() if isinstance(exc, NotFetched)}
    lines = [str(exc) for exc in problems.values() if not isinstance(exc, NotFetched)]
    if away:
        reasons = dict.fromkeys(reason for exc in away.values() for reason in exc.reasons)
        lines.append(f"{', '.join(away)} could not be fetched ({'; '.join(reasons)})")
    return "; ".join(lines)


def _instead(problems: Iterable[str], puller: Puller) -> str:
    """What is there of the kinds that are missing."""
    kinds = {_kind(wish, puller) for wish in problems}
    names = [model.name for model in puller.folder.installed() if model.kind in kinds]
    if Kind.TRANSLATOR in kinds:
        names.append("translation by rules")
    if Kind.VOICE in kinds:
        names.append("eSpeak NG")
    return f"used instead: {', '.join(names)}" if names else "nothing of that kind is installed"


def _kind(wish: str, puller: Puller) -> Kind | None:
    try:
        return puller.meant(wish)[0].kind
    except ModelError:
        return None
