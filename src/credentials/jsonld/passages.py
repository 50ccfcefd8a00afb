"""What stands word for word in many documents, walked once: the achievement, in the credentials of all who earned it.

A passage is a node under a property that recurs, with its whole tree. What a walk says of it hangs on nothing outside of it:
not on its place, which is part of the key, and not on what is said elsewhere, as long as nothing elsewhere bears one of its
ids. Its blank nodes have no statement from outside, so their first-degree hashes are its own, too.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from credentials.jsonld.rdfc10 import Link, Statements, first_degree_hashes
from credentials.jsonld.trusted import Trusted

RECURRING: Final = frozenset({"https://purl.imsglobal.org/spec/vc/ob/vocab.html#achievement"})
"""Properties whose values recur, by their IRIs."""

MAX_OCTETS: Final = 16_384
"""Of one passage. An achievement with a rubric of four criteria has 5 KB."""

MAX_PASSAGES: Final = 400
"""More than most states have micro-credentials; each takes about 25 KB. With one more, all are forgotten."""

Key: TypeAlias = tuple[object, int, bytes]
"""The property, as one active context has it; the depth; and the octets of the value."""


class Passage(NamedTuple):
    """What a walk says about one node with an id, and all nodes in it. ``own`` and ``links`` as of ``Statements``, with the
    blank nodes counted from nought; ``hashes`` are theirs, of first degree, with SHA-256; ``bodies`` its nodes by their ids."""

    subject: str
    nodes: int
    bodies: Mapping[str, Any]
    ground: Sequence[str]
    own: Sequence[list[str]]
    places: Sequence[tuple[object, str | int]]
    links: Sequence[Link]
    hashes: Sequence[str]
    repeats: bool


Heard: TypeAlias = list[tuple[Key, Callable[[], Passage]]]
"""Passages that may be kept, to be made when they are."""


def moved(links: Iterable[Link], by: int) -> Iterator[Link]:
    """Links with other numbers for their blank nodes."""
    for subject, predicate, object_, graph in links:
        yield (
            subject + by if type(subject) is int else subject,
            predicate,
            object_ + by if type(object_) is int else object_,
            graph + by if type(graph) is int else graph,
        )


def passage(
    subject: str,
    nodes: int,
    bodies: Mapping[str, Any],
    said: Statements,
    places: Sequence[tuple[object, str | int]],
    *,
    repeats: bool,
) -> Passage:
    """A passage from what was said of it."""
    alone = Statements()
    alone.ground = sorted(dict.fromkeys(said.ground))
    alone.own = [[*dict.fromkeys(ends)] for ends in said.own]
    alone.links = said.links
    hashes = first_degree_hashes(alone, "sha256")
    return Passage(subject, nodes, bodies, alone.ground, alone.own, places, [*alone.links], hashes, repeats)


class Passages(Trusted[Key, Passage]):
    """Those that are known."""

    __slots__ = ("_under",)

    def __init__(self) -> None:
        super().__init__(MAX_PASSAGES)
        self._under: object = None

    def under(self, initial: object) -> None:
        """Begin anew when the active contexts have (``Contexts.remember``): a passage holds its own, and with that all that
        was remembered beside it, strangers' shapes among them."""
        if self._under is not initial:
            self._under = initial
            self.forget()

    def keep(self, found: Iterable[tuple[Key, Callable[[], Passage]]]) -> None:
        super().keep((key, made) for key, made in found if len(key[2]) <= MAX_OCTETS)
