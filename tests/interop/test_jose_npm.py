"""VC-JWTs, both ways, with npm's jose."""

import base64
import json

from cryptography.hazmat.primitives.asymmetric import rsa
from local_keys import key_of_rsa, local_key

from credentials.jsonld.reader import read_json
from credentials.proofs.jose import compact, read_jws, signing_input, verify_jws
from credentials.proofs.jwk import jwk
from credentials.proofs.model import KeyType
from credentials.proofs.vc_jwt import claims_of, credential_of

KEYS = {
    "EdDSA": local_key(KeyType.ED25519),
    "ES256": local_key(KeyType.P256),
    "ES384": local_key(KeyType.P384),
    "RS256": key_of_rsa(rsa.generate_private_key(65537, 2048)),
}
KID = "https://issuer.example/keys#1"
CREDENTIAL = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "id": "urn:uuid:1",
    "type": ["VerifiableCredential"],
    "issuer": "https://issuer.example",
    "validFrom": "2024-01-15T00:00:00Z",
    "name": "Prüfen, «ob verstanden wurde» 🎓",
    "credentialSubject": {"id": "did:example:educator"},
}
PAYLOAD = json.dumps(claims_of(CREDENTIAL), ensure_ascii=False)


def b64(number, size=None):
    octets = number if isinstance(number, bytes) else number.to_bytes(size or (number.bit_length() + 7) // 8)
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def secret_jwk(alg):
    key = KEYS[alg]
    if alg == "EdDSA":
        return jwk(key.public) | {"d": b64(key.private.private_bytes_raw())}
    if alg != "RS256":
        return jwk(key.public) | {"d": b64(key.private.private_numbers().private_value, int(alg[2:]) // 8)}
    numbers = key.private.private_numbers()
    more = {"d": numbers.d, "p": numbers.p, "q": numbers.q, "dp": numbers.dmp1, "dq": numbers.dmq1, "qi": numbers.iqmp}
    return jwk(key.public) | {name: b64(number) for name, number in more.items()}


def test_they_verify_what_we_sign(node):
    tasks = []
    for alg, key in KEYS.items():
        to_sign = signing_input(PAYLOAD.encode(), key.public.type, KID)
        token = compact(to_sign, key.sign(to_sign))
        tasks.append({"do": "verify", "alg": alg, "jwk": jwk(key.public), "token": token})
    for task, result in zip(tasks, node("jose.mjs", tasks), strict=True):
        assert result == {"payload": PAYLOAD, "header": {"alg": task["alg"], "kid": KID, "typ": "JWT"}}


def test_we_verify_what_they_sign(node):
    tasks = [
        {
            "do": "sign",
            "alg": alg,
            "jwk": secret_jwk(alg),
            "header": {"alg": alg, "kid": KID, "typ": "vc+jwt", "cty": "vc"},
            "payload": PAYLOAD,
        }
        for alg in KEYS
    ]
    for task, result in zip(tasks, node("jose.mjs", tasks), strict=True):
        assert "error" not in result, result
        token = read_jws(result["token"].encode())
        verify_jws(token, KEYS[task["alg"]].public)
        assert credential_of(read_json(token.payload), token.header.typ) == CREDENTIAL


def test_they_refuse_a_token_that_was_changed(node):
    key = KEYS["ES256"]
    to_sign = signing_input(PAYLOAD.encode(), key.public.type, KID)
    token = compact(to_sign, key.sign(to_sign + b"."))
    (result,) = node("jose.mjs", [{"do": "verify", "alg": "ES256", "jwk": jwk(key.public), "token": token}])
    assert result == {"error": "signature verification failed"}
