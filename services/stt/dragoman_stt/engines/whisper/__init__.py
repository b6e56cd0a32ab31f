"""faster-whisper on short windows: `Whisper` in `engine.py`."""
