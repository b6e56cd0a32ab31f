"""A track's audio without its noise: as much as came in, every sample at its place. Pure."""

import numpy as np
from prometheus_client import Counter

from dragoman_contract.audio import BYTES_PER_SAMPLE, SAMPLE_RATE
from dragoman_stt.engines.base import NoiseSuppressor

SECONDS = Counter("dragoman_stt_denoised_seconds_total", "Audio processed by the noise suppressor")
ENERGY = Counter(
    "dragoman_stt_denoise_energy_total",
    "Energy of denoised audio before and after (mean square of full scale, times seconds)",
    ["side"],
)


class Cleaner:
    """One track, from any sample on, however its audio is cut.

    What a suppressor holds back comes with what is fed next, or at the end.
    """

    def __init__(self, suppressor: NoiseSuppressor) -> None:
        self._suppress = suppressor.track()
        self._hop_bytes = suppressor.hop * BYTES_PER_SAMPLE
        self._early = suppressor.delay  # samples that come out before the first one that went in
        self._rest = b""
        self._owed = 0  # samples that went in and did not come out

    def feed(self, pcm: bytes) -> bytes:
        """Take audio and return the audio that is clean by now."""
        self._owed += len(pcm) // BYTES_PER_SAMPLE
        SECONDS.inc(len(pcm) / BYTES_PER_SAMPLE / SAMPLE_RATE)
        ENERGY.labels("in").inc(energy(pcm))
        return self._through(self._rest + pcm)

    def finish(self) -> bytes:
        """Return the audio still held back; the cleaner is then used up."""
        silence = bytes(-len(self._rest) % self._hop_bytes + self._hop_bytes)
        out, pcm = [], self._rest + silence
        while self._owed:
            out.append(self._through(pcm))
            pcm = silence[-self._hop_bytes :]
        return b"".join(out)

    def _through(self, pcm: bytes) -> bytes:
        whole = len(pcm) - len(pcm) % self._hop_bytes
        self._rest = pcm[whole:]
        hops = np.frombuffer(pcm[:whole], "<i2").reshape(-1, self._hop_bytes // BYTES_PER_SAMPLE)
        clean = b"".join(self._suppress(hop).tobytes() for hop in hops)
        early = min(self._early, len(clean) // BYTES_PER_SAMPLE)
        self._early -= early
        clean = clean[early * BYTES_PER_SAMPLE :][: self._owed * BYTES_PER_SAMPLE]
        self._owed -= len(clean) // BYTES_PER_SAMPLE
        ENERGY.labels("out").inc(energy(clean))
        return clean


def energy(pcm: bytes) -> float:
    """Mean square of full scale, times seconds."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768.0
    return float(samples @ samples) / SAMPLE_RATE
