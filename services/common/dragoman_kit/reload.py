"""For development: a service that starts again when its code changes.

`python -m dragoman_kit.reload FOLDER PACKAGE` copies the packages of this mesh to FOLDER, runs PACKAGE from
there, and starts it again whenever a file in FOLDER changes (`skaffold dev` puts changed files there).
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

LOOK_S = 0.5
STOP_S = 5.0


def copy(folder: Path, package: str) -> None:
    """Copy our packages, those installed beside `package`, into `folder`.

    Raises: SystemExit if they are not there as sources.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"dragoman: there is no package {package}")
    for source in Path(spec.origin).parents[1].glob("dragoman_*"):
        if source.is_dir() and not source.name.endswith(".dist-info"):
            shutil.copytree(source, folder / source.name, dirs_exist_ok=True)


def state(folder: Path) -> dict[Path, float]:
    """Return the time of change of each Python file."""
    return {path: path.stat().st_mtime for path in folder.rglob("*.py")}


class Runner:
    """The service as a child, started again when told."""

    def __init__(self, folder: Path, package: str) -> None:
        self._folder = folder
        self._package = package
        self._child: subprocess.Popen[bytes] | None = None
        self.stopping = False

    def start(self) -> None:
        """Run it from the folder."""
        environment = os.environ | {"PYTHONPATH": str(self._folder)}
        self._child = subprocess.Popen([sys.executable, "-m", self._package], env=environment)  # noqa: S603

    def stop(self) -> None:
        """Ask it to stop; end it when it does not."""
        if self._child is None:
            return
        self._child.terminate()
        try:
            self._child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait(STOP_S)

    def watch(self) -> None:
        """Until told to stop. A child that ended waits for the next change."""
        seen = state(self._folder)
        self.start()
        while not self.stopping:
            time.sleep(LOOK_S)
            now = state(self._folder)
            if now != seen:
                seen = now
                self.stop()
                self.start()
        self.stop()


def main() -> None:
    """Copy, run and watch, until SIGTERM or SIGINT."""
    folder, package = Path(sys.argv[1]), sys.argv[2]
    copy(folder, package)
    runner = Runner(folder, package)

    def end(*_: object) -> None:
        runner.stopping = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    runner.watch()


if __name__ == "__main__":
    main()
