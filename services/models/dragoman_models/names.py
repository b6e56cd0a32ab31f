"""From what people write to models: a name, or a pair of languages such as `en-es`."""

import difflib
from collections.abc import Iterable

from dragoman_contract.languages import same_language
from dragoman_models.catalogue import Catalogue, Kind, Model
from dragoman_models.errors import ModelError

LIGHT = ("tiny", "base-memory")  # architectures that a pair means; the others by name


def candidates(wish: str, known: Catalogue) -> list[Model]:
    """The models that are meant, the best first; one for a name, several may serve a pair.

    Raises:
        ModelError: nothing has that name; the message has close ones.
    """
    if model := known.get(wish):
        return [model]
    if pair := _pair(wish, known):
        return pair
    raise ModelError(_unknown(wish, known))


def pairs(text: str) -> list[str]:
    """The items of `en-es,en-de`."""
    return [part.strip() for part in text.split(",") if part.strip()]


def _pair(wish: str, known: Catalogue) -> list[Model]:
    parts = wish.replace("→", "-").replace(":", "-").split("-")
    for cut in range(1, len(parts)):
        source, target = "-".join(parts[:cut]), "-".join(parts[cut:])
        found = [model for model in known if _serves(model, source, target)]
        if found:
            return sorted(found, key=lambda m: (-_worth(m), m.size))
    return []


def _serves(model: Model, source: str, target: str) -> bool:
    """Whether it is a light model of just this direction, by whatever names: `en-iw`, `nb-NO-en`."""
    if model.kind is not Kind.TRANSLATOR or dict(model.settings).get("architecture") not in LIGHT:
        return False
    return any(same_language(source, a) and same_language(target, b) for a, b in model.directions)


def _worth(model: Model) -> float:
    return max((q.chrf for q in model.quality), default=0.0)


def _unknown(wish: str, known: Catalogue) -> str:
    names = list(known.models)
    inside = [name for name in names if wish.lower() in name.lower()] if len(wish) > 1 else []
    close = difflib.get_close_matches(wish, names, n=5, cutoff=0.5)
    shown = list(dict.fromkeys([*inside[:5], *close]))[:6]
    hint = f"; did you mean {', '.join(shown)}?" if shown else ""
    return f"model '{wish[:60]}' is unknown{hint or ';'} all names: dragoman models list"


def filtered(models: Iterable[Model], kind: str = "", source: str = "", target: str = "") -> list[Model]:
    """Those of a kind that translate from and to, or recognise and speak, the given languages.

    Raises:
        ModelError: there is no such kind.
    """
    wanted = _kind(kind)
    return [
        model
        for model in models
        if wanted in (None, model.kind) and _from(model, source) and _to(model, target)
    ]


def _kind(text: str) -> Kind | None:
    if not text:
        return None
    for kind in Kind:
        if kind.value.startswith(text.removesuffix("s").removesuffix("ion").removesuffix("ing")):
            return kind
    raise ModelError(f"kind '{text[:40]}' is unknown; there are: {', '.join(Kind)}")


def _from(model: Model, language: str) -> bool:
    if not language:
        return True
    if model.directions:
        return any(same_language(language, source) for source, _ in model.directions)
    return model.kind is not Kind.VOICE and _among(model, language)


def _to(model: Model, language: str) -> bool:
    if not language:
        return True
    if model.directions:
        return any(same_language(language, target) for _, target in model.directions)
    return model.kind in (Kind.VOICE, Kind.TRANSLATOR) and _among(model, language)


def _among(model: Model, language: str) -> bool:
    return any(has == "mul" or same_language(language, has) for has in model.languages)
