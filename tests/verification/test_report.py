"""What a report says, and what it never says."""

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from simulator import (
    CONTEXT_EXTENSIONS,
    CONTEXT_OB,
    CONTEXT_V2,
    CONTEXTS,
    NOW,
    Desk,
    KeyIssuer,
    Simulator,
    desk,
    octets,
    stamp,
    token,
)

from credentials.openbadges.baking import bake
from credentials.proofs.model import KeyType
from credentials.trust.model import TrustedIssuer
from credentials.verification.gather import gather
from credentials.verification.judge import judge
from credentials.verification.model import Materials, Name, Outcome, Policy, Report
from credentials.verification.reading import read

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"></svg>'
ACHIEVEMENT_SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"


async def test_a_report_shows_the_signed_document_and_nothing_else() -> None:
    issuer = Simulator()
    draft = issuer.draft()
    for presented in (issuer.issue(draft), issuer.issue_token(draft), issuer.issue(draft, suite="eddsa-jcs-2022")):
        report = await desk(issuer).verify(presented)
        assert report.credential == draft


async def test_a_report_names_the_achievement_the_dates_and_the_issuer() -> None:
    issuer = Simulator()
    start, end, awarded = NOW - timedelta(days=3), NOW + timedelta(days=3), NOW - timedelta(days=300)
    draft = issuer.draft(validFrom=stamp(start), validUntil=stamp(end), awardedDate=stamp(awarded))
    report = await desk(issuer).verify(issuer.issue(draft))
    assert (report.valid_from, report.valid_until, report.awarded) == (start, end, awarded)
    assert report.achievement == "Conferring for Agency"
    assert report.issuer is not None
    assert report.issuer.id == "did:web:issuer.example"
    assert report.checked_at == NOW


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Uno", "Uno"),
        ({"@value": "Uno", "@language": "es"}, "Uno"),
        ([{"@value": "Uno", "@language": "es"}, {"@value": "One", "@language": "en"}], "Uno"),
    ],
    ids=["a text", "a text with its language", "texts in several languages"],
)
async def test_a_credential_of_another_kind_is_named_by(name: Any, shown: str) -> None:
    issuer = KeyIssuer()
    draft = issuer.draft(
        **{"@context": [CONTEXT_V2]},
        type=["VerifiableCredential"],
        name=name,
        issuer=issuer.id,
        credentialSubject={"id": "did:example:educator"},
    )
    report = await desk(issuer).verify(issuer.issue(draft))
    assert (report.outcome, report.achievement) == ("accept", shown)


async def test_a_baked_picture_is_named_as_what_it_is_and_its_octets_are_fingerprinted() -> None:
    issuer = Simulator()
    for made, how in ((issuer.issue(), "json"), (issuer.issue_token(), "jwt")):
        plain, baked = await desk(issuer).verify(made), await desk(issuer).verify(bake(SVG, made))
        assert (plain.container, plain.format) == ("file", how)
        assert (baked.container, baked.format) == ("svg", how)
        assert (plain.outcome, baked.outcome) == ("accept", "accept")
        assert plain.credential == baked.credential
        assert plain.digest != baked.digest


async def test_a_report_that_was_written_down_reads_the_same() -> None:
    issuer = Simulator()
    signed = issuer.issue(issuer.draft(credentialStatus=[issuer.status(94), issuer.status(94, "suspension")]))
    for presented in (signed, b"nonsense"):
        report = await desk(issuer).verify(presented)
        written = msgspec.json.encode(report)
        assert msgspec.json.decode(written, type=Report) == report
    wire = json.loads(msgspec.json.encode(await desk(issuer).verify(signed)))
    assert {"verdict", "checks", "checkedAt", "validFrom", "digest", "issuer", "credential"} <= wire.keys()
    assert wire["statuses"][0]["listUrl"] == issuer.list_url("revocation")


async def test_a_judgement_can_be_made_again_from_its_materials_alone() -> None:
    issuer, policy = Simulator(), Policy()
    signed = issuer.issue(issuer.draft(credentialStatus=[issuer.status(94)]))
    presented = read(signed, CONTEXTS, policy)
    materials = await gather(presented, desk(issuer), CONTEXTS, policy, NOW)
    first = judge(presented, materials, policy, CONTEXTS, NOW)
    issuer.revoke(94)
    issuer.vanish()
    kept = msgspec.json.decode(msgspec.json.encode(materials), type=Materials)
    rules = msgspec.json.decode(msgspec.json.encode(policy), type=Policy)
    assert kept == materials
    assert judge(read(signed, CONTEXTS, rules), kept, rules, CONTEXTS, NOW) == first
    assert first.outcome == "accept"


async def test_materials_that_lack_something_leave_it_open() -> None:
    issuer = Simulator()
    presented = read(issuer.issue(issuer.draft(credentialStatus=issuer.status(94))), CONTEXTS)
    nothing = judge(presented, Materials(gathered_at=NOW), Policy(), CONTEXTS, NOW)
    assert nothing.outcome == "indeterminate:did-resolution"
    gathered = await gather(presented, desk(issuer), CONTEXTS, Policy(), NOW)
    without_lists = msgspec.structs.replace(gathered, status_lists={})
    assert judge(presented, without_lists, Policy(), CONTEXTS, NOW).outcome == "indeterminate:STATUS_RETRIEVAL_ERROR"


async def test_a_rehearsal_does_without_lists_that_are_not_published_yet_and_says_so() -> None:
    issuer = KeyIssuer()
    issuer.gone.add("/status/revocation")
    signed = issuer.issue(issuer.draft(credentialStatus=issuer.status(94)))
    report = await desk(issuer).verify(signed, Policy(require_status=False))
    assert report.outcome == "accept"
    assert {check.name: check.outcome for check in report.checks}[Name.STATUS] is Outcome.UNKNOWN


async def test_a_rehearsal_still_hears_bad_news() -> None:
    issuer = KeyIssuer()
    issuer.revoke(94)
    signed = issuer.issue(issuer.draft(credentialStatus=issuer.status(94)))
    assert (await desk(issuer).verify(signed, Policy(require_status=False))).outcome == "reject:credential-revoked"


async def test_a_deployment_may_accept_fewer_contexts() -> None:
    issuer = KeyIssuer()
    policy = Policy(contexts=frozenset({(CONTEXT_V2, CONTEXT_OB)}))
    assert (await desk(issuer).verify(issuer.issue(), policy)).outcome == "accept"
    more = issuer.issue(issuer.draft(**{"@context": [CONTEXT_V2, CONTEXT_OB, CONTEXT_EXTENSIONS]}))
    assert (await desk(issuer).verify(more, policy)).outcome == "reject:context-not-allowed"
    assert (await desk(issuer).verify(more)).outcome == "accept"


# Our own organisations


def own_desk(issuer: Simulator, **lists: bytes | None) -> Desk:
    return Desk(
        registry=(TrustedIssuer(id=issuer.id, name="Our own"),),
        own_documents={issuer.id: issuer.did_document()},
        own_lists={issuer.list_url(purpose): body for purpose, body in lists.items()},
    )


async def test_our_own_credentials_verify_without_a_network() -> None:
    issuer = Simulator()
    signed = issuer.issue(issuer.draft(credentialStatus=issuer.status(94)))
    report = await own_desk(issuer, revocation=octets(issuer.status_list("revocation"))).verify(signed)
    assert report.outcome == "accept"
    assert issuer.asked == []


async def test_our_own_credentials_verify_on_a_machine_that_has_no_name() -> None:
    issuer = Simulator()
    issuer.id = "did:web:localhost%3A8000:orgs:alder"
    for key in issuer.keys:
        key.method = f"{issuer.id}#{key.method.partition('#')[2]}"
    report = await own_desk(issuer).verify(issuer.issue())
    assert report.outcome == "accept"
    assert (await own_desk(issuer).verify(issuer.issue_token())).outcome == "accept"


async def test_our_own_list_that_is_not_published_yet_leaves_the_status_open() -> None:
    issuer = Simulator()
    signed = issuer.issue(issuer.draft(credentialStatus=issuer.status(94)))
    assert (await own_desk(issuer, revocation=None).verify(signed)).outcome == "indeterminate:STATUS_RETRIEVAL_ERROR"


# Schemas


@pytest.mark.parametrize(
    ("schema", "outcome"),
    [(ACHIEVEMENT_SCHEMA, "passed"), ("https://x.example/schema.json", "unknown")],
    ids=["that our models are stricter than", "that nobody here knows"],
)
async def test_a_schema(schema: str, outcome: str) -> None:
    issuer = KeyIssuer()
    draft = issuer.draft(
        **{"@context": [CONTEXT_V2, CONTEXT_OB, CONTEXT_EXTENSIONS]},
        credentialSchema=[{"id": schema, "type": "1EdTechJsonSchemaValidator2019"}],
    )
    report = await desk(issuer).verify(issuer.issue(draft))
    assert report.outcome == "accept"
    assert {check.name: check.outcome for check in report.checks}[Name.SCHEMA] == outcome


# Sentences


async def test_every_verdict_is_said_in_a_sentence_that_says_what_to_do() -> None:
    issuer, stranger = Simulator(), KeyIssuer()
    signed = issuer.issue(issuer.draft(credentialStatus=issuer.status(94)))
    at_desk = desk(issuer)
    accepted = await at_desk.verify(signed)
    assert accepted.summary == (
        "“Conferring for Agency” is genuine and in force; it was issued by The registry's name of issuer.example."
    )
    untrusted = await at_desk.verify(stranger.issue())
    assert untrusted.summary.startswith("The signature is good, but nobody here knows the issuer")
    assert stranger.id in untrusted.summary
    issuer.gone.add("/status/revocation")
    open_ = await at_desk.verify(signed)
    assert open_.summary == (
        "Do not rely on this credential yet. Whether the credential was revoked could not be looked up."
    )
    refused = await at_desk.verify(b"{}")
    assert refused.summary.startswith("Do not accept this credential. ")


async def test_a_failed_check_says_what_why_and_where() -> None:
    issuer = KeyIssuer()
    signed = {**json.loads(issuer.issue()), "salaryCredits": "30"}
    failed = (await desk(issuer).verify(signed)).checks[-1]
    assert failed.name is Name.MODEL
    assert failed.outcome is Outcome.FAILED
    assert failed.code == "DATA_LOSS_DETECTION_ERROR"
    assert failed.detail == "The credential has parts that its signature does not cover."
    assert "salaryCredits" in failed.reason
    assert failed.pointer == "/salaryCredits"


async def test_the_checks_before_a_failed_one_are_reported_and_those_after_it_are_not_made() -> None:
    issuer = KeyIssuer()
    signed = issuer.issue(issuer.draft(validUntil=stamp(NOW), credentialStatus=issuer.status(94)))
    report = await desk(issuer).verify(signed)
    assert [check.name for check in report.checks] == ["format", "context", "model", "proof", "issuer", "time"]
    assert report.checks[-1].code == "credential-expired"


# Our own faults


class Broken(Desk):
    async def recognised(self, issuer: str) -> TrustedIssuer | None:
        raise ZeroDivisionError


async def test_a_fault_of_our_own_is_raised_and_never_reads_as_a_forgery() -> None:
    with pytest.raises(ZeroDivisionError):
        await Broken().verify(KeyIssuer().issue())


async def test_a_token_of_a_credential_of_data_model_one_verifies() -> None:
    """VCDM 1.1, section 6.3.1: the credential stands under ``vc``, and the claims speak for it."""
    issuer = Simulator()
    contexts = ["https://www.w3.org/2018/credentials/v1", CONTEXT_OB]
    draft = issuer.draft(**{"@context": contexts}, validFrom=None, issuanceDate=stamp(NOW - timedelta(days=9)))
    claims = {
        "iss": issuer.id,
        "jti": draft["id"],
        "sub": draft["credentialSubject"]["id"],
        "nbf": int((NOW - timedelta(days=9)).timestamp()),
        "vc": draft,
    }
    key = issuer.key(KeyType.P256)
    assert (await desk(issuer).verify(token(claims, key.local, key.method))).outcome == "accept"
    later = {**claims, "nbf": int(NOW.timestamp())}
    assert (await desk(issuer).verify(token(later, key.local, key.method))).outcome == "reject:MALFORMED_VALUE_ERROR"
