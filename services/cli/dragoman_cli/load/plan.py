"""The work of one process of the load generator."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Plan:
    """Plan of one process. `audio`: a file of PCM s16le mono 16 kHz that every speaker repeats."""

    url: str
    key: str
    audio: str
    dialect: str = "native"
    sessions: int = 10
    frame_ms: int = 20
    warm_s: float = 3.0
    seconds: float = 20.0
    speed: float = 1.0  # audio sent, as a multiple of real time: each frame is so much longer
    opens_per_s: float = 40.0
    stamped: bool = False  # every frame begins with the moment it should have been sent
    begin_at: float = 0.0  # (Unix s) when all processes measure
    wishes: dict[str, Any] = field(default_factory=dict)


def as_json(plan: Plan) -> str:
    """For the process."""
    return json.dumps(asdict(plan))
