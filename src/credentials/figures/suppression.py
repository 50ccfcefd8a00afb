"""Tables of counts in which nobody can be found: small cells are hidden, and others with them, so that no hidden cell can be
worked out from the totals. Pure.

A table with its totals is a flow: what runs from the whole into the rows runs on into the columns and back to the whole. What
somebody can find out about a hidden cell is how far its number can be raised and lowered while all that is shown stays as it
is, and that is the most that can be pushed round it through other hidden cells. A hidden cell is safe when at least as many
numbers are possible for it as the minimum. Until every one is, the smallest shown number beside an unsafe one is hidden too;
what turns out not to be needed is shown again.
"""

from collections import Counter, deque
from collections.abc import Iterable, Sequence

import msgspec

MINIMUM = 10
"""Counts below it are not shown, zero included: that nobody in a group did is about everybody in it. States use 5 to 30."""
MAX_CELLS = 400
"""Cells of one table. Larger ones are nothing that a page shows, and the work grows with the square."""


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Counts by row and column, with their totals; ``None`` is hidden."""

    cells: tuple[tuple[int | None, ...], ...]
    row_totals: tuple[int | None, ...]
    column_totals: tuple[int | None, ...]
    total: int | None


class _Arc(msgspec.Struct, frozen=True):
    """A number of a table, between two of the sums that it is in. ``is_total``: hidden only where nothing else helps."""

    start: str
    end: str
    value: int
    is_total: bool


def protect(counts: Sequence[Sequence[int]], *, minimum: int = MINIMUM) -> Table:
    """A table with rows, columns and all totals, as it may be shown."""
    rows, columns = range(len(counts)), range(len(counts[0]) if counts else 0)
    arcs = {
        f"{row},{column}": _Arc(f"r{row}", f"c{column}", counts[row][column], False)
        for row in rows
        for column in columns
    }
    arcs |= {f"{row},": _Arc("all", f"r{row}", sum(counts[row]), True) for row in rows}
    arcs |= {
        f",{column}": _Arc(f"c{column}", "whole", sum(counts[row][column] for row in rows), True) for column in columns
    }
    arcs["total"] = _Arc("whole", "all", sum(map(sum, counts)), True)
    hidden = _hide(arcs, minimum)
    return Table(
        cells=tuple(tuple(_shown(arcs, hidden, f"{row},{column}") for column in columns) for row in rows),
        row_totals=tuple(_shown(arcs, hidden, f"{row},") for row in rows),
        column_totals=tuple(_shown(arcs, hidden, f",{column}") for column in columns),
        total=_shown(arcs, hidden, "total"),
    )


def protect_groups(counts: Sequence[int], *, minimum: int = MINIMUM) -> tuple[tuple[int | None, ...], int | None]:
    """A list of groups and its total, as they may be shown."""
    arcs = {str(place): _Arc("all", "whole", count, False) for place, count in enumerate(counts)}
    arcs["total"] = _Arc("whole", "all", sum(counts), True)
    hidden = _hide(arcs, minimum)
    return tuple(_shown(arcs, hidden, str(place)) for place in range(len(counts))), _shown(arcs, hidden, "total")


def _shown(arcs: dict[str, _Arc], hidden: Iterable[str], name: str) -> int | None:
    return None if name in set(hidden) else arcs[name].value


def _hide(arcs: dict[str, _Arc], minimum: int) -> set[str]:
    if len(arcs) > MAX_CELLS:
        raise ValueError(f"a table of more than {MAX_CELLS} numbers is not protected: show a smaller one")
    if any(arc.value < 0 for arc in arcs.values()):
        raise ValueError("a count below zero is none")
    small = {name for name, arc in arcs.items() if arc.value < minimum}
    hidden, added = set(small), list[str]()
    while (unsafe := _first_unsafe(arcs, hidden, minimum)) is not None:
        more = _beside(arcs, hidden, unsafe)
        if more is None:
            break
        hidden.add(more)
        added.append(more)
    for name in reversed(added):
        if _first_unsafe(arcs, hidden - {name}, minimum) is None:
            hidden.discard(name)
    return hidden


def _first_unsafe(arcs: dict[str, _Arc], hidden: set[str], minimum: int) -> str | None:
    return next((name for name in arcs if name in hidden and not _is_safe(arcs, hidden, name, minimum)), None)


def _beside(arcs: dict[str, _Arc], hidden: set[str], unsafe: str) -> str | None:
    """The shown number to hide next: cells before totals; one that ends where another hidden number stands alone in its sum,
    at both its ends if there is one; then the smallest."""
    standing = Counter(end for name in hidden for end in (arcs[name].start, arcs[name].end))
    alone = {end for end, count in standing.items() if count == 1}
    near = alone or {arcs[unsafe].start, arcs[unsafe].end}

    def rank(name: str) -> tuple[bool, int, int]:
        arc = arcs[name]
        return arc.is_total, -((arc.start in near) + (arc.end in near)), arc.value

    return min((name for name in arcs if name not in hidden), key=rank, default=None)


def _is_safe(arcs: dict[str, _Arc], hidden: set[str], name: str, minimum: int) -> bool:
    """Whether at least ``minimum`` numbers beside the true one are possible for a hidden cell."""
    arc = arcs[name]
    others = [arcs[other] for other in hidden if other != name]
    down = min(arc.value, _pushed(others, arc.start, arc.end, min(arc.value, minimum)))
    return down >= minimum or down + _pushed(others, arc.end, arc.start, minimum - down) >= minimum


def _pushed(arcs: Sequence[_Arc], source: str, sink: str, wanted: int) -> int:
    """How much more can run from one sum to another through these arcs, up to ``wanted``: forward without an end, backward as
    much as runs there now."""
    room: dict[str, dict[str, int]] = {}
    for arc in arcs:
        room.setdefault(arc.start, {}).setdefault(arc.end, 0)
        room.setdefault(arc.end, {}).setdefault(arc.start, 0)
        room[arc.start][arc.end] += wanted
        room[arc.end][arc.start] += min(arc.value, wanted)
    pushed = 0
    while pushed < wanted:
        before: dict[str, str] = {source: source}
        waiting = deque([source])
        while waiting and sink not in before:
            at = waiting.popleft()
            for to, left in room.get(at, {}).items():
                if left > 0 and to not in before:
                    before[to] = at
                    waiting.append(to)
        if sink not in before:
            break
        way = [sink]
        while way[-1] != source:
            way.append(before[way[-1]])
        steps = list(zip(way[1:], way[:-1], strict=True))
        amount = min(wanted - pushed, *(room[start][end] for start, end in steps))
        for start, end in steps:
            room[start][end] -= amount
            room[end][start] += amount
        pushed += amount
    return pushed
