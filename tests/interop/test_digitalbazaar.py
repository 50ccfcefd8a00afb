"""Each suite, both ways: what we sign, Digital Bazaar's libraries verify; what they sign, we verify."""

import copy
import json
from datetime import UTC, datetime

import pytest
from local_keys import local_key
from own_jsonld import canonize, label_nodes

from credentials.errors import Refused
from credentials.files import packaged_contexts
from credentials.proofs.data_integrity import add_proof, proof_options, verify_proofs, with_proof, with_signature
from credentials.proofs.ecdsa_sd_2023 import create_base_proof, derive_proof, with_base_signature
from credentials.proofs.model import KeyType
from credentials.proofs.multibase import multibase_base58
from credentials.proofs.multikey import multikey

NOW = datetime(2126, 1, 1, tzinfo=UTC)  # theirs are signed at the time of the test
V1 = "https://www.w3.org/2018/credentials/v1"
V2 = "https://www.w3.org/ns/credentials/v2"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
MULTIKEY = "https://w3id.org/security/multikey/v1"
DID = "https://www.w3.org/ns/did/v1"
ED25519_2020 = "https://w3id.org/security/suites/ed25519-2020/v1"

KEYS = {key_type: local_key(key_type) for key_type in (KeyType.ED25519, KeyType.P256, KeyType.P384)}
_SECRET_CODEC = {KeyType.ED25519: b"\x80\x26", KeyType.P256: b"\x86\x26", KeyType.P384: b"\x87\x26"}

SUITES = [
    ("eddsa-rdfc-2022", KeyType.ED25519),
    ("eddsa-jcs-2022", KeyType.ED25519),
    ("ecdsa-rdfc-2019", KeyType.P256),
    ("ecdsa-rdfc-2019", KeyType.P384),
    ("ecdsa-jcs-2019", KeyType.P256),
    ("ecdsa-jcs-2019", KeyType.P384),
]


def a_badge(issuer):
    return {
        "@context": [V2, OB],
        "id": "urn:uuid:6ba7b810-9dad-41d1-80b4-00c04fd430c8",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": issuer, "type": ["Profile"], "name": "Alder Department of Education – Bildungsamt"},
        "validFrom": "2024-01-15T00:00:00Z",
        "awardedDate": "2024-01-14T10:30:00+01:00",
        "name": "Checking for understanding",
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": True,
                    "identityHash": "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399",
                    "identityType": "emailAddress",
                    "salt": "Kosher",
                }
            ],
            "achievement": {
                "id": "https://alder.example/achievements/1",
                "type": ["Achievement"],
                "name": "Checking for understanding",
                "description": "Finds out what learners know «while there is time» to act on it.\nTwice.",
                "criteria": {"narrative": "Three rounds of questions."},
                "resultDescription": [
                    {
                        "id": "urn:uuid:00000000-0000-4000-8000-000000000001",
                        "type": ["ResultDescription"],
                        "name": "Level",
                        "resultType": "Status",
                        "allowedValue": ["Not yet", "Developing", "Demonstrated"],
                    }
                ],
            },
            "result": [
                {
                    "type": ["Result"],
                    "resultDescription": "urn:uuid:00000000-0000-4000-8000-000000000001",
                    "value": "Demonstrated",
                    "status": "Completed",
                }
            ],
        },
        "evidence": [{"type": ["Evidence"], "name": "Plan"}, {"type": ["Evidence"], "name": "Reflection 🎓"}],
    }


def an_older_credential(issuer):
    return {
        "@context": [V1],
        "id": "urn:uuid:6ba7b810-9dad-41d1-80b4-00c04fd430c9",
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "issuanceDate": "2024-01-15T00:00:00Z",
        "credentialSubject": {"id": "did:example:educator"},
    }


def documents():
    """All that the other side may load: the packaged contexts, and the documents of the keys."""
    loaded = {url: json.loads(content) for url, content in packaged_contexts().items()}
    for key in KEYS.values():
        method = {
            "@context": MULTIKEY,
            "id": key.verification_method,
            "type": "Multikey",
            "controller": key.did,
            "publicKeyMultibase": multikey(key.public),
        }
        loaded[key.verification_method] = method
        loaded[key.did] = {
            "@context": [DID, MULTIKEY],
            "id": key.did,
            "verificationMethod": [{k: v for k, v in method.items() if k != "@context"}],
            "assertionMethod": [key.verification_method],
        }
    return loaded


def secret(key_type):
    """A key pair as Digital Bazaar's libraries take it."""
    key = KEYS[key_type]
    if key_type is KeyType.ED25519:
        octets = key.private.private_bytes_raw() + key.public.octets
    else:
        octets = key.private.private_numbers().private_value.to_bytes(32 if key_type is KeyType.P256 else 48)
    return {
        "@context": MULTIKEY,
        "id": key.verification_method,
        "type": "Multikey",
        "controller": key.did,
        "publicKeyMultibase": multikey(key.public),
        "secretKeyMultibase": multibase_base58(_SECRET_CODEC[key_type] + octets),
    }


def older_secret():
    pair = secret(KeyType.ED25519)
    return {
        "id": pair["id"],
        "type": "Ed25519VerificationKey2020",
        "controller": pair["controller"],
        "publicKeyMultibase": pair["publicKeyMultibase"],
        "privateKeyMultibase": pair["secretKeyMultibase"],
    }


def ours(document, suite, key_type):
    key = KEYS[key_type]
    options = proof_options(suite, key.verification_method, "2024-01-15T08:00:00Z")
    added = add_proof(document, options, key_type, canonize)
    return with_signature(added, key.sign(added.unsigned.to_sign))


def we_verify(document):
    keys = {key.verification_method: key.public for key in KEYS.values()}
    return verify_proofs(document, keys, canonize, now=NOW)


def test_they_verify_what_we_sign_and_nothing_that_was_changed(node):
    tasks = []
    for suite, key_type in SUITES:
        for make in (a_badge, an_older_credential):
            credential = ours(make(KEYS[key_type].did), suite, key_type)
            forged = copy.deepcopy(credential) | {"id": "urn:uuid:6ba7b810-9dad-41d1-80b4-000000000000"}
            tasks += [{"do": "verify", "suite": suite, "credential": each} for each in (credential, forged)]
    results = node("digitalbazaar.mjs", {"documents": documents(), "tasks": tasks})
    for task, result in zip(tasks[::2], results[::2], strict=True):
        assert result == {"verified": True}, (task["suite"], result)
    assert not any(result.get("verified") for result in results[1::2])


def test_we_verify_what_they_sign_and_nothing_that_was_changed(node):
    tasks = [
        {"do": "issue", "suite": suite, "key": secret(key_type), "credential": make(KEYS[key_type].did)}
        for suite, key_type in SUITES
        for make in (a_badge, an_older_credential)
    ]
    older = an_older_credential(KEYS[KeyType.ED25519].did) | {"@context": [V1, ED25519_2020]}
    tasks.append({"do": "issue", "suite": "Ed25519Signature2020", "key": older_secret(), "credential": older})
    for task, result in zip(tasks, node("digitalbazaar.mjs", {"documents": documents(), "tasks": tasks}), strict=True):
        assert "error" not in result, (task["suite"], result)
        credential = result["credential"]
        assert we_verify(credential).document["id"] == task["credential"]["id"]
        with pytest.raises(Refused):
            we_verify(credential | {"id": "urn:uuid:6ba7b810-9dad-41d1-80b4-000000000000"})


# Selective disclosure

MANDATORY = ["/issuer", "/validFrom", "/credentialSubject/achievement/name"]
SELECTIVE = ["/credentialSubject/result/0", "/evidence/1", "/credentialSubject/identifier"]


def a_plain_badge():
    """A badge without an ordered list: their software cannot give a selection of such a document its statements."""
    badge = a_badge(KEYS[KeyType.P256].did)
    del badge["credentialSubject"]["achievement"]["resultDescription"][0]["allowedValue"]
    return badge


def our_base(document):
    key = KEYS[KeyType.P256]
    unsigned = create_base_proof(
        document,
        proof_options("ecdsa-sd-2023", key.verification_method, "2024-01-15T08:00:00Z"),
        label_nodes,
        canonize,
        mandatory_pointers=MANDATORY,
        hmac_key=bytes(range(32)),
        proof_key=bytes(range(40)),
    )
    return with_proof(document, with_base_signature(unsigned, key.sign(unsigned.to_sign)))


def our_derived(secured, pointers=SELECTIVE):
    document = {member: value for member, value in secured.items() if member != "proof"}
    proof = secured["proof"][0] if isinstance(secured["proof"], list) else secured["proof"]
    return with_proof(*derive_proof(document, proof, label_nodes, selective_pointers=pointers))


def task(what, credential=None, **more):
    return {"do": what, "suite": "ecdsa-sd-2023", "credential": credential or a_plain_badge(), **more}


def test_selective_disclosure_crosses_at_every_step(node):
    """Their base proof and ours, each derived from by both, each showing verified by both."""
    signing = {"key": secret(KeyType.P256), "mandatoryPointers": MANDATORY}
    (issued,) = node("digitalbazaar.mjs", {"documents": documents(), "tasks": [task("issue", **signing)]})
    assert "error" not in issued, issued
    bases = [our_base(a_plain_badge()), issued["credential"]]
    deriving = [task("derive", base, selectivePointers=SELECTIVE) for base in bases]
    derived = node("digitalbazaar.mjs", {"documents": documents(), "tasks": deriving})
    assert not any("error" in each for each in derived), derived
    showings = [*map(our_derived, bases), *(each["credential"] for each in derived)]
    for showing in showings:
        assert "Plan" not in json.dumps(showing, ensure_ascii=False)
        assert we_verify(showing).document["evidence"] == [{"type": ["Evidence"], "name": "Reflection 🎓"}]
    forged = [showing | {"validFrom": "2023-01-15T00:00:00Z"} for showing in showings]
    verifying = [task("verify", each) for each in (*showings, *forged)]
    results = node("digitalbazaar.mjs", {"documents": documents(), "tasks": verifying})
    assert results[:4] == [{"verified": True}] * 4
    assert not any(result.get("verified") for result in results[4:])


def test_they_verify_our_showing_of_a_badge_with_an_ordered_list(node):
    pointers = ["/credentialSubject/achievement/resultDescription", *SELECTIVE]
    showing = our_derived(our_base(a_badge(KEYS[KeyType.P256].did)), pointers)
    assert "Developing" in json.dumps(showing)
    results = node("digitalbazaar.mjs", {"documents": documents(), "tasks": [task("verify", showing)]})
    assert results == [{"verified": True}]
