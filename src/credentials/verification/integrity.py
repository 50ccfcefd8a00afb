"""Is a resource that a credential binds by its digest what is at hand here? From values alone.

VCDM 2.0, section 5.3, "Integrity of Related Resources"; Subresource Integrity, section 3.5; Controlled Identifiers 1.0,
sections 2.4 and 2.5 (Multibase, Multihash). Nothing is fetched for this: a stranger's credential is no way to make us knock on
doors, and whoever keeps a resource would learn that the credential was shown. At hand are the pinned contexts.
"""

import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from enum import StrEnum
from hashlib import new
from typing import Any

from credentials.errors import Malformed, Refused
from credentials.openbadges.terms import one_or_many
from credentials.proofs.model import JsonObject
from credentials.proofs.multibase import octets_of_base58, octets_of_base64url

AtHand = Callable[[str], bytes | None]
"""The octets of a resource by its address; ``None`` for one that is not at hand."""

_SRI = re.compile(r"(sha256|sha384|sha512)-([A-Za-z0-9+/]+={0,2})(?:\?[!-~]*)?")
_MULTIHASH = {b"\x12\x20": "sha256", b"\x20\x30": "sha384", b"\x13\x40": "sha512"}
"""The code of the algorithm, and the length of its digest."""
_BARE = {32: "sha256", 48: "sha384", 64: "sha512"}
"""By its length: a digest that nothing says the algorithm of, as in samples of the W3C."""


class Integrity(StrEnum):
    """*Not checked*: it is not at hand, or has no digest that is understood here. Nothing follows from that."""

    VERIFIED = "verified"
    DIFFERS = "differs"
    NOT_CHECKED = "not-checked"


def integrity_of(resource: JsonObject, octets: bytes | None) -> Integrity:
    """What the octets of one related resource are, by every digest of it that is understood: all of them must agree."""
    if octets is None:
        return Integrity.NOT_CHECKED
    digests = set(_digests(resource))
    made = {algorithm: new(algorithm, octets).digest() for algorithm, _ in digests}
    if not digests:
        return Integrity.NOT_CHECKED
    agree = all(made[algorithm] == digest for algorithm, digest in digests)
    return Integrity.VERIFIED if agree else Integrity.DIFFERS


def check_resources(document: JsonObject, at_hand: AtHand) -> tuple[int, int]:
    """How many related resources of a credential are verified, and of how many. Their form is for ``openbadges.check``.

    Raises ``Refused`` with ``related-resource-differs`` for one that is at hand and is not what the credential says.
    """
    verified = 0
    resources = one_or_many(document.get("relatedResource"))
    for index, resource in enumerate(resources):
        if not isinstance(resource, dict) or not isinstance(resource.get("id"), str):
            continue
        found = integrity_of(resource, at_hand(resource["id"]))
        if found is Integrity.DIFFERS:
            place = f"/relatedResource/{index}" if isinstance(document["relatedResource"], list) else "/relatedResource"
            detail = f"{resource['id'][:200]} is known here, and has another digest than the credential says."
            raise Refused("related-resource-differs", detail, place)
        verified += found is Integrity.VERIFIED
    return verified, len(resources)


def _digests(resource: JsonObject) -> Iterator[tuple[str, bytes]]:
    """The digests that are understood, each with its algorithm."""
    for text in _texts(resource.get("digestSRI")):
        for word in text.split():
            found = _SRI.fullmatch(word)
            if found is not None and len(found[2]) % 4 == 0:
                yield from _of(found[1], b64decode(found[2]))
    for text in _texts(resource.get("digestMultibase")):
        try:
            octets = octets_of_base58(text) if text.startswith("z") else octets_of_base64url(text)
        except Malformed:
            continue  # of another base
        if octets[:2] in _MULTIHASH and len(octets) == 2 + octets[1]:
            yield _MULTIHASH[octets[:2]], octets[2:]
        elif len(octets) in _BARE:
            yield _BARE[len(octets)], octets


def _of(algorithm: str, digest: bytes) -> Iterator[tuple[str, bytes]]:
    if _BARE.get(len(digest)) == algorithm:
        yield algorithm, digest


def _texts(value: Any) -> Iterator[str]:
    yield from (text for text in one_or_many(value) if isinstance(text, str))
