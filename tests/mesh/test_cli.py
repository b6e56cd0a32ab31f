"""The commands against a running mesh, as a user types them."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dragoman_tts.demo import say
from tests.mesh.conftest import Mesh

pytestmark = pytest.mark.mesh

Said = subprocess.CompletedProcess[str]

MORNING = "buen(os días| día)"  # by rules, or by way of Portuguese where its models are installed


def dragoman(mesh: Mesh, *words: str) -> Said:
    """One command, told of the mesh by the environment alone."""
    told = {
        "DRAGOMAN_ADMIN_URL": mesh.admin_url,
        "DRAGOMAN_ADMIN_TOKEN": mesh.admin_token,
        "DRAGOMAN_URL": mesh.edge,
        "DRAGOMAN_KEY": mesh.key,
        "COLUMNS": "200",
    }
    command = [sys.executable, "-m", "dragoman_cli", *words]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=90, env=os.environ | told, check=False
    )


def row(listing: Said, key_id: str) -> str:
    return next(line for line in listing.stdout.splitlines() if key_id in line)


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("speech") / "morning.wav"
    soundfile.write(path, np.frombuffer(say("Good morning, everyone.", "en-us"), "<i2"), 16_000)
    return path


def test_a_key_lives_from_create_to_revoke(mesh: Mesh, speech: Path) -> None:
    made = dragoman(mesh, "keys", "create", "--label", "night [shift]", "--days", "3")
    assert made.returncode == 0, made.stderr
    secret = made.stdout.strip()
    key_id = re.search(r"key (\S+) made", made.stderr)[1]  # type: ignore[index]

    listed = dragoman(mesh, "keys", "list")
    assert "active" in row(listed, key_id)
    assert "night [shift]" in row(listed, key_id)
    assert secret not in listed.stdout

    told = dragoman(mesh, "translate", str(speech), "--fast", "--key", secret)
    assert told.returncode == 0, told.stderr
    assert "never" not in row(dragoman(mesh, "keys", "list"), key_id)

    assert dragoman(mesh, "keys", "revoke", key_id).returncode == 0
    assert "revoked" in row(dragoman(mesh, "keys", "list"), key_id)
    refused = dragoman(mesh, "translate", str(speech), "--key", secret)
    assert refused.returncode == 1
    assert "the key was revoked" in refused.stdout + refused.stderr


def test_revoking_what_is_not_there_is_told(mesh: Mesh) -> None:
    said = dragoman(mesh, "keys", "revoke", "key_nowhere")
    assert said.returncode == 1
    assert len(said.stderr.strip().splitlines()) == 1


def test_translate_shows_texts_and_keeps_the_speech(mesh: Mesh, speech: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.wav"
    said = dragoman(mesh, "translate", str(speech), "--from", "en-US", "--to", "es-ES", "--out", str(out))
    assert said.returncode == 0, said.stderr
    assert re.search(r"transcript +good morning", said.stdout, re.IGNORECASE)
    assert re.search(rf"translation +{MORNING}", said.stdout, re.IGNORECASE)
    sound = soundfile.info(out)
    assert (sound.samplerate, sound.channels) == (16_000, 1)
    assert sound.duration > 0.5


def test_translate_takes_raw_sound_from_a_pipe(mesh: Mesh, speech: Path) -> None:
    pcm = soundfile.read(speech, dtype="int16")[0].astype("<i2").tobytes()
    command = [sys.executable, "-m", "dragoman_cli", "translate", "-", "--url", mesh.edge, "--key", mesh.key]
    said = subprocess.run(command, input=pcm, capture_output=True, timeout=90, check=False)
    assert said.returncode == 0, said.stderr.decode()
    assert re.search(MORNING, said.stdout.decode(), re.IGNORECASE)


def test_a_language_nobody_speaks_is_told(mesh: Mesh, speech: Path) -> None:
    said = dragoman(mesh, "translate", str(speech), "--to", "xx-XX")
    assert said.returncode == 1
    assert len(said.stderr.strip().splitlines()) == 1
    assert "xx" in said.stderr


def test_the_program_of_the_readme_works(mesh: Mesh, speech: Path, tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    program = readme.partition("<!-- example -->\n```python\n")[2].partition("```")[0]
    (tmp_path / "example.py").write_text(program)
    command = [sys.executable, "example.py", mesh.edge.replace("http", "ws"), mesh.key, str(speech)]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=90, check=False)
    assert said.returncode == 0, said.stderr
    assert re.search(rf"'text': '{MORNING}", said.stdout, re.IGNORECASE)
    assert (tmp_path / "translated.pcm").stat().st_size > 16_000


def test_bench_measures_a_running_mesh(mesh: Mesh, speech: Path, tmp_path: Path) -> None:
    out = tmp_path / "bench.json"
    options = ("--sessions", "2", "--seconds", "8", "--wav", str(speech), "--json", str(out))
    done = dragoman(mesh, "bench", *options)
    assert done.returncode == 0, done.stderr
    level = json.loads(out.read_text())["levels"][0]
    assert level["sessions"] == 2 and not level["failed"]
    assert level["results"]["final"] and level["delays_s"]["final"]["p50"] > 0
