"""Metrics of translation."""

from prometheus_client import Counter, Gauge, Histogram

TEXT_SECONDS = Histogram(
    "dragoman_translation_text_seconds",
    "Time for which an engine translates a text",
    ["engine"],
    buckets=(0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24),
)
CHAINS_FAILED = Counter(
    "dragoman_translation_chains_failed_total",
    "Failed translation chains by the engine that failed",
    ["engine"],
)
LOADED_MODELS = Gauge("dragoman_translation_models_loaded", "Models loaded in engine processes", ["engine"])
LOADED_BYTES = Gauge("dragoman_translation_models_bytes", "Estimated memory of loaded models", ["engine"])
RESTARTS = Counter(
    "dragoman_translation_process_restarts_total",
    "Engine processes that were replaced after a crash or a hang",
    ["engine"],
)
TENTATIVE = Counter(
    "dragoman_translation_tentative_total",
    "Tentative translations by outcome: translated, overtaken, dropped for finals, stale, failed, suspect",
    ["outcome"],
)
