"""What can go wrong with a model, and with a source of it."""


class ModelError(Exception):
    """A model cannot be had or used; the message says why and what to do."""


class SourceError(Exception):
    """A source does not give what it should; the next one may."""


class Missing(SourceError):
    """The source answers, and does not have it."""


class Unreachable(SourceError):
    """Nothing answers there in time."""


class Broken(SourceError):
    """A transfer ended too early or stood still; going on where it stopped may help."""
