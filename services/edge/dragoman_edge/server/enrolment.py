"""Voices of uploaded recordings, encoded by a recogniser."""

from contextlib import aclosing

from dragoman_contract import rpc, subjects
from dragoman_contract.audio import BYTES_PER_SAMPLE, ms_to_samples
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_contract.limits import ENROLMENT_MS
from dragoman_edge.media import decoding
from dragoman_edge.mesh.accounts import fault_error
from dragoman_edge.model.imports import Upload
from dragoman_kit.bus import Bus

MOST = ms_to_samples(ENROLMENT_MS) * BYTES_PER_SAMPLE
ENCODE_S = 25.0


async def encoded(bus: Bus, upload: Upload) -> rpc.EncodeVoiceReply:
    """Return the voice of the beginning of an uploaded recording.

    Raises:
        PeerError: `UNSUPPORTED_AUDIO`, when it cannot be decoded, has too little speech, or several voices.
        MeshError: `BUSY`, when no recogniser answers in time.
    """
    request = rpc.EncodeVoiceRequest(audio=await _beginning(upload))
    try:
        reply = await bus.request(subjects.ENCODE_VOICE, request, rpc.EncodeVoiceReply, ENCODE_S)
    except MeshError as exc:
        raise MeshError(FaultCode.BUSY, "no recogniser is free for this", retry_after_ms=5000) from exc
    if reply.fault is not None:
        raise fault_error(reply.fault)
    return reply


async def _beginning(upload: Upload) -> bytes:
    audio = b""
    async with aclosing(decoding.pieces(upload.file)) as pieces:
        async for piece in pieces:
            audio += piece
            if len(audio) >= MOST:
                break
    return audio[:MOST]
