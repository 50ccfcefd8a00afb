"""The little of CBOR that proof values are written in: one spelling for every value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.errors import Malformed
from credentials.proofs import cbor

SCALARS = st.integers(0, 2**64 - 1) | st.binary(max_size=300) | st.text(max_size=300)
VALUES = SCALARS | st.lists(SCALARS | st.dictionaries(st.integers(0, 2**32), SCALARS), max_size=30)


@given(VALUES)
def test_a_value_comes_back(value):
    assert cbor.decode(cbor.encode(value)) == value


@given(st.binary(max_size=60))
def test_what_is_read_would_be_written_the_same_and_anything_else_is_refused(octets):
    try:
        value = cbor.decode(octets)
    except Malformed:
        return
    assert cbor.encode(value) == octets


@pytest.mark.parametrize(
    ("value", "octets"),
    [
        (0, "00"),
        (23, "17"),
        (24, "1818"),
        (1000, "1903e8"),
        (1000000, "1a000f4240"),
        (18446744073709551615, "1bffffffffffffffff"),
        (b"\1\2\3\4", "4401020304"),
        ("ü", "62c3bc"),
        ([], "80"),
        ([1, [2, 3], [4, 5]], "8301820203820405"),
        ({1: 2, 3: 4}, "a201020304"),
    ],
    ids=str,
)
def test_the_examples_of_the_standard(value, octets):
    """RFC 8949, appendix A."""
    assert cbor.encode(value).hex() == octets
    assert cbor.decode(bytes.fromhex(octets)) == value


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param("", id="nothing"),
        pytest.param("0000", id="two values"),
        pytest.param("1817", id="a number written longer than it needs to be"),
        pytest.param("190017", id="a number written much longer"),
        pytest.param("1a0000ffff", id="four octets for a number of two"),
        pytest.param("1b00000000ffffffff", id="eight octets for a number of four"),
        pytest.param("20", id="a negative number"),
        pytest.param("f5", id="true"),
        pytest.param("f6", id="null"),
        pytest.param("fb3ff0000000000000", id="a fraction"),
        pytest.param("c000", id="a tag"),
        pytest.param("d8404401020304", id="tag 64 around octets"),
        pytest.param("5f41004100ff", id="octets of indefinite length"),
        pytest.param("9fff", id="an array of indefinite length"),
        pytest.param("1c", id="a reserved length"),
        pytest.param("44010203", id="octets that break off"),
        pytest.param("5bffffffffffffffff", id="octets of an impossible length"),
        pytest.param("9bffffffffffffffff", id="an array of an impossible length"),
        pytest.param("bbffffffffffffffff", id="a map of an impossible length"),
        pytest.param("8201", id="an array that breaks off"),
        pytest.param("a203040102", id="keys in another order"),
        pytest.param("a201020102", id="a key twice"),
        pytest.param("a1610102", id="a key that is a text"),
        pytest.param("a18000", id="a key that is an array"),
        pytest.param("61ff", id="a text that is not UTF-8"),
        pytest.param("81" * 100 + "00", id="a hundred levels"),
        pytest.param("81" * 100_000 + "00", id="a hundred thousand levels"),
    ],
)
def test_anything_else_is_refused(octets):
    with pytest.raises(Malformed):
        cbor.decode(bytes.fromhex(octets))


def test_a_number_beyond_64_bits_cannot_be_written():
    with pytest.raises(ValueError, match="too large"):
        cbor.encode(2**64)
