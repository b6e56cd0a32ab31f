"""Enrolled speakers of a session: their voices are read from the archive before it begins."""

from dataclasses import replace

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_edge.mesh.archive import Archive


def has_unread(spec: ev.Spec) -> bool:
    """Whether voices of it are still to be read."""
    return any(not one.name for one in spec.known_speakers)


async def read(archive: Archive, spec: ev.Spec, account_id: str, key_id: str = "") -> ev.Spec:
    """Return a spec with the names and voices of its enrolled speakers.

    Raises:
        PeerError: `BAD_REQUEST`, when one is not enrolled by the account, or a name stands for two.
        MeshError: `UNAVAILABLE`.
    """
    ids = tuple(one.id for one in spec.known_speakers if not one.name)
    if not ids:
        return spec
    request = rpc.KnownSpeakersRequest(account_id=account_id, key_id=key_id, speaker_ids=ids)
    reply = await archive.ask(request)
    if not isinstance(reply, rpc.KnownSpeakersReply) or len(reply.speakers) != len(ids):
        raise MeshError(FaultCode.INTERNAL, "the archive did not answer what it was asked")
    found = dict(zip(ids, reply.speakers, strict=True))
    speakers = tuple(found.get(one.id, one) if not one.name else one for one in spec.known_speakers)
    if len({one.name for one in speakers}) < len(speakers):
        raise PeerError(FaultCode.BAD_REQUEST, "two known speakers have the same name")
    return replace(spec, known_speakers=speakers)
