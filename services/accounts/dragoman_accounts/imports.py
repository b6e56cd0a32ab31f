"""Imports of audio files: what one costs, and what it has of its own in the store."""

from dragoman_accounts import money, tiers
from dragoman_accounts.access import Access
from dragoman_contract.events import Spec
from dragoman_contract.rpc import QuoteReply, QuoteRequest


def limits(tier: tiers.Tier, spec: Spec, rate: int) -> dict[str, str | int]:
    """Return an import's fields in the store: its whole price is held, and it takes no live session's slot.

    `rate` is micro-credits per second of audio.
    """
    return {
        "window": money.for_ms(rate, spec.imported_ms),
        "margin": 0,
        "prepaid": 1,
        "slots": "imports",
        "max_account": tier.max_imports,
        "max_key": tier.max_imports,
        "max_ms": 0,
    }


async def quote(access: Access, asked: QuoteRequest) -> QuoteReply:
    """Price an import; nothing is held.

    Raises:
        PeerError: the credential is not good, or the tier does not allow the import.
        MeshError: `UNAVAILABLE`.
    """
    spec = asked.spec
    who, checked = await access.authenticate(
        asked.credential, asked.source, dialect=spec.dialect, prefix=asked.credential_prefix
    )
    tiers.check(who.tier, spec)
    rate = money.per_second(tiers.load_of(spec), who.tier.price_list(imported=True))
    return QuoteReply(
        price=money.for_ms(rate, spec.imported_ms),
        price_per_minute=60 * rate,
        credits_remaining=checked.available,
    )
