from datetime import UTC, datetime, time

import msgspec

from credentials.audit import service as audit
from credentials.awards import service as awards
from credentials.awards.model import Award, AwardKind, AwardState
from credentials.db import Database, Session
from credentials.errors import Conflict, Malformed, NotFound
from credentials.ids import new_id
from credentials.issuing import service as issuing
from credentials.issuing.service import Office
from credentials.licensing import rules, store
from credentials.licensing.model import (
    Appeal,
    AppealLate,
    AppealStage,
    Application,
    ApplicationKind,
    Decision,
    LicenceRefused,
    LicenceType,
    NotWaivable,
    OwnApplication,
    Stage,
    WrongStage,
)
from credentials.licensing.rules import LICENCE, rule_for
from credentials.licensing.store import (
    appeals_against,
    appeals_to,
    applications_of,
    applications_to,
    count_stages,
    licence_type,
    list_types,
    types_by_id,
    types_by_rule,
)
from credentials.outbox import service as outbox
from credentials.pathways import service as pathways
from credentials.pathways.verdict import Evaluation
from credentials.people import service as people
from credentials.people.model import Act, Actor, Role, system_act
from credentials.people.rules import check_slug, require
from credentials.sealing import service as sealing
from credentials.sealing.model import Intent

__all__ = [
    "DECIDERS",
    "LICENCE",
    "LICENCE_ORDER",
    "appeal_decided",
    "appeals_against",
    "appeals_to",
    "application_for",
    "applications_of",
    "applications_to",
    "apply",
    "check_award",
    "close_type",
    "count_stages",
    "decide",
    "evaluate",
    "file_appeal",
    "finish_waiting",
    "found_type",
    "issue",
    "letter_about",
    "licence_type",
    "list_types",
    "look_before",
    "resubmit",
    "revoke",
    "rule_for",
    "types_by_id",
    "types_by_rule",
    "withdraw",
]

DECIDERS = (Role.LICENSING_OFFICER, Role.ADMINISTRATOR)
"""Who works at the office: in the licence's organisation or above it."""

LICENCE_ORDER = "licence.issue"


# Licences that an office grants


async def found_type(session: Session, act: Act, asked: LicenceType) -> LicenceType:
    """Open a licence for applications. ``asked`` has all but its id, author and moment."""
    where = await people.organisation(session, asked.organisation_id)
    require(act.actor, where.lineage, *DECIDERS)
    check_slug(asked.slug)
    rules.check_type(asked)
    for pathway_id in filter(None, (asked.pathway_id, asked.renewal_pathway_id)):
        pathway = await pathways.pathway(session, pathway_id)
        if pathway.organisation_id not in where.lineage:
            raise LicenceRefused("the rule must be this office's own, or that of an organisation above it")
    made = msgspec.structs.replace(
        asked,
        id=new_id(act.ids, act.now),
        title=asked.title.strip(),
        description=asked.description.strip(),
        author_id=act.actor.person_id,
        created_at=act.now,
    )
    await store.add_type(session, made)
    await awards.name_achievement(session, made.id, made.slug)
    await audit.record(session, act.entry("licence.opened", f"licence:{made.id}", organisation=where.id))
    return made


async def close_type(session: Session, act: Act, type_id: str, *, revision: int) -> LicenceType:
    """Take no more applications for it. Those that were begun go on, and what was granted stays."""
    found = await store.licence_type(session, type_id)
    where = await people.organisation(session, found.organisation_id)
    require(act.actor, where.lineage, *DECIDERS)
    if found.closed_at is not None:
        return found
    closed = await store.change_type(session, msgspec.structs.replace(found, revision=revision), closed_at=act.now)
    await audit.record(session, act.entry("licence.closed", f"licence:{found.id}", organisation=where.id))
    return closed


# Applications


async def apply(session: Session, act: Act, type_id: str, *, statement: str) -> Application:
    """Ask for a licence, or for its renewal. Asking again answers the application that is open.

    Whether the rule is met is worked out at once, and told; it does not keep anybody from applying.
    """
    type_ = await store.licence_type(session, type_id)
    educator = act.actor.person_id
    if not await people.are_educators_in(session, type_.organisation_id, [educator], act.now):
        raise NotFound("there is no such licence for you: you are no educator in its organisation")
    if (open_one := await store.open_application(session, educator, type_id)) is not None:
        return open_one
    if type_.closed_at is not None:
        raise Conflict("this licence takes no more applications")
    held = await _held(session, educator, type_)
    kind = rules.kind_of(type_, held, act.now)
    evaluation = await _evaluated(session, type_, kind, educator, act.now)
    made = Application(
        id=new_id(act.ids, act.now),
        type_id=type_.id,
        organisation_id=type_.organisation_id,
        educator_id=educator,
        kind=kind,
        renews=held.id if held is not None and kind is ApplicationKind.RENEWAL else None,
        statement=rules.check_length(statement, "the statement"),
        submitted_at=act.now,
        verdict=evaluation.verdict.value,
        evaluation=msgspec.json.encode(evaluation),
    )
    if not await store.add_application(session, made):
        raced = await store.open_application(session, educator, type_id)
        if raced is None:
            raise Conflict("this application changed just now: try again")
        return raced
    await _record(session, act, "licence.applied", made)
    return made


async def resubmit(session: Session, act: Act, application_id: str, *, statement: str) -> Application:
    """Hand a returned application in again."""
    found = await _own(session, act, application_id)
    if found.stage is not Stage.RETURNED:
        raise WrongStage(f"this application is {found.stage.value}: only a returned one is handed in again")
    type_ = await store.licence_type(session, found.type_id)
    evaluation = await _evaluated(session, type_, found.kind, found.educator_id, act.now)
    changed = await store.change_application(
        session,
        found,
        stage=Stage.SUBMITTED,
        statement=rules.check_length(statement, "the statement") or found.statement,
        submitted_at=act.now,
        verdict=evaluation.verdict.value,
        evaluation=msgspec.json.encode(evaluation),
    )
    await _record(session, act, "licence.applied", changed)
    return changed


async def withdraw(session: Session, act: Act, application_id: str) -> Application:
    """Take an application back that is not decided."""
    found = await _own(session, act, application_id)
    if not found.is_open:
        raise WrongStage(f"this application is {found.stage.value}: it cannot be taken back")
    changed = await store.change_application(session, found, stage=Stage.WITHDRAWN)
    await _record(session, act, "licence.withdrawn", changed)
    return changed


async def application_for(session: Session, actor: Actor, application_id: str) -> tuple[Application, LicenceType]:
    """An application as its educator or its office may see it; to others it looks like none."""
    found = await store.application(session, application_id)
    if found.educator_id != actor.person_id:
        await _office(session, actor, found)
    return found, await store.licence_type(session, found.type_id)


async def evaluate(session: Session, application: Application, now: datetime) -> Evaluation:
    """Where its educator stands now by the rule that decides it: the same answer for both sides of the desk."""
    type_ = await store.licence_type(session, application.type_id)
    return await _evaluated(session, type_, application.kind, application.educator_id, now)


async def _evaluated(
    session: Session, type_: LicenceType, kind: ApplicationKind, educator_id: str, now: datetime
) -> Evaluation:
    pathway = await pathways.pathway(session, rules.rule_for(type_, kind))
    _, evaluation = await pathways.standing_of(session, pathway, educator_id, now.date())
    return evaluation


async def _held(session: Session, educator_id: str, type_: LicenceType) -> Award | None:
    """The newest licence of a type that was not taken back."""
    found = await awards.of_achievement(session, educator_id, type_.id)
    standing = [award for award in found if award.state is not AwardState.REVOKED]
    return max(standing, key=lambda award: award.id) if standing else None


async def _own(session: Session, act: Act, application_id: str) -> Application:
    found = await store.application(session, application_id, lock=True)
    if found.educator_id != act.actor.person_id:
        raise NotFound("there is no such application")
    return found


async def _office(session: Session, actor: Actor, found: Application | Appeal) -> None:
    where = await people.organisation(session, found.organisation_id)
    if not actor.holds_any(DECIDERS, where.lineage):
        raise NotFound("there is no such application")


async def _record(session: Session, act: Act, action: str, of: Application, *, reason: str = "") -> None:
    subject = f"licence-application:{of.id}"
    entry = act.entry(action, subject, organisation=of.organisation_id, reason=reason, verdict=of.verdict)
    await audit.record(session, entry)


# Decisions


async def look_before(
    database: Database, verify: pathways.Verify, act: Act, application_id: str, decision: Decision
) -> None:
    """Before a decision: verify the credentials of other issuers that it may rest on, unless that was done just now."""
    if decision is Decision.RETURN:
        return
    async with database.read() as session:
        found = await store.application(session, application_id)
        await _office(session, act.actor, found)
        fresh, unknown = await pathways.looks_since(session, found.educator_id, act.now - rules.LOOK_AGE)
    if unknown or not fresh:
        await pathways.look_again(database, verify, act.ids, act.now, found.educator_id)


async def decide(
    session: Session, act: Act, application_id: str, decision: Decision, *, reason: str, revision: int
) -> Application:
    """Approve, return or refuse, by the rule as it is met today. An approval orders the licence in the same transaction.

    ``NotVerified`` where credentials of other issuers were not looked at just now: ``look_before`` does that. ``NotMet`` for
    an approval that the rule does not carry: the office records a waiver or an override first, and so says why.
    """
    found = await store.application(session, application_id, lock=True)
    await _office(session, act.actor, found)
    if found.educator_id == act.actor.person_id:
        raise OwnApplication("nobody decides their own application")
    found = msgspec.structs.replace(found, revision=revision)
    if decision is not Decision.APPROVE or reason.strip():
        reason = rules.check_text(reason, "the reasons: the educator will read them")
    type_ = await store.licence_type(session, found.type_id)
    evaluation = await evaluate(session, found, act.now)
    fresh, unknown = await pathways.looks_since(session, found.educator_id, act.now - rules.LOOK_AGE)
    rules.check_looks(decision, evaluation.verdict, fresh=fresh, unknown=unknown)
    rules.check_decision(found, decision, evaluation)
    values: dict[str, object] = {
        "stage": rules.MOVES[decision],
        "verdict": evaluation.verdict.value,
        "evaluation": msgspec.json.encode(evaluation),
        "decided_by": act.actor.person_id,
        "decided_at": act.now,
        "reason": reason,
    }
    if decision is Decision.APPROVE:
        held = await awards.award(session, found.renews) if found.renews else None
        values["valid_until"] = rules.end_of(type_, found.kind, held, act.now.date())
        values["counted"] = rules.counted_in(evaluation)
    decided = await store.change_application(session, found, **values)
    if decision is Decision.APPROVE:
        await store.put_counted(session, decided.id, decided.counted)
        if type_.consumes:
            await pathways.use_items(session, act, decided.educator_id, decided.counted, f"licence:{decided.id}")
        await _put_on_record(session, act, type_, decided)
        await outbox.place(session, act.ids, act.now, LICENCE_ORDER, decided.id, application=decided.id)
    await _tell(session, act, decided)
    await _record(session, act, f"licence.{decided.stage.value}", decided, reason=reason)
    return decided


async def _put_on_record(session: Session, act: Act, type_: LicenceType, decided: Application) -> None:
    """The days of a licence are facts that rules of renewal ask for."""
    facts = {"license.type": type_.slug, "license.from": act.now.date().isoformat()}
    if decided.valid_until is not None:
        facts["license.to"] = decided.valid_until.isoformat()
    for path, value in facts.items():
        await pathways.record_fact(
            session,
            act,
            educator_id=decided.educator_id,
            organisation_id=decided.organisation_id,
            path=path,
            value=value,
            evidence=f"the decision on application {decided.id}",
        )


async def _tell(session: Session, act: Act, decided: Application) -> None:
    key = f"licence:{decided.id}:{decided.revision}"
    payload = {"letter": "licence", "person": decided.educator_id, "licence_application": decided.id}
    await outbox.place(session, act.ids, act.now, people.MAIL_ORDER, key, **payload)


async def letter_about(session: Session, application_id: str) -> tuple[Application, LicenceType]:
    """What a letter about an application says."""
    found = await store.application(session, application_id)
    return found, await store.licence_type(session, found.type_id)


async def revoke(session: Session, act: Act, award_id: str, *, reason: str) -> Award:
    """Take a licence back for good. What its decision consumed is free again once that is seen: see ``check_award``."""
    found = await awards.award(session, award_id, lock=True)
    where = await people.organisation(session, found.organisation_id)
    if found.kind is not AwardKind.LICENCE or not act.actor.holds_any(DECIDERS, where.lineage):
        raise NotFound("there is no such award")
    return await issuing.withdraw(session, act, found, AwardState.REVOKED, reason=reason)


# What follows


async def issue(office: Office, now: datetime, application_id: str) -> Award:
    """Issue what was approved, exactly once. Doing it again answers the award that is there."""
    async with office.gate.database.read() as session:
        found = await store.application(session, application_id)
        if found.stage is not Stage.APPROVED:
            raise Conflict("only an approved application is issued")
        type_ = await store.licence_type(session, found.type_id)
        rule = await pathways.pathway(session, rules.rule_for(type_, found.kind))
    end = datetime.combine(found.valid_until, time(), UTC) if found.valid_until is not None else None
    entitlement = rules.entitlement_of(type_, found, rule=rule.title, valid_until=end, base_url=office.base_url)
    award = await issuing.issue(office, now, entitlement)
    async with office.gate.database.write() as session:
        current = await store.application(session, application_id, lock=True)
        if current.award_id is None:
            await store.change_application(session, current, award_id=award.id)
    return award


async def check_award(office: Office, now: datetime, award_id: str) -> int:
    """After an award was suspended or revoked, by whatever door: note the concern with every decision that counted it, and tell
    its office. The licence stays until somebody decides. What the decision of a revoked licence consumed is free again.
    Answers how many decisions are concerned."""
    async with office.gate.database.write() as session:
        award = await awards.award(session, award_id)
        if award.state is AwardState.ACTIVE:
            return 0
        act = system_act("licensing", now, office.gate.ids)
        if award.kind is AwardKind.LICENCE and award.state is AwardState.REVOKED:
            intent = await sealing.intent(session, award.intent_id)
            await pathways.release_items(session, act, f"licence:{intent.source_id}")
        resting = await store.resting_on(session, award_id)
        for application in resting:
            concern = f"“{award.title}”, which the decision counted, is {award.state.value}: {award.state_reason}"
            if application.concern == concern:
                continue
            changed = await store.change_application(session, application, concern=concern)
            await _record(session, act, "licence.concern", changed, reason=award.state.value)
            where = await people.organisation(session, changed.organisation_id)
            for officer in await people.holders_above(session, where.lineage, Role.LICENSING_OFFICER, now):
                key = f"licence-concern:{changed.id}:{award.id}:{award.revision}:{officer}"
                payload = {"letter": "licence_concern", "person": officer, "licence_application": changed.id}
                await outbox.place(session, act.ids, now, people.MAIL_ORDER, key, **payload)
    return len(resting)


async def finish_waiting(office: Office, now: datetime) -> int:
    """Seal the licences that were prepared and not sealed when the service stopped; answers how many."""

    async def finish(intent: Intent) -> None:
        await issue(office, now, intent.source_id)

    async with office.gate.database.read() as session:
        waiting = await sealing.waiting(session, kinds=(LICENCE,))
    return await issuing.each(waiting, finish)


# Appeals


async def file_appeal(
    session: Session,
    act: Act,
    application_id: str,
    *,
    statement: str,
    waive: tuple[str, ...] = (),
    good_cause: str = "",
) -> Appeal:
    """Appeal a refusal, once: within the licence's days, later only with the good cause that kept the educator. ``waive`` are
    requirements that it asks to set aside; some cannot be."""
    found = await _own(session, act, application_id)
    type_ = await store.licence_type(session, found.type_id)
    if found.stage is not Stage.REFUSED or found.decided_at is None:
        raise WrongStage("only a refusal is appealed")
    if barred := sorted(set(waive) & set(type_.not_waivable)):
        raise NotWaivable(f"{', '.join(barred)} cannot be waived, by no appeal: ask for something else")
    late = rules.is_late(type_, found.decided_at, act.now)
    if late and not good_cause.strip():
        raise AppealLate(f"an appeal comes within {type_.appeal_days} days after the decision: say what kept you")
    made = Appeal(
        id=new_id(act.ids, act.now),
        application_id=found.id,
        organisation_id=found.organisation_id,
        educator_id=found.educator_id,
        statement=rules.check_text(statement, "what is wrong with the decision"),
        waive=tuple(dict.fromkeys(waive)),
        late=late,
        good_cause=rules.check_length(good_cause, "the good cause") if late else "",
        filed_at=act.now,
    )
    if not await store.add_appeal(session, made):
        raise Conflict("this decision was appealed already")
    await _record(session, act, "licence.appealed", found)
    return made


async def appeal_decided(
    session: Session, act: Act, appeal_id: str, *, upheld: bool, reason: str, revision: int
) -> Appeal:
    """Decide an appeal, by somebody else than who decided the application. Upheld, what it asked to waive is waived and the
    application is open again; the rule has the last word."""
    found = await store.appeal(session, appeal_id, lock=True)
    await _office(session, act.actor, found)
    application = await store.application(session, found.application_id, lock=True)
    if act.actor.person_id in {found.educator_id, application.decided_by}:
        raise OwnApplication("somebody decides an appeal who did not decide the application, and did not file it")
    if found.stage is not AppealStage.FILED:
        raise WrongStage("this appeal was decided already")
    reason = rules.check_text(reason, "the reasons: the educator will read them")
    decided = await store.change_appeal(
        session,
        msgspec.structs.replace(found, revision=revision),
        stage=AppealStage.UPHELD if upheld else AppealStage.DISMISSED,
        decided_by=act.actor.person_id,
        decided_at=act.now,
        reason=reason,
    )
    if upheld:
        type_ = await store.licence_type(session, application.type_id)
        pathway_id = rules.rule_for(type_, application.kind)
        for requirement in found.waive:
            await pathways.waive(session, act, pathway_id, found.educator_id, requirement=requirement, rationale=reason)
        if await store.open_application(session, application.educator_id, application.type_id) is not None:
            raise Malformed("the educator has applied anew meanwhile: decide that application, or ask to withdraw it")
        evaluation = await evaluate(session, application, act.now)
        application = await store.change_application(
            session,
            application,
            stage=Stage.SUBMITTED,
            verdict=evaluation.verdict.value,
            evaluation=msgspec.json.encode(evaluation),
        )
    key = f"licence-appeal:{decided.id}"
    payload = {"person": found.educator_id, "licence_application": application.id}
    letter = f"licence_appeal_{decided.stage.value}"
    await outbox.place(session, act.ids, act.now, people.MAIL_ORDER, key, letter=letter, **payload)
    await _record(session, act, f"licence.appeal-{decided.stage.value}", application, reason=reason)
    return decided
