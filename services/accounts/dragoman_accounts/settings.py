"""Settings of the accounts service, as `DRAGOMAN_ACCOUNTS_<NAME>`."""

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from dragoman_accounts.access import Throttle
from dragoman_accounts.sessions import Terms
from dragoman_kit.settings import ServiceSettings


class AccountsSettings(ServiceSettings):
    """Settings of the accounts service: store, administrators, times that rule sessions."""

    model_config = SettingsConfigDict(env_prefix="DRAGOMAN_ACCOUNTS_", extra="ignore")

    redis_url: str = Field(
        "redis://127.0.0.1:6379/0",
        description="redis://, rediss://, unix://, redis+cluster:// or redis+sentinel://HOST:PORT,…/SERVICE",
    )
    redis_connections: int = Field(
        64, ge=1, le=10_000, description="Maximum number of connections to the store"
    )
    redis_timeout_s: float = Field(1.0, gt=0, le=30, description="Time-out of a call to the store")
    pepper: SecretStr = Field(description="Secret for hashing keys; at least 16 characters")
    admin_token: SecretStr = Field(description="Bearer token of the REST API; at least 16 characters")
    pages: bool = Field(True, description="Serve the admin page at /")
    dashboards: str = Field(
        "", description="Links on the admin page: NAME=https://…, comma-separated; empty = none"
    )
    tiers_file: str = Field("", description="YAML file of tiers; empty = those of the package")
    lease_ttl_s: float = Field(
        15, ge=0.05, le=3600, description="Time without renewal after which a session's slot is released"
    )
    grace_s: float = Field(
        60, ge=0, le=86_400, description="Time after the lease's expiry before a lost session is settled"
    )
    hold_s: float = Field(
        20, ge=0.05, le=3600, description="Seconds of a session's price that are held in advance"
    )
    margin_s: float = Field(
        5, ge=0, le=3600, description="Seconds of price that must remain held for a session to continue"
    )
    remember_h: float = Field(
        192, gt=0, le=2160, description="Time for which settled sessions accept late usage reports"
    )
    token_memory_s: float = Field(
        3600,
        gt=0,
        le=86_400,
        description="Time for which expired and used tokens are distinguished from unknown ones",
    )
    sweep_s: float = Field(1, gt=0, le=60, description="Interval of the search for lost sessions")
    recovery_s: float = Field(
        6, ge=0, le=600, description="Time after an outage during which only running sessions are served"
    )
    failures_burst: int = Field(
        20,
        ge=1,
        le=10_000,
        description="Failed authentication attempts of one address and key prefix before they are delayed; "
        "ten times as many of one address",
    )
    failures_per_minute: int = Field(
        10,
        ge=1,
        le=60_000,
        description="Failed authentication attempts of one address and key prefix per minute thereafter; "
        "ten times as many of one address",
    )
    usage_concurrency: int = Field(8, ge=1, le=64, description="Concurrent billing of usage reports")
    rpc_concurrency: int = Field(
        256, ge=1, le=10_000, description="Maximum number of concurrent requests over the bus"
    )
    bootstrap_key: SecretStr = Field(
        SecretStr(""), description="API key that is created at start; empty = none"
    )
    bootstrap_account: str = Field(
        "acc_development", description="Account of the bootstrap key; created when missing"
    )
    bootstrap_tier: str = Field("development", description="Tier of the bootstrap account")
    bootstrap_credits: int = Field(
        1_000_000_000_000, ge=0, description="First top-up of the bootstrap account in micro-credits"
    )

    @model_validator(mode="after")
    def _sensible(self) -> "AccountsSettings":
        for name in ("pepper", "admin_token"):
            if len(getattr(self, name).get_secret_value()) < 16:
                raise ValueError(f"{name} has fewer than 16 characters")
        if 0 < len(self.bootstrap_key.get_secret_value()) < 16:
            raise ValueError("bootstrap_key has fewer than 16 characters")
        self.links()
        if self.margin_s > self.hold_s:
            raise ValueError("margin_s is longer than hold_s")
        return self

    def links(self) -> tuple[tuple[str, str], ...]:
        """Name and address of each dashboard.

        Raises:
            ValueError: one of them is no link of http or https.
        """
        found = []
        for one in filter(None, (part.strip() for part in self.dashboards.split(","))):
            name, _, url = one.partition("=")
            if not name or not url.startswith(("http://", "https://")):
                raise ValueError("dashboards are NAME=https://…, comma-separated")
            found.append((name, url))
        return tuple(found)

    def terms(self) -> Terms:
        """The times of sessions in ms."""
        return Terms(
            lease_ttl_ms=round(self.lease_ttl_s * 1000),
            grace_ms=round(self.grace_s * 1000),
            hold_ms=round(self.hold_s * 1000),
            margin_ms=round(self.margin_s * 1000),
            memory_ms=round(self.remember_h * 3_600_000),
        )

    def throttle(self) -> Throttle:
        """The limit of failed tries."""
        return Throttle(burst=self.failures_burst, interval_ms=60_000 // self.failures_per_minute)
