"""The chart renders for every set of values, and every object is what Kubernetes takes."""

import json
import re

import kubernetes_validate
import pytest
import yaml

from dragoman_contract.errors import FaultCode
from dragoman_edge.dialects import DIALECTS
from dragoman_edge.pages.site import PAGES
from dragoman_kit.pages.site import ASSETS
from scripts import chart_values
from tests.chart.conftest import (
    CHART,
    DEFAULT,
    EXAMPLES,
    HERE,
    MATRIX,
    Manifest,
    containers,
    of,
    pods,
    render,
    run,
)

VERSIONS = ("1.30.0", kubernetes_validate.latest_version())
RULES = (CHART / "files" / "alerts.yaml", CHART / "files" / "objectives.yaml")
RECORDED = {"dragoman_utilisation", "dragoman_objective"}
REGISTRY = yaml.safe_load(DEFAULT.read_text())["image"]["registry"]
SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")
FOREIGN = {"ScaledObject", "PodMonitor", "ServiceMonitor", "PrometheusRule", "HTTPRoute"}


@pytest.mark.parametrize("name", MATRIX)
def test_lint_finds_nothing(name: str) -> None:
    run("lint", "--strict", CHART, "-f", MATRIX[name])


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_is_valid(manifests: list[Manifest], version: str) -> None:
    for manifest in manifests:
        if manifest["kind"] not in FOREIGN:
            kubernetes_validate.validate(manifest, version, strict=True)


def test_no_two_objects_have_one_name(manifests: list[Manifest]) -> None:
    names = [(m["kind"], m["metadata"]["name"]) for m in manifests]
    assert len(names) == len(set(names))


def test_the_oldest_version_is_the_one_that_the_chart_says() -> None:
    wanted = yaml.safe_load((CHART / "Chart.yaml").read_text())["kubeVersion"]
    assert wanted == f">={VERSIONS[0]}-0"
    run("template", CHART, "--kube-version", "1.29.0", ok=False)


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("services.edge.replcas=3", "replcas"),
        ("servces.edge.replicas=3", "servces"),
        ("services.tts.replicas=many", "replicas"),
        ("services.edge.settings.max=1", "max"),
        ("nats.replicas=2", "replicas"),
        ("image.pullPolicy=Sometimes", "pullPolicy"),
        ("services.stt.image.digest=sha256:abc", "digest"),
        ("services.edge.autoscaling.enabld=true", "/services/edge/autoscaling"),
        ("defaults.tolerations[0].efect=NoSchedule", "/defaults/tolerations/0"),
        ("services.stt.env[0].name=A,services.stt.env[0].valu=b", "/services/stt/env/0"),
        ("nats.affinity.nodeAfinity=x", "/nats/affinity"),
        ("networkPolicy.edgeFrom[0].podSelectr=x", "/networkPolicy/edgeFrom/0"),
        ("services.tts.egress[0].form=x", "/services/tts/egress/0"),
        ("services.stt.autoscaling.behavior.scaleUpp=x", "/services/stt/autoscaling/behavior"),
        ("common.LOG_LEVEL=inof", "/common/LOG_LEVEL"),
        ("test.url=speech.example.com", "/test/url"),
        ("backup.schedule=daily", "/backup/schedule"),
        ("valkey.embedded=false", "redis-url"),
        ("nats.embedded=false", "nats.url"),
        ("models.volume=claim", "claimName"),
        ("services.edge.models[0]=base", "only stt"),
        ("models.mirror=models.example.com", "mirror"),
        ("gateway.enabled=true", "parentRefs"),
        ("services.tts.autoscaling.enabled=true,services.tts.autoscaling.cpu=0", "target"),
        (
            "services.tts.autoscaling.enabled=true,services.tts.autoscaling.cpu=0,"
            "services.tts.autoscaling.utilisation=60",
            "target",
        ),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(setting: str, told: str) -> None:
    assert told in run("template", CHART, "-f", DEFAULT, "--set", setting, ok=False)


@pytest.mark.parametrize("path", ["edge", "accounts", "archive", "stt", "translation", "tts"])
def test_an_image_can_be_given_by_its_digest(path: str) -> None:
    digest = "sha256:" + "a1" * 32
    objects = render(None, "--set", f"services.{path}.image.digest={digest},image.registry=r.example.com")
    image = pods(list(objects))[f"mesh-{path}"]["spec"]["containers"][0]["image"]
    assert re.fullmatch(rf"r\.example\.com/dragoman/[a-z-]+@{digest}", image)


@pytest.mark.parametrize("store", ["nats", "valkey"])
def test_a_servers_image_can_be_given_by_its_digest(store: str) -> None:
    digest = "sha256:" + "a1" * 32
    objects = render(None, "--set", f"{store}.image.digest={digest}")
    assert pods(list(objects))[f"mesh-{store}"]["spec"]["containers"][0]["image"].endswith(f"@{digest}")


def test_the_image_of_the_test_can_be_given_by_its_digest() -> None:
    digest = "sha256:" + "a1" * 32
    objects = render(None, "--set", f"test.image.digest={digest}")
    assert (
        pods(list(objects))["mesh-test"]["spec"]["containers"][0]["image"]
        == f"{REGISTRY}/dragoman/cli@{digest}"
    )


def test_every_path_of_every_dialect_is_reached_through_the_ingress() -> None:
    paths = yaml.safe_load((CHART / "values.yaml").read_text())["paths"]
    wanted = {p for d in DIALECTS.values() for p in (*d.socket_paths, *(route.path for route in d.routes))}
    wanted |= {page.replace("*", "x") for page in PAGES} | {ASSETS + "x"}
    missing = {w for w in wanted if not any(w == p or w.startswith(p.rstrip("/") + "/") for p in paths)}
    assert not missing, f"add them to `paths` in {CHART / 'values.yaml'}"


def test_helm_test_opens_the_viewers_page_unless_there_are_no_pages() -> None:
    for options, wanted in (((), None), (("--set-string", "services.edge.settings.PAGES=false"), "false")):
        (pod,) = (pod for name, pod in pods(list(render(None, *options))).items() if name.endswith("-test"))
        (test,) = pod["spec"]["containers"]
        assert {one["name"]: one.get("value") for one in test["env"]}.get("DRAGOMAN_PAGES") == wanted
        assert "dragoman_cli.probe" in test["command"]


def test_the_trial_fits_two_cores_and_needs_nothing_of_the_cluster() -> None:
    manifests = list(render(MATRIX["trial"]))
    cores = 0.0
    for pod in pods(manifests).values():
        for container in pod["spec"]["containers"]:
            cores += _cores(container["resources"]["requests"]["cpu"])
            assert container["imagePullPolicy"] == "Never"
    assert cores <= 1.0, "the system's own pods need room too"
    assert {m["spec"].get("replicas", 1) for m in of(manifests, "Deployment", "StatefulSet")} == {1}
    assert not any("volumeClaimTemplates" in m["spec"] for m in of(manifests, "StatefulSet"))
    assert not of(manifests, "HorizontalPodAutoscaler", "PersistentVolumeClaim", "Ingress", *FOREIGN)
    assert {m["spec"].get("type", "ClusterIP") for m in of(manifests, "Service")} == {"ClusterIP"}
    # On a single node the control plane's taint may be there.
    taint = "node-role.kubernetes.io/control-plane"
    assert all(taint in [t["key"] for t in p["spec"]["tolerations"]] for p in pods(manifests).values())


@pytest.mark.parametrize("keda", [False, True])
def test_a_service_is_scaled_by_what_it_has(keda: bool) -> None:
    values = ",".join(f"defaults.autoscaling.{v}" for v in ("enabled=true", "utilisation=60", "lag=5"))
    objects = list(render(None, "--set", f"{values},keda.enabled={str(keda).lower()}"))
    found = {m["metadata"]["name"].removeprefix("mesh-"): m["spec"] for m in of(objects, *SCALERS)}
    kinds = {
        name: [t["type"] for t in spec["triggers"]] if keda else [m["type"] for m in spec["metrics"]]
        for name, spec in found.items()
    }
    use = ["cpu", "prometheus"] if keda else ["Resource", "Pods"]
    lag = ["cpu", "nats-jetstream"] if keda else ["Resource"]
    assert kinds == {"edge": use, "stt": use, "translation": lag, "tts": lag, "accounts": use[:1]}
    # KEDA's webhook refuses a fallback where CPU is the only trigger.
    assert {n for n, s in found.items() if "fallback" in s} == ({*kinds} - {"accounts"} if keda else set())


def test_a_secret_of_ones_own_that_is_not_there_is_told() -> None:
    notes = run("install", "mesh", CHART, "--dry-run=client", "-f", EXAMPLES / "byo.yaml").partition(
        "NOTES:"
    )[2]
    missing = re.findall(r"MISSING: the Secret (\S+)", notes)
    assert missing == ["dragoman-secrets", "dragoman-nats-users", "dragoman-database", "data-ca"]
    assert "pepper, admin-token, archive-key, redis-url, bootstrap-key" in notes
    assert "MISSING" not in run("install", "mesh", CHART, "--dry-run=client", "-f", DEFAULT)


@pytest.mark.parametrize("policy", ["IfNotPresent", "Always"])
def test_no_image_is_pulled_from_a_name_that_anybody_may_own(policy: str) -> None:
    told = run("template", CHART, "--set", f"image.pullPolicy={policy}", ok=False)
    assert "make push REGISTRY=" in told and "image.registry" in told and "pullPolicy=Never" in told


def test_images_that_are_on_the_nodes_need_no_registry() -> None:
    run("template", CHART, "--set", "image.pullPolicy=Never")


def test_every_image_of_ours_comes_from_the_registry(manifests: list[Manifest]) -> None:
    for pod in pods(manifests).values():
        for container in containers(pod):
            ours = "dragoman/" in container["image"]
            never = container["imagePullPolicy"] == "Never"
            assert not ours or never or container["image"].startswith("registry.example.com/")


def _cores(quantity: str) -> float:
    return float(quantity[:-1]) / 1000 if quantity.endswith("m") else float(quantity)


def test_the_readme_shows_the_values_as_they_are() -> None:
    assert chart_values.page() == chart_values.PAGE.read_text(), "run scripts/chart_values.py"


def test_every_alert_has_its_place_in_the_runbook() -> None:
    groups = [group for file in RULES for group in yaml.safe_load(file.read_text())["groups"]]
    alerts = [rule for group in groups for rule in group["rules"] if "alert" in rule]
    headings = re.findall(r"^## (\w+)$", (CHART.parents[1] / "docs" / "runbook.md").read_text(), re.MULTILINE)
    assert [rule["alert"] for rule in alerts] == headings
    for rule in alerts:
        assert rule["annotations"]["runbook"] == f"docs/runbook.md#{rule['alert'].lower()}"


def test_alerts_and_dashboards_ask_only_for_metrics_that_there_are() -> None:
    known = (CHART.parents[1] / "docs" / "operating.md").read_text()
    asked = [*RULES, *(CHART / "files" / "dashboards").glob("*.json")]
    named = {m for file in asked for m in re.findall(r"\bdragoman_\w+", file.read_text())}
    plain = {re.sub(r"_(bucket|sum|count)$", "", name) for name in named} - RECORDED
    assert plain and {name for name in plain if f"`{name}`" not in known} == set()


def test_alerts_and_dashboards_ask_only_for_outcomes_that_there_are() -> None:
    asked = [*RULES, *(CHART / "files" / "dashboards").glob("*.json")]
    patterns = [
        p for file in asked for p in re.findall(r'(?:outcome|code|reason)=~\\?"([^"\\]+)', file.read_text())
    ]
    names = [name for pattern in patterns for name in pattern.split("|")]
    assert names and all(any(re.fullmatch(name, code) for code in FaultCode) for name in names)


def test_the_dashboard_answers_the_questions() -> None:
    panels = json.loads((CHART / "files" / "dashboards" / "dragoman.json").read_text())["panels"]
    assert [p["title"] for p in panels if p["type"] == "row"] == [
        "Is anyone losing words?",
        "Is it healthy?",
        "How late are results?",
        "How full is the fleet?",
        "What fails?",
        "Who is throttled, and what does it cost?",
    ]


def test_every_example_is_in_the_matrix() -> None:
    there = {*EXAMPLES.glob("*.yaml"), *HERE.glob("*.yaml"), *CHART.glob("values-*.yaml")}
    assert there == set(MATRIX.values())
