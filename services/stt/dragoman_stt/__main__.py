"""`python -m dragoman_stt`."""

import os

# numpy multiplies matrices only for the spectrogram, and they are small: its other threads would only spin,
# for a fifth of a decode's CPU. This is read when numpy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from dragoman_stt.main import main

if __name__ == "__main__":
    main()
