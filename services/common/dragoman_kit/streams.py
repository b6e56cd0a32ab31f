"""The JetStream streams and shared consumers of the mesh, as data, and making the streams on the server."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import BadRequestError, NotFoundError

from dragoman_contract import subjects
from dragoman_kit.logging import get
from dragoman_kit.settings import CommonSettings

log = get(__name__)

MINUTE_S = 60.0
DAY_S = 24 * 60 * MINUTE_S
YEAR_S = 365 * DAY_S
MB = 1 << 20
RECORDINGS_SHARE = 40_000  # pieces of an account, about 15 KB and 5 s each: 600 MB, 53 hours of audio
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
        refuses: a full stream refuses new messages; else it drops the oldest. A message that replaces one of
            its subject is taken where it fits in that one's place.
        work: a message goes as soon as its one consumer has acknowledged it.
        share: messages of each subject; more of it are refused, while others' are taken.
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
    refuses: bool = False
    work: bool = False
    share: int = 0

    def config(self, settings: CommonSettings) -> StreamConfig:
        """The stream as the server takes it."""
        return StreamConfig(
            name=self.name,
            subjects=[self.subjects],
            storage=self.storage,
            retention=RetentionPolicy.WORK_QUEUE if self.work else RetentionPolicy.LIMITS,
            discard=DiscardPolicy.NEW if self.refuses else DiscardPolicy.OLD,
            max_age=max(self.max_age_s, self.resume_windows * settings.resume_window_s),
            max_bytes=self.max_bytes,
            max_msgs_per_subject=self.share or self.newest,
            discard_new_per_subject=bool(self.share),
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
        max_bytes=256 * MB, max_message=MB, direct=True, newest=8, refuses=True,
    ),
    Stream(
        subjects.RESOURCES_STREAM, subjects.RESOURCES_SUBJECTS, max_age_s=DAY_S, max_bytes=256 * MB,
        max_message=64 << 10, newest=1, refuses=True,
    ),
    Stream(
        subjects.CHANNELS_STREAM, subjects.CHANNELS_SUBJECTS, max_age_s=YEAR_S, max_bytes=64 * MB,
        max_message=64 << 10, newest=1, refuses=True,
    ),
    Stream(
        subjects.KEPT_STREAM, subjects.KEPT_SUBJECTS, max_age_s=7 * DAY_S, max_bytes=512 * MB,
        max_message=MB, refuses=True, work=True,
    ),
    Stream(
        subjects.RECORDINGS_STREAM, subjects.RECORDINGS_SUBJECTS, max_age_s=7 * DAY_S, max_bytes=1024 * MB,
        max_message=MB, refuses=True, work=True, share=RECORDINGS_SHARE,
    ),
    Stream(
        subjects.ORDERS_STREAM, subjects.ORDERS_SUBJECTS, max_age_s=DAY_S, max_bytes=256 * MB, max_message=MB,
        newest=1, direct=True, refuses=True,
    ),
    Stream(
        subjects.BEGUN_STREAM, subjects.BEGUN_SUBJECTS, max_age_s=10 * MINUTE_S, max_bytes=16 * MB,
        max_message=1 << 10, newest=1, direct=True, storage=StorageType.MEMORY,
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
    """A durable consumer that the replicas of a service share: each message goes to one of them.

    Attributes:
        ack_wait_s: a message of which nothing is heard for so long goes to another replica.
    """

    stream: str
    durable: str
    filters: tuple[str, ...]
    ack_wait_s: float = 5.0

    def config(self) -> ConsumerConfig:
        """The consumer as the server takes it."""
        return ConsumerConfig(
            name=self.durable,
            durable_name=self.durable,
            filter_subjects=list(self.filters),
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=self.ack_wait_s,
            # The server never gives up: that is the worker's to do, so that a failure is always told.
            max_deliver=-1,
            max_ack_pending=1000,
            deliver_policy=DeliverPolicy.ALL,
        )


TRANSLATION = Consumer(subjects.EVENTS_STREAM, subjects.TRANSLATION_LIVE, subjects.TRANSLATION_LIVE_FILTERS)
TRANSLATION_TEXTS = Consumer(
    subjects.EVENTS_STREAM, subjects.TRANSLATION_TEXTS, subjects.TRANSLATION_TEXTS_FILTERS
)
TTS = Consumer(subjects.EVENTS_STREAM, subjects.TTS_LIVE, subjects.TTS_LIVE_FILTERS)
TTS_TEXTS = Consumer(subjects.EVENTS_STREAM, subjects.TTS_TEXTS, subjects.TTS_TEXTS_FILTERS)
USAGE = Consumer(subjects.USAGE_STREAM, subjects.USAGE_CONSUMER, (subjects.USAGE_SUBJECTS,))
KEPT = Consumer(subjects.KEPT_STREAM, subjects.KEPT_CONSUMER, (subjects.KEPT_SUBJECTS,), ack_wait_s=30)
RECORDINGS = Consumer(
    subjects.RECORDINGS_STREAM, subjects.RECORDINGS_CONSUMER, (subjects.RECORDINGS_SUBJECTS,), ack_wait_s=10
)
CONSUMERS = (TRANSLATION, TRANSLATION_TEXTS, TTS, TTS_TEXTS, USAGE, KEPT, RECORDINGS)


async def ensure(js: JetStreamContext, settings: CommonSettings) -> None:
    """Make the streams and consumers that are missing, however long it takes.

    Several services may do so at the same time. One that may not (`nats_provision`) does nothing: its work
    waits for its consumer, and what it stores is tried again until the stream is there.
    """
    if not settings.nats_provision:
        return
    for stream in STREAMS:
        await _ensure(stream.name, partial(_make, js, stream.config(settings)))
    for consumer in CONSUMERS:
        await _ensure(consumer.durable, partial(_share, js, consumer))


async def _ensure(name: str, make: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            return await make()
        except BadRequestError:  # another service was quicker
            await asyncio.sleep(RACE_S)
        except (NatsError, TimeoutError) as exc:
            log.warning("bus not set up yet", missing=name, error=type(exc).__name__)
            await asyncio.sleep(AGAIN_S)


async def _make(js: JetStreamContext, config: StreamConfig) -> None:
    known = await _known(js, config.name or "")
    if known is None:
        await js.add_stream(config)
    elif (bool(known.allow_direct), known.discard) != (bool(config.allow_direct), config.discard):
        # It was made by an older version.
        await js.update_stream(config)


async def _share(js: JetStreamContext, consumer: Consumer) -> None:
    """Make a consumer, or bring the one of an older version up to date."""
    await js.add_consumer(consumer.stream, consumer.config())


async def _known(js: JetStreamContext, name: str) -> StreamConfig | None:
    try:
        return (await js.stream_info(name)).config
    except NotFoundError:
        return None
