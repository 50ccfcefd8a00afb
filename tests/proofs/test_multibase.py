"""base58btc and base64url: one text for every octet string, and no other."""

import base64

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from credentials.errors import Malformed, TooLarge
from credentials.proofs.multibase import (
    MAX_BASE58_CHARACTERS,
    base58_decode,
    base58_encode,
    base64url_decode,
    base64url_encode,
    multibase_base58,
    multibase_base64url,
    octets_of_base58,
    octets_of_base64url,
)

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def naive_base58(octets: bytes) -> str:
    """Base 58 as its definition has it."""
    number, text = int.from_bytes(octets), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" * (len(octets) - len(octets.lstrip(b"\0"))) + text


@given(st.binary(max_size=200))
@example(b"")
@example(b"\0")
@example(b"\0" * 40)
@example(b"\0\0\x01")
@example(b"\xff" * 96)
@example((58**64).to_bytes(48))
@example((58**64 - 1).to_bytes(47))
@example((58**1024 - 1).to_bytes(750))
def test_base58_is_what_its_definition_says_and_comes_back(octets):
    text = base58_encode(octets)
    assert text == naive_base58(octets)
    assert base58_decode(text) == octets
    assert octets_of_base58(multibase_base58(octets)) == octets


@given(st.text(alphabet=ALPHABET, max_size=200))
def test_every_base58_text_is_the_one_text_of_its_octets(text):
    assert base58_encode(base58_decode(text)) == text


@pytest.mark.parametrize("foreign", ["0", "O", "I", "l", " ", "\n", "+", "=", "é", "１", "\0", "\x7f"])
@pytest.mark.parametrize("place", ["{}abc", "a{}bc", "abc{}"])
def test_base58_has_no_other_characters(foreign, place):
    with pytest.raises(Malformed):
        base58_decode(place.format(foreign))


def test_a_long_base58_text_is_refused_before_it_costs_anything():
    with pytest.raises(TooLarge):
        base58_decode("2" * (MAX_BASE58_CHARACTERS + 1))
    assert base58_decode("2" * MAX_BASE58_CHARACTERS)
    with pytest.raises(TooLarge):
        base58_encode((58**MAX_BASE58_CHARACTERS).to_bytes(751))


@given(st.binary(max_size=200))
def test_base64url_is_what_the_standard_library_says_and_comes_back(octets):
    text = base64url_encode(octets)
    assert text == base64.urlsafe_b64encode(octets).rstrip(b"=")
    assert base64url_decode(text) == octets
    assert octets_of_base64url(multibase_base64url(octets)) == octets


@given(st.binary(max_size=12))
@example(b"AB")
@example(b"AAB")
@example(b"A")
@example(b"AAAAA")
def test_whatever_base64url_reads_it_would_write_the_same(text):
    try:
        octets = base64url_decode(text)
    except Malformed:
        return
    assert base64url_encode(octets) == text


@pytest.mark.parametrize("length", [4, 6, 7, 8])
def test_no_octet_outside_its_alphabet_is_read_at_any_place(length):
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for place in range(length):
        for octet in set(range(256)) - set(alphabet):
            with pytest.raises(Malformed):
                base64url_decode(b"A" * place + bytes([octet]) + b"A" * (length - place - 1))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"QUI=", id="padding"),
        pytest.param(b"QQ==", id="two characters of padding"),
        pytest.param(b"QUJ", id="stray bits after two octets"),
        pytest.param(b"QR", id="stray bits after one octet"),
        pytest.param(b"Q", id="a single character"),
        pytest.param(b"QU+/", id="the alphabet of base64"),
        pytest.param(b"QU\nJC", id="a line break"),
        pytest.param(b" QUJC", id="a space in front"),
    ],
)
def test_base64url_is_strict(text):
    with pytest.raises(Malformed):
        base64url_decode(text)


@pytest.mark.parametrize("value", [None, 5, b"z2", "", "2", "u2", "m2", ["z2"]])
def test_a_multibase_text_starts_with_the_letter_of_its_encoding(value):
    with pytest.raises(Malformed):
        octets_of_base58(value)


@pytest.mark.parametrize("value", [None, 5, b"uAA", "", "AA", "zAA", "ué"])
def test_a_multibase_base64url_text_starts_with_its_letter(value):
    with pytest.raises(Malformed):
        octets_of_base64url(value)
