"""The images: built with the classic builder, from the bases that the settings name."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TAG = "e2e"
TARGETS = ("edge", "accounts", "archive", "stt-with-models", "translation-with-models", "tts", "cli")
BUILD_TIMEOUT_S = 1200


@dataclass(frozen=True)
class Bases:
    """Images that are not ours, from the environment; the official ones by default."""

    python: str
    nats: str
    valkey: str

    @classmethod
    def from_environment(cls) -> "Bases":
        """`PYTHON_IMAGE`, `NATS_IMAGE` and `VALKEY_IMAGE`."""
        return cls(
            os.environ.get("PYTHON_IMAGE") or "python:3.12-slim-bookworm",
            os.environ.get("NATS_IMAGE") or "nats:2.12-alpine",
            os.environ.get("VALKEY_IMAGE") or "valkey/valkey:8-alpine",
        )


def build(target: str, bases: Bases) -> float:
    """Build `dragoman/<target>:e2e`; the seconds that it took."""
    begun = time.monotonic()
    command = ["docker", "build", "--quiet", "--network=host", "--file", "deploy/Dockerfile"]
    command += ["--build-arg", f"PYTHON_IMAGE={bases.python}", "--build-arg", f"BUILD={TAG}"]
    command += ["--target", target, "--tag", f"dragoman/{target}:{TAG}", "."]
    environment = os.environ | {"DOCKER_BUILDKIT": "0"}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=BUILD_TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, f"{target} was not built:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return time.monotonic() - begun


def repository(image: str) -> dict[str, str]:
    """An image's name as the chart takes it: repository, and tag or digest."""
    if "@" in image:
        name, _, digest = image.partition("@")
        return {"repository": name, "tag": "", "digest": digest}
    name, colon, tag = image.rpartition(":")
    return (
        {"repository": name, "tag": tag}
        if colon and "/" not in tag
        else {"repository": image, "tag": "latest"}
    )
