"""A stack: what it asks for, how far somebody is, its own credential, and what becomes of that when a member is withdrawn."""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from builders import World, a_specification
from sqlalchemy import Connection, delete

from credentials.audit import service as audit
from credentials.awards import service as awards
from credentials.awards.model import Award, AwardState
from credentials.catalog.model import CatalogueEntry
from credentials.errors import Conflict, Failure, Forbidden, NotFound
from credentials.issuing import service as issuing
from credentials.issuing.rules import digest_multibase
from credentials.outbox import service as outbox
from credentials.outbox.tables import orders
from credentials.pathways import service
from credentials.pathways.model import Effect, Progress, Stack, StackPolicy, StackRefused
from credentials.pathways.rules import MEMBER_WITHDRAWN
from credentials.people.model import Role, RoleNeeded, SlugTaken
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.web.api.verification import check

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What X03 of the life cycle asks of both databases."""


async def draft(world: World, members: Sequence[str], who: str = "developer", **changed: Any) -> Stack:
    whole = {"slug": "assessment", "title": "Assessment", "description": "Two that belong together.", **changed}
    organisation_id = world.organisations["alder"].id
    return await world.do(
        service.draft, await world.act(who), organisation_id=organisation_id, members=tuple(members), **whole
    )


def lost(title: str, became: str) -> str:
    """Why the policy suspended it."""
    return f"{MEMBER_WITHDRAWN}: “{title}” {became}"


class Studies:
    """A published stack of two micro-credentials, and how far the teacher is."""

    def __init__(self, world: World, stack: Stack, entries: Sequence[CatalogueEntry]) -> None:
        self.world = world
        self.stack = stack
        self.entries = entries

    async def earn(self, number: int, who: str = "teacher") -> Award:
        submission = await self.world.decide(await self.world.submission(self.entries[number], who))
        await self.world.redeem()
        found = await self.world.see(awards.by_submission, submission.id)
        assert found is not None
        return found

    async def progress(self, who: str = "teacher") -> Progress:
        person = self.world.people[who]
        (found,) = await self.world.see(service.progress, person.id, [self.stack], self.world.clock())
        return found

    async def award(self, who: str = "teacher") -> Award | None:
        found = await self.world.see(awards.stacks_of, self.world.people[who].id, [self.stack.id])
        assert len(found) <= 1
        return found[0] if found else None

    async def state(self) -> tuple[AwardState, str]:
        found = await self.award()
        assert found is not None
        return found.state, found.state_reason

    async def withdraw(self, verb: Any, award: Award) -> None:
        await self.world.do(verb, await self.world.act("leader"), award.id, reason="As the panel decided.")
        await self.world.redeem()


@pytest.fixture
async def studies(world: World) -> Studies:
    entries = [
        await world.publish(slug="feedback"),
        await world.publish(a_specification(title="Questions That Open", validity_months=12), slug="questioning"),
    ]
    stack = await draft(world, [entry.micro_credential.id for entry in entries])
    await world.do(service.publish, await world.act("publisher"), stack.id)
    return Studies(world, stack, entries)


async def test_progress_is_shown_and_the_last_member_completes_it(studies: Studies) -> None:
    assert (await studies.progress()).missing == studies.stack.members
    first = await studies.earn(0)
    progress = await studies.progress()
    assert (progress.earned, progress.missing) == ({studies.stack.members[0]: first.id}, studies.stack.members[1:])
    assert await studies.award() is None
    second = await studies.earn(1)
    progress = await studies.progress()
    assert progress.complete
    assert set(progress.earned.values()) == {first.id, second.id}
    award = await studies.award()
    assert award is not None
    assert (award.state, award.title) == (AwardState.ACTIVE, "Assessment")
    assert await studies.award("colleague") is None


async def test_its_credential_links_its_members_by_id_and_digest_and_verifies(studies: Studies) -> None:
    world = studies.world
    members = [await studies.earn(0), await studies.earn(1)]
    award = await studies.award()
    assert award is not None
    await issuing.publish_due_lists(world.parts.office, world.clock())
    for format_ in Format:
        body = (await world.see(sealing.sealed_as, award.intent_id, format_)).body
        report = await check(world.parts, body, world.clock())
        assert report.verdict == "accept", report.summary
    document = json.loads((await world.see(sealing.sealed_as, award.intent_id, Format.DATA_INTEGRITY)).body)
    bound = {resource["id"]: resource["digestMultibase"] for resource in document["relatedResource"]}
    for member in members:
        sealed = await world.see(sealing.sealed_as, member.intent_id, Format.DATA_INTEGRITY)
        assert bound[member.credential_id] == digest_multibase(bytes.fromhex(sealed.digest))
    named = json.dumps(document)
    assert all(entry.version.specification.title in named for entry in studies.entries)


async def test_two_members_that_are_earned_at_the_same_moment_complete_it_once(studies: Studies) -> None:
    world = studies.world
    submissions = [await world.decide(await world.submission(entry)) for entry in studies.entries]
    office, now = world.parts.office, world.clock()
    earned = [await issuing.issue_for_submission(office, now, submission.id) for submission in submissions]
    await asyncio.gather(*(service.check_award(office, now, award.id) for award in earned * 3))
    award = await studies.award()
    assert award is not None
    record = await world.see(audit.about, f"award:{award.id}")
    assert [entry.action for entry in record] == ["award.issued"]


async def test_it_is_suspended_with_the_reason_while_a_member_is_and_comes_back_by_itself(studies: Studies) -> None:
    first, _ = await studies.earn(0), await studies.earn(1)
    await studies.withdraw(issuing.suspend, first)
    assert await studies.state() == (AwardState.SUSPENDED, lost("Feedback That Moves Work Forward", "is suspended"))
    await studies.withdraw(issuing.reinstate, first)
    assert (await studies.state())[0] is AwardState.ACTIVE
    award = await studies.award()
    assert award is not None
    record = await studies.world.see(audit.about, f"award:{award.id}")
    assert [(entry.action, entry.actor) for entry in record] == [
        ("award.issued", "system:issuing"),
        ("award.suspended", "system:pathways"),
        ("award.active", "system:pathways"),
    ]


async def test_what_a_stranger_sees_of_it_follows(studies: Studies) -> None:
    world = studies.world
    first, _ = await studies.earn(0), await studies.earn(1)
    award = await studies.award()
    assert award is not None
    body = (await world.see(sealing.sealed_as, award.intent_id, Format.DATA_INTEGRITY)).body
    seen = []
    for verb in (None, issuing.suspend, issuing.reinstate, issuing.revoke):
        if verb:
            await studies.withdraw(verb, first)
        await issuing.publish_due_lists(world.parts.office, world.clock())
        report = await check(world.parts, body, world.clock())
        seen.append((report.verdict.value, report.code))
    suspended = ("reject", "credential-suspended")
    assert seen == [("accept", ""), suspended, ("accept", ""), suspended]


async def test_it_does_not_come_back_from_what_people_decided(studies: Studies) -> None:
    first, _ = await studies.earn(0), await studies.earn(1)
    award = await studies.award()
    assert award is not None
    await studies.withdraw(issuing.suspend, award)
    await studies.withdraw(issuing.suspend, first)
    await studies.withdraw(issuing.reinstate, first)
    assert await studies.state() == (AwardState.SUSPENDED, "As the panel decided.")


@ON_SQLITE
async def test_who_ends_its_suspension_does_not_end_that_of_its_members(studies: Studies) -> None:
    """Whoever reinstates the stack may not know what became of a member meanwhile."""
    first, _ = await studies.earn(0), await studies.earn(1)
    award = await studies.award()
    assert award is not None
    await studies.withdraw(issuing.suspend, award)
    await studies.withdraw(issuing.revoke, first)
    assert (await studies.state())[1] == "As the panel decided."
    await studies.withdraw(issuing.reinstate, award)
    assert await studies.state() == (AwardState.SUSPENDED, lost(first.title, "was revoked"))


@ON_SQLITE
async def test_what_the_policy_revoked_is_issued_anew_under_its_own_id_when_an_appeal_restores_the_member(
    studies: Studies,
) -> None:
    world = studies.world
    stack = await draft(
        world, studies.stack.members, slug="strict", title="Strict", policy=StackPolicy(revoked=Effect.REVOKED)
    )
    await world.do(service.publish, await world.act("publisher"), stack.id)
    strict = Studies(world, stack, studies.entries)
    first, _ = await strict.earn(0), await strict.earn(1)
    before = await strict.award()
    assert before is not None
    await strict.withdraw(issuing.revoke, first)
    assert await strict.state() == (AwardState.REVOKED, lost(first.title, "was revoked"))
    assert await studies.state() == (AwardState.SUSPENDED, lost(first.title, "was revoked")), "each by its own policy"
    world.clock.advance(days=1)
    assert first.submission_id is not None
    await issuing.restore(world.parts.office, world.clock(), first.submission_id, "appeal")
    await world.redeem()
    after = await strict.award()
    assert after is not None
    assert (after.id, after.credential_id, after.state) == (before.id, before.credential_id, AwardState.ACTIVE)
    await issuing.publish_due_lists(world.parts.office, world.clock())
    for intent, verdict in ((before.intent_id, "reject"), (after.intent_id, "accept")):
        body = (await world.see(sealing.sealed_as, intent, Format.DATA_INTEGRITY)).body
        assert (await check(world.parts, body, world.clock())).verdict == verdict
    assert (
        await check(world.parts, (await world.see(issuing.record_of, after)).body, world.clock())
    ).verdict == "accept"
    record = await world.see(audit.about, f"award:{after.id}")
    assert [entry.action for entry in record] == ["award.issued", "award.revoked", "award.restored"]


@ON_SQLITE
async def test_a_service_that_stops_while_a_stack_is_issued_anew_finishes_it_once(studies: Studies) -> None:
    world, office = studies.world, studies.world.parts.office
    stack = await draft(
        world, studies.stack.members, slug="strict", title="Strict", policy=StackPolicy(revoked=Effect.REVOKED)
    )
    await world.do(service.publish, await world.act("publisher"), stack.id)
    strict = Studies(world, stack, studies.entries)
    first, _ = await strict.earn(0), await strict.earn(1)
    await strict.withdraw(issuing.revoke, first)
    assert first.submission_id is not None
    await issuing.restore(office, world.clock(), first.submission_id, "appeal")
    revoked = await strict.award()
    assert revoked is not None
    progress = await strict.progress()
    async with world.parts.database.write() as session:
        again = await service._entitlement_of(
            session, office, revoked.awarded_at, revoked.educator_id, stack, progress.earned
        )
        await issuing.prepare_again(session, office, world.clock(), revoked, again)
    assert await strict.state() == (AwardState.REVOKED, revoked.state_reason)  # here it stopped
    await asyncio.gather(
        issuing.finish_waiting(office, world.clock()),
        *(service.check_award(office, world.clock(), first.id) for _ in range(3)),
    )
    await world.redeem()
    assert await strict.state() == (AwardState.ACTIVE, "")
    record = await world.see(audit.about, f"award:{revoked.id}")
    assert [entry.action for entry in record] == ["award.issued", "award.revoked", "award.restored"]


async def test_a_member_that_ran_out_counts_no_longer(studies: Studies) -> None:
    """When a stack is looked at again, for any of its members."""
    world = studies.world
    first, _ = await studies.earn(0), await studies.earn(1)
    world.clock.advance(days=366)
    assert (await studies.progress()).missing == studies.stack.members[1:]
    await service.check_award(world.parts.office, world.clock(), first.id)
    assert await studies.state() == (AwardState.SUSPENDED, lost("Questions That Open", "has run out"))


async def test_what_was_awarded_before_stacks_had_policies_is_looked_at_on_its_day_too(studies: Studies) -> None:
    world = studies.world
    await studies.earn(0)
    second = await studies.earn(1)
    migration = import_module("credentials.db.migrations.versions.0019_stack_policies")

    def as_upgraded(connection: Connection) -> None:
        with Operations.context(MigrationContext.configure(connection)):
            migration.order_looks()

    async with world.parts.database.write() as session:
        await session.execute(delete(orders).where(orders.c.key == f"{second.id}:ran-out"))
        await session.run_sync(as_upgraded)
    assert (await world.see(outbox.find, issuing.STACK_ORDER, f"{second.id}:ran-out")).payload == {"award": second.id}
    await world.redeem()
    assert (await studies.state())[0] is AwardState.ACTIVE
    world.clock.advance(days=366)
    await world.redeem()
    assert await studies.state() == (AwardState.SUSPENDED, lost("Questions That Open", "has run out"))


async def test_a_member_that_is_withdrawn_while_the_stack_is_issued_suspends_it(studies: Studies) -> None:
    """The one who issues has seen it complete; the one who withdraws has seen no award of the stack."""
    world = studies.world
    await studies.earn(0)
    submission = await world.decide(await world.submission(studies.entries[1]))
    office, now = world.parts.office, world.clock()
    last = await issuing.issue_for_submission(office, now, submission.id)
    complete = await studies.progress()
    await world.do(issuing.suspend, await world.act("leader"), last.id, reason="As the panel decided.")
    await service.check_award(office, now, last.id)
    assert await studies.award() is None
    award = await service._issue(office, now, last.educator_id, complete)
    await service._settle(office, now, studies.stack, award.id)
    assert await studies.state() == (AwardState.SUSPENDED, lost("Questions That Open", "is suspended"))


async def test_a_stack_is_written_by_one_and_published_by_another(studies: Studies) -> None:
    world = studies.world
    stack = await draft(world, studies.stack.members, slug="another")
    with pytest.raises(Forbidden, match="did not write"):
        await world.do(service.publish, await world.act("developer"), stack.id)
    for stranger in ("teacher", "assessor"):
        with pytest.raises(NotFound):
            await world.do(service.publish, await world.act(stranger), stack.id)
        with pytest.raises(NotFound):
            await world.see(service.stack_for, (await world.act(stranger)).actor, stack.id)
    with pytest.raises(NotFound):
        await world.see(service.stack_for, None, stack.id)
    await world.do(service.publish, await world.act("publisher"), stack.id)
    assert (await world.see(service.stack_for, None, stack.id)).published_at == world.clock()
    assert await world.do(service.publish, await world.act("publisher"), stack.id), "twice changes nothing"


@pytest.mark.parametrize(
    ("changed", "failure"),
    [
        ({"title": " "}, StackRefused),
        ({"description": ""}, StackRefused),
        ({"slug": "Not A Slug"}, Failure),
        ({"slug": "assessment"}, SlugTaken),
        ({"members": "one"}, StackRefused),
        ({"members": "twice the same"}, StackRefused),
        ({"members": "one that was never published"}, Failure),
        ({"members": "one that is not there"}, NotFound),
        ({"who": "teacher"}, NotFound),
        ({"who": "assessor"}, RoleNeeded),
    ],
    ids=str,
)
async def test_a_stack_that_nobody_could_earn_is_refused(
    studies: Studies, changed: dict[str, str], failure: type[Failure]
) -> None:
    first, second = studies.stack.members
    unpublished = await studies.world.do(
        issuing.catalog.draft,
        await studies.world.act("developer"),
        organisation_id=studies.world.organisations["alder"].id,
        slug="unpublished",
        specification=a_specification(),
    )
    members = {
        "one": [first],
        "twice the same": [first, first],
        "one that was never published": [first, unpublished.micro_credential.id],
        "one that is not there": [first, "0" * 36],
    }
    options = {"slug": "another", **changed}
    with pytest.raises(failure):
        await draft(studies.world, members.get(options.pop("members", ""), [first, second]), **options)


async def test_who_has_not_earned_it_is_told_what_is_missing(studies: Studies) -> None:
    await studies.earn(1, "colleague")
    assert (await studies.progress("colleague")).missing == studies.stack.members[:1]
    assert (await studies.progress("teacher")).earned == {}
    with pytest.raises(Conflict):
        await issuing.correct(
            studies.world.parts.office,
            await studies.world.act("leader"),
            (await _stack_award(studies)).id,
            reason="By itself it is not corrected.",
        )


async def _stack_award(studies: Studies) -> Award:
    await studies.world.join("other", "wren-school", Role.EDUCATOR)
    await studies.earn(0, "other")
    await studies.earn(1, "other")
    studies.world.clock.moment += timedelta(hours=1)
    found = await studies.award("other")
    assert found is not None
    return found


# The learner record


async def _record(studies: Studies) -> dict[str, Any]:
    award = await studies.award()
    assert award is not None
    found: dict[str, Any] = json.loads((await studies.world.see(issuing.record_of, award)).body)
    return found


async def test_one_file_carries_the_stack_and_its_members_and_each_of_them_verifies(studies: Studies) -> None:
    world = studies.world
    members = [await studies.earn(0), await studies.earn(1)]
    award = await studies.award()
    assert award is not None
    await issuing.publish_due_lists(world.parts.office, world.clock())
    body = (await world.see(issuing.record_of, award)).body
    report = await check(world.parts, body, world.clock())
    assert report.verdict == "accept", report.summary
    assert [one.verdict for one in report.members] == ["accept"] * 3
    subject = json.loads(body)["credentialSubject"]
    carried = [
        json.loads((await world.see(sealing.sealed_as, one.intent_id, Format.DATA_INTEGRITY)).body)
        for one in (award, *members)
    ]
    assert subject["verifiableCredential"] == carried
    stack, *parts = [one["credentialSubject"]["achievement"]["id"] for one in carried]
    links = {(one["associationType"], one["sourceId"], one["targetId"]) for one in subject["association"]}
    assert links == {(kind, part, stack) for kind in ("isChildOf", "isPartOf") for part in parts}
    entries = await world.see(audit.about, f"learner-record:{award.id}")
    assert [entry.action for entry in entries] == ["record.issued"]
    await studies.withdraw(issuing.revoke, members[1])
    await issuing.publish_due_lists(world.parts.office, world.clock())
    report = await check(world.parts, body, world.clock())
    assert (report.verdict, [one.verdict for one in report.members]) == ("reject", ["reject", "accept", "reject"])


async def test_a_corrected_member_makes_a_new_edition_of_the_record_and_nothing_else_does(studies: Studies) -> None:
    world = studies.world
    first, _ = await studies.earn(0), await studies.earn(1)
    before = await _record(studies)
    await service.check_award(world.parts.office, world.clock(), first.id)
    assert await _record(studies) == before
    world.clock.advance(days=1)
    await issuing.correct(world.parts.office, await world.act("teacher"), first.id, reason="A new address.")
    await world.redeem()
    after = await _record(studies)
    assert (after["id"], after["validFrom"] > before["validFrom"]) == (before["id"], True)
    await issuing.publish_due_lists(world.parts.office, world.clock())
    for record, verdict in ((before, "reject"), (after, "accept")):
        assert (await check(world.parts, json.dumps(record).encode(), world.clock())).verdict == verdict


SCHEMAS = "standards/schemas/clr20-published"


def with_status(document: dict[str, Any], place: int) -> dict[str, Any]:
    """A credential with one of its status entries. The data model allows several, and the schemas of 1EdTech know one."""
    return {**document, "credentialStatus": document["credentialStatus"][place]}


@ON_SQLITE
async def test_a_record_and_each_credential_in_it_follow_the_published_schemas_of_clr_2(
    studies: Studies, shared: Path
) -> None:
    """Where ``../shared`` is absent this is skipped, and the run says so."""

    def faults(schema: str, document: dict[str, Any]) -> list[str]:
        published = json.loads((shared / SCHEMAS / f"clr_v2p0_{schema}_schema.json").read_text())
        validator = jsonschema_rs.validator_for(published, validate_formats=True, offline=True)
        return [f"{list(error.instance_path)}: {error.message}" for error in validator.iter_errors(document)]

    await studies.earn(0)
    await studies.earn(1)
    record = await _record(studies)
    subject = record["credentialSubject"]
    carried = subject["verifiableCredential"]
    assert [len(one["credentialStatus"]) for one in carried] == [2, 2, 2]
    for place in (0, 1):
        shown = [with_status(one, place) for one in carried]
        assert [faults("achievementcredential", one) for one in shown] == [[], [], []]
        assert (
            faults("clrcredential", {**record, "credentialSubject": {**subject, "verifiableCredential": shown}}) == []
        )
    empty = {**subject, "verifiableCredential": []}
    assert faults("clrcredential", {**record, "credentialSubject": empty}), "the schema refuses nothing"
