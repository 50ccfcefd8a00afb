import msgspec

from credentials.audit import service as audit
from credentials.catalog import rules, store
from credentials.catalog.model import (
    CatalogueEntry,
    Framework,
    FrameworkRecord,
    MicroCredential,
    Specification,
    Stage,
    Version,
    VersionFrozen,
)
from credentials.catalog.proposals import (
    change_proposal,
    check_gates,
    hand_in_proposal,
    name_committee,
    proposal_for,
    proposals_for,
    propose,
    vote_on_proposal,
    withdraw_proposal,
)
from credentials.catalog.rules import DEVELOPERS
from credentials.catalog.store import (
    competencies,
    entries_by_version,
    entries_of,
    framework,
    list_frameworks,
    micro_credential,
    micro_credential_by_slug,
    proposal,
    published,
    published_version,
    publishers,
    shown_of,
    slugs_of,
    stored_specifications,
    titles_by_slug,
    version,
    versions_by_id,
    versions_of,
)
from credentials.db import Session
from credentials.errors import Forbidden, NotFound
from credentials.ids import new_id
from credentials.people import service as people
from credentials.people.model import Act, Actor
from credentials.people.rules import check_slug, has_part, require

__all__ = [
    "DEVELOPERS",
    "add_framework",
    "change_proposal",
    "competencies",
    "draft",
    "edit",
    "entries_by_version",
    "entries_of",
    "framework",
    "hand_in_proposal",
    "list_frameworks",
    "micro_credential",
    "micro_credential_by_slug",
    "name_committee",
    "new_version",
    "proposal",
    "proposal_for",
    "proposals_for",
    "propose",
    "publish",
    "published",
    "published_version",
    "publishers",
    "retire",
    "return_to_draft",
    "shown_of",
    "slugs_of",
    "stored_specifications",
    "submit_for_review",
    "titles_by_slug",
    "version",
    "version_for",
    "versions_by_id",
    "versions_of",
    "vote_on_proposal",
    "withdraw_proposal",
]


async def add_framework(session: Session, act: Act, organisation_id: str, added: Framework) -> FrameworkRecord:
    """Take a framework into the registry. It does not change afterwards: awards point at its items."""
    await _require_developer(session, act.actor, organisation_id)
    rules.check_framework(added)
    record = FrameworkRecord(
        id=new_id(act.ids, act.now), organisation_id=organisation_id, framework=added, created_at=act.now
    )
    await store.add_framework(session, record)
    await audit.record(session, act.entry("framework.added", f"framework:{record.id}", organisation=organisation_id))
    return record


async def draft(
    session: Session, act: Act, *, organisation_id: str, slug: str, specification: Specification
) -> CatalogueEntry:
    """Begin a micro-credential with a first draft, which may be unfinished."""
    await _require_developer(session, act.actor, organisation_id)
    check_slug(slug)
    made = MicroCredential(id=new_id(act.ids, act.now), organisation_id=organisation_id, slug=slug, created_at=act.now)
    await store.add_micro_credential(session, made)
    return CatalogueEntry(micro_credential=made, version=await _add_version(session, act, made, 1, specification))


async def new_version(session: Session, act: Act, micro_credential_id: str) -> CatalogueEntry:
    """Begin the next version from the newest one. One draft at a time."""
    found = await store.micro_credential(session, micro_credential_id)
    where = await people.organisation(session, found.organisation_id)
    if not has_part(act.actor, where.lineage):
        raise NotFound("there is no such micro-credential")
    require(act.actor, where.lineage, *DEVELOPERS)
    newest = (await store.versions_of(session, found.id))[0]
    added = await _add_version(session, act, found, newest.number + 1, newest.specification)
    return CatalogueEntry(micro_credential=found, version=added)


async def _add_version(
    session: Session, act: Act, of: MicroCredential, number: int, specification: Specification
) -> Version:
    added = Version(
        id=new_id(act.ids, act.now),
        micro_credential_id=of.id,
        number=number,
        stage=Stage.DRAFT,
        specification=specification,
        digest=rules.digest(specification),
        author_id=act.actor.person_id,
        created_at=act.now,
    )
    await store.add_version(session, added)
    await audit.record(session, act.entry("version.drafted", f"version:{added.id}", organisation=of.organisation_id))
    return added


async def edit(session: Session, act: Act, version_id: str, specification: Specification, *, revision: int) -> Version:
    found, of = await _mine(session, act, version_id)
    if found.stage is not Stage.DRAFT:
        raise VersionFrozen("only a draft can be edited: begin a new version")
    edited = msgspec.structs.replace(found, revision=revision, author_id=act.actor.person_id)
    await store.save_draft(session, edited, specification)
    await audit.record(session, act.entry("version.edited", f"version:{found.id}", organisation=of.organisation_id))
    return await store.version(session, version_id)


async def submit_for_review(session: Session, act: Act, version_id: str) -> Version:
    """Hand a draft to a second pair of eyes. The gates are checked here already, so that nobody waits for a refusal."""
    found, of = await _mine(session, act, version_id)
    await check_gates(session, found.specification)
    return await _move(session, act, found, of, Stage.IN_REVIEW, "version.submitted")


async def return_to_draft(session: Session, act: Act, version_id: str, *, reason: str) -> Version:
    found, of = await _mine(session, act, version_id)
    return await _move(session, act, found, of, Stage.DRAFT, "version.returned", reason=reason)


async def publish(session: Session, act: Act, version_id: str) -> Version:
    """Open a version for submissions, by somebody who did not write it. The one before it is retired; what was begun on it
    goes on. Raises ``PublicationRefused`` with the gates that fail."""
    found, of = await _mine(session, act, version_id)
    rules.move(found.stage, Stage.PUBLISHED)
    if found.author_id == act.actor.person_id:
        raise Forbidden("somebody who did not write this version must publish it")
    await check_gates(session, found.specification)
    before = await store.published_version(session, of.id)
    if before:
        await store.move_version(session, before, rules.move(before.stage, Stage.RETIRED), retired_at=act.now)
    opened = await _move(
        session,
        act,
        found,
        of,
        Stage.PUBLISHED,
        "version.published",
        published_by=act.actor.person_id,
        published_at=act.now,
    )
    if before:
        await _record(session, act, "version.retired", before, of, reason=f"version {found.number} takes its place")
    return opened


async def retire(session: Session, act: Act, version_id: str, *, reason: str) -> Version:
    """No new submissions. Those that are open finish; awards stay valid."""
    found, of = await _mine(session, act, version_id)
    return await _move(session, act, found, of, Stage.RETIRED, "version.retired", reason=reason, retired_at=act.now)


async def _move(
    session: Session,
    act: Act,
    found: Version,
    of: MicroCredential,
    to: Stage,
    action: str,
    *,
    reason: str = "",
    **values: object,
) -> Version:
    await store.move_version(session, found, rules.move(found.stage, to), **values)
    await _record(session, act, action, found, of, reason=reason)
    return await store.version(session, found.id)


async def _record(
    session: Session, act: Act, action: str, found: Version, of: MicroCredential, *, reason: str = ""
) -> None:
    subject = f"version:{found.id}"
    await audit.record(
        session, act.entry(action, subject, organisation=of.organisation_id, reason=reason, digest=found.digest)
    )


async def version_for(session: Session, actor: Actor | None, version_id: str) -> CatalogueEntry:
    """A version as this reader may see it: everybody sees what was ever published, developers their drafts too."""
    entries = await store.entries_by_version(session, [version_id])
    if version_id not in entries:
        raise NotFound("there is no such version")
    entry = entries[version_id]
    if entry.version.published_at is None:
        where = await people.organisation(session, entry.micro_credential.organisation_id)
        if actor is None or not actor.holds_any(DEVELOPERS, where.lineage):
            raise NotFound("there is no such version")
    return entry


async def _mine(session: Session, act: Act, version_id: str) -> tuple[Version, MicroCredential]:
    found = await store.version(session, version_id)
    of = await store.micro_credential(session, found.micro_credential_id)
    where = await people.organisation(session, of.organisation_id)
    if not act.actor.holds_any(DEVELOPERS, where.lineage):
        if found.published_at is None or not has_part(act.actor, where.lineage):
            raise NotFound("there is no such version")
        require(act.actor, where.lineage, *DEVELOPERS)
    return found, of


async def _require_developer(session: Session, actor: Actor, organisation_id: str) -> None:
    where = await people.organisation(session, organisation_id)
    require(actor, where.lineage, *DEVELOPERS)
