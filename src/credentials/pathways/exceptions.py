"""Waivers and overrides: what an office decided that a rule need not ask of somebody. The door is ``pathways.service``."""

from collections.abc import Iterable
from datetime import date

import msgspec

from credentials.audit import service as audit
from credentials.db import Session
from credentials.errors import Forbidden, NotFound
from credentials.ids import new_id
from credentials.outbox import service as outbox
from credentials.pathways import rule as rules
from credentials.pathways import store
from credentials.pathways.model import (
    JUDGE_ORDER,
    ExceptionKind,
    Pathway,
    PathwayRefused,
    RecordedException,
    Withdrawn,
)
from credentials.pathways.record import Known, Override, Record, Waiver
from credentials.people import service as people
from credentials.people.model import Act, Role
from credentials.people.rules import require

DECIDERS = (Role.LICENSING_OFFICER, Role.ADMINISTRATOR)
"""Who may waive and override: in the pathway's organisation or above it."""

MAX_YEARS = 5
"""An override has an end, and not one that nobody will see."""


async def waive(
    session: Session,
    act: Act,
    pathway_id: str,
    educator_id: str,
    *,
    requirement: str,
    rationale: str,
    replacement_plan: str = "",
    opens: date | None = None,
    closes: date | None = None,
) -> RecordedException:
    """Decide that one requirement, named by its label, need not be met. Raises ``PathwayRefused`` for a label that no version
    of the rule has."""
    pathway = await _decidable(session, act, pathway_id, educator_id)
    versions = (await store.versions_of(session, [pathway.id]))[pathway.id]
    known = {node.label for version in versions for node in rules.walk(rules.decode(version.rule)) if node.label}
    if requirement not in known:
        raise PathwayRefused(f"no requirement of this rule is labelled so: it has {', '.join(sorted(known)) or 'none'}")
    if not rationale.strip():
        raise PathwayRefused("write the rationale of the waiver")
    return await _record(
        session,
        act,
        pathway,
        educator_id,
        ExceptionKind.WAIVER,
        requirement=requirement,
        reason=rationale,
        replacement_plan=replacement_plan,
        opens=opens,
        closes=closes,
    )


async def override(
    session: Session, act: Act, pathway_id: str, educator_id: str, *, reason: str, evidence: str, closes: date
) -> RecordedException:
    """Decide that the rule counts as met, until the end of a day. Whoever decides is named, with reason and evidence."""
    pathway = await _decidable(session, act, pathway_id, educator_id)
    if not reason.strip() or not evidence.strip():
        raise PathwayRefused("an override has a reason, and evidence that shows it")
    today = act.now.date()
    if not today <= closes or closes.year > today.year + MAX_YEARS:
        raise PathwayRefused(f"an override ends on a day to come, within {MAX_YEARS} years")
    return await _record(
        session, act, pathway, educator_id, ExceptionKind.OVERRIDE, reason=reason, evidence=evidence, closes=closes
    )


async def withdraw_exception(session: Session, act: Act, exception_id: str, *, reason: str) -> RecordedException:
    """Take a waiver or an override back. A past day is still judged with it, as it was known then."""
    found = await store.exception(session, exception_id)
    where = await people.organisation(session, found.organisation_id)
    if not act.actor.holds_any(DECIDERS, where.lineage):
        raise NotFound("there is no such waiver or override")
    if not reason.strip():
        raise PathwayRefused("give a reason: it stays on record")
    if not await store.withdraw_exception(session, exception_id, act.actor.person_id, act.now, reason.strip()):
        raise Withdrawn("it was withdrawn already")
    subject = f"educator:{found.educator_id}"
    entry = act.entry(
        f"{found.kind.value}.withdrawn", subject, organisation=found.organisation_id, reason=reason, record=found.id
    )
    await audit.record(session, entry)
    await outbox.place(session, act.ids, act.now, JUDGE_ORDER, f"{found.id}:withdrawn", educator=found.educator_id)
    return await store.exception(session, exception_id)


async def _decidable(session: Session, act: Act, pathway_id: str, educator_id: str) -> Pathway:
    pathway = await store.pathway(session, pathway_id)
    where = await people.organisation(session, pathway.organisation_id)
    require(act.actor, where.lineage, *DECIDERS)
    if educator_id == act.actor.person_id:
        raise Forbidden("nobody waives or overrides for themselves: somebody else must decide it")
    if not await people.are_educators_in(session, pathway.organisation_id, [educator_id], act.now):
        raise NotFound("there is no such educator in this organisation")
    return pathway


async def _record(
    session: Session,
    act: Act,
    pathway: Pathway,
    educator_id: str,
    kind: ExceptionKind,
    *,
    reason: str,
    requirement: str = "",
    replacement_plan: str = "",
    evidence: str = "",
    opens: date | None = None,
    closes: date | None = None,
) -> RecordedException:
    begins = opens or act.now.date()
    if closes is not None and closes < begins:
        raise PathwayRefused("it ends before it begins")
    made = RecordedException(
        id=new_id(act.ids, act.now),
        pathway_id=pathway.id,
        educator_id=educator_id,
        organisation_id=pathway.organisation_id,
        kind=kind,
        requirement=requirement,
        reason=reason.strip(),
        replacement_plan=replacement_plan.strip(),
        evidence=evidence.strip(),
        opens=begins,
        closes=closes,
        recorded_by=act.actor.person_id,
        recorded_at=act.now,
    )
    await store.add_exception(session, made)
    subject = f"educator:{educator_id}"
    entry = act.entry(
        f"{kind.value}.recorded", subject, organisation=pathway.organisation_id, record=made.id, pathway=pathway.id
    )
    await audit.record(session, entry)
    await outbox.place(session, act.ids, act.now, JUDGE_ORDER, f"{made.id}:recorded", educator=educator_id)
    return made


def with_exceptions(record: Record, found: Iterable[RecordedException], as_of: date, known: Known) -> Record:
    """The record with what was decided for its educator, as it was known on the day or is known now."""
    waivers: list[Waiver] = []
    overrides: list[Override] = []
    for one in found:
        then = known is Known.THEN
        if then and one.recorded_at.date() > as_of:
            continue
        if one.withdrawn_at is not None and not (then and one.withdrawn_at.date() > as_of):
            continue
        if one.kind is ExceptionKind.WAIVER:
            waivers.append(
                Waiver(
                    requirement=one.requirement,
                    rationale=one.reason,
                    approver=one.recorded_by,
                    replacement_plan=one.replacement_plan,
                    opens=one.opens,
                    closes=one.closes,
                )
            )
        elif one.opens <= as_of and one.closes is not None:
            overrides.append(
                Override(actor=one.recorded_by, reason=one.reason, evidence=one.evidence, closes=one.closes)
            )
    return (
        msgspec.structs.replace(record, waivers=tuple(waivers), overrides=tuple(overrides))
        if waivers or overrides
        else record
    )
