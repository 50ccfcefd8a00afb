"""The rules of an office as data: drafted, tried on the whole population, approved with a record of who decided, in force,
over. The door is ``pathways.service``."""

from datetime import UTC, date, datetime, time

from credentials.audit import service as audit
from credentials.audit.model import Entry
from credentials.db import Session
from credentials.errors import NotFound
from credentials.ids import new_id
from credentials.outbox import service as outbox
from credentials.pathways import rule as rules
from credentials.pathways import store
from credentials.pathways.model import (
    EVALUATION_DATE,
    RULE_ORDER,
    Approval,
    OwnRule,
    Pathway,
    PathwayRefused,
    PathwayVersion,
    VersionApproved,
)
from credentials.pathways.rules import check_period, ending_for
from credentials.people import service as people
from credentials.people.model import Act, Actor, Organisation, Role
from credentials.people.rules import check_slug, require

RULE_WRITERS = (Role.LICENSING_OFFICER, Role.ADMINISTRATOR)
"""Who writes and approves the rules of an organisation; one writes, another approves."""


async def draft_pathway(
    session: Session,
    act: Act,
    *,
    organisation_id: str,
    slug: str,
    title: str,
    description: str,
    rule: bytes,
    effective_from: date,
    effective_to: date | None = None,
    basis: str = EVALUATION_DATE,
    modelled_on: str = "",
    name: str = "",
) -> tuple[Pathway, PathwayVersion]:
    """Begin a pathway with its first version. Raises ``DocumentRefused`` with the place of a mistake in the rule."""
    where = await people.organisation(session, organisation_id)
    require(act.actor, where.lineage, *RULE_WRITERS)
    check_slug(slug)
    if not title.strip():
        raise PathwayRefused("write a title")
    if not all(basis.split(".")):
        raise PathwayRefused("the basis is the path of a date, such as license.to or evaluation.date")
    made = Pathway(
        id=new_id(act.ids, act.now),
        organisation_id=organisation_id,
        slug=slug,
        title=title,
        description=description,
        modelled_on=modelled_on,
        basis=basis,
        author_id=act.actor.person_id,
        created_at=act.now,
    )
    await store.add_pathway(session, made)
    version = await _add_version(session, act, made, 1, name, rule, effective_from, effective_to)
    await audit.record(session, act.entry("pathway.drafted", f"pathway:{made.id}", organisation=organisation_id))
    return made, version


async def draft_version(
    session: Session,
    act: Act,
    pathway_id: str,
    *,
    rule: bytes,
    effective_from: date,
    effective_to: date | None = None,
    name: str = "",
) -> PathwayVersion:
    """Begin another version of a pathway."""
    found = await _written_by(session, act.actor, pathway_id)
    numbers = [version.number for version in (await store.versions_of(session, [pathway_id]))[pathway_id]]
    version = await _add_version(
        session, act, found, max(numbers, default=0) + 1, name, rule, effective_from, effective_to
    )
    await audit.record(session, _entry(act, "pathway.version_drafted", found, version))
    return version


async def _add_version(
    session: Session,
    act: Act,
    pathway: Pathway,
    number: int,
    name: str,
    rule: bytes,
    effective_from: date,
    effective_to: date | None,
) -> PathwayVersion:
    rules.decode(rule)
    check_period(effective_from, effective_to)
    version = PathwayVersion(
        id=new_id(act.ids, act.now),
        pathway_id=pathway.id,
        number=number,
        name=name.strip(),
        rule=rule,
        effective_from=effective_from,
        effective_to=effective_to,
        author_id=act.actor.person_id,
        created_at=act.now,
    )
    await store.add_version(session, version)
    return version


async def edit_version(
    session: Session,
    act: Act,
    version_id: str,
    *,
    revision: int,
    rule: bytes,
    effective_from: date,
    effective_to: date | None,
    name: str,
) -> PathwayVersion:
    """Change a draft that is still as it was read. Whoever changes it is its author from then on."""
    found = await store.version(session, version_id)
    pathway = await _written_by(session, act.actor, found.pathway_id)
    rules.decode(rule)
    check_period(effective_from, effective_to)
    edited = await store.change_version(
        session,
        found,
        revision=revision,
        rule=rule,
        effective_from=effective_from,
        effective_to=effective_to,
        name=name.strip(),
        author_id=act.actor.person_id,
    )
    await audit.record(session, _entry(act, "pathway.version_edited", pathway, found))
    return edited


async def drop_version(session: Session, act: Act, version_id: str, *, revision: int) -> None:
    """Throw a draft away."""
    found = await store.version(session, version_id)
    pathway = await _written_by(session, act.actor, found.pathway_id)
    if found.approved_at is not None:
        raise VersionApproved("an approved version stays: give it an end instead")
    await store.drop_version(session, version_id, revision=revision)
    await audit.record(session, _entry(act, "pathway.version_dropped", pathway, found))


async def approve_version(
    session: Session, act: Act, version_id: str, approval: Approval, *, revision: int
) -> PathwayVersion:
    """Put an approval on record, by somebody who did not write the version. An open version before it ends when it begins.

    The body must have decided before the version takes effect: nobody is judged by a rule that came afterwards.
    """
    found = await store.version(session, version_id, lock=True)
    pathway = await _written_by(session, act.actor, found.pathway_id)
    if found.approved_at is not None:
        raise VersionApproved("this version is approved already")
    if found.author_id == act.actor.person_id:
        raise OwnRule("somebody who did not write this version must approve it")
    if not approval.board.strip():
        raise PathwayRefused("name the body that approved the rule")
    if approval.decided_on > found.effective_from:
        raise PathwayRefused(
            f"it was approved on {approval.decided_on}, after it takes effect on {found.effective_from}: choose a later date"
        )
    if approval.decided_on > act.now.date():
        raise PathwayRefused("an approval lies in the past: it is recorded once the body has decided")
    others = (await store.versions_of(session, [pathway.id]))[pathway.id]
    before = ending_for(found, others)
    if before is not None:
        await store.change_version(session, before, revision=before.revision, effective_to=found.effective_from)
        await audit.record(session, _entry(act, "pathway.version_ended", pathway, before))
    approved = await store.change_version(
        session, found, revision=revision, approval=approval, approved_by=act.actor.person_id, approved_at=act.now
    )
    await audit.record(session, _entry(act, "pathway.version_approved", pathway, found))
    if pathway.basis != EVALUATION_DATE:  # it may be chosen by a date to come
        await _judge_from(session, act, pathway, found, act.now.date())
    await _judge_from(session, act, pathway, found, found.effective_from)
    return approved


async def end_version(session: Session, act: Act, version_id: str, on: date, *, revision: int) -> PathwayVersion:
    """Say when an approved version ends (its sunset). What was decided by it stays."""
    found = await store.version(session, version_id, lock=True)
    pathway = await _written_by(session, act.actor, found.pathway_id)
    if found.approved_at is None:
        raise PathwayRefused("a draft is edited: only an approved version is ended")
    check_period(found.effective_from, on)
    if found.effective_to is not None and on > found.effective_to:
        raise PathwayRefused("a version cannot be prolonged: approve a new one")
    if on < act.now.date():
        raise PathwayRefused("the end lies in the past: nobody could have known of it")
    ended = await store.change_version(session, found, revision=revision, effective_to=on)
    await _judge_from(session, act, pathway, found, on)
    await audit.record(session, _entry(act, "pathway.version_ended", pathway, found))
    return ended


async def pathway_for(session: Session, actor: Actor | None, pathway_id: str) -> tuple[Pathway, list[PathwayVersion]]:
    """A pathway as this reader may see it: approved versions are everybody's, drafts their office's."""
    found = await store.pathway(session, pathway_id)
    versions = (await store.versions_of(session, [pathway_id]))[pathway_id]
    where = await people.organisation(session, found.organisation_id)
    if actor is None or not actor.holds_any(RULE_WRITERS, where.lineage):
        versions = [version for version in versions if version.approved_at is not None]
    if not versions:
        raise NotFound("there is no such pathway")
    return found, versions


async def version_for(session: Session, actor: Actor | None, version_id: str) -> tuple[Pathway, PathwayVersion]:
    found = await store.version(session, version_id)
    pathway, versions = await pathway_for(session, actor, found.pathway_id)
    if found.id not in {version.id for version in versions}:
        raise NotFound("there is no such version of a pathway")
    return pathway, found


async def office_of(session: Session, actor: Actor, organisation_id: str) -> Organisation:
    """An organisation whose rules the actor writes; to others it looks like none."""
    return await people.organisation_for(session, actor, organisation_id, *RULE_WRITERS)


async def _written_by(session: Session, actor: Actor, pathway_id: str) -> Pathway:
    """A pathway whose rules the actor may write; anybody else's looks like none unless it is public anyway."""
    found, _ = await pathway_for(session, actor, pathway_id)
    where = await people.organisation(session, found.organisation_id)
    require(actor, where.lineage, *RULE_WRITERS)
    return found


async def _judge_from(session: Session, act: Act, pathway: Pathway, version: PathwayVersion, on: date) -> None:
    """The verdicts of everybody follow when a rule begins or ends."""
    due_at = max(act.now, datetime.combine(on, time(), UTC))
    key = f"{version.id}:{on.isoformat()}"
    await outbox.place_for(session, act.ids, act.now, due_at, RULE_ORDER, key, pathway=pathway.id)


def _entry(act: Act, action: str, pathway: Pathway, version: PathwayVersion) -> Entry:
    return act.entry(
        action,
        f"pathway:{pathway.id}",
        organisation=pathway.organisation_id,
        version=version.id,
        number=str(version.number),
    )
