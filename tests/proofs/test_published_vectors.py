"""Every step of every published vector, byte for byte.

https://www.w3.org/TR/vc-di-eddsa/#test-vectors and https://www.w3.org/TR/vc-di-ecdsa/#test-vectors. Their ECDSA is
deterministic (RFC 6979), so its signatures are compared too.
"""

from datetime import UTC, datetime
from hashlib import sha256, sha384

import pytest
from local_keys import key_of_secret_multikey

from credentials.proofs import ecdsa_rdfc_2019, ed25519_signature_2020, eddsa_rdfc_2022
from credentials.proofs.data_integrity import add_proof, read_proofs, verify_proofs, with_signature
from credentials.proofs.jcs import canonical_json
from credentials.proofs.multikey import key_of_did_key
from credentials.proofs.suite import data_integrity_config

NOW = datetime(2026, 1, 1, tzinfo=UTC)

KEY_FILES = {"DataInt": "keyPair", "ECDSAP256": "p256KeyPair", "ECDSAP384": "p384KeyPair"}
KEY_FILES |= {"JCS": "keyPair", "JCSECDSAP256": "p256KeyPair", "JCSECDSAP384": "p384KeyPair"}

# (collection, folder, unsecured document, ending of the file names)
RDFC = {
    "eddsa-rdfc-2022 on the alumni credential": ("eddsa", "eddsa-rdfc-2022", "unsigned", "DataInt"),
    "eddsa-rdfc-2022 on the employment credential": (
        "eddsa",
        "eddsa-rdfc-2022/employ",
        "employmentAuth",
        "DataInt",
    ),
    "ecdsa-rdfc-2019 with P-256 on the alumni credential": (
        "ecdsa",
        "ecdsa-rdfc-2019-p256",
        "unsigned",
        "ECDSAP256",
    ),
    "ecdsa-rdfc-2019 with P-256 on the employment credential": (
        "ecdsa",
        "ecdsa-rdfc-2019-p256/employ",
        "employmentAuth",
        "ECDSAP256",
    ),
    "ecdsa-rdfc-2019 with P-384 on the alumni credential": (
        "ecdsa",
        "ecdsa-rdfc-2019-p384",
        "unsigned",
        "ECDSAP384",
    ),
    "ecdsa-rdfc-2019 with P-384 on the employment credential": (
        "ecdsa",
        "ecdsa-rdfc-2019-p384/employ",
        "employmentAuth",
        "ECDSAP384",
    ),
}
JCS = {
    "eddsa-jcs-2022": ("eddsa", "eddsa-jcs-2022", "unsigned", "JCS"),
    "ecdsa-jcs-2019 with P-256": ("ecdsa", "ecdsa-jcs-2019-p256", "unsigned", "JCSECDSAP256"),
    "ecdsa-jcs-2019 with P-384": ("ecdsa", "ecdsa-jcs-2019-p384", "unsigned", "JCSECDSAP384"),
}


def cases(table):
    return [pytest.param(*case, id=name) for name, case in table.items()]


def secret_key(vectors, ending):
    pair = vectors.json(f"{KEY_FILES[ending]}.json")
    return key_of_secret_multikey(pair.get("privateKeyMultibase") or pair["secretKeyMultibase"])


def keys_of(document):
    return {proof.verification_method: key_of_did_key(proof.verification_method) for proof in read_proofs(document)}


@pytest.mark.parametrize(("collection", "folder", "document", "ending"), cases(RDFC))
def test_an_rdfc_suite_makes_the_published_hashes(collection, folder, document, ending, request, canonize):
    vectors = request.getfixturevalue(collection)
    suite = eddsa_rdfc_2022 if collection == "eddsa" else ecdsa_rdfc_2019
    key = secret_key(vectors, ending).public
    unsecured = vectors.json(f"{document}.json")
    config = vectors.json(f"{folder}/proofConfig{ending}.json")
    name, new = ("sha384", sha384) if ending.endswith("384") else ("sha256", sha256)

    canonical = canonize(unsecured, name)
    assert canonical.decode().strip() == vectors.text(f"{folder}/canonDoc{ending}.txt")
    assert new(canonical).hexdigest() == vectors.text(f"{folder}/docHash{ending}.txt")
    canonical = canonize(data_integrity_config(unsecured, config), name)
    assert canonical.decode().strip() == vectors.text(f"{folder}/proofCanon{ending}.txt")
    assert new(canonical).hexdigest() == vectors.text(f"{folder}/proofHash{ending}.txt")

    hashed = suite.hash_data(unsecured, config, key.type, canonize)
    assert hashed.hex() == vectors.text(f"{folder}/combinedHash{ending}.txt")


@pytest.mark.parametrize(("collection", "folder", "document", "ending"), cases(JCS))
def test_a_jcs_suite_makes_the_published_canonical_forms(collection, folder, document, ending, request):
    vectors = request.getfixturevalue(collection)
    new = sha384 if ending.endswith("384") else sha256

    canonical = canonical_json(vectors.json(f"{document}.json"))
    assert canonical.decode() == vectors.text(f"{folder}/canonDoc{ending}.txt")
    assert new(canonical).hexdigest() == vectors.text(f"{folder}/docHash{ending}.txt")
    canonical = canonical_json(vectors.json(f"{folder}/proofConfig{ending}.json"))
    assert canonical.decode() == vectors.text(f"{folder}/proofCanon{ending}.txt")
    assert new(canonical).hexdigest() == vectors.text(f"{folder}/proofHash{ending}.txt")


@pytest.mark.parametrize(("collection", "folder", "document", "ending"), cases(RDFC | JCS))
def test_signing_makes_the_published_proof(collection, folder, document, ending, request, canonize):
    vectors = request.getfixturevalue(collection)
    key = secret_key(vectors, ending)
    published = vectors.json(f"{folder}/signed{ending}.json")
    options = vectors.json(f"{folder}/proofConfig{ending}.json")
    del options["@context"]

    added = add_proof(vectors.json(f"{document}.json"), options, key.public.type, canonize)
    signature = key.sign(added.unsigned.to_sign)

    assert added.unsigned.to_sign.hex() == vectors.text(f"{folder}/combinedHash{ending}.txt")
    assert signature.hex() == vectors.text(f"{folder}/sigHex{ending}.txt")
    assert with_signature(added, signature) == {**published, "proof": [published["proof"]]}
    assert published["proof"]["proofValue"] == vectors.text(f"{folder}/sigBTC58{ending}.txt")


@pytest.mark.parametrize(("collection", "folder", "document", "ending"), cases(RDFC | JCS))
def test_the_published_proof_verifies(collection, folder, document, ending, request, canonize):
    vectors = request.getfixturevalue(collection)
    published = vectors.json(f"{folder}/signed{ending}.json")

    verified = verify_proofs(published, keys_of(published), canonize, now=NOW)

    assert verified.document == vectors.json(f"{document}.json")
    assert [proof.members for proof in verified.proofs] == [published["proof"]]


def test_the_published_ed25519signature2020_verifies_and_makes_the_published_hashes(eddsa, canonize):
    folder = "Ed25519Signature2020"
    published = eddsa.json(f"{folder}/signedEdSig.json")
    unsecured = {member: value for member, value in published.items() if member != "proof"}
    config = ed25519_signature_2020.configuration(unsecured, published["proof"])

    assert config == eddsa.json(f"{folder}/proofConfigEdSig.json")
    assert canonize(unsecured, "sha256").decode().strip() == eddsa.text(f"{folder}/canonDocEdSig.txt")
    assert canonize(config, "sha256").decode().strip() == eddsa.text(f"{folder}/proofCanonEdSig.txt")
    verify_proofs(published, keys_of(published), canonize, now=NOW)


CHAIN = "proof-set-chain"
# (document so far, options, key pair, resulting document)
STEPS = {
    "the first proof of a set": ("unsigned", "proofSetConfig1", "keyPair1", "signedProofSet1"),
    "the second proof of a set": ("signedProofSet1", "proofSetConfig2", "keyPair2", "signedProofSet2"),
    "a proof that follows two": ("signedProofSet2", "proofChainConfig1", "keyPair3", "signedProofChain1"),
    "a proof that follows one": ("signedProofChain1", "proofChainConfig2", "keyPair4", "signedProofChain2"),
}


@pytest.mark.parametrize(("before", "options", "pair", "after"), cases(STEPS))
def test_a_set_and_a_chain_grow_to_the_published_documents(before, options, pair, after, eddsa, canonize):
    key = key_of_secret_multikey(eddsa.json(f"{CHAIN}/multiKeyPairs.json")[pair]["privateKeyMultibase"])
    published = eddsa.json(f"{CHAIN}/{after}.json")
    proofs = published["proof"] if isinstance(published["proof"], list) else [published["proof"]]

    added = add_proof(
        eddsa.json(f"{CHAIN}/{before}.json"), eddsa.json(f"{CHAIN}/{options}.json"), key.public.type, canonize
    )

    assert with_signature(added, key.sign(added.unsigned.to_sign)) == {**published, "proof": proofs}


@pytest.mark.parametrize("name", ["signedProofSet1", "signedProofSet2", "signedProofChain1", "signedProofChain2"])
def test_a_published_set_or_chain_verifies(name, eddsa, canonize):
    published = eddsa.json(f"{CHAIN}/{name}.json")

    verified = verify_proofs(published, keys_of(published), canonize, now=NOW)

    assert verified.document == eddsa.json(f"{CHAIN}/unsigned.json")
