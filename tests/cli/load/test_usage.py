"""What processes use, as the operating system counts it."""

import os
from pathlib import Path

import pytest

from dragoman_cli.load import usage as module
from dragoman_cli.load.usage import Usage, machine, used


def test_this_process_has_used_something_and_one_that_ended_nothing() -> None:
    mine = Usage.of(os.getpid())
    assert mine.cpu_s > 0 and mine.own_bytes > 0 and mine.peak_bytes >= mine.own_bytes // 2
    assert Usage.of(2**22 + 1) == Usage(0.0, 0, 0)


def test_processes_of_a_name_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Usage, "of", staticmethod(lambda pid: Usage(float(pid), pid, 2 * pid, pid / 2)))
    assert used({"a": [1, 2], "b": []}) == {"a": Usage(3.0, 3, 6, 1.5), "b": Usage(0.0, 0, 0)}


def test_a_machine_is_described_with_its_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    about = machine()
    assert "GiB" in about["memory"] and about["nats-py"] != "not installed"
    assert module._version("no-such-package") == "not installed"
    monkeypatch.setattr(module, "_version", lambda name: "1")
    monkeypatch.setattr(Path, "read_text", lambda self: "MemTotal: 2097152 kB\n")
    assert machine()["processor"].endswith("× ?") and machine()["memory"] == "2 GiB"
    assert module._kilobytes("VmHWM:\t 5 kB", "RssAnon") == 0
