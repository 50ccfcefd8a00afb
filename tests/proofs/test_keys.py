"""A public key is what it says, or it is refused; and it verifies what its holder signed and nothing else."""

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, SECP384R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st
from local_keys import key_of_rsa, local_key

from credentials.errors import Refused
from credentials.proofs.ed25519 import PRIME, SMALL_ORDER, on_curve
from credentials.proofs.keys import check_signature, ec_key, ed25519_key, rsa_key, uncompressed
from credentials.proofs.model import KeyType

ORDER = {KeyType.P256: SECP256R1.group_order, KeyType.P384: SECP384R1.group_order}
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493
MESSAGE = b"what was signed"


def refusal(call, *arguments):
    with pytest.raises(Refused) as caught:
        call(*arguments)
    return caught.value.code


# Edwards curve arithmetic in affine coordinates, from RFC 8032, section 5.1, to find the bad keys by ourselves.

D = -121665 * pow(121666, -1, PRIME) % PRIME


def add(p, q):
    (x1, y1), (x2, y2) = p, q
    product = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, PRIME)
    y = (y1 * y2 + x1 * x2) * pow(1 - product, -1, PRIME)
    return x % PRIME, y % PRIME


def times(count, point):
    total = (0, 1)
    for _ in range(count):
        total = add(total, point)
    return total


def points_with(y):
    """The points of the curve with this y."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, PRIME) % PRIME
    root = pow(square, (PRIME + 3) // 8, PRIME)
    if root * root % PRIME != square:
        root = root * pow(2, (PRIME - 1) // 4, PRIME) % PRIME
    return {(root, y), (-root % PRIME, y)} if root * root % PRIME == square else set()


def encoded(point):
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")


SMALL = sorted({point for y in SMALL_ORDER for point in points_with(y)})


def test_the_refused_points_are_the_eight_whose_order_divides_eight():
    assert len(SMALL) == 8
    assert all(times(8, point) == (0, 1) for point in SMALL)


@pytest.mark.parametrize("point", SMALL, ids=lambda point: encoded(point).hex()[:16])
def test_a_point_of_small_order_is_no_key(point):
    assert refusal(ed25519_key, encoded(point)) == "weak-key"


def test_openssl_would_have_let_everybody_sign_for_the_identity_point():
    """M1: this is why the check is ours. R = identity, s = 0 satisfies every equation when A is the identity."""
    identity = encoded((0, 1))
    Ed25519PublicKey.from_public_bytes(identity).verify(identity + bytes(32), MESSAGE)


@pytest.mark.parametrize("y", range(19))
@pytest.mark.parametrize("sign", [0, 1])
def test_a_second_spelling_of_a_coordinate_is_no_key(y, sign):
    octets = (y + PRIME | sign << 255).to_bytes(32, "little")
    assert refusal(ed25519_key, octets) == "weak-key"


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_an_ed25519_key_has_32_octets(length):
    assert refusal(ed25519_key, b"\x05" * length) == "INVALID_VERIFICATION_METHOD"


def test_a_coordinate_without_a_point_verifies_nothing_and_is_named_as_the_reason():
    y = next(y for y in range(2, 100) if not points_with(y))
    key = ed25519_key(y.to_bytes(32, "little"))
    assert refusal(lambda: check_signature(key, bytes(64), MESSAGE, code="X")) == "INVALID_VERIFICATION_METHOD"


@given(st.integers(0, PRIME - 1))
def test_on_curve_says_whether_there_is_a_point(y):
    assert on_curve(y.to_bytes(32, "little")) == bool(points_with(y))


SIGNING = [KeyType.ED25519, KeyType.P256, KeyType.P384]


@pytest.mark.parametrize("key_type", SIGNING)
def test_a_key_verifies_what_its_holder_signed_and_nothing_else(key_type):
    key, other = local_key(key_type, 1), local_key(key_type, 2)
    signature = key.sign(MESSAGE)
    assert key.public.verify(signature, MESSAGE)
    assert not key.public.verify(signature, MESSAGE + b".")
    assert not other.public.verify(signature, MESSAGE)
    assert refusal(lambda: check_signature(other.public, signature, MESSAGE, code="X")) == "X"


@pytest.mark.parametrize("key_type", SIGNING)
@given(data=st.data())
def test_a_signature_with_one_bit_turned_does_not_verify(key_type, data):
    key = local_key(key_type)
    signature = bytearray(key.sign(MESSAGE))
    bit = data.draw(st.integers(0, 8 * len(signature) - 1))
    signature[bit // 8] ^= 1 << bit % 8
    assert not key.public.verify(bytes(signature), MESSAGE)


@pytest.mark.parametrize("key_type", SIGNING)
@given(signature=st.binary(max_size=200))
def test_no_other_octets_verify_or_do_harm(key_type, signature):
    assert not local_key(key_type).public.verify(signature, MESSAGE)


def test_an_ed25519_signature_with_the_group_order_added_does_not_verify():
    """S + L is the same number to a lax verifier (RFC 8032, section 5.1.7: S must be below L)."""
    signature = local_key(KeyType.ED25519).sign(MESSAGE)
    s = int.from_bytes(signature[32:], "little") + ED25519_ORDER
    assert not local_key(KeyType.ED25519).public.verify(signature[:32] + s.to_bytes(32, "little"), MESSAGE)


@pytest.mark.parametrize("key_type", [KeyType.P256, KeyType.P384])
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda r, s, n: (0, 0), id="r and s are zero"),
        pytest.param(lambda r, s, n: (0, s), id="r is zero"),
        pytest.param(lambda r, s, n: (r, 0), id="s is zero"),
        pytest.param(lambda r, s, n: (n, s), id="r is the order"),
        pytest.param(lambda r, s, n: (r, n), id="s is the order"),
        pytest.param(lambda r, s, n: (s, r), id="r and s change places"),
        pytest.param(lambda r, s, n: (1, 1), id="r and s are one"),
        pytest.param(lambda r, s, n: (n - r, s), id="r is negated"),
    ],
)
def test_r_and_s_are_in_their_range(key_type, change):
    key, size = local_key(key_type), 32 if key_type is KeyType.P256 else 48
    signature = key.sign(MESSAGE)
    r, s = int.from_bytes(signature[:size]), int.from_bytes(signature[size:])
    r, s = change(r, s, ORDER[key_type])
    assert not key.public.verify(r.to_bytes(size) + s.to_bytes(size), MESSAGE)


def test_r_plus_the_order_is_not_r_again():
    """Where r + n still fits, a verifier that reduces it would take two signatures for one."""
    key = local_key(KeyType.P256)
    for number in range(1000):
        signature = key.sign(MESSAGE + number.to_bytes(2))
        r = int.from_bytes(signature[:32]) + ORDER[KeyType.P256]
        if r < 1 << 256:
            assert not key.public.verify(r.to_bytes(32) + signature[32:], MESSAGE + number.to_bytes(2))
            return


def test_the_twin_of_an_ecdsa_signature_verifies_so_that_a_signature_is_no_identity():
    """M12: FIPS 186-5 allows (r, n - s). Nothing here may compare or remember signatures."""
    key = local_key(KeyType.P256)
    signature = key.sign(MESSAGE)
    twin = signature[:32] + (ORDER[KeyType.P256] - int.from_bytes(signature[32:])).to_bytes(32)
    assert twin != signature
    assert key.public.verify(twin, MESSAGE)


@pytest.mark.parametrize(
    "shorten",
    [
        pytest.param(lambda signature, size: signature[:-1], id="an octet is missing"),
        pytest.param(lambda signature, size: signature + b"\0", id="an octet too many"),
        pytest.param(lambda signature, size: b"\0" + signature[:size] + b"\0" + signature[size:], id="both padded"),
        pytest.param(lambda signature, size: b"", id="nothing"),
    ],
)
@pytest.mark.parametrize("key_type", [KeyType.P256, KeyType.P384])
def test_an_ecdsa_signature_has_exactly_its_length(key_type, shorten):
    key = local_key(key_type)
    signature = shorten(key.sign(MESSAGE), 32 if key_type is KeyType.P256 else 48)
    assert not key.public.verify(signature, MESSAGE)


def test_a_der_signature_is_not_one_of_ours():
    private = derive_private_key(2, SECP256R1())
    der = private.sign(MESSAGE, ECDSA(SHA256(), deterministic_signing=True))
    assert not local_key(KeyType.P256).public.verify(der, MESSAGE)


@pytest.mark.parametrize("key_type", [KeyType.P256, KeyType.P384])
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda point: b"\x05" + point[1:], id="another first octet"),
        pytest.param(lambda point: point[:-1], id="too short"),
        pytest.param(lambda point: point + b"\0", id="too long"),
        pytest.param(lambda point: b"", id="nothing"),
        pytest.param(lambda point: b"\0", id="the point at infinity"),
        pytest.param(lambda point: b"\x02" + b"\xff" * (len(point) - 1), id="x beyond the field"),
        pytest.param(lambda point: b"\x04" + point[1:] + b"\1" * (len(point) - 1), id="off the curve"),
    ],
)
def test_what_is_not_a_point_of_the_curve_is_no_key(key_type, spoil):
    assert refusal(ec_key, key_type, spoil(local_key(key_type).public.octets)) == "INVALID_VERIFICATION_METHOD"


def test_a_compressed_and_an_uncompressed_point_are_the_same_key():
    key = local_key(KeyType.P384).public
    x, y = uncompressed(key)
    assert ec_key(KeyType.P384, b"\4" + x + y) == key
    assert hash(ec_key(KeyType.P384, b"\4" + x + y)) == hash(key)


RSA_2048 = rsa.generate_private_key(65537, 2048)


def test_an_rsa_key_verifies_pkcs1_signatures_of_its_holder():
    key = key_of_rsa(RSA_2048)
    signature = key.sign(MESSAGE)
    assert key.public.verify(signature, MESSAGE)
    assert not key.public.verify(signature, MESSAGE + b".")
    assert not key.public.verify(b"\0" + signature, MESSAGE)
    assert not key.public.verify(signature[:-1], MESSAGE)
    assert not key.public.verify(bytes(256), MESSAGE)


@pytest.mark.parametrize(
    ("modulus", "exponent"),
    [
        pytest.param((1 << 1023) + 1, 65537, id="1024 bits"),
        pytest.param((1 << 2046) + 1, 65537, id="2047 bits"),
        pytest.param((1 << 4096) + 1, 65537, id="4097 bits"),
        pytest.param((1 << 2047) + 1, 3, id="exponent 3"),
        pytest.param((1 << 2047) + 1, 1, id="exponent 1"),
        pytest.param((1 << 2047) + 1, 65539, id="another exponent"),
        pytest.param(1 << 2047, 65537, id="an even modulus"),
        pytest.param(0, 65537, id="no modulus"),
    ],
)
def test_a_weak_rsa_key_is_refused(modulus, exponent):
    assert refusal(rsa_key, modulus, exponent) == "weak-key"
