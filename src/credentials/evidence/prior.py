"""Earlier practice: an educator dates and tells it, and somebody who saw it attests it."""

from datetime import date

import msgspec

from credentials.audit import service as audit
from credentials.catalog import service as catalog
from credentials.db import Session
from credentials.errors import Conflict, Malformed, NotFound
from credentials.evidence import rules, store
from credentials.evidence.model import Attested, Capacity, PriorPractice, Submission, WrongStage
from credentials.outbox import service as outbox
from credentials.people import service as people
from credentials.people.model import Act, Person
from credentials.people.rules import normal_address

MAX_ACCOUNT = 5_000


class ToAttest(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody was asked to attest: whose practice it was, and for which micro-credential."""

    practice: PriorPractice
    educator: Person
    title: str
    is_open: bool


async def tell_prior(
    session: Session,
    act: Act,
    found: Submission,
    *,
    began_on: date,
    ended_on: date,
    account: str,
    capacity: Capacity,
    witness: str,
) -> PriorPractice:
    """Tell earlier practice and ask ``witness``, by e-mail address, to attest it. What was attested before does not count for
    what is told now. ``found``: the educator's submission, to be changed."""
    programme = (await catalog.version(session, found.version_id)).specification.programme
    if not programme.prior_learning:
        raise Conflict("this programme takes no prior learning")
    rules.check_prior(began_on, ended_on, account, act.now)
    if len(account) > MAX_ACCOUNT:
        raise Malformed(f"tell it in at most {MAX_ACCOUNT} characters")
    told = PriorPractice(
        submission_id=found.id,
        began_on=began_on,
        ended_on=ended_on,
        account=account.strip(),
        capacity=capacity,
        witness_id=await _witness(session, act, normal_address(witness)),
        asked_at=act.now,
    )
    await store.set_prior_practice(session, found.id, told)
    key = f"practice:{found.id}:{act.now.isoformat()}"
    payload = {"letter": "practice_asked", "person": told.witness_id, "submission": found.id}
    await outbox.place(session, act.ids, act.now, people.MAIL_ORDER, key, **payload)
    await _record(session, act, "practice.told", found)
    return told


async def _witness(session: Session, act: Act, address: str) -> str:
    """Who has this address, if they have a part in the educator's organisations: others are not to be found here."""
    person_id = (await people.persons_of_addresses(session, [address])).get(address, "")
    mine = await people.organisations_by_id(session, {grant.organisation_id for grant in act.actor.grants})
    places = {one for found in mine.values() for one in found.lineage}
    places |= await people.below(session, sorted(places))
    if person_id == act.actor.person_id:
        raise Malformed("somebody else attests your practice")
    if not await people.have_part(session, [person_id], places, act.now):
        raise Malformed(
            "nobody of your organisations has this address: ask them under which one they have their account"
        )
    return person_id


async def forget_prior(session: Session, act: Act, found: Submission) -> None:
    """Take it out: then the submission shows practice of today."""
    await store.set_prior_practice(session, found.id, None)
    await _record(session, act, "practice.taken_out", found)


async def to_attest(session: Session, act: Act) -> list[ToAttest]:
    """What I was asked to attest, newest first."""
    asked = await store.practices_to_attest(session, act.actor.person_id)
    submissions = await store.submissions_by_id(session, {one.submission_id for one in asked})
    versions = await catalog.versions_by_id(session, {one.version_id for one in submissions.values()})
    educators = await people.persons_by_id(session, {one.educator_id for one in submissions.values()})
    return [
        ToAttest(
            practice=one,
            educator=educators[submissions[one.submission_id].educator_id],
            title=versions[submissions[one.submission_id].version_id].specification.title,
            is_open=_is_open(one, submissions[one.submission_id]),
        )
        for one in asked
    ]


def _is_open(practice: PriorPractice, found: Submission) -> bool:
    return practice.attested is Attested.ASKED and found.stage in rules.EDITABLE


async def attest_prior(
    session: Session, act: Act, submission_id: str, *, confirmed: bool, statement: str
) -> PriorPractice:
    """Say of practice that I was asked about that it was so, or that I cannot say so; once."""
    asked = await store.prior_practice(session, submission_id)
    if asked is None or asked.witness_id != act.actor.person_id:
        raise NotFound("there is nothing here that you were asked to attest")
    found = await store.submission(session, submission_id, lock=True)
    asked = await store.prior_practice(session, submission_id)
    if asked is None or asked.witness_id != act.actor.person_id:
        raise NotFound("there is nothing here that you were asked to attest")
    if not _is_open(asked, found):
        raise WrongStage("this is answered, or handed in: nothing is added to it any more")
    if not statement.strip() or len(statement) > MAX_ACCOUNT:
        raise Malformed(f"say in at most {MAX_ACCOUNT} characters what you saw")
    answered = msgspec.structs.replace(
        asked,
        attested=Attested.CONFIRMED if confirmed else Attested.DECLINED,
        statement=statement.strip(),
        answered_at=act.now,
    )
    await store.set_prior_practice(session, found.id, answered)
    key = f"practice:{found.id}:{asked.asked_at.isoformat()}:answered"
    payload = {"letter": "practice_answered", "person": found.educator_id, "submission": found.id}
    await outbox.place(session, act.ids, act.now, people.MAIL_ORDER, key, **payload)
    await _record(session, act, f"practice.{answered.attested.value}", found)
    return answered


async def _record(session: Session, act: Act, action: str, found: Submission) -> None:
    await audit.record(session, act.entry(action, f"submission:{found.id}", organisation=found.organisation_id))
