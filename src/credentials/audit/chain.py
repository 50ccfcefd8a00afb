"""How a record is chained and how the chain is checked. Pure; ``log`` chains what our keys signed in the same way."""

import hashlib

from credentials.audit.model import GENESIS, Break, Link

START = Link(0, b"", GENESIS)


def next_hash(previous: str, body: bytes) -> str:
    """SHA-256 over the previous hash (32 bytes) and the bytes of the new entry, in hexadecimal."""
    return hashlib.sha256(bytes.fromhex(previous) + body).hexdigest()


def following(head: tuple[int, str], body: bytes) -> Link:
    """The link that puts ``body`` behind the head of a chain."""
    sequence, previous = head
    return Link(sequence + 1, body, next_hash(previous, body))


def follows(previous: Link, link: Link) -> Break | None:
    """Whether ``link`` stands where it must and follows from ``previous``. An edit, a removal and an insertion all show."""
    place = previous.sequence + 1
    if link.sequence != place:
        return Break(place, f"entry {place} is missing: the next one found is {link.sequence}")
    if next_hash(previous.hash, link.body) != link.hash:
        return Break(place, f"entry {place} does not follow from the one before it")
    return None


def ends_at(last: Link, head: tuple[int, str]) -> Break | None:
    """Whether the chain ends where its head says: a cut end shows here."""
    if (last.sequence, last.hash) == head:
        return None
    return Break(last.sequence + 1, f"the chain ends at entry {last.sequence}, but its head says {head[0]}")
