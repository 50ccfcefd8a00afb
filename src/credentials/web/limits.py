"""How often one network address may ask for what costs us work."""

from collections import OrderedDict
from datetime import datetime

from credentials.errors import TooMany

MAX_PEERS = 20_000
"""Addresses remembered at once; the one not seen for longest is forgotten first."""


class RateLimit:
    """A bucket for each peer that holds a minute's worth and fills evenly. One process's own: it protects its own work."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._buckets: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def take(self, peer: str, now: datetime) -> None:
        """Raises ``TooMany`` with the seconds to wait."""
        left, since = self._buckets.pop(peer, (float(self._per_minute), now))
        left = min(self._per_minute, left + max(0.0, (now - since).total_seconds()) * self._per_minute / 60)
        enough = left >= 1
        self._buckets[peer] = (left - 1 if enough else left, now)
        while len(self._buckets) > MAX_PEERS:
            self._buckets.popitem(last=False)
        if not enough:
            wait = max(1, round((1 - left) * 60 / self._per_minute))
            raise TooMany(f"that was often: wait {wait} seconds and try again", retry_after=wait)
