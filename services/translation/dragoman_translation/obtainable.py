"""Pairs that could be translated if a model were fetched, told to operators by the edges. Pure."""

from collections.abc import Collection

from dragoman_contract.rpc import ObtainablePair
from dragoman_models.catalogue import Catalogue, Kind
from dragoman_models.names import LIGHT


def obtainable(known: Catalogue, engines: Collection[str]) -> tuple[ObtainablePair, ...]:
    """Each direction of the catalogue for which one of `engines` has a model, by what `pull` calls it."""
    found = {
        direction: None
        for model in known
        if model.kind is Kind.TRANSLATOR
        and model.engine in engines
        and dict(model.settings).get("architecture") in LIGHT
        for direction in model.directions
    }
    return tuple(
        ObtainablePair(source=source, target=target, name=f"{source}-{target}") for source, target in found
    )
