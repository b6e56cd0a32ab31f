"""A backup of a mesh, and a mesh of new servers that goes on from it."""

import asyncio
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from dragoman_cli.audio_source import paced
from dragoman_cli.client import Wish, translate
from dragoman_cli.mesh import Mesh
from dragoman_cli.rest import Admin
from dragoman_scripted.engines import FAIL, TRANSLATION, trouble
from dragoman_scripted.tones import numbers, words_to_pcm
from tests.chaos.harness import PAUSE, Plan, mesh
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.mesh
ACCOUNT = "/v1/accounts/acc_development"


def dragoman(made: Mesh, *arguments: str) -> subprocess.CompletedProcess[str]:
    admin: Any = made.state()["admin"]
    known = {"DRAGOMAN_ADMIN_URL": admin["url"], "DRAGOMAN_ADMIN_TOKEN": admin["token"]}
    return subprocess.run(
        [sys.executable, "-m", "dragoman_cli", *arguments, "--nats", made.nats_url],
        env=os.environ | known, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def money(made: Mesh) -> tuple[Any, Any]:
    """The account's proof, and its statement."""
    admin: Any = made.state()["admin"]
    rest = Admin(admin["url"], admin["token"])
    return rest.call("GET", f"{ACCOUNT}/reconciliation"), list(rest.pages(f"{ACCOUNT}/usage"))


def spoken(made: Mesh, words: list[int]) -> list[list[int]]:
    pcm = PAUSE + b"".join(words_to_pcm([word]) + PAUSE for word in words)
    url, wish = str(made.state()["edge"]), Wish("en-US", "es-ES")
    results = asyncio.run(translate(url, made.key, wish, paced(pcm), quiet_s=WAIT_S))
    return [numbers(u.translation) for u in results.utterances.values()]


def test_a_mesh_of_new_servers_goes_on_from_a_backup(tmp_path: Path) -> None:
    old, new, file = tmp_path / "old", tmp_path / "new", tmp_path / "backup.tar.gz"
    old.mkdir()
    with mesh(Plan(replicas={}, folder=old)) as (made, _):
        assert spoken(made, [1, trouble(TRANSLATION, FAIL), 3]) == [[1], [], [3]]
        saved = dragoman(made, "backup", str(file), "--archive", str(old / "archive" / "archive.sqlite3"))
        assert saved.returncode == 0, saved.stdout + saved.stderr
        before = money(made)
    assert file.stat().st_mode & 0o077 == 0
    with tarfile.open(file) as tar:
        assert {"manifest.json", "accounts.jsonl", "streams.jsonl", "archive.sqlite3"} == set(tar.getnames())
    new.mkdir()
    shutil.copy(old / "secrets.json", new)  # as the Secret of a chart, which a backup does not hold
    with mesh(Plan(replicas={}, folder=new)) as (made, _):
        there = dragoman(made, "restore", str(file))
        assert there.returncode != 0 and "--replace" in there.stdout + there.stderr
        restored = dragoman(made, "restore", str(file), "--replace")
        assert restored.returncode == 0, restored.stdout + restored.stderr
        proof, statement = money(made)
        assert (proof, statement) == before and not proof["problems"] and len(statement) >= 2
        assert "transcript" in dragoman(made, "dlq", "list").stdout
        assert spoken(made, [7]) == [[7]]
        assert not money(made)[0]["problems"]
