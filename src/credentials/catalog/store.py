from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Row, Select, bindparam, delete, func, insert, or_, select

from credentials.catalog.model import (
    AlreadyVoted,
    CatalogueEntry,
    CommitteeVote,
    Competency,
    FrameworkRecord,
    MicroCredential,
    OpenDraftExists,
    Proposal,
    Specification,
    Stage,
    Version,
)
from credentials.catalog.rules import PROPOSAL_OPEN, digest, octets, words_of
from credentials.catalog.tables import (
    framework_items,
    frameworks,
    micro_credentials,
    proposal_members,
    proposal_votes,
    proposals,
    versions,
)
from credentials.db import (
    Session,
    change_row,
    find_all,
    find_by,
    find_one,
    find_row,
    insert_once,
    insert_one,
    known,
    one_by_id,
    to_struct,
)
from credentials.errors import Conflict, Stale
from credentials.people.model import SlugTaken

# Frameworks


async def add_framework(session: Session, record: FrameworkRecord) -> None:
    framework = record.framework
    named = {"identifier": framework.identifier, "title": framework.title}
    if not await insert_once(session, frameworks, record, **named):
        raise Conflict("a framework with this identifier is here already; publish a changed one under a new identifier")
    for item in framework.items:
        row = {
            "identifier": item.identifier,
            "framework_id": record.id,
            "code": item.human_coding_scheme,
            "statement": item.full_statement,
            "item_type": item.item_type,
        }
        if not await insert_once(session, framework_items, row):
            raise Conflict(f"the item {item.identifier} belongs to another framework already")


async def framework(session: Session, framework_id: str) -> FrameworkRecord:
    return await one_by_id(session, FrameworkRecord, frameworks, framework_id, "there is no such framework")


async def list_frameworks(session: Session, *, after: str = "", limit: int = 50) -> list[FrameworkRecord]:
    query = select(frameworks).where(frameworks.c.id > after).order_by(frameworks.c.id).limit(limit)
    return await find_all(session, FrameworkRecord, query)


async def competencies(session: Session, identifiers: Iterable[str]) -> dict[str, Competency]:
    query = (
        select(framework_items, frameworks.c.title.label("framework_title"))
        .join(frameworks, frameworks.c.id == framework_items.c.framework_id)
        .where(framework_items.c.identifier.in_(set(identifiers)))
    )
    return await find_by(session, Competency, framework_items.c.identifier, query)


# Micro-credentials

_VERSION = select(versions).where(versions.c.id == bindparam("id"))
_NO_MICRO_CREDENTIAL = "there is no such micro-credential"


async def add_micro_credential(session: Session, added: MicroCredential) -> None:
    if not await insert_once(session, micro_credentials, added):
        raise SlugTaken(f"the short name {added.slug} is in use: choose another")


async def micro_credential(session: Session, micro_credential_id: str) -> MicroCredential:
    return await one_by_id(session, MicroCredential, micro_credentials, micro_credential_id, _NO_MICRO_CREDENTIAL)


async def micro_credential_by_slug(session: Session, slug: str) -> MicroCredential:
    query = select(micro_credentials).where(micro_credentials.c.slug == slug)
    return known(await find_one(session, MicroCredential, query), _NO_MICRO_CREDENTIAL)


async def add_version(session: Session, version: Version) -> None:
    said = {
        "title": _kept(version.specification.title),
        "words": _kept(words_of(version.specification)),
        "specification": octets(version.specification),
    }
    if not await insert_once(session, versions, version, **said):
        raise OpenDraftExists("a version of this micro-credential is being written already: go on with that one")


async def save_draft(session: Session, version: Version, specification: Specification) -> None:
    await _change(
        session,
        version,
        author_id=version.author_id,
        title=_kept(specification.title),
        words=_kept(words_of(specification)),
        specification=octets(specification),
        digest=digest(specification),
    )


def _kept(text: str) -> str:
    """A draft may have a text that no database keeps as one; the gates refuse it later."""
    return text.replace("\0", "")


async def move_version(session: Session, version: Version, stage: Stage, **values: Any) -> None:
    await _change(session, version, stage=stage, **values)


async def _change(session: Session, version: Version, **values: Any) -> None:
    if not await change_row(session, versions, version.id, version.revision, values):
        raise Stale("this version was changed meanwhile: read it again and repeat your change")


async def version(session: Session, version_id: str) -> Version:
    return _version(known(await find_row(session, _VERSION, {"id": version_id}), "there is no such version"))


async def slugs_of(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """The short names of these micro-credentials."""
    query = select(micro_credentials.c.id, micro_credentials.c.slug).where(micro_credentials.c.id.in_(set(ids)))
    return {row.id: row.slug for row in await session.execute(query)}


async def versions_by_id(session: Session, ids: Iterable[str]) -> dict[str, Version]:
    rows = await session.execute(select(versions).where(versions.c.id.in_(set(ids))))
    return {row.id: _version(row) for row in rows}


async def versions_of(session: Session, micro_credential_id: str) -> list[Version]:
    """Newest first."""
    query = (
        select(versions).where(versions.c.micro_credential_id == micro_credential_id).order_by(versions.c.number.desc())
    )
    return [_version(row) for row in await session.execute(query)]


async def published_version(session: Session, micro_credential_id: str) -> Version | None:
    query = select(versions).where(
        versions.c.micro_credential_id == micro_credential_id, versions.c.stage == Stage.PUBLISHED
    )
    row = await find_row(session, query)
    return _version(row) if row else None


async def last_number(session: Session, micro_credential_id: str) -> int:
    query = select(func.max(versions.c.number)).where(versions.c.micro_credential_id == micro_credential_id)
    return (await session.execute(query)).scalar_one() or 0


async def published(
    session: Session, *, words: str = "", organisation_id: str = "", after: str = "", limit: int = 50
) -> list[CatalogueEntry]:
    """The public catalogue in the order of short names. ``words``: all must stand in the title, the summary, the
    method's name or a tag, in any case."""
    query = _entries().where(versions.c.stage == Stage.PUBLISHED, micro_credentials.c.slug > after)
    for word in words.lower().split()[:8]:
        query = query.where(versions.c.words.contains(word, autoescape=True))
    if organisation_id:
        query = query.where(micro_credentials.c.organisation_id == organisation_id)
    return await _read_entries(session, query.order_by(micro_credentials.c.slug).limit(limit))


async def entries_of(
    session: Session, organisation_ids: Iterable[str], *, after: str = "", limit: int = 50
) -> list[CatalogueEntry]:
    """Every version of these organisations' micro-credentials: what their developers work on."""
    query = _entries().where(micro_credentials.c.organisation_id.in_(set(organisation_ids)), versions.c.id > after)
    return await _read_entries(session, query.order_by(versions.c.id).limit(limit))


async def shown_of(session: Session, micro_credential_ids: Iterable[str]) -> dict[str, CatalogueEntry]:
    """What a reader is shown of these micro-credentials, by their ids: the published version, or the last one that was."""
    query = _entries().where(
        micro_credentials.c.id.in_(set(micro_credential_ids)), versions.c.published_at.is_not(None)
    )
    found = await _read_entries(session, query.order_by(versions.c.number))
    return {entry.micro_credential.id: entry for entry in found}


async def titles_by_slug(session: Session, slugs: Iterable[str]) -> dict[str, str]:
    """What micro-credentials of these short names are called, as far as there are any that were published."""
    query = (
        select(micro_credentials.c.slug, versions.c.title)
        .join(versions, versions.c.micro_credential_id == micro_credentials.c.id)
        .where(micro_credentials.c.slug.in_(set(slugs)), versions.c.published_at.is_not(None))
        .order_by(versions.c.number)
    )
    return {row.slug: row.title for row in await session.execute(query)}


async def publishers(session: Session) -> frozenset[str]:
    """The organisations that have something in the public catalogue."""
    query = (
        select(micro_credentials.c.organisation_id)
        .join(versions, versions.c.micro_credential_id == micro_credentials.c.id)
        .where(versions.c.stage == Stage.PUBLISHED)
        .distinct()
    )
    return frozenset((await session.execute(query)).scalars())


async def entries_by_version(session: Session, version_ids: Iterable[str]) -> dict[str, CatalogueEntry]:
    rows = await session.execute(_ENTRIES_BY_VERSION, {"versions": sorted(set(version_ids))})
    return {row.id: _entry(row) for row in rows}


def _entries() -> Select[Any]:
    return select(
        versions,
        micro_credentials.c.organisation_id,
        micro_credentials.c.slug,
        micro_credentials.c.created_at.label("founded_at"),
    ).join(micro_credentials, micro_credentials.c.id == versions.c.micro_credential_id)


_ENTRIES_BY_VERSION = _entries().where(versions.c.id.in_(bindparam("versions", expanding=True)))


async def _read_entries(session: Session, query: Select[Any]) -> list[CatalogueEntry]:
    return [_entry(row) for row in await session.execute(query)]


def _entry(row: Row[Any]) -> CatalogueEntry:
    return CatalogueEntry(
        micro_credential=MicroCredential(
            id=row.micro_credential_id,
            organisation_id=row.organisation_id,
            slug=row.slug,
            created_at=row.founded_at,
        ),
        version=_version(row),
    )


def _version(row: Row[Any]) -> Version:
    return to_struct(row, Version, specification=_specification(row.specification))


@lru_cache(maxsize=128)
def _specification(body: bytes) -> Specification:
    """The same bytes say the same. Whatever is handed in, scored or awarded asks for one of those that are in use."""
    return msgspec.json.decode(body, type=Specification)


async def stored_specifications(session: Session) -> list[tuple[str, bytes, str]]:
    """Id, bytes and digest of every version that was ever published, for ``fsck``."""
    query = select(versions.c.id, versions.c.specification, versions.c.digest).where(
        versions.c.published_at.is_not(None)
    )
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]


# Proposals


async def add_proposal(session: Session, added: Proposal) -> None:
    await insert_one(session, proposals, added, specification=octets(added.specification))


async def proposal(session: Session, proposal_id: str, *, lock: bool = False) -> Proposal:
    query = select(proposals).where(proposals.c.id == proposal_id)
    return _proposal(known(await find_row(session, query, lock=lock), "there is no such proposal"))


def _proposal(row: Row[Any]) -> Proposal:
    return to_struct(row, Proposal, specification=msgspec.json.decode(row.specification, type=Specification))


async def change_proposal(session: Session, found: Proposal, **values: Any) -> Proposal:
    """Write ``values`` if nobody else wrote since ``found`` was read. Raises ``Stale``."""
    kept = dict(values)
    if "specification" in values:
        kept["specification"] = octets(values["specification"])
    if not await change_row(session, proposals, found.id, found.revision, kept):
        raise Stale("this proposal was changed meanwhile: read it again and repeat your change")
    return msgspec.structs.replace(found, **values, revision=found.revision + 1)


async def count_open_proposals(session: Session, author_id: str) -> int:
    query = select(func.count()).where(proposals.c.author_id == author_id, proposals.c.stage.in_(PROPOSAL_OPEN))
    return (await session.execute(query)).scalar_one()


async def proposals_seen_by(
    session: Session, person_id: str, organisation_ids: Iterable[str], *, before: str = "", limit: int = 50
) -> list[Proposal]:
    """Newest first: one's own, those on whose committee one is, and what was handed in to these organisations."""
    mine = select(proposal_members.c.proposal_id).where(proposal_members.c.person_id == person_id)
    query = select(proposals).where(
        or_(
            proposals.c.author_id == person_id,
            (proposals.c.round > 0)
            & or_(proposals.c.id.in_(mine), proposals.c.organisation_id.in_(set(organisation_ids))),
        )
    )
    if before:
        query = query.where(proposals.c.id < before)
    rows = await session.execute(query.order_by(proposals.c.id.desc()).limit(limit))
    return [_proposal(row) for row in rows]


async def members_of(session: Session, proposal_id: str) -> tuple[str, ...]:
    query = select(proposal_members.c.person_id).where(proposal_members.c.proposal_id == proposal_id)
    return tuple((await session.execute(query.order_by(proposal_members.c.person_id))).scalars())


async def name_members(session: Session, proposal_id: str, person_ids: Iterable[str]) -> None:
    """These in place of those before."""
    await session.execute(delete(proposal_members).where(proposal_members.c.proposal_id == proposal_id))
    rows = [{"proposal_id": proposal_id, "person_id": one} for one in person_ids]
    await session.execute(insert(proposal_members), rows)


async def add_committee_vote(session: Session, vote: CommitteeVote) -> None:
    if not await insert_once(session, proposal_votes, vote):
        raise AlreadyVoted("you have voted in this round")


async def committee_votes(session: Session, proposal_id: str) -> list[CommitteeVote]:
    """Of all rounds, newest round first."""
    query = (
        select(proposal_votes)
        .where(proposal_votes.c.proposal_id == proposal_id)
        .order_by(proposal_votes.c.round.desc(), proposal_votes.c.at, proposal_votes.c.person_id)
    )
    return await find_all(session, CommitteeVote, query)
