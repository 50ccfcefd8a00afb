"""Does an item answer a match? And where it does not, which failure is named first."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from credentials.pathways.reading import as_day
from credentials.pathways.record import Item, Status, fact_at
from credentials.pathways.rule import Match, is_path
from credentials.pathways.verdict import Code

STATUS, ISSUER, LEVEL, WINDOW, DOCUMENTS, APPROVAL, USE, PREREQUISITE, NOTHING = range(9)
"""The order in which failures are named when an item has several; duplicates and caps come after all of these."""
UNRELATED = -1
"""The rank of an item that is not of the kind that is asked for."""

STATUS_CODES = {
    Status.REVOKED: Code.REVOKED,
    Status.SUSPENDED: Code.SUSPENDED,
    Status.EXPIRED: Code.EXPIRED,
    Status.PENDING: Code.PENDING_REVIEW,
}

_IDENTITY = ("type", "id", "ref")


class Matcher:
    """A match with the facts of one record looked up.

    ``missing`` names the facts that it needs and nobody recorded. A condition whose fact is missing holds for no item.
    """

    def __init__(self, match: Match, facts: Mapping[str, Any]) -> None:
        self.match = match
        self.missing: dict[int, str] = {}
        self._ranks: dict[str, int] = {}
        self._facts = facts
        self._identity = [
            (name, self._texts(getattr(match, name), NOTHING)) for name in _IDENTITY if getattr(match, name)
        ]
        self._tags = self._texts(match.tag, NOTHING) if match.tag else None
        self._issuers = self._texts(match.issuers, ISSUER) if match.issuers else None
        self.min_score = self._number(match.min_score)
        self.opens = self._day(match.opens, WINDOW)
        self.closes = self._day(match.closes, WINDOW)
        self.after = self._day(match.after, PREREQUISITE)
        self._plain = not (
            self.missing
            or self._issuers is not None
            or self.min_score is not None
            or self.opens
            or self.closes
            or self.after
            or match.documented
            or match.preapproved
            or match.unused
        )

    def _look_up(self, path: str, rank: int) -> Any:
        found = fact_at(self._facts, path.removeprefix("$"))
        if found is None:
            self.missing.setdefault(rank, path.removeprefix("$"))
        return found

    def _texts(self, values: tuple[str, ...], rank: int) -> frozenset[str]:
        found: set[str] = set()
        for value in values:
            if is_path(value):
                fact = self._look_up(value, rank)
                found.update(one for one in (fact if isinstance(fact, list) else [fact]) if isinstance(one, str))
            else:
                found.add(value)
        return frozenset(found)

    def _number(self, value: float | str | None) -> float | None:
        if not isinstance(value, str):
            return value
        found = self._look_up(value, LEVEL)
        if isinstance(found, int | float) and not isinstance(found, bool):
            return float(found)
        self.missing.setdefault(LEVEL, value.removeprefix("$"))
        return None

    def _day(self, value: date | str | None, rank: int) -> date | None:
        if not isinstance(value, str):
            return value
        found = as_day(self._look_up(value, rank))
        if found is None:  # a text that is no date is as good as none
            self.missing.setdefault(rank, value.removeprefix("$"))
        return found

    def rank(self, item: Item) -> int:
        """``UNRELATED``, the first failure, or ``NOTHING``: looked at once for each item of the record, by its id."""
        found = self._ranks.get(item.id)
        if found is None:
            found = self._ranks[item.id] = self.failure(item) if self.related(item) else UNRELATED
        return found

    def related(self, item: Item) -> bool:
        """Is it the kind of thing that is asked for, whatever else is wrong with it?"""
        for name, accepted in self._identity:
            if getattr(item, name) not in accepted:
                return False
        return self._tags is None or not self._tags.isdisjoint(item.tags)

    def failure(self, item: Item) -> int:
        """The rank of the first condition that a related item fails; ``NOTHING`` when it fails none."""
        if self._plain:
            return NOTHING
        for rank, holds in (
            (ISSUER, self._issuers is None or item.issuer in self._issuers),
            (LEVEL, self.min_score is None or (item.score is not None and item.score >= self.min_score)),
            (WINDOW, self._in_window(item)),
            (DOCUMENTS, item.documented or not self.match.documented),
            (APPROVAL, item.preapproved or not self.match.preapproved),
            (USE, not (self.match.unused and item.used_in)),
            (PREREQUISITE, self.after is None or (item.started is not None and item.started >= self.after)),
        ):
            if not holds or rank in self.missing:
                return rank
        return NOTHING

    def _in_window(self, item: Item) -> bool:
        if self.opens is None and self.closes is None:
            return True
        if item.earned is None:
            return False
        return not (self.opens and item.earned < self.opens) and not (self.closes and item.earned > self.closes)

    def named(self, item: Item, rank: int) -> tuple[Code, Any, Any]:
        """Code, have and need of a failure."""
        if rank == WINDOW and item.earned is not None:
            if self.opens and item.earned < self.opens:
                return Code.BEFORE_WINDOW, item.earned.isoformat(), self.opens.isoformat()
            if self.closes and item.earned > self.closes:
                return Code.AFTER_WINDOW, item.earned.isoformat(), self.closes.isoformat()
        if rank in self.missing:
            return Code.FACT_MISSING, None, self.missing[rank]
        if rank == WINDOW:
            edge = self.opens or self.closes
            return (
                Code.BEFORE_WINDOW if self.opens else Code.AFTER_WINDOW,
                None,
                edge.isoformat() if edge else None,
            )
        if rank == PREREQUISITE:
            assert self.after is not None
            return Code.PREREQUISITE_NOT_MET, item.started and item.started.isoformat(), self.after.isoformat()
        if rank == LEVEL:
            return Code.LEVEL_TOO_LOW, item.score, self.min_score
        if rank == ISSUER:
            return Code.ISSUER_NOT_ACCEPTED, item.issuer, None
        if rank == USE:
            return Code.ALREADY_USED, item.used_in[0], None
        return (Code.NOT_DOCUMENTED if rank == DOCUMENTS else Code.NOT_PREAPPROVED), None, None
