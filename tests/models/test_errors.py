"""What is told when a model cannot be had."""

from dragoman_models.errors import Broken, Missing, ModelError, NotFetched, SourceError, Unreachable


def test_every_source_that_was_asked_is_named_with_its_reason() -> None:
    error = NotFetched("small", ["mirror: gone", "hub: a.b does not answer"])
    assert str(error) == "small could not be fetched: mirror: gone; hub: a.b does not answer"
    assert isinstance(error, ModelError) and error.reasons[1].startswith("hub")
    assert str(NotFetched("small", [])) == "small could not be fetched: it has no source"


def test_the_next_source_is_tried_after_any_fault_of_one() -> None:
    assert all(issubclass(kind, SourceError) for kind in (Missing, Unreachable, Broken))
    assert not issubclass(SourceError, ModelError)
