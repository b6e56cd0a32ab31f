"""Settings of the edge, `DRAGOMAN_EDGE_*`."""

from ipaddress import ip_network

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from dragoman_kit.settings import ServiceSettings


class EdgeSettings(ServiceSettings):
    """Limits of a session and of the whole replica."""

    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_EDGE_", extra="ignore")

    id: str = Field("", description="Name of this replica; empty = random")
    public_url: str = Field("", description="How clients reach it, for URLs in answers; empty = as asked")
    trusted_proxies: str = Field(
        "",
        description="Addresses and networks, with commas, of proxies whose `X-Forwarded-For` is believed",
    )
    max_sessions: int = Field(500, ge=1, description="Sessions this replica takes")
    max_silent_sockets: int = Field(
        100, ge=1, description="Sockets of one address that may wait without having shown a key"
    )
    max_viewers: int = Field(2000, ge=0, description="Viewers of broadcasts this replica takes")
    viewer_bytes: int = Field(1 << 20, ge=1 << 16, description="Results kept for a viewer that reads slowly")
    max_message_bytes: int = Field(1 << 20, ge=1024, description="Largest message of a client")
    max_texts: int = Field(
        100, ge=1, description="Texts beside the speech of one account that may wait for their results"
    )
    max_text_characters: int = Field(
        20_000, ge=1, description="Their characters together, times the languages they become"
    )
    first_message_s: float = Field(10, gt=0, description="How long a silent new socket is kept")
    idle_s: float = Field(120, gt=0, description="A session without audio is ended after this time")
    gap_ms: int = Field(
        1000,
        ge=0,
        description="A client that sends nothing for so long has finished its utterance; 0 = never",
    )
    max_session_s: float = Field(6 * 3600, gt=0, description="Longest session")
    chunk_ms: int = Field(
        100, ge=0, le=1000, description="Small frames are gathered, under load up to this length"
    )
    max_speed: float = Field(2.0, ge=1, description="Audio taken, as a multiple of real time")
    burst_s: float = Field(5.0, ge=0, description="Audio taken at once before that limit counts")
    backlog_s: float = Field(60, ge=5, description="Audio kept until a final covers it")
    outbox_bytes: int = Field(8 << 20, ge=1 << 16, description="Results kept for a client that reads slowly")
    send_timeout_s: float = Field(20, gt=0, description="A client that takes nothing for so long is closed")
    result_wait_s: float = Field(15, gt=0, description="How long the order waits for a missing result")
    tentative_words: int = Field(
        2, ge=1, le=50, description="An interim is translated when so many of its words are new"
    )
    tentative_ms: int = Field(
        700, ge=100, le=10_000, description="Or when it has changed and the last one is so long ago"
    )
    tentative_mask: int = Field(
        1, ge=0, le=10, description="Last words of a tentative translation that are not shown yet"
    )
    speech_behind_ms: int = Field(
        1500,
        ge=100,
        le=60_000,
        description="Speech that would have to wait longer to be played is spoken faster, by up to 1.25",
    )
    speech_ahead_ms: int = Field(
        2000, ge=200, le=60_000, description="Speech sent ahead of its playing, where a client can stop it"
    )
    finish_s: float = Field(
        30, gt=0, description="After the end of the audio: how long the next result is awaited"
    )
    beat_timeout_s: float = Field(2.0, gt=0, description="A recogniser silent for so long is replaced")
    recogniser_wait_s: float = Field(
        45.0, gt=0, description="A session may be without any recogniser for so long; less than backlog_s"
    )
    accounts_grace_s: float = Field(60, ge=0, description="Running sessions outlive accounts for so long")
    ping_s: float = Field(20, gt=0, description="Interval of websocket pings")

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: str) -> str:
        for part in filter(None, map(str.strip, value.split(","))):
            ip_network(part, strict=False)
        return value
