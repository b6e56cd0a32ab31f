"""Speakers of every dialect, as they are after their REST endpoint has answered."""

import json
from typing import Any

from dragoman_cli.load.speaker import TEXT, Ask, Heard, Sent, Speaker, Wishes
from dragoman_cli.load.speakers import SPEAKERS

URL = "http://127.0.0.1:8080"
SOUND = bytes(range(256)) * 2
# What the REST endpoints answer with.
ANSWERS: dict[str, dict[str, Any]] = {
    "pinch": {"session_id": "ss_1", "ws_url": "ws://127.0.0.1:8080/session?token=pst_1", "expires_in": 60},
    "kallglot": {
        "id": "sess_1",
        "stream": {"url": f"ws{URL[4:]}/v1/sessions/sess_1/connect", "token": "kst_1"},
    },
    "vas": {"ticket": "t" * 32, "expires_in": 60},
}


def asked(name: str, wishes: Wishes | None = None) -> Ask:
    made = SPEAKERS[name](URL, "k", wishes or Wishes())
    assert isinstance(made, Ask)
    return made


def speaker(name: str, wishes: Wishes | None = None) -> Speaker:
    made = SPEAKERS[name](URL, "k", wishes or Wishes())
    return made.then(ANSWERS[name]) if isinstance(made, Ask) else made


def message(sent: Sent) -> dict[str, Any]:
    """What was sent as text."""
    kind, payload = sent
    assert kind == TEXT
    return dict(json.loads(payload))


def heard(name: str, **frame: Any) -> Heard | None:
    """What it makes of a message."""
    return speaker(name).hear(TEXT, json.dumps(frame).encode())
