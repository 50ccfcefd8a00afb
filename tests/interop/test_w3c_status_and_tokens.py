"""What vc-bitstring-status-list-test-suite and vc-jose-cose-test-suite state of issuers and verifiers, asked over HTTP; in our
words and with our data. The second one drives a program through files: its statements are asked of the VC-API here.
"""

import gzip
import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from local_keys import LocalKey, local_key
from suites import Service

from credentials.openbadges.terms import one_or_many
from credentials.proofs.enveloped import enveloped
from credentials.proofs.jose import compact
from credentials.proofs.model import JsonObject, KeyType
from credentials.proofs.multibase import base64url_decode, base64url_encode

V2 = "https://www.w3.org/ns/credentials/v2"
STATUS = "https://www.w3.org/ns/credentials/status-list#"
LISTED = "bitstring-status-list"


def a_credential(**changed: Any) -> JsonObject:
    whole = {
        "@context": [V2],
        "type": ["VerifiableCredential"],
        "credentialSubject": {"id": "did:example:subject", "name": "Ada"},
    }
    return {**whole, **changed}


# Bitstring Status List


def bits_of(listed: JsonObject) -> bytes:
    encoded = listed["credentialSubject"]["encodedList"]
    assert encoded[0] == "u"
    return gzip.decompress(base64url_decode(encoded[1:].encode()))


OF_AN_ENTRY: dict[str, Callable[[JsonObject], bool]] = {
    "its type is BitstringStatusListEntry": lambda entry: entry["type"] == "BitstringStatusListEntry",
    "its id, if present, is a URL, and not that of the list": lambda entry: (
        "id" not in entry or (":" in entry["id"] and entry["id"] != entry["statusListCredential"])
    ),
    "its purpose is a string": lambda entry: isinstance(entry["statusPurpose"], str),
    "its index is an integer of at least 0, written as a string in base 10": lambda entry: bool(
        re.fullmatch(r"0|[1-9][0-9]*", entry["statusListIndex"])
    ),
    "its list is a URL": lambda entry: entry["statusListCredential"].startswith("http"),
    "its size, if present, is an integer above 0": lambda entry: entry.get("statusSize", 1) > 0,
    "it has a message for each value, if it has any": lambda entry: (
        "statusMessage" not in entry or len(entry["statusMessage"]) == 2 ** entry.get("statusSize", 1)
    ),
}
OF_A_LIST: dict[str, Callable[[JsonObject], bool]] = {
    "it is of data model 2.0": lambda listed: listed["@context"][0] == V2,
    "its type includes BitstringStatusListCredential": lambda listed: {
        "VerifiableCredential",
        "BitstringStatusListCredential",
    }.issubset(listed["type"]),
    "its subject is a BitstringStatusList": lambda listed: listed["credentialSubject"]["type"] == "BitstringStatusList",
    "its purpose is one or more strings": lambda listed: all(
        isinstance(one, str) for one in one_or_many(listed["credentialSubject"]["statusPurpose"])
    ),
    "its list is base64url of GZIP of at least 16 KB": lambda listed: len(bits_of(listed)) >= 16_384,
    "its issuer is a string or an object": lambda listed: isinstance(listed["issuer"], str | dict),
    "it is secured": lambda listed: bool(listed["proof"]),
}


def test_what_is_issued_has_entries_and_lists_as_the_data_model_has_them(service: Service) -> None:
    document = service.issued(a_credential(id="urn:uuid:5a1f9c58-6a1c-4a44-9a0d-000000000001"), LISTED)
    assert document["credentialSubject"] == a_credential()["credentialSubject"]
    entries = one_or_many(document["credentialStatus"])
    assert {entry["statusPurpose"] for entry in entries} == {"revocation", "suspension"}
    for entry in entries:
        assert [one for one, holds in OF_AN_ENTRY.items() if not holds(entry)] == []
        answer = service.get(entry["statusListCredential"])
        assert answer.status_code == 200
        listed = answer.json()
        assert [one for one, holds in OF_A_LIST.items() if not holds(listed)] == []
        assert listed["id"] == entry["statusListCredential"]
        assert entry["statusPurpose"] in one_or_many(listed["credentialSubject"]["statusPurpose"])
        assert not bit_of(listed, entry)
        assert service.verify(listed).status_code == 200
    for body in ({}, {"options": {"checks": ["proof", "credentialStatus"]}}):
        assert service.post("/credentials/verify", {"verifiableCredential": document, **body}).status_code == 200


def bit_of(listed: JsonObject, entry: JsonObject) -> bool:
    index = int(entry["statusListIndex"])
    return bool(bits_of(listed)[index // 8] & 0x80 >> index % 8)


@pytest.mark.parametrize(("purpose", "title"), [("revocation", "revoked"), ("suspension", "suspended")])
def test_a_status_that_is_set_shows_in_the_list_and_in_every_verification(
    service: Service, purpose: str, title: str
) -> None:
    document = service.issued(a_credential(id=f"urn:example:{purpose}"), LISTED)
    another = service.issued(a_credential(id=f"urn:example:{purpose}:another"), LISTED)
    (entry,) = (one for one in document["credentialStatus"] if one["statusPurpose"] == purpose)
    asked = {
        "credentialId": document["id"],
        "credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": purpose},
    }
    assert service.post(f"/issuers/{LISTED}/credentials/status", {**asked, "status": True}).status_code == 200
    assert bit_of(service.get(entry["statusListCredential"]).json(), entry)
    told = service.verify(document, checks=["proof", "credentialStatus"])
    assert (told.status_code, told.json()["verified"]) == (400, False)
    assert told.json()["title"] == f"credential-{title}"
    assert service.verify(document, checks=["proof"]).status_code == 200, "of the status nothing was asked"
    assert service.verify(another, checks=["proof", "credentialStatus"]).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"statusListIndex": True},
        {"statusListIndex": 5},
        {"statusListIndex": "-1"},
        {"statusListIndex": "five"},
        {"statusListCredential": "list"},
        {"statusPurpose": 5},
        {"statusSize": 0},
        {"statusSize": "1"},
        {"statusSize": 2},
        {"statusMessage": [{"status": "0x0", "message": "good"}]},
        {"statusMessage": [{"status": "0x0"}, {"message": "bad"}]},
        {"statusReference": ["no url"]},
        {"type": "OwnStatus"},
    ],
    ids=str,
)
def test_a_malformed_entry_is_not_issued_and_says_which_error_it_is(service: Service, changed: JsonObject) -> None:
    entry = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "5",
        "statusListCredential": "https://alder.example/status/1",
        **changed,
    }
    told = service.issue(a_credential(credentialStatus=entry))
    assert told.status_code == 400
    assert told.json()["errors"][0]["type"].endswith("MALFORMED_VALUE_ERROR")


def test_a_list_that_cannot_be_had_is_told_by_the_error_of_the_standard(service: Service) -> None:
    entry = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "5",
        "statusListCredential": "https://alder.example/status/1",
    }
    document = service.issued(a_credential(credentialStatus=entry))
    told = service.verify(document, checks=["proof", "credentialStatus"])
    assert (told.status_code, told.json()["type"]) == (400, f"{STATUS}STATUS_RETRIEVAL_ERROR")
    assert service.verify(document, checks=["proof"]).status_code == 200


def test_a_place_beyond_the_end_of_a_list_is_a_range_error(service: Service) -> None:
    issued = service.issued(a_credential(), LISTED)
    (entry,) = (one for one in issued["credentialStatus"] if one["statusPurpose"] == "revocation")
    beyond = {**entry, "statusListIndex": str(8 * len(bits_of(service.get(entry["statusListCredential"]).json())))}
    del beyond["id"]
    document = service.issued(a_credential(credentialStatus=beyond), LISTED)
    told = service.verify(document, checks=["proof", "credentialStatus"])
    assert (told.status_code, told.json()["title"]) == (400, "RANGE_ERROR")


# VC-JOSE-COSE

JOSE = {"vc-jose-eddsa": ("Ed25519", "EdDSA"), "vc-jose-es256": ("ES256",), "vc-jose-es384": ("ES384",)}
KEY = local_key(KeyType.ED25519, 81)


def parts_of(envelope: JsonObject) -> tuple[JsonObject, JsonObject]:
    assert envelope["id"].startswith("data:application/vc+jwt,")
    token = envelope["id"].partition(",")[2]
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", token), "a compact serialization"
    head, payload, _ = token.encode().split(b".")
    return tuple(msgspec.json.decode(base64url_decode(part)) for part in (head, payload))  # type: ignore[return-value]


@pytest.mark.parametrize("name", JOSE)
def test_a_token_holds_the_credential_and_nothing_else(service: Service, name: str) -> None:
    whole = a_credential(
        id="urn:uuid:5a1f9c58-6a1c-4a44-9a0d-000000000002",
        name="Certificate",
        validFrom="2024-01-01T00:00:00Z",
        validUntil="2199-01-01T00:00:00Z",
        termsOfUse={"type": "https://alder.example/terms#Own"},
        evidence=[{"type": "https://alder.example/terms#Seen", "id": "urn:x:evidence"}],
    )
    envelope = service.issued(whole, name)
    header, payload = parts_of(envelope)
    issuer = service.issuers[name]
    assert header["alg"] in JOSE[name]
    assert header["typ"] == "vc+jwt"
    assert header["kid"].startswith(f"{issuer}#"), "an absolute URL of a verification method of the issuer"
    assert not {"vc", "vp"} & payload.keys()
    assert payload == {**whole, "issuer": issuer}
    assert service.verify(envelope).status_code == 200
    assert service.verify(envelope["id"].partition(",")[2]).status_code == 200


def token(payload: JsonObject, key: LocalKey = KEY, /, **header: Any) -> str:
    whole = {"alg": "EdDSA", "kid": key.verification_method, "typ": "vc+jwt", **header}
    whole = {name: value for name, value in whole.items() if value is not ...}
    to_sign = b".".join(base64url_encode(msgspec.json.encode(part)) for part in (whole, payload))
    return compact(to_sign, key.sign(to_sign))


OWN = a_credential(issuer=KEY.did)
IS_VERIFIED: dict[str, str] = {
    "a minimal credential": token(OWN),
    "iss is the issuer": token({**OWN, "iss": KEY.did}),
    "iss is the id of an issuer that is an object": token({**OWN, "issuer": {"id": KEY.did}, "iss": KEY.did}),
    "the type of the content may be named": token(OWN, cty="vc"),
}
NOT_VERIFIED: dict[str, str] = {
    "nothing protects it": token(OWN, alg="none").rpartition(".")[0] + ".",
    "another has signed it": token(OWN, local_key(KeyType.ED25519, 82), kid=KEY.verification_method),
    "its signature is another's": token(OWN).rpartition(".")[0] + "." + token(a_credential()).rpartition(".")[2],
    "its type is another one": token(OWN, typ="jose"),
    "its type is that of a presentation": token(OWN, typ="vp+jwt"),
    "its content is another": token(OWN, cty="text/plain"),
    "it has a claim vc": token({**OWN, "vc": OWN}),
    "it has a claim vp": token({**OWN, "vp": {}}),
    "it has the claim vc alone": token({"iss": KEY.did, "vc": OWN}),
    "iss is not the issuer": token({**OWN, "iss": "did:example:acme"}),
    "iss is not the id of the issuer": token({**OWN, "issuer": {"id": KEY.did}, "iss": "did:example:acme"}),
    "it says no key": token(OWN, kid=...),
    "its key is named by no absolute URL": token(OWN, kid="#key-1"),
    "the algorithm is not the key's": token(OWN, alg="ES256"),
    "the header asks for what is not understood": token(OWN, crit=["b64"], b64=False),
    "it says what no context defines": token({**OWN, "unknownExtension": "x"}),
    "it has no type": token({name: value for name, value in OWN.items() if name != "type"}),
    "it is no longer in force": token({**OWN, "exp": 1}),
}


def test_a_token_is_verified_as_the_standard_says(service: Service) -> None:
    told = {statement: service.verify(made) for statement, made in {**IS_VERIFIED, **NOT_VERIFIED}.items()}
    assert {statement for statement, answer in told.items() if answer.status_code == 200} == set(IS_VERIFIED)
    assert {answer.status_code for answer in told.values()} == {200, 400}
    for statement, made in IS_VERIFIED.items():
        assert service.verify(enveloped(made)).status_code == 200, statement


def test_a_presentation_in_a_token_holds_enveloped_and_secured_credentials(service: Service) -> None:
    inside = enveloped(token(OWN))
    shown = {"@context": [V2], "type": ["VerifiablePresentation"], "holder": KEY.did}

    def status(*credentials: Any, **header: Any) -> int:
        made = token({**shown, "verifiableCredential": list(credentials)}, **{"typ": "vp+jwt", **header})
        return service.verify_presentation(made).status_code

    assert status(inside) == 200
    assert status(inside, enveloped(token({**OWN, "name": "Certificate"}))) == 200
    assert status(inside, OWN) == 400, "a credential that nobody has secured"
    assert status(enveloped(NOT_VERIFIED["its signature is another's"])) == 400
    assert status({**inside, "type": "VerifiableCredential"}) == 400
    assert status(inside, typ="vc+jwt") == 400
    assert status(inside, typ="jose") == 400


@pytest.mark.parametrize("media_type", ["application/vc+sd-jwt", "application/vc+cose", "application/dc+sd-jwt"])
def test_what_is_not_read_here_is_refused_and_never_verified(service: Service, media_type: str) -> None:
    """SD-JWT and COSE are out of what this service does (``docs/conformance.md``)."""
    inside = {"@context": V2, "type": "EnvelopedVerifiableCredential", "id": f"data:{media_type},{token(OWN)}"}
    told = service.verify(inside)
    assert (told.status_code, told.json()["title"]) == (400, "unsupported-media-type")
