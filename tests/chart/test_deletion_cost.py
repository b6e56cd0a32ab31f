"""Who may tell Kubernetes the deletion cost of a pod, and of which."""

import kubernetes_validate

from tests.chart.conftest import Manifest, of, pods, render
from tests.chart.test_chart import VERSIONS


def manifests(*values: str) -> list[Manifest]:
    return list(render(None, "--set", "podDeletionCost.enabled=true", *values))


def test_edges_and_recognisers_may_patch_pods_and_nobody_else() -> None:
    made = manifests()
    (role,), (binding,) = of(made, "Role"), of(made, "RoleBinding")
    assert role["rules"] == [{"apiGroups": [""], "resources": ["pods"], "verbs": ["patch"]}]
    assert {subject["name"] for subject in binding["subjects"]} == {"mesh-edge", "mesh-stt"}
    with_token = {name for name, pod in pods(made).items() if pod["spec"].get("automountServiceAccountToken")}
    assert with_token == {"mesh-edge", "mesh-stt"}


def test_its_objects_are_valid() -> None:
    usual = render(None)
    for manifest in manifests():
        if manifest not in usual:
            kubernetes_validate.validate(manifest, VERSIONS[1], strict=True)


def test_the_policy_limits_it_to_annotations_of_the_own_pod() -> None:
    made = manifests()
    (policy,), (binding,) = (
        of(made, "ValidatingAdmissionPolicy"),
        of(made, "ValidatingAdmissionPolicyBinding"),
    )
    assert binding["spec"]["policyName"] == policy["metadata"]["name"]
    (by,) = policy["spec"]["matchConditions"]
    assert ":mesh-edge'" in by["expression"] and ":mesh-stt'" in by["expression"]
    rules = " ".join(rule["expression"] for rule in policy["spec"]["validations"])
    assert "pod-name" in rules and "object.spec == oldObject.spec" in rules and "labels" in rules
    assert not of(manifests("--set", "podDeletionCost.policy=false"), "ValidatingAdmissionPolicy")


def test_without_it_no_pod_has_a_token_or_a_role() -> None:
    made = list(render(None))
    assert not of(made, "Role") and not of(made, "ValidatingAdmissionPolicy")
    assert not any(pod["spec"].get("automountServiceAccountToken") for pod in pods(made).values())
