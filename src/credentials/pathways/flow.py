"""Which items fill which slots: the largest assignment, exactly, as a maximum flow.

Slots belong to demands (credential requirements). An item serves one slot at most; items of one underlying work count as
one; a demand takes one item of each achievement, unless it allows repeats. All capacities are whole, so the largest flow is
an assignment, and augmenting paths find it whatever the order (Dinic 1970).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

import msgspec

UNLIMITED = 1 << 30


class Demand(msgspec.Struct, frozen=True):
    count: int
    repeat: bool


class Candidate(msgspec.Struct, frozen=True):
    """An item as the assignment sees it. ``fits`` are the demands (by place) that it answers."""

    item: str
    ref: str | None
    work: str
    fits: tuple[int, ...]


def assign(demands: Sequence[Demand], candidates: Sequence[Candidate]) -> list[list[str]]:
    """The items of each demand, as many in all as can be; earlier candidates are taken first among equals."""
    works = Counter(candidate.work for candidate in candidates)
    refs = Counter(candidate.ref for candidate in candidates if candidate.ref is not None)
    if (
        len(demands) == 1
        and max(works.values(), default=0) < 2
        and (demands[0].repeat or max(refs.values(), default=0) < 2)
    ):
        return [[candidate.item for candidate in candidates[: demands[0].count]]]
    groups: dict[tuple[tuple[int, ...], str | None, str | None], list[str]] = defaultdict(list)
    for candidate in candidates:  # those that nothing tells apart are one node with a capacity
        shared_ref = candidate.ref if candidate.ref is not None and refs[candidate.ref] > 1 else None
        shared_work = candidate.work if works[candidate.work] > 1 else None
        groups[candidate.fits, shared_ref, shared_work].append(candidate.item)

    def between(place: int, key: tuple[tuple[int, ...], str | None, str | None]) -> object:
        """What stands between a demand and a group: the achievement, of which it takes one, or nothing that limits."""
        return ("ref", place, key if key[1] is None or demands[place].repeat else key[1])

    network = _Network()
    for place, demand in enumerate(demands):
        network.edge("source", ("demand", place), demand.count)
    for key, members in groups.items():
        fits, ref, work = key
        for place in fits:
            limit = len(members) if ref is None or demands[place].repeat else 1
            network.edge(("demand", place), between(place, key), limit)
            network.edge(between(place, key), key, len(members))
        above = ("work", key if work is None else work)  # all paths are equally long, so that earlier items come first
        network.edge(key, above, len(members))
        network.edge(above, "sink", len(members) if work is None else 1)
    network.fill("source", "sink")

    taken: list[list[str]] = [[] for _ in demands]
    for key, members in groups.items():
        left = iter(members)
        for place in key[0]:
            taken[place] += [next(left) for _ in range(network.flow(between(place, key), key))]
    return taken


class _Network:
    """Edges with whole capacities; each is followed by its reverse, so that ``edge ^ 1`` is the way back."""

    def __init__(self) -> None:
        self._places: dict[object, int] = {}
        self._edges: dict[tuple[int, int], int] = {}
        self._out: list[list[int]] = []
        self._to: list[int] = []
        self._left: list[int] = []

    def _place(self, node: object) -> int:
        if node not in self._places:
            self._places[node] = len(self._out)
            self._out.append([])
        return self._places[node]

    def edge(self, start: object, end: object, capacity: int) -> None:
        """An edge; a second one between the same nodes is the same edge."""
        ends = (self._place(start), self._place(end))
        if ends in self._edges:
            return
        self._edges[ends] = len(self._to)
        for at, to, left in ((ends[0], ends[1], capacity), (ends[1], ends[0], 0)):
            self._out[at].append(len(self._to))
            self._to.append(to)
            self._left.append(left)

    def flow(self, start: object, end: object) -> int:
        return self._left[self._edges[self._places[start], self._places[end]] ^ 1]

    def fill(self, source: object, sink: object) -> None:
        first, last = self._place(source), self._place(sink)
        while (levels := self._levels(first))[last] >= 0:
            untried = [0] * len(self._out)
            while self._augment(first, last, levels, untried):
                pass

    def _levels(self, first: int) -> list[int]:
        levels = [-1] * len(self._out)
        levels[first] = 0
        reached = [first]
        for at in reached:
            for edge in self._out[at]:
                to = self._to[edge]
                if self._left[edge] and levels[to] < 0:
                    levels[to] = levels[at] + 1
                    reached.append(to)
        return levels

    def _augment(self, first: int, last: int, levels: list[int], untried: list[int]) -> bool:
        """Push as much as one shortest path bears. ``untried`` remembers each node's first edge that may still lead on."""
        path: list[int] = []
        at = first
        while at != last:
            edge = self._onward(at, levels, untried)
            if edge is None:
                if not path:
                    return False
                at = self._to[path.pop() ^ 1]
                untried[at] += 1
            else:
                path.append(edge)
                at = self._to[edge]
        amount = min(self._left[edge] for edge in path)
        for edge in path:
            self._left[edge] -= amount
            self._left[edge ^ 1] += amount
        return True

    def _onward(self, at: int, levels: list[int], untried: list[int]) -> int | None:
        out = self._out[at]
        while untried[at] < len(out):
            edge = out[untried[at]]
            if self._left[edge] and levels[self._to[edge]] == levels[at] + 1:
                return edge
            untried[at] += 1
        return None
