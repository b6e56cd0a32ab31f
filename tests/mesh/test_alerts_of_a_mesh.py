"""What a running mesh tells Prometheus from its start on: all that the alerts read, and no alert."""

import re
from pathlib import Path
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from tests.chart.test_alerts import QUIET, Series, check, firing, of_release, rules
from tests.mesh.conftest import Mesh

SAMPLES = 75
LABEL = re.compile(r'(\w+)(=~|=)"([^"]*)"')
ELSEWHERE = (
    "dragoman_hosted_",
    "dragoman_utilisation",
    "dragoman_objective",
)  # not every mesh has it; recorded


def scraped(mesh: Mesh) -> Series:
    """The series of every service, as a scrape of an hour in which they stand still."""
    found: Series = {}
    for name, address in mesh.state["urls"].items():
        with urlopen(f"{address}/metrics", timeout=10) as answer:
            families = text_string_to_metric_families(answer.read().decode())
        for sample in (sample for family in families for sample in family.samples):
            labels = sample.labels | {"service": name.partition("-")[0], "pod": name}
            written = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
            found[f"{sample.name}{{{written}}}"] = f"{sample.value:g}x{SAMPLES}"
    return found


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
