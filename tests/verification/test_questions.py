"""What an asker may want to know besides whether a credential is good now: as of a day, for a use, about a person."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from simulator import NOW, Desk, Simulator, desk, stamp

from credentials.openbadges.identity import identity_hash
from credentials.trust.model import Term, TrustedIssuer, Use
from credentials.verification.model import Outcome, Policy, Question, Recipient, RecipientKind, Turn, Verdict

DAY = timedelta(days=1)


def then(moment: datetime) -> Question:
    return Question(as_of=moment)


# As of a day: others' credentials


@pytest.mark.parametrize(
    ("as_of", "outcome"),
    [
        (NOW - 31 * DAY, "reject:credential-not-yet-valid"),
        (NOW - 29 * DAY, "accept"),
        (NOW - 10 * DAY, "reject:credential-expired"),
    ],
)
async def test_dates_are_held_against_the_moment_that_is_asked_about(as_of: datetime, outcome: str) -> None:
    issuer = Simulator()
    signed = issuer.issue(issuer.draft(validUntil=stamp(NOW - 10 * DAY)))
    report = await desk(issuer).verify(signed, question=then(as_of))
    assert (report.outcome, report.as_of, report.checked_at) == (outcome, as_of, NOW)


@pytest.mark.parametrize(
    ("purpose", "raised", "as_of", "outcome"),
    [
        ("revocation", False, NOW - 20 * DAY, "accept"),
        ("revocation", True, NOW - 20 * DAY, "indeterminate:status-at-date-unknown"),
        ("revocation", True, NOW - timedelta(minutes=4), "reject:credential-revoked"),
        ("suspension", False, NOW - 20 * DAY, "indeterminate:status-at-date-unknown"),
        ("suspension", True, NOW - 20 * DAY, "indeterminate:status-at-date-unknown"),
        ("suspension", False, NOW - timedelta(minutes=4), "accept"),
        ("suspension", True, NOW - timedelta(minutes=4), "reject:credential-suspended"),
    ],
)
async def test_a_list_of_today_says_of_a_past_day_only_what_it_can(
    purpose: str, raised: bool, as_of: datetime, outcome: str
) -> None:
    issuer = Simulator()
    signed = issuer.issue(issuer.draft(credentialStatus=issuer.status(7, purpose)))
    if raised:
        issuer.raised[purpose].add(7)
    report = await desk(issuer).verify(signed, question=then(as_of))
    assert report.outcome == outcome


async def test_a_status_says_of_which_moment_its_evidence_is() -> None:
    issuer = Simulator()
    report = await desk(issuer).verify(issuer.issue(issuer.draft(credentialStatus=issuer.status(7))))
    assert report.statuses[0].evidence_at == NOW - timedelta(minutes=5)


# As of a day: our own, whose every change is known


@pytest.mark.parametrize(
    ("as_of", "outcome"),
    [
        (NOW - 9 * DAY, "accept"),
        (NOW - 8 * DAY, "reject:credential-suspended"),
        (NOW - 7 * DAY, "reject:credential-suspended"),
        (NOW - 6 * DAY, "accept"),
        (NOW, "accept"),
    ],
)
async def test_our_own_history_tells_every_day(as_of: datetime, outcome: str) -> None:
    issuer = Simulator()
    signed = issuer.issue(issuer.draft(credentialStatus=issuer.status(7, "suspension")))
    url = issuer.list_url("suspension")
    (served,) = [msgspec.json.encode(issuer.status_list("suspension"))]
    at_desk = replace(
        desk(issuer),
        own_lists={url: served},
        own_turns={(url, 7): (Turn(at=NOW - 8 * DAY, set=True), Turn(at=NOW - 6 * DAY, set=False))},
    )
    report = await at_desk.verify(signed, question=then(as_of))
    assert report.outcome == outcome
    assert report.statuses[0].evidence_at == as_of


# The history of a key of our own


def signed_by_us(*, presented: str = "json", logged: timedelta | None) -> tuple[Desk, bytes]:
    """Our credential, signed with a key that was stolen ten days ago; our log has it from ``logged`` before now."""
    issuer = Simulator()
    draft = issuer.draft()
    signed = issuer.issue(draft) if presented == "json" else issuer.issue_token(draft)
    kept = msgspec.json.encode(msgspec.json.decode(signed)) if presented == "json" else signed
    for key in issuer.keys:
        key.more["revoked"] = stamp(NOW - 10 * DAY)
        key.asserts = False
    log = {hashlib.sha256(kept).hexdigest(): NOW - logged} if logged is not None else {}
    at_desk = replace(desk(issuer), own_documents={issuer.id: issuer.did_document()}, own_log=log)
    return at_desk, signed


@pytest.mark.parametrize("presented", ["json", "token"])
@pytest.mark.parametrize(
    ("logged", "outcome"),
    [
        (11 * DAY, "accept"),
        (10 * DAY, "reject:key-revoked"),
        (9 * DAY, "reject:key-revoked"),
        (None, "reject:key-revoked"),
    ],
    ids=["signed before the theft", "at that moment", "after it", "back-dated: our log does not have it"],
)
async def test_what_a_stolen_key_signed_counts_if_our_log_had_it_before(
    presented: str, logged: timedelta | None, outcome: str
) -> None:
    at_desk, signed = signed_by_us(presented=presented, logged=logged)
    report = await at_desk.verify(signed)
    assert report.outcome == outcome
    if outcome == "accept":
        proof = next(check for check in report.checks if check.name == "proof")
        assert "our own log" in proof.detail


async def test_space_that_somebody_put_into_the_file_does_not_hide_it_from_our_log() -> None:
    at_desk, signed = signed_by_us(logged=11 * DAY)
    assert (await at_desk.verify(msgspec.json.format(signed, indent=4))).outcome == "accept"


async def test_a_forgery_with_the_id_of_a_logged_credential_is_not_that_credential() -> None:
    issuer = Simulator()
    draft = issuer.draft()
    honest = issuer.issue(draft)
    forged = issuer.issue({**draft, "name": "Something better"})
    issuer.key().more["revoked"] = stamp(NOW - 10 * DAY)
    log = {hashlib.sha256(msgspec.json.encode(msgspec.json.decode(honest))).hexdigest(): NOW - 11 * DAY}
    at_desk = replace(desk(issuer), own_documents={issuer.id: issuer.did_document()}, own_log=log)
    assert (await at_desk.verify(honest)).outcome == "accept"
    assert (await at_desk.verify(forged)).outcome == "reject:key-revoked"


# For a use


def accepting(issuer: Simulator, **term: Any) -> Desk:
    entry = TrustedIssuer(id=issuer.id, name="Provider", terms=(Term(name="Provider", **term),))
    return Desk(network=(issuer,), registry=(entry,))


@pytest.mark.parametrize(
    ("use", "outcome"),
    [(None, "accept"), (Use.PAY, "accept"), (Use.LICENCE, "accept-untrusted"), (Use.LIST, "accept-untrusted")],
)
async def test_an_issuer_is_accepted_for_the_uses_of_the_registry(use: Use | None, outcome: str) -> None:
    issuer = Simulator()
    at_desk = accepting(issuer, uses=frozenset({Use.PAY}), condition="With a transcript.", by="Alder")
    report = await at_desk.verify(issuer.issue(), question=Question(use=use))
    assert report.outcome == outcome
    assert report.code == ("use-not-accepted" if outcome != "accept" else "")
    assert report.issuer is not None
    assert (report.issuer.name, report.issuer.uses, report.issuer.conditions) == (
        "Provider",
        (Use.PAY,),
        ("With a transcript.",),
    )


async def test_the_operators_word_is_good_for_every_use_but_to_name_others() -> None:
    issuer = Simulator()
    for use in Use:
        report = await desk(issuer).verify(issuer.issue(), question=Question(use=use))
        assert report.verdict is (Verdict.ACCEPT_UNTRUSTED if use is Use.LIST else Verdict.ACCEPT)


async def test_an_issuer_that_is_refused_by_the_nearest_registry_is_not_recognised() -> None:
    issuer = Simulator()
    report = await accepting(issuer, uses=frozenset()).verify(issuer.issue())
    assert (report.outcome, report.code) == ("accept-untrusted", "issuer-not-trusted")
    assert report.issuer is not None
    assert report.issuer.name == ""


# Strangers


async def test_nothing_is_fetched_for_strangers_unless_the_deployment_opens_it() -> None:
    issuer = Simulator()
    at_desk = desk(strangers=(issuer,))
    assert (await at_desk.verify(issuer.issue())).outcome == "indeterminate:did-resolution"
    assert issuer.asked == []
    report = await at_desk.verify(issuer.issue(), Policy(fetch_unregistered=True))
    assert (report.outcome, report.code) == ("accept-untrusted", "issuer-not-trusted")


# About a person

SALTED = {
    "type": "IdentityObject",
    "hashed": True,
    "identityHash": identity_hash("Ada@example.org", "Kosher"),
    "identityType": "emailAddress",
    "salt": "Kosher",
}
PLAIN_NAME = {"type": "IdentityObject", "hashed": False, "identityHash": "Ada Lovelace", "identityType": "name"}
MD5 = {
    "type": "IdentityObject",
    "hashed": True,
    "identityHash": identity_hash("ada@example.org", algorithm="md5").upper().replace("MD5", "md5"),
    "identityType": "emailAddress",
}


@pytest.mark.parametrize(
    ("identifiers", "kind", "value", "outcome"),
    [
        ([SALTED], RecipientKind.EMAIL, "Ada@example.org", "accept"),
        ([MD5], RecipientKind.EMAIL, "ADA@example.org", "accept"),
        ([PLAIN_NAME, SALTED], RecipientKind.NAME, " Ada Lovelace ", "accept"),
        ([SALTED], RecipientKind.EMAIL, "bob@example.org", "reject:recipient-mismatch"),
        ([PLAIN_NAME], RecipientKind.NAME, "Bob", "reject:recipient-mismatch"),
        ([PLAIN_NAME], RecipientKind.EMAIL, "ada@example.org", "indeterminate:recipient-not-named"),
        ([], RecipientKind.NAME, "Ada Lovelace", "indeterminate:recipient-not-named"),
        ([], RecipientKind.ID, "did:example:educator", "accept"),
        ([], RecipientKind.ID, "did:example:somebody", "reject:recipient-mismatch"),
    ],
)
async def test_the_holder_is_compared_with_the_person_who_is_meant(
    identifiers: list[dict[str, Any]], kind: RecipientKind, value: str, outcome: str
) -> None:
    issuer = Simulator()
    draft = issuer.draft()
    if identifiers:
        draft["credentialSubject"]["identifier"] = identifiers
    question = Question(recipient=Recipient(kind=kind, value=value))
    report = await desk(issuer).verify(issuer.issue(draft), question=question)
    assert report.outcome == outcome
    found = next(check for check in report.checks if check.name == "recipient")
    assert (found.outcome is Outcome.PASSED) == (outcome == "accept")
