"""`dragoman doctor --pair en-es`: which chain serves a pair, its worth, and what would improve it."""

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError

from dragoman_cli.rest import RestError, running_mesh
from dragoman_contract import codec, rpc, subjects
from dragoman_contract.errors import DragomanError
from dragoman_contract.languages import Available
from dragoman_models import catalogue
from dragoman_models.names import LIGHT

if TYPE_CHECKING:
    from dragoman_translation.engines.base import Pair

CONNECT_S = 2
ANSWER_S = 5.0
WORTH_A_PULL = 1.0  # chrF
FETCHED = "fetched"  # stands for the engine of models that are not here yet
ENGINE = "bergamot"


@dataclass(frozen=True, slots=True)
class Served:
    """Way in which a pair is served; an empty chain = it is not. `quality` in expected chrF."""

    source: str
    target: str
    chain: str
    quality: float
    asked: str  # the running mesh, or what is installed here
    remedy: str = ""  # the command that makes it better
    then: str = ""  # the chain after that
    then_quality: float = 0.0


def examine(pair: str) -> Served:
    """Ask the running mesh, or plan with what is installed here.

    Raises:
        RestError: it is no pair of languages.
    """
    source, target = split(pair)
    installed = _installed()
    url = str(running_mesh().get("nats", ""))
    told = asyncio.run(_ask(url)) if url else None
    now = _planned(installed, source, target) if told is None else _found(told, source, target)
    return improved(now, installed, _offered())


def lines(served: Served) -> list[str]:
    """Describe the way of a pair in lines for people."""
    said = [f"{served.source} → {served.target}, by {served.asked}:"]
    if served.chain:
        said.append(f"  {served.chain}, expected chrF {served.quality:.0f}")
    else:
        said.append("  nothing serves it")
    if served.remedy:
        said.append(f"  better: {served.remedy}  →  {served.then}, expected chrF {served.then_quality:.0f}")
    return said


def split(pair: str) -> tuple[str, str]:
    """`en-es`, `en-US:pt-BR`; with hyphens only, the first part is a language without region.

    Raises:
        RestError: it is no pair.
    """
    source, _, target = pair.partition(":") if ":" in pair else pair.partition("-")
    if not source or not target:
        raise RestError(f"'{pair}' is not a pair of languages: write it as en-es or en-US:pt-BR")
    return source, target


def improved(now: Served, installed: dict[str, list["Pair"]], offered: list["Pair"]) -> Served:
    """With the command that fetches what a better chain needs, where there is one."""
    from dragoman_translation.planner import Planner

    ways = Planner({**installed, FETCHED: offered}).chains(now.source, now.target)
    if not ways or ways[0].quality < now.quality + WORTH_A_PULL or not ways[0].uses(FETCHED):
        return now
    wanted = [f"{step.source}-{step.target}" for step in ways[0].steps if step.engine == FETCHED]
    command = f"dragoman models pull {' '.join(wanted)}"
    then = ways[0].name.replace(f"{FETCHED}:", f"{ENGINE}:")
    return replace(now, remedy=command, then=then, then_quality=ways[0].quality)


def _planned(installed: dict[str, list["Pair"]], source: str, target: str) -> Served:
    from dragoman_translation.planner import Planner

    ways = Planner(installed).chains(source, target)
    chain, quality = (ways[0].name, ways[0].quality) if ways else ("", 0.0)
    return Served(source, target, chain, quality, "what is installed here")


def _found(pairs: tuple[rpc.LanguagePair, ...], source: str, target: str) -> Served:
    """The pair among those of the mesh."""
    start = Available(pair.source for pair in pairs).best(source)
    goal = Available(pair.target for pair in pairs).best(target)
    found = next((pair for pair in pairs if (pair.source, pair.target) == (start, goal)), None)
    chain, quality = (found.chain, found.quality) if found else ("", 0.0)
    return Served(source, target, chain, quality, "the running mesh")


async def _ask(url: str) -> tuple[rpc.LanguagePair, ...] | None:
    """The pairs that the mesh serves; None when it does not answer."""
    try:
        async with asyncio.timeout(CONNECT_S):
            nc = await nats.connect(url, error_cb=_silent, allow_reconnect=False)
    except (NatsError, OSError, TimeoutError):
        return None
    try:
        first = await _page(nc, 0)
        rest = [await _page(nc, number) for number in range(1, first.pages)]
        return tuple(pair for page in (first, *rest) for pair in page.pairs)
    except (NatsError, TimeoutError, DragomanError):
        return None
    finally:
        await nc.close()


async def _page(nc: Client, number: int) -> rpc.CapabilitiesReply:
    question = codec.encode(rpc.CapabilitiesRequest(page=number))
    answer = await nc.request(subjects.capabilities("translation"), question, timeout=ANSWER_S)
    return codec.decode(rpc.CapabilitiesReply, answer.data)


async def _silent(_: Exception) -> None:
    """A mesh that is gone is no error: what is installed is planned with."""


def _installed() -> dict[str, list["Pair"]]:
    """The pairs of every engine that the settings name and that can be had here."""
    from dragoman_translation.engines import EngineError, load
    from dragoman_translation.settings import TranslationSettings

    settings = TranslationSettings()
    found: dict[str, list[Pair]] = {}
    for name in filter(None, map(str.strip, settings.engines.split(","))):
        try:
            engine = load(settings.model_copy(update={"engines": name}))[name]
        except EngineError:
            continue
        found[name] = engine.pairs()
    return found


def _offered() -> list["Pair"]:
    """The pairs of the catalogue's models that a pair means when it is pulled."""
    from dragoman_translation.engines.base import Pair

    models = [
        model
        for model in catalogue.load()
        if model.engine == ENGINE and model.commercial and dict(model.settings).get("architecture") in LIGHT
    ]
    return [
        Pair(quality.source, quality.target, quality=quality.chrf, cost_ms=model.cost_ms)
        for model in models
        for quality in model.quality
    ]
