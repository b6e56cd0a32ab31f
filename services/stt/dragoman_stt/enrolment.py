"""Voices of recordings of one person, for sessions that are to know them; nothing of a recording is kept."""

import asyncio
import itertools
from collections.abc import Sequence

import numpy as np
from prometheus_client import Counter, Histogram

from dragoman_contract import rpc, subjects
from dragoman_contract.audio import BYTES_PER_SAMPLE, SAMPLE_RATE, ms_to_samples, samples_to_ms
from dragoman_contract.errors import FaultCode, PeerError
from dragoman_contract.limits import ENROLMENT_MS
from dragoman_kit.answering import Answering, Method
from dragoman_kit.bus import Bus
from dragoman_stt.endpointing import FRAME
from dragoman_stt.engines.base import Pcm, Voice, VoiceActivityModel
from dragoman_stt.speaker_labels import VoiceHearing
from dragoman_stt.speakers import mean, packed

SPEECH = 0.5  # probability from which a frame is speech
LEAST_MS = 3_000  # of speech that makes a voice
PIECE_MS, LEAST_PIECE_MS = 3_000, 1_500  # that are encoded at a time, between the labels of tracks
ONE_VOICE = 0.5  # cosine that all pieces of one person have
PIECE_S, ANSWER_S, MOST = 5.0, 20.0, 2
CALLS = Counter("dragoman_stt_calls_total", "Requests over the bus by their outcome", ["method", "outcome"])
SECONDS = Histogram("dragoman_stt_call_seconds", "Time to answer a request over the bus", ["method"])


class Enrolment:
    """Answers requests for the voice of a recording."""

    def __init__(self, hearing: VoiceHearing, vad: VoiceActivityModel) -> None:
        self._hearing = hearing
        self._vad = vad
        self.answering = Answering("stt", MOST, ANSWER_S, CALLS, SECONDS)

    async def subscribe(self, bus: Bus) -> None:
        """Answer from now on."""
        method = Method(
            "encode_voice", subjects.ENCODE_VOICE, rpc.EncodeVoiceRequest, self.encode, rpc.EncodeVoiceReply
        )
        await self.answering.subscribe(bus, [method])

    async def encode(self, asked: rpc.EncodeVoiceRequest) -> rpc.EncodeVoiceReply:
        """Return the voice of a recording.

        Raises:
            PeerError: `TOO_LONG`; `UNSUPPORTED_AUDIO`, when it has too little speech, or more than one voice.
        """
        pcm = np.frombuffer(asked.audio[: len(asked.audio) // BYTES_PER_SAMPLE * BYTES_PER_SAMPLE], "<i2")
        if len(pcm) > ms_to_samples(ENROLMENT_MS) + SAMPLE_RATE:
            raise PeerError(FaultCode.TOO_LONG, f"at most {ENROLMENT_MS // 1000} s")
        speech = await asyncio.to_thread(self._speech, pcm.astype(np.int16))
        if samples_to_ms(len(speech)) < LEAST_MS:
            message = f"a voice needs {LEAST_MS // 1000} s of speech, in the first {ENROLMENT_MS // 1000} s"
            raise PeerError(FaultCode.UNSUPPORTED_AUDIO, message)
        said = pieces(speech)
        voices = [await self._voice(piece) for piece in said]
        if not is_one(voices):
            raise PeerError(FaultCode.UNSUPPORTED_AUDIO, "the recording has more than one voice")
        voice = mean(voices, [len(piece) for piece in said])
        return rpc.EncodeVoiceReply(print=packed(voice), spoken_ms=samples_to_ms(len(speech)))

    def _speech(self, pcm: Pcm) -> Pcm:
        """Frames that are speech, one behind the other."""
        hears = self._vad.track()
        whole = pcm[: len(pcm) // FRAME * FRAME].reshape(-1, FRAME)
        speech = [frame for frame in whole if hears(frame) >= SPEECH]
        return np.concatenate(speech) if speech else np.empty(0, np.int16)

    async def _voice(self, piece: Pcm) -> Voice:
        async with asyncio.timeout(PIECE_S):
            return await asyncio.wrap_future(self._hearing.begin(piece))


def pieces(speech: Pcm) -> list[Pcm]:
    """Cut speech into pieces; a rest that is too short for a voice goes with the last one."""
    size = ms_to_samples(PIECE_MS)
    starts = [
        start for start in range(0, len(speech), size) if len(speech) - start >= ms_to_samples(LEAST_PIECE_MS)
    ]
    return [speech[start:end] for start, end in itertools.pairwise([*(starts or [0]), len(speech)])]


def is_one(voices: Sequence[Voice]) -> bool:
    """Whether all voices are alike."""
    return all(float(one @ other) >= ONE_VOICE for one, other in itertools.combinations(voices, 2))
