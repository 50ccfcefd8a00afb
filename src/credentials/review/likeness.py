"""How alike two texts are, from their words alone.

A text is the set of its runs of ``RUN`` words. Two texts resemble each other by the share of runs that they have in common
(Jaccard; Broder 1997, "On the resemblance and containment of documents"). The ``SKETCH`` smallest hashes of the runs stand for
a text in the index: texts that are nearly the same share most of them, so that candidates are found without reading all that
was ever handed in. A candidate is then compared in full.
"""

import hashlib
import re
import unicodedata
from collections.abc import Set as AbstractSet

RUN = 5
"""Words in a run: fewer meet by chance, more are lost with every changed word."""
SKETCH = 48
"""Hashes that stand for a text: rows of the index for each."""
MIN_WORDS = 30
"""A shorter text can be alike by chance."""
ALIKE = 0.8
"""From this resemblance on two texts are nearly the same: one word in fifty changed, or a sentence added."""
SHARED_MARKS = SKETCH // 2
"""Of two texts' smallest hashes, so many are the same before they are compared in full. At ``ALIKE`` four fifths are or more,
and fewer than half in one case of a million."""

_WORD = re.compile(r"\w+")


def runs(text: str) -> frozenset[int]:
    """The hashes of a text's runs of words, whatever its capitals, accents and marks. Empty for a short text."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    words = _WORD.findall("".join(character for character in plain if not unicodedata.combining(character)))
    if len(words) < MIN_WORDS:
        return frozenset()
    return frozenset(_hash(" ".join(words[at : at + RUN])) for at in range(len(words) - RUN + 1))


def _hash(run: str) -> int:
    """63 bits, as a database keeps them in a signed integer."""
    return int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest()) >> 1


def sketch(found: AbstractSet[int]) -> tuple[int, ...]:
    return tuple(sorted(found)[:SKETCH])


def resemblance(one: AbstractSet[int], other: AbstractSet[int]) -> float:
    """From 0, nothing in common, to 1, the same. Two texts that are too short resemble nothing."""
    every = one | other
    return len(one & other) / len(every) if every else 0.0
