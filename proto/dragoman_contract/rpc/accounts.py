"""Requests to accounts, and their replies: credentials, tokens, sessions, credits."""

from dataclasses import dataclass

from dragoman_contract.events import Grant, Spec, Usage
from dragoman_contract.rpc.faults import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticateRequest:
    """Request to check a credential, by its fingerprint."""

    credential: str
    source: str = ""
    dialect: str = ""
    session_id: str = ""
    credential_prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """The number of an account's requests that are permitted at once, and of those that are left."""

    limit: int = 0
    remaining: int = 0
    reset_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticateReply:
    """The owner of a credential, or the fault."""

    fault: Fault | None = None
    account_id: str = ""
    key_id: str = ""
    tier: str = ""
    claims: str = ""
    expires_at_ms: int = 0
    credits_remaining: int = 0
    token: bool = False
    max_keep_days: int = 0
    rate: RateLimit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueTokenRequest:
    """Make `token` a short-lived credential bound to a key; both are fingerprints."""

    credential: str
    token: str
    source: str = ""
    dialect: str = ""
    ttl_ms: int
    single_use: bool = False
    claims: str = ""
    credential_prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueTokenReply:
    """The expiry and key of a token, or the fault."""

    fault: Fault | None = None
    expires_at_ms: int = 0
    key_id: str = ""
    account_id: str = ""
    credits_remaining: int = 0
    rate: RateLimit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRequest:
    """May this session begin? `credential` is a fingerprint."""

    credential: str
    source: str = ""
    session_id: str
    edge_id: str
    spec: Spec
    admitted: bool = False
    consumed_for: str = ""
    credential_prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReply:
    """The grant, or the fault."""

    fault: Fault | None = None
    grant: Grant | None = None
    usage: Usage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewRequest:
    """Keep the lease and extend the hold."""

    session_id: str
    account_id: str
    edge_id: str
    usage: Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewReply:
    """Go on, or the fault for which the session must end."""

    fault: Fault | None = None
    credits_remaining: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveRequest:
    """Hold the price of a text beside the speech."""

    session_id: str
    account_id: str
    edge_id: str
    usage: Usage
    translated_ms: int = 0
    synthesised_ms: int = 0
    target_languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReserveReply:
    """The price is held, or the fault for which the text is refused."""

    fault: Fault | None = None
    credits_remaining: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteRequest:
    """May an import begin, and what would it cost? `credential` is a fingerprint."""

    credential: str
    source: str = ""
    spec: Spec
    credential_prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteReply:
    """The most that an import costs, in micro-credits, or the fault for which it is refused."""

    fault: Fault | None = None
    price: int = 0
    price_per_minute: int = 0
    credits_remaining: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseRequest:
    """Settle the session and free its lease."""

    session_id: str
    account_id: str
    usage: Usage
    reason: str = ""
    edge_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseReply:
    """Final charge of a session, in micro-credits."""

    fault: Fault | None = None
    charged: int = 0
    credits_remaining: int = 0
