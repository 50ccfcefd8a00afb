"""Multikey and did:key: one text for a key, and nothing else is read."""

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from local_keys import key_of_rsa, key_of_secret_multikey, local_key

from credentials.errors import Refused
from credentials.proofs.keys import uncompressed
from credentials.proofs.model import KeyType
from credentials.proofs.multibase import multibase_base58, multibase_base64url
from credentials.proofs.multikey import (
    did_key,
    did_key_url,
    key_of_did_key,
    key_of_multikey,
    multikey,
    multikey_octets,
)
from credentials.proofs.verification_method import key_of_verification_method

RSA = {bits: key_of_rsa(rsa.generate_private_key(65537, bits)) for bits in (2048, 3072)}
KEYS = {
    "Ed25519": local_key(KeyType.ED25519).public,
    "P-256": local_key(KeyType.P256).public,
    "P-384": local_key(KeyType.P384).public,
    "RSA of 2048 bits": RSA[2048].public,
    "RSA of 3072 bits": RSA[3072].public,
}
EACH_KEY = pytest.mark.parametrize("key", [pytest.param(key, id=name) for name, key in KEYS.items()])


def code_of(call, *arguments):
    with pytest.raises(Refused) as caught:
        call(*arguments)
    return caught.value.code


@EACH_KEY
def test_a_multikey_is_read_as_the_key_that_it_was_written_from(key):
    assert key_of_multikey(multikey(key)) == key


@pytest.mark.parametrize(
    ("name", "start"), [("Ed25519", "z6Mk"), ("P-256", "zDn"), ("P-384", "z82L"), ("RSA of 2048 bits", "z4MX")]
)
def test_a_multikey_starts_as_the_specifications_show_it(name, start):
    assert multikey(KEYS[name]).startswith(start)


def test_the_rsa_form_is_the_rsapublickey_that_openssl_writes():
    key = RSA[2048]
    der = key.private.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
    assert multikey_octets(key.public) == b"\x85\x24" + der


@pytest.mark.parametrize("pair", ["keyPair.json", "proof-set-chain/multiKeyPairs.json"])
def test_the_published_ed25519_keys_are_read(pair, eddsa):
    pairs = eddsa.json(pair)
    for each in [pairs] if "publicKeyMultibase" in pairs else pairs.values():
        assert multikey(key_of_secret_multikey(each["privateKeyMultibase"]).public) == each["publicKeyMultibase"]


@pytest.mark.parametrize("pair", ["p256KeyPair.json", "p384KeyPair.json"])
def test_the_published_ecdsa_keys_are_read(pair, ecdsa):
    each = ecdsa.json(pair)
    assert multikey(key_of_secret_multikey(each["secretKeyMultibase"]).public) == each["publicKeyMultibase"]


ED25519, P256 = KEYS["Ed25519"].octets, KEYS["P-256"].octets
RSA_DER = multikey_octets(KEYS["RSA of 2048 bits"])


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xed", id="half a codec"),
        pytest.param(b"\xed\x01", id="a codec and no key"),
        pytest.param(ED25519, id="no codec"),
        pytest.param(b"\x80\x26" + ED25519, id="the codec of an Ed25519 private key"),
        pytest.param(b"\x86\x26" + P256[1:], id="the codec of a P-256 private key"),
        pytest.param(b"\xec\x01" + ED25519, id="the codec of an X25519 key, which signs nothing"),
        pytest.param(b"\xe7\x01" + P256, id="the codec of a secp256k1 key"),
        pytest.param(b"\xed\x81\x00" + ED25519, id="the codec's number written longer than it is"),
        pytest.param(b"\xed\x01" + ED25519 + b"\0", id="an octet too many"),
        pytest.param(b"\xed\x01" + ED25519[:-1], id="an octet too few"),
        pytest.param(b"\x80\x24" + P256[:-1], id="a P-256 point an octet too short"),
        pytest.param(b"\x81\x24" + P256, id="a P-256 point under the codec of P-384"),
        pytest.param(b"\x80\x24\x04" + b"".join(uncompressed(KEYS["P-256"])), id="an uncompressed point"),
        pytest.param(RSA_DER + b"\0", id="something after the RSA key"),
        pytest.param(RSA_DER[:2] + b"\x31" + RSA_DER[3:], id="a set instead of a sequence around the RSA key"),
        pytest.param(RSA_DER[:-5] + b"\x02\x03\x01\x00\x03", id="an RSA key with another exponent"),
    ],
)
def test_other_octets_are_no_multikey(octets):
    assert code_of(key_of_multikey, multibase_base58(octets)) == "INVALID_VERIFICATION_METHOD"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(None, id="null"),
        pytest.param(5, id="a number"),
        pytest.param("", id="nothing"),
        pytest.param(multikey(KEYS["Ed25519"])[1:], id="no letter of the encoding"),
        pytest.param(multibase_base64url(b"\xed\x01" + ED25519), id="another encoding"),
        pytest.param("z" + "1" * 2000, id="a very long text"),
        pytest.param("z6Mk0OIl", id="characters outside the alphabet"),
    ],
)
def test_other_values_are_no_multikey(text):
    assert code_of(key_of_multikey, text) == "INVALID_VERIFICATION_METHOD"


@given(st.binary(max_size=600))
def test_no_octets_do_harm(octets):
    for codec in (b"", b"\xed\x01", b"\x80\x24", b"\x81\x24", b"\x85\x24"):
        try:
            key = key_of_multikey(multibase_base58(codec + octets))
        except Refused:
            continue
        assert multikey_octets(key) == codec + octets


@EACH_KEY
def test_a_did_key_names_its_own_key(key):
    assert key_of_did_key(did_key_url(key)) == key
    assert did_key_url(key) == f"{did_key(key)}#{multikey(key)}"


MINE, OTHER = did_key(KEYS["Ed25519"]), multikey(local_key(KeyType.ED25519, 9).public)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        pytest.param(f"{MINE}#{OTHER}", "INVALID_VERIFICATION_METHOD", id="another's key in the fragment"),
        pytest.param(MINE, "INVALID_VERIFICATION_METHOD", id="no fragment"),
        pytest.param(f"{MINE}#", "INVALID_VERIFICATION_METHOD", id="an empty fragment"),
        pytest.param(f"{MINE}#key-1", "INVALID_VERIFICATION_METHOD", id="a name in the fragment"),
        pytest.param(f"{MINE}#{OTHER}#{MINE[8:]}", "INVALID_VERIFICATION_METHOD", id="two fragments"),
        pytest.param(f"{MINE}?versionId=1#{MINE[8:]}", "INVALID_VERIFICATION_METHOD", id="a query"),
        pytest.param(f"{MINE} #{MINE[8:]} ", "INVALID_VERIFICATION_METHOD", id="spaces"),
        pytest.param("did:key:#", "INVALID_VERIFICATION_METHOD_URL", id="no key at all"),
        pytest.param("did:web:issuer.example#key-1", "INVALID_VERIFICATION_METHOD_URL", id="another method"),
        pytest.param("DID:KEY:" + MINE[8:] + "#" + MINE[8:], "INVALID_VERIFICATION_METHOD_URL", id="capitals"),
        pytest.param("", "INVALID_VERIFICATION_METHOD_URL", id="nothing"),
        pytest.param("did:key:zz#zz", "INVALID_VERIFICATION_METHOD", id="a key that is none"),
    ],
)
def test_another_url_is_no_did_key(url, code):
    assert code_of(key_of_did_key, url) == code


METHOD = {"id": "did:web:a.example#k", "controller": "did:web:a.example"}
PUBLIC = multikey(KEYS["Ed25519"])
JWK = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}


@pytest.mark.parametrize(
    "method",
    [
        {"type": "Multikey", "publicKeyMultibase": PUBLIC},
        {"type": "Ed25519VerificationKey2020", "publicKeyMultibase": PUBLIC},
        {"type": "JsonWebKey", "publicKeyJwk": JWK},
        {"type": "JsonWebKey2020", "publicKeyJwk": JWK},
    ],
    ids=lambda method: method["type"],
)
def test_a_verification_method_holds_a_key(method):
    assert key_of_verification_method(METHOD | method).type is KeyType.ED25519


@pytest.mark.parametrize(
    "method",
    [
        pytest.param({"type": "Multikey"}, id="no key"),
        pytest.param({"publicKeyMultibase": PUBLIC}, id="no type"),
        pytest.param({"type": ["Multikey"], "publicKeyMultibase": PUBLIC}, id="a list of types"),
        pytest.param({"type": "Multikey", "publicKeyJwk": JWK}, id="the key in the other form"),
        pytest.param({"type": "Multikey", "publicKeyMultibase": PUBLIC, "publicKeyJwk": JWK}, id="two keys"),
        pytest.param({"type": "Multikey", "publicKeyMultibase": PUBLIC, "secretKeyMultibase": "z1"}, id="a secret"),
        pytest.param({"type": "JsonWebKey", "publicKeyJwk": JWK | {"d": "AA"}}, id="a private JWK"),
        pytest.param({"type": "JsonWebKey", "publicKeyJwk": "x"}, id="a JWK that is a text"),
        pytest.param(
            {"type": "Ed25519VerificationKey2020", "publicKeyMultibase": multikey(KEYS["P-256"])},
            id="a P-256 key where Ed25519 is said",
        ),
        pytest.param({"type": "EcdsaSecp256k1VerificationKey2019"}, id="a type that we do not know"),
    ],
)
def test_a_verification_method_that_is_in_doubt_is_refused(method):
    assert code_of(key_of_verification_method, METHOD | method) == "INVALID_VERIFICATION_METHOD"
