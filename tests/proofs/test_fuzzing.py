"""Mutations of good input, many of them: each is refused cleanly, or means exactly what the good one meant."""

import json
import random

import pytest
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from local_keys import local_key

from credentials.errors import Malformed
from credentials.proofs import cbor
from credentials.proofs.data_integrity import read_proofs
from credentials.proofs.ecdsa_sd_2023 import parse_base_proof_value, parse_derived_proof_value
from credentials.proofs.enveloped import enveloped, read_envelope
from credentials.proofs.jose import compact, read_jws, signing_input, verify_jws
from credentials.proofs.jwk import did_jwk_url, jwk, key_of_did_jwk
from credentials.proofs.model import KeyType
from credentials.proofs.multibase import base64url_decode, multibase_base64url, octets_of_base58
from credentials.proofs.multikey import did_key_url, key_of_did_key, key_of_multikey, multikey
from credentials.proofs.timestamp import moment

ED25519, P256 = local_key(KeyType.ED25519), local_key(KeyType.P256)
KID = "https://issuer.example/keys#1"
TO_SIGN = signing_input(b'{"iss":"https://issuer.example"}', KeyType.P256, KID)
TOKEN = compact(TO_SIGN, P256.sign(TO_SIGN))
THEIR_KEY = ECKey.import_key(jwk(P256.public))
PROOF = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-jcs-2022",
    "created": "2026-01-15T08:00:00Z",
    "verificationMethod": ED25519.verification_method,
    "proofPurpose": "assertionMethod",
    "proofValue": "z2",
}
PARTS = [bytes(64), bytes(35), [bytes(64)], {0: bytes(32), 1: b"\1" * 32}, [0, 1]]
BASE = multibase_base64url(b"\xd9\x5d\x00" + cbor.encode([*PARTS[:2], bytes(32), [bytes(64)], ["/issuer"]]))
DERIVED = multibase_base64url(b"\xd9\x5d\x01" + cbor.encode(PARTS))


def in_latin(parse):
    """A parser of text that takes octets, each as one character."""
    return lambda octets: parse(octets.decode("latin-1"))


def in_json(parse):
    """A parser of a JSON object, for whatever octets are still JSON."""

    def parse_octets(octets):
        try:
            value = json.loads(octets)
        except (ValueError, RecursionError) as error:
            raise Malformed("not JSON") from error
        if not isinstance(value, dict):
            raise Malformed("not an object")
        return parse(value)

    return parse_octets


PARSERS = {
    "a base58 text": (multikey(ED25519.public), in_latin(octets_of_base58)),
    "a base64url text": ("QUJDREVGRw", base64url_decode),
    "a date": ("2026-01-15T08:00:00.5+02:00", in_latin(moment)),
    "a Multikey": (multikey(P256.public), in_latin(key_of_multikey)),
    "a did:key": (did_key_url(ED25519.public), in_latin(key_of_did_key)),
    "a did:jwk": (did_jwk_url(P256.public), in_latin(key_of_did_jwk)),
    "a token": (TOKEN, read_jws),
    "an envelope": (json.dumps(enveloped(TOKEN)), in_json(read_envelope)),
    "a proof": (json.dumps({"proof": [PROOF, PROOF | {"id": "urn:x:1", "domain": ["d"]}]}), in_json(read_proofs)),
    "a base proof value": (BASE, in_latin(parse_base_proof_value)),
    "a derived proof value": (DERIVED, in_latin(parse_derived_proof_value)),
}


def mutations(octets, count, seed):
    """The same ones every time."""
    draw = random.Random(seed)
    for _ in range(count):
        mutant = bytearray(octets)
        for _ in range(draw.choice((1, 1, 2, 4))):
            place = draw.randrange(len(mutant) + 1)
            length = draw.choice((0, 1, 1, 2, 8))
            mutant[place : place + length] = draw.choice(
                (
                    b"",
                    bytes([draw.randrange(256)]),
                    octets[place : place + 4],
                    draw.choice(b'"{}[]:,.=-_uz#0A\xff').to_bytes(),
                )
            )
        yield bytes(mutant)


def check(name, count, seed):
    good, parse = PARSERS[name]
    assert parse(good.encode()) is not None
    for mutant in mutations(good.encode(), count, seed):
        try:
            parse(mutant)
        except Malformed:
            continue


@pytest.mark.parametrize("name", PARSERS)
def test_no_mutation_of_good_input_does_harm(name):
    check(name, 500, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("name", PARSERS)
def test_no_mutation_does_harm_at_length(name, seed):
    check(name, 20_000, seed=100 + seed)


def accepted_by_us(token):
    try:
        read = read_jws(token)
        verify_jws(read, P256.public)
    except Malformed:
        return None
    return read.payload


def accepted_by_joserfc(token):
    try:
        return jws.deserialize_compact(token, THEIR_KEY, algorithms=["ES256"]).payload
    except (JoseError, ValueError, KeyError, TypeError):
        return None


def compare_with_joserfc(count, seed):
    assert accepted_by_us(TOKEN.encode()) == accepted_by_joserfc(TOKEN.encode())
    for mutant in mutations(TOKEN.encode(), count, seed):
        payload = accepted_by_us(mutant)
        assert payload is None or payload == accepted_by_joserfc(mutant)


def test_we_accept_no_token_that_another_library_refuses():
    compare_with_joserfc(500, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_we_accept_no_token_that_another_library_refuses_at_length(seed):
    compare_with_joserfc(5_000, seed=100 + seed)
