"""Lists of entries of one bit or several: what is put in comes out, and nothing else."""

import base64
import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sentences import refusal

from credentials.status.bitstring import MIN_ENTRIES, decode, decode_2021, encode, encode_values, value_at


@settings(max_examples=60, deadline=None)
@given(size=st.integers(1, 16), draw=st.data())
def test_an_entry_of_any_size_comes_out_as_it_was_put_in(size: int, draw: st.DataObject) -> None:
    places = st.integers(0, MIN_ENTRIES - 1) | st.sampled_from([0, 1, 2, 3, MIN_ENTRIES - 2, MIN_ENTRIES - 1])
    values = draw.draw(st.dictionaries(places, st.integers(0, (1 << size) - 1), max_size=12))
    bits = decode(encode_values(MIN_ENTRIES, values, size))
    assert len(bits) == MIN_ENTRIES * size // 8
    for index, value in values.items():
        assert value_at(bits, index, size) == value
        for neighbour in {index - 1, index + 1} - values.keys():
            if 0 <= neighbour < MIN_ENTRIES:
                assert value_at(bits, neighbour, size) == 0


def test_one_bit_is_the_leftmost_of_its_octet_first() -> None:
    assert decode(encode(MIN_ENTRIES, [0, 9]))[:2] == bytes([0b1000_0000, 0b0100_0000])
    assert encode(MIN_ENTRIES, [0, 9]) == encode_values(MIN_ENTRIES, {0: 1, 9: 1}, 1)


@pytest.mark.parametrize(("index", "value"), [(-1, 0), (MIN_ENTRIES, 0), (0, 4), (0, -1)])
def test_what_has_no_place_in_the_list_is_not_put_there(index: int, value: int) -> None:
    with pytest.raises(ValueError, match="cannot have the value"):
        encode_values(MIN_ENTRIES, {index: value}, 2)


def test_a_list_of_2021_is_read_in_base64_and_in_base64url_with_and_without_padding() -> None:
    bits = bytes(range(256)) * 64
    packed = gzip.compress(bits, mtime=0)
    for text in (base64.b64encode(packed), base64.urlsafe_b64encode(packed)):
        assert decode_2021(text.decode()) == bits
        assert decode_2021(text.decode().rstrip("=")) == bits


@pytest.mark.parametrize("text", ["ü", "====", "H4sI=", "H4sI====", "H4 sI", "uH4sI"])
def test_anything_else_is_no_list_of_2021(text: str) -> None:
    assert refusal(decode_2021, text) == ("STATUS_VERIFICATION_ERROR", "")
