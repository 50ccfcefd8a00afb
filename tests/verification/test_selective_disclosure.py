"""A holder shows some of what was signed (ecdsa-sd-2023): what is not shown must not read as if it were not there."""

from collections.abc import Sequence
from datetime import timedelta

from simulator import CONTEXTS, NOW, Simulator, canonical, desk, octets, stamp

from credentials.jsonld.canonize import label_nodes
from credentials.proofs.data_integrity import proof_options, with_proof
from credentials.proofs.ecdsa_sd_2023 import create_base_proof, derive_proof, with_base_signature
from credentials.proofs.model import JsonObject, KeyType

ALWAYS = ("/issuer", "/validFrom", "/credentialSubject/id", "/credentialSubject/achievement")


def selection(
    issuer: Simulator, document: JsonObject, shown: Sequence[str], mandatory: Sequence[str] = ALWAYS
) -> bytes:
    """What a holder makes of a credential, showing ``shown`` besides what is mandatory."""
    key = issuer.key(KeyType.P256)
    options = proof_options("ecdsa-sd-2023", key.method, stamp(NOW - timedelta(days=1)))

    def labels(of: JsonObject) -> object:
        return label_nodes(of, CONTEXTS)

    unsigned = create_base_proof(
        document, options, labels, canonical, mandatory_pointers=mandatory, hmac_key=bytes(32), proof_key=bytes(40)
    )
    base = with_base_signature(unsigned, key.local.sign(unsigned.to_sign))
    revealed, proof = derive_proof(document, base, labels, selective_pointers=shown)
    return octets(with_proof(revealed, proof))


def signed_draft(issuer: Simulator) -> JsonObject:
    return issuer.draft(validUntil=stamp(NOW + timedelta(days=9)), credentialStatus=issuer.status(94))


async def test_a_selection_that_shows_its_end_and_its_status_is_accepted() -> None:
    issuer = Simulator()
    presented = selection(issuer, signed_draft(issuer), ["/validUntil", "/credentialStatus"])
    report = await desk(issuer).verify(presented)
    assert report.outcome == "accept"
    assert report.credential is not None
    assert "name" not in report.credential


async def test_a_selection_without_its_status_is_not_one_that_cannot_be_revoked() -> None:
    issuer = Simulator()
    issuer.revoke(94)
    presented = selection(issuer, signed_draft(issuer), ["/validUntil"])
    assert (await desk(issuer).verify(presented)).outcome == "indeterminate:not-disclosed"


async def test_a_selection_without_its_end_is_not_one_that_never_ends() -> None:
    issuer = Simulator()
    presented = selection(issuer, signed_draft(issuer), ["/credentialStatus"])
    assert (await desk(issuer).verify(presented)).outcome == "indeterminate:not-disclosed"


async def test_a_selection_that_shows_bad_news_is_heard() -> None:
    issuer = Simulator()
    issuer.revoke(94)
    presented = selection(issuer, signed_draft(issuer), ["/validUntil", "/credentialStatus"])
    assert (await desk(issuer).verify(presented)).outcome == "reject:credential-revoked"


async def test_a_proof_with_more_signatures_than_are_checked_is_refused() -> None:
    issuer = Simulator()
    draft = signed_draft(issuer)
    draft["evidence"] = [
        {"id": f"https://x.example/{number}", "type": ["Evidence"], "name": "x"} for number in range(400)
    ]
    presented = selection(issuer, draft, ["/validUntil", "/credentialStatus", "/evidence"])
    assert (await desk(issuer).verify(presented)).outcome == "reject:canonicalization-limit"
