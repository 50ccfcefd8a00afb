"""Badges of Open Badges 2.0 and 1.x: what their issuer's site says counts, and never what was presented."""

import json
from dataclasses import replace
from typing import Any

import pytest
from holders import PNG, ask, bundle
from older_issuer import CONTEXT, KEY, OTHER_KEY, OlderIssuer, jws, pem
from simulator import NOW, Desk, octets

from credentials.openbadges.identity import identity_hash
from credentials.openbadges.png import with_text
from credentials.trust.model import TrustedIssuer
from credentials.verification.model import Container, Kind, Name, Policy, Recipient, RecipientKind


def desk(issuer: OlderIssuer, *, recognised: bool = True) -> Desk:
    registry = (TrustedIssuer(id=issuer.id, name="The registry's name"),) if recognised else ()
    return Desk(network=(issuer,), registry=registry, now=NOW)  # type: ignore[arg-type]


async def test_a_hosted_badge_is_what_its_address_says_whatever_was_presented() -> None:
    issuer = OlderIssuer()
    presented = octets(issuer.assertion(recipient={"type": "email", "identity": "eve@example.org"}, name="Forged"))
    report = await ask(desk(issuer), presented)
    assert report.outcome == "accept", report.checks
    assert (report.kind, report.achievement) == (Kind.OPEN_BADGE_2, "Conferring for Agency")
    assert report.issuer is not None
    assert (report.issuer.id, report.issuer.name) == (issuer.id, "The registry's name")
    assert report.credential is not None
    assert report.credential["recipient"]["identity"] == "ada@example.org"
    assert "Forged" not in json.dumps(report.credential)
    assert set(issuer.asked) == {issuer.assertion_id, issuer.badge_id, issuer.id}


def baked(text: bytes) -> bytes:
    return with_text(PNG, b"openbadges", text)


def in_svg(verify: str) -> bytes:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="http://openbadges.org">'
        f'<openbadges:assertion verify="{verify}"></openbadges:assertion></svg>'
    ).encode()


async def test_a_badge_of_2_0_comes_out_of_a_picture_as_json_as_a_token_and_as_an_address() -> None:
    issuer = OlderIssuer()
    pictures = {
        "json": baked(octets(issuer.assertion())),
        "address": baked(issuer.assertion_id.encode()),
        "token": baked(issuer.signed()),
        "address in an SVG": in_svg(issuer.assertion_id),
        "token in an SVG": in_svg(issuer.signed().decode()),
    }
    for name, picture in pictures.items():
        report = await ask(desk(issuer), picture)
        assert report.outcome == "accept", (name, report.checks)
        assert report.container is (Container.SVG if "SVG" in name else Container.PNG)
    old_chunk = PNG[:33] + chunk(b"tEXt", b"openbadges\0" + issuer.assertion_id.encode()) + PNG[33:]
    assert (await ask(desk(issuer), old_chunk)).outcome == "accept"


def chunk(kind: bytes, data: bytes) -> bytes:
    import zlib

    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)


async def test_a_badge_of_1_1_is_followed_as_far_as_it_leads_and_an_older_one_is_told_so() -> None:
    issuer = OlderIssuer()
    context = "https://w3id.org/openbadges/v1"
    issuer.documents[issuer.assertion_id] = {
        "@context": context,
        "uid": "1",
        "type": "Assertion",
        "recipient": {"type": "email", "hashed": False, "identity": "ada@example.org"},
        "badge": issuer.badge_id,
        "issuedOn": 1754042400,
        "verify": {"type": "hosted", "url": issuer.assertion_id},
    }
    for older in (issuer.documents[issuer.assertion_id], {**issuer.documents[issuer.assertion_id], "@context": None}):
        presented = octets({name: value for name, value in older.items() if value is not None})
        assert (await ask(desk(issuer), presented)).outcome == "accept"
    ancient = {"recipient": "sha256$abc", "badge": {"name": "x", "issuer": {"origin": "https://badges.example"}}}
    report = await ask(desk(issuer), octets(ancient))
    assert report.outcome == "reject:unsupported-media-type"


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        (lambda issuer: issuer.gone.add(issuer.assertion_id), "reject:credential-revoked"),
        (lambda issuer: issuer.gone.add(issuer.badge_id), "indeterminate:ob2"),
        (lambda issuer: set_(issuer, issuer.assertion_id, revoked=True), "reject:credential-revoked"),
        (lambda issuer: set_(issuer, issuer.assertion_id, revoked=False), "accept"),
        (lambda issuer: set_(issuer, issuer.assertion_id, expires="2026-08-30T00:00:00Z"), "reject:credential-expired"),
        (
            lambda issuer: set_(issuer, issuer.assertion_id, issuedOn="2027-08-30T00:00:00Z"),
            "reject:credential-not-yet-valid",
        ),
        (lambda issuer: set_(issuer, issuer.assertion_id, issuedOn="yesterday"), "reject:MALFORMED_VALUE_ERROR"),
        (lambda issuer: set_(issuer, issuer.assertion_id, issuedOn=None), "reject:MALFORMED_VALUE_ERROR"),
        (
            lambda issuer: set_(issuer, issuer.assertion_id, id="https://badges.example/2"),
            "reject:MALFORMED_VALUE_ERROR",
        ),
        (lambda issuer: set_(issuer, issuer.assertion_id, recipient=None), "reject:MALFORMED_VALUE_ERROR"),
        (lambda issuer: set_(issuer, issuer.assertion_id, badge=5), "reject:MALFORMED_VALUE_ERROR"),
        (lambda issuer: set_(issuer, issuer.badge_id, issuer="https://10.0.0.1/x"), "reject:url-not-allowed"),
        (lambda issuer: set_(issuer, issuer.badge_id, issuer="http://badges.example/x"), "reject:url-not-allowed"),
        (lambda issuer: set_(issuer, issuer.badge_id, issuer={"name": "no id"}), "reject:MALFORMED_VALUE_ERROR"),
        (lambda issuer: issuer.documents.pop(issuer.id), "indeterminate:ob2"),
        (lambda issuer: issuer.documents.update({issuer.id: b"<html>"}), "indeterminate:ob2"),
        (lambda issuer: issuer.documents.update({issuer.id: [1]}), "indeterminate:ob2"),
        (
            lambda issuer: set_(issuer, issuer.assertion_id, verification={"type": "signed"}),
            "reject:no-proof",
        ),
    ],
)
async def test_what_the_site_of_a_hosted_badge_says_decides(change: Any, outcome: str) -> None:
    issuer = OlderIssuer()
    presented = octets(issuer.assertion())
    change(issuer)
    assert (await ask(desk(issuer), presented)).outcome == outcome


def set_(issuer: OlderIssuer, url: str, /, **changes: Any) -> None:
    document = {**issuer.documents[url], **changes}
    issuer.documents[url] = {name: value for name, value in document.items() if value is not None}


async def test_an_assertion_on_somebody_elses_site_is_not_the_issuers() -> None:
    issuer = OlderIssuer()
    elsewhere = "https://attacker.example/assertions/1"
    forged = {**issuer.assertion(), "id": elsewhere}
    issuer.documents[elsewhere] = forged
    at = replace(desk(issuer), network=(issuer, Elsewhere(issuer)))  # type: ignore[arg-type]
    for policy in (Policy(badge_hosts=None), Policy(badge_hosts=frozenset({"attacker.example"}))):
        assert (await ask(at, octets(forged), policy)).outcome == "reject:key-not-bound-to-issuer"
    assert (await ask(at, octets(forged))).outcome == "indeterminate:ob2"
    set_(issuer, issuer.id, verification={"allowedOrigins": ["attacker.example", "badges.example"]})
    assert (await ask(at, octets(forged), Policy(badge_hosts=None))).outcome == "accept"
    set_(issuer, issuer.id, verification={"startsWith": ["https://badges.example/", "https://attacker.example/assert"]})
    assert (await ask(at, octets(forged), Policy(badge_hosts=None))).outcome == "accept"
    set_(issuer, issuer.id, verification={"startsWith": ["https://attacker.example/other", "https://badges.example/"]})
    assert (await ask(at, octets(forged), Policy(badge_hosts=None))).outcome == "reject:key-not-bound-to-issuer"
    set_(issuer, issuer.id, verification={"startsWith": ["https://attacker.exam", "https://badges.example/"]})
    assert (await ask(at, octets(forged), Policy(badge_hosts=None))).outcome == "reject:key-not-bound-to-issuer"


class Elsewhere:
    """Another host of the same network."""

    def __init__(self, issuer: OlderIssuer) -> None:
        self.host = "attacker.example"
        self.asked: list[str] = []
        self._issuer = issuer

    async def __call__(self, url: str, *, accept: str) -> Any:
        return await self._issuer(url, accept=accept)


async def test_an_issuer_in_the_badge_class_itself_has_no_say() -> None:
    """Else whoever hosts a badge class could write a profile that allows them everything."""
    issuer = OlderIssuer()
    own = {**issuer.documents[issuer.id], "name": "Forged", "verification": {"allowedOrigins": ["attacker.example"]}}
    elsewhere = "https://attacker.example/assertions/1"
    issuer.documents[elsewhere] = {
        **issuer.assertion(),
        "id": elsewhere,
        "badge": {**issuer.documents[issuer.badge_id], "id": "urn:uuid:1", "issuer": own},
    }
    at = replace(desk(issuer), network=(issuer, Elsewhere(issuer)))  # type: ignore[arg-type]
    report = await ask(at, octets(issuer.documents[elsewhere]), Policy(badge_hosts=None))
    assert report.outcome == "reject:key-not-bound-to-issuer"
    assert "Forged" not in repr(report)


async def test_a_document_may_be_moved_three_times_within_its_origin_and_no_other_may() -> None:
    issuer = OlderIssuer()
    presented = octets(issuer.assertion())
    at = f"https://{issuer.host}/moved"
    last = issuer.documents.pop(issuer.assertion_id)
    issuer.moved |= {issuer.assertion_id: "/moved/1", f"{at}/1": f"{at}/2", f"{at}/2": "3"}
    issuer.documents[f"{at}/3"] = last
    assert (await ask(desk(issuer), presented)).outcome == "accept"
    issuer.documents.pop(f"{at}/3")
    issuer.moved[f"{at}/3"] = f"{at}/4"
    issuer.documents[f"{at}/4"] = last
    assert (await ask(desk(issuer), presented)).outcome == "indeterminate:ob2"
    for elsewhere in (
        "https://attacker.example/1",
        "http://badges.example/1",
        "https://badges.example:8443/1",
        "//10.0.0.1",
    ):
        issuer.moved[issuer.assertion_id] = elsewhere
        issuer.asked.clear()
        assert (await ask(desk(issuer), presented)).outcome == "indeterminate:ob2"
        assert set(issuer.asked) == {issuer.assertion_id}


async def test_nothing_is_asked_at_a_host_where_nobody_is_recognised() -> None:
    issuer = OlderIssuer()
    presented = octets(issuer.assertion())
    report = await ask(desk(issuer, recognised=False), presented)
    assert report.outcome == "indeterminate:ob2"
    assert issuer.asked == []
    assert report.credential is None
    report = await ask(desk(issuer, recognised=False), presented, Policy(badge_hosts=None))
    assert report.outcome == "accept-untrusted"
    assert "What the badge says" not in report.summary


async def test_a_signed_badge_is_signed_with_a_key_that_its_issuer_links_to() -> None:
    issuer = OlderIssuer()
    report = await ask(desk(issuer), issuer.signed())
    assert report.outcome == "accept", report.checks
    assert [status.list_url for status in report.statuses] == [issuer.revocations]
    assert set(issuer.asked) == {issuer.badge_id, issuer.id, issuer.key_id, issuer.revocations}


@pytest.mark.parametrize(
    ("make", "outcome"),
    [
        (lambda issuer: issuer.signed(OTHER_KEY), "reject:CRYPTOGRAPHIC_SECURITY_ERROR"),
        (
            lambda issuer: issuer.signed(verification={"type": "signed", "creator": "https://badges.example/keys/2"}),
            "reject:key-not-bound-to-issuer",
        ),
        (lambda issuer: issuer.signed(verification={"type": "signed"}), "accept"),
        (lambda issuer: issuer.signed(verification={"type": "hosted"}), "reject:MALFORMED_VALUE_ERROR"),
        (lambda issuer: issuer.signed(verification={"type": "other"}), "reject:MALFORMED_VALUE_ERROR"),
        (lambda issuer: issuer.signed(id="urn:uuid:other"), "reject:credential-revoked"),
        (lambda issuer: issuer.signed(id="urn:uuid:another"), "reject:credential-revoked"),
        (lambda issuer: issuer.signed(expires="2026-08-30T00:00:00Z"), "reject:credential-expired"),
        (lambda issuer: jws(signed_payload(issuer), KEY, alg="none"), "reject:alg-not-allowed"),
        (lambda issuer: jws(signed_payload(issuer), KEY, alg="HS256"), "reject:alg-not-allowed"),
        (lambda issuer: jws(signed_payload(issuer), KEY, alg="ES256"), "reject:alg-not-allowed"),
        (lambda issuer: jws(signed_payload(issuer), KEY, jku="https://x.example"), "reject:header-not-allowed"),
        (lambda issuer: jws(signed_payload(issuer), KEY, jwk={"kty": "RSA"}), "reject:header-not-allowed"),
        (lambda issuer: jws(signed_payload(issuer), KEY, kid="any name"), "accept"),
    ],
)
async def test_a_signed_badge_holds_or_not(make: Any, outcome: str) -> None:
    issuer = OlderIssuer()
    assert (await ask(desk(issuer), make(issuer))).outcome == outcome


def signed_payload(issuer: OlderIssuer) -> dict[str, Any]:
    return issuer.assertion(id="urn:uuid:1", verification={"type": "signed", "creator": issuer.key_id})


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        (lambda issuer: set_(issuer, issuer.id, publicKey=[]), "reject:key-not-bound-to-issuer"),
        (lambda issuer: set_(issuer, issuer.id, publicKey=["https://badges.example/2", issuer.key_id]), "accept"),
        (
            lambda issuer: set_(issuer, issuer.id, publicKey={"id": issuer.key_id, "publicKeyPem": pem(KEY)}),
            "accept",
        ),
        (
            lambda issuer: set_(issuer, issuer.key_id, owner="https://attacker.example/1"),
            "reject:key-not-bound-to-issuer",
        ),
        (lambda issuer: set_(issuer, issuer.key_id, publicKeyPem="x"), "reject:INVALID_VERIFICATION_METHOD"),
        (lambda issuer: issuer.documents.pop(issuer.key_id), "indeterminate:ob2"),
        (lambda issuer: issuer.documents.pop(issuer.revocations), "indeterminate:ob2"),
        (lambda issuer: set_(issuer, issuer.id, revocationList=None), "accept"),
        (
            lambda issuer: set_(issuer, issuer.revocations, issuer="https://attacker.example/1"),
            "reject:STATUS_VERIFICATION_ERROR",
        ),
    ],
)
async def test_what_the_profile_links_to_decides_whether_a_signed_badge_holds(change: Any, outcome: str) -> None:
    issuer = OlderIssuer()
    change(issuer)
    assert (await ask(desk(issuer), issuer.signed())).outcome == outcome


async def test_whom_a_badge_is_about_is_compared_in_the_clear_and_by_its_hash() -> None:
    issuer = OlderIssuer()
    ada = Recipient(kind=RecipientKind.EMAIL, value="ada@example.org")
    eve = Recipient(kind=RecipientKind.EMAIL, value="eve@example.org")
    hashed = {
        "type": "email",
        "hashed": True,
        "salt": "Kosher",
        "identity": identity_hash("ada@example.org", "Kosher"),
    }
    for recipient in ({"type": "email", "identity": "ada@example.org"}, hashed):
        issuer.documents[issuer.assertion_id] = issuer.assertion(recipient=recipient)
        presented = octets(issuer.assertion())
        assert (await ask(desk(issuer), presented, recipient=ada)).outcome == "accept"
        assert (await ask(desk(issuer), presented, recipient=eve)).outcome == "reject:recipient-mismatch"


async def test_a_badge_of_2_0_may_stand_in_a_bundle_and_says_so() -> None:
    issuer = OlderIssuer()
    report = await ask(desk(issuer), octets(bundle(issuer.assertion(), issuer.signed().decode(), holder=None)))
    assert report.outcome == "accept", report.checks
    assert [member.kind for member in report.members] == [Kind.OPEN_BADGE_2] * 2


async def test_a_way_that_goes_on_is_not_followed_for_ever() -> None:
    issuer = OlderIssuer()
    report = await ask(desk(issuer), issuer.signed(), Policy(max_fetches=2))
    assert report.outcome == "indeterminate:fetch-limit"
    assert {check.name for check in report.checks if check.code} == {Name.PROOF}
    assert issuer.documents[issuer.id]["@context"] == CONTEXT
