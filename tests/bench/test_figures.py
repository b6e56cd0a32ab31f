"""A run in which something could not be measured fails, with the figures that there are."""

import json
from pathlib import Path

import pytest

from tests.bench.figures import Findings


def test_figures_of_rounds_have_their_median_and_both_ends(tmp_path: Path) -> None:
    found, path = Findings(), tmp_path / "figures.json"
    for value in (1.0, 4.0, 2.0):
        found.add("delay", "ms", value)
    found.finish(path)
    (figure,) = json.loads(path.read_text())
    assert (figure["value"], figure["low"], figure["high"], figure["rounds"]) == (2.0, 1.0, 4.0, 3)


@pytest.mark.parametrize("missing", ["a part", "a figure"])
def test_what_could_not_be_measured_fails_the_run(tmp_path: Path, missing: str) -> None:
    found, later, path = Findings(), Findings(), tmp_path / "figures.json"
    later.add("delay", "ms", 1.0)
    if missing == "a part":
        later.failed("the other system: it did not start")
    else:
        later.add("nothing came", "ms", None)
    found.take(later)
    with pytest.raises(SystemExit, match="did not start" if missing == "a part" else "nothing came"):
        found.finish(path)
    assert json.loads(path.read_text())[0]["value"] == 1.0
