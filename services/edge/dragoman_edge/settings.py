"""Settings of the edge, `DRAGOMAN_EDGE_*`."""

from ipaddress import ip_network

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from dragoman_kit.settings import ServiceSettings


class EdgeSettings(ServiceSettings):
    """Limits of a session and of the whole replica."""

    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_EDGE_", extra="ignore")

    id: str = Field("", description="Name of this replica; empty = generated")
    public_url: str = Field(
        "", description="Public base URL for links in responses; empty = the host of the request"
    )
    trusted_proxies: str = Field(
        "",
        description="Trusted proxies for `X-Forwarded-For`: addresses and networks, comma-separated",
    )
    ops_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="Port of `/readyz`, `/metrics`, `/version`; 0 = any free port, none = that of clients",
    )
    allowed_origins: str = Field(
        "*",
        description="Origins of web pages that may use the APIs, comma-separated; `*` = any",
    )
    pages: bool = Field(True, description="Serve the pages for browsers: playground and viewer")
    pages_embedded_in: str = Field(
        "", description="Origins that may show the pages in a frame, separated by spaces; empty = none"
    )
    max_sessions: int = Field(500, ge=1, description="Maximum number of sessions on this replica")
    max_silent_sockets: int = Field(
        100, ge=1, description="Maximum number of unauthenticated sockets of one address"
    )
    max_viewers: int = Field(2000, ge=0, description="Maximum number of broadcast viewers on this replica")
    max_viewers_per_broadcast: int = Field(
        1500, ge=1, description="Maximum number of viewers of one broadcast on this replica"
    )
    max_viewers_per_address: int = Field(
        1000, ge=1, description="Maximum number of viewers of one client address on this replica"
    )
    broadcast_token_length: int = Field(
        16,
        ge=4,
        le=32,
        description="Length of the token in a broadcast's link; below 12 others can find it by trying",
    )
    viewer_bytes: int = Field(
        1 << 20,
        ge=1 << 16,
        description="Send queue of a viewer in bytes; a viewer that exceeds it is disconnected",
    )
    max_message_bytes: int = Field(1 << 20, ge=1024, description="Largest client message in bytes")
    max_texts: int = Field(100, ge=1, description="Maximum number of pending text requests of one account")
    max_text_characters: int = Field(
        20_000,
        ge=1,
        description="Maximum number of characters of these requests, times their target languages",
    )
    first_message_s: float = Field(
        10, gt=0, description="Time within which a new socket must send its first message"
    )
    idle_s: float = Field(120, gt=0, description="Time without audio after which a session ends")
    gap_ms: int = Field(
        1000,
        ge=0,
        description="Time without audio after which the open utterance ends; 0 = never",
    )
    max_session_s: float = Field(6 * 3600, gt=0, description="Longest duration of a session")
    chunk_ms: int = Field(100, ge=0, le=1000, description="Longest batch of small audio frames under load")
    max_speed: float = Field(2.0, ge=1, description="Fastest audio input, as a multiple of real time")
    burst_s: float = Field(5.0, ge=0, description="Audio accepted in a burst above that limit")
    backlog_s: float = Field(60, ge=5, description="Audio buffered for replay until a final covers it")
    send_queue_bytes: int = Field(
        8 << 20,
        ge=1 << 16,
        description="Send queue of a client in bytes; a client that exceeds it is disconnected",
    )
    send_timeout_s: float = Field(
        20, gt=0, description="Time without reading after which a client is disconnected"
    )
    result_wait_s: float = Field(
        45, gt=0, description="Longest wait for a missing result before later ones are released"
    )
    work_wait_s: float = Field(
        20,
        gt=0,
        description="Longest wait of a translation or of speech for a free worker, of those that are there",
    )
    tentative_words: int = Field(
        1, ge=1, le=50, description="Number of new words after which an interim is translated"
    )
    tentative_ms: int = Field(
        300, ge=100, le=10_000, description="Time after which a changed interim is translated in any case"
    )
    tentative_mask: int = Field(
        1, ge=0, le=10, description="Number of last words of a tentative translation that are withheld"
    )
    tentative_beyond: int = Field(
        2,
        ge=0,
        le=50,
        description="Number of words of a tentative translation shown beyond what recognition confirms",
    )
    speech_behind_ms: int = Field(
        300,
        ge=100,
        le=60_000,
        description="Playback delay above which speech is synthesised faster, by a factor of up to 1.25",
    )
    speech_ahead_ms: int = Field(
        2000,
        ge=200,
        le=60_000,
        description="Longest lead of sent speech over its playback, for clients that can stop speech",
    )
    finish_s: float = Field(
        45, gt=0, description="Longest wait for each remaining result after the end of the audio"
    )
    heartbeat_timeout_s: float = Field(
        2.0, gt=0, description="Time without a heartbeat after which a recogniser is replaced"
    )
    recogniser_wait_s: float = Field(
        45.0, gt=0, description="Longest time a session may be without a recogniser; below backlog_s"
    )
    imports: int = Field(
        2, ge=1, le=100, description="Maximum number of imports that run at the same time on this replica"
    )
    imports_waiting: int = Field(
        4, ge=0, le=1000, description="Maximum number of uploads that wait for that, on its disk"
    )
    import_bytes: int = Field(500_000_000, ge=1024, description="Largest file to import, in bytes")
    import_hours: float = Field(10, gt=0, le=24, description="Longest audio to import, in hours")
    import_speed: float = Field(
        16, ge=1, le=1000, description="Fastest import, as a multiple of real time, if nothing else is done"
    )
    import_wait_s: float = Field(
        3600, gt=0, description="Longest time an import waits for a recogniser or for a slot of its account"
    )
    accounts_grace_s: float = Field(
        60, ge=0, description="Time for which running sessions continue while accounts is unreachable"
    )
    ping_s: float = Field(20, gt=0, description="Interval of websocket pings")

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        for part in filter(None, map(str.strip, value.split(","))):
            ip_network(part, strict=False)
        return value
