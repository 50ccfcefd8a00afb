"""Compact JWS: a strict reader, one algorithm for each key, and nothing in the header that does more than name the key."""

import hmac
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey
from local_keys import key_of_rsa, local_key

from credentials.errors import Malformed, Refused
from credentials.proofs.jose import MAX_TOKEN_CHARACTERS, compact, read_jws, signing_input, verify_jws
from credentials.proofs.jwk import jwk
from credentials.proofs.model import KeyType
from credentials.proofs.multibase import base64url_encode

KEYS = {
    "EdDSA": local_key(KeyType.ED25519),
    "ES256": local_key(KeyType.P256),
    "ES384": local_key(KeyType.P384),
    "RS256": key_of_rsa(rsa.generate_private_key(65537, 2048)),
}
KID = "https://issuer.example/keys#1"
PAYLOAD = b'{"sub":"did:example:educator"}'
EACH_ALGORITHM = pytest.mark.parametrize("alg", KEYS)


def token_of(header, payload=PAYLOAD, key=KEYS["EdDSA"]):
    """A token with any header, signed all the same."""
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    to_sign = base64url_encode(header) + b"." + base64url_encode(payload)
    return compact(to_sign, key.sign(to_sign)).encode()


def refusal(call, *arguments):
    with pytest.raises(Refused) as caught:
        call(*arguments)
    return caught.value


def signed(alg, **more):
    key = KEYS[alg]
    to_sign = signing_input(PAYLOAD, key.public.type, KID, **more)
    return compact(to_sign, key.sign(to_sign)).encode()


@EACH_ALGORITHM
def test_a_token_is_read_and_verified_as_it_was_written(alg):
    read = read_jws(signed(alg))
    assert (read.header.alg, read.header.kid, read.header.typ, read.payload) == (alg, KID, "JWT", PAYLOAD)
    verify_jws(read, KEYS[alg].public)


def their_key(alg):
    members = jwk(KEYS[alg].public)
    return {"OKP": OKPKey, "EC": ECKey, "RSA": RSAKey}[members["kty"]].import_key(members)


@EACH_ALGORITHM
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_another_library_verifies_our_token(alg):
    theirs = jws.deserialize_compact(signed(alg), their_key(alg), algorithms=[alg])
    assert theirs.payload == PAYLOAD


@EACH_ALGORITHM
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_we_verify_another_librarys_token(alg):
    private = KEYS[alg].private
    kind = {"EdDSA": OKPKey, "RS256": RSAKey}.get(alg, ECKey)
    theirs = jws.serialize_compact({"alg": alg, "kid": KID}, PAYLOAD, kind.import_key(private), algorithms=[alg])
    verify_jws(read_jws(theirs.encode()), KEYS[alg].public)


def test_the_newer_name_of_the_ed25519_algorithm_is_read():
    read = read_jws(token_of({"alg": "Ed25519", "kid": KID, "typ": "vc+jwt", "cty": "vc"}))
    verify_jws(read, KEYS["EdDSA"].public)
    assert (read.header.typ, read.header.cty) == ("vc+jwt", "vc")


def test_a_header_may_hold_the_key_itself():
    read = read_jws(token_of({"alg": "EdDSA", "jwk": jwk(KEYS["EdDSA"].public)}))
    assert read.header.jwk == KEYS["EdDSA"].public
    assert read.header.kid is None


HEADER = {"alg": "EdDSA", "kid": KID}
PRIVATE = jwk(KEYS["EdDSA"].public) | {"d": "AA"}


@pytest.mark.parametrize(
    ("header", "code"),
    [
        pytest.param(HEADER | {"alg": "none"}, "alg-not-allowed", id="no algorithm"),
        pytest.param(HEADER | {"alg": "NONE"}, "alg-not-allowed", id="no algorithm in capitals"),
        pytest.param(HEADER | {"alg": "HS256"}, "alg-not-allowed", id="a symmetric algorithm"),
        pytest.param(HEADER | {"alg": "ES256K"}, "alg-not-allowed", id="another curve"),
        pytest.param(HEADER | {"alg": "PS256"}, "alg-not-allowed", id="another padding"),
        pytest.param(HEADER | {"alg": "RS512"}, "alg-not-allowed", id="another hash"),
        pytest.param(HEADER | {"alg": "eddsa"}, "alg-not-allowed", id="small letters"),
        pytest.param(HEADER | {"alg": ["EdDSA"]}, "alg-not-allowed", id="a list of algorithms"),
        pytest.param(HEADER | {"alg": None}, "alg-not-allowed", id="null for an algorithm"),
        pytest.param({"kid": KID}, "alg-not-allowed", id="no member alg"),
        pytest.param({}, "alg-not-allowed", id="an empty header"),
        pytest.param(HEADER | {"crit": ["exp"]}, "header-not-allowed", id="something critical"),
        pytest.param(HEADER | {"b64": False, "crit": ["b64"]}, "header-not-allowed", id="an unencoded payload"),
        pytest.param(HEADER | {"zip": "DEF"}, "header-not-allowed", id="a compressed payload"),
        pytest.param(HEADER | {"jku": "https://attacker.example/keys"}, "header-not-allowed", id="keys to fetch"),
        pytest.param(HEADER | {"x5u": "https://attacker.example/c"}, "header-not-allowed", id="a certificate to fetch"),
        pytest.param(HEADER | {"x5c": ["AA"]}, "header-not-allowed", id="a certificate"),
        pytest.param(HEADER | {"x5t": "AA"}, "header-not-allowed", id="a certificate's thumbprint"),
        pytest.param(HEADER | {"iss": "did:example:x"}, "header-not-allowed", id="a claim"),
        pytest.param(HEADER | {"jwk": jwk(KEYS["EdDSA"].public)}, "header-not-allowed", id="kid and jwk"),
        pytest.param(HEADER | {"typ": "at+jwt"}, "header-not-allowed", id="an access token"),
        pytest.param(HEADER | {"typ": "jwt"}, "header-not-allowed", id="the type in small letters"),
        pytest.param(HEADER | {"typ": None}, "header-not-allowed", id="null for a type"),
        pytest.param(HEADER | {"typ": ["JWT"]}, "header-not-allowed", id="a list of types"),
        pytest.param(HEADER | {"cty": "JWT"}, "header-not-allowed", id="a token in the token"),
        pytest.param({"alg": "EdDSA", "jwk": PRIVATE}, "header-not-allowed", id="a private key"),
        pytest.param({"alg": "EdDSA"}, "MALFORMED_VALUE_ERROR", id="neither kid nor jwk"),
        pytest.param(HEADER | {"kid": None}, "MALFORMED_VALUE_ERROR", id="null for a kid"),
        pytest.param(HEADER | {"kid": "key-1"}, "MALFORMED_VALUE_ERROR", id="a relative kid"),
        pytest.param(HEADER | {"kid": "x' UNION SELECT 'k"}, "MALFORMED_VALUE_ERROR", id="an injection"),
        pytest.param(HEADER | {"kid": "../../dev/null"}, "MALFORMED_VALUE_ERROR", id="a path"),
        pytest.param(HEADER | {"kid": "https://a.example/\n"}, "MALFORMED_VALUE_ERROR", id="a line break in the kid"),
        pytest.param(HEADER | {"kid": "urn:x:" + "y" * 5000}, "MALFORMED_VALUE_ERROR", id="a long kid"),
        pytest.param({"alg": "EdDSA", "jwk": None}, "INVALID_VERIFICATION_METHOD", id="null for a jwk"),
        pytest.param({"alg": "EdDSA", "jwk": {"kty": "oct", "x": "AA"}}, "INVALID_VERIFICATION_METHOD", id="no key"),
        pytest.param(
            {
                "alg": "EdDSA",
                "jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
            },
            "weak-key",
            id="the identity point",
        ),
        pytest.param(b'{"alg":"EdDSA","alg":"none","kid":"urn:x:y"}', "json-duplicate-key", id="two algorithms"),
        pytest.param(b'{"alg":"EdDSA","kid":"urn:x:y","kid":"urn:x:z"}', "json-duplicate-key", id="two kids"),
        pytest.param(b"[]", "PARSING_ERROR", id="a list"),
        pytest.param(b'"EdDSA"', "PARSING_ERROR", id="a text"),
        pytest.param(b"", "PARSING_ERROR", id="nothing"),
        pytest.param(b"\xff", "PARSING_ERROR", id="no UTF-8"),
        pytest.param(b'{"alg":"EdDSA"', "PARSING_ERROR", id="JSON that breaks off"),
        pytest.param(b'{"alg":"EdDSA","kid":' + b"[" * 5000, "json-too-deep", id="a deep header"),
    ],
)
def test_a_header_that_does_more_than_name_the_key_is_refused(header, code):
    assert refusal(read_jws, token_of(header)).code == code


HEAD, BODY, SIGNATURE = signed("EdDSA").split(b".")


@pytest.mark.parametrize(
    ("token", "code"),
    [
        pytest.param(b"", "PARSING_ERROR", id="nothing"),
        pytest.param(b".".join([HEAD, BODY]), "PARSING_ERROR", id="two parts"),
        pytest.param(b".".join([HEAD, BODY, SIGNATURE, b""]), "PARSING_ERROR", id="four parts"),
        pytest.param(
            b".".join([HEAD, b"", b"", b"", b""]), "PARSING_ERROR", id="five parts, as an encrypted token has"
        ),
        pytest.param(b".".join([HEAD + b"=", BODY, SIGNATURE]), "PARSING_ERROR", id="padding in the header"),
        pytest.param(b".".join([HEAD, BODY + b"==", SIGNATURE]), "PARSING_ERROR", id="padding in the payload"),
        pytest.param(b".".join([HEAD, BODY, SIGNATURE + b"=="]), "PARSING_ERROR", id="padding in the signature"),
        pytest.param(b" " + signed("EdDSA"), "PARSING_ERROR", id="a space in front"),
        pytest.param(signed("EdDSA") + b"\n", "PARSING_ERROR", id="a line break at the end"),
        pytest.param(b".".join([HEAD, BODY, SIGNATURE[:-1] + b"B"]), "PARSING_ERROR", id="stray bits"),
        pytest.param(b".".join([HEAD, BODY, b"+/" + SIGNATURE]), "PARSING_ERROR", id="the alphabet of base64"),
        pytest.param("é".encode() * 3, "PARSING_ERROR", id="no ASCII"),
        pytest.param(b'{"payload":"","signatures":[]}', "PARSING_ERROR", id="a JSON serialisation"),
        pytest.param(b"a" * (MAX_TOKEN_CHARACTERS + 1), "payload-too-large", id="a very long token"),
        pytest.param(b"A" * 9000 + b".e30.AA", "payload-too-large", id="a very long header"),
        pytest.param(HEAD + b".e30." + b"A" * 1000, "payload-too-large", id="a very long signature"),
    ],
)
def test_what_is_no_compact_jws_is_refused(token, code):
    assert refusal(read_jws, token).code == code


@EACH_ALGORITHM
def test_an_algorithm_belongs_to_one_type_of_key(alg):
    for other, key in KEYS.items():
        if other != alg:
            token = token_of({"alg": alg, "kid": KID}, key=key)
            assert refusal(verify_jws, read_jws(token), key.public).code == "alg-not-allowed"


def test_a_public_key_is_no_secret():
    """HS256 with the RSA key's PEM as the secret: the oldest of all confusions."""
    pem = KEYS["RS256"].private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    to_sign = base64url_encode(b'{"alg":"HS256","kid":"%s"}' % KID.encode()) + b"." + base64url_encode(PAYLOAD)
    token = compact(to_sign, hmac.digest(pem, to_sign, "sha256"))
    assert refusal(read_jws, token.encode()).code == "alg-not-allowed"


@EACH_ALGORITHM
def test_another_key_payload_header_or_signature_does_not_verify(alg):
    head, body, signature = signed(alg).split(b".")
    key = KEYS[alg].public
    forged = [
        b".".join([base64url_encode(b'{"alg":"%s","kid":"urn:x:y"}' % alg.encode()), body, signature]),
        b".".join([head, base64url_encode(b"{}"), signature]),
        b".".join([head, body, base64url_encode(bytes(64))]),
        b".".join([head, body, b""]),
    ]
    for token in forged:
        assert refusal(verify_jws, read_jws(token), key).code == "CRYPTOGRAPHIC_SECURITY_ERROR"


@pytest.mark.parametrize(
    "signature",
    [bytes(64), bytes(63) + b"\1", b"\1" + bytes(63), bytes(31) + b"\1" + bytes(31) + b"\1"],
    ids=["all zeros", "r is zero", "s is zero", "both are one"],
)
def test_a_signature_of_trivial_numbers_does_not_verify(signature):
    head, body, _ = signed("ES256").split(b".")
    read = read_jws(b".".join([head, body, base64url_encode(signature)]))
    assert refusal(verify_jws, read, KEYS["ES256"].public).code == "CRYPTOGRAPHIC_SECURITY_ERROR"


@settings(max_examples=300)
@given(st.data())
def test_no_change_of_a_token_verifies_or_does_harm(data):
    token = bytearray(signed("EdDSA"))
    place = data.draw(st.integers(0, len(token) - 1))
    token[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
    if bytes(token) == signed("EdDSA"):
        return
    with pytest.raises(Malformed):
        verify_jws(read_jws(bytes(token)), KEYS["EdDSA"].public)


@given(st.binary(max_size=200))
def test_no_octets_do_harm(token):
    with pytest.raises(Malformed):
        read_jws(token)
