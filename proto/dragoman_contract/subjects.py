"""Every subject, stream and message id of the bus, as functions. SPEC.md draws the picture."""

from dragoman_contract import events as ev
from dragoman_contract import rpc
from dragoman_contract.limits import TRACKS

ROOT = "dragoman.v1"
TEXTS_TRACK = 1000  # the track of texts beside the speech, which no recogniser has

# Streams
EVENTS_STREAM = "DRAGOMAN_EVENTS"
SPEECH_STREAM = "DRAGOMAN_SPEECH"
USAGE_STREAM = "DRAGOMAN_USAGE"
DEAD_STREAM = "DRAGOMAN_DEAD"
SESSIONS_STREAM = "DRAGOMAN_SESSIONS"
RESOURCES_STREAM = "DRAGOMAN_RESOURCES"
CHANNELS_STREAM = "DRAGOMAN_CHANNELS"
KEPT_STREAM = "DRAGOMAN_KEPT"
RECORDINGS_STREAM = "DRAGOMAN_RECORDINGS"
ORDERS_STREAM = "DRAGOMAN_ORDERS"
BEGUN_STREAM = "DRAGOMAN_BEGUN"
EVENTS_SUBJECTS = f"{ROOT}.event.*.final.>"
SPEECH_SUBJECTS = f"{ROOT}.event.*.speech.>"
USAGE_SUBJECTS = f"{ROOT}.usage.*"
DEAD_SUBJECTS = f"{ROOT}.dead.>"
SESSIONS_SUBJECTS = f"{ROOT}.session.*.record"
RESOURCES_SUBJECTS = f"{ROOT}.resource.>"
CHANNELS_SUBJECTS = f"{ROOT}.channel.>"
KEPT_SUBJECTS = f"{ROOT}.kept.*"
RECORDINGS_SUBJECTS = f"{ROOT}.recording.*"
ORDERS_SUBJECTS = f"{ROOT}.order.*.*"
BEGUN_SUBJECTS = f"{ROOT}.begun.*.*"

# Shared consumers: durable names and filters. Live speech and texts beside it are two classes of work.
TRANSLATION_LIVE, TRANSLATION_TEXTS = "translation_live", "translation_texts"
TTS_LIVE, TTS_TEXTS = "tts_live", "tts_texts"
USAGE_CONSUMER = "accounts"
KEPT_CONSUMER = "archive"
RECORDINGS_CONSUMER = "recordings"
TRANSLATION_LIVE_FILTERS = tuple(f"{ROOT}.event.*.final.{track}.transcript" for track in range(TRACKS))
TRANSLATION_TEXTS_FILTERS = (f"{ROOT}.event.*.final.{TEXTS_TRACK}.transcript",)
TTS_LIVE_FILTERS = tuple(f"{ROOT}.event.*.final.{track}.translation.*" for track in range(TRACKS))
TTS_TEXTS_FILTERS = (f"{ROOT}.event.*.final.{TEXTS_TRACK}.translation.*",)

MESSAGE_ID_HEADER = "Nats-Msg-Id"
REASON_HEADER = "Dragoman-Reason"  # of a dead message: why it was given up
SUBJECT_HEADER = "Dragoman-Subject"  # of a dead message: where it has to go again


def allocate(engine: str) -> str:
    """Request subject for a recogniser of a kind; the queue group `stt` has those that should take one."""
    return f"{ROOT}.stt.allocate.{engine or 'default'}"


def allocate_any(engine: str) -> str:
    """Return the subject for allocation by any recogniser with room, for when no preferred one answers."""
    return f"{ROOT}.stt.any.{engine or 'default'}"


ENCODE_VOICE = f"{ROOT}.stt.voice"  # request; the queue group `stt` has those with a speaker encoder
WORKER_LOADS = f"{ROOT}.stt.loads"  # what the recognisers tell each other


def worker_audio(worker_id: str) -> str:
    """Audio frames of all tracks of a worker."""
    return f"{ROOT}.track.{worker_id}.audio"


def track_control(worker_id: str, session_id: str, track: int) -> str:
    """Control of one track; the same subscription as its audio, so that both stay in order."""
    return f"{ROOT}.track.{worker_id}.control.{session_id}.{track}"


def worker_tracks(worker_id: str) -> str:
    """Return the subjects of a recogniser's tracks: audio and control."""
    return f"{ROOT}.track.{worker_id}.>"


def parse_control(subject: str) -> tuple[str, int]:
    """Session id and track of a `track_control` subject.

    Raises:
        ValueError: it is no such subject.
    """
    session_id, track = subject.split(".")[5:]
    return session_id, int(track)


def tentative(session_id: str, track: int) -> str:
    """An interim with its work order, to one translation worker: the queue group is `translation`."""
    return f"{ROOT}.tentative.{session_id}.{track}"


def speech_pace(session_id: str, track: int, language: str) -> str:
    """Return the subject of the rate at which a session is spoken; every tts worker hears it."""
    return f"{ROOT}.pace.{session_id}.{track}.{language}"


SPEECH_PACES = f"{ROOT}.pace.*.*.*"  # what tts workers subscribe to
TENTATIVE = f"{ROOT}.tentative.*.*"  # what translation workers subscribe to


def session_events(session_id: str) -> str:
    """Everything of one session; what its edge listens to."""
    return f"{ROOT}.event.{session_id}.>"


def session_finals(session_id: str) -> str:
    """The durable events of one session; what a resume reads back."""
    return f"{ROOT}.event.{session_id}.final.>"


def session_speech(session_id: str) -> str:
    """The speech of one session; what a resume reads back."""
    return f"{ROOT}.event.{session_id}.speech.>"


def event(event: ev.Event) -> str:
    """The subject an event is published on.

    Raises:
        TypeError: for `Usage`, which has its own subject (`usage`).
    """
    base = f"{ROOT}.event.{event.session_id}"
    match event:
        case ev.Transcript(final=True):
            return f"{base}.final.{_class(event)}.transcript"
        case ev.Transcript():
            return f"{base}.interim.{event.track}.transcript"
        case ev.Translation(final=True):
            return f"{base}.final.{_class(event)}.translation.{event.language}"
        case ev.Translation():
            return f"{base}.interim.{event.track}.translation.{event.language}"
        case ev.SpeechChunk():
            return f"{base}.speech.{event.track}.{event.language}"
        case ev.Failure():
            return f"{base}.final.{event.track}.failure"
        case ev.SpeakerCorrection():
            return f"{base}.final.{event.track}.speaker"
        case ev.TrackEnded():
            return f"{base}.final.{event.track}.ended"
        case ev.SpeechActivity():
            return f"{base}.interim.{event.track}.activity"
        case ev.Heartbeat():
            return f"{base}.heartbeat.{event.track}"
        case ev.Status():
            return f"{base}.status"
        case ev.EndSession():
            return f"{base}.end"
    raise TypeError(f"{type(event).__name__} is not published as a session event")


def _class(event: ev.Transcript | ev.Translation) -> int:
    """Return the track that a final is work of: that of texts for an import, which gives way."""
    return TEXTS_TRACK if event.work.background else event.track


def message_id(event: ev.Event) -> str:
    """Return the identity by which JetStream drops a repeat.

    The epoch is part of it: a replaced recogniser must not make the stream drop its successor's final.

    Raises: TypeError for an event that is never stored.
    """
    match event:
        case ev.Transcript():
            return _id(event, "transcript", str(event.revision))
        case ev.Translation():
            return _id(event, "translation", event.language, str(event.revision))
        case ev.SpeechChunk():
            return _id(event, "speech", event.language, str(event.sample_offset), str(int(event.last)))
        case ev.Failure():
            return _id(event, "failure", event.stage, event.language)
        case ev.SpeakerCorrection():
            return _id(event, "speaker")
        case ev.TrackEnded():
            return f"{event.session_id}.{event.track}.{event.epoch}.ended"
        case ev.Usage():
            return f"{event.session_id}.usage.{event.sequence}"
    raise TypeError(f"{type(event).__name__} is not stored")


def _id(
    event: ev.Transcript | ev.Translation | ev.SpeechChunk | ev.Failure | ev.SpeakerCorrection, *parts: str
) -> str:
    return ".".join((event.session_id, str(event.track), str(event.epoch), str(event.utterance), *parts))


def usage(session_id: str) -> str:
    """Usage reports of one session; the stream keeps the newest only."""
    return f"{ROOT}.usage.{session_id}"


def session_record(session_id: str) -> str:
    """Return the subject of a session's checkpoint; the stream keeps the newest few."""
    return f"{ROOT}.session.{session_id}.record"


def session_handover(session_id: str) -> str:
    """Request to the edge that has the session: give it away, and answer with its record."""
    return f"{ROOT}.session.{session_id}.handover"


SESSIONS_OVER = f"{ROOT}.session.*.over"


def session_over(session_id: str) -> str:
    """Return the subject on which an edge says that a session is over: its work need not be done any more."""
    return f"{ROOT}.session.{session_id}.over"


def parse_over(subject: str) -> str:
    """Session id of a `session_over` subject."""
    return subject.split(".")[3]


def resource(key: str) -> str:
    """Return the subject of a record of the REST endpoints; the stream keeps the newest value of each key.

    A key is tokens joined by dots; the first is the account.
    """
    return f"{ROOT}.resource.{key}"


def channel(key: str) -> str:
    """Return the subject of a record of broadcast channels; the stream keeps the newest value of a key."""
    return f"{ROOT}.channel.{key}"


def broadcast_event(token: str) -> str:
    """A released event of a broadcast, to every edge that has viewers of it."""
    return f"{ROOT}.broadcast.{token}.show.event"


def broadcast_notice(token: str) -> str:
    """Return the subject of a broadcast's notices; one subscription with its events keeps both in order."""
    return f"{ROOT}.broadcast.{token}.show.notice"


def broadcast_show(token: str) -> str:
    """Return the subject that an edge with viewers subscribes to, once for all of them."""
    return f"{ROOT}.broadcast.{token}.show.*"


def broadcast_admission(token: str) -> str:
    """Request to the host's edge, which decides who may watch."""
    return f"{ROOT}.broadcast.{token}.admission"


def kept(session_id: str) -> str:
    """Return the subject of a session's records on their way to the archive."""
    return f"{ROOT}.kept.{session_id}"


def kept_id(record: rpc.KeptRecord) -> str:
    """Return the identity by which JetStream drops a repeat of a record.

    Raises:
        TypeError: the record is empty.
    """
    base = f"{record.session_id}.kept"
    if (said := record.sentence) is not None:
        return f"{base}.{said.track}.{said.utterance}"
    if (made := record.translation) is not None:
        again = f".{made.revision}" if made.revision else ""
        return f"{base}.{made.track}.{made.utterance}.{made.language}{again}"
    if record.begun is not None:
        return f"{base}.begun"
    if record.ended is not None:
        return f"{base}.ended"
    if record.change is not None:
        return f"{base}.change.{record.change.number}"
    raise TypeError("an empty record is not stored")


def recording(account_id: str) -> str:
    """Return the subject of an account's pieces of recordings; the stream takes so many of each account."""
    return f"{ROOT}.recording.{account_id}"


def recording_id(piece: rpc.AudioPiece) -> str:
    """Return the identity by which JetStream drops a repeat of a piece.

    Its length is part of it: an edge that goes on from an older record may have more of the same audio.
    """
    return f"{piece.session_id}.audio.{piece.track}.{piece.start_frame}.{len(piece.packets)}"


def recorded(session_id: str) -> str:
    """Return the subject on which a session's edge hears what became of its pieces."""
    return f"{ROOT}.recorded.{session_id}"


def order_texts(account_id: str, digest: str) -> str:
    """Return the subject of an account's texts of work orders, by their digest."""
    return f"{ROOT}.order.{account_id}.{digest}"


def begun(consumer: str, sequence: int) -> str:
    """Return the subject of a note that a worker has a message of a shared consumer in hand."""
    return f"{ROOT}.begun.{consumer}.{sequence}"


def begun_tentative(session_id: str, track: int, utterance: int) -> str:
    """Return the subject of a note that a worker has an interim of an utterance in hand."""
    return f"{ROOT}.begun.translation_tentative.{session_id}-{track}-{utterance}"


def dead(service: str, session_id: str) -> str:
    """Return the subject of the dead letters of a service and session."""
    return f"{ROOT}.dead.{service}.{session_id}"


def accounts(method: str) -> str:
    """Request subject of an accounts rpc; the queue group is `accounts`."""
    return f"{ROOT}.accounts.{method}"


ERASE_ACCOUNT = "accounts.erase"  # method of the archive: for accounts alone


def archive(method: str) -> str:
    """Request subject of an archive rpc; the queue group is `archive`."""
    return f"{ROOT}.archive.{method}"


def capabilities(service: str) -> str:
    """Request subject for what a worker service can do; the queue group is the service's name."""
    return f"{ROOT}.capabilities.{service}"
