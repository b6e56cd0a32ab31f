"""Keys, tokens, tiers, leases, credits and the usage ledger, on Redis."""
