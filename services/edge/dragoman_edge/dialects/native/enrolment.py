"""`/v1/speakers` of the native API: speakers are enrolled by a recording, listed and deleted. Pure."""

import base64
from dataclasses import replace

from pydantic import ValidationError

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.errors import FaultCode, MeshError, PeerError
from dragoman_contract.ids import is_safe_token
from dragoman_edge.dialects.json_text import explain, parse_object
from dragoman_edge.dialects.native import enrolment_models as m
from dragoman_edge.dialects.native import tasks
from dragoman_edge.dialects.native.errors import refuse
from dragoman_edge.dialects.native.languages import NAME
from dragoman_edge.dialects.rest import Exchange, Route
from dragoman_edge.model.http import HttpRequest
from dragoman_edge.model.imports import ReceiveUpload
from dragoman_edge.model.requests import CheckSpec, EncodeVoice

SPEAKERS = "/v1/speakers"
SPEAKER = "/v1/speakers/{speaker_id}"
FIELD = "speaker"
MOST_BYTES = 20_000_000
TELLS_SPEAKERS = ev.Spec(dialect=NAME, tracks=(ev.TrackSpec(),), translate=False, speech=False, speakers=1)


def enrol(request: HttpRequest) -> Exchange:
    """Enrol a speaker: `multipart/form-data` with a recording and `speaker`, an `Enrolment` in JSON.

    Raises: PeerError if it is refused.
    """
    known = yield from tasks.owner(request)
    yield CheckSpec(TELLS_SPEAKERS)
    upload = yield ReceiveUpload(known.account_id, MOST_BYTES)
    wanted = _read(upload.fields.get(FIELD, ""))
    days = _days(wanted, known.max_keep_days)
    voice: rpc.EncodeVoiceReply = yield EncodeVoice(upload)
    if not wanted.keep:
        text = base64.b64encode(voice.print).decode()
        shown = m.EncodedSpeaker(name=wanted.name, print=text, spoken_ms=voice.spoken_ms)
        return replace(tasks.answer(m.Enrolled(voice=shown)), status=201)
    kept: rpc.EnrolSpeakerReply = yield rpc.EnrolSpeakerRequest(
        account_id=known.account_id,
        key_id=known.key_id,
        name=wanted.name,
        print=voice.print,
        spoken_ms=voice.spoken_ms,
        days=days,
    )
    if kept.speaker is None:
        raise MeshError(FaultCode.INTERNAL, "the speaker was not kept")
    return replace(tasks.answer(m.Enrolled(kept=_shown(kept.speaker))), status=201)


def listing(request: HttpRequest) -> Exchange:
    """List the account's enrolled speakers.

    Raises: PeerError if it is refused.
    """
    who = yield from tasks.asking(request)
    found: rpc.ListSpeakersReply = yield rpc.ListSpeakersRequest(**who)
    return tasks.answer(m.EnrolledSpeakers(speakers=list(map(_shown, found.speakers))))


def delete(request: HttpRequest) -> Exchange:
    """Delete an enrolled speaker for good.

    Raises: PeerError if it is refused.
    """
    who = yield from tasks.asking(request)
    speaker_id = request.path_parameters["speaker_id"]
    if not is_safe_token(speaker_id):
        raise PeerError(FaultCode.UNKNOWN_SESSION, "there is no such speaker")
    yield rpc.DeleteSpeakerRequest(**who, speaker_id=speaker_id)
    return tasks.answer(m.DeletedSpeaker(id=speaker_id))


def _read(text: str) -> m.Enrolment:
    try:
        return m.Enrolment.model_validate(parse_object(text or "{}"))
    except ValidationError as exc:
        raise PeerError(FaultCode.BAD_REQUEST, f"'{FIELD}': {explain(exc)[:300]}") from None


def _days(wanted: m.Enrolment, most: int) -> int:
    """How long a voice is kept.

    Raises: PeerError if the tier does not keep it so long.
    """
    if wanted.keep and (not most or wanted.days > most):
        raise PeerError(FaultCode.UNSUPPORTED_FEATURE, f"the tier keeps {most} days at most")
    return wanted.days or most


def _shown(speaker: rpc.EnrolledSpeaker) -> m.EnrolledSpeaker:
    return m.EnrolledSpeaker(
        id=speaker.id,
        name=speaker.name,
        enrolled_at_ms=speaker.enrolled_at_ms,
        delete_at_ms=speaker.delete_at_ms,
        spoken_ms=speaker.spoken_ms,
    )


ROUTES = (
    Route("POST", SPEAKERS, enrol, refuse, upload=True),
    Route("GET", SPEAKERS, listing, refuse),
    Route("DELETE", SPEAKER, delete, refuse),
)
