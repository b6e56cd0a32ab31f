"""A service whose native code hangs and holds the interpreter ends by itself."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.integration
PROGRAM = """
import asyncio, ctypes
from dragoman_kit.run import run
from dragoman_kit.settings import CommonSettings

async def body(stop):
    await asyncio.sleep(0.2)
    ctypes.PyDLL(None).sleep(3600)  # PyDLL keeps the interpreter's lock

run("test", CommonSettings(blocked_limit_s=1), body)
"""


def test_a_call_that_hangs_with_the_interpreter_ends_the_process() -> None:
    program = [sys.executable, "-c", PROGRAM]
    ended = subprocess.run(program, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 1
    assert "Timeout" in ended.stderr and "in body" in ended.stderr, "its places in the code are told"
