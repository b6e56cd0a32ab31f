"""Deletion cost of a pod, as Kubernetes is told it."""

import asyncio
import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dragoman_kit import pod
from dragoman_kit.pod import ANNOTATION, Cluster, keep_deletion_cost
from tests.support.waiting import WAIT_S


class Api:
    """The cluster: what it was asked, and how it answers."""

    def __init__(self) -> None:
        self.status = 200
        self.asked: list[tuple[Any, ...]] = []
        self.fails: Exception | None = None
        self.closed = 0

    def __call__(self, host: str, port: int, **_: Any) -> "Api":
        self.address = host, port
        return self

    def request(self, method: str, path: str, body: str, headers: dict[str, str]) -> None:
        self.asked.append((method, path, json.loads(body), headers))

    def getresponse(self) -> SimpleNamespace:
        if self.fails is not None:
            raise self.fails
        return SimpleNamespace(status=self.status)

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    made = Api()
    monkeypatch.setattr("dragoman_kit.pod.http.client.HTTPSConnection", made)
    monkeypatch.setattr("dragoman_kit.pod.ssl.create_default_context", lambda cafile: cafile)
    monkeypatch.setattr("dragoman_kit.pod.EVERY_S", 0.0)
    return made


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    (tmp_path / "token").write_text("secret\n")
    (tmp_path / "namespace").write_text("speech")
    yield Cluster("10.0.0.1", 443, tmp_path)


def test_an_annotation_of_the_own_pod_is_set(api: Api, cluster: Cluster) -> None:
    cluster.annotate("edge-1", ANNOTATION, "7")
    ((method, path, body, headers),) = api.asked
    assert (method, path) == ("PATCH", "/api/v1/namespaces/speech/pods/edge-1")
    assert body == {"metadata": {"annotations": {ANNOTATION: "7"}}}
    assert headers["Authorization"] == "Bearer secret" and "merge-patch" in headers["Content-Type"]
    assert api.address == ("10.0.0.1", 443) and api.closed == 1


@pytest.mark.parametrize(
    ("status", "fails"), [(403, None), (200, http.client.BadStatusLine("x")), (200, TimeoutError())]
)
def test_a_refusal_is_told_without_the_token(
    api: Api, cluster: Cluster, status: int, fails: Exception | None
) -> None:
    api.status, api.fails = status, fails
    with pytest.raises(OSError) as told:
        cluster.annotate("edge-1", ANNOTATION, "7")
    assert "secret" not in str(told.value) and api.closed == 1


def test_the_address_is_what_kubernetes_tells_the_container(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "6443")
    assert Cluster.of_this_pod() == Cluster("fd00::1", 6443, pod.ACCOUNT)


async def test_only_changes_are_told_and_a_refused_one_again(api: Api, cluster: Cluster) -> None:
    costs = iter([3, 3, 4, 4, 4])
    over = asyncio.Event()

    def work() -> int:
        api.status = 403 if len(api.asked) == 1 else 200
        try:
            return next(costs)
        except StopIteration:
            over.set()
            return 4

    task = asyncio.create_task(keep_deletion_cost("edge-1", work, cluster))
    async with asyncio.timeout(WAIT_S):
        await over.wait()
    task.cancel()
    told = [body["metadata"]["annotations"][ANNOTATION] for _, _, body, _ in api.asked]
    assert told == ["3", "4", "4"]
