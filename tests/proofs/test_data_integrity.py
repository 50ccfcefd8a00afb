"""Adding and verifying Data Integrity proofs: what holds, and everything that does not."""

import copy
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from local_keys import local_key

from credentials.errors import Refused
from credentials.proofs.data_integrity import (
    MAX_PROOFS,
    add_proof,
    octets_with_signature,
    proof_options,
    read_proofs,
    verify_proofs,
    with_signature,
)
from credentials.proofs.model import KeyType
from credentials.proofs.multibase import multibase_base58, multibase_base64url, octets_of_base58

NOW = datetime(2026, 6, 1, tzinfo=UTC)
V1 = "https://www.w3.org/2018/credentials/v1"
V2 = "https://www.w3.org/ns/credentials/v2"
DI = "https://w3id.org/security/data-integrity/v2"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"

SUITES = [
    ("eddsa-rdfc-2022", KeyType.ED25519),
    ("eddsa-jcs-2022", KeyType.ED25519),
    ("ecdsa-rdfc-2019", KeyType.P256),
    ("ecdsa-rdfc-2019", KeyType.P384),
    ("ecdsa-jcs-2019", KeyType.P256),
    ("ecdsa-jcs-2019", KeyType.P384),
]
EACH_SUITE = pytest.mark.parametrize(("suite", "key_type"), SUITES, ids=[f"{s} with {k}" for s, k in SUITES])


def a_credential(issuer="did:example:alder", **more):
    return {
        "@context": [V2, OB],
        "id": "urn:uuid:6ba7b810-9dad-41d1-80b4-00c04fd430c8",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": issuer, "type": ["Profile"], "name": "Alder Department of Education"},
        "validFrom": "2026-01-15T00:00:00Z",
        "name": "Checking for understanding",
        "credentialSubject": {
            "id": "did:example:educator",
            "type": ["AchievementSubject"],
            "achievement": {
                "id": "https://alder.example/achievements/1",
                "type": ["Achievement"],
                "name": "Checking for understanding",
                "description": "Finds out what learners know while there is time to act on it.",
                "criteria": {"narrative": "Three rounds of questions, and what was done with the answers."},
            },
        },
    } | more


def options_for(suite, key, **more):
    return proof_options(suite, key.verification_method, "2026-01-15T08:00:00Z", **more)


def signed(document, suite, key, canonize, **more):
    added = add_proof(document, options_for(suite, key, **more), key.public.type, canonize)
    return with_signature(added, key.sign(added.unsigned.to_sign))


def keys_for(*keys):
    return {key.verification_method: key.public for key in keys}


def refusal(call, *arguments, **named):
    with pytest.raises(Refused) as caught:
        call(*arguments, **named)
    return caught.value


@EACH_SUITE
def test_a_signed_document_verifies_and_says_what_was_verified(suite, key_type, own_canonize):
    key = local_key(key_type)
    document = signed(a_credential(), suite, key, own_canonize)

    verified = verify_proofs(document, keys_for(key), own_canonize, now=NOW)

    assert verified.document == a_credential()
    (proof,) = verified.proofs
    assert (proof.suite, proof.verification_method, proof.purpose) == (
        suite,
        key.verification_method,
        "assertionMethod",
    )
    assert proof.created == datetime(2026, 1, 15, 8, tzinfo=UTC)


@EACH_SUITE
def test_our_canonicalisation_and_the_reference_sign_the_same_octets(suite, key_type, own_canonize, canonize):
    key = local_key(key_type)
    options = options_for(suite, key)
    ours = add_proof(a_credential(), options, key_type, own_canonize)
    assert ours.unsigned.to_sign == add_proof(a_credential(), options, key_type, canonize).unsigned.to_sign


def leaves(value, path=()):
    """The path of everything in a document that is not an object or array."""
    match value:
        case dict():
            for member, below in value.items():
                yield from leaves(below, (*path, member))
        case list():
            for index, below in enumerate(value):
                yield from leaves(below, (*path, index))
        case _:
            yield path


def changed(document, path, change):
    document = copy.deepcopy(document)
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = change(place[path[-1]])
    return document


@EACH_SUITE
@settings(max_examples=8)
@given(text=st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=1, max_size=5), front=st.booleans())
def test_changing_any_leaf_breaks_the_proof(suite, key_type, text, front, own_canonize):
    key, other = local_key(key_type), local_key(key_type, 2)
    document = signed(a_credential(), suite, key, own_canonize)
    for path in leaves(document):
        forged = changed(document, path, lambda leaf: text + leaf if front else leaf + text)
        keys = {forged["proof"][0]["verificationMethod"]: other.public} | keys_for(key)
        assert refusal(verify_proofs, forged, keys, own_canonize, now=NOW).code, path


@EACH_SUITE
@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda d: d | {"name": "Another name"}, id="a changed text"),
        pytest.param(lambda d: {k: v for k, v in d.items() if k != "name"}, id="a member left out"),
        pytest.param(lambda d: d | {"validUntil": "2027-01-01T00:00:00Z"}, id="a member put in"),
        pytest.param(lambda d: d | {"type": ["VerifiableCredential"]}, id="a type left out"),
        pytest.param(lambda d: d | {"issuer": d["issuer"] | {"name": "Somebody else"}}, id="another issuer's name"),
    ],
)
def test_a_forged_document_does_not_verify(suite, key_type, forge, own_canonize):
    key = local_key(key_type)
    forged = forge(signed(a_credential(), suite, key, own_canonize))
    refused = refusal(verify_proofs, forged, keys_for(key), own_canonize, now=NOW)
    assert (refused.code, refused.pointer) == ("PROOF_VERIFICATION_ERROR", "/proof/0/proofValue")


@EACH_SUITE
@pytest.mark.parametrize(
    "more",
    [
        {"created": "2026-01-16T08:00:00Z"},
        {"expires": "2030-01-01T00:00:00Z"},
        {"nonce": "n"},
        {"domain": "d.example"},
        {"challenge": "c"},
        {"id": "urn:uuid:1b2f2e3c-0000-4000-8000-000000000001"},
    ],
    ids=str,
)
def test_a_member_of_the_proof_cannot_be_changed_or_added(suite, key_type, more, own_canonize):
    key = local_key(key_type)
    document = signed(a_credential(), suite, key, own_canonize)
    document["proof"][0] |= more
    assert refusal(verify_proofs, document, keys_for(key), own_canonize, now=NOW).code == "PROOF_VERIFICATION_ERROR"


def test_another_key_of_the_same_issuer_does_not_verify(own_canonize):
    key, other = local_key(KeyType.ED25519, 1), local_key(KeyType.ED25519, 2)
    document = signed(a_credential(), "eddsa-rdfc-2022", key, own_canonize)
    keys = {key.verification_method: other.public}
    assert refusal(verify_proofs, document, keys, own_canonize, now=NOW).code == "PROOF_VERIFICATION_ERROR"


@pytest.mark.parametrize(
    ("suite", "key_type"),
    [
        ("eddsa-rdfc-2022", KeyType.P256),
        ("eddsa-jcs-2022", KeyType.P384),
        ("ecdsa-rdfc-2019", KeyType.ED25519),
        ("ecdsa-jcs-2019", KeyType.ED25519),
        ("ecdsa-sd-2023", KeyType.P384),
    ],
)
def test_a_suite_takes_the_keys_that_it_is_made_for(suite, key_type, own_canonize):
    key = local_key(key_type)
    document = a_credential(proof=options_for(suite, key, proofValue="z1"))
    refused = refusal(verify_proofs, document, keys_for(key), own_canonize, now=NOW)
    assert refused.code == "INVALID_VERIFICATION_METHOD"


def test_a_verification_method_without_a_known_key_is_refused(own_canonize):
    document = signed(a_credential(), "eddsa-jcs-2022", local_key(KeyType.ED25519), own_canonize)
    refused = refusal(verify_proofs, document, {}, own_canonize, now=NOW)
    assert (refused.code, refused.pointer) == ("INVALID_VERIFICATION_METHOD", "/proof/0/verificationMethod")


KEY = local_key(KeyType.ED25519)
GOOD = options_for("eddsa-jcs-2022", KEY, proofValue=multibase_base58(bytes(64)))


@pytest.mark.parametrize(
    ("proof", "pointer"),
    [
        pytest.param(None, "/proof", id="null"),
        pytest.param("proof", "/proof", id="a text"),
        pytest.param([[]], "/proof/0", id="a list in the list"),
        pytest.param([GOOD, 5], "/proof/1", id="a number beside a proof"),
        pytest.param([GOOD] * (MAX_PROOFS + 1), "/proof", id="too many"),
        pytest.param(GOOD | {"jws": "x"}, "/proof", id="a foreign member"),
        pytest.param(GOOD | {"signature": "x"}, "/proof", id="a member of an older proof"),
        pytest.param(GOOD | {"type": "Ed25519Signature2018"}, "/proof/cryptosuite", id="a type that we do not know"),
        pytest.param(GOOD | {"type": ["DataIntegrityProof"]}, "/proof/type", id="a list of types"),
        pytest.param(
            GOOD | {"type": "Ed25519Signature2020"}, "/proof/cryptosuite", id="a cryptosuite of an older type"
        ),
        pytest.param(GOOD | {"type": "eddsa-jcs-2022"}, "/proof/cryptosuite", id="a cryptosuite as the type"),
        pytest.param(GOOD | {"cryptosuite": "EdDSA-JCS-2022"}, "/proof/cryptosuite", id="capitals in the cryptosuite"),
        pytest.param(GOOD | {"cryptosuite": "eddsa-2099"}, "/proof/cryptosuite", id="an unknown cryptosuite"),
        pytest.param(GOOD | {"cryptosuite": "Ed25519Signature2020"}, "/proof/cryptosuite", id="a type as cryptosuite"),
        pytest.param(GOOD | {"cryptosuite": None}, "/proof/cryptosuite", id="null for a cryptosuite"),
        pytest.param(GOOD | {"cryptosuite": ["eddsa-jcs-2022"]}, "/proof/cryptosuite", id="a list of cryptosuites"),
        pytest.param(GOOD | {"proofPurpose": 5}, "/proof/proofPurpose", id="a number for a purpose"),
        pytest.param(GOOD | {"verificationMethod": "key-1"}, "/proof/verificationMethod", id="a relative method"),
        pytest.param(GOOD | {"verificationMethod": {"id": "x"}}, "/proof/verificationMethod", id="an object for it"),
        pytest.param(GOOD | {"verificationMethod": "did:a b"}, "/proof/verificationMethod", id="a space in it"),
        pytest.param(
            GOOD | {"verificationMethod": "did:x:" + "y" * 9999}, "/proof/verificationMethod", id="a long one"
        ),
        pytest.param(GOOD | {"id": "one"}, "/proof/id", id="a relative id"),
        pytest.param(GOOD | {"created": "2026-01-15T08:00:00"}, "/proof/created", id="a date without offset"),
        pytest.param(GOOD | {"created": 1768435200}, "/proof/created", id="a number for a date"),
        pytest.param(GOOD | {"expires": "never"}, "/proof/expires", id="no date to expire on"),
        pytest.param(GOOD | {"previousProof": 5}, "/proof/previousProof", id="a number for a previous proof"),
        pytest.param(GOOD | {"previousProof": []}, "/proof/previousProof", id="no previous proof in the list"),
        pytest.param(GOOD | {"previousProof": [None]}, "/proof/previousProof", id="null in the list"),
        pytest.param(
            GOOD | {"previousProof": "urn:x:y"}, "/proof/previousProof", id="a previous proof that is missing"
        ),
        pytest.param(GOOD | {"domain": [1]}, "/proof/domain", id="a number for a domain"),
        pytest.param(GOOD | {"challenge": []}, "/proof/challenge", id="a list for a challenge"),
        pytest.param(GOOD | {"proofValue": None}, "/proof/proofValue", id="null for a value"),
        *[
            pytest.param({k: v for k, v in GOOD.items() if k != member}, f"/proof/{member}", id=f"no {member}")
            for member in ("type", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue")
        ],
    ],
)
def test_a_proof_of_a_faulty_form_is_refused_with_its_place(proof, pointer):
    refused = refusal(read_proofs, a_credential(proof=proof))
    assert (refused.code, refused.pointer) == ("PROOF_VERIFICATION_ERROR", pointer)


@pytest.mark.parametrize("document", [a_credential(), a_credential(proof=[])], ids=["no member", "an empty list"])
def test_a_document_without_proof_says_so(document):
    assert refusal(read_proofs, document).code == "no-proof"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.sampled_from(sorted(map(str, GOOD.values()))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(GOOD)), inner, max_size=5),
    max_leaves=8,
)


@settings(max_examples=300)
@given(JSON, st.dictionaries(st.sampled_from([*GOOD, "id", "previousProof", "domain", "@context"]), JSON))
def test_no_proof_does_harm(proof, members):
    for candidate in (proof, GOOD | members, [GOOD, GOOD | members]):
        try:
            verify_proofs(a_credential(proof=candidate), keys_for(KEY), lambda *_: b"", now=NOW)
        except Refused:
            continue
        pytest.fail("a proof of zeros verified")


SIGNATURE = octets_of_base58(GOOD["proofValue"])


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="nothing"),
        pytest.param("z", id="no octets"),
        pytest.param(multibase_base58(SIGNATURE[:63]), id="63 octets"),
        pytest.param(multibase_base58(SIGNATURE + b"\0"), id="65 octets"),
        pytest.param(multibase_base64url(SIGNATURE), id="another encoding"),
        pytest.param(multibase_base58(SIGNATURE)[1:], id="no letter of the encoding"),
        pytest.param(multibase_base58(SIGNATURE) + " ", id="a space after it"),
        pytest.param("z" + "1" * 100_000, id="a hundred thousand characters"),
    ],
)
@EACH_SUITE
def test_a_proof_value_has_one_form(suite, key_type, value, own_canonize):
    key = local_key(key_type)
    document = a_credential(proof=options_for(suite, key, proofValue=value))
    refused = refusal(verify_proofs, document, keys_for(key), own_canonize, now=NOW)
    assert (refused.code, refused.pointer) == ("PROOF_VERIFICATION_ERROR", "/proof/proofValue")


# Purpose, replay and time


def test_a_proof_for_another_purpose_is_refused(own_canonize):
    document = signed(a_credential(), "eddsa-jcs-2022", KEY, own_canonize, purpose="authentication")
    verify_proofs(document, keys_for(KEY), own_canonize, now=NOW, purpose="authentication")
    refused = refusal(verify_proofs, document, keys_for(KEY), own_canonize, now=NOW)
    assert (refused.code, refused.pointer) == ("PROOF_VERIFICATION_ERROR", "/proof/0/proofPurpose")


@pytest.mark.parametrize(
    ("said", "asked", "code"),
    [
        pytest.param({"domain": "a.example"}, {"domain": "a.example"}, None, id="the domain asked for"),
        pytest.param({"domain": ["b.example", "a.example"]}, {"domain": "a.example"}, None, id="one of several"),
        pytest.param({"domain": "a.example"}, {}, None, id="a domain that nobody asked for"),
        pytest.param({"domain": "b.example"}, {"domain": "a.example"}, "INVALID_DOMAIN_ERROR", id="another domain"),
        pytest.param({}, {"domain": "a.example"}, "INVALID_DOMAIN_ERROR", id="no domain"),
        pytest.param({"domain": "a.example."}, {"domain": "a.example"}, "INVALID_DOMAIN_ERROR", id="nearly the domain"),
        pytest.param({"challenge": "c"}, {"challenge": "c"}, None, id="the challenge asked for"),
        pytest.param({"challenge": "d"}, {"challenge": "c"}, "INVALID_CHALLENGE_ERROR", id="another challenge"),
        pytest.param({}, {"challenge": "c"}, "INVALID_CHALLENGE_ERROR", id="no challenge"),
        pytest.param({}, {"challenge": ""}, "INVALID_CHALLENGE_ERROR", id="no challenge where an empty one was asked"),
    ],
)
def test_a_proof_answers_the_verifier_who_asked(said, asked, code, own_canonize):
    document = signed(a_credential(), "eddsa-jcs-2022", KEY, own_canonize, **said)
    if code is None:
        verify_proofs(document, keys_for(KEY), own_canonize, now=NOW, **asked)
    else:
        assert refusal(verify_proofs, document, keys_for(KEY), own_canonize, now=NOW, **asked).code == code


CREATED = datetime(2026, 1, 15, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("more", "now", "holds"),
    [
        pytest.param({}, CREATED, True, id="at the moment of signing"),
        pytest.param({}, CREATED - timedelta(seconds=60), True, id="a minute before it, for clocks differ"),
        pytest.param({}, CREATED - timedelta(seconds=61), False, id="more than a minute before it"),
        pytest.param(
            {"expires": "2026-02-01T00:00:00Z"}, datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC), True, id="in time"
        ),
        pytest.param(
            {"expires": "2026-02-01T00:00:00Z"}, datetime(2026, 2, 1, tzinfo=UTC), False, id="at the moment it ends"
        ),
        pytest.param(
            {"expires": "2026-02-01T00:00:00+05:00"}, datetime(2026, 1, 31, 20, tzinfo=UTC), False, id="elsewhere"
        ),
    ],
)
def test_a_proof_has_its_time(more, now, holds, own_canonize):
    document = signed(a_credential(), "eddsa-jcs-2022", KEY, own_canonize, **more)
    if holds:
        verify_proofs(document, keys_for(KEY), own_canonize, now=now)
    else:
        assert refusal(verify_proofs, document, keys_for(KEY), own_canonize, now=now).code == "PROOF_VERIFICATION_ERROR"


def test_a_proof_need_not_say_when_it_was_made(own_canonize):
    options = options_for("eddsa-rdfc-2022", KEY)
    del options["created"]
    added = add_proof(a_credential(), options, KeyType.ED25519, own_canonize)
    document = with_signature(added, KEY.sign(added.unsigned.to_sign))
    assert verify_proofs(document, keys_for(KEY), own_canonize, now=NOW).proofs[0].created is None


# Sets and chains

FIRST, SECOND, THIRD = (f"urn:uuid:00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
NOTARY = local_key(KeyType.P256)


def a_chain(canonize, suites=("eddsa-rdfc-2022", "ecdsa-rdfc-2019")):
    document = signed(a_credential(), suites[0], KEY, canonize, id=FIRST)
    return signed(document, suites[1], NOTARY, canonize, id=SECOND, previousProof=FIRST)


BOTH = keys_for(KEY, NOTARY)


def test_every_proof_of_a_set_must_verify(own_canonize):
    document = signed(
        signed(a_credential(), "eddsa-jcs-2022", KEY, own_canonize), "ecdsa-rdfc-2019", NOTARY, own_canonize
    )
    assert len(verify_proofs(document, BOTH, own_canonize, now=NOW).proofs) == 2
    for broken in (0, 1):
        forged = copy.deepcopy(document)
        forged["proof"][broken]["proofValue"] = GOOD["proofValue"]
        refused = refusal(verify_proofs, forged, BOTH, own_canonize, now=NOW)
        assert (refused.code, refused.pointer) == ("PROOF_VERIFICATION_ERROR", f"/proof/{broken}/proofValue")


@pytest.mark.parametrize(
    "suites",
    [
        ("eddsa-rdfc-2022", "ecdsa-rdfc-2019"),
        ("eddsa-jcs-2022", "ecdsa-jcs-2019"),
        ("eddsa-jcs-2022", "ecdsa-rdfc-2019"),
    ],
    ids=" then ".join,
)
def test_a_chain_verifies_in_any_order_of_its_proofs(suites, own_canonize):
    document = a_chain(own_canonize, suites)
    verify_proofs(document, BOTH, own_canonize, now=NOW)
    document["proof"].reverse()
    verify_proofs(document, BOTH, own_canonize, now=NOW)


def test_a_proof_of_a_chain_signs_the_one_before(own_canonize):
    """Another proof by the first signer, good in itself, cannot take the place of the one that was signed."""
    document = a_chain(own_canonize)
    replaced = signed(a_credential(), "eddsa-rdfc-2022", KEY, own_canonize, id=FIRST, nonce="another")
    document["proof"][0] = replaced["proof"][0]
    refused = refusal(verify_proofs, document, BOTH, own_canonize, now=NOW)
    assert (refused.code, refused.pointer) == ("PROOF_VERIFICATION_ERROR", "/proof/1/proofValue")


def test_a_proof_of_a_chain_cannot_be_cut_loose(own_canonize):
    document = a_chain(own_canonize)
    without = document | {"proof": document["proof"][1:]}
    assert refusal(verify_proofs, without, BOTH, own_canonize, now=NOW).pointer == "/proof/0/previousProof"
    del without["proof"][0]["previousProof"]
    assert refusal(verify_proofs, without, BOTH, own_canonize, now=NOW).pointer == "/proof/0/proofValue"


@pytest.mark.parametrize(
    "links",
    [
        pytest.param([(FIRST, FIRST)], id="a proof that follows itself"),
        pytest.param([(FIRST, SECOND), (SECOND, FIRST)], id="two that follow each other"),
        pytest.param([(FIRST, THIRD), (SECOND, FIRST), (THIRD, SECOND)], id="three in a circle"),
        pytest.param([(FIRST, [SECOND]), (SECOND, [FIRST, THIRD]), (THIRD, None)], id="a circle with a way in"),
    ],
)
def test_a_chain_that_bites_its_tail_is_refused(links):
    proofs = [GOOD | {"id": own} | ({"previousProof": previous} if previous else {}) for own, previous in links]
    assert refusal(read_proofs, a_credential(proof=proofs)).detail == "The proofs follow one another in a circle."


def test_two_proofs_with_one_id_are_refused():
    proofs = [GOOD | {"id": FIRST}, GOOD | {"id": FIRST}]
    assert refusal(read_proofs, a_credential(proof=proofs)).detail == "Two proofs have the same id."


def test_a_long_chain_is_fine_up_to_the_limit(own_canonize):
    document = signed(a_credential(), "eddsa-jcs-2022", KEY, own_canonize, id=f"{FIRST}0")
    for number in range(1, MAX_PROOFS):
        more = {"id": f"{FIRST}{number}", "previousProof": f"{FIRST}{number - 1}"}
        document = signed(document, "eddsa-jcs-2022", KEY, own_canonize, **more)
    assert len(verify_proofs(document, keys_for(KEY), own_canonize, now=NOW).proofs) == MAX_PROOFS
    assert refusal(signed, document, "eddsa-jcs-2022", KEY, own_canonize).code == "PROOF_GENERATION_ERROR"


# Contexts


def an_older_credential():
    return {
        "@context": [V1],
        "id": "urn:uuid:6ba7b810-9dad-41d1-80b4-00c04fd430c8",
        "type": ["VerifiableCredential"],
        "issuer": "did:example:alder",
        "issuanceDate": "2024-01-15T00:00:00Z",
        "credentialSubject": {"id": "did:example:educator"},
    }


@EACH_SUITE
def test_a_credential_of_vcdm_1_1_gets_the_context_that_defines_proofs(suite, key_type, own_canonize):
    key = local_key(key_type)
    document = signed(an_older_credential(), suite, key, own_canonize)
    assert document["@context"] == [V1, DI]
    verify_proofs(document, keys_for(key), own_canonize, now=NOW)


def test_a_proof_of_vcdm_1_1_verifies_when_the_document_was_not_given_the_context(own_canonize):
    """Digital Bazaar's software gives it to the proof alone; the statements are the same."""
    document = signed(an_older_credential(), "eddsa-rdfc-2022", KEY, own_canonize)
    document["@context"] = [V1]
    verify_proofs(document, keys_for(KEY), own_canonize, now=NOW)


def test_a_context_of_one_address_may_stand_without_a_list(own_canonize):
    credential = an_older_credential() | {"@context": V1}
    assert signed(credential, "eddsa-rdfc-2022", KEY, own_canonize)["@context"] == [V1, DI]


def test_what_a_jcs_proof_did_not_sign_of_the_contexts_is_not_verified(own_canonize):
    document = signed(a_credential(), "eddsa-jcs-2022", KEY, own_canonize)
    longer = document | {"@context": [V2, OB, DI]}
    assert verify_proofs(longer, keys_for(KEY), own_canonize, now=NOW).document["@context"] == [V2, OB]


@pytest.mark.parametrize(
    "contexts",
    [
        pytest.param([V2], id="a shorter list"),
        pytest.param([OB, V2], id="another order"),
        pytest.param([DI, V2, OB], id="another context in front"),
        pytest.param(V2, id="one address"),
        pytest.param([], id="an empty list"),
    ],
)
def test_a_document_starts_with_the_contexts_of_its_jcs_proof(contexts, own_canonize):
    document = signed(a_credential(), "eddsa-jcs-2022", KEY, own_canonize) | {"@context": contexts}
    refused = refusal(verify_proofs, document, keys_for(KEY), own_canonize, now=NOW)
    assert (refused.code, refused.pointer) == ("PROOF_VERIFICATION_ERROR", "/proof/0/@context")


@pytest.mark.parametrize("context", [[], None, {}, [V2, {"name": "https://attacker.example/"}]], ids=str)
def test_a_jcs_proof_cannot_bring_contexts_of_its_own(context, own_canonize):
    document = signed(a_credential(), "eddsa-jcs-2022", KEY, own_canonize)
    document["proof"][0]["@context"] = context
    assert refusal(verify_proofs, document, keys_for(KEY), own_canonize, now=NOW).code == "PROOF_VERIFICATION_ERROR"


def test_plain_json_without_contexts_can_be_signed_with_jcs(own_canonize):
    document = signed({"title": "Hello"}, "eddsa-jcs-2022", KEY, own_canonize)
    assert "@context" not in document["proof"][0]
    assert verify_proofs(document, keys_for(KEY), own_canonize, now=NOW).document == {"title": "Hello"}


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "Ed25519Signature2020"])
def test_an_rdf_proof_may_repeat_the_documents_contexts_and_bring_no_other(suite, own_canonize):
    document = signed(a_credential(), "eddsa-rdfc-2022", KEY, own_canonize)
    if suite == "eddsa-rdfc-2022":
        document["proof"][0]["@context"] = [V2, OB]
        verify_proofs(document, keys_for(KEY), own_canonize, now=NOW)
    else:
        document["proof"][0] |= {"type": suite}
        del document["proof"][0]["cryptosuite"]
    document["proof"][0]["@context"] = [V2]
    refused = refusal(verify_proofs, document, keys_for(KEY), own_canonize, now=NOW)
    assert (refused.code, refused.pointer) == ("PROOF_VERIFICATION_ERROR", "/proof/0/@context")


# What canonicalisation refuses


def test_what_the_document_is_refused_for_is_told_with_its_own_place(own_canonize):
    document = signed(a_credential(), "eddsa-rdfc-2022", KEY, own_canonize)
    document["credentialSubject"] |= {"hoursEarned": "40"}
    refused = refusal(verify_proofs, document, keys_for(KEY), own_canonize, now=NOW)
    assert (refused.code, refused.pointer) == ("DATA_LOSS_DETECTION_ERROR", "/credentialSubject/hoursEarned")


def test_a_document_is_canonicalised_once_for_all_its_proofs(own_canonize):
    document = signed(
        signed(a_credential(), "eddsa-rdfc-2022", KEY, own_canonize), "ecdsa-rdfc-2019", NOTARY, own_canonize
    )
    asked = []

    def counting(value, hash_name):
        asked.append("credentialSubject" in value)
        return own_canonize(value, hash_name)

    verify_proofs(document, BOTH, counting, now=NOW)
    assert asked.count(True) == 1
    assert asked.count(False) == 2


# Adding


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"cryptosuite": "eddsa-2099"}, id="an unknown cryptosuite"),
        pytest.param({"cryptosuite": "ecdsa-sd-2023"}, id="a suite that needs more than a signature"),
        pytest.param({"type": "Ed25519Signature2020"}, id="a type that is for verifying only"),
        pytest.param({"created": "yesterday"}, id="no date"),
        pytest.param({"verificationMethod": "key-1"}, id="a relative verification method"),
        pytest.param({"previousProof": FIRST}, id="a previous proof that is not there"),
        pytest.param({"colour": "red"}, id="a foreign member"),
    ],
)
def test_options_that_would_not_verify_are_refused(more, own_canonize):
    options = options_for("eddsa-rdfc-2022", KEY) | more
    assert refusal(add_proof, a_credential(), options, KeyType.ED25519, own_canonize).code == "PROOF_GENERATION_ERROR"


def test_a_key_that_does_not_fit_the_suite_cannot_sign(own_canonize):
    options = options_for("eddsa-rdfc-2022", KEY)
    refused = refusal(add_proof, a_credential(), options, KeyType.P256, own_canonize)
    assert refused.code == "INVALID_VERIFICATION_METHOD"


@EACH_SUITE
def test_an_answer_that_is_no_signature_makes_no_proof(suite, key_type, own_canonize):
    added = add_proof(a_credential(), options_for(suite, local_key(key_type)), key_type, own_canonize)
    for answer in (b"", bytes(63), bytes(70), bytes(97)):
        assert refusal(with_signature, added, answer).code == "PROOF_GENERATION_ERROR"


def test_adding_a_proof_changes_nothing_that_it_was_given(own_canonize):
    document, options = a_credential(), options_for("eddsa-jcs-2022", KEY)
    before = copy.deepcopy((document, options))
    added = add_proof(document, options, KeyType.ED25519, own_canonize)
    with_signature(added, KEY.sign(added.unsigned.to_sign))
    assert (document, options) == before


@EACH_SUITE
def test_the_octets_of_a_secured_document_are_those_of_its_json(suite, key_type, own_canonize) -> None:
    key = local_key(key_type)
    older = a_credential() | {"@context": ["https://www.w3.org/2018/credentials/v1"]}
    options = proof_options(suite, key.verification_method, "2026-01-01T00:00:00Z")
    for document in (a_credential(), older, signed(a_credential(), suite, key, own_canonize)):
        added = add_proof(document, options, key_type, lambda *_: b"a form")
        signature = key.sign(added.unsigned.to_sign)
        expected = msgspec.json.encode(with_signature(added, signature))
        assert octets_with_signature(added, signature, msgspec.json.encode(document)) == expected
        assert (added.document is document) is (document is not older)
