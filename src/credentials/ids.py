"""New identifiers and other randomness. The only place that draws a random number.

Services are handed an ``Ids``; tests hand in ``SeededIds`` and get the same world every time.
"""

import random
import secrets
from datetime import datetime
from typing import Protocol
from uuid import UUID


class Ids(Protocol):
    def octets(self, count: int) -> bytes:
        """``count`` random bytes."""

    def below(self, limit: int) -> int:
        """A number drawn evenly from ``range(limit)``."""


class SystemIds:
    """The operating system's randomness."""

    def octets(self, count: int) -> bytes:
        return secrets.token_bytes(count)

    def below(self, limit: int) -> int:
        return secrets.randbelow(limit)


class SeededIds:
    """Repeatable randomness for tests and the demonstration's evidence. Never for keys or tokens of a real service."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose

    def octets(self, count: int) -> bytes:
        return self._random.randbytes(count)

    def below(self, limit: int) -> int:
        return self._random.randrange(limit)


def new_id(ids: Ids, now: datetime) -> str:
    """A UUIDv7 (RFC 9562, section 5.7): sorts by the time it was made, so that new rows land at the end of an index."""
    milliseconds = int(now.timestamp() * 1000)
    tail = int.from_bytes(ids.octets(10))
    value = (
        (milliseconds & ((1 << 48) - 1)) << 80
        | 0x7 << 76
        | (tail >> 68 & 0xFFF) << 64
        | 0b10 << 62
        | tail & ((1 << 62) - 1)
    )
    return str(UUID(int=value))


def random_uuid(ids: Ids) -> str:
    """A UUIDv4 (RFC 9562, section 5.4): for identifiers that leave the house and must not tell when they were made."""
    value = int.from_bytes(ids.octets(16))
    value = value & ~(0xF << 76) | 0x4 << 76
    value = value & ~(0b11 << 62) | 0b10 << 62
    return str(UUID(int=value))


_WORD = "abcdefghijkmnpqrstuvwxyz23456789"  # 32 letters and digits; no l, o, 0, 1, which people misread


def new_secret(ids: Ids, length: int = 32) -> str:
    """A secret for a link or a token: ``length`` characters of 5 bits each."""
    return "".join(_WORD[octet & 31] for octet in ids.octets(length))
