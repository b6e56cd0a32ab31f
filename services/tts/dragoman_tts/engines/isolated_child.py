"""The process that speaks with one synthesiser; its other side is `isolated`.

Its arguments: what makes the engine, "module:function", the function's arguments, and a socket's number.
"""

import json
import socket
import sys
from dataclasses import asdict, astuple
from importlib import import_module
from typing import Any

from dragoman_kit.engine_process import end_with_parent
from dragoman_tts.engines.base import Synthesiser, Voice

Message = dict[str, Any]


def main() -> None:
    """Make the engine and serve it."""
    end_with_parent()
    make, *arguments, number = sys.argv[1:]
    module, _, function = make.partition(":")
    serve(getattr(import_module(module), function)(*arguments), int(number))


def serve(engine: Synthesiser, number: int) -> None:
    """Answer questions from a socket, given by its number, until it is closed."""
    with socket.socket(fileno=number) as ours, ours.makefile("rwb") as lines:
        for line in lines:
            answer, samples = answered(engine, json.loads(line))
            lines.write(json.dumps(answer | {"size": len(samples)}).encode() + b"\n" + samples)
            lines.flush()


def answered(engine: Synthesiser, question: Message) -> tuple[Message, bytes]:
    """Speech for the question's text, or the voices where it has none.

    What the engine raises is told by its kind alone: its words may hold what was to be spoken.
    """
    try:
        if "text" not in question:
            engine.warm()
            return {"voices": [asdict(voice) for voice in engine.voices()]}, b""
        voice = _voice(engine, question["voice"], question["language"])
        pieces = list(engine.synthesise(question["text"], voice, question["speed"]))
    except Exception as exc:  # noqa: BLE001
        return {"failed": type(exc).__name__}, b""
    told = [{"samples": len(p.samples), "marks": [astuple(mark) for mark in p.marks]} for p in pieces]
    return {"pieces": told}, b"".join(p.samples.tobytes() for p in pieces)


def _voice(engine: Synthesiser, name: str, language: str) -> Voice:
    return next(voice for voice in engine.voices() if (voice.id, voice.language) == (name, language))


if __name__ == "__main__":
    main()
