"""JSON Web Keys: what RFC 7517, 7518 and 8037 write, and no private key, ever."""

import contextlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OKPKey, RSAKey
from local_keys import key_of_rsa, local_key

from credentials.errors import Refused
from credentials.proofs.jwk import did_jwk, did_jwk_url, jwk, key_of_did_jwk, key_of_jwk, thumbprint
from credentials.proofs.model import KeyType
from credentials.proofs.multibase import base64url_decode, base64url_encode

KEYS = {
    "Ed25519": local_key(KeyType.ED25519),
    "P-256": local_key(KeyType.P256),
    "P-384": local_key(KeyType.P384),
    "RSA": key_of_rsa(rsa.generate_private_key(65537, 2048)),
}
EACH_KEY = pytest.mark.parametrize("key", [pytest.param(key.public, id=name) for name, key in KEYS.items()])
ED25519, EC, RSA = (jwk(KEYS[name].public) for name in ("Ed25519", "P-256", "RSA"))


def code_of(call, *arguments):
    with pytest.raises(Refused) as caught:
        call(*arguments)
    return caught.value.code


def b64(octets):
    return base64url_encode(octets).decode()


@EACH_KEY
def test_a_jwk_is_read_as_the_key_that_it_was_written_from(key):
    assert key_of_jwk(jwk(key)) == key


@EACH_KEY
def test_another_library_reads_our_jwk_and_finds_the_same_thumbprint(key):
    other = {KeyType.ED25519: OKPKey, KeyType.RSA: RSAKey}.get(key.type, ECKey).import_key(jwk(key))
    assert other.thumbprint() == thumbprint(key)


def test_the_thumbprint_of_the_standards_example():
    """RFC 8037, appendix A.3."""
    key = key_of_jwk({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
    assert thumbprint(key) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@pytest.mark.parametrize("member", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
@pytest.mark.parametrize("members", [ED25519, EC, RSA], ids=["Ed25519", "P-256", "RSA"])
def test_a_jwk_with_a_private_member_is_refused(members, member):
    assert code_of(key_of_jwk, members | {member: "AA"}) == "INVALID_VERIFICATION_METHOD"


@pytest.mark.parametrize(
    "more",
    [
        {"kid": "https://issuer.example/keys#1", "iss": "https://issuer.example"},
        {"use": "sig", "alg": "EdDSA"},
        {"alg": "Ed25519"},
        {"key_ops": ["verify"]},
        {"x5t": "AA", "x5c": ["AA"]},
    ],
    ids=str,
)
def test_what_a_jwk_says_besides_its_key_may_stand(more):
    assert key_of_jwk(ED25519 | more) == KEYS["Ed25519"].public


POINT = base64url_decode(EC["x"].encode())


@pytest.mark.parametrize(
    "members",
    [
        pytest.param(None, id="null"),
        pytest.param([], id="a list"),
        pytest.param("x", id="a text"),
        pytest.param({}, id="an empty object"),
        pytest.param(ED25519 | {"kty": "oct"}, id="a symmetric key"),
        pytest.param(ED25519 | {"crv": "X25519"}, id="a key for agreement"),
        pytest.param(ED25519 | {"crv": "Ed448"}, id="another curve of Edwards"),
        pytest.param(EC | {"crv": "secp256k1"}, id="another curve of Koblitz"),
        pytest.param(EC | {"crv": "P-384"}, id="the coordinates of another curve"),
        pytest.param(EC | {"kty": ["EC"]}, id="a list of types"),
        pytest.param({"kty": "EC", "crv": "P-256", "x": EC["x"]}, id="no y"),
        pytest.param(EC | {"y": EC["x"]}, id="a point off the curve"),
        pytest.param(EC | {"x": b64(b"\0" + POINT)}, id="x with a zero in front"),
        pytest.param(EC | {"x": EC["x"] + "="}, id="padding"),
        pytest.param(EC | {"x": 5}, id="a number for x"),
        pytest.param(EC | {"x": "é"}, id="x outside ASCII"),
        pytest.param(ED25519 | {"x": b64(b"\5" * 31)}, id="an Ed25519 key too short"),
        pytest.param(RSA | {"e": b64(b"\0\1\0\1")}, id="an exponent with a zero in front"),
        pytest.param(RSA | {"e": ""}, id="no exponent"),
        pytest.param(
            RSA | {"n": b64(b"\0" + base64url_decode(RSA["n"].encode()))}, id="a modulus with a zero in front"
        ),
        pytest.param(ED25519 | {"use": "enc"}, id="a key for encryption"),
        pytest.param(ED25519 | {"use": None}, id="a use that is null"),
        pytest.param(ED25519 | {"key_ops": ["sign"]}, id="operations without verification"),
        pytest.param(ED25519 | {"key_ops": "verify"}, id="operations that are a text"),
        pytest.param(ED25519 | {"alg": "ES256"}, id="an algorithm that does not fit"),
        pytest.param(RSA | {"alg": "RS512"}, id="an algorithm that we do not have"),
        pytest.param(RSA | {"alg": "none"}, id="no algorithm"),
        pytest.param(RSA | {"alg": ["RS256"]}, id="a list of algorithms"),
    ],
)
def test_another_jwk_is_refused(members):
    assert code_of(key_of_jwk, members) == "INVALID_VERIFICATION_METHOD"


@pytest.mark.parametrize(
    "members",
    [
        pytest.param(RSA | {"e": "Aw"}, id="exponent 3"),
        pytest.param(RSA | {"n": b64(b"\xc1" * 128)}, id="1024 bits"),
        pytest.param(RSA | {"n": "_" * 100_000}, id="a hundred thousand characters"),
        pytest.param(ED25519 | {"x": b64(b"\1" + bytes(31))}, id="the identity point"),
        pytest.param(ED25519 | {"x": b64(bytes(32))}, id="a point of order four"),
    ],
)
def test_a_jwk_that_protects_nothing_is_weak(members):
    assert code_of(key_of_jwk, members) == "weak-key"


@EACH_KEY
def test_a_did_jwk_names_its_own_key(key):
    assert key_of_did_jwk(did_jwk_url(key)) == key


def test_the_example_of_the_did_jwk_method_is_read():
    """https://github.com/quartzjer/did-jwk/blob/main/spec.md, the P-256 example."""
    members = {
        "crv": "P-256",
        "kty": "EC",
        "x": "acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0",
        "y": "_KcyLj9vWMptnmKtm46GqDz8wf74I5LKgrl2GzH3nSE",
    }
    text = b64(json.dumps(members, separators=(",", ":")).encode())
    assert jwk(key_of_did_jwk(f"did:jwk:{text}#0")) == members


DID = did_jwk(KEYS["Ed25519"].public)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        pytest.param(DID, "INVALID_VERIFICATION_METHOD", id="no fragment"),
        pytest.param(f"{DID}#1", "INVALID_VERIFICATION_METHOD", id="another fragment"),
        pytest.param(f"{DID}=#0", "INVALID_VERIFICATION_METHOD", id="padding"),
        pytest.param("did:jwk:#0", "INVALID_VERIFICATION_METHOD_URL", id="no key"),
        pytest.param("did:key:z6Mk#0", "INVALID_VERIFICATION_METHOD_URL", id="another method"),
        pytest.param("did:jwk:" + "A" * 10_000 + "#0", "INVALID_VERIFICATION_METHOD_URL", id="a very long one"),
        pytest.param(
            "did:jwk:" + b64(json.dumps(ED25519 | {"d": "AA"}).encode()) + "#0",
            "INVALID_VERIFICATION_METHOD",
            id="a private key",
        ),
        pytest.param(
            "did:jwk:" + b64(json.dumps(ED25519 | {"x": b64(bytes(32))}).encode()) + "#0", "weak-key", id="a weak key"
        ),
    ],
)
def test_another_url_is_no_did_jwk(url, code):
    assert code_of(key_of_did_jwk, url) == code


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*EC, *RSA, "use", "alg", "key_ops", "kid"]), JSON))
def test_no_jwk_does_harm(members):
    for known in ({}, ED25519, EC, RSA):
        with contextlib.suppress(Refused):
            key_of_jwk(known | members)
