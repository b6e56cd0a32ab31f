"""The Sarvam streaming speech-to-text APIs."""
