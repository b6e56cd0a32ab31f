"""Metrics of the edge; never labelled by session."""

from collections.abc import Iterable

from prometheus_client import Counter, Gauge, Histogram

from dragoman_contract.errors import FaultCode, FaultKind
from dragoman_contract.events import Stage

SPEECH_BUCKETS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10, 20)

SESSIONS = Gauge("dragoman_edge_sessions", "Live sessions", ["dialect"])
CAPACITY = Gauge("dragoman_edge_capacity", "Maximum number of sessions on this replica")
OPENED = Counter("dragoman_edge_opens_total", "Attempts to open a session by outcome", ["dialect", "outcome"])
CLOSED = Counter("dragoman_edge_closes_total", "Ended sessions by reason", ["dialect", "reason"])
CREDENTIALS_REFUSED = Counter(
    "dragoman_edge_credentials_refused_total",
    "Credentials that were missing or refused, by reason",
    ["dialect", "reason"],
)
RESULTS = Counter("dragoman_edge_results_total", "Results released to clients by stage", ["dialect", "stage"])
FAILURES = Counter(
    "dragoman_edge_failures_total",
    "Results that clients were told will not come, or that a failed session left undone",
    ["dialect", "stage", "code"],
)
CLEANUP_FAILURES = Counter(
    "dragoman_edge_cleanup_failures_total", "Failed steps of ending a session", ["dialect", "reason"]
)
BACKGROUND_STOPS = Counter(
    "dragoman_edge_background_stops_total", "Background tasks of the edge that stopped by a bug", ["task"]
)
AUDIO_SECONDS = Counter("dragoman_edge_audio_seconds_total", "Audio received from clients", ["dialect"])
THROTTLED = Counter(
    "dragoman_edge_throttled_total", "Clients throttled because they sent too fast", ["dialect"]
)
BACKLOG_FULL = Counter(
    "dragoman_edge_backlog_full_total", "Pauses of audio input because recognition was behind"
)
INTERIMS_DROPPED = Counter("dragoman_edge_interims_dropped_total", "Interims dropped for slow clients")
FAILOVERS = Counter("dragoman_edge_failovers_total", "Recognisers replaced", ["reason"])
REPLAYED_SECONDS = Counter(
    "dragoman_edge_replayed_seconds_total", "Audio replayed to a replacement recogniser"
)
MISSING_SECONDS = Counter(
    "dragoman_edge_missing_audio_seconds_total", "Audio lost in a failure because no copy was left"
)
FENCED = Counter("dragoman_edge_fenced_total", "Sessions released because another replica owned them")
RESUMES = Counter("dragoman_edge_resumes_total", "Attempts to resume a session by outcome", ["outcome"])
DETACHED = Gauge(
    "dragoman_edge_detached_sessions", "Sessions without a connection whose client may still resume"
)
RESENT = Counter("dragoman_edge_resent_total", "Times audio was resent to the same recogniser")
CAUGHT_UP = Counter("dragoman_edge_catch_ups_total", "Times results were read back from the streams")
REFUSED_ALLOCATIONS = Counter(
    "dragoman_edge_allocation_refusals_total", "Recogniser requests that every recogniser refused"
)
REASSEMBLY = Counter("dragoman_edge_reassembly_total", "Events by the reorder stage's decision", ["what"])
KEPT = Counter(
    "dragoman_edge_kept_records_total",
    "Records of kept sessions: stored, refused by a full queue, or lost at a session's end",
    ["outcome"],
)
RECORDED = Counter(
    "dragoman_edge_recorded_pieces_total",
    "Pieces of recordings: stored on the stream, refused by a full queue, or lost at a session's end",
    ["outcome"],
)
VIEWERS = Gauge("dragoman_edge_viewers", "Viewers of broadcasts connected to this replica", ["place"])
VIEWERS_ROOM = Gauge("dragoman_edge_viewers_capacity", "Maximum number of broadcast viewers on this replica")
VIEWERS_REFUSED = Counter("dragoman_edge_viewers_refused_total", "Viewers refused by reason", ["reason"])
VIEWERS_DROPPED = Counter(
    "dragoman_edge_viewers_dropped_total", "Viewers disconnected because they read too slowly"
)
VIEWER_INTERIMS_DROPPED = Counter(
    "dragoman_edge_viewer_interims_dropped_total", "Interims dropped for slow viewers"
)
SHOWN = Counter("dragoman_edge_shown_total", "Server-sent events written to viewers")
SHOWN_LOST = Counter("dragoman_edge_shown_lost_total", "Messages for viewers that could not be published")
AFTER_SPEECH = Histogram(
    "dragoman_edge_after_speech_seconds",
    "Time from the end of an utterance's speech to its result at the edge",
    ["result"],
    buckets=SPEECH_BUCKETS,
)
FIRST_INTERIM = Histogram(
    "dragoman_edge_first_interim_seconds",
    "Time from the start of an utterance's speech to its first interim transcript",
    buckets=SPEECH_BUCKETS,
)
OPEN_SECONDS = Histogram(
    "dragoman_edge_open_seconds",
    "Time to open a session",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
TENTATIVE = Counter(
    "dragoman_edge_tentative_total", "Interims considered for tentative translation by outcome", ["outcome"]
)


def initialise(dialects: Iterable[str]) -> None:
    """Make the series that alerts read: a counter that begins at its first event hides that event."""
    for code in FaultCode:
        if code.kind.ours:
            RESUMES.labels(code)
    for reason in ("returned", "silent", "draining", "rebalanced"):
        FAILOVERS.labels(reason)
    for result in ("transcript", "translation", "first_audio"):
        AFTER_SPEECH.labels(result)
    for outcome in ("stored", "refused", "lost"):
        KEPT.labels(outcome)
        RECORDED.labels(outcome)
    for dialect in dialects:
        _initialise(dialect)


def _initialise(dialect: str) -> None:
    SESSIONS.labels(dialect)  # autoscaling reads it: no session is 0, not unknown
    OPENED.labels(dialect, "ok")
    for code in FaultCode:
        OPENED.labels(dialect, code)
        CLOSED.labels(dialect, code)
        if code.kind is FaultKind.CREDENTIAL:
            CREDENTIALS_REFUSED.labels(dialect, code)
    for stage in Stage:
        RESULTS.labels(dialect, stage)
        for code in FaultCode:
            if code.kind.ours:
                FAILURES.labels(dialect, stage, code)


def credential_refused(dialect: str, code: FaultCode) -> None:
    """Count an error, if it is one of a credential."""
    if code.kind is FaultKind.CREDENTIAL:
        CREDENTIALS_REFUSED.labels(dialect, code).inc()
