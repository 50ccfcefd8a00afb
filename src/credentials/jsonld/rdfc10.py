"""RDF Dataset Canonicalization, RDFC-1.0 (https://www.w3.org/TR/rdf-canon/), under a bound.

Two documents that say the same have the same canonical N-Quads, whatever their blank nodes are called and in whatever
order they come. Nearly all blank nodes of a credential are told apart by their own statements (first-degree hashes). The
others are told apart by their surroundings (n-degree hashes), which a hostile graph can make take as long as it likes:
that work has a budget, and a document that exceeds it is refused (section 7.1, "Dataset Poisoning").
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Final, Literal, NamedTuple, TypeAlias

from credentials.jsonld.problem import LIMIT, Problem

MAX_WORK: Final = 100_000
"""Blank nodes looked at by n-degree hashing. The hardest of the W3C's tests needs 6,168 (but for the one that is to be
refused), credentials that repeat themselves some hundreds; this many take about a third of a second."""

MAX_CHAIN: Final = 100
"""Blank nodes in a row that cannot be told apart, as in two equal lists of that length."""

HashName: TypeAlias = Literal["sha256", "sha384"]
_HASHES: Final = {"sha256": hashlib.sha256, "sha384": hashlib.sha384}

Link: TypeAlias = tuple[str | int, str, str | int, str | int | None]


class Settled(NamedTuple):
    """Blank nodes of which all is worked out, numbered from nought: nothing links to them but lines about IRIs, in the default
    graph, and they link to none. ``own`` as of ``Statements``, each in the order of lines and with every end once; ``links``
    are those lines, up to the blank node, and which it is; ``hashes`` of first degree, with SHA-256."""

    own: Sequence[list[str]]
    links: Sequence[tuple[str, int]]
    hashes: Sequence[str]


class Statements:
    """A dataset, laid out for canonicalisation. A blank node is a number, everything else an N-Quads token.

    ``ground`` are the lines without blank nodes, in the default graph; one string may be several (``blocks``). ``own`` has,
    for each blank node, the ends of the
    lines (predicate with its spaces, object, full stop, new line) of which it is the subject, and that have no other blank
    node or graph in them. ``links`` are all other statements: subject, predicate with its spaces, object, graph or ``None``.
    Each statement is there once. What is said of ``settled`` blank nodes, each lot with the number of its first, is there
    alone, and their lists in ``own`` are empty.
    """

    __slots__ = ("ground", "links", "own", "settled")

    def __init__(self) -> None:
        self.ground: list[str] = []
        self.own: list[list[str]] = []
        self.links: dict[Link, None] = {}  # a set that keeps its order
        self.settled: list[tuple[int, Settled]] = []

    def spelt_out(self) -> "Statements":
        """The same, with nothing settled."""
        said = Statements()
        said.ground, said.own, said.links = self.ground, self.own.copy(), self.links.copy()
        for first, known in self.settled:
            said.own[first : first + len(known.own)] = known.own
            for begun, blank in known.links:
                subject, predicate = begun.split(" ", 1)
                said.links[subject, f" {predicate}", first + blank, None] = None
        return said


def canonical_labels(statements: Statements, hash_name: HashName = "sha256") -> list[str]:
    """The canonical label (``_:c14n0`` …) of each blank node. Raises ``Problem`` when the work exceeds its budget.

    Their own statements tell most blank nodes apart, and then step 4 of the algorithm (section 4.4) is all there is.
    """
    hashes = first_degree_hashes(statements, hash_name)
    if len(set(hashes)) < len(hashes):
        return _Canonicalization(statements.spelt_out(), hashes, hash_name).labels()
    labels = [""] * len(hashes)
    for blank, label in zip(sorted(range(len(hashes)), key=hashes.__getitem__), _labels(len(hashes)), strict=False):
        labels[blank] = label
    return labels


_LABELS: Final = [f"_:c14n{number}" for number in range(256)]


def _labels(count: int) -> Sequence[str]:
    """The first labels, in their order: at least so many."""
    return _LABELS if count <= len(_LABELS) else [f"_:c14n{number}" for number in range(count)]


def n_quads(statements: Statements, labels: Sequence[str]) -> str:
    """The statements with these labels for the blank nodes, one line each, in order of code points.

    Lines about one subject stand together in that order: so those of a blank node that links to none are one string here.
    """
    texts = statements.ground.copy()
    linking = {subject for subject, _, _, _ in statements.links}
    for blank, ends in enumerate(statements.own):
        if not ends:
            continue
        label = labels[blank]
        if blank in linking:
            texts += map(label.__add__, ends)
        else:
            texts.append(label + label.join(sorted(ends)))
    for first, known in statements.settled:
        of_these = labels[first : first + len(known.own)]
        texts += [label + label.join(ends) for label, ends in zip(of_these, known.own, strict=True)]
        texts += [f"{begun}{of_these[blank]} .\n" for begun, blank in known.links]
    for link in statements.links:
        subject, predicate, object_, graph = link
        if graph is None and type(subject) is str and type(object_) is int:  # nearly always
            texts.append(f"{subject}{predicate}{labels[object_]} .\n")
        else:
            texts.append(_line(link, labels))
    texts.sort()
    return "".join(texts)


def _line(link: Link, labels: Sequence[str]) -> str:
    subject, predicate, object_, graph = link
    subject_label = subject if isinstance(subject, str) else labels[subject]
    object_label = object_ if isinstance(object_, str) else labels[object_]
    graph_label = "" if graph is None else f"{graph if isinstance(graph, str) else labels[graph]} "
    return f"{subject_label}{predicate}{object_label} {graph_label}.\n"


def blocks(ground: Iterable[str], links: Iterable[Link]) -> list[str]:
    """Lines without blank nodes, as few strings: in each are lines about one subject that follow one another in the order of
    code points, whatever labels the blank nodes in ``links`` are given, as long as nothing else is about that subject."""
    between = {_without_labels(link) for link in links if isinstance(link[0], str)}
    found: list[str] = []
    last = ""
    for line in sorted({*ground, *between}):
        subject = "" if line in between else line.partition(" ")[0]
        if subject and subject == last:
            found[-1] += line
        elif subject:
            found.append(line)
        last = subject
    return found


def _without_labels(link: Link) -> str:
    """How a line about an IRI begins, up to its first label: so it stands among lines without any where the whole one will."""
    subject, predicate, object_, graph = link
    if isinstance(object_, int):
        return f"{subject}{predicate}_:"
    return f"{subject}{predicate}{object_} {graph if isinstance(graph, str) else '_:'}"


def lines_of(ground: Iterable[str]) -> list[str]:
    """The lines in such strings. A line end within a literal is written as an escape."""
    return [f"{line}\n" for text in ground for line in text.split("\n")[:-1]]


def first_degree_hashes(statements: Statements, hash_name: HashName) -> list[str]:
    """Hash First Degree Quads (section 4.6) of every blank node: its statements, with itself called ``_:a`` and every
    other blank node ``_:z``.

    Lines that become equal by that stay as many as they were. Lines with the node itself as subject stand together in
    the order of lines: between those with IRIs (``<``) and those with other blank nodes.
    """
    if statements.settled and hash_name != "sha256":
        statements = statements.spelt_out()
    own = statements.own.copy()
    others: dict[int, list[str]] = {}
    for subject, predicate, object_, graph in statements.links:
        if graph is None and type(object_) is int and subject != object_:  # nearly always
            said = subject
            if type(subject) is int:
                own[subject] = [*own[subject], f"{predicate}_:z .\n"]
                said = "_:z"
            others.setdefault(object_, []).append(f"{said}{predicate}_:a .\n")
            continue
        for blank in {term for term in (subject, object_, graph) if isinstance(term, int)}:
            object_label, graph_label = (
                f"{term} " if isinstance(term, str) else "" if term is None else "_:a " if term == blank else "_:z "
                for term in (object_, graph)
            )
            end = f"{predicate}{object_label}{graph_label}.\n"
            if subject == blank:
                own[blank] = [*own[blank], end]
            else:
                others.setdefault(blank, []).append(f"{subject if isinstance(subject, str) else '_:z'}{end}")
    hashes, digest = [""] * len(own), _HASHES[hash_name]
    for first, known in statements.settled:
        hashes[first : first + len(known.hashes)] = known.hashes
    for blank, ends in enumerate(own):
        if hashes[blank]:
            continue
        lines = others.get(blank, [])
        if ends:
            lines.append("_:a" + "_:a".join(sorted(ends)))
        lines.sort()
        hashes[blank] = digest("".join(lines).encode()).hexdigest()
    return hashes


class _Canonicalization:
    """Steps 4 and 5 of the algorithm. ``_issued`` is the canonical issuer: blank node -> label, in order of issue."""

    def __init__(self, statements: Statements, first_degree: list[str], hash_name: HashName) -> None:
        self._statements = statements
        self._first_degree = first_degree
        self._hash = _HASHES[hash_name]
        self._issued: dict[int, str] = {}
        self._links = self._links_of_each()
        self._work = 0

    def labels(self) -> list[str]:
        alike: dict[str, list[int]] = {}
        for blank, digest in enumerate(self._first_degree):
            alike.setdefault(digest, []).append(blank)
        for digest in sorted(alike):  # step 4: told apart by their own statements
            if len(alike[digest]) == 1:
                self._issue(alike[digest])
        for digest in sorted(alike):  # step 5: told apart by what is around them
            if len(alike[digest]) > 1:
                self._issue_alike(alike[digest])
        return [self._issued[blank] for blank in range(len(self._first_degree))]

    def _issue(self, blanks: Iterable[int]) -> None:
        for blank in blanks:
            if blank not in self._issued:
                self._issued[blank] = f"_:c14n{len(self._issued)}"

    def _digest(self, text: str) -> str:
        return self._hash(text.encode()).hexdigest()

    def _links_of_each(self) -> list[list[Link]]:
        links: list[list[Link]] = [[] for _ in self._first_degree]
        for link in self._statements.links:
            subject, _, object_, graph = link
            for blank in {term for term in (subject, object_, graph) if isinstance(term, int)}:
                links[blank].append(link)
        return links

    def _issue_alike(self, blanks: list[int]) -> None:
        """Step 5 for one first-degree hash that several blank nodes share."""
        paths = [
            self._n_degree(blank, {blank: "_:b0"}, MAX_CHAIN)
            for blank in blanks
            if blank not in self._issued  # reached from an earlier group
        ]
        for _, issuer in sorted(paths, key=itemgetter(0)):
            self._issue(issuer)

    def _n_degree(self, blank: int, issuer: dict[int, str], chain: int) -> tuple[str, dict[int, str]]:
        """Hash N-Degree Quads (section 4.8): a digest of what is around ``blank``, and the issuer that it was read with.

        An issuer is a dictionary from blank nodes to temporary labels, in order of issue; it is not changed here.
        """
        if not chain:
            raise Problem(LIMIT, f"More than {MAX_CHAIN} nodes without an id in a row look the same.")
        data = []
        for digest, related in sorted(self._related(blank, issuer).items()):
            best: tuple[str, dict[int, str]] = ("", {})
            for order in _orders(related):
                path = self._path(order, issuer, best[0], chain)
                if path is not None and (not best[0] or path[0] < best[0]):
                    best = path
            data += [digest, best[0]]
            issuer = best[1]
        return self._digest("".join(data)), issuer

    def _related(self, blank: int, issuer: dict[int, str]) -> dict[str, list[int]]:
        """Hash Related Blank Node (section 4.7) for each blank node in a statement with ``blank``: digest -> nodes."""
        self._spend(len(self._links[blank]))
        found: dict[str, list[int]] = {}
        for subject, predicate, object_, graph in self._links[blank]:
            named = predicate[1:-1]
            for place, other in ((f"s{named}", subject), (f"o{named}", object_), ("g", graph)):
                if isinstance(other, int) and other != blank:
                    known = self._issued.get(other) or issuer.get(other) or self._first_degree[other]
                    found.setdefault(self._digest(place + known), []).append(other)
        return found

    def _path(
        self, order: list[int], issuer: dict[int, str], best: str, chain: int
    ) -> tuple[str, dict[int, str]] | None:
        """One order of equally related nodes, read as a path (section 4.8, steps 5.4); nothing if ``best`` is better."""
        self._spend(len(order))
        issuer = dict(issuer)
        path, unseen = "", []
        for other in order:
            if other in self._issued:
                path += self._issued[other]
            else:
                if other not in issuer:
                    unseen.append(other)
                    issuer[other] = f"_:b{len(issuer)}"
                path += issuer[other]
            if _worse(path, best):
                return None
        for other in unseen:
            digest, further = self._n_degree(other, issuer, chain - 1)
            path += f"{issuer[other]}<{digest}>"
            issuer = further
            if _worse(path, best):
                return None
        return path, issuer

    def _spend(self, work: int) -> None:
        self._work += work
        if self._work > MAX_WORK:
            raise Problem(LIMIT, "Too many nodes without an id look the same: give them ids.")


def _orders(nodes: list[int]) -> Iterator[list[int]]:
    """Every order of the nodes, and equal ones once: a node may be there as often as it is in a statement, and all n!
    orders of one node are one path."""
    order = sorted(nodes)
    while True:
        yield order
        falling = len(order) - 1  # where the last part begins that can only become smaller
        while falling > 0 and order[falling - 1] >= order[falling]:
            falling -= 1
        if falling <= 0:
            return
        smaller = falling - 1
        larger = max(index for index in range(falling, len(order)) if order[index] > order[smaller])
        order = order.copy()
        order[smaller], order[larger] = order[larger], order[smaller]
        order[falling:] = reversed(order[falling:])


def _worse(path: str, best: str) -> bool:
    return bool(best) and len(path) >= len(best) and path > best
