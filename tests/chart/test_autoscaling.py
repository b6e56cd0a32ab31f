"""Switching autoscaling on, and upgrades after that, leave the replicas that run."""

from pathlib import Path

from tests.chart.conftest import NAMESPACE, RELEASE, of, render
from tests.chart.pretended_cluster import cluster, template

SCALED = ("--set", "services.tts.autoscaling.enabled=true")
PLACE = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/mesh-tts"


def test_the_replicas_that_run_are_kept(tmp_path: Path) -> None:
    (running,) = (m for m in of(list(render(None)), "Deployment") if m["metadata"]["name"] == "mesh-tts")
    owner = {"meta.helm.sh/release-name": RELEASE, "meta.helm.sh/release-namespace": NAMESPACE}
    metadata = {**running["metadata"], "annotations": owner}
    grown = {**running, "metadata": metadata, "spec": {**running["spec"], "replicas": 7}}
    with cluster(tmp_path, {PLACE: grown}) as kubeconfig:
        found = {m["metadata"]["name"]: m["spec"] for m in of(template(kubeconfig, *SCALED), "Deployment")}
    assert found["mesh-tts"]["replicas"] == 7 and found["mesh-edge"]["replicas"] == 2


def test_without_a_cluster_they_are_left_to_the_autoscaler() -> None:
    found = {m["metadata"]["name"]: m["spec"] for m in of(list(render(None, *SCALED)), "Deployment")}
    assert "replicas" not in found["mesh-tts"] and found["mesh-edge"]["replicas"] == 2
