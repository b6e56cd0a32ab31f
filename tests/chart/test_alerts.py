"""Each alert fires on the outage that it is for, and none in an hour of ordinary traffic; run by promtool."""

import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.prom_tools import promtool
from tests.chart.conftest import NAMESPACE, RELEASE, of, render

SERVICES = ("edge", "accounts", "archive", "stt", "translation", "tts")
LONG = 240  # samples, one a minute
Series = dict[str, str]

# What a mesh with traffic shows; of counters, how much is added a minute.
HEALTHY: Series = {
    **{f'dragoman_build_info{{service="{s}"}}': f"1x{LONG}" for s in SERVICES},
    'dragoman_bus_connected{service="edge",pod="edge-1"}': f"1x{LONG}",
    'dragoman_bus_connected{service="translation",pod="t-1"}': f"1x{LONG}",
    "dragoman_store_up": f"1x{LONG}",
    "dragoman_store_lost_total": f"0x{LONG}",
    "dragoman_bus_publish_retries_total": f"0x{LONG}",
    "dragoman_archive_database_up": f"1x{LONG}",
    "dragoman_archive_audio_store_up": f"1x{LONG}",
    'dragoman_edge_recorded_pieces_total{outcome="stored"}': f"0+60x{LONG}",
    'dragoman_edge_recorded_pieces_total{outcome="refused"}': f"0x{LONG}",
    'dragoman_edge_kept_records_total{outcome="stored"}': f"0+60x{LONG}",
    'dragoman_edge_kept_records_total{outcome="refused"}': f"0x{LONG}",
    'dragoman_work_consumers_lost_total{consumer="translation"}': f"0x{LONG}",
    'dragoman_work_consumer_missing{consumer="translation",service="translation",pod="t-1"}': f"0x{LONG}",
    'dragoman_edge_results_total{dialect="native",stage="translation"}': f"0+60x{LONG}",
    'dragoman_edge_failures_total{dialect="native",stage="translation",code="timeout"}': f"0x{LONG}",
    'dragoman_edge_failures_total{dialect="native",stage="translation",code="too_large"}': f"0+5x{LONG}",
    'dragoman_edge_closes_total{dialect="native",reason="ended"}': f"0+10x{LONG}",
    'dragoman_edge_closes_total{dialect="native",reason="internal"}': f"0x{LONG}",
    "dragoman_edge_missing_audio_seconds_total": f"0x{LONG}",
    'dragoman_edge_credentials_refused_total{dialect="native",reason="invalid_credential"}': f"0+1x{LONG}",
    'dragoman_edge_opens_total{dialect="native",outcome="ok"}': f"0+10x{LONG}",
    'dragoman_edge_opens_total{dialect="native",outcome="invalid_credential"}': f"0+1x{LONG}",
    'dragoman_edge_opens_total{dialect="native",outcome="rate_limited"}': f"0x{LONG}",
    'dragoman_edge_opens_total{dialect="native",outcome="unavailable"}': f"0x{LONG}",
    "dragoman_edge_allocation_refusals_total": f"0x{LONG}",
    'dragoman_edge_sessions{service="edge",pod="edge-1",dialect="native"}': f"10x{LONG}",
    'dragoman_edge_capacity{service="edge",pod="edge-1"}': f"100x{LONG}",
    'dragoman_stt_tracks{service="stt",pod="stt-1"}': f"10x{LONG}",
    'dragoman_stt_capacity{service="stt",pod="stt-1"}': f"20x{LONG}",
    'dragoman_edge_after_speech_seconds_bucket{result="transcript",le="1.0"}': f"0+58x{LONG}",
    'dragoman_edge_after_speech_seconds_bucket{result="transcript",le="5.0"}': f"0+60x{LONG}",
    'dragoman_edge_after_speech_seconds_bucket{result="transcript",le="+Inf"}': f"0+60x{LONG}",
    'dragoman_edge_after_speech_seconds_count{result="transcript"}': f"0+60x{LONG}",
    'dragoman_dead_messages_total{service="translation"}': f"0x{LONG}",
    'dragoman_edge_failovers_total{reason="silent"}': f"0x{LONG}",
    "dragoman_stt_memory_share": f"0.5x{LONG}",
    "dragoman_loop_lag_seconds_count": f"0+600x{LONG}",
    'dragoman_loop_lag_seconds_bucket{le="0.5"}': f"0+600x{LONG}",
    "dragoman_accounts_sessions_expired_total": f"0x{LONG}",
    'dragoman_hosted_breaker{service="translation",engine="chat"}': f"0x{LONG}",
    'dragoman_hosted_requests_total{service="translation",engine="chat",outcome="ok"}': f"0+5x{LONG}",
}

# The outage of each alert: what is other than in a healthy mesh from the fifth minute on.
HEALTH_MINUTES = 5
SLOW = "dragoman_edge_after_speech_seconds_bucket"
OUTAGES: dict[str, Series] = {
    "DragomanServiceMissing": {'dragoman_build_info{service="stt"}': "gone"},
    "DragomanBusLost": {'dragoman_bus_connected{service="edge",pod="edge-1"}': "0"},
    "DragomanBusRefusesWrites": {"dragoman_bus_publish_retries_total": "+10"},
    "DragomanStoreDown": {"dragoman_store_up": "0"},
    "DragomanArchiveDatabaseDown": {"dragoman_archive_database_up": "0"},
    "DragomanRecordingsNotStored": {"dragoman_archive_audio_store_up": "0"},
    "DragomanRecordingsLost": {'dragoman_edge_recorded_pieces_total{outcome="refused"}': "once"},
    "DragomanSessionsNotKept": {'dragoman_edge_kept_records_total{outcome="refused"}': "once"},
    "DragomanDataLost": {"dragoman_store_lost_total": "once"},
    "DragomanConsumerMissing": {
        'dragoman_work_consumer_missing{consumer="translation",service="translation",pod="t-1"}': "1"
    },
    "DragomanResultsFail": {
        'dragoman_edge_failures_total{dialect="native",stage="translation",code="timeout"}': "once"
    },
    "DragomanSessionsFail": {'dragoman_edge_closes_total{dialect="native",reason="internal"}': "once"},
    "DragomanAudioLost": {"dragoman_edge_missing_audio_seconds_total": "once"},
    "DragomanClientsRefused": {'dragoman_edge_opens_total{dialect="native",outcome="rate_limited"}': "+30"},
    "DragomanNoRecogniserFree": {"dragoman_edge_allocation_refusals_total": "+1"},
    "DragomanFleetFull": {'dragoman_stt_tracks{service="stt",pod="stt-1"}': "19"},
    "DragomanResultsLate": {
        f'{SLOW}{{result="transcript",le="1.0"}}': "+0",
        f'{SLOW}{{result="transcript",le="5.0"}}': "+10",
    },
    "DragomanWorkGivenUp": {'dragoman_dead_messages_total{service="translation"}': "once"},
    "DragomanOpensFail": {'dragoman_edge_opens_total{dialect="native",outcome="unavailable"}': "+5"},
    "DragomanRecognisersReplaced": {'dragoman_edge_failovers_total{reason="silent"}': "+2"},
    "DragomanRecogniserMemory": {"dragoman_stt_memory_share": "0.95"},
    "DragomanLoopBlocked": {'dragoman_loop_lag_seconds_bucket{le="0.5"}': "+590"},
    "DragomanSessionsExpire": {"dragoman_accounts_sessions_expired_total": "once"},
    "DragomanHostedEngineFails": {'dragoman_hosted_breaker{service="translation",engine="chat"}': "2"},
    "DragomanObjectiveBurnsFast": {
        'dragoman_edge_failures_total{dialect="native",stage="translation",code="timeout"}': "+20"
    },
    "DragomanObjectiveBurnsSlowly": {
        'dragoman_edge_failures_total{dialect="native",stage="translation",code="timeout"}': "+1"
    },
}
LOOK_AT = {"DragomanObjectiveBurnsSlowly": "3h"}  # others when what they look at is still in their window
OBJECTIVES: dict[str, Series] = {
    "results_in_time": {f'{SLOW}{{result="transcript",le="5.0"}}': "+10"},
    "words_lost": OUTAGES["DragomanObjectiveBurnsFast"],
    "opens_refused": OUTAGES["DragomanOpensFail"],
}


@cache
def rules() -> dict[str, Any]:
    (rule,) = of(list(render(None, "--set", "monitoring.rules=true")), "PrometheusRule")
    spec: dict[str, Any] = rule["spec"]
    return spec


def alerts() -> set[str]:
    return {rule["alert"] for group in rules()["groups"] for rule in group["rules"] if "alert" in rule}


def of_release(series: Series, release: str = RELEASE, namespace: str = NAMESPACE) -> list[Series]:
    """As Prometheus has them, which adds the labels of the pod."""
    made = []
    for name, values in series.items():
        metric, _, labels = name.partition("{")
        ours = f'namespace="{namespace}",release="{release}"'
        made.append({"series": f"{metric}{{{ours}{',' + labels if labels else '}'}", "values": values})
    return made


def broken(outage: Series) -> Series:
    """The healthy series until some minute, then what the outage makes of them."""
    return HEALTHY | {name: _then(HEALTHY[name], change) for name, change in outage.items()}


def _then(healthy: str, change: str) -> str:
    start, _, step = healthy.partition("x")[0].partition("+")
    at = float(start) + float(step or 0) * HEALTH_MINUTES
    before = f"{start}+{step or 0}x{HEALTH_MINUTES}"
    after = {
        "gone": f"_x{LONG}",
        "once": f"{at + 1:g}x{LONG}",
    }.get(change) or (f"{at:g}{change}x{LONG}" if change.startswith("+") else f"{change}x{LONG}")
    return f"{before} {after}"


def firing(query: str, at: str, names: set[str]) -> dict[str, Any]:
    """A check that exactly these alerts are found."""
    return {
        "expr": query,
        "eval_time": at,
        "exp_samples": [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in sorted(names)],
    }


def check(folder: Path, tests: list[dict[str, Any]], *, ok: bool = True) -> str:
    (folder / "rules.yaml").write_text(yaml.safe_dump(rules()))
    page = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": tests}
    (folder / "tests.yaml").write_text(yaml.safe_dump(page))
    command = [str(promtool()), "test", "rules", "tests.yaml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode == 0) == ok, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_every_alert_has_its_outage() -> None:
    assert set(OUTAGES) == alerts()


def test_every_alert_fires_in_its_outage(tmp_path: Path) -> None:
    fires = 'group by (alertname) (ALERTS{alertstate="firing",alertname="%s"})'
    check(
        tmp_path,
        [
            {
                "name": name,
                "interval": "1m",
                "input_series": of_release(broken(outage)),
                "promql_expr_test": [firing(fires % name, LOOK_AT.get(name, "14m"), {name})],
            }
            for name, outage in OUTAGES.items()
        ],
    )


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_each_objective_burns_by_its_own_errors(objective: str, tmp_path: Path) -> None:
    query = 'group by (objective) (ALERTS{alertstate="firing",alertname="DragomanObjectiveBurnsFast"})'
    expected = [{"labels": f'{{objective="{objective}"}}', "value": 1}]
    found = {"expr": query, "eval_time": "30m", "exp_samples": expected}
    series = of_release(broken(OBJECTIVES[objective]))
    check(tmp_path, [{"interval": "1m", "input_series": series, "promql_expr_test": [found]}])


QUIET = 'group by (alertname) (count_over_time(ALERTS{alertstate="firing"}[2h]))'


def test_no_alert_fires_in_an_hour_of_traffic_while_another_release_is_down(tmp_path: Path) -> None:
    """Nor does a release that is down hide behind one that is well."""
    down = {name: "0x9" for name in HEALTHY if "dragoman_build_info" not in name}
    others = [*of_release(down, "other"), *of_release(down, RELEASE, "elsewhere")]
    series = of_release(HEALTHY) + others
    alone = [{"series": f"{s['series']}", "values": s["values"]} for s in others]
    missing = 'group by (service) (ALERTS{alertstate="firing",alertname="DragomanServiceMissing"})'
    services = [{"labels": f'{{service="{s}"}}', "value": 1} for s in sorted(SERVICES)]
    check(
        tmp_path,
        [
            {"interval": "1m", "input_series": series, "promql_expr_test": [firing(QUIET, "62m", set())]},
            {
                "interval": "1m",
                "input_series": alone,
                "promql_expr_test": [{"expr": missing, "eval_time": "20m", "exp_samples": services}],
            },
        ],
    )


def test_no_alert_fires_where_nobody_comes(tmp_path: Path) -> None:
    idle = {name: f"{values.partition('x')[0].partition('+')[0]}x{LONG}" for name, values in HEALTHY.items()}
    quiet = {"input_series": of_release(idle), "promql_expr_test": [firing(QUIET, "62m", set())]}
    check(tmp_path, [{"interval": "1m", **quiet}])


def test_an_alert_that_does_not_fire_is_found_out(tmp_path: Path) -> None:
    """The checks above can fail."""
    wrong = firing(QUIET, "20m", {"DragomanStoreDown"})
    tests = [{"interval": "1m", "input_series": of_release(HEALTHY), "promql_expr_test": [wrong]}]
    assert "DragomanStoreDown" in check(tmp_path, tests, ok=False)
