"""The hostile samples that only keys and proofs decide: everything that needs no status list and no registry of issuers.

Keys come from did:key, from a header's ``jwk``, and from the key documents that the samples' own world serves.
"""

import json
from datetime import UTC, datetime

import pytest

from credentials.errors import Refused
from credentials.jsonld.reader import read_json
from credentials.proofs.data_integrity import read_proofs, verify_proofs
from credentials.proofs.jose import read_jws, verify_jws
from credentials.proofs.jwk import key_of_jwk
from credentials.proofs.multikey import key_of_did_key
from credentials.proofs.vc_jwt import credential_of
from credentials.proofs.verification_method import key_of_verification_method

NOW = datetime(2026, 6, 1, tzinfo=UTC)
JWKS = "https://issuer.example/.well-known/jwks.json"
DID_DOCUMENT = "https://issuer.example/.well-known/did.json"

# Rows whose reason lies in other rooms: who may speak for an issuer, what an endorsement is, what may be fetched.
ELSEWHERE = {
    "accept/issuer-name-spoof.json",
    "accept/unknown-issuer-valid-signature.json",
    "jwt/jwk-private-d.jwt",
    "jwt/kid-didweb-rebind.jwt",
    "proof/endorsement-forged.json",
    "proof/vm-auth-only-key.json",
}


@pytest.fixture(scope="module")
def samples(shared):
    return shared / "security" / "samples"


@pytest.fixture(scope="module")
def published(samples):
    """The keys that the samples' world serves, by their ids."""
    served = json.loads((samples / "_fixtures" / "http.json").read_text())
    keys = {jwk["kid"]: key_of_jwk(jwk) for jwk in json.loads(served[JWKS]["body"])["keys"]}
    for method in json.loads(served[DID_DOCUMENT]["body"])["verificationMethod"]:
        keys[method["id"]] = key_of_verification_method(method)
    return keys


def rows(samples):
    for line in (samples / "manifest.tsv").read_text().splitlines()[1:]:
        name, _, expected, also_ok, *_ = line.split("\t")
        yield name, {expected, *also_ok.split()}


def outcome(call, *arguments):
    try:
        call(*arguments)
    except Refused as refused:
        return f"reject:{refused.code}"
    return "accept"


def judge_json(octets, published, canonize):
    document = read_json(octets)
    keys = {}
    for proof in read_proofs(document):
        method = proof.verification_method
        if method.startswith("did:key:"):
            keys[method] = key_of_did_key(method)
        elif method in published:
            keys[method] = published[method]
    verify_proofs(document, keys, canonize, now=NOW)


def judge_jwt(octets, published):
    token = read_jws(octets)
    if token.header.jwk is not None:
        key = token.header.jwk
    elif token.header.kid.startswith("did:key:"):
        key = key_of_did_key(token.header.kid)
    elif token.header.kid in published:
        key = published[token.header.kid]
    else:
        raise Refused("INVALID_VERIFICATION_METHOD", "There is no such key.")
    verify_jws(token, key)
    credential_of(read_json(token.payload), token.header.typ)


def test_every_sample_of_keys_proofs_and_tokens_has_its_outcome(samples, published, own_canonize):
    judged = 0
    for name, allowed in rows(samples):
        folder, _, ending = name.partition("/")[0], *name.rpartition(".")[1:]
        if name in ELSEWHERE or folder not in {"accept", "jwt", "keys", "proof"}:
            continue
        octets = (samples / name).read_bytes()
        if ending == "jwt":
            found = outcome(judge_jwt, octets.strip(), published)
        elif ending == "json":
            found = outcome(judge_json, octets, published, own_canonize)
        else:
            continue
        assert found in allowed, name
        judged += 1
    assert judged >= 50
