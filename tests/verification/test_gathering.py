"""What is asked of other machines, and what becomes of their answers."""

import json
from dataclasses import dataclass

from simulator import NOW, Desk, HttpsIssuer, KeyIssuer, Simulator, desk, octets, token

from credentials.errors import Refused
from credentials.fetch import Fetched
from credentials.openbadges.baking import bake
from credentials.proofs import vc_jwt
from credentials.proofs.jwk import did_jwk, did_jwk_url
from credentials.proofs.model import KeyType
from credentials.trust.model import TrustedIssuer
from credentials.verification.status_lists import life_of_list


@dataclass(frozen=True)
class Refusing(Desk):
    """A network that refuses to go where an address leads."""

    code: str = "url-not-allowed"

    async def _fetch(self, url: str, *, accept: str) -> Fetched:
        raise Refused(self.code, "the host is not at a public address")


def refusing(issuer: Simulator, code: str) -> Desk:
    return Refusing(registry=(TrustedIssuer(id=issuer.id, name="Known"),), code=code)


async def test_a_name_that_turns_out_to_be_inside_some_network_is_refused() -> None:
    issuer = Simulator()
    assert (await refusing(issuer, "url-not-allowed").verify(issuer.issue())).outcome == "reject:url-not-allowed"


async def test_an_answer_that_is_too_large_says_nothing() -> None:
    issuer = Simulator()
    assert (
        await refusing(issuer, "payload-too-large").verify(issuer.issue())
    ).outcome == "indeterminate:did-resolution"


async def test_an_issuer_with_an_id_of_https_may_answer_for_its_list_with_an_error_page() -> None:
    issuer = HttpsIssuer()
    issuer.lies["/status/revocation"] = lambda served: b"<html>"
    signed = issuer.issue_token(issuer.draft(credentialStatus=issuer.status(94)))
    assert (await desk(issuer).verify(signed)).outcome == "indeterminate:STATUS_RETRIEVAL_ERROR"


async def test_a_list_whose_key_cannot_be_had_says_nothing() -> None:
    issuer = HttpsIssuer()
    issuer.gone.add("/issuers/1")
    signed = issuer.issue_token(issuer.draft(credentialStatus=issuer.status(94)))
    assert (await desk(issuer).verify(signed)).outcome == "indeterminate:STATUS_RETRIEVAL_ERROR"


async def test_everything_is_asked_for_once() -> None:
    issuer = Simulator()
    entries = [issuer.status(94), issuer.status(95), issuer.status(94, "suspension")]
    await desk(issuer).verify(issuer.issue(issuer.draft(credentialStatus=entries)))
    assert sorted(issuer.asked) == [
        "https://issuer.example/.well-known/did.json",
        "https://issuer.example/status/revocation",
        "https://issuer.example/status/suspension",
    ]


async def test_a_revoked_credential_of_a_forger_asks_for_nothing_but_the_key() -> None:
    issuer = Simulator()
    signed = issuer.issue(issuer.draft(credentialStatus=issuer.status(94)))
    await desk(issuer).verify(signed.replace(b"Conferring", b"Superintending"))
    assert issuer.asked == ["https://issuer.example/.well-known/did.json"]


async def test_a_key_that_cannot_be_the_issuers_is_not_asked_for() -> None:
    issuer = Simulator()
    key = issuer.key(KeyType.P256)
    for kid in ("did:web:other.example#1", "https://issuer.example/keys#1"):
        forged = token(vc_jwt.claims_of(issuer.draft()), key.local, kid)
        assert (await desk(issuer).verify(forged)).outcome == "reject:key-not-bound-to-issuer"
    assert issuer.asked == []


async def test_a_did_jwk_is_its_own_document() -> None:
    issuer = Simulator()
    for key_type in (KeyType.ED25519, KeyType.P256):
        key = issuer.key(key_type)
        issuer.id, key.method = did_jwk(key.local.public), did_jwk_url(key.local.public)
        assert (await desk(issuer).verify(issuer.issue_token(key_type=key_type))).outcome == "accept"
    assert issuer.asked == []


async def test_an_endorsement_whose_status_cannot_be_looked_up_leaves_the_verdict_open() -> None:
    issuer, union = Simulator(), KeyIssuer("union.example", seed=9)
    subject = {"id": issuer.id, "type": ["EndorsementSubject"]}
    types = ["VerifiableCredential", "EndorsementCredential"]
    draft = union.draft(type=types, name="E", credentialSubject=subject, credentialStatus=union.status(94))
    endorsed = issuer.issue(issuer.draft(endorsement=[json.loads(union.issue(draft))]))
    assert (await desk(issuer, union).verify(endorsed)).outcome == "accept"
    assert (await desk(issuer).verify(endorsed)).outcome == "indeterminate:STATUS_RETRIEVAL_ERROR"
    union.revoke(94)
    assert (await desk(issuer, union).verify(endorsed)).outcome == "reject:endorsement-invalid"


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"></svg>'


async def test_a_picture_says_by_which_standard_the_badge_in_it_is_and_leads_nowhere_inside() -> None:
    issuer = Simulator()
    baked = bake(SVG, issuer.issue())
    older = baked.replace(b"https://purl.imsglobal.org/ob/v3p0", b"http://openbadges.org")
    older = older.replace(b"openbadges:credential", b"openbadges:assertion")
    assert (await desk(issuer).verify(older)).outcome == "reject:no-baked-credential"
    issuer.asked.clear()
    old = (
        b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:ob="http://openbadges.org">'
        b'<ob:assertion verify="https://169.254.169.254/latest"></ob:assertion></svg>'
    )
    assert (await desk(issuer).verify(old)).outcome == "reject:url-not-allowed"
    assert issuer.asked == []


async def test_the_moment_of_gathering_is_that_of_the_verification() -> None:
    issuer = Simulator()
    assert (await desk(issuer).verify(issuer.issue())).checked_at == NOW


def test_the_life_of_a_list_is_what_it_says_however_it_is_signed() -> None:
    issuer = Simulator()
    plain = issuer.status_list("revocation")
    assert life_of_list(octets(plain)) is None
    lasting = {**plain, "credentialSubject": {**plain["credentialSubject"], "ttl": 90_000}}
    assert life_of_list(octets(lasting)) == 90
    key = issuer.key(KeyType.P256)
    assert life_of_list(token(lasting, key.local, key.method)) == 90
    for other in (
        b"",
        b"<html>",
        b"[]",
        b'{"credentialSubject": {"ttl": "90"}}',
        b'{"credentialSubject": {"ttl": -1}}',
    ):
        assert life_of_list(other) is None
