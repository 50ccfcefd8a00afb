"""Related resources: what is at hand is what the credential says, or it is not; what is not at hand is neither."""

from base64 import b64encode, urlsafe_b64encode
from hashlib import sha256, sha384, sha512
from typing import Any

import pytest

from credentials.errors import Refused
from credentials.proofs.multibase import multibase_base58
from credentials.verification.integrity import Integrity, check_resources, integrity_of

OCTETS = b'{"levels": 4}'
OTHER = b'{"levels": 5}'
ADDRESS = "https://alder.example/rubric.json"


def sri(octets: bytes, algorithm: Any = sha256) -> str:
    digest = algorithm(octets)
    return f"{digest.name}-{b64encode(digest.digest()).decode()}"


def u(octets: bytes) -> str:
    return "u" + urlsafe_b64encode(octets).decode().rstrip("=")


def hashed(octets: bytes) -> bytes:
    return b"\x12\x20" + sha256(octets).digest()


AT_HAND: dict[str, tuple[dict[str, Any], Integrity]] = {
    "SRI of SHA-256": ({"digestSRI": sri(OCTETS)}, Integrity.VERIFIED),
    "SRI of SHA-384": ({"digestSRI": sri(OCTETS, sha384)}, Integrity.VERIFIED),
    "SRI of SHA-512, with options": ({"digestSRI": sri(OCTETS, sha512) + "?ct=json"}, Integrity.VERIFIED),
    "several in one text": ({"digestSRI": f"{sri(OCTETS)} {sri(OCTETS, sha512)}"}, Integrity.VERIFIED),
    "several in a list": ({"digestSRI": [sri(OCTETS), sri(OCTETS, sha384)]}, Integrity.VERIFIED),
    "multihash in base58": ({"digestMultibase": multibase_base58(hashed(OCTETS))}, Integrity.VERIFIED),
    "multihash in base64url": ({"digestMultibase": u(hashed(OCTETS))}, Integrity.VERIFIED),
    "multihash of SHA-384": ({"digestMultibase": u(b"\x20\x30" + sha384(OCTETS).digest())}, Integrity.VERIFIED),
    "a bare digest": ({"digestMultibase": u(sha256(OCTETS).digest())}, Integrity.VERIFIED),
    "both kinds": ({"digestSRI": sri(OCTETS), "digestMultibase": [u(hashed(OCTETS))]}, Integrity.VERIFIED),
    "one that is not understood beside one that is": (
        {"digestSRI": sri(OCTETS), "digestMultibase": "mSGVsbG8"},
        Integrity.VERIFIED,
    ),
    "another SRI": ({"digestSRI": sri(OTHER)}, Integrity.DIFFERS),
    "another multihash": ({"digestMultibase": multibase_base58(hashed(OTHER))}, Integrity.DIFFERS),
    "another bare digest": ({"digestMultibase": u(sha256(OTHER).digest())}, Integrity.DIFFERS),
    "a good digest and a bad one": ({"digestSRI": sri(OCTETS), "digestMultibase": u(hashed(OTHER))}, Integrity.DIFFERS),
    "an algorithm that is not understood": ({"digestSRI": "md5-rL0Y20zC+Fzt72VPzMSk2A=="}, Integrity.NOT_CHECKED),
    "the digest of another algorithm": ({"digestSRI": "sha512-" + sri(OCTETS)[7:]}, Integrity.NOT_CHECKED),
    "hexadecimal digits": ({"digestSRI": "sha256-" + sha256(OCTETS).hexdigest()}, Integrity.NOT_CHECKED),
    "a base that is not understood": ({"digestMultibase": "f" + sha256(OCTETS).hexdigest()}, Integrity.NOT_CHECKED),
    "octets of no digest's length": ({"digestMultibase": u(b"short")}, Integrity.NOT_CHECKED),
    "no digest": ({}, Integrity.NOT_CHECKED),
}


@pytest.mark.parametrize("what", AT_HAND)
def test_every_digest_that_is_understood_must_agree(what: str) -> None:
    digests, expected = AT_HAND[what]
    assert integrity_of({"id": ADDRESS, **digests}, OCTETS) is expected
    assert integrity_of({"id": ADDRESS, **digests}, None) is Integrity.NOT_CHECKED


def test_what_is_not_at_hand_is_never_counted_as_verified() -> None:
    at_hand = {ADDRESS: OCTETS}.get
    bound = [{"id": ADDRESS, "digestSRI": sri(OCTETS)}, {"id": "https://alder.example/other", "digestSRI": sri(OTHER)}]
    assert check_resources({}, at_hand) == (0, 0)
    assert check_resources({"relatedResource": bound[0]}, at_hand) == (1, 1)
    assert check_resources({"relatedResource": bound}, at_hand) == (1, 2)
    assert check_resources({"relatedResource": ["form", {"id": 5}, {}]}, at_hand) == (0, 3)


@pytest.mark.parametrize(("several", "place"), [(False, "/relatedResource"), (True, "/relatedResource/0")])
def test_what_differs_is_refused_at_its_place(several: bool, place: str) -> None:
    wrong = {"id": ADDRESS, "digestSRI": sri(OTHER)}
    with pytest.raises(Refused) as refused:
        check_resources({"relatedResource": [wrong] if several else wrong}, {ADDRESS: OCTETS}.get)
    assert (refused.value.code, refused.value.pointer) == ("related-resource-differs", place)
