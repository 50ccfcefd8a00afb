"""What was worked out for one document and is kept for the next, once the one was found good."""

from collections.abc import Callable, Hashable, Iterable
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

HEAD: Final = 256
"""Octets by which what is spelt out is looked up, before all of it is compared: its id is among them."""

MAX_HEARD: Final = 64
"""Documents that are being judged at one time, and more."""


class Trusted(Generic[K, V]):
    """Values by their keys, at most ``most``: with one more, the one is forgotten that was of no use for longest.

    What was heard in a document is kept when ``trust`` is told that it was found good. Of what strangers send, nothing is.
    """

    __slots__ = ("_heard", "_known", "_most")

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[K, V] = {}  # what was of use last stands last
        self._heard: dict[int, tuple[object, tuple[tuple[K, Callable[[], V]], ...]]] = {}  # by an identity that is held

    def get(self, key: K) -> V | None:
        known = self._known.pop(key, None)
        if known is not None:
            self._known[key] = known
        return known

    def keep(self, found: Iterable[tuple[K, Callable[[], V]]]) -> None:
        """Keep now what is to be made by calling it."""
        for key, made in found:
            self._known.pop(key, None)
            if len(self._known) >= self._most:
                del self._known[next(iter(self._known))]
            self._known[key] = made()

    def forget(self) -> None:
        """Everything, and what was heard, too."""
        self._known.clear()
        self._heard.clear()

    def hear(self, of: object, found: Iterable[tuple[K, Callable[[], V]]]) -> None:
        """Note it for when ``of`` is trusted: the very object."""
        if len(self._heard) == MAX_HEARD:
            self._heard.clear()
        self._heard[id(of)] = of, tuple(found)

    def trust(self, of: object) -> None:
        if (heard := self._heard.pop(id(of), None)) is not None:
            self.keep(heard[1])
