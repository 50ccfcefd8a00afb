"""The documents that publish an issuer's keys."""

from datetime import UTC, datetime

import pytest
from sentences import refusal, sentences

from credentials.openbadges.did import PublishedKey, did_document, jwks

DID = "did:web:badges.alder.example:state"
MULTIKEY = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
JWK = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
FIRST = PublishedKey(id=f"{DID}#key-1", key=MULTIKEY)
SECOND = PublishedKey(id=f"{DID}#key-2", key=JWK)
STOLEN = PublishedKey(id=f"{DID}#key-0", key=MULTIKEY, asserts=False, revoked=datetime(2026, 3, 1, tzinfo=UTC))


def test_a_did_document_lists_its_methods_and_asserts_with_their_ids():
    document = did_document(DID, [FIRST, SECOND], also_known_as=["https://alder.example/"])
    assert document == {
        "@context": [
            "https://www.w3.org/ns/did/v1",
            "https://w3id.org/security/multikey/v1",
            "https://w3id.org/security/jwk/v1",
        ],
        "id": DID,
        "alsoKnownAs": ["https://alder.example/"],
        "verificationMethod": [
            {"id": f"{DID}#key-1", "type": "Multikey", "controller": DID, "publicKeyMultibase": MULTIKEY},
            {"id": f"{DID}#key-2", "type": "JsonWebKey", "controller": DID, "publicKeyJwk": JWK},
        ],
        "assertionMethod": [f"{DID}#key-1", f"{DID}#key-2"],
    }


def test_a_context_stands_only_where_its_terms_are_used():
    assert did_document(DID, [FIRST])["@context"] == [
        "https://www.w3.org/ns/did/v1",
        "https://w3id.org/security/multikey/v1",
    ]
    assert did_document(DID, [])["@context"] == ["https://www.w3.org/ns/did/v1"]


def test_a_stolen_key_is_shown_and_does_not_assert():
    document = did_document(DID, [FIRST, STOLEN])
    assert document["verificationMethod"][1]["revoked"] == "2026-03-01T00:00:00Z"
    assert document["assertionMethod"] == [FIRST.id]
    assert "assertionMethod" not in did_document(DID, [STOLEN])


def test_a_key_set_holds_the_asserting_json_web_keys_and_names_their_issuer():
    lost = PublishedKey(id=f"{DID}#key-3", key=JWK, asserts=False)
    assert jwks(DID, [FIRST, SECOND, lost]) == {"keys": [{**JWK, "kid": f"{DID}#key-2", "iss": DID}]}
    assert jwks(DID, []) == {"keys": []}


@pytest.mark.parametrize("publish", [did_document, jwks], ids=["in a DID document", "in a key set"])
@sentences(
    "key",
    {
        "a key of another DID": PublishedKey(id="did:web:elsewhere.example#key-1", key=JWK),
        "a key of a DID that only begins the same": PublishedKey(id=f"{DID}:department#key-1", key=JWK),
        "a private key": PublishedKey(id=f"{DID}#key-1", key={**JWK, "d": "secret"}),
        "a secret": PublishedKey(id=f"{DID}#key-1", key={"kty": "oct", "k": "secret"}),
        "a key to be fetched": PublishedKey(id=f"{DID}#key-1", key={**JWK, "x5u": "https://x.example"}),
    },
)
def test_it_is_not_published(publish, key):
    assert refusal(publish, DID, [key])[0] == "INVALID_VERIFICATION_METHOD"
