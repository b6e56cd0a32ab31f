"""PostgreSQL and an S3 server in containers, and the Secrets by which the archive of the chart finds them."""

import base64
import os
import subprocess
from importlib.metadata import version
from typing import Any

import httpx

from tests.e2e.images import BUILD_TIMEOUT_S, ROOT, Bases
from tests.e2e.kubelet import Kubelet, Manifest, until

IMAGE = "dragoman-e2e/stores"
USER, PASSWORD, BUCKET = "dragoman", "a-password", "recordings"
DATABASE_SECRET, AUDIO_SECRET = "e2e-database", "e2e-audio"
VALUES = {
    "archive.databaseSecret": DATABASE_SECRET,
    "archive.audio.url": f"s3://{BUCKET}/e2e",
    "archive.audio.secret": AUDIO_SECRET,
    "services.archive.replicas": "2",
}
POSTGRES = f"""
set -e; cd /tmp; bin=$(ls -d /usr/lib/postgresql/*/bin); echo {PASSWORD} >/tmp/password
"$bin/initdb" -D /tmp/data -U {USER} --pwfile=/tmp/password --auth=scram-sha-256 -E UTF8 --locale=C.UTF-8
echo "host all all all scram-sha-256" >>/tmp/data/pg_hba.conf
exec "$bin/postgres" -D /tmp/data -h 0.0.0.0 -k /tmp
"""
S3 = "exec python -m moto.server -H 0.0.0.0 -p 5000"
START_S = 60


def build(bases: Bases) -> None:
    """Build the image of both."""
    command = ["docker", "build", "--quiet", "--network=host", "--file", "tests/e2e/stores.Dockerfile"]
    command += ["--build-arg", f"PYTHON_IMAGE={bases.python}"]
    command += ["--build-arg", f"MOTO_VERSION={version('moto')}", "--tag", IMAGE, "tests/e2e"]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"DOCKER_BUILDKIT": "0"}, capture_output=True, text=True,
        timeout=BUILD_TIMEOUT_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


def secrets() -> list[Manifest]:
    """Return the Secrets that an operator would make."""
    return [
        _secret(DATABASE_SECRET, {"database-url": f"postgresql://{USER}:{PASSWORD}@postgres/postgres"}),
        _secret(
            AUDIO_SECRET,
            {
                "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing-secret",
                "AWS_REGION": "us-east-1", "AWS_ENDPOINT": "http://s3:5000",
            },
        ),
    ]  # fmt: skip


def _secret(name: str, values: dict[str, str]) -> Manifest:
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return {"kind": "Secret", "metadata": {"name": name}, "data": data}


def start(kubelet: Kubelet) -> None:
    """Start both beside a release, with an empty bucket."""
    kubelet.beside("postgres", IMAGE, POSTGRES, 5432, user="postgres")
    s3 = kubelet.beside("s3", IMAGE, S3, 5000, user="10001")
    until(lambda: _made(s3.url(5000)), START_S, "the S3 server did not start")


def _made(url: str) -> bool:
    try:
        return httpx.put(f"{url}/{BUCKET}", timeout=5).is_success
    except httpx.HTTPError:
        return False


def objects(kubelet: Kubelet, prefix: str) -> dict[str, bytes]:
    """Return what lies in the bucket below a prefix, by path."""
    (s3,) = kubelet.of("s3")
    bucket = f"{s3.url(5000)}/{BUCKET}"
    listed = httpx.get(bucket, params={"list-type": "2", "prefix": f"e2e/{prefix}"}, timeout=15).text
    paths = [part.partition("</Key>")[0] for part in listed.split("<Key>")[1:]]
    return {path: httpx.get(f"{bucket}/{path}", timeout=15).content for path in paths}


def rows(kubelet: Kubelet, query: str) -> str:
    """Return what psql prints of a query."""
    (postgres,) = kubelet.of("postgres")
    environment: dict[str, Any] = {"PGPASSWORD": PASSWORD}
    command = ["psql", "-h", "127.0.0.1", "-U", USER, "-d", "postgres", "-Atc", query]
    status, told = postgres.raw.exec_run(command, environment=environment)
    assert status == 0, told
    return str(told.decode().strip())
