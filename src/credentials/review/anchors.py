"""Anchors: work with the scores that were agreed to be true, and copies of work that look as if they had been handed in."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from credentials.audit import service as audit
from credentials.catalog import service as catalog
from credentials.catalog.model import Stage as VersionStage
from credentials.catalog.model import Version
from credentials.catalog.rules import calibration_key
from credentials.db import Session
from credentials.errors import Conflict, Malformed, NotFound
from credentials.evidence import service as evidence
from credentials.evidence.model import Artifact, Stage, Submission, Wanted
from credentials.evidence.rules import ATTEMPTED
from credentials.ids import new_id
from credentials.people import service as people
from credentials.people.model import Act, Organisation, Role
from credentials.review import judging
from credentials.review import store_calibration as kept
from credentials.review.assignment import READERS
from credentials.review.model import Anchor, AnchorUse, TrueScore

MAX_PIECES = 40
"""Texts and links of prepared work: more than a specification asks for."""
BEGUN_BEFORE = timedelta(days=30)
"""So long before the hand-in was prepared work begun, at most, by what its identifiers tell."""


async def led(session: Session, act: Act, version_id: str) -> tuple[Version, Organisation]:
    """A version whose assessment the actor leads. Raises ``NotFound`` for one that they do not know of."""
    version = await catalog.version(session, version_id)
    of = await catalog.micro_credential(session, version.micro_credential_id)
    where = await people.organisation(session, of.organisation_id)
    if not act.actor.holds(Role.SCORING_LEADER, where.lineage):
        raise NotFound("there is no such version")
    return version, where


async def add_anchor(
    session: Session,
    act: Act,
    *,
    version_id: str,
    title: str,
    use: AnchorUse,
    scores: Sequence[TrueScore],
    submission_id: str | None = None,
    pieces: Sequence[tuple[str, str, str]] = (),
    moderation_id: str | None = None,
) -> Anchor:
    """Keep work with its true scores: a copy of a decided submission, or ``pieces`` (requirement, text, link) of prepared work.
    ``moderation_id``: the session that agreed on the scores; then the copy may be of work that was prepared for it.

    Raises ``NotScored`` for a criterion without a true level or a reason.
    """
    version, where = await led(session, act, version_id)
    if version.stage not in {VersionStage.PUBLISHED, VersionStage.RETIRED}:
        raise Conflict("anchors are made for a published version: its rubric no longer changes")
    judging.check_true(version.specification.passing_rubric(), scores)
    if not title.strip():
        raise Malformed("give the anchor a title by which leaders know it")
    if (submission_id is None) == (not pieces):
        raise Malformed("an anchor is made of a submission or of prepared work, one of the two")
    if submission_id is None:
        copied = await prepared(session, act, version, where.id, pieces)
    else:
        source = await evidence.submission(session, submission_id)
        if source.organisation_id != where.id or source.stage is Stage.DRAFT:
            raise NotFound("there is no such submission")
        if source.stage not in ATTEMPTED and not (moderation_id and source.stage is Stage.SPECIMEN):
            raise Conflict("this submission is not decided yet: an anchor is made of work that is")
        of = await catalog.version(session, source.version_id)
        if key_of(of) != key_of(version):
            raise Conflict("this submission was made for another rubric: make the anchor for its own version")
        copied = await copy_of(
            session, act, version, where.id, await evidence.artifacts_of(session, source.id), source=source
        )
    made = Anchor(
        id=new_id(act.ids, act.now),
        organisation_id=where.id,
        micro_credential_id=version.micro_credential_id,
        version_id=version.id,
        key=key_of(version),
        submission_id=copied.id,
        source_id=submission_id,
        title=" ".join(title.split()),
        use=use,
        scores=tuple(scores),
        moderation_id=moderation_id,
        made_by=act.actor.person_id,
        made_at=act.now,
    )
    await kept.add_anchor(session, made)
    await record(session, act, "anchor.made", f"anchor:{made.id}", where.id, use=use.value)
    return made


async def prepared(
    session: Session, act: Act, version: Version, organisation_id: str, pieces: Sequence[tuple[str, str, str]]
) -> Submission:
    """Prepared work as if it had been handed in, from requirement, text and link of each piece."""
    if len(pieces) > MAX_PIECES:
        raise Malformed(f"prepared work has at most {MAX_PIECES} pieces")
    return await copy_of(session, act, version, organisation_id, evidence.prepare(act, version, pieces))


def key_of(version: Version) -> str:
    return calibration_key(version.micro_credential_id, version.specification)


async def copy_of(
    session: Session,
    act: Act,
    version: Version,
    organisation_id: str,
    artifacts: Sequence[Artifact],
    *,
    source: Submission | None = None,
    submitted_at: datetime | None = None,
    wants: Wanted = Wanted.NOTHING,
) -> Submission:
    """A copy of work, as if it had been handed in at ``submitted_at`` after as long a time as it took."""
    at = submitted_at or act.now
    took = timedelta(seconds=act.ids.below(int(BEGUN_BEFORE.total_seconds())))
    if source is not None and source.submitted_at is not None:
        took = source.submitted_at - source.created_at
    return await evidence.add_specimen(
        session,
        act,
        version,
        organisation_id,
        artifacts,
        attempt_no=source.attempt_no if source else 1,
        begun_at=at - took,
        submitted_at=at,
        wants=wants,
        responsible_id=source.educator_id if source and source.stage is Stage.SPECIMEN else act.actor.person_id,
        attestations=source.attestations if source else None,
    )


async def record(session: Session, act: Act, action: str, subject: str, organisation_id: str, **detail: str) -> None:
    await audit.record(session, act.entry(action, subject, organisation=organisation_id, **detail))


async def anchors(
    session: Session, act: Act, *, micro_credential_id: str = "", after: str = "", limit: int = 50
) -> list[Anchor]:
    """Those of the programmes that the actor leads, newest first."""
    reach = await people.within(session, act.actor, Role.SCORING_LEADER)
    return await kept.anchors_in(session, reach, micro_credential_id=micro_credential_id, after=after, limit=limit)


async def anchor(session: Session, act: Act, anchor_id: str) -> Anchor:
    """An anchor for who leads its programme, or for its assessors, if it is shown to them."""
    found = await kept.anchor(session, anchor_id)
    where = await people.organisation(session, found.organisation_id)
    if act.actor.holds(Role.SCORING_LEADER, where.lineage):
        return found
    if found.use is AnchorUse.SHOWN and found.retired_at is None and act.actor.holds(Role.ASSESSOR, where.lineage):
        return found
    raise NotFound("there is no such anchor")


async def examples(session: Session, act: Act, version: Version) -> list[Anchor]:
    """The examples beside the work of a version, for those who read it."""
    of = await catalog.micro_credential(session, version.micro_credential_id)
    where = await people.organisation(session, of.organisation_id)
    if not act.actor.holds_any(READERS, where.lineage):
        raise NotFound("there is no such version")
    return await kept.anchors_for(session, key_of(version), AnchorUse.SHOWN)


async def retire_anchor(session: Session, act: Act, anchor_id: str) -> None:
    """Use it no longer. Attempts that were made with it stay as they were judged."""
    found = await kept.anchor(session, anchor_id, lock=True)
    where = await people.organisation(session, found.organisation_id)
    if not act.actor.holds(Role.SCORING_LEADER, where.lineage):
        raise NotFound("there is no such anchor")
    if found.retired_at is not None:
        return
    if any(found.id in one.anchor_ids for one in await kept.sets_for(session, found.key)):
        raise Conflict("a qualification set has this anchor: retire the set first")
    await kept.retire_anchor(session, found.id, act.now)
    await record(session, act, "anchor.retired", f"anchor:{found.id}", where.id)


async def may_read_specimen(session: Session, act: Act, found: Submission) -> bool:
    """Whether the actor may read this copy of work, besides who has it in review: leaders, whoever is shown it, and who takes
    a set that it is in."""
    where = await people.organisation(session, found.organisation_id)
    if act.actor.holds(Role.SCORING_LEADER, where.lineage):
        return True
    of = await kept.anchor_of_submission(session, found.id)
    if of is None or not act.actor.holds(Role.ASSESSOR, where.lineage):
        return False
    if of.use is AnchorUse.SHOWN:
        return of.retired_at is None
    if of.use is not AnchorUse.QUALIFICATION:
        return False
    open_ = [one for one in await kept.attempts_of(session, act.actor.person_id, of.key) if one.finished_at is None]
    sets = {one.id: one for one in await kept.sets_for(session, of.key)}
    return any(of.id in sets[one.set_id].anchor_ids for one in open_ if one.set_id in sets)
