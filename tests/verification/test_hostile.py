"""What an attacker may try, and what they are told: one sentence each.

The findings M1 to M13 and the threat model are those of SECURITY.md, sections 1 and 2. Every document here is the attacker's
best: wherever a signature can be valid, it is.
"""

import base64
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from local_keys import local_key
from simulator import (
    CONTEXT_EXTENSIONS,
    CONTEXT_OB,
    CONTEXT_V2,
    NOW,
    HttpsIssuer,
    KeyIssuer,
    Simulator,
    desk,
    octets,
    sign,
    stamp,
    token,
)

from credentials.proofs import vc_jwt
from credentials.proofs.jwk import did_jwk, did_jwk_url, jwk
from credentials.proofs.model import JsonObject, KeyType
from credentials.proofs.multibase import base58_decode, multibase_base58
from credentials.verification.keys import MAX_KEYS

Edit = Callable[[JsonObject], JsonObject | None]

_VC = "https://www.w3.org/2018/credentials#"


# Rewriting a signed badge: M2 (what is dropped), M3 (the same graph in another shape), M4 (other contexts), M6 (relative ids).
#
# Each rewriting is made three times: to a badge that was signed before, where a careless verifier finds the signature valid;
# and by an issuer who signs the rewritten JSON itself, with a JCS proof and as a token, where it *is* valid.


def put(*path: str | int, value: Any) -> Edit:
    """Put a value at a place of the document."""

    def edit(document: JsonObject) -> None:
        place: Any = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return edit


def move(name: str, wrap: Callable[[Any], JsonObject]) -> Edit:
    """Take a member of the credential away, and put back what ``wrap`` makes of it."""

    def edit(document: JsonObject) -> None:
        document.update(wrap(document.pop(name)))

    return edit


def subject(*path: str | int, value: Any) -> Edit:
    return put("credentialSubject", *path, value=value)


def achievement(*path: str | int, value: Any) -> Edit:
    return subject("achievement", *path, value=value)


def wrapped_in_graph(document: JsonObject) -> JsonObject:
    context = document.pop("@context")
    return {"@context": context, "@graph": [document]}


def two_subjects(document: JsonObject) -> None:
    forged = {**document["credentialSubject"], "id": "did:example:somebody else"}
    document["credentialSubject"] = [forged, document["credentialSubject"]]


def members_by_keyword(document: JsonObject) -> None:
    document["@id"], document["@type"] = document.pop("id"), document.pop("type")


DROPPED, MALFORMED, CONTEXT = "DATA_LOSS_DETECTION_ERROR", "MALFORMED_VALUE_ERROR", "context-not-allowed"

REWRITINGS: dict[str, tuple[Edit, str]] = {
    # M2
    "a member that no context defines": (put("salaryCredits", value="30"), DROPPED),
    "a member of the subject that no context defines": (subject("salaryCredits", value="30"), DROPPED),
    "a member of the achievement that no context defines": (achievement("level", value="expert"), DROPPED),
    "a member of the issuer that no context defines": (put("issuer", "rank", value="first"), DROPPED),
    "a second subject whose id is dropped with it": (two_subjects, MALFORMED),
    "a subject with a space in its id": (subject("id", value="did:example:a b"), MALFORMED),
    "a piece of evidence with a space in its id": (
        put("evidence", value=[{"id": "https://x.example/a b", "type": ["Evidence"]}]),
        MALFORMED,
    ),
    "an achievement with a space in its type": (achievement("type", value=["Achievement", "Not A Type"]), MALFORMED),
    "a type that no context defines": (
        put("type", value=["VerifiableCredential", "OpenBadgeCredential", "X"]),
        MALFORMED,
    ),
    "an index": (achievement("@index", value="first"), MALFORMED),
    "a direction without a text": (achievement("@direction", value="rtl"), MALFORMED),
    "a property that is a blank node": (subject("_:credits", value="30"), MALFORMED),
    "an id that is a blank node": (subject("id", value="_:b0"), MALFORMED),
    "an id with an angle bracket": (subject("id", value="did:example:<b>"), MALFORMED),
    "an empty id": (subject("id", value=""), MALFORMED),
    # M3
    "an expiry by its full name": (move("validUntil", lambda date: {f"{_VC}validUntil": date}), MALFORMED),
    "an expiry in an array": (move("validUntil", lambda date: {"validUntil": [date]}), MALFORMED),
    "an expiry as a value object": (move("validUntil", lambda date: {"validUntil": {"@value": date}}), MALFORMED),
    "an expiry under @nest": (move("validUntil", lambda date: {"@nest": {"validUntil": date}}), MALFORMED),
    "an expiry in an included node": (
        move("validUntil", lambda date: {"@included": [{"id": "https://x.example/1", "validUntil": date}]}),
        MALFORMED,
    ),
    "an expiry under a name in other letters": (move("validUntil", lambda date: {"validuntil": date}), DROPPED),
    "an expiry that is null": (put("validUntil", value=None), MALFORMED),
    "an expiry of each data model": (put("expirationDate", value=stamp(NOW + timedelta(days=9))), MALFORMED),
    "an expiry before the beginning": (put("validUntil", value=stamp(NOW - timedelta(days=60))), MALFORMED),
    "a status by its full name": (
        move("credentialStatus", lambda status: {f"{_VC}credentialStatus": status}),
        MALFORMED,
    ),
    "a status under @nest": (
        move("credentialStatus", lambda status: {"@nest": {"credentialStatus": status}}),
        MALFORMED,
    ),
    "a status in an array in an array": (
        move("credentialStatus", lambda status: {"credentialStatus": [[status]]}),
        MALFORMED,
    ),
    "a status in a set": (move("credentialStatus", lambda status: {"credentialStatus": {"@set": [status]}}), MALFORMED),
    "no status, in an empty array": (put("credentialStatus", value=[]), MALFORMED),
    "no status, in an empty object": (put("credentialStatus", value={}), MALFORMED),
    "a status that is only named": (put("credentialStatus", value="https://x.example/status/1#94"), MALFORMED),
    "the whole credential in @graph": (wrapped_in_graph, MALFORMED),
    "id and type by their keywords": (members_by_keyword, MALFORMED),
    "a reverse property": (put("@reverse", value={"issuer": {"id": "https://x.example/2"}}), MALFORMED),
    "an achievement in an array": (move("credentialSubject", lambda s: {"credentialSubject": [s]}), MALFORMED),
    "a description of the achievement that disagrees with it": (
        put(
            "evidence",
            value=[{"id": "https://nowhere.example/achievements/conferring", "type": ["Evidence"], "name": "X"}],
        ),
        MALFORMED,
    ),
    "another name, in a second description of the credential": (
        subject("source", value={"id": "https://nowhere.example/credentials/1", "type": ["Profile"], "name": "X"}),
        MALFORMED,
    ),
    "a name in two texts without languages": (put("name", value=["One", "Two"]), MALFORMED),
    # M4
    "an attacker's context": (
        put("@context", value=[CONTEXT_V2, "https://contexts.attacker.example/ob.json"]),
        CONTEXT,
    ),
    "an attacker's context after the right ones": (
        put("@context", value=[CONTEXT_V2, CONTEXT_OB, "https://contexts.attacker.example/more.json"]),
        CONTEXT,
    ),
    "an inline context that swaps two names": (
        put(
            "@context",
            value=[
                CONTEXT_V2,
                CONTEXT_OB,
                {"name": "https://schema.org/description", "description": "https://schema.org/name"},
            ],
        ),
        CONTEXT,
    ),
    "an inline vocabulary": (
        put("@context", value=[CONTEXT_V2, CONTEXT_OB, {"@vocab": "https://x.example/"}]),
        CONTEXT,
    ),
    "a null in the list of contexts": (put("@context", value=[CONTEXT_V2, None, CONTEXT_OB]), CONTEXT),
    "a context of plain http": (put("@context", value=[CONTEXT_V2.replace("https", "http"), CONTEXT_OB]), CONTEXT),
    "a context with a fragment": (put("@context", value=[CONTEXT_V2 + "#", CONTEXT_OB]), CONTEXT),
    "a context in capitals": (put("@context", value=[CONTEXT_V2.upper(), CONTEXT_OB]), CONTEXT),
    "the contexts in another order": (put("@context", value=[CONTEXT_OB, CONTEXT_V2]), CONTEXT),
    "a context twice": (put("@context", value=[CONTEXT_V2, CONTEXT_OB, CONTEXT_V2]), CONTEXT),
    "a list of lists of contexts": (put("@context", value=[[CONTEXT_V2, CONTEXT_OB]]), CONTEXT),
    "no context": (put("@context", value=[]), CONTEXT),
    "a context that is an object": (put("@context", value={"@import": CONTEXT_V2}), CONTEXT),
    "a data model without Open Badges": (put("@context", value=[CONTEXT_V2]), MALFORMED),
    "a context in the subject": (subject("@context", value=CONTEXT_V2), MALFORMED),
    "a context in the achievement": (achievement("@context", value={"name": "https://x.example/"}), MALFORMED),
    # M6
    "a relative id": (subject("id", value="educators/1"), MALFORMED),
    "an id that is only a fragment": (achievement("id", value="#conferring"), MALFORMED),
    "an id without a scheme": (achievement("id", value="//nowhere.example/achievements/conferring"), MALFORMED),
}


def rewritten(edit: Edit, issuer: Simulator) -> Iterator[tuple[str, bytes]]:
    """The rewritten badge, as somebody forges it and as the issuer itself would sign it."""
    status = issuer.status(94)
    draft = issuer.draft(validUntil=stamp(NOW - timedelta(days=1)), credentialStatus=status)
    key = issuer.key()

    def edited(document: JsonObject) -> JsonObject:
        copy = deepcopy(document)
        return edit(copy) or copy

    yield "signed before", octets(edited(json.loads(issuer.issue(draft))))
    claims = {name: vc_jwt.claims_of(draft)[name] for name in ("iss", "jti", "sub", "nbf", "exp")}
    yield "signed as a token", token({**edited(draft), **claims}, key.local, key.method)
    yield (
        "signed as JSON",
        octets(sign(edited(draft), key.local, key.method, suite="eddsa-jcs-2022", canonize=lambda *_: b"")),
    )


@pytest.mark.parametrize(("edit", "code"), REWRITINGS.values(), ids=REWRITINGS)
async def test_a_credential_in_another_shape_than_the_one_is_refused_however_it_is_signed(
    edit: Edit, code: str
) -> None:
    issuer = KeyIssuer()
    for how, presented in rewritten(edit, issuer):
        report = await desk(issuer).verify(presented)
        accepted = {code, "MALFORMED_VALUE_ERROR"} if how == "signed as a token" else {code}
        assert report.outcome in {f"reject:{one}" for one in accepted}, how
        assert report.credential is None, how
        assert issuer.asked == []


# M1, and other keys and signatures that prove nothing.


def small_order_points() -> dict[str, bytes]:
    """The eight points whose order divides 8, in the encodings that libraries load."""
    order_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
    prime = 2**255 - 19
    return {
        f"y = {y:#x}, sign {sign_bit}": (y | sign_bit << 255).to_bytes(32, "little")
        for y in (0, 1, prime - 1, order_8, prime - order_8)
        for sign_bit in (0, 1)
    }


def did_of(octets_of_key: bytes) -> str:
    return "did:key:" + multibase_base58(b"\xed\x01" + octets_of_key)


@pytest.mark.parametrize("point", small_order_points().values(), ids=small_order_points())
async def test_a_key_of_small_order_signs_nothing(point: bytes) -> None:
    """M1: with the identity as the key, R = identity and S = 0 is a signature of every message."""
    did = did_of(point)
    issuer = KeyIssuer()
    signed = json.loads(issuer.issue(issuer.draft(issuer={"id": did, "type": ["Profile"]})))
    signed["proof"][0]["verificationMethod"] = f"{did}#{did.removeprefix('did:key:')}"
    signed["proof"][0]["proofValue"] = multibase_base58(bytes([1]) + bytes(63))
    assert (await desk(issuer).verify(signed)).outcome == "reject:weak-key"


def with_proof(**members: Any) -> Callable[[Simulator], bytes]:
    """A signed badge, members of its proof changed afterwards (``None`` takes one away)."""

    def build(issuer: Simulator) -> bytes:
        signed = json.loads(issuer.issue())
        proof = {**signed["proof"][0], **members}
        return octets({**signed, "proof": {name: value for name, value in proof.items() if value is not None}})

    return build


def signed_with(**options: Any) -> Callable[[Simulator], bytes]:
    """A badge that was signed with these members in its proof."""
    return lambda issuer: issuer.issue(**options)


def instead_of_proof(value: Any) -> Callable[[Simulator], bytes]:
    return lambda issuer: octets({**issuer.draft(), "proof": value})


def signed_by(key_seed: int, method: Callable[[Simulator], str]) -> Callable[[Simulator], bytes]:
    """A badge in the issuer's name, signed with an attacker's key under some name for it."""

    def build(issuer: Simulator) -> bytes:
        return octets(sign(issuer.draft(), local_key(KeyType.ED25519, key_seed), method(issuer)))

    return build


ATTACKER = local_key(KeyType.ED25519, 666)
ORDER_ED25519 = 2**252 + 27742317777372353535851937790883648493


def with_signature(change: Callable[[bytes], bytes]) -> Callable[[Simulator], bytes]:
    def build(issuer: Simulator) -> bytes:
        signed = json.loads(issuer.issue())
        signature = base58_decode(signed["proof"][0]["proofValue"][1:])
        signed["proof"][0]["proofValue"] = multibase_base58(change(signature))
        return octets(signed)

    return build


def plus_order(signature: bytes) -> bytes:
    s = int.from_bytes(signature[32:], "little") + ORDER_ED25519
    return signature[:32] + s.to_bytes(32, "little")


def a_good_and_an_attackers_proof(issuer: Simulator) -> bytes:
    signed = json.loads(issuer.issue())
    return octets(sign(signed, ATTACKER, ATTACKER.verification_method))


def a_good_and_a_broken_proof(issuer: Simulator) -> bytes:
    key = issuer.key()
    twice = sign(json.loads(issuer.issue()), key.local, key.method)
    twice["proof"][1]["proofValue"] = twice["proof"][0]["proofValue"][:-1] + "1"
    return octets(twice)


def five_proofs(issuer: Simulator) -> bytes:
    signed = json.loads(issuer.issue())
    return octets({**signed, "proof": signed["proof"] * 5})


def a_jcs_proof_that_signed_fewer_contexts(issuer: Simulator) -> bytes:
    key = issuer.key()
    draft = issuer.draft(**{"@context": [CONTEXT_V2]})
    signed = sign(draft, key.local, key.method, suite="eddsa-jcs-2022", canonize=lambda *_: b"")
    return octets({**signed, "@context": [CONTEXT_V2, CONTEXT_OB]})


PROOF, BOUND, METHOD = "PROOF_VERIFICATION_ERROR", "key-not-bound-to-issuer", "INVALID_VERIFICATION_METHOD"

FORGERIES: dict[str, tuple[Callable[[Simulator], bytes], str]] = {
    "no proof": (lambda issuer: octets(issuer.draft()), "no-proof"),
    "an empty list of proofs": (instead_of_proof([]), MALFORMED),
    "a proof that is null": (instead_of_proof(None), MALFORMED),
    "a proof that is a text": (instead_of_proof("trust me"), MALFORMED),
    "a proof that is a list of lists": (instead_of_proof([[{"type": "DataIntegrityProof"}]]), MALFORMED),
    "a proof without a value": (with_proof(proofValue=None), PROOF),
    "a proof with an empty value": (with_proof(proofValue=""), PROOF),
    "a proof whose value is in another base": (with_proof(proofValue="u" + "A" * 86), PROOF),
    "a proof whose value is too short": (with_signature(lambda value: value[:63]), PROOF),
    "a proof whose value is too long": (with_signature(lambda value: value + b"\0"), PROOF),
    "a proof whose value is zero": (with_signature(lambda value: bytes(64)), PROOF),
    "a proof whose value is a second spelling of the right one": (with_signature(plus_order), PROOF),
    "a proof of a million characters": (with_proof(proofValue="z" + "1" * 900_000), PROOF),
    "a proof of an unknown type": (with_proof(type="TrustMeProof"), PROOF),
    "a proof of an unknown suite": (with_proof(cryptosuite="eddsa-rdfc-2099"), PROOF),
    "a proof of a suite in other letters": (with_proof(cryptosuite="EDDSA-rdfc-2022"), PROOF),
    "a proof of another suite than the one that signed": (with_proof(cryptosuite="eddsa-jcs-2022"), PROOF),
    "a proof of a suite for another kind of key": (with_proof(cryptosuite="ecdsa-rdfc-2019"), METHOD),
    "a proof with a member that proofs do not have": (with_proof(jws="e30..AA"), PROOF),
    "a proof for authentication": (signed_with(purpose="authentication"), PROOF),
    "a proof from the future": (signed_with(created=NOW + timedelta(seconds=61)), PROOF),
    "a proof that has expired": (signed_with(expires=stamp(NOW)), PROOF),
    "a proof that follows one that is not there": (with_proof(previousProof="urn:uuid:1"), PROOF),
    "a proof that follows itself": (with_proof(id="urn:uuid:1", previousProof="urn:uuid:1"), PROOF),
    "a proof with contexts of its own": (with_proof(**{"@context": ["https://x.example"]}), PROOF),
    "a good proof beside a broken one": (a_good_and_a_broken_proof, PROOF),
    "a good proof beside an attacker's": (a_good_and_an_attackers_proof, BOUND),
    "five good proofs": (five_proofs, PROOF),
    "a proof that signed fewer contexts than it is read under": (a_jcs_proof_that_signed_fewer_contexts, MALFORMED),
    "an attacker's key under its own name": (signed_by(666, lambda issuer: ATTACKER.verification_method), BOUND),
    "an attacker's key as the fragment of the issuer": (
        signed_by(666, lambda issuer: f"{issuer.id}#{ATTACKER.did.removeprefix('did:key:')}"),
        METHOD,
    ),
    "an attacker's key under the issuer's name": (signed_by(666, lambda issuer: issuer.key().method), PROOF),
    "a key without a fragment": (signed_by(666, lambda issuer: issuer.id), METHOD),
    "a key at an address of the attacker": (signed_by(666, lambda _: "https://attacker.example/keys/1#k"), BOUND),
    "a key of an unknown method": (signed_by(666, lambda _: "did:ethr:0xabc#k"), "INVALID_VERIFICATION_METHOD_URL"),
    "a key in a file": (signed_by(666, lambda _: "file:///etc/passwd#k"), "INVALID_VERIFICATION_METHOD_URL"),
    "an X25519 key": (
        lambda issuer: _in_the_name_of(issuer, "did:key:" + multibase_base58(b"\xec\x01" + bytes([9]) + bytes(31))),
        METHOD,
    ),
    "a private key as a did:key": (
        lambda issuer: _in_the_name_of(issuer, "did:key:" + multibase_base58(b"\x80\x26" + bytes(32))),
        METHOD,
    ),
    "an Ed25519 key that is not in canonical form": (
        lambda issuer: _in_the_name_of(issuer, did_of((2**255 - 19 + 2).to_bytes(32, "little"))),
        "weak-key",
    ),
    "a P-256 key that is not on the curve": (
        lambda issuer: _in_the_name_of(issuer, "did:key:" + multibase_base58(b"\x80\x24\x02" + bytes(31) + b"\x02")),
        METHOD,
    ),
    "a P-256 key that is not compressed": (
        lambda issuer: _in_the_name_of(issuer, "did:key:" + multibase_base58(b"\x80\x24\x04" + bytes(64))),
        METHOD,
    ),
    "a did:key that is too long to be one": (lambda issuer: _in_the_name_of(issuer, "did:key:z" + "2" * 1_500), PROOF),
}


def _in_the_name_of(issuer: Simulator, did: str) -> bytes:
    """A badge by a did:key, with some signature under the key that it names."""
    signed = json.loads(issuer.issue(issuer.draft(issuer={"id": did, "type": ["Profile"]})))
    signed["proof"][0]["verificationMethod"] = f"{did}#{did.removeprefix('did:key:')}"
    return octets(signed)


@pytest.mark.parametrize(("build", "code"), FORGERIES.values(), ids=FORGERIES)
async def test_a_proof_that_does_not_hold_shows_nothing(build: Callable[[Simulator], bytes], code: str) -> None:
    issuer = KeyIssuer()
    report = await desk(issuer).verify(build(issuer))
    assert report.outcome == f"reject:{code}"
    assert report.credential is None
    assert report.issuer is None


async def test_the_twin_of_an_ecdsa_signature_is_as_good_as_it_and_tells_nothing() -> None:
    """M12: (r, n - s) verifies, so that a signature's octets are no identity of anything."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    issuer = Simulator()
    signed = json.loads(issuer.issue(suite="ecdsa-rdfc-2019"))
    value = base58_decode(signed["proof"][0]["proofValue"][1:])
    twin = value[:32] + (order - int.from_bytes(value[32:])).to_bytes(32)
    other = deepcopy(signed)
    other["proof"][0]["proofValue"] = multibase_base58(twin)
    first, second = await desk(issuer).verify(signed), await desk(issuer).verify(other)
    assert (first.outcome, second.outcome) == ("accept", "accept")
    assert first.credential == second.credential
    assert first.digest != second.digest


# Tokens


def rewritten_header(**members: Any) -> Callable[[HttpsIssuer], bytes]:
    """A token whose header has these members besides or instead, signed with the issuer's own key."""

    def build(issuer: HttpsIssuer) -> bytes:
        key = issuer.key(KeyType.P256)
        header = {"alg": "ES256", "kid": key.method, "typ": "JWT", **members}
        return _token(header, vc_jwt.claims_of(issuer.draft()), key.local.sign)

    return build


def _token(header: JsonObject, payload: Any, sign_: Callable[[bytes], bytes]) -> bytes:
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in ({name: value for name, value in header.items() if value is not None}, payload)
    ]
    return b".".join([*parts, base64.urlsafe_b64encode(sign_(b".".join(parts))).rstrip(b"=")])


def with_claims(**claims: Any) -> Callable[[HttpsIssuer], bytes]:
    """A token with these claims instead, or without those that are ``None``."""

    def build(issuer: HttpsIssuer) -> bytes:
        key = issuer.key(KeyType.P256)
        draft = issuer.draft(validUntil=stamp(NOW + timedelta(days=9)))
        payload = {**vc_jwt.claims_of(draft), **claims}
        return token({name: value for name, value in payload.items() if value is not None}, key.local, key.method)

    return build


def payload_of(payload: Any, **header: Any) -> Callable[[HttpsIssuer], bytes]:
    def build(issuer: HttpsIssuer) -> bytes:
        key = issuer.key(KeyType.P256)
        return _token({"alg": "ES256", "kid": key.method, **header}, payload, key.local.sign)

    return build


def text(change: Callable[[bytes], bytes]) -> Callable[[HttpsIssuer], bytes]:
    return lambda issuer: change(issuer.issue_token())


ATTACKERS_P256 = local_key(KeyType.P256, 667)

TOKENS: dict[str, tuple[Callable[[HttpsIssuer], bytes], str]] = {
    "no algorithm": (rewritten_header(alg=None), "alg-not-allowed"),
    "the algorithm none": (rewritten_header(alg="none"), "alg-not-allowed"),
    "the algorithm nOnE": (rewritten_header(alg="nOnE"), "alg-not-allowed"),
    "a symmetric algorithm": (rewritten_header(alg="HS256"), "alg-not-allowed"),
    "an algorithm that is a list": (rewritten_header(alg=["ES256"]), "alg-not-allowed"),
    "another algorithm than the key's": (rewritten_header(alg="RS256"), "alg-not-allowed"),
    "the algorithm of another curve": (rewritten_header(alg="ES384"), "alg-not-allowed"),
    "a set of keys to fetch": (rewritten_header(jku="https://attacker.example/jwks.json"), "header-not-allowed"),
    "a certificate to fetch": (rewritten_header(x5u="https://attacker.example/x.pem"), "header-not-allowed"),
    "a certificate": (rewritten_header(x5c=["MIIB"]), "header-not-allowed"),
    "a critical extension": (rewritten_header(crit=["b64"], b64=False), "header-not-allowed"),
    "a compressed payload": (rewritten_header(zip="DEF"), "header-not-allowed"),
    "a type that is an access token's": (rewritten_header(typ="at+jwt"), "header-not-allowed"),
    "a type that is a number": (rewritten_header(typ=1), "header-not-allowed"),
    "a content type that is a token's": (rewritten_header(cty="JWT"), "header-not-allowed"),
    "a key beside the name of a key": (rewritten_header(jwk=jwk(ATTACKERS_P256.public)), "header-not-allowed"),
    "no key at all": (rewritten_header(kid=None), MALFORMED),
    "a key with its private half": (
        rewritten_header(kid=None, jwk={**jwk(ATTACKERS_P256.public), "d": "AA"}),
        "header-not-allowed",
    ),
    "a key that the issuer does not publish": (
        lambda issuer: _token(
            {"alg": "ES256", "jwk": jwk(ATTACKERS_P256.public)},
            vc_jwt.claims_of(issuer.draft()),
            ATTACKERS_P256.sign,
        ),
        BOUND,
    ),
    "a key at another authority": (rewritten_header(kid="https://attacker.example/keys#1"), BOUND),
    "a key at an authority that only begins alike": (
        rewritten_header(kid="https://platform.example.attacker.example/keys#1"),
        BOUND,
    ),
    "a key at an authority with a user in front": (rewritten_header(kid="https://x@platform.example/keys#1"), BOUND),
    "a key of a DID that is not the issuer": (rewritten_header(kid=ATTACKERS_P256.verification_method), BOUND),
    "a key by a path": (rewritten_header(kid="../../etc/passwd"), MALFORMED),
    "a key by a query": (rewritten_header(kid="x' OR 1=1 --"), MALFORMED),
    "a key by a very long name": (rewritten_header(kid="https://platform.example/" + "k" * 5_000), MALFORMED),
    "another issuer in the claims": (with_claims(iss="https://platform.example/issuers/2"), MALFORMED),
    "no issuer in the claims": (with_claims(iss=None), MALFORMED),
    "another id in the claims": (with_claims(jti="urn:uuid:1"), MALFORMED),
    "another subject in the claims": (with_claims(sub="did:example:somebody"), MALFORMED),
    "no subject in the claims": (with_claims(sub=None), MALFORMED),
    "an earlier beginning in the claims": (with_claims(nbf=0), MALFORMED),
    "a later end in the claims": (with_claims(exp=4_102_444_800), MALFORMED),
    "no end in the claims": (with_claims(exp=None), MALFORMED),
    "an end that is a text": (with_claims(exp="4102444800"), MALFORMED),
    "an end that is true": (with_claims(exp=True), MALFORMED),
    "an end beyond the calendar": (with_claims(exp=9e18), MALFORMED),
    "an audience": (with_claims(aud="https://somebody.example"), "INVALID_DOMAIN_ERROR"),
    "a credential of data model 1.1 around one of 2.0": (
        payload_of({"iss": "https://platform.example/issuers/1", "nbf": 1, "vc": Simulator().draft()}),
        MALFORMED,
    ),
    "a credential under vc that is a text": (payload_of({"iss": "x", "vc": "y"}), MALFORMED),
    "an empty presentation": (payload_of({"vp": {}}), MALFORMED),
    "an empty presentation by its type": (payload_of({}, typ="vp+jwt"), MALFORMED),
    "a payload that is a list": (payload_of([]), "PARSING_ERROR"),
    "a payload that is a number": (payload_of(1), "PARSING_ERROR"),
    "an empty payload": (payload_of({}), MALFORMED),
    "a signature of nothing": (text(lambda made: made.rpartition(b".")[0] + b"."), "CRYPTOGRAPHIC_SECURITY_ERROR"),
    "a signature of zeros": (
        text(lambda made: made.rpartition(b".")[0] + b"." + b"A" * 86),
        "CRYPTOGRAPHIC_SECURITY_ERROR",
    ),
    "a signature in DER": (
        text(lambda made: made.rpartition(b".")[0] + b".MEUCIQDTGj-wnfxvQ0ozDrMo3hoS-gQXEnDZhrDVaDvFDGYq0AIgR6wPb2QA"),
        "CRYPTOGRAPHIC_SECURITY_ERROR",
    ),
    "padding": (text(lambda made: made + b"=="), "PARSING_ERROR"),
    "two parts": (text(lambda made: made.rpartition(b".")[0]), "PARSING_ERROR"),
    "four parts": (text(lambda made: made + b".AAAA"), "PARSING_ERROR"),
    "a disclosure behind it": (text(lambda made: made + b"~WyJhIl0~"), "PARSING_ERROR"),
    "a token between quotes": (text(lambda made: b'"' + made + b'"'), "PARSING_ERROR"),
    "two algorithms": (
        text(lambda made: b"eyJhbGciOiJFUzI1NiIsImFsZyI6Im5vbmUifQ." + made.partition(b".")[2]),
        "json-duplicate-key",
    ),
}


@pytest.mark.parametrize(("build", "code"), TOKENS.values(), ids=TOKENS)
async def test_a_token_that_does_not_hold_shows_nothing(build: Callable[[HttpsIssuer], bytes], code: str) -> None:
    issuer = HttpsIssuer()
    report = await desk(issuer).verify(build(issuer))
    assert report.outcome == f"reject:{code}"
    assert report.credential is None


async def test_a_key_in_the_header_is_good_when_the_issuer_publishes_it() -> None:
    for issuer in (HttpsIssuer(), Simulator(), KeyIssuer()):
        key = issuer.key(KeyType.ED25519)
        payload = vc_jwt.claims_of(issuer.draft())
        made = _token({"alg": "EdDSA", "jwk": jwk(key.local.public)}, payload, key.local.sign)
        assert (await desk(issuer).verify(made)).outcome == "accept"
        forged = _token({"alg": "EdDSA", "jwk": jwk(ATTACKER.public)}, payload, ATTACKER.sign)
        assert (await desk(issuer).verify(forged)).outcome == "reject:key-not-bound-to-issuer"


async def test_a_key_in_the_header_is_compared_with_keys_of_every_kind() -> None:
    issuer = Simulator()
    key = issuer.key(KeyType.P256)
    made = _token({"alg": "ES256", "jwk": jwk(key.local.public)}, vc_jwt.claims_of(issuer.draft()), key.local.sign)
    foreign = {"id": f"{issuer.id}#bls", "type": "Multikey", "controller": issuer.id, "publicKeyMultibase": "zUC7"}
    issuer.lies["did.json"] = lambda document: {
        **document,
        "verificationMethod": [foreign, *document["verificationMethod"]],
    }
    assert (await desk(issuer).verify(made)).outcome == "accept"
    issuer.id, key.method = did_jwk(key.local.public), did_jwk_url(key.local.public)
    made = _token({"alg": "ES256", "jwk": jwk(key.local.public)}, vc_jwt.claims_of(issuer.draft()), key.local.sign)
    assert (await desk(issuer).verify(made)).outcome == "accept"


async def test_a_key_in_the_header_is_no_good_once_the_issuer_has_revoked_it() -> None:
    issuer = Simulator()
    key = issuer.key()
    key.more["revoked"] = stamp(NOW - timedelta(days=1))
    made = _token({"alg": "EdDSA", "jwk": jwk(key.local.public)}, vc_jwt.claims_of(issuer.draft()), key.local.sign)
    assert (await desk(issuer).verify(made)).outcome == "reject:key-revoked"


def among(others: int, listed: str, *, where: str) -> Callable[[HttpsIssuer], None]:
    """The issuer publishes so many more under ``listed`` of what it serves at ``where``, before its own keys."""

    def publish(issuer: HttpsIssuer) -> None:
        crowd = [{"kty": "AKP", "kid": f"{issuer.id}#{number}"} for number in range(others)]
        issuer.lies[where] = lambda served: {**served, listed: [*crowd, *served[listed]]}

    return publish


def in_a_header(issuer: HttpsIssuer) -> bytes:
    key = issuer.key(KeyType.P256)
    return _token({"alg": "ES256", "jwk": jwk(key.local.public)}, vc_jwt.claims_of(issuer.draft()), key.local.sign)


def under_a_did(issuer: HttpsIssuer) -> bytes:
    """The same of an issuer whose document lists the keys of tokens, too."""
    issuer.id = f"did:web:{issuer.host}"
    for key in issuer.keys:
        key.method = f"{issuer.id}#{key.method.partition('#')[2]}"
    return in_a_header(issuer)


CROWDS: dict[str, tuple[Callable[[HttpsIssuer], bytes], str, str]] = {
    "a key set, for a key that comes with its token": (in_a_header, "keys", "jwks.json"),
    "a key set, for a key by its name": (HttpsIssuer.issue_token, "keys", "jwks.json"),
    "the methods of a document, for a key by its name": (HttpsIssuer.issue, "verificationMethod", "/issuers/1"),
    "keys for assertions, for a key by its name": (HttpsIssuer.issue, "assertionMethod", "/issuers/1"),
    "the methods of a DID, for a key that comes with its token": (under_a_did, "verificationMethod", "did.json"),
    "keys for assertions of a DID, for one that comes along": (under_a_did, "assertionMethod", "did.json"),
}
"""Two keys of the issuer's own are in each."""


@pytest.mark.parametrize("crowd", CROWDS)
async def test_more_keys_than_are_looked_through_leave_the_verdict_open_whatever_is_among_them(crowd: str) -> None:
    presented, listed, where = CROWDS[crowd]
    issuer = HttpsIssuer()
    signed = presented(issuer)
    for others, outcome in ((MAX_KEYS - 2, "accept"), (MAX_KEYS - 1, "indeterminate:key-limit")):
        among(others, listed, where=where)(issuer)
        report = await desk(issuer).verify(signed)
        assert report.outcome == outcome
    assert (report.credential, report.issuer) == (None, None)


async def test_names_of_keys_are_counted_as_keys_are() -> None:
    issuer = HttpsIssuer()
    issuer.lies["/issuers/1"] = lambda served: {**served, "assertionMethod": served["assertionMethod"] * 501}
    assert (await desk(issuer).verify(issuer.issue())).outcome == "indeterminate:key-limit"


async def test_the_keys_of_others_in_a_set_that_issuers_share_are_not_counted() -> None:
    issuer = HttpsIssuer()
    others = [{"kty": "AKP", "iss": "https://platform.example/issuers/2"}] * (2 * MAX_KEYS)
    issuer.lies["jwks.json"] = lambda served: {"keys": [*others, *served["keys"]]}
    assert (await desk(issuer).verify(issuer.issue_token())).outcome == "accept"


async def test_a_status_list_whose_key_is_among_too_many_says_nothing() -> None:
    issuer = HttpsIssuer()
    signed = issuer.issue_token(issuer.draft(credentialStatus=issuer.status(94)))
    among(MAX_KEYS, "verificationMethod", where="/issuers/1")(issuer)
    assert (await desk(issuer).verify(signed)).outcome == "indeterminate:STATUS_RETRIEVAL_ERROR"


# M5 and M7: what a reader would choke on, or read in two ways.


def raw(change: Callable[[str], str]) -> Callable[[Simulator], bytes]:
    return lambda issuer: change(issuer.issue().decode()).encode("utf-8", "surrogatepass")


def member(text_: str) -> Callable[[Simulator], bytes]:
    """A signed badge with one more member, written as it stands."""
    return raw(lambda badge: "{" + text_ + "," + badge[1:])


def poisoned(issuer: Simulator) -> bytes:
    """A hundred results without ids, alike, each around eight alignments without ids, alike."""
    draft = issuer.draft()
    alignment = {"type": ["Alignment"], "targetName": "x", "targetUrl": "https://x.example/x"}
    draft["credentialSubject"]["result"] = [{"type": ["Result"], "alignment": [alignment] * 8}] * 100
    return octets({**draft, "proof": json.loads(issuer.issue())["proof"]})


def many_nodes(count: int) -> Callable[[Simulator], bytes]:
    def build(issuer: Simulator) -> bytes:
        signed = json.loads(issuer.issue())
        signed["evidence"] = [{"id": f"https://x.example/{n}", "type": ["Evidence"]} for n in range(count)]
        return octets(signed)

    return build


READING: dict[str, tuple[Callable[[Simulator], bytes], str]] = {
    "nothing": (lambda _: b"", "PARSING_ERROR"),
    "white space": (lambda _: b" \n\t", "PARSING_ERROR"),
    "a null": (lambda _: b"null", "PARSING_ERROR"),
    "a number": (lambda _: b"1", "PARSING_ERROR"),
    "a text": (lambda _: b'"badge"', "PARSING_ERROR"),
    "a list of badges": (raw(lambda badge: f"[{badge}]"), "PARSING_ERROR"),
    "two badges": (raw(lambda badge: badge + badge), "PARSING_ERROR"),
    "a badge and a comma": (raw(lambda badge: badge + ","), "PARSING_ERROR"),
    "half a badge": (raw(lambda badge: badge[: len(badge) // 2]), "PARSING_ERROR"),
    "a comment": (raw(lambda badge: "/* good */" + badge), "PARSING_ERROR"),
    "a byte order mark": (raw(lambda badge: "\ufeff" + badge), "PARSING_ERROR"),
    "UTF-16": (lambda issuer: issuer.issue().decode().encode("utf-16-be"), "PARSING_ERROR"),
    "UTF-32": (lambda issuer: issuer.issue().decode().encode("utf-32"), "PARSING_ERROR"),
    "Latin-1": (lambda issuer: issuer.issue().replace(b"Conferring", b"\xe9"), "PARSING_ERROR"),
    "overlong UTF-8": (lambda issuer: issuer.issue().replace(b"Conferring", b"\xc0\xaf"), "PARSING_ERROR"),
    "a surrogate in UTF-8": (raw(lambda badge: badge.replace("Conferring", "\ud800")), "PARSING_ERROR"),
    "half of a surrogate pair": (member(r'"name":"\ud83d"'), "json-duplicate-key"),
    "half of a surrogate pair in a new member": (member(r'"x":"\ud83d"'), "PARSING_ERROR"),
    "a null character": (member(r'"x":"a\u0000b"'), "PARSING_ERROR"),
    "a control character": (raw(lambda badge: badge.replace("Conferring", "\x01")), "PARSING_ERROR"),
    "a key twice": (
        member('"validUntil":"2999-01-01T00:00:00Z","validUntil":"2001-01-01T00:00:00Z"'),
        "json-duplicate-key",
    ),
    "a key twice, once by an escape": (member(r'"id":"urn:uuid:1","i\u0064":"urn:uuid:2"'), "json-duplicate-key"),
    "not a number": (member('"x":NaN'), "PARSING_ERROR"),
    "infinity": (member('"x":Infinity'), "PARSING_ERROR"),
    "a number that overflows": (member('"x":1e400'), "json-number-out-of-range"),
    "a number of many digits": (member('"x":' + "9" * 10_000), "json-number-out-of-range"),
    "a whole number that doubles round": (member('"x":9007199254740993'), "json-number-out-of-range"),
    "a number with a leading zero": (member('"x":007'), "PARSING_ERROR"),
    "arrays deeper than any program reads": (member('"x":' + "[" * 100_000 + "]" * 100_000), "json-too-deep"),
    "arrays that never end": (lambda _: b"[" * 1_000_000, "json-too-deep"),
    "objects that never end": (lambda _: b'{"a":' * 200_000, "json-too-deep"),
    "brackets inside a text": (member('"x":"' + "[" * 1_000 + '"'), DROPPED),
    "a megabyte and one octet": (raw(lambda badge: badge + " " * (2**20 + 1 - len(badge))), "payload-too-large"),
    "a megabyte of white space around a badge": (
        raw(lambda badge: badge + " " * (2**20 - len(badge.encode()))),
        "",
    ),
    "more nodes than are read": (many_nodes(2_001), "canonicalization-limit"),
    "nodes that take too long to tell apart": (poisoned, "canonicalization-limit"),
    "blank nodes in a clique": (
        lambda issuer: octets(
            {
                **json.loads(issuer.issue()),
                "evidence": [
                    {"id": f"_:b{a}", "type": ["Evidence"], "narrative": f"_:b{b}"} for a in range(7) for b in range(7)
                ],
            }
        ),
        MALFORMED,
    ),
}


@pytest.mark.parametrize(("build", "code"), READING.values(), ids=READING)
async def test_octets_that_programs_read_in_two_ways_or_not_at_all(
    build: Callable[[Simulator], bytes], code: str
) -> None:
    issuer = KeyIssuer()
    report = await desk(issuer).verify(build(issuer))
    assert report.outcome == (f"reject:{code}" if code else "accept")


OTHER_THINGS: dict[str, tuple[bytes, str]] = {
    "a presentation of nothing": (b'{"type":["VerifiablePresentation"]}', "context-not-allowed"),
    "an enveloped presentation of nothing": (b'{"type":"EnvelopedVerifiablePresentation"}', MALFORMED),
    "a learner record": (
        octets({"@context": [CONTEXT_V2], "type": ["VerifiableCredential", "ClrCredential"]}),
        MALFORMED,
    ),
    "a badge of Open Badges 2.0": (
        octets({"@context": "https://w3id.org/openbadges/v2", "type": "Assertion"}),
        MALFORMED,
    ),
    "an envelope with something else in it": (
        octets({"@context": CONTEXT_V2, "type": "EnvelopedVerifiableCredential", "id": "data:text/html,x"}),
        "unsupported-media-type",
    ),
    "an envelope that says more": (
        octets({"@context": CONTEXT_V2, "type": "EnvelopedVerifiableCredential", "id": "data:,", "name": "x"}),
        MALFORMED,
    ),
    "a ZIP": (b"PK\x03\x04 and so on", "unsupported-media-type"),
    "a PDF": (b"%PDF-1.7 and so on", "unsupported-media-type"),
    "a JPEG": (b"\xff\xd8\xff\xe0 and so on", "image-malformed"),
    "a compressed SVG": (b"\x1f\x8b\x08 and so on", "unsupported-media-type"),
    "a page": (b"<!doctype html><html></html>", "unsupported-media-type"),
    "a PNG that is none": (b"\x89PNG\r\n\x1a\n", "image-malformed"),
    "an SVG without a badge": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "no-baked-credential"),
    "an SVG that unfolds": (
        b'<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
        "xml-entity-forbidden",
    ),
    "a document without a type": (octets({"@context": [CONTEXT_V2, CONTEXT_OB]}), MALFORMED),
    "a document whose type is a number": (octets({"@context": [CONTEXT_V2], "type": 7}), MALFORMED),
    "a document of types that exclude each other": (
        octets(
            {
                "@context": [CONTEXT_V2, CONTEXT_OB],
                "type": ["VerifiableCredential", "OpenBadgeCredential", "EndorsementCredential"],
            }
        ),
        MALFORMED,
    ),
}


@pytest.mark.parametrize(("presented", "code"), OTHER_THINGS.values(), ids=OTHER_THINGS)
async def test_what_is_no_credential_is_told_what_it_is(presented: bytes, code: str) -> None:
    assert (await desk().verify(presented)).outcome == f"reject:{code}"


# Issuers: identity, and the way to its keys.


ISSUERS = {
    "did:web:127.0.0.1": "url-not-allowed",
    "did:web:127.1": "url-not-allowed",
    "did:web:0x7f.1": "url-not-allowed",
    "did:web:2130706433": "url-not-allowed",
    "did:web:localhost": "url-not-allowed",
    "did:web:10.0.0.1": "url-not-allowed",
    "did:web:%5B%3A%3A1%5D": "url-not-allowed",
    "did:web:issuer.example%3A8443": "url-not-allowed",
    "did:web:issuer.example:..:admin": "url-not-allowed",
    "did:web:issuer.example%2F..%2Fadmin": "url-not-allowed",
    "did:web:issuer.example%40attacker.example": "url-not-allowed",
    "did:web:Issuer.Example": "url-not-allowed",
    "did:web:issuer.example.": "url-not-allowed",
    "did:web:": "url-not-allowed",
    "https://127.0.0.1/issuer": "url-not-allowed",
    "https://user@platform.example/issuer": "url-not-allowed",
    "https://platform.example:8443/issuer": "url-not-allowed",
    "https://[::1]/issuer": "url-not-allowed",
    "did:unknown:1": "INVALID_VERIFICATION_METHOD_URL",
    "urn:uuid:1": "INVALID_VERIFICATION_METHOD_URL",
    "http://issuer.example/1": "INVALID_VERIFICATION_METHOD_URL",
    "ftp://issuer.example/1": "INVALID_VERIFICATION_METHOD_URL",
    "issuer.example": "MALFORMED_VALUE_ERROR",
}


@pytest.mark.parametrize(("issuer_id", "code"), ISSUERS.items())
async def test_an_issuer_whose_keys_cannot_be_asked_for_is_refused_even_when_somebody_registered_it(
    issuer_id: str, code: str
) -> None:
    issuer = Simulator()
    issuer.id = issuer_id
    for key in issuer.keys:
        key.method = f"{issuer_id}#{key.method.partition('#')[2]}"
    draft = issuer.draft()
    signed = {**json.loads(Simulator().issue()), "issuer": draft["issuer"]}
    signed["proof"][0]["verificationMethod"] = issuer.key().method
    for at_desk in (desk(issuer), desk()):
        report = await at_desk.verify(signed)
        assert report.outcome == f"reject:{code}"
    assert issuer.asked == []


async def test_the_name_of_a_known_issuer_on_a_strangers_badge_is_not_shown() -> None:
    known, stranger = Simulator(), KeyIssuer()
    claimed = {"id": stranger.id, "type": ["Profile"], "name": "The registry's name of issuer.example"}
    report = await desk(known).verify(stranger.issue(stranger.draft(issuer=claimed)))
    assert report.outcome == "accept-untrusted"
    assert "registry's name" not in report.summary


# Status


STATUSES: dict[str, tuple[Callable[[Simulator], Any], str]] = {
    "an index with a sign": (lambda issuer: issuer.status("+94"), MALFORMED),
    "an index below zero": (lambda issuer: issuer.status("-1"), MALFORMED),
    "an index with a leading zero": (lambda issuer: issuer.status("094"), MALFORMED),
    "an index with an underscore": (lambda issuer: issuer.status("9_4"), MALFORMED),
    "an index with a space": (lambda issuer: issuer.status(" 94"), MALFORMED),
    "an index in other digits": (lambda issuer: issuer.status("٩٤"), MALFORMED),
    "an index in full-width digits": (lambda issuer: issuer.status("９４"), MALFORMED),
    "an index in hexadecimal": (lambda issuer: issuer.status("0x5e"), MALFORMED),
    "an index with a fraction": (lambda issuer: issuer.status("94.0"), MALFORMED),
    "an empty index": (lambda issuer: issuer.status(""), MALFORMED),
    "an index that is a number": (lambda issuer: issuer.status(94, statusListIndex=94), MALFORMED),
    "an index of many digits": (lambda issuer: issuer.status("9" * 5_000), MALFORMED),
    "an index just beyond the list": (lambda issuer: issuer.status(131_072), "RANGE_ERROR"),
    "an index far beyond the list": (lambda issuer: issuer.status(10**15), "RANGE_ERROR"),
    "entries of no size": (lambda issuer: issuer.status(94, statusSize=0), MALFORMED),
    "entries of many bits": (lambda issuer: issuer.status(94, statusSize=65_536), MALFORMED),
    "no purpose": (lambda issuer: {**issuer.status(94), "statusPurpose": ""}, MALFORMED),
    "an id that is the list's": (lambda issuer: issuer.status(94, id=issuer.list_url("revocation")), MALFORMED),
    "a list in a file": (
        lambda issuer: issuer.status(94, statusListCredential="file:///etc/passwd"),
        "url-not-allowed",
    ),
    "a list of plain http": (
        lambda issuer: issuer.status(94, statusListCredential="http://nowhere.example/status/revocation"),
        "url-not-allowed",
    ),
    "a list at a metadata service": (
        lambda issuer: issuer.status(94, statusListCredential="https://169.254.169.254/latest"),
        "url-not-allowed",
    ),
    "a list at another port": (
        lambda issuer: issuer.status(94, statusListCredential="https://nowhere.example:6443/list"),
        "url-not-allowed",
    ),
    "a list with a user in front": (
        lambda issuer: issuer.status(94, statusListCredential="https://nowhere.example@attacker.example/list"),
        "url-not-allowed",
    ),
    "a list by data": (lambda issuer: issuer.status(94, statusListCredential="data:text/plain,x"), "url-not-allowed"),
    "a list by a relative address": (lambda issuer: issuer.status(94, statusListCredential="/status/1"), MALFORMED),
}


@pytest.mark.parametrize(("entry", "code"), STATUSES.values(), ids=STATUSES)
async def test_a_status_entry_that_does_not_hold_is_refused_though_it_is_signed(
    entry: Callable[[Simulator], Any], code: str
) -> None:
    issuer = KeyIssuer()
    draft = issuer.draft(credentialStatus=entry(issuer))
    key = issuer.key()
    signed = sign(draft, key.local, key.method, suite="eddsa-jcs-2022", canonize=lambda *_: b"")
    report = await desk(issuer).verify(signed)
    assert report.outcome == f"reject:{code}"
    assert all(url.startswith(f"https://{issuer.host}/status/") for url in issuer.asked)


async def test_a_status_of_a_kind_that_nobody_here_reads_is_not_taken_for_good_news() -> None:
    issuer = KeyIssuer()
    entry = {"id": "https://127.0.0.1/revocations", "type": "https://issuer.example/terms#Revocations"}
    signed = issuer.issue(issuer.draft(credentialStatus=entry))
    assert (await desk(issuer).verify(signed)).outcome == "indeterminate:status-type-unsupported"
    assert issuer.asked == []


async def test_an_older_list_at_an_address_inside_some_network_is_not_gone_to() -> None:
    issuer = KeyIssuer()
    contexts = [CONTEXT_V2, CONTEXT_OB, CONTEXT_EXTENSIONS]
    entry = {"id": "https://127.0.0.1/revocations", "type": "1EdTechRevocationList"}
    signed = issuer.issue(issuer.draft(**{"@context": contexts}, credentialStatus=entry))
    assert (await desk(issuer).verify(signed)).outcome == "reject:url-not-allowed"
    assert issuer.asked == []


async def test_a_purpose_that_nobody_here_knows_is_good_news_only_while_its_bit_is_clear() -> None:
    issuer = KeyIssuer()
    issuer.raised["probation"] = set()
    signed = issuer.issue(issuer.draft(credentialStatus=issuer.status(94, "probation")))
    assert (await desk(issuer).verify(signed)).outcome == "accept"
    issuer.raised["probation"].add(94)
    assert (await desk(issuer).verify(signed)).outcome == "indeterminate:status-type-unsupported"


async def test_that_a_newer_credential_exists_takes_nothing_from_this_one() -> None:
    issuer = KeyIssuer()
    issuer.raised["refresh"] = {94}
    report = await desk(issuer).verify(issuer.issue(issuer.draft(credentialStatus=issuer.status(94, "refresh"))))
    assert report.outcome == "accept"
    assert [status.value for status in report.statuses] == [1]


async def test_a_message_is_shown_in_the_issuers_own_words() -> None:
    issuer = KeyIssuer()
    issuer.raised["message"] = {94}
    words = [{"status": "0x0", "message": "fine"}, {"status": "0x1", "message": "renewal due"}]
    entry = issuer.status(94, "message", statusMessage=words)
    report = await desk(issuer).verify(issuer.issue(issuer.draft(credentialStatus=entry)))
    assert report.outcome == "accept"
    assert [status.message for status in report.statuses] == ["renewal due"]


async def test_more_lists_than_are_fetched_leave_the_verdict_open() -> None:
    issuer = KeyIssuer()
    for purpose in "abcde":
        issuer.raised[purpose] = set()
    signed = issuer.issue(issuer.draft(credentialStatus=[issuer.status(94, purpose) for purpose in "abcde"]))
    report = await desk(issuer).verify(signed)
    assert report.outcome == "indeterminate:fetch-limit"
    assert len(issuer.asked) == 4


async def test_more_status_entries_than_are_read_leave_the_verdict_open() -> None:
    issuer = KeyIssuer()
    entries = [issuer.status(index) for index in range(9)]
    report = await desk(issuer).verify(issuer.issue(issuer.draft(credentialStatus=entries)))
    assert report.outcome == "indeterminate:fetch-limit"
    assert issuer.asked == [issuer.list_url("revocation")]


# Endorsements


def endorsement(endorser: Simulator, about: str, **changes: Any) -> JsonObject:
    return endorser.draft(
        type=["VerifiableCredential", "EndorsementCredential"],
        name="Endorsement",
        credentialSubject={"id": about, "type": ["EndorsementSubject"], "endorsementComment": "Good"},
        **changes,
    )


def _bare(made: bytes) -> JsonObject:
    signed: JsonObject = json.loads(made)
    return signed


def _without_proof(endorser: Simulator, about: str) -> JsonObject:
    return endorsement(endorser, about)


def _tampered(endorser: Simulator, about: str) -> JsonObject:
    signed = _bare(endorser.issue(endorsement(endorser, about)))
    signed["credentialSubject"]["endorsementComment"] = "Excellent"
    return signed


def _by_another_key(endorser: Simulator, about: str) -> JsonObject:
    return sign(endorsement(endorser, about), ATTACKER, ATTACKER.verification_method)


def _expired(endorser: Simulator, about: str) -> JsonObject:
    return _bare(endorser.issue(endorsement(endorser, about, validUntil=stamp(NOW))))


def _of_something_else(endorser: Simulator, about: str) -> JsonObject:
    return _bare(endorser.issue(endorsement(endorser, "https://elsewhere.example/achievements/1")))


def _revoked(endorser: Simulator, about: str) -> JsonObject:
    endorser.revoke(94)
    return _bare(endorser.issue(endorsement(endorser, about, credentialStatus=endorser.status(94))))


ENDORSEMENTS = {
    "nobody signed": _without_proof,
    "was changed afterwards": _tampered,
    "somebody else signed": _by_another_key,
    "has expired": _expired,
    "is of something else": _of_something_else,
    "was revoked": _revoked,
}


@pytest.mark.parametrize("build", ENDORSEMENTS.values(), ids=ENDORSEMENTS)
@pytest.mark.parametrize("place", ["credential", "achievement", "issuer"])
async def test_an_endorsement_takes_the_credential_with_it_when_it(
    build: Callable[[Simulator, str], JsonObject], place: str
) -> None:
    issuer, union = KeyIssuer(), KeyIssuer("union.example", seed=9)
    draft = issuer.draft()
    inner = build(union, draft["credentialSubject"]["achievement"]["id"])
    target = {
        "credential": draft,
        "achievement": draft["credentialSubject"]["achievement"],
        "issuer": draft["issuer"],
    }[place]
    target["endorsement"] = [inner]
    assert (await desk(issuer, union).verify(issuer.issue(draft))).outcome == "reject:endorsement-invalid"


@pytest.mark.parametrize("place", ["endorsement", "evidence"])
async def test_a_credential_inside_a_credential_is_an_endorsement_or_has_no_business_there(place: str) -> None:
    issuer = KeyIssuer()
    inner = json.loads(issuer.issue())
    if place == "evidence":
        del inner["@context"]
    draft = issuer.draft(
        type=["VerifiableCredential"],
        name=None,
        credentialSubject={"id": "did:example:educator", "type": "https://x.example/Holder"},
        **{place: [inner]},
    )
    assert (await desk(issuer).verify(issuer.issue(draft))).outcome == "reject:endorsement-invalid"


async def test_more_signatures_than_are_checked_leave_the_verdict_open() -> None:
    issuer, union = KeyIssuer(), KeyIssuer("union.example", seed=9)
    tokens = [union.issue_token(endorsement(union, issuer.id), key_type=KeyType.ED25519).decode() for _ in range(12)]
    signed = issuer.issue(issuer.draft(endorsementJwt=tokens))
    assert (await desk(issuer, union).verify(signed)).outcome == "indeterminate:canonicalization-limit"
    fewer = issuer.issue(issuer.draft(endorsementJwt=tokens[:11]))
    report = await desk(issuer, union).verify(fewer)
    assert report.outcome == "accept"
    assert len(report.endorsements) == 11
