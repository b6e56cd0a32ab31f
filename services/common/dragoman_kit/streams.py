"""The JetStream streams and shared consumers of the mesh, as data, and making the streams on the server."""

import asyncio
from dataclasses import dataclass

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import BadRequestError, NotFoundError

from dragoman_contract import subjects
from dragoman_kit.logging import get
from dragoman_kit.settings import CommonSettings

log = get(__name__)

MINUTE_S = 60.0
DAY_S = 24 * 60 * MINUTE_S
MB = 1 << 20
AGAIN_S = 0.5  # a server without a leader is asked again after this time
RACE_S = 0.05  # another service makes the same stream at this moment


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream's subjects and bounds. A message goes when it is older than `max_age_s`.

    Attributes:
        resume_windows: the age is at least this many windows in which a dropped client may resume.
        newest: messages kept of each subject; -1 = all.
        max_message: bytes; -1 = what the server allows.
        duplicates_s: time in which a repeat under the same message id is dropped; 0 = the server's default.
        direct: any replica may answer reads.
    """

    name: str
    subjects: str
    max_age_s: float
    max_bytes: int
    storage: StorageType = StorageType.FILE
    resume_windows: int = 0
    newest: int = -1
    max_message: int = -1
    duplicates_s: float = 2 * MINUTE_S
    direct: bool = False

    def config(self, settings: CommonSettings) -> StreamConfig:
        """The stream as the server takes it."""
        return StreamConfig(
            name=self.name,
            subjects=[self.subjects],
            storage=self.storage,
            retention=RetentionPolicy.LIMITS,
            discard=DiscardPolicy.OLD,
            max_age=max(self.max_age_s, self.resume_windows * settings.resume_window_s),
            max_bytes=self.max_bytes,
            max_msgs_per_subject=self.newest,
            max_msg_size=self.max_message,
            duplicate_window=self.duplicates_s,
            num_replicas=settings.nats_replicas,
            allow_direct=self.direct,
        )


STREAMS = (
    Stream(
        subjects.EVENTS_STREAM, subjects.EVENTS_SUBJECTS, max_age_s=10 * MINUTE_S, resume_windows=4,
        max_bytes=1024 * MB, max_message=MB, direct=True,
    ),
    Stream(
        subjects.SPEECH_STREAM, subjects.SPEECH_SUBJECTS, max_age_s=2 * MINUTE_S, resume_windows=2,
        max_bytes=512 * MB, max_message=MB, direct=True, storage=StorageType.MEMORY,
    ),
    Stream(
        subjects.SESSIONS_STREAM, subjects.SESSIONS_SUBJECTS, max_age_s=10 * MINUTE_S, resume_windows=4,
        max_bytes=256 * MB, max_message=MB, direct=True, newest=8,
    ),
    Stream(
        subjects.RESOURCES_STREAM, subjects.RESOURCES_SUBJECTS, max_age_s=DAY_S, max_bytes=256 * MB,
        max_message=64 << 10, newest=1,
    ),
    Stream(
        subjects.USAGE_STREAM, subjects.USAGE_SUBJECTS, max_age_s=7 * DAY_S, max_bytes=1024 * MB, newest=1
    ),
    Stream(
        subjects.DEAD_STREAM, subjects.DEAD_SUBJECTS, max_age_s=7 * DAY_S, max_bytes=256 * MB, duplicates_s=0
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Consumer:
    """A durable consumer that the replicas of a service share: each message goes to one of them."""

    stream: str
    durable: str
    filter: str


TRANSLATION = Consumer(subjects.EVENTS_STREAM, subjects.TRANSLATION_CONSUMER, subjects.TRANSLATION_FILTER)
TTS = Consumer(subjects.EVENTS_STREAM, subjects.TTS_CONSUMER, subjects.TTS_FILTER)
USAGE = Consumer(subjects.USAGE_STREAM, subjects.USAGE_CONSUMER, subjects.USAGE_SUBJECTS)


async def ensure(js: JetStreamContext, settings: CommonSettings) -> None:
    """Make the streams that are missing, however long it takes; every service may do so at the same time."""
    for stream in STREAMS:
        await _ensure(js, stream.config(settings))


async def _ensure(js: JetStreamContext, config: StreamConfig) -> None:
    name = config.name or ""
    while True:
        try:
            known = await _known(js, name)
            if known is None:
                await js.add_stream(config)
            elif bool(known.allow_direct) != bool(config.allow_direct):  # made by an older version
                await js.update_stream(config)
            else:
                return
        except BadRequestError:  # another service was quicker
            await asyncio.sleep(RACE_S)
        except (NatsError, TimeoutError) as exc:
            log.warning("streams not available yet", stream=name, error=type(exc).__name__)
            await asyncio.sleep(AGAIN_S)


async def _known(js: JetStreamContext, name: str) -> StreamConfig | None:
    try:
        return (await js.stream_info(name)).config
    except NotFoundError:
        return None
