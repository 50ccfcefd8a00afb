"""JSON Pointers and what they select of a document."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.errors import Refused
from credentials.proofs.selection import MAX_POINTERS, escape_token, parse_pointer, select

DOCUMENT = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "id": "urn:uuid:1",
    "type": ["VerifiableCredential"],
    "issuer": {
        "id": "did:example:issuer",
        "name": "Alder",
        "image": {"id": "https://alder.example/i", "type": "Image"},
    },
    "credentialSubject": {
        "type": "AchievementSubject",
        "result": [{"type": "Result", "value": "1"}, {"id": "urn:r:2", "value": "2"}, {"value": "3"}],
        "a/b": {"m~n": "tilde and slash"},
    },
    "evidence": [["x", "y"], ["z"]],
}
ROOT = {member: DOCUMENT[member] for member in ("@context", "id", "type")}


@pytest.mark.parametrize(
    ("pointers", "expected"),
    [
        pytest.param(["/issuer/name"], {"issuer": {"id": "did:example:issuer", "name": "Alder"}}, id="a member"),
        pytest.param(["/issuer"], {"issuer": DOCUMENT["issuer"]}, id="an object"),
        pytest.param(["/issuer/name", "/issuer"], {"issuer": DOCUMENT["issuer"]}, id="an object after a member of it"),
        pytest.param(["/issuer", "/issuer/name"], {"issuer": DOCUMENT["issuer"]}, id="a member after its whole object"),
        pytest.param(
            ["/issuer/image/id"],
            {"issuer": {"id": "did:example:issuer", "image": {"id": "https://alder.example/i", "type": "Image"}}},
            id="types and ids on the way",
        ),
        pytest.param(
            ["/credentialSubject/result/2/value", "/credentialSubject/result/0/value"],
            {
                "credentialSubject": {
                    "type": "AchievementSubject",
                    "result": [{"type": "Result", "value": "1"}, {"value": "3"}],
                }
            },
            id="elements of an array, which closes up in its own order",
        ),
        pytest.param(
            ["/credentialSubject/result/1"],
            {"credentialSubject": {"type": "AchievementSubject", "result": [{"id": "urn:r:2", "value": "2"}]}},
            id="one element",
        ),
        pytest.param(
            ["/credentialSubject/a~1b/m~0n"],
            {"credentialSubject": {"type": "AchievementSubject", "a/b": {"m~n": "tilde and slash"}}},
            id="escaped names",
        ),
        pytest.param(["/evidence/0/1"], {"evidence": [["y"]]}, id="an array in an array"),
        pytest.param(["/id"], {}, id="what is selected anyhow"),
    ],
)
def test_pointers_select_what_they_name_and_what_leads_there(pointers, expected):
    assert select(DOCUMENT, pointers).fragment == ROOT | expected


def test_the_empty_pointer_selects_everything():
    assert select(DOCUMENT, [""]).fragment == DOCUMENT


def test_no_pointer_selects_nothing():
    assert select(DOCUMENT, []).fragment == {}


def test_a_blank_identifier_is_not_kept():
    assert select({"id": "_:b0", "a": 1, "b": 2}, ["/a"]).fragment == {"a": 1}


@pytest.mark.parametrize(
    "pointer",
    [
        pytest.param("issuer", id="no slash in front"),
        pytest.param("/nothing", id="a name that is not there"),
        pytest.param("/issuer/name/more", id="beyond a text"),
        pytest.param("/credentialSubject/result/3", id="beyond the end of an array"),
        pytest.param("/credentialSubject/result/-1", id="before the start of an array"),
        pytest.param("/credentialSubject/result/-", id="the place after the end"),
        pytest.param("/credentialSubject/result/01", id="an index with a zero in front"),
        pytest.param("/credentialSubject/result/+1", id="an index with a sign"),
        pytest.param("/credentialSubject/result/٢", id="an index in other digits"),
        pytest.param("/credentialSubject/result/value", id="a name in an array"),
        pytest.param("/credentialSubject/result/" + "9" * 5000, id="a very long index"),
        pytest.param("/" * 100_000, id="a very deep pointer"),
    ],
)
def test_a_pointer_that_names_nothing_is_refused(pointer):
    with pytest.raises(Refused) as caught:
        select(DOCUMENT, [pointer])
    assert caught.value.code == "MALFORMED_VALUE_ERROR"


def test_there_is_a_limit_to_pointers():
    with pytest.raises(Refused):
        select(DOCUMENT, ["/id"] * (MAX_POINTERS + 1))


@given(st.lists(st.text(), max_size=5))
def test_a_pointer_is_made_of_its_tokens(tokens):
    assert parse_pointer("".join(f"/{escape_token(token)}" for token in tokens)) == tokens
