"""Presentations, both ways: what a holder signs with other people's software gets its true verdict here, and ours there."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from holders import HOLDER, ask, bundle, issued
from simulator import NOW, Simulator, desk, octets, sign

from credentials.files import packaged_contexts
from credentials.proofs.jwk import jwk
from credentials.proofs.model import JsonObject
from credentials.proofs.multibase import multibase_base58
from credentials.proofs.multikey import multikey

ASKED = {"domain": "payroll.example", "challenge": "c-1"}
MULTIKEY = "https://w3id.org/security/multikey/v1"
DID = "https://www.w3.org/ns/did/v1"


def documents() -> JsonObject:
    """All that the other side may load: the packaged contexts, and the documents of the holder's key."""
    method = {
        "id": HOLDER.verification_method,
        "type": "Multikey",
        "controller": HOLDER.did,
        "publicKeyMultibase": multikey(HOLDER.public),
    }
    return {
        **{url: json.loads(content) for url, content in packaged_contexts().items()},
        HOLDER.verification_method: {"@context": MULTIKEY, **method},
        HOLDER.did: {
            "@context": [DID, MULTIKEY],
            "id": HOLDER.did,
            "verificationMethod": [method],
            "authentication": [HOLDER.verification_method],
        },
    }


def secret() -> JsonObject:
    return {
        "@context": MULTIKEY,
        "id": HOLDER.verification_method,
        "type": "Multikey",
        "controller": HOLDER.did,
        "publicKeyMultibase": multikey(HOLDER.public),
        "secretKeyMultibase": multibase_base58(b"\x80\x26" + HOLDER.private.private_bytes_raw() + HOLDER.public.octets),
    }


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
async def test_a_presentation_that_was_signed_with_their_library_gets_its_true_verdict(suite: str, node: Any) -> None:
    issuer = Simulator()
    task = {
        "do": "present",
        "suite": suite,
        "key": secret(),
        "date": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "presentation": bundle(issued(issuer)),
        **ASKED,
    }
    (made,) = node("digitalbazaar.mjs", {"documents": documents(), "tasks": [task]})
    assert "error" not in made, made
    report = await ask(desk(issuer), octets(made["presentation"]), **ASKED, holder=HOLDER.did)
    assert report.outcome == "accept", report.checks
    other = await ask(desk(issuer), octets(made["presentation"]), domain="payroll.example", challenge="c-2")
    assert other.outcome == "reject:INVALID_CHALLENGE_ERROR"
    changed = octets(made["presentation"] | {"holder": "did:example:somebody"})
    assert (await ask(desk(issuer), changed, **ASKED)).outcome.startswith("reject:")


async def test_a_token_that_a_holder_signed_with_jose_gets_its_true_verdict(node: Any) -> None:
    issuer = Simulator()
    payload = {**bundle(issued(issuer)), "iss": HOLDER.did, "aud": ASKED["domain"], "nonce": ASKED["challenge"]}
    task = {
        "do": "sign",
        "alg": "EdDSA",
        "jwk": jwk(HOLDER.public)
        | {"d": base64.urlsafe_b64encode(HOLDER.private.private_bytes_raw()).rstrip(b"=").decode()},
        "header": {"alg": "EdDSA", "kid": HOLDER.verification_method, "typ": "vp+jwt"},
        "payload": json.dumps(payload),
    }
    (made,) = node("jose.mjs", [task])
    assert "error" not in made, made
    report = await ask(desk(issuer), made["token"].encode(), **ASKED)
    assert report.outcome == "accept", report.checks
    other = await ask(desk(issuer), made["token"].encode(), domain="payroll.example", challenge="c-2")
    assert other.outcome == "reject:INVALID_CHALLENGE_ERROR"


async def test_their_library_verifies_a_presentation_that_was_signed_here(node: Any) -> None:
    options = {"purpose": "authentication", "created": NOW - timedelta(minutes=1), **ASKED}
    presented = bundle(verifiableCredential=None)
    empty = sign(presented, HOLDER, HOLDER.verification_method, suite="eddsa-rdfc-2022", **options)
    tasks = [
        {"do": "verifyPresentation", "suite": "eddsa-rdfc-2022", "presentation": empty, **ASKED},
        {"do": "verifyPresentation", "suite": "eddsa-rdfc-2022", "presentation": empty, **ASKED, "challenge": "c-2"},
    ]
    good, bad = node("digitalbazaar.mjs", {"documents": documents(), "tasks": tasks})
    assert good == {"verified": True}, good
    assert "error" in bad
