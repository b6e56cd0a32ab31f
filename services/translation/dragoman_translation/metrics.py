"""Metrics of translation."""

from prometheus_client import Counter, Gauge, Histogram

TEXT_SECONDS = Histogram(
    "dragoman_translation_text_seconds",
    "Time of an engine for a text",
    ["engine"],
    buckets=(0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24),
)
CHAINS_FAILED = Counter(
    "dragoman_translation_chains_failed_total", "Chains that failed, by the engine that did", ["engine"]
)
LOADED_MODELS = Gauge(
    "dragoman_translation_models_loaded", "Models in the memory of the processes", ["engine"]
)
LOADED_BYTES = Gauge("dragoman_translation_models_bytes", "Memory that they take, estimated", ["engine"])
RESTARTS = Counter(
    "dragoman_translation_process_restarts_total", "Processes that died or hung and were replaced", ["engine"]
)
TENTATIVE = Counter(
    "dragoman_translation_tentative_total",
    "Interims: translated, overtaken by a newer one or a final, dropped for finals, stale, failed",
    ["outcome"],
)
