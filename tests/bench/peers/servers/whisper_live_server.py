"""Runs in WhisperLive's own environment, with one model for all clients: PORT MODEL_DIRECTORY."""

import sys

from whisper_live.server import TranscriptionServer

if __name__ == "__main__":
    TranscriptionServer().run(
        "127.0.0.1",
        port=int(sys.argv[1]),
        backend="faster_whisper",
        faster_whisper_custom_model_path=sys.argv[2],
        single_model=True,
        max_clients=32,
    )
