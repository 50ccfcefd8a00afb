"""ecdsa-sd-2023: the published steps byte for byte, and what a holder can and cannot do with a base proof."""

import copy
import json
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from local_keys import key_of_secret_multikey, local_key

from credentials.errors import Refused
from credentials.proofs import cbor
from credentials.proofs.data_integrity import proof_options, verify_proofs, with_proof
from credentials.proofs.ecdsa_sd_2023 import (
    create_base_proof,
    derive_proof,
    derived_proof_value,
    parse_base_proof_value,
    parse_derived_proof_value,
    with_base_signature,
)
from credentials.proofs.model import KeyType
from credentials.proofs.multibase import multibase_base64url, octets_of_base64url
from credentials.proofs.multikey import multikey_octets
from credentials.proofs.selection import select

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FOLDER = "ecdsa-sd-2023"
# (folder, mandatory pointers, selective pointers)
PUBLISHED = pytest.mark.parametrize(
    ("case", "mandatory", "selective"),
    [
        pytest.param("employ", "employMandatory", "employSelective", id="employment authorization"),
        pytest.param("prc", "prCredMandatory", "prCredSelective", id="permanent resident card"),
    ],
)


class Case:
    """One of the published credentials with its keys."""

    def __init__(self, ecdsa, case, mandatory, selective):
        material = ecdsa.json(f"{FOLDER}/SDKeyMaterial.json")
        self.key = key_of_secret_multikey(material["baseKeyPair"]["secretKeyMultibase"])
        self.own_key = key_of_secret_multikey(material["proofKeyPair"]["secretKeyMultibase"])
        self.hmac_key = bytes.fromhex(material["hmacKeyString"])
        # The unsecured resident card was published with another description than the one that was signed.
        self.document = ecdsa.json(f"{FOLDER}/{case}/addSignedSDBase.json")
        del self.document["proof"]
        self.mandatory = ecdsa.json(f"{mandatory}.json")
        self.selective = ecdsa.json(f"{selective}.json")
        self.options = ecdsa.json(f"{FOLDER}/{case}/addProofConfig.json")
        del self.options["@context"]
        self.read = lambda name: ecdsa.json(f"{FOLDER}/{case}/{name}.json")

    def unsigned(self, label_nodes, canonize):
        scalar = self.own_key.private.private_numbers().private_value
        return create_base_proof(
            self.document,
            self.options,
            label_nodes,
            canonize,
            mandatory_pointers=self.mandatory,
            hmac_key=self.hmac_key,
            proof_key=(scalar - 1).to_bytes(40),
        )

    def signed(self, label_nodes, canonize):
        unsigned = self.unsigned(label_nodes, canonize)
        return with_proof(self.document, with_base_signature(unsigned, self.key.sign(unsigned.to_sign)))


@PUBLISHED
def test_the_base_proof_is_the_published_one(case, mandatory, selective, ecdsa, label_nodes, canonize):
    one = Case(ecdsa, case, mandatory, selective)
    hashes, raw = one.read("addHashData"), one.read("addRawBaseSignatureInfo")

    unsigned = one.unsigned(label_nodes, canonize)
    signature = one.key.sign(unsigned.to_sign)

    own = multikey_octets(one.own_key.public)
    assert unsigned.to_sign == bytes.fromhex(hashes["proofHash"]) + own + bytes.fromhex(hashes["mandatoryHash"])
    assert signature.hex() == raw["baseSignature"]
    assert [each.hex() for each in unsigned.parts.signatures] == raw["signatures"]
    assert with_base_signature(unsigned, signature) == one.read("addSignedSDBase")["proof"]


@PUBLISHED
def test_the_derived_proof_is_the_published_one(case, mandatory, selective, ecdsa, label_nodes, canonize):
    one = Case(ecdsa, case, mandatory, selective)
    published = one.read("derivedRevealDocument")

    revealed, proof = derive_proof(
        one.document, one.read("addSignedSDBase")["proof"], label_nodes, selective_pointers=one.selective
    )

    assert revealed == one.read("derivedUnsignedReveal")
    assert proof == published["proof"]
    data, parsed = one.read("derivedDisclosureData"), parse_derived_proof_value(proof["proofValue"])
    assert parsed.labels == dict(data["labelMap"]["value"])
    assert list(parsed.mandatory_indexes) == data["mandatoryIndexes"]


@PUBLISHED
def test_the_published_derived_proof_verifies(case, mandatory, selective, ecdsa, canonize):
    one = Case(ecdsa, case, mandatory, selective)
    published = one.read("derivedRevealDocument")
    keys = {published["proof"]["verificationMethod"]: one.key.public}
    assert verify_proofs(published, keys, canonize, now=NOW).document == one.read("derivedUnsignedReveal")


@PUBLISHED
def test_the_parts_of_a_published_base_proof_are_read(case, mandatory, selective, ecdsa):
    one = Case(ecdsa, case, mandatory, selective)
    recovered = one.read("derivedRecoveredBaseData")
    parts = parse_base_proof_value(one.read("addSignedSDBase")["proof"]["proofValue"])
    assert parts.base_signature.hex() == recovered["baseSignature"]
    assert parts.hmac_key == one.hmac_key
    assert list(parts.mandatory_pointers) == one.mandatory
    assert [each.hex() for each in parts.signatures] == recovered["signatures"]


# A badge of our own

V2 = "https://www.w3.org/ns/credentials/v2"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
KEY, OTHER = local_key(KeyType.P256), local_key(KeyType.P256, 2)
HMAC_KEY, PROOF_KEY = bytes(range(32)), bytes(range(40))
SCALE = ["Not yet", "Developing", "Demonstrated", "Extending"]
RESULTS = "/credentialSubject/result"
MANDATORY = ["/issuer", "/validFrom", "/credentialSubject/achievement/name"]

BADGE = {
    "@context": [V2, OB],
    "id": "urn:uuid:6ba7b810-9dad-41d1-80b4-00c04fd430c8",
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "issuer": {"id": KEY.did, "type": ["Profile"], "name": "Alder Department of Education"},
    "validFrom": "2024-01-15T00:00:00Z",
    "name": "Checking for understanding",
    "credentialSubject": {
        "type": ["AchievementSubject"],
        "achievement": {
            "id": "https://alder.example/achievements/1",
            "type": ["Achievement"],
            "name": "Checking for understanding",
            "description": "Finds out what learners know.",
            "criteria": {"narrative": 'Says «_:c14n0 .» and <urn:bnid:c14n1> and "_:c14n1"@en\n.'},
            "resultDescription": [
                {
                    "id": "urn:uuid:00000000-0000-4000-8000-000000000001",
                    "type": ["ResultDescription"],
                    "name": "Level",
                    "resultType": "Status",
                    "allowedValue": SCALE,
                }
            ],
        },
        "result": [
            {"type": ["Result"], "value": "first", "status": "Completed"},
            {"type": ["Result"], "value": "second", "status": "Completed"},
            {"type": ["Result"], "value": "third"},
        ],
    },
    "evidence": [{"type": ["Evidence"], "name": "Plan"}, {"type": ["Evidence"], "name": "Reflection"}],
}
DESCRIPTION = "/credentialSubject/achievement/resultDescription/0"


def options():
    return proof_options("ecdsa-sd-2023", KEY.verification_method, "2024-01-15T08:00:00Z")


@pytest.fixture(scope="module")
def base_proof(own_label_nodes, own_canonize):
    unsigned = create_base_proof(
        BADGE,
        options(),
        own_label_nodes,
        own_canonize,
        mandatory_pointers=MANDATORY,
        hmac_key=HMAC_KEY,
        proof_key=PROOF_KEY,
    )
    return with_base_signature(unsigned, KEY.sign(unsigned.to_sign))


@pytest.fixture(scope="module")
def shown(base_proof, own_label_nodes, own_canonize):
    """Some of the badge, with its derived proof."""
    pointers = [f"{RESULTS}/0", f"{RESULTS}/2/value", "/name"]
    revealed, proof = derive_proof(BADGE, base_proof, own_label_nodes, selective_pointers=pointers)
    return with_proof(revealed, proof)


def verify(document, canonize, key=KEY):
    return verify_proofs(document, {KEY.verification_method: key.public}, canonize, now=NOW)


def refusal(call, *arguments, **named):
    with pytest.raises(Refused) as caught:
        call(*arguments, **named)
    return caught.value


def reworked(document, **parts):
    """The document with other parts of its derived proof."""
    proof = document["proof"][0]
    derived = parse_derived_proof_value(proof["proofValue"])
    changed = msgspec.structs.replace(
        derived, **{name: change(getattr(derived, name)) for name, change in parts.items()}
    )
    return document | {"proof": [proof | {"proofValue": derived_proof_value(changed)}]}


def test_the_holder_shows_what_the_pointers_name_and_the_verifier_sees_no_more(shown, own_canonize):
    assert verify(shown, own_canonize).document == {
        "@context": [V2, OB],
        "id": BADGE["id"],
        "type": BADGE["type"],
        "issuer": BADGE["issuer"],
        "validFrom": BADGE["validFrom"],
        "name": BADGE["name"],
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "achievement": {
                "id": "https://alder.example/achievements/1",
                "type": ["Achievement"],
                "name": "Checking for understanding",
            },
            "result": [BADGE["credentialSubject"]["result"][0], {"type": ["Result"], "value": "third"}],
        },
    }


@pytest.mark.parametrize(
    "pointers",
    [
        pytest.param([], id="only what is mandatory"),
        pytest.param([""], id="everything"),
        pytest.param(["/evidence/1"], id="one of two that look alike"),
        pytest.param([f"{RESULTS}/1", f"{RESULTS}/0"], id="two of three, named backwards"),
        pytest.param(["/credentialSubject/achievement/criteria"], id="a text that looks like N-Quads"),
        pytest.param([f"{DESCRIPTION}/allowedValue"], id="a list"),
        pytest.param([DESCRIPTION, "/issuer/name", "/name"], id="a node with a list, and more"),
    ],
)
def test_any_selection_verifies(pointers, base_proof, own_label_nodes, own_canonize):
    revealed, proof = derive_proof(BADGE, base_proof, own_label_nodes, selective_pointers=pointers)
    assert revealed == select(BADGE, [*MANDATORY, *pointers]).fragment
    assert verify(with_proof(revealed, proof), own_canonize).document == revealed


ENDORSEMENT = {
    "@context": [V2, OB],
    "id": "urn:uuid:6ba7b810-9dad-41d1-80b4-00c04fd430c9",
    "type": ["VerifiableCredential", "EndorsementCredential"],
    "name": "Endorsed",
    "issuer": {"id": "did:example:university", "type": ["Profile"]},
    "validFrom": "2024-01-15T00:00:00Z",
    "credentialSubject": {"id": BADGE["id"], "type": ["EndorsementSubject"], "endorsementComment": "Well assessed."},
    "proof": [options() | {"cryptosuite": "eddsa-rdfc-2022", "proofValue": "z2"}],
}


@pytest.mark.parametrize(
    "pointers", [[], ["/endorsement"], ["/endorsement/0/proof"], ["/endorsement/1/proof/0/proofValue"]], ids=str
)
def test_the_proof_inside_an_endorsement_has_a_graph_of_its_own(pointers, own_label_nodes, own_canonize):
    other = copy.deepcopy(ENDORSEMENT) | {
        "id": "urn:uuid:6ba7b810-9dad-41d1-80b4-00c04fd430ca",
        "name": "Endorsed again",
    }
    document = BADGE | {"endorsement": [ENDORSEMENT, other]}
    unsigned = create_base_proof(
        document,
        options(),
        own_label_nodes,
        own_canonize,
        mandatory_pointers=MANDATORY,
        hmac_key=HMAC_KEY,
        proof_key=PROOF_KEY,
    )
    proof = with_base_signature(unsigned, KEY.sign(unsigned.to_sign))
    revealed, proof = derive_proof(document, proof, own_label_nodes, selective_pointers=pointers)
    assert verify(with_proof(revealed, proof), own_canonize).document == revealed


def pointers_of(value, pointer=""):
    yield pointer
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in members:
        if name not in {"@context", "type", "allowedValue"}:
            yield from pointers_of(item, f"{pointer}/{name}")


@settings(max_examples=30)
@given(pointers=st.lists(st.sampled_from(sorted(pointers_of(BADGE))), max_size=6))
def test_any_places_can_be_selected(pointers, base_proof, own_label_nodes, own_canonize):
    revealed, proof = derive_proof(BADGE, base_proof, own_label_nodes, selective_pointers=pointers)
    assert verify(with_proof(revealed, proof), own_canonize).document == select(BADGE, [*MANDATORY, *pointers]).fragment


def test_what_is_not_shown_leaves_no_trace(shown):
    text = json.dumps(shown)
    assert "Reflection" not in text
    assert "second" not in text
    assert HMAC_KEY not in octets_of_base64url(shown["proof"][0]["proofValue"])


def test_a_base_proof_is_not_for_a_verifier(base_proof, own_canonize):
    refused = refusal(verify, with_proof(BADGE, base_proof), own_canonize)
    assert (refused.code, refused.pointer) == ("PROOF_VERIFICATION_ERROR", "/proof/0/proofValue")
    assert "not a derived proof" in refused.detail


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda d: d | {"name": "Another"}, id="a shown text is changed"),
        pytest.param(lambda d: d | {"validFrom": "2020-01-01T00:00:00Z"}, id="a mandatory date is changed"),
        pytest.param(lambda d: {k: v for k, v in d.items() if k != "validFrom"}, id="a mandatory member is left out"),
        pytest.param(
            lambda d: {k: v for k, v in d.items() if k != "name"}, id="a member is left out and its signature not"
        ),
        pytest.param(lambda d: d | {"validUntil": "2030-01-01T00:00:00Z"}, id="a member is put in"),
        pytest.param(lambda d: d | {"id": "urn:uuid:0"}, id="another id"),
        pytest.param(
            lambda d: d | {"proof": [d["proof"][0] | {"created": "2024-01-16T08:00:00Z"}]}, id="another date of signing"
        ),
        pytest.param(lambda d: reworked(d, signatures=lambda s: s[::-1]), id="the signatures change places"),
        pytest.param(lambda d: reworked(d, signatures=lambda s: s[:-1]), id="a signature too few"),
        pytest.param(lambda d: reworked(d, signatures=lambda s: (*s, s[0])), id="a signature too many"),
        pytest.param(lambda d: reworked(d, base_signature=lambda s: bytes(64)), id="a base signature of zeros"),
        pytest.param(
            lambda d: reworked(d, mandatory_indexes=lambda i: i[:-1]), id="a mandatory statement passed as chosen"
        ),
        pytest.param(lambda d: reworked(d, mandatory_indexes=lambda i: (*i, 999)), id="an index beyond the document"),
        pytest.param(lambda d: reworked(d, mandatory_indexes=lambda i: i[::-1]), id="indexes that descend"),
        pytest.param(lambda d: reworked(d, mandatory_indexes=lambda i: (i[0], *i)), id="an index twice"),
        pytest.param(lambda d: reworked(d, labels=lambda m: {}), id="no label map"),
        pytest.param(
            lambda d: reworked(d, labels=lambda m: m | {"c14n99": multibase_base64url(bytes(32))}),
            id="a label for nobody",
        ),
        pytest.param(
            lambda d: reworked(d, labels=lambda m: dict.fromkeys(m, next(iter(m.values())))), id="one label for all"
        ),
        pytest.param(
            lambda d: reworked(d, labels=lambda m: dict(zip(m, reversed(m.values()), strict=True))),
            id="labels exchanged",
        ),
        pytest.param(
            lambda d: reworked(d, public_key=lambda k: multikey_octets(OTHER.public)),
            id="another key for the statements",
        ),
        pytest.param(
            lambda d: reworked(d, public_key=lambda k: b"\xed\x01" + k[2:]), id="a key of another type for them"
        ),
    ],
)
def test_a_forged_showing_does_not_verify(forge, shown, own_canonize):
    assert refusal(verify, forge(shown), own_canonize).code in {
        "PROOF_VERIFICATION_ERROR",
        "INVALID_VERIFICATION_METHOD",
    }


def test_two_nodes_cannot_be_passed_off_as_one(base_proof, own_label_nodes, own_canonize):
    """Every line would be signed; only that the label map is not one to one gives it away."""
    pointers = [f"{RESULTS}/0/value", f"{RESULTS}/0/status"]
    revealed, proof = derive_proof(BADGE, base_proof, own_label_nodes, selective_pointers=pointers)
    split = revealed | {
        "credentialSubject": revealed["credentialSubject"]
        | {"result": [{"type": ["Result"], "value": "first"}, {"type": ["Result"], "status": "Completed"}]}
    }
    _, labels = own_label_nodes(split)
    signed = parse_derived_proof_value(proof["proofValue"]).labels
    _, before = own_label_nodes(revealed)
    of_result = signed[before[f"{RESULTS}/0", "@id"]]
    mapped = {labels[f"{RESULTS}/{index}", "@id"]: of_result for index in (0, 1)}
    mapped |= {labels[place]: signed[before[place]] for place in labels if place in before and RESULTS not in place[0]}
    forged = reworked(with_proof(split, proof), labels=lambda _: mapped)
    assert "two blank nodes have one label" in refusal(verify, forged, own_canonize).detail


def test_another_issuers_key_does_not_verify(shown, own_canonize):
    assert refusal(verify, shown, own_canonize, OTHER).code == "PROOF_VERIFICATION_ERROR"


@pytest.mark.parametrize(
    "pointers",
    [
        pytest.param(["/nothing"], id="nothing that is there"),
        pytest.param([f"{DESCRIPTION}/allowedValue/1"], id="one value of a list, whose order is signed"),
        pytest.param(["/proof"], id="the proof"),
        pytest.param(["name"], id="no pointer"),
    ],
)
def test_a_selection_that_cannot_be_shown_is_refused(pointers, base_proof, own_label_nodes, own_canonize):
    refused = refusal(derive_proof, BADGE, base_proof, own_label_nodes, selective_pointers=pointers)
    assert refused.code == "MALFORMED_VALUE_ERROR"


def test_a_selection_of_nothing_at_all_is_refused(own_label_nodes, own_canonize):
    unsigned = create_base_proof(
        BADGE, options(), own_label_nodes, own_canonize, mandatory_pointers=[], hmac_key=HMAC_KEY, proof_key=PROOF_KEY
    )
    proof = with_base_signature(unsigned, KEY.sign(unsigned.to_sign))
    refused = refusal(derive_proof, BADGE, proof, own_label_nodes, selective_pointers=[])
    assert refused.code == "MALFORMED_VALUE_ERROR"


def test_a_base_proof_of_another_document_cannot_be_derived_from(base_proof, own_label_nodes, own_canonize):
    other = {member: value for member, value in BADGE.items() if member != "evidence"}
    refused = refusal(derive_proof, other, base_proof, own_label_nodes, selective_pointers=["/name"])
    assert refused.code == "PROOF_VERIFICATION_ERROR"


def test_a_derived_proof_cannot_be_derived_from(shown, own_label_nodes, own_canonize):
    document = {member: value for member, value in shown.items() if member != "proof"}
    refused = refusal(derive_proof, document, shown["proof"][0], own_label_nodes, selective_pointers=["/name"])
    assert refused.code == "PROOF_VERIFICATION_ERROR"


@pytest.mark.parametrize("keys", [{"hmac_key": bytes(31)}, {"proof_key": bytes(32)}], ids=["hmac key", "proof key"])
def test_the_keys_of_a_proof_have_their_length(keys, own_label_nodes, own_canonize):
    given = {"hmac_key": HMAC_KEY, "proof_key": PROOF_KEY} | keys
    refused = refusal(
        create_base_proof, BADGE, options(), own_label_nodes, own_canonize, mandatory_pointers=MANDATORY, **given
    )
    assert refused.code == "PROOF_GENERATION_ERROR"


PARTS = [bytes(64), bytes(35), [], {}, []]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="null"),
        pytest.param("z2", id="another encoding"),
        pytest.param("u", id="no octets"),
        pytest.param("u2V0B", id="a header and no more"),
        pytest.param(multibase_base64url(b"\xd9\x5d\x02" + cbor.encode(PARTS)), id="another header"),
        pytest.param(multibase_base64url(b"\xd9\x5d\x01" + cbor.encode(PARTS[:4])), id="four parts"),
        pytest.param(multibase_base64url(b"\xd9\x5d\x01" + cbor.encode([*PARTS, 0])), id="six parts"),
        pytest.param(multibase_base64url(b"\xd9\x5d\x01" + cbor.encode(0)), id="a number"),
        pytest.param(multibase_base64url(b"\xd9\x5d\x01" + cbor.encode(PARTS) + b"\0"), id="something after it"),
        *[
            pytest.param(
                multibase_base64url(b"\xd9\x5d\x01" + cbor.encode([*PARTS[:place], wrong, *PARTS[place + 1 :]])),
                id=f"part {place} is {wrong!r}",
            )
            for place, wrongs in enumerate(
                [
                    (0, bytes(63), "x"),
                    (0, bytes(36)),
                    (0, [0], [bytes(63)], {}),
                    (0, [], {0: 0}, {0: bytes(31)}),
                    (0, ["x"], [bytes(1)], {}),
                ]
            )
            for wrong in wrongs
        ],
    ],
)
def test_another_proof_value_is_refused(value, own_canonize):
    refused = refusal(parse_derived_proof_value, value)
    assert (refused.code, refused.pointer) == ("PROOF_VERIFICATION_ERROR", "/proofValue")


@given(st.binary(max_size=100))
def test_no_proof_value_does_harm(octets):
    for header in (b"", b"\xd9\x5d\x00", b"\xd9\x5d\x01"):
        for parse in (parse_base_proof_value, parse_derived_proof_value):
            with pytest.raises(Refused):
                parse(multibase_base64url(header + octets))
