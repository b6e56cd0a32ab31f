"""Errors of models and of their sources."""


class ModelError(Exception):
    """A model cannot be had or used; the message says why and what to do."""


class NotFetched(ModelError):
    """No source gave a model; `reasons` has one for each that was asked."""

    def __init__(self, name: str, reasons: list[str]) -> None:
        super().__init__(f"{name} could not be fetched: {'; '.join(reasons) or 'it has no source'}")
        self.reasons = reasons


class SourceError(Exception):
    """A source does not give what it should; the next one may."""


class Missing(SourceError):
    """The source answers, and does not have it."""


class Unreachable(SourceError):
    """Nothing answers there in time."""


class Broken(SourceError):
    """A transfer ended too early or stood still; going on where it stopped may help."""
