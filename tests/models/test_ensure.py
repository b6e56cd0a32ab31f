"""Before a start: what can be had is fetched, and one line tells the rest."""

import time
from pathlib import Path

import pytest

from dragoman_models import catalogue, ensure, pull
from dragoman_models.settings import ModelsSettings
from tests.models.conftest import FILES, Serve, model, site_of
from tests.models.test_pull import contents


@pytest.fixture
def settings(tmp_path: Path) -> ModelsSettings:
    return ModelsSettings(dir=str(tmp_path / "models"), mirror="")


def knowing(monkeypatch: pytest.MonkeyPatch, *models: catalogue.Model) -> None:
    known = catalogue.Catalogue({one.name: one for one in models})
    monkeypatch.setattr(pull, "load", lambda: known)


def test_what_can_be_had_is_there_and_one_line_tells_the_rest(
    serve: Serve, settings: ModelsSettings, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    away = model("http://127.0.0.1:9/x", "away", directions=(("en", "de"),))
    knowing(monkeypatch, model(serve(site_of()).url + "/models"), away)
    found = ensure.ensure(["en-es", "en-de", "no-such"], settings, lines.append)
    assert list(found) == ["en-es"] and contents(found["en-es"]) == FILES
    assert lines[0].startswith("fetching small-en-es (")
    assert len(lines) == 2
    assert "'no-such' is unknown" in lines[1]
    assert "en-de could not be fetched (site: 127.0.0.1:9 does not answer)" in lines[1]
    assert lines[1].endswith("used instead: small-en-es, translation by rules")


def test_nothing_is_said_when_all_is_there(
    serve: Serve, settings: ModelsSettings, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    knowing(monkeypatch, model(serve(site_of()).url + "/models"))
    ensure.ensure(["en-es"], settings, lines.append)
    lines.clear()
    assert list(ensure.ensure(["en-es", "small-en-es"], settings, lines.append)) == ["en-es", "small-en-es"]
    assert lines == []


def test_a_transfer_that_takes_too_long_is_left_for_the_next_time(
    serve: Serve, settings: ModelsSettings, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    knowing(monkeypatch, model(serve(site_of()).url + "/models"))
    assert ensure.ensure(["en-es"], settings, lines.append, deadline_s=-1) == {}
    assert "it takes too long; the next pull goes on" in lines[-1]
    assert list(ensure.ensure(["en-es"], settings, lines.append, deadline_s=60)) == ["en-es"]


def test_hosts_that_do_not_answer_cost_a_few_seconds_in_all(
    settings: ModelsSettings, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three hosts, of which nothing comes back at all; the clock is that of the waits."""
    waited: list[float] = []

    def silent(host: str, port: int, timeout_s: float) -> bool:
        waited.append(timeout_s)
        time.sleep(0.01)
        now[0] += timeout_s
        return False

    now = [time.monotonic()]
    monkeypatch.setattr("dragoman_models.places._answers", silent)
    monkeypatch.setattr("dragoman_models.places.time.monotonic", lambda: now[0])
    hosts = [model(f"http://192.0.2.{n}/x", f"m{n}", directions=(("en", f"x{n}"),)) for n in (1, 2, 3)]
    knowing(monkeypatch, *hosts)
    assert ensure.ensure(["m1", "m2", "m3", "m1"], settings, lines.append) == {}
    assert sum(waited) <= 4.0
    assert len(lines) == 1
