"""What a credential says of a decided submission, how it is corrected, withdrawn and given back, and by whom."""

import asyncio
import hashlib
import itertools
import json
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from builders import CHEAP, World, a_specification
from stops import Steps, Stopped, stopping

from credentials.audit import service as audit
from credentials.awards import service as awards
from credentials.awards.model import Award, AwardState
from credentials.catalog.rules import rubric_octets
from credentials.errors import Conflict, Failure, Forbidden, Malformed, NotFound
from credentials.evidence import service as evidence
from credentials.fetch import fetch_nothing
from credentials.issuing import service
from credentials.issuing.rules import digest_multibase, months_later
from credentials.openbadges.identity import identity_hash
from credentials.people import service as people
from credentials.people.model import Role
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.status import service as status
from credentials.status.model import LIST_SIZE, Purpose
from credentials.verification.model import Report
from credentials.web import orders
from credentials.web.api.verification import check
from credentials.web.parts import Parts, open_parts


async def an_award(world: World, who: str = "teacher", **changed: Any) -> Award:
    """Published, handed in, decided, issued."""
    submission = await world.decide(await world.submission(await world.publish(a_specification(**changed)), who))
    return await service.issue_for_submission(world.parts.office, world.clock(), submission.id)


async def body_of(world: World, award: Award, format_: Format = Format.DATA_INTEGRITY) -> bytes:
    return (await world.see(sealing.sealed_as, award.intent_id, format_)).body


async def document_of(world: World, award: Award) -> Any:
    return json.loads(await body_of(world, award))


async def verdict(world: World, body: bytes) -> tuple[str, str]:
    """What a stranger is told once the lists are published."""
    await service.publish_due_lists(world.parts.office, world.clock())
    report: Report = await check(world.parts, body, world.clock())
    return report.verdict.value, report.code


async def tell_of_oneself(world: World, *, did: str | None = None, name_in_credentials: bool = False) -> None:
    now = await world.see(people.person, world.people["teacher"].id)
    await world.do(
        people.change_person,
        await world.act("teacher"),
        name=now.name,
        did=did,
        name_in_credentials=name_in_credentials,
        revision=now.revision,
    )


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


# What it says


async def test_a_credential_says_what_was_earned_by_which_rubric_and_of_which_evidence(world: World) -> None:
    entry = await world.publish()
    submission = await world.decide(await world.submission(entry), level="extending")
    award = await service.issue_for_submission(world.parts.office, world.clock(), submission.id)
    document = await document_of(world, award)
    version, subject = entry.version, document["credentialSubject"]
    at = f"http://alder.test/achievements/{version.id}"
    achievement = subject["achievement"]
    assert document["issuer"]["id"] == "did:web:alder.test:orgs:alder"
    assert achievement["id"] == at
    assert achievement["achievementType"] == "MicroCredential"
    assert achievement["criteria"]["id"] == at
    assert [target["targetCode"] for target in achievement["alignment"]] == ["T1", "S6"]
    assert {target["targetType"] for target in achievement["alignment"]} == {"CFItem"}
    levels = {
        description["id"]: [level["name"] for level in description["rubricCriterionLevel"]]
        for description in achievement["resultDescription"]
    }
    assert set(levels) == {f"{at}#specificity", f"{at}#uptake", f"{at}#reflection"}
    assert levels[f"{at}#uptake"] == ["Not yet", "Developing", "Demonstrated", "Extending"]
    assert {(result["resultDescription"], result["achievedLevel"]) for result in subject["result"]} == {
        (criterion, f"{criterion}-extending") for criterion in levels
    }
    assert [work["name"] for work in document["evidence"]] == ["Your context", "Work before and after", "Reflection"]
    assert moment(document["awardedDate"]) == moment(document["validFrom"]) == world.clock()
    assert "validUntil" not in document
    assert [schema["type"] for schema in document["credentialSchema"]] == ["1EdTechJsonSchemaValidator2019"]


async def test_the_reviewed_files_the_manifest_and_the_rubric_version_are_bound_in_by_their_digests(
    world: World,
) -> None:
    entry = await world.publish()
    submission = await world.decide(await world.submission(entry))
    award = await service.issue_for_submission(world.parts.office, world.clock(), submission.id)
    document = await document_of(world, award)
    bound = {resource["id"]: resource["digestMultibase"] for resource in document["relatedResource"]}
    kept = await world.see(evidence.artifacts_of, submission.id)
    rubric = rubric_octets(entry.version.specification)
    assert bound == {
        f"http://alder.test/achievements/{entry.version.id}/rubric.json": digest_multibase(
            hashlib.sha256(rubric).digest()
        ),
        f"urn:uuid:{submission.id}": digest_multibase(bytes.fromhex(submission.manifest_digest)),
        **{
            f"urn:uuid:{artifact.id}": digest_multibase(bytes.fromhex(artifact.digest))
            for artifact in kept
            if artifact.kind == "file"
        },
    }
    assert len(bound) == 3
    for artifact in kept:
        assert artifact.text not in json.dumps(document) or not artifact.text, "private evidence stays private"


async def test_the_subject_is_a_stable_identifier_with_salted_addresses_and_no_name(world: World) -> None:
    first = await document_of(world, await an_award(world))
    entry = await world.publish(slug="questioning")
    submission = await world.decide(await world.submission(entry))
    second = await document_of(
        world, await service.issue_for_submission(world.parts.office, world.clock(), submission.id)
    )
    subjects = [document["credentialSubject"] for document in (first, second)]
    assert subjects[0]["id"] == subjects[1]["id"] == world.people["teacher"].subject
    assert subjects[0]["id"].startswith("urn:uuid:")
    salts = set()
    for subject in subjects:
        (identifier,) = subject["identifier"]
        assert identifier["hashed"] is True
        expected = identity_hash(world.addresses["teacher"], identifier["salt"])
        assert identifier["identityHash"] == expected
        salts.add(identifier["salt"])
    assert len(salts) == 2, "the same salt would tie two credentials together"
    for document in (first, second):
        assert "Teacher" not in json.dumps(document)
        assert world.addresses["teacher"] not in json.dumps(document)


async def test_an_educators_own_did_and_by_their_wish_their_name_stand_in_the_credential(world: World) -> None:
    did = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
    await tell_of_oneself(world, did=did, name_in_credentials=True)
    document = await document_of(world, await an_award(world))
    subject = document["credentialSubject"]
    assert subject["id"] == did
    assert "Teacher" in [identifier["identityHash"] for identifier in subject["identifier"]]


@pytest.mark.parametrize(
    ("from_", "months", "until"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-12-31", 36, "2029-12-31"),
    ],
)
def test_a_validity_in_months_ends_on_the_same_day_or_the_last_of_a_shorter_month(
    from_: str, months: int, until: str
) -> None:
    assert months_later(moment(from_), months) == moment(until)
    assert months_later(moment(from_), None) is None


async def test_a_credential_runs_out_only_if_its_micro_credential_says_so(world: World) -> None:
    award = await an_award(world, validity_months=36)
    document = await document_of(world, award)
    assert moment(document["validUntil"]) == months_later(world.clock(), 36) == award.valid_until
    body = await body_of(world, award)
    assert await verdict(world, body) == ("accept", "")
    world.clock.advance(days=3 * 366)
    assert (await verdict(world, body))[0] == "reject"


# Exactly once


async def test_however_many_workers_issue_at_the_same_moment_there_is_one_award_and_one_document(
    world: World, parts: Parts
) -> None:
    submission = await world.decide(await world.submission(await world.publish()))
    async with open_parts(
        parts.settings, now=world.clock, fetch=fetch_nothing, password_cost=CHEAP, waits_for_disk=False
    ) as other:
        offices = [parts.office, other.office] * 4
        found = await asyncio.gather(
            *(service.issue_for_submission(office, world.clock(), submission.id) for office in offices)
        )
    assert len({award.id for award in found}) == 1
    issued = await world.see(awards.of_organisations, [world.organisations["alder"].id])
    assert [award.id for award in issued] == [found[0].id]
    assert len(await world.see(sealing.sealed_of, found[0].intent_id)) == len(Format)
    record = await world.see(audit.about, f"award:{found[0].id}")
    assert [entry.action for entry in record] == ["award.issued"]


async def test_the_same_intent_sealed_by_two_processes_gives_the_same_bytes(world: World, parts: Parts) -> None:
    """Some reach both signatures and die before they are stored, each a minute later than the one before it."""
    submission = await world.decide(await world.submission(await world.publish()))
    signed = []
    for step in itertools.count(1):
        steps = Steps(step)
        try:
            await service.issue_for_submission(stopping(parts, steps).office, world.clock(), submission.id)
        except Stopped:
            signed.append(steps.signed)
            world.clock.advance(minutes=1)
        else:
            break
    made = [signatures for signatures in signed if len(signatures) == len(Format)]
    assert len(made) >= 2
    assert all(signatures == made[0] for signatures in made)


async def test_what_was_not_earned_is_not_awarded(world: World) -> None:
    submission = await world.decide(await world.submission(await world.publish()), level="developing")
    with pytest.raises(Conflict, match="only what was earned"):
        await service.issue_for_submission(world.parts.office, world.clock(), submission.id)


# Corrections


async def test_a_correction_keeps_the_id_has_a_newer_valid_from_and_supersedes_the_document_before_it(
    world: World,
) -> None:
    award = await an_award(world)
    before = await body_of(world, award)
    assert await verdict(world, before) == ("accept", "")
    world.clock.advance(days=30)
    await tell_of_oneself(world, name_in_credentials=True)
    corrected = await service.correct(world.parts.office, await world.act("teacher"), award.id, reason="My name.")
    after = await body_of(world, corrected)
    old, new = json.loads(before), json.loads(after)
    assert (new["id"], corrected.id, corrected.corrections) == (old["id"], award.id, 1)
    assert moment(new["validFrom"]) - moment(old["validFrom"]) == timedelta(days=30)
    assert new["awardedDate"] == old["awardedDate"], "it was earned when it was earned"
    assert {entry["statusListIndex"] for entry in new["credentialStatus"]}.isdisjoint(
        entry["statusListIndex"] for entry in old["credentialStatus"]
    )
    assert await verdict(world, after) == ("accept", "")
    assert await verdict(world, before) == ("reject", "credential-revoked")
    record = await world.see(audit.about, f"award:{award.id}")
    assert [entry.action for entry in record] == ["award.issued", "correction.asked", "award.corrected"]


async def test_two_who_correct_at_once_make_one_correction(world: World) -> None:
    award = await an_award(world)
    act = await world.act("leader")
    found = await asyncio.gather(
        *(service.correct(world.parts.office, act, award.id, reason=f"Reason {number}") for number in range(3)),
        return_exceptions=True,
    )
    corrected = await world.see(awards.award, award.id)
    assert [one for one in found if isinstance(one, BaseException)] == []
    assert await verdict(world, await body_of(world, corrected)) == ("accept", "")
    intents = {corrected.intent_id, award.intent_id}
    revoked = [
        place.set
        for intent in intents
        for place in await world.see(status.places_of, intent)
        if place.purpose is Purpose.REVOCATION
    ]
    assert sorted(revoked) == [False, True] or corrected.corrections > 1


@pytest.mark.parametrize(
    ("withdraw", "code"), [(service.revoke, "credential-revoked"), (service.suspend, "credential-suspended")]
)
async def test_a_correction_that_is_sealed_after_a_withdrawal_is_withdrawn_too(
    world: World, withdraw: Any, code: str
) -> None:
    """The process dies between the plan and the signature; before the next start the award is withdrawn."""
    award = await an_award(world)
    steps = Steps()
    office = stopping(world.parts, steps).office
    steps.stop_at = 6  # the fence twice, before and after; the commit
    with pytest.raises(Stopped):
        await service.correct(office, await world.act("leader"), award.id, reason="A new address.")
    assert steps.taken[-1] == "after a commit"
    await world.do(withdraw, await world.act("leader"), award.id, reason="The work was somebody else's.")
    await orders.finish_what_waits(world.parts)
    corrected = await world.see(awards.award, award.id)
    assert corrected.corrections == 1
    assert await verdict(world, await body_of(world, corrected)) == ("reject", code)
    assert await verdict(world, await body_of(world, award)) == ("reject", "credential-revoked")


# Withdrawal


async def test_a_suspension_is_shown_and_lifted_and_a_revocation_is_for_good(world: World) -> None:
    award = await an_award(world)
    body, token = [await body_of(world, award, format_) for format_ in Format]
    leader = await world.act("leader")
    assert await verdict(world, body) == ("accept", "")
    await world.do(service.suspend, leader, award.id, reason="Looked at again.")
    assert await verdict(world, body) == await verdict(world, token) == ("reject", "credential-suspended")
    await world.do(service.reinstate, leader, award.id, reason="All is well.")
    assert await verdict(world, body) == await verdict(world, token) == ("accept", "")
    await world.do(service.revoke, leader, award.id, reason="The work was somebody else's.")
    assert await verdict(world, body) == await verdict(world, token) == ("reject", "credential-revoked")
    for verb in (service.suspend, service.reinstate, service.revoke):
        with pytest.raises(Conflict, match="is revoked"):
            await world.do(verb, leader, award.id, reason="Again.")
    record = await world.see(audit.about, f"award:{award.id}")
    assert [(entry.action, entry.reason) for entry in record[1:]] == [
        ("award.suspended", "Looked at again."),
        ("award.active", "All is well."),
        ("award.revoked", "The work was somebody else's."),
    ]
    assert {entry.actor for entry in record[1:]} == {world.people["leader"].id}


@pytest.mark.parametrize(
    ("who", "failure"),
    [
        ("admin", None),
        ("leader", None),
        ("assessor", Forbidden),
        ("developer", Forbidden),
        ("teacher", NotFound),
        ("outsider", NotFound),
    ],
)
async def test_only_administrators_and_scoring_leaders_of_the_issuer_withdraw_and_to_others_the_award_is_none(
    world: World, who: str, failure: type[Failure] | None
) -> None:
    award = await an_award(world)
    await world.join("outsider", "kestrel-moor", Role.ADMINISTRATOR)
    for verb in (service.suspend, service.reinstate, service.revoke):
        if failure is None:
            await world.do(verb, await world.act(who), award.id, reason="As decided.")
        else:
            with pytest.raises(failure):
                await world.do(verb, await world.act(who), award.id, reason="As decided.")
    if failure is not None:
        assert (await world.see(awards.award, award.id)).state is AwardState.ACTIVE


async def test_whoever_withdraws_says_why(world: World) -> None:
    award = await an_award(world)
    for verb in (service.suspend, service.revoke):
        with pytest.raises(Malformed, match="say why"):
            await world.do(verb, await world.act("leader"), award.id, reason="  ")


# What goes wrong for one


async def test_an_organisation_that_cannot_sign_does_not_keep_another_from_it(world: World) -> None:
    """Its key file is lost: its own lists and awards wait, everybody else's are made."""
    award = await an_award(world)
    other = world.organisations["kestrel-moor"]
    await world.do(
        status.allocate,
        world.ids,
        world.clock(),
        world.parts.office.fence,
        owner=other.id,
        did="did:web:alder.test:orgs:kestrel-moor",
        purpose=Purpose.REVOCATION,
        reference="0" * 36,
    )
    (first, *_) = [found for found in await world.see(status.all_lists) if found.owner == award.organisation_id]
    for path in world.parts.settings.keys_dir.glob("ed25519-*.key"):
        path.unlink()
    async with open_parts(
        world.parts.settings, now=world.clock, fetch=fetch_nothing, password_cost=CHEAP, waits_for_disk=False
    ) as restarted:
        with pytest.raises(Failure, match="is missing"):
            await service.publish_due_lists(restarted.office, world.clock())
        with pytest.raises(Failure, match="is missing"):
            await orders.finish_what_waits(restarted)
    published = {
        found.owner for found in await world.see(status.all_lists) if await world.see(status.get_published, found.id)
    }
    assert published == {other.id}
    assert await world.see(status.get_published, first.id) is None


async def test_places_are_drawn_from_the_whole_list(world: World) -> None:
    award = await an_award(world)
    places = await world.see(status.places_of, award.intent_id)
    document = await document_of(world, award)
    entries = {
        (entry["statusListCredential"], int(entry["statusListIndex"]), entry["statusPurpose"])
        for entry in document["credentialStatus"]
    }
    assert entries == {
        (f"http://alder.test/status/{place.list_id}", place.index, place.purpose.value) for place in places
    }
    assert all(0 <= place.index < LIST_SIZE for place in places)
    assert msgspec.json.decode(await body_of(world, award))["credentialStatus"][0]["type"] == "BitstringStatusListEntry"
