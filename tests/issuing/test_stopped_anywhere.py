"""Issuance that is stopped at every step, on both databases: after the restart every acknowledged decision is awarded once,
none twice, nothing that our keys signed is unrecorded, and no status place is given to two.

The process dies at one step; the one that is started after it dies at the same step of finishing; the third one lives.
"""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from builders import CHEAP, World
from stops import Steps, Stopped, stopping

from credentials import fsck
from credentials.audit import service as audit
from credentials.awards import service as awards
from credentials.awards.model import Award, AwardState
from credentials.catalog.model import CatalogueEntry
from credentials.errors import Conflict
from credentials.evidence import service as evidence
from credentials.evidence.model import Stage
from credentials.fetch import fetch_nothing
from credentials.issuing import service as issuing
from credentials.log import service as log
from credentials.outbox import service as outbox
from credentials.outbox.model import LEASE
from credentials.pathways import service as pathways
from credentials.people.model import Role
from credentials.proofs.multibase import base64url_encode, multibase_base58
from credentials.review import service as review
from credentials.review.model import Score
from credentials.sealing import service as sealing
from credentials.sealing.model import Format, Sealed
from credentials.status import service as status
from credentials.status.model import Purpose
from credentials.trust import service as trust
from credentials.trust.model import KeyState
from credentials.web import orders
from credentials.web.api.verification import check
from credentials.web.parts import Parts, open_parts

Work = Callable[[Parts], Awaitable[None]]

STATEMENTS = pytest.mark.parametrize(
    "statements", [False, pytest.param(True, marks=pytest.mark.long)], ids=["commits", "statements"]
)


@asynccontextmanager
async def restarted(world: World) -> AsyncIterator[Parts]:
    """The service in a new process: nothing of the old one's memory, and the leases of its orders have run out."""
    world.clock.advance(seconds=LEASE.total_seconds() + 1)
    settings = world.parts.settings
    async with open_parts(
        settings, now=world.clock, fetch=fetch_nothing, password_cost=CHEAP, waits_for_disk=False
    ) as opened:
        yield opened


async def finish_what_was_left(parts: Parts) -> None:
    await orders.finish_what_waits(parts)
    await orders.redeem_all(parts)


async def ends(work: Work, parts: Parts, steps: Steps) -> bool:
    """Whether the work came to its end before the step that it is stopped at."""
    try:
        await work(stopping(parts, steps))
    except Stopped:
        return False
    return True


async def stop_and_restart(world: World, step: int, work: Work, *, statements: bool) -> tuple[bool, list[bytes]]:
    """Do work in a process that dies at a step, finish it in one that dies too, and in one that lives.

    Answers whether the first one came to its end, and all that was ever signed with our keys.
    """
    first, second = Steps(step, statements=statements), Steps(step, statements=statements)
    done = await ends(work, world.parts, first)
    async with restarted(world) as again:
        await ends(finish_what_was_left, again, second)
    last = Steps()
    async with restarted(world) as once_more:
        await finish_what_was_left(stopping(once_more, last))
    return done, [*first.signed, *second.signed, *last.signed]


async def make_new_keys(world: World) -> None:
    """The next signature makes its keys first."""
    for key in await world.see(trust.all_keys):
        if key.state is KeyState.ACTIVE:
            await world.do(trust.retire, key.id, world.clock())


async def a_scored_review(world: World, entry: CatalogueEntry, teacher: str) -> tuple[str, str]:
    """A submission and its review, in which only the decision is missing."""
    await world.join(teacher, "heron-school", Role.EDUCATOR)
    submission = await world.submission(entry, teacher)
    act = await world.act("assessor")
    claimed = await review.claim(world.parts.database, act, submission.id)
    await world.do(review.confirm_complete, act, claimed.id)
    for criterion in entry.version.specification.rubric.criteria:
        await world.do(review.score, act, claimed.id, Score(criterion=criterion.id, level="demonstrated"))
    return submission.id, claimed.id


def is_recorded(signature: bytes, bodies: list[bytes]) -> bool:
    """Whether a signature stands in a document that is stored: in its proof, or behind the last dot of a token."""
    written = (multibase_base58(signature).encode(), base64url_encode(signature))
    return any(form in body for body in bodies for form in written)


async def check_document(world: World, intent_id: str, signed: list[bytes], *beside: Sealed) -> None:
    """Both formats are there, accepted by the verifier, and each stands in the issuance log once; and so does what else was
    signed."""
    documents = await world.see(sealing.sealed_of, intent_id)
    assert {document.format for document in documents} == set(Format)
    documents = (*documents, *beside)
    for document in documents:
        assert len(await world.see(log.find, document.digest)) == 1
    for signature in signed:
        assert is_recorded(signature, [document.body for document in documents]), "a signature was lost"


async def check_house(world: World) -> None:
    """No place is shared, nothing waits, and ``fsck`` has nothing to say."""
    async with world.parts.database.read() as session:
        issued = await awards.of_organisations(session, [world.organisations["alder"].id], limit=10_000)
        places = await status.places_of_many(session, [award.intent_id for award in issued])
        assert await outbox.waiting(session) == 0
        assert (
            await sealing.waiting(session, kinds=("submission", "stack", "correction", "status-list", "record")) == []
        )
    taken = [(place.list_id, place.index) for found in places.values() for place in found]
    assert len(taken) == len(set(taken)) == len(issued) * len(Purpose)
    for list_id, index in taken:
        assert not world.parts.office.fence.pass_once(list_id, index), "a place was given away outside the fence"
    assert [finding async for finding in _findings(world.parts) if finding.severe] == []


def _findings(parts: Parts) -> AsyncIterator[fsck.Finding]:
    keystore = parts.office.gate.keystore
    return fsck.findings(parts.database, parts.blobs, keystore, parts.contexts, lambda _what, _count: None)


@STATEMENTS
async def test_a_decision_that_was_acknowledged_is_awarded_once_wherever_its_issuance_stops(
    world: World, statements: bool
) -> None:
    entry = await world.publish()
    for step in itertools.count(1):
        submission_id, review_id = await a_scored_review(world, entry, f"teacher{step}")
        await make_new_keys(world)
        acknowledged = False

        async def decide_and_issue(parts: Parts, review_id: str = review_id) -> None:
            nonlocal acknowledged
            async with parts.database.write() as session:
                await review.finish(session, await world.act("assessor"), review_id)
            acknowledged = True
            redeem = {review.ISSUE_ORDER: orders.redeemers(parts)[review.ISSUE_ORDER]}
            await outbox.redeem_due(parts.database, parts.now, redeem)

        done, signed = await stop_and_restart(world, step, decide_and_issue, statements=statements)
        submission = await world.see(evidence.submission, submission_id)
        assert submission.stage is Stage.EARNED or not acknowledged
        if submission.stage is Stage.EARNED:
            # Whoever got no answer asks again, and hears that it was decided.
            with pytest.raises(Conflict):
                await world.do(review.finish, await world.act("assessor"), review_id)
        else:
            await world.do(review.finish, await world.act("assessor"), review_id)
            await world.redeem()
        award = await world.see(awards.by_submission, submission_id)
        assert award is not None
        assert award.state is AwardState.ACTIVE
        await check_document(world, award.intent_id, signed)
        record = await world.see(audit.about, f"award:{award.id}")
        assert [entry.action for entry in record] == ["award.issued"]
        if done:
            break
    assert step > 20, "there are more steps than that"
    await issuing.publish_due_lists(world.parts.office, world.clock())
    await check_house(world)


async def an_award(world: World, entry: CatalogueEntry, teacher: str = "teacher") -> Award:
    submission = await world.decide(await world.submission(entry, teacher))
    await world.redeem()
    found = await world.see(awards.by_submission, submission.id)
    assert found is not None
    return found


@STATEMENTS
async def test_a_correction_that_was_asked_for_replaces_the_document_once_wherever_it_stops(
    world: World, statements: bool
) -> None:
    before = await an_award(world, await world.publish())
    for step in itertools.count(1):
        await make_new_keys(world)

        async def correct(parts: Parts, award_id: str = before.id) -> None:
            await issuing.correct(parts.office, await world.act("leader"), award_id, reason="A new address.")

        done, signed = await stop_and_restart(world, step, correct, statements=statements)
        found = await world.see(awards.award, before.id)
        if found.corrections == before.corrections:
            assert not done
            assert signed == [], "nothing was signed for a correction that was not recorded"
        else:
            assert found.corrections == before.corrections + 1
            assert found.credential_id == before.credential_id
            await check_document(world, found.intent_id, signed)
            bits = {place.purpose: place.set for place in await world.see(status.places_of, before.intent_id)}
            assert bits[Purpose.REVOCATION], "the document before is revoked"
        before = found
        if done:
            break
    assert step > 15
    await issuing.publish_due_lists(world.parts.office, world.clock())
    await check_house(world)


@STATEMENTS
async def test_a_complete_stack_is_awarded_once_wherever_its_issuance_stops(world: World, statements: bool) -> None:
    entries = [await world.publish(slug=slug) for slug in ("feedback", "questioning")]
    members = tuple(entry.micro_credential.id for entry in entries)
    stack = await world.do(
        pathways.draft,
        await world.act("developer"),
        organisation_id=world.organisations["alder"].id,
        slug="assessment",
        title="Assessment",
        description="Two that belong together.",
        members=members,
    )
    await world.do(pathways.publish, await world.act("publisher"), stack.id)
    # Every step is taken above, by the same gate; here every third one, and all of them in the long form.
    for step in itertools.count(1, 1 if statements else 3):
        teacher = f"teacher{step}"
        person = await world.join(teacher, "heron-school", Role.EDUCATOR)
        await an_award(world, entries[0], teacher)
        submission = await world.decide(await world.submission(entries[1], teacher))
        last = await issuing.issue_for_submission(world.parts.office, world.clock(), submission.id)
        await make_new_keys(world)

        async def look_at_stacks(parts: Parts, award_id: str = last.id) -> None:
            await pathways.check_award(parts.office, parts.now(), award_id)

        done, signed = await stop_and_restart(world, step, look_at_stacks, statements=statements)
        (award,) = await world.see(awards.stacks_of, person.id, [stack.id])
        assert award.state is AwardState.ACTIVE
        await check_document(world, award.intent_id, signed, await world.see(issuing.record_of, award))
        if done:
            break
    assert step > 15
    await issuing.publish_due_lists(world.parts.office, world.clock())
    await check_house(world)


@STATEMENTS
async def test_a_change_of_status_is_published_wherever_publishing_stops(world: World, statements: bool) -> None:
    award = await an_award(world, await world.publish())
    await issuing.publish_due_lists(world.parts.office, world.clock())
    for step in itertools.count(1):
        await world.do(issuing.suspend, await world.act("leader"), award.id, reason="Looked at again.")
        await make_new_keys(world)

        async def publish(parts: Parts) -> None:
            await issuing.publish_due_lists(parts.office, parts.now())

        done, _ = await stop_and_restart(world, step, publish, statements=statements)
        await publish(world.parts)
        document = await world.see(sealing.sealed_as, award.intent_id, Format.DATA_INTEGRITY)
        report = await check(world.parts, document.body, world.clock())
        assert (report.verdict, report.code) == ("reject", "credential-suspended"), report
        await world.do(issuing.reinstate, await world.act("leader"), award.id, reason="All is well.")
        await publish(world.parts)
        if done:
            break
    assert step > 5
    await world.redeem()
    await check_house(world)
