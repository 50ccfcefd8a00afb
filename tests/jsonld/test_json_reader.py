"""The strict reader takes what every JSON parser reads alike, and refuses the rest."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sentences import refusal, sentences

from credentials.jsonld import reader
from credentials.jsonld.reader import MAX_BYTES, read_json

TAKEN = {
    "an object": (b'{"a": [1, -2.5, true, false, null, "x"]}', {"a": [1, -2.5, True, False, None, "x"]}),
    "white space around it": (b' \t\r\n{"a":1}\n', {"a": 1}),
    "a bare string": (b'"x"', "x"),
    "an empty key": (b'{"": 1}', {"": 1}),
    "the same key in two objects": (b'{"a": {"a": 1}}', {"a": {"a": 1}}),
    "the largest whole number": (b"[9007199254740991, -9007199254740991]", [9007199254740991, -9007199254740991]),
    "a small fraction": (b"[1e-300, 1E3]", [1e-300, 1000.0]),
    "32 levels": (b"[" * 32 + b"]" * 32, None),
    "brackets in strings": (b'["' + b"[" * 100 + b'"]', ["[" * 100]),
    "brackets after an escaped quote": (b'["\\"' + b"{" * 100 + b'\\\\"]', ['"' + "{" * 100 + "\\"]),
    "a surrogate pair": (b'"\\ud83c\\udf0a"', "🌊"),
    "an escaped backslash before u0000": (b'"\\\\u0000"', "\\u0000"),
    "an escaped backslash before ud800": (b'"\\\\ud800"', "\\ud800"),
    "noncharacters": ('"\ufffe\uffff"'.encode(), "\ufffe\uffff"),
    "control characters, escaped": (b'"\\u0001\\u001f\x7f"', "\x01\x1f\x7f"),
}


@sentences(("data", "value"), TAKEN)
def test_strict_json_is_read(data: bytes, value: Any) -> None:
    assert read_json(data) == (json.loads(data) if value is None else value)


REFUSED = {
    "nothing": (b"", "PARSING_ERROR"),
    "a byte order mark": (b'\xef\xbb\xbf{"a":1}', "PARSING_ERROR"),
    "UTF-16": ('{"a":1}'.encode("utf-16"), "PARSING_ERROR"),
    "UTF-32 without a mark": ('{"a":1}'.encode("utf-32-le"), "PARSING_ERROR"),
    "Latin-1": (b'{"a":"\xe9"}', "PARSING_ERROR"),
    "an overlong slash": (b'{"a":"\xc0\xaf"}', "PARSING_ERROR"),
    "a surrogate in UTF-8": (b'{"a":"\xed\xa0\x80"}', "PARSING_ERROR"),
    "half a character at the end": (b'"\xe2\x82', "PARSING_ERROR"),
    "a lone high surrogate": (b'"\\ud800"', "PARSING_ERROR"),
    "a lone low surrogate in a key": (b'{"\\udc00": 1}', "PARSING_ERROR"),
    "surrogates in the wrong order": (b'"\\udc00\\ud800"', "PARSING_ERROR"),
    "U+0000, escaped": (b'{"a":"\\u0000"}', "PARSING_ERROR"),
    "U+0000 after an escaped backslash": (b'"\\\\\\u0000"', "PARSING_ERROR"),
    "U+0000, raw": (b'{"a":"\x00"}', "PARSING_ERROR"),
    "a raw line feed in a string": (b'"a\nb"', "PARSING_ERROR"),
    "an unknown escape": (b'"\\x41"', "PARSING_ERROR"),
    "half an escape": (b'"\\u12"', "PARSING_ERROR"),
    "an open string": (b'{"a', "PARSING_ERROR"),
    "single quotes": (b"{'a': 1}", "PARSING_ERROR"),
    "a comment": (b'{"a":1} // x', "PARSING_ERROR"),
    "a comma too many": (b"[1,]", "PARSING_ERROR"),
    "two values": (b"{} {}", "PARSING_ERROR"),
    "a leading zero": (b"[01]", "PARSING_ERROR"),
    "a leading plus": (b"[+1]", "PARSING_ERROR"),
    "a hexadecimal number": (b"[0x10]", "PARSING_ERROR"),
    "a full stop without digits": (b"[1.]", "PARSING_ERROR"),
    "Arabic digits": ("[٣]".encode(), "PARSING_ERROR"),
    "NaN": (b"[NaN]", "PARSING_ERROR"),
    "Infinity": (b"[Infinity]", "PARSING_ERROR"),
    "minus Infinity": (b"[-Infinity]", "PARSING_ERROR"),
    "a key twice": (b'{"a": 1, "b": 2, "a": 1}', "json-duplicate-key"),
    "a key twice, once escaped": (b'{"a": 1, "\\u0061": 2}', "json-duplicate-key"),
    "a key twice, deep inside": (b'{"x": [{"y": {"a": 1, "a": 2}}]}', "json-duplicate-key"),
    "a whole number one too large": (b"[9007199254740992]", "json-number-out-of-range"),
    "a whole number one too small": (b"[-9007199254740992]", "json-number-out-of-range"),
    "seventeen digits": (b"[10000000000000000]", "json-number-out-of-range"),
    "ten thousand digits": (b"[" + b"1" * 10_000 + b"]", "json-number-out-of-range"),
    "a number that overflows": (b"[1e400]", "json-number-out-of-range"),
    "33 levels": (b"[" * 33 + b"]" * 33, "json-too-deep"),
    "objects and arrays, 33 levels": (b'{"a":[' * 17 + b"]}" * 17, "json-too-deep"),
    "a hundred thousand levels": (b"[" * 100_000, "json-too-deep"),
    "a hundred thousand levels after a string with quotes": (b'["\\\\","\\"",' + b"[" * 100_000, "json-too-deep"),
    "a closing bracket too many": (b"[]]", "PARSING_ERROR"),
    "one byte too many": (b'"' + b"x" * (MAX_BYTES - 1) + b'"', "payload-too-large"),
}


@sentences(("data", "code"), REFUSED)
def test_anything_else_is_refused_with_its_code(data: bytes, code: str) -> None:
    began = time.process_time()
    assert refusal(read_json, data) == (code, "")
    assert time.process_time() - began < 1


def test_the_size_is_the_callers_to_choose() -> None:
    assert read_json(b"[1]", max_bytes=3) == [1]
    with pytest.raises(Exception, match="over 2 bytes"):
        read_json(b"[1]", max_bytes=2)


def test_the_hostile_samples_of_json_are_refused_by_the_reader_or_are_no_objects(shared: Path) -> None:
    samples = sorted((shared / "security" / "samples" / "json").glob("*.json"))
    assert samples
    for path in samples:
        refused = refusal(read_json, path.read_bytes())
        assert refused is not None or not isinstance(read_json(path.read_bytes()), dict), path.name


@given(st.binary(max_size=64))
def test_no_bytes_make_the_reader_fail_otherwise(data: bytes) -> None:
    refusal(read_json, data)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**53) + 1, 2**53 - 1)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), inner)
        ),
        max_leaves=20,
    )
)
def test_all_that_json_can_say_is_read_as_it_was_written(value: Any) -> None:
    assert read_json(json.dumps(value).encode()) == value
    assert read_json(json.dumps(value, ensure_ascii=False).encode()) == value


PIECES = [
    *(bytes([octet]) for octet in b'{}[]:,"\\ \n\t-+.eE0123456789'),
    *(b'"a"', b'"a":', b'"a" :', b'"b":1,', b'"\\u0061":', b'\\"', b'":', b'""', b"true", b"null", b"NaN", b"[" * 11),
    *(b"1e400", b"-0", b"1.50", b"9007199254740991", b"9007199254740993", b"9" * 20, b"9007199254740993.0"),
    *(b"\xc3\xa9", b"\xff"),
]


@settings(max_examples=600)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map(b"".join))
def test_the_fast_reader_reads_nothing_that_the_slow_one_reads_otherwise_or_refuses(data: bytes) -> None:
    compare_readers(data)
    compare_readers(b'{"a":' + data + b"}")


@settings(max_examples=300)
@given(mutated=st.data())
def test_nor_in_a_document_that_lost_or_gained_some_pieces(mutated: st.DataObject) -> None:
    text = json.dumps({"a": [1, {"b": "x", "c": [True, 2.5]}], "d": "é", "e": {"f": "g"}}, ensure_ascii=False).encode()
    for _ in range(mutated.draw(st.integers(1, 4))):
        place = mutated.draw(st.integers(0, len(text)))
        gone = mutated.draw(st.integers(0, 8))
        text = text[:place] + mutated.draw(st.sampled_from([*PIECES, b""])) + text[place + gone :]
    compare_readers(text)


def compare_readers(data: bytes) -> None:
    quickly = reader._read_plain(data)
    if quickly is not reader._NOT_PLAIN:
        assert repr(quickly) == repr(reader._read_slowly(data))  # 1 is not 1.0, and not true
