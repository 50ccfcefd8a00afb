"""A token inside a document: one type, one data: URL, and nothing else."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.errors import Refused
from credentials.proofs.enveloped import MEDIA_TYPES, enveloped, is_envelope, read_envelope

V2 = "https://www.w3.org/ns/credentials/v2"
TOKEN = "eyJhbGciOiJFUzI1NiJ9.e30.AA"
GOOD = enveloped(TOKEN)


@pytest.mark.parametrize("kind", MEDIA_TYPES)
def test_what_is_put_in_comes_out(kind):
    found = read_envelope(enveloped(TOKEN, kind))
    assert (found.type, found.media_type, found.token) == (kind, MEDIA_TYPES[kind], TOKEN.encode())


@pytest.mark.parametrize(
    "more",
    [{"type": ["EnvelopedVerifiableCredential"]}, {"@context": [V2]}],
    ids=["a type in a list", "a context in one"],
)
def test_one_value_may_stand_in_a_list(more):
    assert read_envelope(GOOD | more).token == TOKEN.encode()


def test_an_envelope_inside_a_presentation_needs_no_context():
    assert read_envelope({"type": GOOD["type"], "id": GOOD["id"]}).token == TOKEN.encode()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"type": "VerifiableCredential"}, "MALFORMED_VALUE_ERROR", id="another type"),
        pytest.param({"type": [GOOD["type"], "VerifiableCredential"]}, "MALFORMED_VALUE_ERROR", id="two types"),
        pytest.param({"type": None}, "MALFORMED_VALUE_ERROR", id="null for a type"),
        pytest.param({"issuer": "did:example:x"}, "MALFORMED_VALUE_ERROR", id="another member"),
        pytest.param({"@context": [V2, "urn:x:y"]}, "context-not-allowed", id="another context"),
        pytest.param({"id": 5}, "MALFORMED_VALUE_ERROR", id="a number for an id"),
        pytest.param({"id": "https://a.example/vc"}, "MALFORMED_VALUE_ERROR", id="something to fetch"),
        pytest.param({"id": "DATA:application/vc+jwt," + TOKEN}, "MALFORMED_VALUE_ERROR", id="capitals"),
        pytest.param({"id": "data:application/vc+jwt,é"}, "MALFORMED_VALUE_ERROR", id="no ASCII"),
        pytest.param({"id": "data:application/vc+jwt"}, "unsupported-media-type", id="no token"),
        pytest.param({"id": "data:application/vc+jwt;base64," + TOKEN}, "unsupported-media-type", id="base64"),
        pytest.param({"id": "data:application/vc+sd-jwt," + TOKEN}, "unsupported-media-type", id="an SD-JWT"),
        pytest.param({"id": "data:application/vp+jwt," + TOKEN}, "unsupported-media-type", id="a presentation in it"),
        pytest.param({"id": "data:text/html," + TOKEN}, "unsupported-media-type", id="a page"),
    ],
)
def test_any_other_envelope_is_refused(change, code):
    with pytest.raises(Refused) as caught:
        read_envelope(GOOD | change)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (GOOD["type"], True),
        (["EnvelopedVerifiablePresentation"], True),
        ([GOOD["type"], "VerifiableCredential"], True),
        ("VerifiableCredential", False),
        (None, False),
        ([5, None], False),
        ({"a": 1}, False),
    ],
    ids=str,
)
def test_what_calls_itself_an_envelope_is_treated_as_one(kind, expected):
    assert is_envelope({"type": kind}) is expected


@given(
    st.dictionaries(st.sampled_from(["id", "type", "@context", "x"]), st.none() | st.text() | st.lists(st.integers()))
)
def test_no_envelope_does_harm(members):
    is_envelope(members)
    with contextlib.suppress(Refused):
        read_envelope(GOOD | members)
