"""The data model, statement by statement, on issue and on verify (VCDM 2.0, sections as named; VCDM 1.1).

What breaks a statement is not issued, and is not verified when somebody else has signed it.
"""

from typing import Any

import httpx
import msgspec
import pytest
from local_keys import local_key
from plain_credentials import a_credential, an_older_credential

from credentials.proofs import data_integrity
from credentials.proofs.model import KeyType
from credentials.verification.model import Name

V2 = "https://www.w3.org/ns/credentials/v2"
V1 = "https://www.w3.org/2018/credentials/v1"
EXAMPLES = [V2, "https://www.w3.org/ns/credentials/examples/v2"]
ENGLISH = {"@value": "Certificate", "@language": "en"}
DIGEST = "uEiDKPRY7qwVTgYJyJhQFaPO-9-qsGHzr12h44LY-nkQjVg"
RESOURCE = {"id": "https://alder.example/rubric.json", "digestMultibase": DIGEST}
OBJECT = {"id": "did:example:issuer"}

HOLDS: dict[str, dict[str, Any]] = {
    # 4.3 Contexts
    "the first context is that of the data model": a_credential(),
    "further contexts may follow": a_credential(**{"@context": EXAMPLES}),
    # 4.4 Identifiers
    "an id is optional": a_credential(id=...),
    "an id may be any URL": a_credential(id="https://alder.example/credentials/1"),
    # 4.5 Types
    "a type may be an absolute URL": a_credential(type=["VerifiableCredential", "https://alder.example/terms#Own"]),
    "a type may be a term of a context": a_credential(
        **{"@context": EXAMPLES}, type=["VerifiableCredential", "AlumniCredential"]
    ),
    "the order of types does not matter": a_credential(
        type=["https://alder.example/terms#Own", "VerifiableCredential"]
    ),
    # 4.6 Names and Descriptions
    "a name is a string": a_credential(name="Certificate"),
    "a name may have a language": a_credential(name=ENGLISH),
    "a name may have a language and a direction": a_credential(name={**ENGLISH, "@direction": "ltr"}),
    "a name may be there in several languages": a_credential(
        name=[ENGLISH, {"@value": "Certificado", "@language": "es"}]
    ),
    "a description is a string": a_credential(description="For what was shown."),
    "a description may have a language": a_credential(description=ENGLISH),
    "an issuer may have a name": a_credential(issuer={**OBJECT, "name": "Alder"}),
    "an issuer's name may have a language": a_credential(issuer={**OBJECT, "name": ENGLISH}),
    "an issuer may have a description": a_credential(issuer={**OBJECT, "description": [ENGLISH]}),
    # 4.7 Issuer
    "an issuer is a URL": a_credential(),
    "an issuer may be an object with an id": a_credential(issuer=OBJECT),
    # 4.8 Credential Subject
    "a subject needs no id": a_credential(credentialSubject={"name": "Ada"}),
    "there may be several subjects": a_credential(credentialSubject=[{"id": "did:example:a"}, {"id": "did:example:b"}]),
    # 4.9 Validity Period
    "there need be no dates": a_credential(),
    "a date may have fractions of a second": a_credential(validFrom="2026-01-02T03:04:05.678Z"),
    "a date may have any offset": a_credential(validFrom="2026-01-02T03:04:05-05:00"),
    "validFrom may lie in the future": a_credential(validFrom="2099-01-02T03:04:05Z"),
    "validUntil may lie in the past": a_credential(validUntil="2020-01-02T03:04:05Z"),
    "validFrom may equal validUntil": a_credential(validFrom="2026-01-02T03:04:05Z", validUntil="2026-01-02T03:04:05Z"),
    # 4.10 Status
    "a status has a type": a_credential(**{"@context": EXAMPLES}, credentialStatus={"type": "OwnStatus"}),
    "there may be several statuses": a_credential(
        **{"@context": EXAMPLES}, credentialStatus=[{"type": "OwnStatus"}, {"id": "urn:x:2", "type": "OwnStatus"}]
    ),
    # 4.11 Data Schemas
    "a schema has a type and an id": a_credential(
        credentialSchema={"id": "https://alder.example/schema.json", "type": "JsonSchema"}
    ),
    "there may be several schemas": a_credential(
        credentialSchema=[
            {"id": "https://alder.example/1.json", "type": "JsonSchema"},
            {"id": "https://alder.example/2.json", "type": "JsonSchema"},
        ]
    ),
    # 5.3 Integrity of Related Resources
    "a related resource has an id and a digest": a_credential(relatedResource=RESOURCE),
    "a related resource may have a media type": a_credential(
        relatedResource=[{**RESOURCE, "mediaType": "application/json"}]
    ),
    # 5.4 to 5.6
    "a refresh service has a type": a_credential(**{"@context": EXAMPLES}, refreshService={"type": "OwnRefresh"}),
    "terms of use have a type": a_credential(
        **{"@context": EXAMPLES}, termsOfUse={"id": "urn:x:1", "type": "OwnTerms"}
    ),
    "evidence has a type": a_credential(**{"@context": EXAMPLES}, evidence=[{"type": "OwnEvidence"}]),
    # VCDM 1.1
    "1.1: the first context is that of 1.1": an_older_credential(),
    "1.1: there may be an expiration date": an_older_credential(expirationDate="2030-01-02T03:04:05Z"),
    "1.1: an issuer may be an object with an id": an_older_credential(issuer=OBJECT),
}

BREAKS: dict[str, dict[str, Any]] = {
    # 4.3 Contexts
    "there is an @context": a_credential(**{"@context": ...}),
    "the @context starts with that of the data model": a_credential(**{"@context": EXAMPLES[1:]}),
    "the context of the data model comes first": a_credential(**{"@context": EXAMPLES[::-1]}),
    "a further context is a URL": a_credential(**{"@context": [V2, "https ://not-a-url/"]}),
    "a further context is no number": a_credential(**{"@context": [V2, 5]}),
    "a context that nobody has pinned is not read": a_credential(**{"@context": [V2, "https://alder.example/other"]}),
    "no context stands twice": a_credential(**{"@context": [V2, V2]}),
    # 4.4 Identifiers
    "an id is one URL": a_credential(id=["urn:x:1", "urn:x:2"]),
    "an id is not null": a_credential(id=None),
    "an id is a URL": a_credential(id="not-a-url"),
    "an id has no space": a_credential(id="urn:x: 1"),
    "an id is no number": a_credential(id=5),
    "a subject's id is one URL": a_credential(credentialSubject={"id": ["did:example:a", "did:example:b"]}),
    "a subject's id is a URL": a_credential(credentialSubject={"id": "a"}),
    # 4.5 Types
    "there is a type": a_credential(type=...),
    "the type includes VerifiableCredential": a_credential(type=["https://alder.example/terms#Own"]),
    "a type that no context defines and that is no URL is refused": a_credential(type=["VerifiableCredential", "Own"]),
    "a type is a string": a_credential(type=["VerifiableCredential", 5]),
    # 4.6 Names and Descriptions
    "a name is no number": a_credential(name=5),
    "a name with a language has no other members": a_credential(name={**ENGLISH, "url": "https://alder.example/"}),
    "a description is no list of strings": a_credential(description=["one", "two"]),
    "a description with a language has no other members": a_credential(description={**ENGLISH, "size": "1"}),
    "an issuer's name with a language has no other members": a_credential(
        issuer={**OBJECT, "name": {**ENGLISH, "x": "1"}}
    ),
    "an issuer's description is no object without a value": a_credential(
        issuer={**OBJECT, "description": {"@language": "en"}}
    ),
    # 4.7 Issuer
    "an issuer is not null": a_credential(issuer=None),
    "an issuer is a URL or an object": a_credential(issuer="Alder"),
    "an issuer has one id": a_credential(issuer=["did:example:a", "did:example:b"]),
    "an issuer that is an object has an id": a_credential(issuer={"name": "Alder"}),
    "an issuer's id is a URL": a_credential(issuer={"id": "Alder"}),
    "an issuer's id is not null": a_credential(issuer={"id": None}),
    # 4.8 Credential Subject
    "there is a subject": a_credential(credentialSubject=...),
    "a subject says something": a_credential(credentialSubject={}),
    "there is at least one subject": a_credential(credentialSubject=[]),
    "every subject says something": a_credential(credentialSubject=[{"id": "did:example:a"}, {}]),
    "a subject is an object": a_credential(credentialSubject="did:example:subject"),
    "what is said of a subject is defined by a context": a_credential(
        credentialSubject={"id": "did:example:a", "own": "1"}
    ),
    # 4.9 Validity Period
    "validFrom is a date and a time": a_credential(validFrom="2026-01-02"),
    "validFrom has an offset": a_credential(validFrom="2026-01-02T03:04:05"),
    "validUntil is a day that the calendar has": a_credential(validUntil="2026-02-30T03:04:05Z"),
    "validFrom is not after validUntil": a_credential(
        validFrom="2026-01-02T03:04:06Z", validUntil="2026-01-02T03:04:05Z"
    ),
    # 4.10 Status
    "a status without a type is refused": a_credential(credentialStatus={"id": "urn:x:1"}),
    "a status's id is a URL": a_credential(**{"@context": EXAMPLES}, credentialStatus={"id": "x", "type": "OwnStatus"}),
    "a status's id is one URL": a_credential(
        **{"@context": EXAMPLES}, credentialStatus={"id": ["urn:x:1", "urn:x:2"], "type": "OwnStatus"}
    ),
    "a status's type is defined": a_credential(credentialStatus={"id": "urn:x:1", "type": "OwnStatus"}),
    "a place in a list is written as a string": a_credential(
        credentialStatus={
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": 5,
            "statusListCredential": "https://alder.example/status/1",
        }
    ),
    # 4.11 Data Schemas
    "a schema without a type is refused": a_credential(credentialSchema={"id": "https://alder.example/schema.json"}),
    "a schema without an id is refused": a_credential(credentialSchema={"type": "JsonSchema"}),
    "a schema's id is a URL": a_credential(credentialSchema={"id": "5", "type": "JsonSchema"}),
    # 5.3 Integrity of Related Resources
    "a related resource is an object": a_credential(relatedResource=["https://alder.example/rubric.json"]),
    "a related resource without an id is refused": a_credential(relatedResource={"digestMultibase": DIGEST}),
    "a related resource without a digest is refused": a_credential(
        relatedResource={"id": "https://alder.example/rubric.json"}
    ),
    "two related resources have two ids": a_credential(relatedResource=[RESOURCE, RESOURCE]),
    # 5.4 to 5.6
    "a refresh service without a type is refused": a_credential(refreshService={"id": "https://alder.example/refresh"}),
    "terms of use without a type are refused": a_credential(termsOfUse={"id": "https://alder.example/terms"}),
    "evidence without a type is refused": a_credential(evidence={"id": "https://alder.example/evidence"}),
    # 5.2 Extensibility, JSON-LD
    "a member that no context defines is refused": a_credential(own="1"),
    "null says nothing": a_credential(name=None),
    "members are named by terms": a_credential(**{"https://schema.org/name": "x"}),
    # VCDM 1.1
    "1.1: there is an issuance date": an_older_credential(issuanceDate=...),
    "1.1: an issuance date has its time": an_older_credential(issuanceDate="2026-01-02"),
    "1.1: it does not expire before it was issued": an_older_credential(expirationDate="2020-01-02T03:04:05Z"),
    "1.1: validFrom belongs to 2.0": an_older_credential(validFrom="2026-01-02T03:04:05Z"),
    "2.0: an issuance date belongs to 1.1": a_credential(issuanceDate="2026-01-02T03:04:05Z"),
    "1.1: a subject says something": an_older_credential(credentialSubject={}),
    "1.1: the type includes VerifiableCredential": an_older_credential(type=["https://alder.example/terms#Own"]),
    "1.1: a type is defined": an_older_credential(type=["VerifiableCredential", "Own"]),
    "1.1: an issuer is a URL": an_older_credential(issuer="Alder"),
}

KEY = local_key(KeyType.ED25519, 41)


def signed_by_somebody(document: dict[str, Any]) -> dict[str, Any]:
    """As software that checks nothing signs it: over the JSON, which JSON-LD has no say in."""
    issuer = document.get("issuer")
    if issuer == "did:example:issuer":
        document = {**document, "issuer": KEY.did}
    elif issuer == OBJECT or (isinstance(issuer, dict) and issuer.get("id") == OBJECT["id"]):
        document = {**document, "issuer": {**issuer, "id": KEY.did}}
    options = data_integrity.proof_options("eddsa-jcs-2022", KEY.verification_method, "2026-08-31T00:00:00Z")
    added = data_integrity.add_proof(document, options, KeyType.ED25519, lambda *_: b"")
    return data_integrity.with_signature(added, KEY.sign(added.unsigned.to_sign))


async def issue(api: httpx.AsyncClient, credential: dict[str, Any]) -> httpx.Response:
    return await api.post("/vc-api/credentials/issue", json={"credential": credential, "options": {}})


async def verify(api: httpx.AsyncClient, document: dict[str, Any]) -> httpx.Response:
    body = {"verifiableCredential": document, "options": {"checks": ["proof"]}}
    return await api.post("/vc-api/credentials/verify", content=msgspec.json.encode(body))


@pytest.mark.parametrize("statement", HOLDS)
async def test_what_holds_is_issued_and_verified(shared_api: httpx.AsyncClient, statement: str) -> None:
    issued = await issue(shared_api, HOLDS[statement])
    assert issued.status_code == 201, issued.text
    document = issued.json()["verifiableCredential"]
    asked = HOLDS[statement]
    assert {k: v for k, v in document.items() if k in asked.keys() - {"issuer", "@context"}} == {
        k: v for k, v in asked.items() if k not in {"issuer", "@context"}
    }
    for one in (document, signed_by_somebody(asked)):
        told = await verify(shared_api, one)
        assert told.status_code == 200, told.text
        assert told.json()["verified"] is True


@pytest.mark.parametrize("statement", BREAKS)
async def test_what_breaks_it_is_neither_issued_nor_verified(shared_api: httpx.AsyncClient, statement: str) -> None:
    issued = await issue(shared_api, BREAKS[statement])
    assert issued.status_code == 400, issued.text
    problem = issued.json()
    assert problem["type"].startswith(
        ("https://www.w3.org/TR/vc-data-model#", "https://w3id.org/security#", "/problems/")
    )
    assert problem["errors"][0]["detail"]
    told = await verify(shared_api, signed_by_somebody(BREAKS[statement]))
    assert told.status_code == 400, told.text
    found = told.json()
    assert found["verified"] is False
    failed = [one for one in found["report"]["checks"] if one["outcome"] != "passed"]
    assert failed[0]["name"] in {Name.CONTEXT, Name.MODEL}, failed


async def test_the_signature_counts_too(shared_api: httpx.AsyncClient) -> None:
    document = signed_by_somebody(a_credential())
    document["credentialSubject"]["name"] = "Bea"
    told = await verify(shared_api, document)
    assert (told.status_code, told.json()["title"]) == (400, "PROOF_VERIFICATION_ERROR")
    assert told.json()["type"] == "https://w3id.org/security#PROOF_VERIFICATION_ERROR"
    assert told.headers["content-type"] == "application/problem+json"
