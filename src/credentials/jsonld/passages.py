"""What stands word for word in many documents, walked once: the achievement, in the credentials of all who earned it.

A passage is a node under a property that recurs, with its whole tree. What a walk says of it hangs on nothing outside of it:
not on its place, which is part of the key, and not on what is said elsewhere, as long as nothing elsewhere bears one of its
ids. Its blank nodes have no statement from outside, so their first-degree hashes are its own, too.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple, TypeAlias

from credentials.jsonld.rdfc10 import Link, Settled, Statements, blocks, first_degree_hashes
from credentials.jsonld.trusted import HEAD, Trusted

RECURRING: Final = frozenset({"https://purl.imsglobal.org/spec/vc/ob/vocab.html#achievement"})
"""Properties whose values recur, by their IRIs."""

MAX_PASSAGE: Final = 16_384
"""Octets of one passage. An achievement with a rubric of four criteria has 5 KB."""

MAX_WRITTEN: Final = 65_536
"""Characters of the lines of one passage, each of which repeats the id that it begins with. An achievement has 20 KB."""

MAX_PASSAGES: Final = 400
"""More than most states have micro-credentials; each takes about 25 KB."""

Key: TypeAlias = tuple[object, int, bytes]
"""The property, as one active context has it; the depth; and the head of the octets."""


class Passage(NamedTuple):
    """What a walk says about one node with an id, and all nodes in it. ``octets`` are what was walked; ``bodies`` its nodes by
    their ids; ``ground`` its lines in ``blocks``; ``unsaid`` as many empty lists as it has blank nodes, which are
    ``settled``."""

    octets: bytes
    subject: str
    nodes: int
    bodies: Mapping[str, Any]
    ground: Sequence[str]
    unsaid: Sequence[list[str]]
    settled: Settled


Heard: TypeAlias = list[tuple[Key, Callable[[], Passage]]]
"""Passages that may be kept, to be made when they are."""


def is_short(ground: Iterable[str], own: Iterable[Iterable[str]]) -> bool:
    """Whether lines are few and short enough to be kept."""
    return sum(map(len, ground)) + sum(map(len, chain.from_iterable(own))) <= MAX_WRITTEN


def is_plain(links: Iterable[Link]) -> bool:
    """Whether links are such as ``Settled`` has."""
    return all(type(link[0]) is str and type(link[2]) is int and link[3] is None for link in links)


def passage(
    octets: bytes,
    subject: str,
    nodes: int,
    bodies: Mapping[str, Any],
    said: Statements,
    links: Sequence[Link],
    first: int,
) -> Passage:
    """A passage from what was said of it alone, with its plain ``links``, in which blank nodes are counted from ``first`` on.
    What was said twice is in it once."""
    own = [sorted({*ends}) for ends in said.own]
    begun = [(f"{link[0]}{link[1]}", int(link[2]) - first) for link in links]
    settled = Settled(own, begun, ())
    said.settled = [(0, settled)]
    hashes = first_degree_hashes(said.spelt_out(), "sha256")
    return Passage(
        octets, subject, nodes, bodies, blocks(said.ground, links), [[]] * len(own), settled._replace(hashes=hashes)
    )


class Passages(Trusted[Key, Passage]):
    """Those that are known, all ``under`` one generation of active contexts."""

    __slots__ = ("_initial",)

    def __init__(self) -> None:
        super().__init__(MAX_PASSAGES)
        self._initial: object = None

    def under(self, initial: object) -> "Passages":
        """The same, empty if they are of other contexts than ``initial`` leads to. A key holds its context, and that holds all
        that was remembered beside it: so passages of contexts that were forgotten would hold what strangers put into those."""
        if self._initial is not initial:
            self.forget()
            self._initial = initial
        return self

    def of(self, prop: object, depth: int, octets: bytes) -> Passage | None:
        """The one under a property, at a depth, that is spelt so."""
        known = self.get(key_of(prop, depth, octets))
        return known if known is not None and known.octets == octets else None

    def only_in(self, octets: bytes, place: bytes, prop: object, depth: int) -> Passage | None:
        """The one that stands at the only ``place`` in a document's octets. No object's spelling begins with another's; and a
        place is not in a text, where its quotation marks would be escaped."""
        start = octets.find(place) + len(place)
        if start < len(place) or octets.find(place, start) >= 0:
            return None
        known = self.get((prop, depth, octets[start : start + HEAD]))
        return known if known is not None and octets.startswith(known.octets, start) else None


def key_of(prop: object, depth: int, octets: bytes) -> Key:
    return prop, depth, octets[:HEAD]
