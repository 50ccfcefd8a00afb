"""What is worth remembering from one verification to the next: what issuers publish, read and found good once.

A thousand badges of one issuer name one key document and one or two status lists. To read those anew costs more than the
badge itself. What is remembered follows from octets alone and is kept under those octets, so it makes a verification cheaper
and never another one: dates, and whether a key may still be used, are asked each time.

Nothing that a stranger sends is kept, only what was gathered for an issuer, and what a recognised one signed; and each memory
is bounded, and begins anew when it is full.
"""

from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import Any, Final, Generic, TypeVar

import msgspec

from credentials.jsonld.contexts import Contexts
from credentials.jsonld.forms import Familiar
from credentials.openbadges.model import AchievementCredential
from credentials.openbadges.usual import Achievements
from credentials.proofs.keys import PublicKey
from credentials.proofs.model import JsonObject
from credentials.verification.reading import Known, Signed

MAX_DOCUMENT_OCTETS: Final = 4 << 20
"""Of all key documents that are remembered: two thousand of 2 KB. In memory, parsed JSON takes about six times as much."""

MAX_LIST_OCTETS: Final = 64 << 20
"""Of all status lists that are remembered, expanded: four thousand of the usual size, or four of the largest that is read."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Values by the octets that they follow from, up to a total weight."""

    __slots__ = ("_limit", "_values", "_weight")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._weight = 0
        self._values: dict[K, V] = {}

    def get(self, octets: K) -> V | None:
        return self._values.get(octets)

    def keep(self, octets: K, value: V, weight: int) -> None:
        """Keep a value; with one too many, forget the others. What is heavier than all may be together is not kept."""
        if weight > self._limit:
            return
        if self._weight + weight > self._limit:
            self._values.clear()
            self._weight = 0
        if octets not in self._values:
            self._weight += weight
        self._values[octets] = value


class KnownList(msgspec.Struct, frozen=True):
    """A status list whose signatures were good under ``keys`` (by the names that the signatures give them), and its bits."""

    signed: Signed
    keys: Mapping[str, PublicKey]
    bits: bytes


class Memory:
    """One for a process: made once and handed down. Without one, everything is worked out anew."""

    __slots__ = ("_achievements", "_documents", "_familiar", "_keys", "_lasting", "_lists")

    def __init__(self) -> None:
        self._familiar = Familiar()
        self._achievements = Achievements()
        self._documents: Kept[bytes, Any] = Kept(MAX_DOCUMENT_OCTETS)
        self._keys: Kept[tuple[bytes, Callable[[JsonObject], PublicKey]], PublicKey] = Kept(MAX_DOCUMENT_OCTETS)
        self._lasting: Kept[tuple[bytes, str, str], PublicKey] = Kept(MAX_DOCUMENT_OCTETS)
        self._lists: Kept[bytes, KnownList] = Kept(MAX_LIST_OCTETS)

    def known(self, contexts: Contexts) -> Known:
        """What helps to read further credentials."""
        return Known(partial(self._familiar.of, contexts=contexts), self._achievements)

    def accepted(self, signed: Signed) -> None:
        """A credential of a recognised issuer was found good. What it says is said by others, too."""
        self._familiar.trust(signed.canonical)
        if isinstance(signed.credential, AchievementCredential):
            self._achievements.trust(signed.credential.credentialSubject.achievement)

    def document(self, body: bytes, read: Callable[[bytes], Any]) -> Any:
        """The JSON of a key document. Nobody changes it."""
        known = self._documents.get(body)
        if known is None:
            known = read(body)
            self._documents.keep(body, known, len(body))
        return known

    def key(self, form: JsonObject, key_of: Callable[[JsonObject], PublicKey]) -> PublicKey:
        """The key in a verification method or a JWK that an issuer publishes: one object may be both, with another key each."""
        octets = msgspec.json.encode(form)
        known = self._keys.get((octets, key_of))
        if known is None:
            known = key_of(form)
            self._keys.keep((octets, key_of), known, len(octets))
        return known

    def lasting_key(self, body: bytes, method: str, purpose: str) -> PublicKey | None:
        """The key that a document lists under a name for a purpose without an end, so that it is good at any moment."""
        return self._lasting.get((body, method, purpose))

    def keep_lasting_key(self, body: bytes, method: str, purpose: str, key: PublicKey) -> None:
        self._lasting.keep((body, method, purpose), key, len(body) + len(method))

    def status_list(self, body: bytes) -> KnownList | None:
        return self._lists.get(body)

    def keep_status_list(self, body: bytes, known: KnownList) -> None:
        self._lists.keep(body, known, len(body) + len(known.bits) + len(known.signed.canonical or b""))
