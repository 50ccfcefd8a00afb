"""Learner records with every credential in them, and endorsements alone and wherever they may stand."""

import json
from typing import Any

import pytest
from holders import PNG, ask, bundle, record
from simulator import CONTEXT_OB, CONTEXT_V2, CONTEXTS, NOW, HttpsIssuer, Simulator, desk, octets, stamp

from credentials.jsonld.canonize import canonize
from credentials.openbadges.baking import extract
from credentials.openbadges.png import with_text
from credentials.proofs.model import JsonObject
from credentials.verification.model import Association, Kind, Name


def issued(issuer: Simulator, **changes: Any) -> JsonObject:
    return json.loads(issuer.issue(issuer.draft(**changes)))


async def test_a_record_is_good_with_every_credential_in_it_and_shows_what_belongs_to_what() -> None:
    issuer, other = Simulator(), Simulator("other.example", seed=5)
    presented = issuer.issue(record(issuer, issued(issuer), issued(other)))
    report = await ask(desk(issuer, other), presented)
    assert report.outcome == "accept", report.checks
    assert report.kind is Kind.LEARNER_RECORD
    assert report.achievement == "The record of Ada"
    assert [member.issuer.id for member in report.members if member.issuer] == [issuer.id, other.id]
    assert report.members[1].pointer == "/credentialSubject/verifiableCredential/1"
    assert report.associations == (
        Association(
            type="isChildOf",
            source="https://issuer.example/achievements/conferring",
            target="https://issuer.example/achievements/other",
        ),
    )


async def test_a_record_is_no_better_than_the_worst_credential_in_it() -> None:
    issuer, stranger = Simulator(), HttpsIssuer()
    issuer.revoke(7)
    revoked = issued(issuer, credentialStatus=issuer.status(7))
    cases: list[tuple[JsonObject, str]] = [
        (revoked, "reject:credential-revoked"),
        ({**issued(issuer), "name": "Another name"}, "reject:PROOF_VERIFICATION_ERROR"),
        (issuer.draft(), "reject:no-proof"),
        (issued(stranger), "indeterminate:did-resolution"),
    ]
    for member, outcome in cases:
        report = await ask(desk(issuer, strangers=[stranger]), issuer.issue(record(issuer, issued(issuer), member)))
        assert report.outcome == outcome
        assert [one.outcome for one in report.members] == ["accept", outcome]
        assert "of the 2 credentials in it, 1 is genuine and in force" in report.summary
        (check,) = [check for check in report.checks if check.name is Name.MEMBERS]
        assert check.pointer == "/credentialSubject/verifiableCredential/1"


async def test_a_record_that_does_not_hold_shows_nothing_of_its_own() -> None:
    issuer = Simulator()
    changed = json.loads(issuer.issue(record(issuer, issued(issuer))))
    changed["name"] = "The record of Bea"
    report = await ask(desk(issuer), octets(changed))
    assert report.outcome == "reject:PROOF_VERIFICATION_ERROR"
    assert (report.credential, report.achievement, report.associations) == (None, "", ())
    taken_out = json.loads(issuer.issue(record(issuer, issued(issuer), issued(issuer))))
    taken_out["credentialSubject"]["verifiableCredential"].pop()
    assert (await ask(desk(issuer), octets(taken_out))).outcome == "reject:PROOF_VERIFICATION_ERROR"


async def test_a_record_comes_as_a_token_in_a_picture_and_in_a_presentation() -> None:
    issuer = Simulator()
    document = record(issuer, issued(issuer))
    as_token = issuer.issue_token(document)
    assert (await ask(desk(issuer), as_token)).outcome == "accept"
    picture = with_text(PNG, b"clrcredential", issuer.issue(document))
    assert extract(picture).standard == "clr-2"
    assert (await ask(desk(issuer), picture)).outcome == "accept"
    report = await ask(desk(issuer), octets(bundle(json.loads(issuer.issue(document)), holder=None)))
    assert report.outcome == "accept"
    assert [member.kind for member in report.members] == [Kind.LEARNER_RECORD]
    assert [member.kind for member in report.members[0].members] == [Kind.CREDENTIAL]


async def test_a_record_in_a_record_in_a_record_is_one_too_many() -> None:
    issuer = Simulator()
    inner = issued(issuer)
    for number in range(3):
        inner = json.loads(issuer.issue(record(issuer, inner, id=f"https://{issuer.host}/records/{number}")))
    assert (await ask(desk(issuer), octets(inner))).outcome == "reject:unsupported-media-type"


def test_the_members_of_a_record_are_in_what_is_signed() -> None:
    issuer = Simulator()
    member = issued(issuer)
    with_one = canonize(record(issuer, member), CONTEXTS)
    assert with_one != canonize(record(issuer, {**member, "name": "Other"}), CONTEXTS)
    assert member["proof"][0]["proofValue"].encode() in with_one


def endorsement(by: Simulator, about: str, **changes: Any) -> JsonObject:
    return {
        "@context": [CONTEXT_V2, CONTEXT_OB],
        "id": f"https://{by.host}/endorsements/1",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Endorsed",
        "issuer": {"id": by.id, "type": ["Profile"], "name": "A claim"},
        "validFrom": stamp(NOW),
        "credentialSubject": {"id": about, "type": ["EndorsementSubject"], "endorsementComment": "Well made."},
        **changes,
    }


async def test_an_endorsement_alone_is_a_credential_like_any_other() -> None:
    issuer = Simulator()
    report = await ask(desk(issuer), issuer.issue(endorsement(issuer, "https://other.example/achievements/1")))
    assert (report.outcome, report.kind) == ("accept", Kind.ENDORSEMENT)


PLACES = ("credential", "achievement", "issuer")


@pytest.mark.parametrize("form", ["endorsement", "endorsementJwt"])
@pytest.mark.parametrize("place", PLACES)
async def test_an_endorsement_may_stand_on_the_credential_the_achievement_and_the_issuer(place: str, form: str) -> None:
    issuer, board = Simulator(), Simulator("board.example", seed=6)
    draft = issuer.draft()
    on = {
        "credential": draft,
        "achievement": draft["credentialSubject"]["achievement"],
        "issuer": draft["issuer"],
    }[place]

    def made(**changes: Any) -> Any:
        document = endorsement(board, on["id"], **changes)
        return json.loads(board.issue(document)) if form == "endorsement" else board.issue_token(document).decode()

    on[form] = [made()]
    report = await ask(desk(issuer, board), issuer.issue(draft))
    assert report.outcome == "accept", report.checks
    (found,) = report.endorsements
    assert (found.about, found.issuer.id, found.comment) == (on["id"], board.id, "Well made.")
    for changes in ({"validUntil": "2026-08-31T00:00:00Z", "validFrom": "2026-08-01T00:00:00Z"},):
        on[form] = [made(**changes)]
        assert (await ask(desk(issuer, board), issuer.issue(draft))).outcome == "reject:endorsement-invalid"
    if form == "endorsement":
        on[form] = [{**made(), "name": "Changed"}]
    else:
        on[form] = [made()[:-8] + "AAAAAAAA"]
    assert (await ask(desk(issuer, board), issuer.issue(draft))).outcome == "reject:endorsement-invalid"
