"""What a holder shows: who signed it and for whom, whether it is theirs, and every credential in it by itself."""

import json
import time
from typing import Any

import pytest
from holders import HOLDER, HOLDER_P256, ask, badge, bundle, issued, shown, shown_as_token, shown_as_token_of_1_1
from simulator import (
    CONTEXTS,
    NOW,
    KeyIssuer,
    Simulator,
    desk,
    octets,
    sign,
)

from credentials.proofs.enveloped import enveloped
from credentials.proofs.model import JsonObject
from credentials.verification.model import Container, Format, Kind, Name, Policy
from credentials.verification.service import verify


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019", "ecdsa-jcs-2019"])
async def test_a_presentation_is_signed_by_its_holder_whatever_the_suite(suite: str) -> None:
    issuer = Simulator()
    key = HOLDER if suite.startswith("eddsa") else HOLDER_P256
    presented = shown(issued(issuer, key.did), key=key, suite=suite, domain="payroll.example", challenge="c-1")
    report = await ask(desk(issuer), presented, domain="payroll.example", challenge="c-1", holder=key.did)
    assert report.outcome == "accept", report.checks
    assert (report.kind, report.holder) == (Kind.PRESENTATION, key.did)
    (member,) = report.members
    assert (member.outcome, member.pointer, member.kind) == ("accept", "/verifiableCredential/0", Kind.CREDENTIAL)
    assert member.achievement == "Conferring for Agency"
    assert report.credential is None


@pytest.mark.parametrize("enveloped_too", [False, True], ids=["alone", "in an envelope"])
async def test_a_presentation_in_a_token_holds_credentials_in_tokens(enveloped_too: bool) -> None:
    issuer = Simulator()
    inside = enveloped(issuer.issue_token(badge(issuer)).decode())
    presented = shown_as_token(inside, issued(issuer), aud="payroll.example", nonce="c-1")
    if enveloped_too:
        presented = octets(enveloped(presented.decode(), "EnvelopedVerifiablePresentation"))
    report = await ask(desk(issuer), presented, domain="payroll.example", challenge="c-1")
    assert report.outcome == "accept", report.checks
    assert (report.format, report.holder) == (Format.JWT, HOLDER.did)
    assert (report.container is Container.ENVELOPE) is enveloped_too
    assert [member.format for member in report.members] == [Format.JWT, Format.JSON]


async def test_a_presentation_of_1_1_in_a_token_holds_tokens_as_they_are() -> None:
    issuer = Simulator()
    presented = shown_as_token_of_1_1(issuer.issue_token(badge(issuer)).decode(), aud="payroll.example", nonce="c-1")
    report = await ask(desk(issuer), presented, domain="payroll.example", challenge="c-1")
    assert report.outcome == "accept", report.checks
    assert report.holder == HOLDER.did


async def test_a_presentation_that_nobody_signed_is_a_bundle_which_proves_no_holder() -> None:
    issuer = Simulator()
    report = await ask(desk(issuer), octets(bundle(issued(issuer), issuer.issue_token(badge(issuer)).decode())))
    assert report.outcome == "accept"
    assert report.holder == ""
    assert report.summary == "Both credentials in it are genuine and in force; nobody signed for showing it."
    assert Name.HOLDER not in {check.name for check in report.checks}
    for wanted in ({"domain": "payroll.example"}, {"challenge": "c-1"}, {"holder": HOLDER.did}):
        assert (await ask(desk(issuer), octets(bundle(issued(issuer))), **wanted)).outcome == "reject:no-proof"


@pytest.mark.parametrize(
    ("question", "outcome"),
    [
        ({"domain": "other.example", "challenge": "c-1"}, "reject:INVALID_DOMAIN_ERROR"),
        ({"domain": "payroll.example", "challenge": "c-2"}, "reject:INVALID_CHALLENGE_ERROR"),
        ({"domain": "payroll.example", "holder": "did:example:other"}, "reject:holder-mismatch"),
        ({"domain": "payroll.example"}, "accept"),
        ({}, "indeterminate:INVALID_DOMAIN_ERROR"),
    ],
    ids=["for another", "on another occasion", "by another", "no occasion", "for somebody, and nobody says who asks"],
)
@pytest.mark.parametrize("form", ["proof", "token"])
async def test_a_presentation_is_good_for_whom_and_on_which_occasion_it_was_made(
    form: str, question: dict[str, Any], outcome: str
) -> None:
    issuer = Simulator()
    presented = (
        shown(issued(issuer), domain="payroll.example", challenge="c-1")
        if form == "proof"
        else shown_as_token(issued(issuer), aud="payroll.example", nonce="c-1")
    )
    report = await ask(desk(issuer), presented, **question)
    assert report.outcome == outcome
    if outcome == "accept":
        assert "this may be a copy" in next(check.detail for check in report.checks if check.name is Name.HOLDER)
    else:
        assert report.holder == ""


async def test_a_badge_of_somebody_else_can_be_shown_and_is_not_the_holders() -> None:
    issuer = Simulator()
    report = await ask(desk(issuer), shown(issued(issuer), issued(issuer, "did:example:other")))
    assert report.outcome == "indeterminate:holder-not-subject"
    assert [member.outcome for member in report.members] == ["accept", "accept"]
    assert "/verifiableCredential/1" in next(check.reason for check in report.checks if check.name is Name.HOLDER)


async def test_every_credential_is_judged_by_itself_and_the_worst_decides() -> None:
    issuer, stranger = Simulator(), KeyIssuer()
    good = issued(issuer)
    expired = issued(issuer, validUntil="2026-08-15T00:00:00Z")
    forged = {**issued(issuer), "name": "Another name"}
    unknown = issued(stranger)
    unsigned = badge(issuer)
    cases: dict[str, tuple[Any, ...]] = {
        "accept": (good,),
        "accept-untrusted": (good, unknown),
        "reject:credential-expired": (good, unknown, expired),
        "reject:PROOF_VERIFICATION_ERROR": (unknown, forged),
        "reject:no-proof": (good, unsigned),
    }
    for outcome, members in cases.items():
        report = await ask(desk(issuer), octets(bundle(*members)))
        assert report.outcome == outcome
        assert report.members[0].outcome in {"accept", "accept-untrusted"}
        assert (await ask(desk(issuer), shown(*members))).outcome == outcome
    issuer.vanish()
    report = await ask(desk(issuer), octets(bundle(unknown, good)))
    assert report.outcome == "indeterminate:did-resolution"


async def test_nothing_of_a_presentation_that_was_changed_is_its_holders() -> None:
    issuer = Simulator()
    honest = json.loads(shown(issued(issuer)))
    extra = {**honest, "verifiableCredential": [issued(issuer), issued(issuer)]}
    stolen = {**honest, "holder": "did:example:other"}
    for changed, code in ((extra, "PROOF_VERIFICATION_ERROR"), (stolen, "key-not-bound-to-issuer")):
        report = await ask(desk(issuer), octets(changed))
        assert report.outcome == f"reject:{code}"
        assert report.holder == ""


async def test_a_key_for_assertions_alone_signs_no_presentation_and_a_proof_for_assertions_is_none() -> None:
    issuer, school = Simulator(), Simulator("school.example", seed=9)
    key = school.key()
    presented = octets(
        sign(bundle(issued(issuer, school.id), holder=school.id), key.local, key.method, purpose="authentication")
    )
    report = await ask(desk(issuer, school), presented)
    assert report.outcome == "reject:INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD"
    school.lies["did.json"] = lambda truth: {**truth, "authentication": [key.method]}
    assert (await ask(desk(issuer, school), presented)).outcome == "accept"
    assert (await ask(desk(issuer, strangers=[school]), presented)).outcome == "indeterminate:did-resolution"
    wrong = shown(issued(issuer), purpose="assertionMethod")
    assert (await ask(desk(issuer), wrong)).outcome == "reject:PROOF_VERIFICATION_ERROR"


@pytest.mark.parametrize(
    ("document", "outcome"),
    [
        ({"verifiableCredential": []}, "reject:no-proof"),
        ({"verifiableCredential": None}, "reject:no-proof"),
        ({"verifiableCredential": [5]}, "reject:MALFORMED_VALUE_ERROR"),
        ({"verifiableCredential": [{}]}, "reject:MALFORMED_VALUE_ERROR"),
        ({"evidence": "more"}, "reject:DATA_LOSS_DETECTION_ERROR"),
        ({"@context": ["https://attacker.example/c"]}, "reject:context-not-allowed"),
        ({"type": ["VerifiablePresentation", "VerifiableCredential"]}, "reject:MALFORMED_VALUE_ERROR"),
        ({"holder": "nobody"}, "reject:MALFORMED_VALUE_ERROR"),
        ({"proof": []}, "reject:MALFORMED_VALUE_ERROR"),
    ],
    ids=["none", "missing", "a number", "empty", "more members", "contexts", "two kinds", "holder", "no proof"],
)
async def test_a_presentation_has_one_form(document: JsonObject, outcome: str) -> None:
    issuer = Simulator()
    assert (await ask(desk(issuer), octets(bundle(issued(issuer), **document)))).outcome == outcome


@pytest.mark.parametrize("nothing", [{}], ids=["no list"])
async def test_a_holders_signature_over_nothing_is_no_good_news_about_a_credential(nothing: JsonObject) -> None:
    """An empty list says nothing in RDF, so it is the same signature; W3C's own suite presents such ones."""
    document = {name: value for name, value in bundle().items() if name != "verifiableCredential"}
    signed = sign(document, HOLDER, HOLDER.verification_method, purpose="authentication")
    report = await ask(desk(), octets({**signed, **nothing}))
    assert report.outcome == "indeterminate:nothing-presented"
    assert report.holder == HOLDER.did
    assert (await ask(desk(), octets({**document, **nothing}))).outcome == "reject:no-proof"
    null = {**document, "verifiableCredential": None}
    assert (await ask(desk(), octets(null))).outcome == "reject:MALFORMED_VALUE_ERROR"


async def test_a_presentation_in_a_presentation_is_none_and_there_is_an_end_to_what_is_checked() -> None:
    issuer = Simulator()
    inner = bundle(issued(issuer))
    report = await ask(desk(issuer), octets(bundle(inner)))
    assert report.outcome == "reject:MALFORMED_VALUE_ERROR"
    crowd = octets(bundle(*[issued(issuer)] * 4))
    assert (await ask(desk(issuer), crowd, Policy(max_members=3))).outcome == "reject:canonicalization-limit"
    assert (await ask(desk(issuer), crowd, Policy(max_all_signatures=3))).outcome == "reject:canonicalization-limit"
    assert (await ask(desk(issuer), crowd, Policy(max_members=4, max_all_signatures=4))).outcome == "accept"


async def test_all_members_together_ask_for_no_more_than_is_allowed() -> None:
    issuers = [Simulator(f"issuer-{number}.example", seed=20 + number) for number in range(6)]
    crowd = octets(bundle(*(issued(issuer) for issuer in issuers)))
    assert (await ask(desk(*issuers), crowd)).outcome == "accept"
    few = await ask(desk(*issuers), crowd, Policy(max_all_fetches=5))
    assert few.outcome == "indeterminate:fetch-limit"


async def test_what_was_asked_about_the_person_is_asked_of_every_member() -> None:
    from credentials.verification.model import Recipient, RecipientKind

    issuer = Simulator()
    presented = shown(issued(issuer))
    me = Recipient(kind=RecipientKind.ID, value=HOLDER.did)
    other = Recipient(kind=RecipientKind.ID, value="did:example:other")
    assert (await ask(desk(issuer), presented, recipient=me)).outcome == "accept"
    assert (await ask(desk(issuer), presented, recipient=other)).outcome == "reject:recipient-mismatch"


async def test_a_presentation_of_as_much_as_is_read_costs_a_bounded_time() -> None:
    """Of our own CPU, which others wait for: a hundred members, each with sixty nodes that cannot be told apart."""
    issuer = Simulator()
    same = {"type": ["Alignment"], "targetName": "x", "targetUrl": "https://x.example/1"}
    draft = badge(issuer)
    draft["credentialSubject"]["achievement"]["alignment"] = [same] * 60
    crowd = octets(bundle(*[json.loads(issuer.issue(draft))] * 100))
    assert len(crowd) < 1 << 20
    began = time.process_time()
    report = await verify(crowd, CONTEXTS, desk(issuer), now=NOW)
    assert report.outcome == "accept"
    assert time.process_time() - began < 4
