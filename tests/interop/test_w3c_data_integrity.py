"""What the suites for Data Integrity, EdDSA and ECDSA state of issuers and verifiers, asked over HTTP as they ask it.

Each row is a statement of vc-di-eddsa-test-suite, vc-di-ecdsa-test-suite or the library that both share
(data-integrity-test-suite-assertion), in our words and with our data. ``docs/conformance.md`` counts them.
"""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from hashlib import sha256, sha512
from typing import Any

import pytest
from local_keys import LocalKey, local_key
from pyld import jsonld
from pyld.documentloader.frozen import FrozenDocumentLoader
from suites import CREATED, Service

from credentials.instances.model import INTEROPERABILITY
from credentials.proofs import cbor, ecdsa_sd_2023
from credentials.proofs.jcs import canonical_json
from credentials.proofs.model import KeyType
from credentials.proofs.multibase import (
    base58_decode,
    multibase_base58,
    multibase_base64url,
    octets_of_base64url,
)
from credentials.sealing.model import Format

V1 = "https://www.w3.org/2018/credentials/v1"
V2 = "https://www.w3.org/ns/credentials/v2"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
SECURITY = "https://w3id.org/security#"
STAMP = re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
OF_SIGNATURES = {KeyType.ED25519: 64, KeyType.P256: 64, KeyType.P384: 96}
OF_KEYS = {KeyType.ED25519: (34, "z6Mk"), KeyType.P256: (35, "zDna"), KeyType.P384: (51, "z82L")}

INSTANCES = {
    one.name: one for one in INTEROPERABILITY.instances if one.means.format is Format.DATA_INTEGRITY and not one.status
}
each_instance = pytest.mark.parametrize("name", INSTANCES)


def a_credential(**changed: Any) -> dict[str, Any]:
    whole = {
        "@context": [V2],
        "id": "urn:uuid:7d0b3a52-8d5e-4a39-9c0e-6a0b1de0c001",
        "type": ["VerifiableCredential"],
        "credentialSubject": {"id": "urn:uuid:7d0b3a52-8d5e-4a39-9c0e-6a0b1de0c002", "name": "Ada"},
    }
    return {name: value for name, value in {**whole, **changed}.items() if value is not ...}


def an_older_credential() -> dict[str, Any]:
    return {
        "@context": [V1],
        "id": "urn:uuid:7d0b3a52-8d5e-4a39-9c0e-6a0b1de0c003",
        "type": ["VerifiableCredential"],
        "issuanceDate": "2024-03-04T05:06:07.891Z",
        "credentialSubject": {"id": "did:example:ada"},
    }


# Issuers


def proofs_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    proof = document["proof"]
    return proof if isinstance(proof, list) else [proof]


def is_url(text: object) -> bool:
    return isinstance(text, str) and re.fullmatch(r"[a-z][a-z0-9+.-]*:[^\s]+", text, re.IGNORECASE) is not None


def multibase_key(proof: dict[str, Any]) -> str:
    """What dereferencing a did:key's verification method gives as ``publicKeyMultibase``."""
    did, _, fragment = proof["verificationMethod"].partition("#")
    assert did == f"did:key:{fragment}"
    return str(fragment)


def decoded(proof: dict[str, Any]) -> bytes:
    value = proof["proofValue"]
    return base58_decode(value[1:]) if value[0] == "z" else octets_of_base64url(value)


def is_encoded(proof: dict[str, Any], key_type: KeyType) -> bool:
    if proof["cryptosuite"] == ecdsa_sd_2023.NAME:
        return proof["proofValue"][0] == "u" and decoded(proof)[:3] == b"\xd9\x5d\x00"
    return proof["proofValue"][0] == "z" and len(decoded(proof)) == OF_SIGNATURES[key_type]


def is_key(proof: dict[str, Any], key_type: KeyType) -> bool:
    length, start = OF_KEYS[key_type]
    key = multibase_key(proof)
    return key.startswith(start) and len(base58_decode(key[1:])) == length


OF_THE_FORM: dict[str, Callable[[dict[str, Any], dict[str, Any], KeyType], bool]] = {
    "the document has a proof property": lambda document, *_: "proof" in document,
    "its value is one object or a set of objects": lambda document, *_: all(
        isinstance(one, dict) for one in proofs_of(document)
    ),
    "proof.id, if present, is a URL": lambda _, proof, __: "id" not in proof or is_url(proof["id"]),
    "proof.type is DataIntegrityProof": lambda _, proof, __: proof["type"] == "DataIntegrityProof",
    "the document's contexts define the proof": lambda document, *_: bool(
        {V2, "https://w3id.org/security/data-integrity/v2"}.intersection(document["@context"])
    ),
    "proof.created, if present, is an XMLSchema dateTimeStamp": lambda _, proof, __: bool(
        "created" not in proof or STAMP.fullmatch(proof["created"])
    ),
    "proof.expires, if present, is an XMLSchema dateTimeStamp": lambda _, proof, __: bool(
        "expires" not in proof or STAMP.fullmatch(proof["expires"])
    ),
    "proof.verificationMethod is a URL": lambda _, proof, __: is_url(proof["verificationMethod"]),
    "the verification method is the issuer's": lambda document, proof, _: (
        proof["verificationMethod"].partition("#")[0] == document["issuer"]
    ),
    "proof.proofPurpose is one that a did:key has": lambda _, proof, __: proof["proofPurpose"] == "assertionMethod",
    "proof.proofValue is a string": lambda _, proof, __: isinstance(proof["proofValue"], str),
    "proof.proofValue has the header, alphabet and length of its suite": lambda _, proof, key_type: is_encoded(
        proof, key_type
    ),
    "publicKeyMultibase has the header and length of its type": lambda _, proof, key_type: is_key(proof, key_type),
    "proof.domain, challenge, nonce and previousProof, if present, are strings": lambda _, proof, __: all(
        isinstance(proof.get(name, ""), str) for name in ("domain", "challenge", "nonce", "previousProof")
    ),
}


@each_instance
@pytest.mark.parametrize("make", [a_credential, an_older_credential], ids=["2.0", "1.1"])
def test_what_is_issued_has_the_form_of_a_proof(service: Service, name: str, make: Any) -> None:
    asked = make()
    document = service.issued(asked, name)
    assert {member: document[member] for member in asked if member != "@context"} == {
        member: value for member, value in asked.items() if member != "@context"
    }
    for proof in proofs_of(document):
        assert proof["cryptosuite"] == INSTANCES[name].suite
        broken = [one for one, holds in OF_THE_FORM.items() if not holds(document, proof, INSTANCES[name].key_type)]
        assert not broken


@each_instance
def test_the_members_of_a_proof_mean_what_the_vocabulary_says(service: Service, name: str) -> None:
    """As JSON-LD expands them: the type and the purpose are URLs, and the suite's name is of its own datatype."""
    document = service.issued(a_credential(), name)
    context = document["@context"]

    loader = FrozenDocumentLoader({address: json.loads(content) for address, content in service.files.items()})
    for proof in proofs_of(document):
        (said,) = jsonld.expand({**proof, "@context": context}, {"documentLoader": loader})
        assert said["@type"] == [f"{SECURITY}DataIntegrityProof"]
        assert said[f"{SECURITY}proofPurpose"] == [{"@id": f"{SECURITY}assertionMethod"}]
        assert said[f"{SECURITY}verificationMethod"] == [{"@id": proof["verificationMethod"]}]
        assert said[f"{SECURITY}cryptosuite"] == [
            {"@type": f"{SECURITY}cryptosuiteString", "@value": INSTANCES[name].suite}
        ]


@each_instance
def test_what_is_issued_verifies_with_options_and_without(service: Service, name: str) -> None:
    document = service.issued(a_credential(), name)
    if INSTANCES[name].suite == ecdsa_sd_2023.NAME:
        assert service.verify(document).status_code == 400, "a base proof is not for verifiers"
        body = {"verifiableCredential": document, "options": {"selectivePointers": ["/credentialSubject/id"]}}
        answer = service.post("/credentials/derive", body)
        assert answer.status_code == 201
        document = answer.json()["verifiableCredential"]
    for body in (
        {"verifiableCredential": document},
        {"verifiableCredential": document, "options": {}},
        {"verifiableCredential": document, "options": {"checks": None}},
        {"verifiableCredential": document, "options": {"checks": ["proof"], "expectedProofPurpose": "assertionMethod"}},
    ):
        answer = service.post("/credentials/verify", body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["verified"] is True
        assert "errors" not in answer.json()


# Verifiers

KEYS = {key_type: local_key(key_type, 61) for key_type in (KeyType.ED25519, KeyType.P256, KeyType.P384)}
SUITES = [
    ("eddsa-rdfc-2022", KeyType.ED25519),
    ("eddsa-jcs-2022", KeyType.ED25519),
    ("ecdsa-rdfc-2019", KeyType.P256),
    ("ecdsa-rdfc-2019", KeyType.P384),
    ("ecdsa-jcs-2019", KeyType.P256),
    ("ecdsa-jcs-2019", KeyType.P384),
    (ecdsa_sd_2023.NAME, KeyType.P256),
]
each_suite = pytest.mark.parametrize(("suite", "key_type"), SUITES, ids=lambda value: str(value))


def by_another(service: Service, suite: str, key: LocalKey, **options: Any) -> dict[str, Any]:
    """A credential that another issuer has signed, as a holder shows it."""
    document = a_credential(issuer=key.did)
    if suite == ecdsa_sd_2023.NAME:
        return service.shown(service.selective(document, key, "/issuer"), "/credentialSubject")
    return service.signed(document, key, suite, **options)


def put(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Change one member of a document; ``...`` takes it away."""

    def change(document: dict[str, Any]) -> None:
        *parents, last = path.split("/")
        for parent in parents:
            document = document[parent]
        if value is ...:
            del document[last]
        else:
            document[last] = value(document.get(last)) if callable(value) else value

    return change


IS_REFUSED: dict[str, Callable[[dict[str, Any]], None]] = {
    "there is no proof": put("proof", ...),
    "the proof is null": put("proof", None),
    "the proof is a string": put("proof", "proof"),
    "proof.type is missing": put("proof/type", ...),
    "proof.type is another one": put("proof/type", "UnknownProofType"),
    "proof.type is empty": put("proof/type", ""),
    "proof.cryptosuite is missing": put("proof/cryptosuite", ...),
    "proof.cryptosuite is none that is known": put("proof/cryptosuite", "UnknownCryptosuite"),
    "proof.cryptosuite is no string": put("proof/cryptosuite", ["eddsa-rdfc-2022"]),
    "proof.verificationMethod is missing": put("proof/verificationMethod", ...),
    "proof.verificationMethod is not one": put("proof/verificationMethod", "did:key:invalidVm"),
    "proof.verificationMethod is another's": put(
        "proof/verificationMethod", local_key(KeyType.P256, 62).verification_method
    ),
    "proof.proofPurpose is missing": put("proof/proofPurpose", ...),
    "proof.proofPurpose is not one": put("proof/proofPurpose", "invalidPurpose"),
    "proof.proofPurpose is another one": put("proof/proofPurpose", "authentication"),
    "proof.proofValue is missing": put("proof/proofValue", ...),
    "proof.proofValue is null": put("proof/proofValue", None),
    "proof.proofValue has no multibase header": put("proof/proofValue", lambda value: value[1:]),
    "proof.proofValue has the header of another base": put("proof/proofValue", lambda value: "a" + value[1:]),
    "proof.proofValue is longer than a signature": put("proof/proofValue", lambda value: value + value[-32:]),
    "proof.proofValue is shorter than a signature": put("proof/proofValue", lambda value: value[:-8]),
    "proof.created is no date": put("proof/created", "invalidDate"),
    "proof.created is another date": put("proof/created", "2024-05-02T09:00:00Z"),
    "proof.created has no offset": put("proof/created", CREATED[:-1]),
    "proof.expires is no date": put("proof/expires", "invalidDate"),
    "proof.expires has passed": put("proof/expires", CREATED),
    "proof.expires has no offset": put("proof/expires", "2099-05-01T09:00:00"),
    "proof.id is no URL": put("proof/id", "first"),
    "proof.previousProof names no proof": put("proof/previousProof", "urn:uuid:missing"),
    "proof.previousProof lists no proof": put("proof/previousProof", ["urn:uuid:missing"]),
    "a claim was changed": put("credentialSubject/id", "urn:uuid:another"),
    "a term was added that no context defines": put("credentialSubject/undefinedTerm", "would be dropped"),
    "a type was added that no context defines": put("type", lambda types: [*types, "UndefinedType"]),
    "a base was added for relative names": put(
        "@context", lambda contexts: [*contexts, {"@base": "https://alder.example/"}]
    ),
    "the type is missing": put("type", ...),
    "the context is missing": put("@context", ...),
}


@each_suite
def test_a_good_proof_of_another_verifies_and_a_faulty_one_does_not(
    service: Service, suite: str, key_type: KeyType
) -> None:
    good = by_another(service, suite, KEYS[key_type])
    answer = service.verify(good)
    assert answer.status_code == 200, answer.text
    verified = []
    for statement, change in IS_REFUSED.items():
        faulty = deepcopy(good)
        change(faulty)
        told = service.verify(faulty)
        if told.status_code != 400 or told.json()["verified"] is not False or not told.json()["errors"]:
            verified.append((statement, told.status_code))
    assert not verified


def test_what_the_proof_of_a_jcs_suite_did_not_sign_is_not_vouched_for(service: Service) -> None:
    """Data Integrity EdDSA, section 3.3.2: the document's contexts start with those of the proof, which alone count."""
    good = by_another(service, "eddsa-jcs-2022", KEYS[KeyType.ED25519])
    told = service.verify({**good, "@context": [V2, EXAMPLES]})
    assert told.status_code == 200
    assert told.json()["report"]["credential"]["@context"] == [V2]


@each_suite
def test_what_is_expected_of_a_proof_must_be_so(service: Service, suite: str, key_type: KeyType) -> None:
    good = by_another(service, suite, KEYS[key_type])
    for options, title in (
        ({"expectedProofPurpose": "authentication"}, "PROOF_VERIFICATION_ERROR"),
        ({"domain": "domain.example"}, "INVALID_DOMAIN_ERROR"),
        ({"challenge": "1235abcd6789"}, "INVALID_CHALLENGE_ERROR"),
    ):
        told = service.verify(good, **options)
        assert (told.status_code, told.json()["title"]) == (400, title)


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_a_proof_may_be_made_for_a_domain_and_a_challenge(service: Service, suite: str) -> None:
    made = {"domain": ["domain.example", "other.example"], "challenge": "1235abcd6789"}
    good = by_another(service, suite, KEYS[KeyType.ED25519], **made)
    for options, status in (
        ({}, 200),
        ({"domain": None, "challenge": None}, 200),
        ({"domain": "domain.example", "challenge": "1235abcd6789"}, 200),
        ({"domain": "another.example", "challenge": "1235abcd6789"}, 400),
        ({"domain": "domain.example", "challenge": "another"}, 400),
    ):
        assert service.verify(good, **options).status_code == status, options


def anyway(document: dict[str, Any], key: LocalKey, hashed: Any = sha256, **changed: Any) -> dict[str, Any]:
    """Signed with care over whatever the proof says, as ``eddsa-jcs-2022`` signs."""
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": CREATED,
        "verificationMethod": key.verification_method,
        "proofPurpose": "assertionMethod",
        "@context": document["@context"],
        **changed,
    }
    proof = {name: value for name, value in proof.items() if value is not ...}
    hashes = [hashed(canonical_json(part)).digest() for part in (proof, document)]
    return {**document, "proof": {**proof, "proofValue": multibase_base58(key.sign(b"".join(hashes)))}}


SIGNED_ANYWAY: dict[str, tuple[dict[str, Any], int]] = {
    "as it should be": ({}, 200),
    "created is optional": ({"created": ...}, 200),
    "created may lie years back": ({"created": "2019-05-01T09:00:00.123Z"}, 200),
    "created may have an offset": ({"created": "2024-05-01T09:00:00-05:00"}, 200),
    "expires may lie ahead": ({"expires": "2199-05-01T09:00:00Z"}, 200),
    "a nonce is a string": ({"nonce": "f00"}, 200),
    "a nonce is no number": ({"nonce": 5}, 400),
    "an id is a URL": ({"id": "urn:uuid:7d0b3a52-8d5e-4a39-9c0e-6a0b1de0c009"}, 200),
    "an id is no other text": ({"id": "first"}, 400),
    "created is a dateTimeStamp": ({"created": "invalidDate"}, 400),
    "created is no day": ({"created": "2024-05-01"}, 400),
    "created says its offset": ({"created": "2024-05-01T09:00:00"}, 400),
    "created does not lie ahead": ({"created": "2199-05-01T09:00:00Z"}, 400),
    "expires is a dateTimeStamp": ({"expires": "invalidDate"}, 400),
    "expires does not lie back": ({"expires": "2024-05-01T09:00:01Z"}, 400),
    "the type is there": ({"type": ...}, 400),
    "the type is DataIntegrityProof": ({"type": "UnknownProofType"}, 400),
    "the suite is there": ({"cryptosuite": ...}, 400),
    "the suite is one that is known": ({"cryptosuite": "UnknownCryptosuite"}, 400),
    "the suite is the one that signed": ({"cryptosuite": "eddsa-rdfc-2022", "@context": ...}, 400),
    "the verification method is there": ({"verificationMethod": ...}, 400),
    "the verification method is a URL": ({"verificationMethod": "key-1"}, 400),
    "the purpose is there": ({"proofPurpose": ...}, 400),
    "the purpose is assertionMethod": ({"proofPurpose": "authentication"}, 400),
    "the contexts are the document's": ({"@context": [V2, EXAMPLES]}, 400),
    "a previous proof is there": ({"previousProof": "urn:uuid:missing"}, 400),
}


def test_what_a_proof_says_of_itself_counts_however_well_it_is_signed(service: Service) -> None:
    key = KEYS[KeyType.ED25519]
    document = a_credential(issuer=key.did)
    found = {
        statement: service.verify(anyway(document, key, **changed)).status_code
        for statement, (changed, _) in SIGNED_ANYWAY.items()
    }
    assert found == {statement: status for statement, (_, status) in SIGNED_ANYWAY.items()}


def test_another_hash_or_another_canonical_form_than_that_of_the_suite_is_not_verified(service: Service) -> None:
    key = KEYS[KeyType.ED25519]
    document = a_credential(issuer=key.did)
    assert service.verify(anyway(document, key)).status_code == 200
    for faulty in (
        anyway(document, key, sha512),
        anyway(document, key, cryptosuite="eddsa-rdfc-2022", **{"@context": ...}),
        service.signed(document, key, "eddsa-rdfc-2022") | {"name": "Certificate"},
    ):
        told = service.verify(faulty)
        assert (told.status_code, told.json()["title"]) == (400, "PROOF_VERIFICATION_ERROR")


def test_a_term_that_no_context_defines_is_not_verified_however_well_it_is_signed(service: Service) -> None:
    key = KEYS[KeyType.ED25519]
    for changed in (
        {"credentialSubject": {"id": "did:example:ada", "undefinedTerm": "x"}},
        {"type": ["VerifiableCredential", "UndefinedType"]},
    ):
        told = service.verify(anyway(a_credential(issuer=key.did, **changed), key))
        assert told.status_code == 400
        assert told.json()["title"] in {"DATA_LOSS_DETECTION_ERROR", "MALFORMED_VALUE_ERROR"}
    defined = a_credential(issuer=key.did, **{"@context": [V2, EXAMPLES]}, credentialSubject={"undefinedTerm": "x"})
    assert service.verify(anyway(defined, key)).status_code == 200


# Sets and chains

FIRST, SECOND = "urn:uuid:7d0b3a52-8d5e-4a39-9c0e-6a0b1de0c011", "urn:uuid:7d0b3a52-8d5e-4a39-9c0e-6a0b1de0c012"


@pytest.mark.parametrize(("suite", "key_type"), [SUITES[0], SUITES[1], SUITES[2], SUITES[4]], ids=lambda one: str(one))
def test_every_proof_of_a_set_and_of_a_chain_must_hold(service: Service, suite: str, key_type: KeyType) -> None:
    key = KEYS[key_type]
    one = service.signed(a_credential(issuer=key.did), key, suite, id=FIRST)
    chains = {
        "a set": service.signed(one, key, suite),
        "a chain": service.signed(one, key, suite, id=SECOND, previousProof=FIRST),
        "a chain of a list": service.signed(one, key, suite, id=SECOND, previousProof=[FIRST]),
    }
    for what, chain in chains.items():
        assert service.post("/credentials/verify", {"verifiableCredential": chain}).status_code == 200, what
        for faulty in (0, 1):
            broken = deepcopy(chain)
            broken["proof"][faulty]["proofValue"] = "invalidProofValue"
            assert service.verify(broken).status_code == 400, (what, faulty)
    for change in (
        lambda proofs: proofs[0].update(id=SECOND),
        lambda proofs: proofs[0].pop("id"),
        lambda proofs: proofs[1].update(previousProof="urn:uuid:missing"),
        lambda proofs: proofs[1].update(previousProof=["urn:uuid:missing"]),
        lambda proofs: proofs.pop(0),
    ):
        broken = deepcopy(chains["a chain"])
        change(broken["proof"])
        told = service.verify(broken)
        assert (told.status_code, told.json()["title"]) == (400, "PROOF_VERIFICATION_ERROR")


# Selective disclosure

COURSE = {
    "@context": [V2, EXAMPLES],
    "type": ["VerifiableCredential", "ExampleCourseCredential"],
    "credentialSubject": {
        "name": "Ada",
        "courses": [
            {
                "type": "Course",
                "label": "Geometry",
                "sessions": [{"hours": 5.5, "year": 2023}, {"hours": 6.1, "year": 2024}, {"hours": 7, "year": 2020}],
            },
            {"type": "Course", "label": "Algebra", "sessions": [{"hours": 4.9, "year": 2022}]},
        ],
    },
}
MANDATORY = ("/issuer", "/credentialSubject/courses/0/label")


@pytest.mark.parametrize(
    "pointers",
    [
        (),
        ("/credentialSubject/name",),
        ("/credentialSubject/courses/0/sessions/1/hours",),
        ("/credentialSubject/courses/0/sessions",),
        ("/credentialSubject/courses/0/sessions/0", "/credentialSubject/courses/0/sessions/1"),
        ("/credentialSubject/courses/0/sessions/1", "/credentialSubject/courses/0/sessions/2"),
        ("/credentialSubject/courses/1",),
        ("/credentialSubject",),
    ],
    ids=["nothing", "one", "nested", "a whole array", "less than an array", "not the first of one", "another", "all"],
)
def test_a_selection_verifies_and_a_changed_one_does_not(service: Service, pointers: tuple[str, ...]) -> None:
    """Without ids, so that every node in it is a blank one; derived by the service from what it issued."""
    base = service.issued(COURSE, "ecdsa-sd-2023", mandatoryPointers=list(MANDATORY))
    body = {"verifiableCredential": base, "options": {"selectivePointers": list(pointers)}}
    answer = service.post("/credentials/derive", body)
    assert answer.status_code == 201, answer.text
    shown = answer.json()["verifiableCredential"]
    assert shown["issuer"] == service.issuers["ecdsa-sd-2023"]
    assert shown["credentialSubject"]["courses"][0]["label"] == "Geometry"
    assert service.verify(shown).status_code == 200
    shown["credentialSubject"]["courses"][0]["label"] = "Topology"
    assert service.verify(shown).status_code == 400


def test_a_mandatory_pointer_must_point_at_something(service: Service) -> None:
    for pointers in (["/non/existent/path"], ["/credentialSubject/invalidPointer"], ["no pointer"], "x", [5]):
        assert service.issue(COURSE, "ecdsa-sd-2023", mandatoryPointers=pointers).status_code == 400, pointers
    body = {"verifiableCredential": service.issued(COURSE, "ecdsa-sd-2023"), "options": {"selectivePointers": ["/no"]}}
    assert service.post("/credentials/derive", body).status_code == 400


def test_a_derived_proof_has_its_header_and_its_five_parts(service: Service) -> None:
    key = KEYS[KeyType.P256]
    base = service.selective({**COURSE, "issuer": key.did}, key, *MANDATORY)
    shown = service.shown(base, "/credentialSubject/name")
    assert service.verify(shown).status_code == 200
    octets = octets_of_base64url(shown["proof"]["proofValue"])
    header, parts = octets[:3], cbor.decode(octets[3:])
    assert header == b"\xd9\x5d\x01"
    assert isinstance(parts, list)
    wrong: list[bytes] = [
        b"\xd9\x5d\x00" + octets[3:],
        b"\xd9\x5d\x02" + octets[3:],
        octets[3:],
        header,
        header + cbor.encode(parts[:4]),
        header + cbor.encode([*parts, 0]),
        header + cbor.encode([b"short", *parts[1:]]),
        header + cbor.encode([parts[0], parts[1][:-1], *parts[2:]]),  # type: ignore[index]
        header + cbor.encode([*parts[:2], ["not octets"], *parts[3:]]),
        header + cbor.encode([*parts[:3], {0: "not octets"}, parts[4]]),
        header + cbor.encode([*parts[:4], ["0"]]),
    ]
    for value in (*map(multibase_base64url, wrong), multibase_base58(octets[:60]), shown["proof"]["proofValue"][1:]):
        faulty = {**shown, "proof": {**shown["proof"], "proofValue": value}}
        told = service.verify(faulty)
        assert (told.status_code, told.json()["title"]) == (400, "PROOF_VERIFICATION_ERROR"), value[:20]
