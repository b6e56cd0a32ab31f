"""Engines for tests: words as tones, so that a lost, doubled or reordered piece is seen."""
