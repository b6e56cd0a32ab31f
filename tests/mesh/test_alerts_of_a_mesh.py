"""What a running mesh tells Prometheus from its start on: all that the alerts read, and no alert."""

import re
from pathlib import Path
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from dragoman_cli.audio_source import BYTES_PER_S, paced
from dragoman_cli.client import Wish, translate
from dragoman_tts.demo import say
from tests.chart.test_alerts import QUIET, Series, check, firing, of_release, rules
from tests.mesh.conftest import Mesh
from tests.support.waiting import WAIT_S, metric, until

SAMPLES = 75
OPENED = re.compile('dragoman_edge_opens_total{.*dialect="krisp",outcome="ok"')
LE = re.compile(r'\ble="[^"]*"')
LABEL = re.compile(r'(\w+)(=~|=)"([^"]*)"')
ELSEWHERE = (
    "dragoman_hosted_",
    "dragoman_utilisation",
    "dragoman_objective",
)  # not every mesh has it; recorded


def samples(mesh: Mesh) -> dict[str, tuple[str, float]]:
    """The series of every service: its type and its value."""
    found: dict[str, tuple[str, float]] = {}
    for name, address in mesh.state["urls"].items():
        with urlopen(f"{address}/metrics", timeout=10) as answer:
            families = list(text_string_to_metric_families(answer.read().decode()))
        for kind, sample in ((family.type, sample) for family in families for sample in family.samples):
            labels = sample.labels | {"service": name.partition("-")[0], "pod": name}
            written = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
            found[f"{sample.name}{{{written}}}"] = kind, sample.value
    return found


def scraped(mesh: Mesh) -> Series:
    """As a scrape of an hour in which they stand still."""
    return {name: f"{value:g}x{SAMPLES}" for name, (_, value) in samples(mesh).items()}


def every_minute(mesh: Mesh, before: dict[str, tuple[str, float]]) -> Series:
    """What was counted since, once more in each minute of an hour.

    All of a histogram falls into its first bucket: how fast this machine is, is not asked.
    """
    after = samples(mesh)
    more = {name: value - before.get(name, ("", 0.0))[1] for name, (_, value) in after.items()}
    made: Series = {}
    for name, (kind, value) in after.items():
        step = more[LE.sub('le="+Inf"', name)] if kind == "histogram" else more[name]
        counts = kind == "counter" or (kind == "histogram" and "_sum{" not in name)
        made[name] = f"{value:g}{f'+{step:g}' if counts else ''}x{SAMPLES}"
    return made


def selectors() -> set[str]:
    text = " ".join(rule["expr"] for group in rules()["groups"] for rule in group["rules"])
    return set(re.findall(r"\bdragoman_\w+\{[^}]*\}", text))


def test_every_series_that_an_alert_reads_is_there_from_the_start(mesh: Mesh) -> None:
    known = [(name.partition("{")[0], {k: v for k, _, v in LABEL.findall(name)}) for name in scraped(mesh)]
    for selector in selectors():
        metric = selector.partition("{")[0]
        wanted = [w for w in LABEL.findall(selector) if w[0] not in ("namespace", "release")]
        if metric.startswith(ELSEWHERE):
            continue
        fits = [
            labels
            for name, labels in known
            if name == metric
            and all(re.fullmatch(pattern, labels.get(label, "")) for label, _, pattern in wanted)
        ]
        assert fits, selector


def test_a_mesh_that_stands_still_raises_no_alert(mesh: Mesh, tmp_path: Path) -> None:
    series = of_release(scraped(mesh))
    quiet = {"input_series": series, "promql_expr_test": [firing(QUIET, "62m", set())]}
    check(tmp_path, [{"interval": "1m", **quiet}])


async def test_an_hour_of_ordinary_traffic_raises_no_alert(mesh: Mesh, tmp_path: Path) -> None:
    """A conversation on a real mesh, counted as if there were one in each minute of an hour."""
    before = samples(mesh)
    pcm = bytes(BYTES_PER_S) + say("Good morning, and welcome to the house.", "en-us") + bytes(BYTES_PER_S)
    results = await translate(mesh.edge, mesh.key, Wish("en-US", "es-ES"), paced(pcm), quiet_s=WAIT_S)
    assert results.settled and not results.errors
    await until(lambda: not metric(mesh.edge, "dragoman_edge_sessions{"), "the session has been settled")
    series = every_minute(mesh, before)
    opened = [values for name, values in series.items() if OPENED.search(name)]
    assert len(opened) == 1 and "+1x" in opened[0]
    found = {"input_series": of_release(series), "promql_expr_test": [firing(QUIET, "62m", set())]}
    check(tmp_path, [{"interval": "1m", **found}])
