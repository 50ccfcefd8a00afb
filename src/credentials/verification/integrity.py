"""Is a resource that a credential binds by its digest what is at hand here? From values alone.

VCDM 2.0, section 5.3, "Integrity of Related Resources"; Subresource Integrity, section 3.5; Controlled Identifiers 1.0,
sections 2.4 and 2.5 (Multibase, Multihash). Nothing is fetched for this: a stranger's credential is no way to make us knock on
doors, and whoever keeps a resource would learn that the credential was shown. At hand are the pinned contexts.
"""

from base64 import b64decode
from collections.abc import Callable, Iterator
from enum import StrEnum
from hashlib import new
from typing import Any

from credentials.errors import Malformed, Refused
from credentials.openbadges.terms import HASH_EXPRESSION, one_or_many
from credentials.proofs.model import JsonObject
from credentials.proofs.multibase import octets_of_base58, octets_of_base64url

AtHand = Callable[[str], bytes | None]
"""The octets of a resource by its address; ``None`` for one that is not at hand."""

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
    if not digests:
        return Integrity.NOT_CHECKED
    made = {algorithm: new(algorithm, octets).digest() for algorithm in {algorithm for algorithm, _ in digests}}
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
        octets = at_hand(resource["id"])
        if octets is None:
            continue
        found = integrity_of(resource, octets)
        if found is Integrity.DIFFERS:
            place = f"/relatedResource/{index}" if isinstance(document["relatedResource"], list) else "/relatedResource"
            detail = f"{resource['id'][:200]} is known here, and has another digest than the credential says."
            raise Refused("related-resource-differs", detail, place)
        verified += found is Integrity.VERIFIED
    return verified, len(resources)


def _digests(resource: JsonObject) -> Iterator[tuple[str, bytes]]:
    """The digests that are understood, each with its algorithm. One that is too long or too short for its algorithm is one that
    nothing has."""
    for text in _texts(resource.get("digestSRI")):
        for word in text.split():
            found = HASH_EXPRESSION.fullmatch(word)
            if found is not None:
                yield found[1], _of_base64(found[2])
    for text in _texts(resource.get("digestMultibase")):
        try:
            octets = octets_of_base58(text) if text.startswith("z") else octets_of_base64url(text)
        except Malformed:
            continue  # of another base
        if octets[:2] in _MULTIHASH and len(octets) == 2 + octets[1]:
            yield _MULTIHASH[octets[:2]], octets[2:]
        elif len(octets) in _BARE:
            yield _BARE[len(octets)], octets


def _of_base64(text: str) -> bytes:
    """Of either alphabet, padded or not (Content Security Policy, "base64-value"); nothing for what cannot be any octets."""
    digits = text.rstrip("=").replace("-", "+").replace("_", "/")
    return b64decode(digits + "=" * (-len(digits) % 4)) if len(digits) % 4 != 1 else b""


def _texts(value: Any) -> Iterator[str]:
    yield from (text for text in one_or_many(value) if isinstance(text, str))
