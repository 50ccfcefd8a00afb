from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from credentials.db import Session, insert_once, to_struct
from credentials.errors import NotFound, Stale
from credentials.evidence.model import Artifact, ArtifactKind, Stage, Submission, Wanted
from credentials.review.model import (
    DECIDING,
    Appeal,
    AppealStage,
    Comment,
    Decision,
    DeclaredConflict,
    IntegrityCase,
    Load,
    Party,
    Reading,
    Review,
    ReviewKind,
    ReviewStage,
    Score,
    Standing,
    Verdict,
    Vote,
)
from credentials.review.rules import LIVE, RECIPROCAL_FOR
from credentials.review.tables import (
    EVIDENCE,
    THEIR_PLACES,
    WAITING,
    appeals,
    cases,
    comments,
    conflicts,
    decisions,
    exhibits,
    marks,
    papers,
    parties,
    reviews,
    scores,
    seeds,
    unblindings,
    votes,
)

OPEN = (ReviewStage.CLAIMED, ReviewStage.SCORING)


_REVIEW = select(reviews).where(reviews.c.id == bindparam("id"))
_REVIEW_LOCKED = _REVIEW.with_for_update()
_CHANGE = update(reviews).where(reviews.c.id == bindparam("of_id"), reviews.c.revision == bindparam("of_revision"))
"""Which columns it writes is what it is executed with."""


async def add(session: Session, review: Review) -> bool:
    """Whether it was added: a submission has one live review of a kind, and one of a person."""
    return await insert_once(session, reviews, msgspec.structs.asdict(review))


async def review(session: Session, review_id: str, *, lock: bool = False) -> Review:
    row = (await session.execute(_REVIEW_LOCKED if lock else _REVIEW, {"id": review_id})).one_or_none()
    if row is None:
        raise NotFound("there is no such review")
    return to_struct(row, Review)


async def open_reviews(session: Session, assessor_id: str) -> list[Review]:
    query = (
        select(reviews).where(reviews.c.assessor_id == assessor_id, reviews.c.stage.in_(OPEN)).order_by(reviews.c.id)
    )
    return [to_struct(row, Review) for row in await session.execute(query)]


_OPEN_OF = select(reviews).where(
    reviews.c.submission_id == bindparam("submission"),
    reviews.c.assessor_id == bindparam("assessor"),
    reviews.c.stage.in_(OPEN),
)


async def open_review_of(session: Session, submission_id: str, assessor_id: str) -> Review | None:
    row = (await session.execute(_OPEN_OF, {"submission": submission_id, "assessor": assessor_id})).one_or_none()
    return to_struct(row, Review) if row else None


_READINGS = (
    select(reviews)
    .where(
        reviews.c.submission_id == bindparam("submission"),
        reviews.c.stage.in_(LIVE),
        reviews.c.kind.in_(DECIDING),
    )
    .order_by(reviews.c.id)
)
_SCORES = (
    select(scores).where(scores.c.review_id.in_(bindparam("reviews", expanding=True))).order_by(scores.c.criterion)
)


async def readings(session: Session, submission_id: str) -> list[Reading]:
    """The live readings of a submission on which its decision rests, with their scores."""
    found = [to_struct(row, Review) for row in await session.execute(_READINGS, {"submission": submission_id})]
    given = await scores_by_review(session, [one.id for one in found])
    return [Reading(review=one, scores=given[one.id]) for one in found]


async def scores_by_review(session: Session, review_ids: Sequence[str]) -> dict[str, tuple[Score, ...]]:
    found: dict[str, list[Score]] = {review_id: [] for review_id in review_ids}
    for row in await session.execute(_SCORES, {"reviews": list(found)}) if found else ():
        found[row.review_id].append(to_struct(row, Score))
    return {review_id: tuple(given) for review_id, given in found.items()}


async def returns(session: Session, submission_id: str) -> list[tuple[datetime, str]]:
    """When and with which notes it went back as incomplete, first to last."""
    query = (
        select(reviews.c.ended_at, reviews.c.return_note)
        .where(reviews.c.submission_id == submission_id, reviews.c.stage == ReviewStage.RETURNED)
        .order_by(reviews.c.ended_at)
    )
    return [(row.ended_at, row.return_note) for row in await session.execute(query)]


async def last_return_note(session: Session, submission_id: str) -> str:
    query = (
        select(reviews.c.return_note)
        .where(reviews.c.submission_id == submission_id, reviews.c.stage == ReviewStage.RETURNED)
        .order_by(reviews.c.ended_at.desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none() or ""


async def change(session: Session, found: Review, **values: Any) -> Review:
    revised = {**values, "revision": found.revision + 1}
    of = {"of_id": found.id, "of_revision": found.revision}
    if (await session.execute(_CHANGE, {**revised, **of})).rowcount == 0:
        raise Stale("this review was changed meanwhile: read it again and repeat your change")
    return msgspec.structs.replace(found, **revised)


async def expired(session: Session, now: datetime, *, limit: int = 200) -> list[tuple[str, str]]:
    """Reviews whose lease has run out, with their submissions, longest expired first."""
    query = (
        select(reviews.c.id, reviews.c.submission_id)
        .where(reviews.c.stage.in_(OPEN), reviews.c.lease_until <= now)
        .order_by(reviews.c.lease_until)
        .limit(limit)
    )
    return [(row.id, row.submission_id) for row in await session.execute(query)]


_DRAFTS_LEFT = (
    select(reviews.c.id)
    .where(
        reviews.c.submission_id == bindparam("submission"),
        reviews.c.assessor_id == bindparam("assessor"),
        reviews.c.manifest_digest == bindparam("digest"),
        reviews.c.stage.in_((ReviewStage.RELEASED, ReviewStage.EXPIRED)),
    )
    .order_by(reviews.c.ended_at.desc())
    .limit(1)
)


async def drafts_left(session: Session, of: Review) -> str | None:
    """The last review of the same evidence that this assessor gave up or let expire: its scores are still there."""
    same = {"submission": of.submission_id, "assessor": of.assessor_id, "digest": of.manifest_digest}
    return (await session.execute(_DRAFTS_LEFT, same)).scalar_one_or_none()


# Scores and decisions


async def save_score(session: Session, review_id: str, score: Score) -> None:
    values = msgspec.structs.asdict(score)
    if not await insert_once(session, scores, {"review_id": review_id, **values}):
        where = (scores.c.review_id == review_id, scores.c.criterion == score.criterion)
        await session.execute(update(scores).where(*where).values(**values))


async def scores_of(session: Session, review_id: str) -> tuple[Score, ...]:
    return (await scores_by_review(session, [review_id]))[review_id]


async def add_decision(session: Session, decision: Decision) -> bool:
    """Whether it was added: a submission is decided once."""
    return await insert_once(session, decisions, msgspec.structs.asdict(decision))


async def replace_decision(session: Session, decision: Decision) -> None:
    """What an upheld appeal puts in place of the decision; the appeal keeps the one before."""
    values = msgspec.structs.asdict(decision)
    await session.execute(update(decisions).where(decisions.c.submission_id == decision.submission_id).values(**values))


_DECISION = select(decisions).where(decisions.c.submission_id == bindparam("submission"))


async def decision(session: Session, submission_id: str) -> Decision:
    row = (await session.execute(_DECISION, {"submission": submission_id})).one_or_none()
    if row is None:
        raise NotFound("nothing was decided on this submission yet")
    return to_struct(row, Decision)


async def decisions_by_submission(session: Session, submission_ids: Iterable[str]) -> dict[str, Decision]:
    query = select(decisions).where(decisions.c.submission_id.in_(set(submission_ids)))
    return {row.submission_id: to_struct(row, Decision) for row in await session.execute(query)}


async def decisions_of(
    session: Session, organisation_ids: Iterable[str], *, since: datetime, limit: int = 2_000
) -> list[tuple[Decision, str]]:
    """Decisions of these organisations since a moment, newest first, each with the version that it is on."""
    query = (
        select(decisions, WAITING.c.version_id)
        .join(WAITING, WAITING.c.id == decisions.c.submission_id)
        .where(WAITING.c.organisation_id.in_(set(organisation_ids)), decisions.c.decided_at >= since)
        .order_by(decisions.c.decided_at.desc())
        .limit(limit)
    )
    return [(to_struct(row, Decision), row.version_id) for row in await session.execute(query)]


# The queue


async def waiting(
    session: Session,
    organisation_ids: Iterable[str],
    standing: Standing,
    now: datetime,
    *,
    wants: Iterable[Wanted],
    micro_credential_id: str = "",
    overdue: bool = False,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
    lock: bool = False,
) -> list[Submission]:
    """What waits and this assessor may take, longest waiting first.

    ``lock``: hold what is found until the transaction ends, and pass over what somebody else holds.
    """
    query = _FOR_ASSESSOR
    if micro_credential_id:
        query = query.where(WAITING.c.micro_credential_id == micro_credential_id)
    if overdue:
        query = query.where(WAITING.c.due_at <= now)
    if after:
        query = query.where(
            or_(
                WAITING.c.submitted_at > after[0],
                and_(WAITING.c.submitted_at == after[0], WAITING.c.id > after[1]),
            )
        )
    query = query.order_by(WAITING.c.submitted_at, WAITING.c.id).limit(limit)
    if lock:
        query = query.with_for_update(skip_locked=True)
    parameters = _parameters(organisation_ids, standing, now, wants)
    return [to_struct(row, Submission) for row in await session.execute(query, parameters)]


async def count_waiting(
    session: Session, organisation_ids: Iterable[str], standing: Standing, now: datetime, *, wants: Iterable[Wanted]
) -> list[tuple[str, str, int, int]]:
    """Micro-credential, one of its versions, how many wait, how many are overdue."""
    late = func.count(case((WAITING.c.due_at <= now, 1)))
    query = (
        select(WAITING.c.micro_credential_id, func.max(WAITING.c.version_id), func.count(), late)
        .where(_MAY_SCORE)
        .group_by(WAITING.c.micro_credential_id)
        .order_by(WAITING.c.micro_credential_id)
    )
    rows = await session.execute(query, _parameters(organisation_ids, standing, now, wants))
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _parameters(
    organisation_ids: Iterable[str], standing: Standing, now: datetime, wants: Iterable[Wanted]
) -> dict[str, Any]:
    return {
        "me": standing.person_id,
        "wanted": [one.value for one in wants],
        "reach": sorted(set(organisation_ids)),
        "related": sorted({standing.person_id, *standing.related}),
        "earned": sorted(standing.earned),
        "places": sorted(standing.places),
        "qualified": sorted(standing.qualified),
        "locked": sorted(standing.locked),
        "lately": now - RECIPROCAL_FOR,
    }


def _may_score() -> ColumnElement[bool]:
    """The same as ``rules.conflict`` says of one submission, for all of them at once; ``claim`` asks that one.

    It is written once, so that neither we nor the database read it anew for every claim. That something is wanted stands there
    as it does in the index, or a prepared statement would not use it.
    """
    me: BindParameter[str] = bindparam("me")
    near = select(THEIR_PLACES.c.submission_id).where(
        THEIR_PLACES.c.submission_id == WAITING.c.id,
        THEIR_PLACES.c.school_id.in_(bindparam("places", expanding=True)),
    )
    scored = select(reviews.c.id).where(
        reviews.c.assessor_id == me,
        reviews.c.educator_id == WAITING.c.educator_id,
        reviews.c.micro_credential_id == WAITING.c.micro_credential_id,
        or_(reviews.c.stage.in_(LIVE), reviews.c.stage == ReviewStage.VOID),
    )
    scored_me = select(reviews.c.id).where(
        reviews.c.assessor_id == WAITING.c.educator_id,
        reviews.c.educator_id == me,
        reviews.c.stage.in_(LIVE),
        reviews.c.claimed_at > bindparam("lately", type_=reviews.c.claimed_at.type),
    )
    for_another = select(papers.c.submission_id).where(papers.c.submission_id == WAITING.c.id, papers.c.person_id != me)
    return and_(
        WAITING.c.wants != literal_column("'nothing'"),
        WAITING.c.wants.in_(bindparam("wanted", expanding=True)),
        WAITING.c.organisation_id.in_(bindparam("reach", expanding=True)),
        WAITING.c.educator_id.not_in(bindparam("related", expanding=True)),
        or_(~WAITING.c.earned_only, WAITING.c.micro_credential_id.in_(bindparam("earned", expanding=True))),
        or_(WAITING.c.calibration == "", WAITING.c.calibration.in_(bindparam("qualified", expanding=True))),
        WAITING.c.micro_credential_id.not_in(bindparam("locked", expanding=True)),
        ~near.exists(),
        ~scored.exists(),
        ~scored_me.exists(),
        ~for_another.exists(),
    )


_MAY_SCORE = _may_score()
_FOR_ASSESSOR = select(WAITING).where(_MAY_SCORE)


_SCORED = (
    select(reviews.c.id)
    .where(
        reviews.c.assessor_id == bindparam("assessor"),
        reviews.c.educator_id == bindparam("educator"),
        reviews.c.micro_credential_id == bindparam("micro_credential"),
        or_(reviews.c.stage.in_(LIVE), reviews.c.stage == ReviewStage.VOID),
    )
    .limit(1)
)
_SCORED_LATELY = (
    select(reviews.c.id)
    .where(
        reviews.c.assessor_id == bindparam("assessor"),
        reviews.c.educator_id == bindparam("educator"),
        reviews.c.stage.in_(LIVE),
        reviews.c.claimed_at > bindparam("since"),
    )
    .limit(1)
)


async def has_scored(session: Session, assessor_id: str, educator_id: str, micro_credential_id: str) -> bool:
    """Whether this assessor has read an attempt of this educator at this micro-credential."""
    of = {"assessor": assessor_id, "educator": educator_id, "micro_credential": micro_credential_id}
    return (await session.execute(_SCORED, of)).one_or_none() is not None


async def has_scored_lately(session: Session, assessor_id: str, educator_id: str, now: datetime) -> bool:
    """Whether ``assessor_id`` scored work of ``educator_id`` within ``RECIPROCAL_FOR``."""
    of = {"assessor": assessor_id, "educator": educator_id, "since": now - RECIPROCAL_FOR}
    return (await session.execute(_SCORED_LATELY, of)).one_or_none() is not None


async def loads(session: Session, person_ids: Iterable[str], now: datetime) -> dict[str, Load]:
    wanted = set(person_ids)
    query = select(reviews.c.assessor_id, reviews.c.stage, reviews.c.claimed_at, reviews.c.ended_at).where(
        reviews.c.assessor_id.in_(wanted),
        or_(
            reviews.c.stage.in_(OPEN),
            and_(reviews.c.stage == ReviewStage.DECIDED, reviews.c.ended_at > now - timedelta(days=30)),
        ),
    )
    opened = dict.fromkeys(wanted, 0)
    hours: dict[str, list[float]] = {person_id: [] for person_id in wanted}
    for row in await session.execute(query):
        if row.stage in OPEN:
            opened[row.assessor_id] += 1
        else:
            hours[row.assessor_id].append((row.ended_at - row.claimed_at).total_seconds() / 3600)
    return {
        person_id: Load(
            person_id=person_id,
            open=opened[person_id],
            decided=len(took),
            hours=sum(took) / len(took) if took else None,
        )
        for person_id, took in hours.items()
    }


# What a scoring leader looks after


def _undecided(organisation_ids: Iterable[str]) -> Select[Any]:
    return select(WAITING).where(
        WAITING.c.organisation_id.in_(set(organisation_ids)), WAITING.c.stage.in_((Stage.SUBMITTED, Stage.IN_REVIEW))
    )


async def undecided(
    session: Session,
    organisation_ids: Iterable[str],
    *,
    due_before: datetime | None = None,
    wants: Iterable[Wanted] = (),
    limit: int = 100,
) -> list[Submission]:
    """What is handed in and not decided, soonest due first."""
    query = _undecided(organisation_ids)
    if due_before is not None:
        query = query.where(WAITING.c.due_at <= due_before)
    if wants:
        query = query.where(WAITING.c.wants.in_(tuple(wants)))
    rows = await session.execute(query.order_by(WAITING.c.due_at, WAITING.c.id).limit(limit))
    return [to_struct(row, Submission) for row in rows]


async def newly_overdue(session: Session, now: datetime, since: datetime, *, limit: int = 500) -> list[Submission]:
    """What became overdue after ``since`` and is not decided, in all organisations."""
    query = select(WAITING).where(
        WAITING.c.stage.in_((Stage.SUBMITTED, Stage.IN_REVIEW)), WAITING.c.due_at <= now, WAITING.c.due_at > since
    )
    rows = await session.execute(query.order_by(WAITING.c.due_at, WAITING.c.id).limit(limit))
    return [to_struct(row, Submission) for row in rows]


async def open_by_submission(session: Session, submission_ids: Iterable[str]) -> dict[str, list[Review]]:
    """The reviews that count or are open, of each of these submissions."""
    query = select(reviews).where(reviews.c.submission_id.in_(set(submission_ids)), reviews.c.stage.in_(LIVE))
    found: dict[str, list[Review]] = {}
    for row in await session.execute(query.order_by(reviews.c.id)):
        found.setdefault(row.submission_id, []).append(to_struct(row, Review))
    return found


async def with_kind(
    session: Session, organisation_ids: Iterable[str], kind: ReviewKind, *, limit: int = 100
) -> list[Review]:
    """Finished reviews of a kind, newest first."""
    query = (
        select(reviews)
        .join(WAITING, WAITING.c.id == reviews.c.submission_id)
        .where(
            WAITING.c.organisation_id.in_(set(organisation_ids)),
            reviews.c.kind == kind,
            reviews.c.stage == ReviewStage.DECIDED,
        )
        .order_by(reviews.c.ended_at.desc())
        .limit(limit)
    )
    return [to_struct(row, Review) for row in await session.execute(query)]


async def handed_in_of_version(session: Session, version_id: str, *, limit: int = 100_000) -> list[str]:
    """The ids of what was ever handed in on a version."""
    query = select(WAITING.c.id).where(
        WAITING.c.version_id == version_id,
        WAITING.c.submitted_at.is_not(None),
        WAITING.c.stage != Stage.SPECIMEN,
    )
    return list((await session.execute(query.order_by(WAITING.c.id).limit(limit))).scalars())


# Samples


_SEED = select(seeds.c.seed).where(seeds.c.version_id == bindparam("version"))


async def seed_of(session: Session, version_id: str) -> str | None:
    return (await session.execute(_SEED, {"version": version_id})).scalar_one_or_none()


async def add_seed(session: Session, version_id: str, seed: str) -> str:
    """The seed of a version: this one, unless it has one already."""
    await insert_once(session, seeds, {"version_id": version_id, "seed": seed})
    return await seed_of(session, version_id) or seed


# Conflicts of interest


async def add_conflict(session: Session, declared: DeclaredConflict) -> None:
    await session.execute(insert(conflicts).values(**msgspec.structs.asdict(declared)))


async def conflict(session: Session, conflict_id: str) -> DeclaredConflict:
    row = (await session.execute(select(conflicts).where(conflicts.c.id == conflict_id))).one_or_none()
    if row is None:
        raise NotFound("there is no such relationship on record")
    return to_struct(row, DeclaredConflict)


async def end_conflict(session: Session, conflict_id: str, until: date) -> None:
    await session.execute(update(conflicts).where(conflicts.c.id == conflict_id).values(until=until))


_CONFLICTS = (
    select(conflicts)
    .where(
        or_(
            conflicts.c.person_id == bindparam("person"),
            conflicts.c.other_id == bindparam("person"),
            conflicts.c.other_address.in_(bindparam("addresses", expanding=True)),
        )
    )
    .order_by(conflicts.c.id)
)


async def conflicts_of(session: Session, person_id: str, addresses: Iterable[str]) -> list[DeclaredConflict]:
    """Whatever is on record about a person, declared by either side."""
    of = {"person": person_id, "addresses": sorted(set(addresses))}
    return [to_struct(row, DeclaredConflict) for row in await session.execute(_CONFLICTS, of)]


async def add_unblinding(
    session: Session, submission_id: str, person_id: str, educator_id: str, reason: str, now: datetime
) -> None:
    values = {
        "submission_id": submission_id,
        "person_id": person_id,
        "educator_id": educator_id,
        "reason": reason,
        "at": now,
    }
    await insert_once(session, unblindings, values)


_UNBLINDED = select(unblindings.c.educator_id).where(unblindings.c.person_id == bindparam("person"))


async def unblinded_by(session: Session, person_id: str) -> set[str]:
    """The educators whose name this person asked for."""
    return set((await session.execute(_UNBLINDED, {"person": person_id})).scalars())


# Comments to use again


async def add_comment(session: Session, comment: Comment) -> None:
    await session.execute(insert(comments).values(**msgspec.structs.asdict(comment)))


async def comment(session: Session, comment_id: str) -> Comment:
    row = (await session.execute(select(comments).where(comments.c.id == comment_id))).one_or_none()
    if row is None:
        raise NotFound("there is no such comment")
    return to_struct(row, Comment)


async def remove_comment(session: Session, comment_id: str) -> None:
    await session.execute(delete(comments).where(comments.c.id == comment_id))


async def comments_for(
    session: Session, person_id: str, micro_credential_ids: Iterable[str], *, limit: int = 200
) -> list[Comment]:
    """Somebody's own comments, and those for all who score one of these micro-credentials."""
    query = select(comments).where(
        or_(
            comments.c.owner_id == person_id,
            and_(comments.c.owner_id.is_(None), comments.c.micro_credential_id.in_(set(micro_credential_ids))),
        )
    )
    return [to_struct(row, Comment) for row in await session.execute(query.order_by(comments.c.id).limit(limit))]


# Integrity

_COMPARED = (*(stage for stage in Stage if stage not in (Stage.DRAFT, Stage.WITHDRAWN, Stage.SPECIMEN)),)
"""A draft is nobody's claim yet; what came back as incomplete was handed in. A specimen is a copy on purpose."""


async def set_marks(
    session: Session, organisation_id: str, submission_id: str, sketches: Mapping[str, Sequence[int]]
) -> None:
    """The marks of a submission's texts, by artifact, in place of those before."""
    await session.execute(delete(marks).where(marks.c.submission_id == submission_id))
    rows = [
        {"artifact_id": artifact_id, "hash": one, "organisation_id": organisation_id, "submission_id": submission_id}
        for artifact_id, sketch in sketches.items()
        for one in sketch
    ]
    if rows:
        await session.execute(insert(marks), rows)


async def texts_like(
    session: Session,
    organisation_id: str,
    educator_id: str,
    sketch: Sequence[int],
    *,
    at_least: int,
    limit: int = 20,
) -> list[tuple[str, str]]:
    """Submission and text of those of other people that share most of these marks."""
    query = (
        select(marks.c.submission_id, marks.c.artifact_id)
        .join(WAITING, WAITING.c.id == marks.c.submission_id)
        .where(
            marks.c.organisation_id == organisation_id,
            marks.c.hash.in_(sketch),
            WAITING.c.educator_id != educator_id,
            WAITING.c.stage.in_(_COMPARED),
        )
        .group_by(marks.c.submission_id, marks.c.artifact_id)
        .having(func.count() >= at_least)
        .order_by(func.count().desc(), marks.c.artifact_id)
        .limit(limit)
    )
    found = [(row.submission_id, row.artifact_id) for row in await session.execute(query)]
    query = select(EVIDENCE.c.id, EVIDENCE.c.text).where(EVIDENCE.c.id.in_({artifact_id for _, artifact_id in found}))
    texts = {row.id: row.text for row in await session.execute(query)}
    return [(submission_id, texts[artifact_id]) for submission_id, artifact_id in found if artifact_id in texts]


async def files_like(
    session: Session, organisation_id: str, educator_id: str, digests: Iterable[str], *, limit: int = 50
) -> list[tuple[str, str]]:
    """Submission and digest where somebody else handed in one of these files."""
    query = (
        select(WAITING.c.id, EVIDENCE.c.digest)
        .join(EVIDENCE, EVIDENCE.c.submission_id == WAITING.c.id)
        .where(
            EVIDENCE.c.digest.in_(set(digests)),
            EVIDENCE.c.kind == "file",
            WAITING.c.organisation_id == organisation_id,
            WAITING.c.educator_id != educator_id,
            WAITING.c.stage.in_(_COMPARED),
            WAITING.c.submitted_at.is_not(None),
        )
        .order_by(WAITING.c.id)
        .limit(limit)
    )
    return [(row.id, row.digest) for row in await session.execute(query)]


async def add_case(session: Session, case: IntegrityCase) -> None:
    await session.execute(insert(cases).values(**msgspec.structs.asdict(case)))


async def case_(session: Session, case_id: str, *, lock: bool = False) -> IntegrityCase:
    query = select(cases).where(cases.c.id == case_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise NotFound("there is no such integrity case")
    return to_struct(row, IntegrityCase)


async def cases_in(
    session: Session, organisation_ids: Iterable[str], *, closed: bool, after: str = "", limit: int = 50
) -> list[IntegrityCase]:
    """Open ones oldest first; closed ones newest first."""
    query = select(cases).where(cases.c.organisation_id.in_(set(organisation_ids)))
    query = query.where(cases.c.closed_at.is_not(None) if closed else cases.c.closed_at.is_(None))
    if after:
        query = query.where(cases.c.id < after if closed else cases.c.id > after)
    rows = await session.execute(query.order_by(cases.c.id.desc() if closed else cases.c.id).limit(limit))
    return [to_struct(row, IntegrityCase) for row in rows]


async def cases_about(session: Session, submission_ids: Iterable[str]) -> list[tuple[IntegrityCase, Party]]:
    """Cases that name one of these submissions, oldest first."""
    query = (
        select(
            cases, parties.c.submission_id, parties.c.educator_id, parties.c.held, parties.c.verdict, parties.c.reason
        )
        .join(parties, parties.c.case_id == cases.c.id)
        .where(parties.c.submission_id.in_(set(submission_ids)))
        .order_by(cases.c.id)
    )
    return [
        (
            to_struct(row, IntegrityCase),
            Party(
                case_id=row.id,
                submission_id=row.submission_id,
                educator_id=row.educator_id,
                held=row.held,
                verdict=row.verdict and Verdict(row.verdict),
                reason=row.reason,
            ),
        )
        for row in await session.execute(query)
    ]


async def close_case(session: Session, found: IntegrityCase, now: datetime) -> None:
    await session.execute(
        update(cases).where(cases.c.id == found.id).values(closed_at=now, revision=found.revision + 1)
    )


async def add_party(session: Session, party: Party) -> bool:
    return await insert_once(session, parties, msgspec.structs.asdict(party))


async def change_party(session: Session, party: Party, **values: Any) -> None:
    where = (parties.c.case_id == party.case_id, parties.c.submission_id == party.submission_id)
    await session.execute(update(parties).where(*where).values(**values))


async def parties_of(session: Session, case_id: str) -> list[Party]:
    query = select(parties).where(parties.c.case_id == case_id).order_by(parties.c.submission_id)
    return [to_struct(row, Party) for row in await session.execute(query)]


async def add_vote(session: Session, vote: Vote) -> bool:
    """Whether it was added: each votes once."""
    return await insert_once(session, votes, msgspec.structs.asdict(vote))


async def votes_of(session: Session, case_id: str) -> list[Vote]:
    query = select(votes).where(votes.c.case_id == case_id).order_by(votes.c.at, votes.c.person_id)
    return [to_struct(row, Vote) for row in await session.execute(query)]


# Appeals


async def add_appeal(session: Session, appeal: Appeal) -> bool:
    """Whether it was added: a decision is appealed once."""
    return await insert_once(session, appeals, msgspec.structs.asdict(appeal))


async def appeal(session: Session, appeal_id: str, *, lock: bool = False) -> Appeal:
    query = select(appeals).where(appeals.c.id == appeal_id)
    row = (await session.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        raise NotFound("there is no such appeal")
    return to_struct(row, Appeal)


async def appeals_about(session: Session, submission_id: str) -> list[Appeal]:
    query = select(appeals).where(appeals.c.submission_id == submission_id).order_by(appeals.c.id)
    return [to_struct(row, Appeal) for row in await session.execute(query)]


async def appeals_in(
    session: Session,
    organisation_ids: Iterable[str],
    stage: AppealStage,
    *,
    but_not_of: str,
    after: str = "",
    limit: int = 50,
) -> list[Appeal]:
    """Longest waiting first."""
    query = (
        select(appeals)
        .where(appeals.c.organisation_id.in_(set(organisation_ids)), appeals.c.stage == stage, appeals.c.id > after)
        .where(appeals.c.educator_id != but_not_of)
    )
    return [to_struct(row, Appeal) for row in await session.execute(query.order_by(appeals.c.id).limit(limit))]


async def change_appeal(session: Session, found: Appeal, **values: Any) -> Appeal:
    where = (appeals.c.id == found.id, appeals.c.revision == found.revision)
    query = update(appeals).where(*where).values(**values, revision=found.revision + 1)
    if (await session.execute(query)).rowcount == 0:
        raise Stale("this appeal was changed meanwhile: read it again and repeat your change")
    return msgspec.structs.replace(found, **values, revision=found.revision + 1)


async def add_exhibit(session: Session, appeal_id: str, artifact: Artifact) -> None:
    digest = artifact.digest if artifact.kind is ArtifactKind.FILE else None
    await session.execute(
        insert(exhibits).values(appeal_id=appeal_id, artifact_id=artifact.id, artifact=artifact, digest=digest)
    )


async def exhibits_of(session: Session, appeal_id: str) -> list[Artifact]:
    query = select(exhibits.c.artifact).where(exhibits.c.appeal_id == appeal_id).order_by(exhibits.c.artifact_id)
    return list((await session.execute(query)).scalars())


async def exhibit_digests(session: Session) -> set[str]:
    """Digests of all files that an appeal refers to."""
    query = select(exhibits.c.digest).where(exhibits.c.digest.is_not(None)).distinct()
    return set((await session.execute(query)).scalars())
