"""RFC 8785: our fast encoding has the octets of the reference, or steps aside for it."""

import json
from enum import StrEnum

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from credentials.errors import Refused
from credentials.proofs.jcs import canonical_json

AWKWARD = '\b\f\n\r\t\x00\x1f\x7f\x80\u2028\u2029\ue000\uffff😀"\\/'
CHARACTERS = st.characters(exclude_categories=["Cs"]) | st.sampled_from(AWKWARD)
TEXT = st.text(CHARACTERS, max_size=20)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=30,
)


@given(JSON)
@settings(max_examples=500)
@example({"\ue000": 1, "😀": 2, "a": 3, "aa": 4, "": 5})
@example({"é": "é", "ａ": 1})
@example([0.0, -0.0, 1e21, 1e-7, 333333333.33333329, 1.5, 5e-324])
@example({"a": {"b": [{"c": 1.0}]}, "z": 1})
@example(10**15)
def test_it_is_what_the_reference_says(value):
    assert canonical_json(value) == rfc8785.dumps(value)


def test_every_character_of_the_basic_plane_is_written_as_the_reference_writes_it():
    for number in range(0x10000):
        if not 0xD800 <= number < 0xE000:
            assert canonical_json(chr(number)) == rfc8785.dumps(chr(number)), number


def test_the_example_of_the_standard():
    """RFC 8785, sections 3.2.2 to 3.2.4."""
    value = json.loads(
        r"""{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}"""
    )
    assert canonical_json(value).hex() == (
        "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e33333333"
        "3333332c31652b33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e412742"
        "5c225c5c5c5c5c222f227d"
    )


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(2**53, id="an integer beyond what a double holds"),
        pytest.param(-(2**53), id="the same below zero"),
        pytest.param({"n": 10**5000}, id="an integer of five thousand digits"),
        pytest.param(float("nan"), id="not a number"),
        pytest.param([float("inf")], id="infinity"),
        pytest.param("\ud800", id="a lone surrogate"),
        pytest.param({"\udc00": 1}, id="a lone surrogate in a key"),
        pytest.param({"a": 1.5, "\ud800": 1}, id="the same where the reference encodes"),
        pytest.param({"a": {1, 2}}, id="a set"),
        pytest.param({"a": object()}, id="some object"),
        pytest.param({"a": b"octets"}, id="octets"),
        pytest.param(nested(100), id="a hundred levels"),
        pytest.param([1.5, nested(100_000)], id="a hundred thousand levels, after a fraction"),
    ],
)
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(Refused) as caught:
        canonical_json(value)
    assert caught.value.code == "PROOF_TRANSFORMATION_ERROR"


class Colour(StrEnum):
    RED = "red"


def test_a_text_of_a_narrower_type_is_a_text():
    assert canonical_json({"colour": Colour.RED}) == b'{"colour":"red"}'
