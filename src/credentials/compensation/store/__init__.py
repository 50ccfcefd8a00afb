"""All statements of pay, one module for each noun."""

from credentials.compensation.store import cases, claims, ledger, periods, placements, plans, rules, sums

__all__ = ["cases", "claims", "ledger", "periods", "placements", "plans", "rules", "sums"]
