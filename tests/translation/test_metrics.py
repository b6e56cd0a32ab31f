"""Metrics of translation: their names, which dashboards and alerts know, and no text in a label."""

import pytest
from prometheus_client import REGISTRY

from dragoman_translation import metrics


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        (metrics.TEXT_SECONDS, "dragoman_translation_text_seconds"),
        (metrics.CHAINS_FAILED, "dragoman_translation_chains_failed"),
        (metrics.LOADED_MODELS, "dragoman_translation_models_loaded"),
        (metrics.RESTARTS, "dragoman_translation_process_restarts"),
    ],
)
def test_each_is_told_by_engine_alone(metric: object, name: str) -> None:
    (found,) = [one for one in REGISTRY.collect() if one.name == name]
    assert vars(metric)["_labelnames"] == ("engine",) and found.documentation
