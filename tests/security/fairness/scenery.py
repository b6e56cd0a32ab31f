"""The mesh that is attacked, and what everybody says in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dragoman_scripted.tones import words_to_pcm
from dragoman_tts.demo import SENTENCES, say
from tests.mesh.conftest import Mesh, running
from tests.security.customers import TIERS

PAUSE = bytes(2 * 16_000)
# A recogniser that reads tones costs nothing: what is left is the waiting for others.
SCRIPTED = {"DRAGOMAN_STT_ENGINE": "scripted", "DRAGOMAN_STT_VAD": "scripted", "DRAGOMAN_STT_TURNS": ""}
WORDS, UTTERANCES = 4, 40
# Speech is sent at once, however long it takes to play: its pace would hide the waiting.
ALWAYS = {"DRAGOMAN_EDGE_SPEECH_AHEAD_MS": "60000"}


def speech(folder: Path, scripted: bool) -> Path:
    """Write what everybody says: sentences with a second of silence after each."""
    path = folder / "speech.pcm"
    if scripted:
        said = [words_to_pcm(list(range(n, n + WORDS))) for n in range(1, UTTERANCES * WORDS, WORDS)]
    else:
        said = [say(text, "en-us") for text in SENTENCES]
    path.write_bytes(b"".join(pcm + PAUSE for pcm in said))
    return path


@contextmanager
def mesh_of(folder: Path, scripted: bool) -> Iterator[Mesh]:
    """Start it as a user would."""
    tiers = folder / "tiers.yaml"
    tiers.write_text(TIERS)
    settings = {"DRAGOMAN_ACCOUNTS_TIERS_FILE": str(tiers), **ALWAYS} | (SCRIPTED if scripted else {})
    words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    with running(folder / "data", *words) as made:
        yield made
