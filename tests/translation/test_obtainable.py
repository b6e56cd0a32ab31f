"""What could be fetched is told by the name that `dragoman models pull` takes."""

from dragoman_models import catalogue, names
from dragoman_translation.obtainable import obtainable


def test_every_direction_is_one_that_pull_takes() -> None:
    known = catalogue.load()
    told = obtainable(known, {"bergamot"})
    assert len(told) > 80
    for pair in told:
        best = names.candidates(pair.name, known)[0]
        assert (pair.source, pair.target) in best.directions


def test_models_of_an_engine_that_does_not_run_here_would_not_help() -> None:
    assert obtainable(catalogue.load(), {"apertium", "whisper"}) == ()
