"""Amounts over a cap that wait until a later year has funds."""

from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An amount that is carried: of which claim, and how much of it."""

    claim_id: str
    educator_id: str
    cents: int


def release(
    waiting: Sequence[Waiting], funds: int, cap: int | None, used: Mapping[str, int]
) -> tuple[tuple[Waiting, int], ...]:
    """What of the carried amounts is paid from ``funds``, in their order, so that nobody gets over the later year's own cap."""
    found = []
    given: Counter[str] = Counter(used)
    for one in waiting:
        room = one.cents if cap is None else max(0, cap - given[one.educator_id])
        amount = min(one.cents, funds, room)
        if amount > 0:
            found.append((one, amount))
            given[one.educator_id] += amount
            funds -= amount
    return tuple(found)
