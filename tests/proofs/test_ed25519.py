"""Two libraries verify Ed25519, OpenSSL always and libsodium where it is installed: what one accepts, the other does.

Taming the many EdDSAs (https://eprint.iacr.org/2020/1244) names where libraries differ: points of small order, points with a
component of small order, and numbers that are written in more ways than one. All of those are made here, by the formulas of
RFC 8032, section 5.1.
"""

from hashlib import sha512

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sentences import refusal

from credentials.proofs import ed25519
from credentials.proofs.ed25519 import PRIME as P
from credentials.proofs.ed25519 import SMALL_ORDER
from credentials.proofs.keys import ed25519_key

ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
MESSAGE = b"A district pays for this."

Point = tuple[int, int]


def add(one: Point, other: Point) -> Point:
    (x1, y1), (x2, y2) = one, other
    product = D * x1 * x2 * y1 * y2
    return (
        (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P,
        (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P,
    )


def times(number: int, point: Point) -> Point:
    result: Point = (0, 1)
    while number:
        if number & 1:
            result = add(result, point)
        point, number = add(point, point), number >> 1
    return result


def point_of(y: int) -> Point:
    """With the even x."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert (x * x - square) % P == 0
    return (x if x % 2 == 0 else P - x), y


def octets_of(point: Point, *, plus: int = 0) -> bytes:
    x, y = point
    return (y + plus | (x & 1) << 255).to_bytes(32, "little")


BASE = point_of(4 * pow(5, -1, P) % P)
TORSION_8 = next(point_of(y) for y in sorted(SMALL_ORDER) if times(4, point_of(y)) != (0, 1))
SECRET, NONCE = 0xA11CE << 200 | 5, 0xB0B << 210 | 7


def signed(key_torsion: int, nonce_torsion: int, *, nonce: int = NONCE, secret: int = SECRET) -> tuple[bytes, bytes]:
    """A key and a signature by its holder, each with a component of small order: multiples of a point of order 8."""
    key = octets_of(add(times(secret, BASE), times(key_torsion, TORSION_8)))
    r = octets_of(add(times(nonce, BASE), times(nonce_torsion, TORSION_8)))
    challenge = int.from_bytes(sha512(r + key + MESSAGE).digest(), "little")
    return key, r + ((nonce + challenge * secret) % ORDER).to_bytes(32, "little")


def both(key: bytes, signature: bytes, message: bytes = MESSAGE) -> bool:
    """What ``verify_ed25519`` says with either library; that they agree."""
    loaded = Ed25519PublicKey.from_public_bytes(key)
    said = ed25519.verify_ed25519(key, loaded, signature, message)
    by_openssl = len(signature) == 64 and signature[:32] not in ed25519._SMALL_ORDER_OCTETS
    by_openssl = by_openssl and ed25519._verified_by_openssl(loaded, signature, message)
    assert said == by_openssl
    return said


@pytest.fixture(autouse=True)
def libsodium() -> None:
    if not ed25519.HAS_LIBSODIUM:
        pytest.skip("the extra «libsodium» is not installed: there is nothing to compare")


def test_an_honest_signature_is_accepted_and_nothing_that_was_changed() -> None:
    key, signature = signed(0, 0)
    assert both(key, signature)
    assert not both(key, signature, MESSAGE + b"!")
    for place in range(64):
        assert not both(key, signature[:place] + bytes([signature[place] ^ 1]) + signature[place + 1 :])
    assert not both(key, signature[:-1])
    assert not both(key, signature + b"\0")


def test_they_agree_on_every_mixture_with_points_of_small_order() -> None:
    accepted = {(of_key, of_nonce): both(*signed(of_key, of_nonce)) for of_key in range(8) for of_nonce in range(8)}
    assert accepted[0, 0]
    assert not all(accepted.values())


def test_they_agree_where_r_is_a_point_of_small_order() -> None:
    for of_nonce in range(8):
        assert not both(*signed(0, of_nonce, nonce=0))


def test_a_key_of_small_order_on_which_they_differ_is_refused_before_anything_is_verified() -> None:
    for multiple in range(8):
        key, signature = signed(multiple, 0, secret=0)
        assert refusal(ed25519_key, key) == ("weak-key", "")
        assert not ed25519._verified_by_libsodium(key, signature, MESSAGE)


def test_s_beyond_the_order_is_refused() -> None:
    key, signature = signed(0, 0)
    s = int.from_bytes(signature[32:], "little")
    for larger in (s + ORDER, s + 2 * ORDER, s + 8 * ORDER):
        assert not both(key, signature[:32] + larger.to_bytes(32, "little"))


def test_a_second_spelling_of_r_is_refused() -> None:
    key, _ = signed(0, 0)
    for y in range(19):  # y + p fits in 255 bits
        try:
            r = octets_of(point_of(y), plus=P)
        except AssertionError:
            continue  # no point of the curve has this y
        for s in (0, 1, ORDER - 1):
            assert not both(key, r + s.to_bytes(32, "little"))


@pytest.mark.parametrize(
    "key", [bytes(31) + b"\x80", (2).to_bytes(32, "little")], ids=["x is 0 and odd", "off the curve"]
)
def test_a_key_that_is_no_point_verifies_nothing(key: bytes) -> None:
    _, signature = signed(0, 0)
    assert not ed25519._verified_by_libsodium(key, signature, MESSAGE)
