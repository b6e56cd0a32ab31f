"""Records of kept sessions, and databases to store them in."""

import time
from dataclasses import replace
from typing import Any

from dragoman_archive.database import Database
from dragoman_archive.sealing import OperatorKeys
from dragoman_archive.vault import Vault
from dragoman_contract import rpc

SECRET = "a secret of the operator's"
NOW_MS = int(time.time() * 1000)


def record(session: str = "s_1", account: str = "a_1", **part: Any) -> rpc.KeptRecord:
    """A record of a session that began a minute ago and is kept for 30 days."""
    made = rpc.KeptRecord(session_id=session, account_id=account, started_at_ms=NOW_MS - 60_000, days=30)
    return replace(made, **part)


def sentence(utterance: int, text: str = "", track: int = 0, **more: Any) -> rpc.KeptSentence:
    """A sentence of a second's length."""
    said = rpc.KeptSentence(
        track=track, utterance=utterance, speaker="agent", language="en-US",
        text=text or f"words {utterance}", start_ms=utterance * 1000, duration_ms=900, confidence=0.5,
    )  # fmt: skip
    return replace(said, **more)


def translation(utterance: int, language: str = "es-ES", text: str = "") -> rpc.KeptTranslation:
    """A translation of track 0."""
    text = text or f"palabras {utterance}"
    return rpc.KeptTranslation(track=0, utterance=utterance, language=language, text=text)


BEGUN = rpc.TaskBegun(
    dialect="native", reference_id="r_1", source_languages=("en-US",), target_languages=("es-ES", "fr-FR")
)
ENDED = rpc.TaskEnded(reason="closed", at_ms=NOW_MS, unkept=2)


def vault_of(database: Database, *secrets: str) -> Vault:
    """The keys in a database."""
    return Vault(database, OperatorKeys(secrets or (SECRET,)))
