"""The deletion cost of a Kubernetes pod: a scale-in takes the pod with the least work."""

import asyncio
import http.client
import json
import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import Counter

from dragoman_kit.logging import get

log = get(__name__)
FAILED = Counter("dragoman_pod_deletion_cost_failures_total", "Deletion costs that Kubernetes did not take")
ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
ANNOTATION = "controller.kubernetes.io/pod-deletion-cost"
EVERY_S = 15.0  # each change is a write to the cluster's store
WAIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """The Kubernetes API as a pod reaches it; `account` is the folder of its service account."""

    host: str
    port: int
    account: Path = ACCOUNT

    @classmethod
    def of_this_pod(cls) -> "Cluster":
        """Return the API of the cluster that this container runs in."""
        environ = os.environ
        host = environ.get("KUBERNETES_SERVICE_HOST", "kubernetes.default.svc")
        return cls(host, int(environ.get("KUBERNETES_SERVICE_PORT", "443")))

    def annotate(self, pod: str, name: str, value: str) -> None:
        """Set an annotation of a pod in the own namespace; blocking.

        Raises: OSError, also for an answer that is no success.
        """
        token = (self.account / "token").read_text().strip()  # anew each time: it is rotated
        namespace = (self.account / "namespace").read_text().strip()
        trusted = ssl.create_default_context(cafile=str(self.account / "ca.crt"))
        connection = http.client.HTTPSConnection(self.host, self.port, timeout=WAIT_S, context=trusted)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/merge-patch+json"}
        body = json.dumps({"metadata": {"annotations": {name: value}}})
        try:
            connection.request("PATCH", f"/api/v1/namespaces/{namespace}/pods/{pod}", body, headers)
            status = connection.getresponse().status
        except http.client.HTTPException as exc:
            raise OSError(type(exc).__name__) from None
        finally:
            connection.close()
        if status != http.client.OK:
            raise OSError(f"HTTP {status}")


async def keep_deletion_cost(pod: str, work: Callable[[], int], cluster: Cluster | None = None) -> None:
    """Tell Kubernetes, until cancelled, how much work the pod has: what `work` returns.

    A cluster that does not take it is asked again and again: nothing else depends on it.
    """
    cluster = cluster or Cluster.of_this_pod()
    told: int | None = None
    while True:
        cost = work()
        if cost != told:
            try:
                await asyncio.to_thread(cluster.annotate, pod, ANNOTATION, str(cost))
                told = cost
            except OSError as exc:
                FAILED.inc()
                log.warning("deletion cost not told", reason=str(exc))
        await asyncio.sleep(EVERY_S)
