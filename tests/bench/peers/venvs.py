"""Environments of the peers, one each, made once under the user's cache: they never mix with ours."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

INSTALL_S = 900
OWN_UV = Path(__file__).parents[3] / ".tools/bin/uv"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


@dataclass(frozen=True, slots=True)
class Peer:
    """`packages` with what they need; `bare` ones without: they name gigabytes that are never loaded."""

    name: str
    packages: tuple[str, ...]
    bare: tuple[str, ...] = ()


PIPECAT = Peer("pipecat-1.14.0", ("pipecat-ai==1.14.0", "fastapi", "uvicorn[standard]", "websockets"))
WHISPER_LIVE = Peer(
    "whisper-live-0.10.0",
    ("faster-whisper==1.2.0", "websockets", "fastapi", "uvicorn", "python-multipart", "scipy", "soundfile"),
    ("whisper-live==0.10.0",),
)
WHISPER_LIVE_KIT = Peer(
    "whisperlivekit-0.2.26",
    ("faster-whisper>=1.2", "fastapi", "uvicorn", "websockets", "librosa", "soundfile", "tqdm", "tiktoken",
     "python-multipart", "huggingface-hub"),
    ("whisperlivekit==0.2.26",),
)  # fmt: skip
CPU_TORCH = "torch==2.13.0+cpu"  # the usual wheel needs gigabytes of CUDA
OF_TORCH = (
    "filelock",
    "sympy",
    "networkx",
    "jinja2",
    "fsspec",
    "typing-extensions",
    "setuptools",
    "requests",
)


class PeerError(Exception):
    """A peer cannot be installed or does not run; the message says why."""


def python_of(peer: Peer) -> Path:
    """The interpreter of a peer's environment, which is made if it is missing.

    Raises:
        PeerError: uv is missing, or the packages cannot be had.
    """
    folder = _home() / peer.name
    python, done = folder / "bin/python", folder / ".complete"
    if done.exists():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    _uv("venv", "--quiet", "--python", f"{sys.version_info.major}.{sys.version_info.minor}", str(folder))
    install = ("pip", "install", "--quiet", "--python", str(python))
    _uv(*install, *peer.packages)
    if peer.bare:
        _torch(install)
        _uv(*install, "--no-deps", *peer.bare)
    done.touch()
    return python


def _torch(install: tuple[str, ...]) -> None:
    _uv(*install, *OF_TORCH)
    try:
        _uv(*install, "--no-deps", CPU_TORCH)
    except PeerError:
        _uv(*install, "--no-deps", "--torch-backend", "cpu", "torch")


def _home() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "dragoman" / "peers"


def _uv(*words: str) -> None:
    """Wheels that lie in pip's own folder are found too: that is where a small torch may be."""
    uv = shutil.which("uv") or (str(OWN_UV) if OWN_UV.exists() else None)
    if uv is None:
        raise PeerError("uv is not installed; `make setup` puts one into .tools")
    known = dict(os.environ)
    if "PIP_FIND_LINKS" in known:
        known.setdefault("UV_FIND_LINKS", known["PIP_FIND_LINKS"])
    if CERTIFICATES.exists():
        known |= {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}
    made = subprocess.run(
        [uv, *words], check=False, env=known, capture_output=True, text=True, timeout=INSTALL_S
    )
    if made.returncode:
        raise PeerError(f"uv {words[0]}: {made.stderr.strip()[-600:]}")
