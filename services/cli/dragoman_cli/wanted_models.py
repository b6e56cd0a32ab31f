"""The models that a mesh on one machine, and the demo, want before they start."""

from collections.abc import Callable, Iterable

from dragoman_contract.languages import base, same_language
from dragoman_models import catalogue
from dragoman_models.ensure import ensure
from dragoman_models.errors import ModelError
from dragoman_models.names import candidates
from dragoman_models.settings import ModelsSettings, read

# The demo's targets, the best known first; the models of Portuguese come with `make setup`.
TARGETS = ("es-ES", "pt-BR", "en-US")
TARGET_FETCH_S = 8.0
# What a mesh of one's own has from the start: to hear, a voice, a pair by neural models.
RECOGNISER = "base"
TURN_JUDGE = "smart-turn-v3.2"
MODELS = (RECOGNISER, TURN_JUDGE, "en_US-joe-medium", "en-pt", "pt-en")
Say = Callable[[str], None]


def wanted(models: Iterable[str], environment: dict[str, str]) -> list[str]:
    """`models`, without the recogniser's or the judge's where another engine hears."""
    others = {
        RECOGNISER: environment.get("DRAGOMAN_STT_ENGINE", "whisper") != "whisper",
        TURN_JUDGE: environment.get("DRAGOMAN_STT_TURNS", "smart-turn") != "smart-turn",
    }
    return [name for name in models if not others.get(name, False)]


def models_settings(environment: dict[str, str]) -> ModelsSettings:
    """The settings as services with this environment will have them."""
    prefix = "DRAGOMAN_MODELS_"
    return read(**{k.removeprefix(prefix).lower(): v for k, v in environment.items() if prefix in k})


def fetch(names: Iterable[str], say: Say) -> None:
    """Fetch what is missing of these models, as far as it can be had. Blocks."""
    ensure(names, ModelsSettings(), say)


def best_target(source: str, say: Say) -> str:
    """The first of `TARGETS` with a model that is installed or fetched in a few seconds. Blocks."""
    targets = [target for target in TARGETS if not same_language(source, target)]
    pairs = {target: f"{base(source)}-{base(target)}" for target in targets}
    for target in targets:
        if _known(pairs[target]) and ensure([pairs[target]], ModelsSettings(), say, TARGET_FETCH_S):
            return target
    return targets[0]


def _known(pair: str) -> bool:
    try:
        return bool(candidates(pair, catalogue.load()))
    except ModelError:
        return False
