"""A service starts again when its code changes."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.integration


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_changed_file_starts_the_service_again(tmp_path: Path) -> None:
    installed, sources, out = tmp_path / "installed", tmp_path / "sources", tmp_path / "out"
    package = installed / "dragoman_toy"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("SAYS = 'one'\n")
    says = f"open({str(out)!r}, 'a').write(SAYS + ' ')"
    (package / "__main__.py").write_text(
        f"from dragoman_toy import SAYS\nimport time\n{says}\ntime.sleep(60)\n"
    )
    command = [sys.executable, "-m", "dragoman_kit.reload", str(sources), "dragoman_toy"]
    with subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(installed)}) as process:
        try:
            until(lambda: out.exists() and out.read_text() == "one ")
            changed = sources / "dragoman_toy" / "__init__.py"
            changed.write_text("SAYS = 'two'  # changed\n")
            os.utime(changed, (1, 1))
            until(lambda: out.read_text() == "one two ")
        finally:
            process.terminate()
            process.wait(WAIT_S)
    assert process.returncode == 0
