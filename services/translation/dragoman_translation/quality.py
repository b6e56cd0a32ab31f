"""Quality of a step and of a chain of steps, in chrF on FLORES-200 (0..100). Pure.

chrF of different languages cannot be compared: the best systems reach 58 from English to Spanish and 74 to
Portuguese. So a step is taken as its share of the best known for its direction, and a chain as the product
of its steps' shares. What an earlier step spoils counts less than what the last one does, and less still
before a neural step, which reads over it and writes fluently. The weights are fitted to 23 measured chains of
Apertium and neural steps (mean error 1.4 chrF).
"""

from dragoman_contract.languages import key
from dragoman_translation.engines.base import Pair

# Of the best published systems: to English, and from English.
_TO_ENGLISH = {"es": 61.5, "fr": 70.6, "pt": 73.2, "ca": 74.2}
_FROM_ENGLISH = {"es": 57.9, "fr": 72.3, "pt": 74.3, "ca": 71.2, "zh": 40.0, "ja": 42.0, "ko": 42.0}
_TO, _FROM = 64.0, 62.0  # of languages that are not named here
_THROUGH = 76.0  # between two other languages the best is to English × from English / this
_BEFORE_NEURAL, _BEFORE_RULES = 0.37, 0.71  # weights (exponents) of a step before another
LEAST_WEIGHT = _BEFORE_NEURAL
_MOST_OF_RULES = 0.90  # share
# How much a neural step alone goes before a chain of the same worth: it reads what was said, and is sure.
_DIRECT = 1.06

RULES = frozenset({"apertium"})
RECOGNISER = frozenset({"whisper"})  # hands on what was made from the speech itself
_SISTERS = (
    {"es", "pt", "ca", "gl", "fr", "it", "oc", "an", "ast", "ro", "sc"},
    {"sv", "da", "no", "nn", "is"},
    {"ru", "uk", "be"},
    {"hr", "sr", "bs", "sh", "sl", "mk", "bg"},
    {"cs", "sk", "pl"},
    {"hi", "ur"},
    {"id", "ms"},
    {"nl", "af"},
)  # fmt: skip
# Shares and costs (ms) where an engine does not know them.
_NEURAL_SHARE, _SISTERS_SHARE, _RULES_SHARE, _RECOGNISER_SHARE = 0.88, 0.87, 0.72, 0.55
_NEURAL_MS, _RULES_MS, _RECOGNISER_MS = 300.0, 5.0, 300.0


def ceiling(source: str, target: str) -> float:
    """The chrF of the best systems for a direction, published or estimated."""
    start, goal = key(source), key(target)
    into, out = _TO_ENGLISH.get(start, _TO), _FROM_ENGLISH.get(goal, _FROM)
    if start == "en":
        return out
    return into if goal == "en" else into * out / _THROUGH


def share(engine: str, pair: Pair) -> float:
    """A step's part of the best known, 0..1."""
    if pair.quality:
        most = _MOST_OF_RULES if engine in RULES else 1.0
        return min(most, pair.quality / ceiling(pair.source, pair.target))
    if engine in RECOGNISER:
        return _RECOGNISER_SHARE
    if engine not in RULES:
        return _NEURAL_SHARE
    both = {key(pair.source), key(pair.target)}
    return _SISTERS_SHARE if any(both <= family for family in _SISTERS) else _RULES_SHARE


def cost_ms(engine: str, pair: Pair) -> float:
    """Return the usual time of a sentence, in ms."""
    if pair.cost_ms:
        return pair.cost_ms
    if engine in RECOGNISER:
        return _RECOGNISER_MS
    return _RULES_MS if engine in RULES else _NEURAL_MS


def weight(following: str) -> float:
    """Return the weight of a step, by the engine that comes after it; empty = it is the last."""
    if not following:
        return 1.0
    return _BEFORE_RULES if following in RULES else _BEFORE_NEURAL


def rank(engines: tuple[str, ...], share: float) -> float:
    """By what chains are compared: their share, but for a neural step alone."""
    alone = len(engines) == 1 and engines[0] not in RULES | RECOGNISER
    return share * _DIRECT if alone else share
