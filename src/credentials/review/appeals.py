"""An educator asks that a decision be looked at again, and somebody who did not make it says what holds."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from credentials.audit import service as audit
from credentials.awards import service as awards
from credentials.awards.model import AwardState
from credentials.catalog import service as catalog
from credentials.catalog.model import Mode
from credentials.db import Database, Session
from credentials.errors import Conflict, Malformed, NotFound
from credentials.evidence import rules as evidence_rules
from credentials.evidence import service as evidence
from credentials.evidence.model import Artifact, ArtifactKind, Stage, Submission, Wanted
from credentials.ids import new_id
from credentials.outbox import service as outbox
from credentials.people import service as people
from credentials.people.model import Act
from credentials.review import rules, store, store_appeals, store_integrity
from credentials.review.assignment import remember
from credentials.review.integrity import PANEL, check_unbiased, to_queue
from credentials.review.model import (
    Against,
    Appeal,
    AppealLate,
    AppealStage,
    Basis,
    ConflictOfInterest,
    Decision,
    Outcome,
    Score,
    WrongStage,
)

ISSUE_ORDER = "award.issue"
RESTORE_ORDER = "award.restore"
MAX_STATEMENT = 20_000
MAX_EXHIBITS = 20
"""Pieces of further evidence of one appeal."""


async def file_appeal(
    session: Session,
    act: Act,
    submission_id: str,
    *,
    statement: str,
    waives: Sequence[str] = (),
    good_cause: str = "",
) -> Appeal:
    """Appeal the decision on my submission, once, within the programme's days; later only with a cause, which whoever decides
    the appeal must accept. Raises ``AppealLate``, ``NotAppealable``, ``NotWaivable``."""
    found = await evidence.own(session, act, submission_id, lock=True)
    programme = (await catalog.version(session, found.version_id)).specification.programme
    against, decision_at = await what_to_appeal(session, found)
    if not statement.strip() or len(statement) > MAX_STATEMENT:
        raise Malformed(f"say in at most {MAX_STATEMENT} characters why the decision should be another one")
    rules.check_waivable(programme, waives)
    late = rules.is_late(programme, decision_at, act.now)
    if late and not good_cause.strip():
        raise AppealLate(
            f"an appeal comes within {programme.appeal_days} days after the decision: say what good cause kept you"
        )
    made = Appeal(
        id=new_id(act.ids, act.now),
        submission_id=found.id,
        educator_id=found.educator_id,
        organisation_id=found.organisation_id,
        against=against,
        decision_at=decision_at,
        statement=statement.strip(),
        waives=tuple(one.strip() for one in waives if one.strip()),
        late=late,
        good_cause=good_cause.strip() if late else "",
        filed_at=act.now,
    )
    if not await store_appeals.add_appeal(session, made):
        raise Conflict("you have appealed this decision: it is decided once")
    entry = act.entry(
        "appeal.filed",
        f"appeal:{made.id}",
        organisation=made.organisation_id,
        submission=found.id,
        against=against.value,
        late="yes" if late else "no",
    )
    await audit.record(session, entry)
    return made


async def what_to_appeal(session: Session, found: Submission) -> tuple[Against, datetime]:
    """Which decision stands that could be appealed, and when it was made. Raises ``NotAppealable``."""
    award = await awards.by_submission(session, found.id)
    revoked_at = award.state_changed_at if award and award.state is AwardState.REVOKED else None
    return rules.appealable(found, revoked_at)


async def own_appeal(session: Session, act: Act, appeal_id: str, *, lock: bool = False) -> Appeal:
    found = await store_appeals.appeal(session, appeal_id, lock=lock)
    if found.educator_id != act.actor.person_id:
        raise NotFound("there is no such appeal")
    return found


async def appeals_of(session: Session, act: Act, submission_id: str) -> list[Appeal]:
    """The appeals about one of my submissions, oldest first."""
    found = await evidence.own(session, act, submission_id)
    return await store_appeals.appeals_about(session, found.id)


# Further evidence


async def check_may_add_exhibit(session: Session, act: Act, appeal_id: str) -> None:
    """Whether a file could be added at all: asked before its bytes are received."""
    await _open_own(session, act, appeal_id)


async def _open_own(session: Session, act: Act, appeal_id: str, *, lock: bool = False) -> Appeal:
    found = await own_appeal(session, act, appeal_id, lock=lock)
    if found.stage is not AppealStage.FILED:
        raise WrongStage("this appeal is decided: nothing is added to it any more")
    if len(await store_appeals.exhibits_of(session, found.id)) >= MAX_EXHIBITS:
        raise Conflict(f"an appeal takes at most {MAX_EXHIBITS} further pieces of evidence")
    return found


async def add_exhibit_text(session: Session, act: Act, appeal_id: str, text: str) -> Artifact:
    found = await _open_own(session, act, appeal_id, lock=True)
    evidence_rules.check_text(text, ArtifactKind.TEXT)
    added = Artifact(
        id=new_id(act.ids, act.now),
        requirement="appeal",
        kind=ArtifactKind.TEXT,
        mode=Mode.TEXT,
        text=text,
        media_type="text/plain",
        size=len(text.encode()),
        digest=evidence_rules.text_digest(text),
        added_at=act.now,
    )
    await store_appeals.add_exhibit(session, found.id, added)
    return added


async def add_exhibit_file(
    session: Session, act: Act, appeal_id: str, *, name: str, media_type: str, digest: str, size: int
) -> Artifact:
    """A file that was examined (``evidence.intake``) and is among the kept blobs."""
    found = await _open_own(session, act, appeal_id, lock=True)
    added = Artifact(
        id=new_id(act.ids, act.now),
        requirement="appeal",
        kind=ArtifactKind.FILE,
        mode=evidence_rules.FILE_MODES[media_type],
        name=evidence_rules.clean_file_name(name),
        media_type=media_type,
        size=size,
        digest=digest,
        added_at=act.now,
    )
    await store_appeals.add_exhibit(session, found.id, added)
    return added


async def exhibits(session: Session, act: Act, appeal_id: str) -> list[Artifact]:
    """For the educator and for whoever may decide the appeal."""
    await seen_appeal(session, act, appeal_id)
    return await store_appeals.exhibits_of(session, appeal_id)


async def exhibit(session: Session, act: Act, appeal_id: str, artifact_id: str) -> Artifact:
    for one in await exhibits(session, act, appeal_id):
        if one.id == artifact_id:
            return one
    raise NotFound("there is no such piece of evidence")


# Deciding


async def seen_appeal(session: Session, act: Act, appeal_id: str, *, lock: bool = False) -> Appeal:
    """An appeal, for its educator and for whoever decides appeals of the organisation. To all others it does not exist."""
    found = await store_appeals.appeal(session, appeal_id, lock=lock)
    where = await people.organisation(session, found.organisation_id)
    if found.educator_id != act.actor.person_id and not act.actor.holds_any(PANEL, where.lineage):
        raise NotFound("there is no such appeal")
    return found


async def appeals_to_decide(
    session: Session, act: Act, *, stage: AppealStage = AppealStage.FILED, after: str = "", limit: int = 50
) -> list[Appeal]:
    """Longest waiting first, of the organisations for which the actor decides appeals; their own are not among them."""
    reach = await people.within(session, act.actor, *PANEL)
    return await store_appeals.appeals_in(
        session, reach, stage, but_not_of=act.actor.person_id, after=after, limit=limit
    )


async def decides_appeal_of(session: Session, act: Act, submission_id: str) -> bool:
    """Whether the actor may look at this submission because an appeal about it is theirs to decide."""
    for one in await store_appeals.appeals_about(session, submission_id):
        where = await people.organisation(session, one.organisation_id)
        if one.stage is AppealStage.FILED and act.actor.holds_any(PANEL, where.lineage):
            return True
    return False


async def decide_appeal(
    database: Database,
    act: Act,
    appeal_id: str,
    *,
    upheld: bool,
    reason: str,
    scores: Sequence[Score] = (),
    accept_cause: bool = False,
) -> Appeal:
    """Uphold or dismiss, with a reason that the educator reads.

    Against Not Yet Earned, ``scores`` are what the decision says instead for the criteria that they name, and together with
    the others they must come to Earned: then the credential is ordered. A denial is set aside, and the work is scored. What
    was revoked is issued anew. A late appeal is upheld only if its cause is accepted. An attempt that is barred is remembered.
    Raises ``ConflictOfInterest``.
    """
    try:
        async with database.write() as session:
            return await _decide(
                session, act, appeal_id, upheld, reason.strip(), tuple(scores), accept_cause=accept_cause
            )
    except ConflictOfInterest as refused:
        async with database.read() as session:
            found = await store_appeals.appeal(session, appeal_id)
        await remember(database, act, found.submission_id, act.actor.person_id, refused)
        raise


async def _decide(
    session: Session,
    act: Act,
    appeal_id: str,
    upheld: bool,
    reason: str,
    scores: tuple[Score, ...],
    *,
    accept_cause: bool,
) -> Appeal:
    found = await seen_appeal(session, act, appeal_id)
    submission = await evidence.submission(session, found.submission_id, lock=True)
    found = await seen_appeal(session, act, appeal_id, lock=True)
    if found.stage is not AppealStage.FILED:
        raise WrongStage("this appeal is decided")
    await _check_may_decide(session, act, found, submission)
    if not reason:
        raise Malformed("say why: the educator reads it")
    if upheld and found.late and not accept_cause:
        raise Malformed("this appeal is late: accept its cause, or dismiss it")
    before = await _carry_out(session, act, found, submission, reason, scores) if upheld else None
    stage = AppealStage.UPHELD if upheld else AppealStage.DISMISSED
    changed = await store_appeals.change_appeal(
        session,
        found,
        stage=stage,
        decided_by=act.actor.person_id,
        decided_at=act.now,
        reason=reason,
        cause_accepted=found.late and accept_cause,
        before=before,
    )
    await outbox.place(
        session,
        act.ids,
        act.now,
        people.MAIL_ORDER,
        f"appeal:{found.id}",
        letter=f"appeal_{stage.value}",
        person=found.educator_id,
        submission=found.submission_id,
    )
    entry = act.entry(
        f"appeal.{stage.value}",
        f"appeal:{found.id}",
        organisation=found.organisation_id,
        reason=reason,
        submission=found.submission_id,
        against=found.against.value,
    )
    await audit.record(session, entry)
    return changed


async def _check_may_decide(session: Session, act: Act, found: Appeal, submission: Submission) -> None:
    """Not who scored it, not who voted on it, not who reported it, not who revoked it, and nobody near."""
    if found.educator_id == act.actor.person_id:
        raise ConflictOfInterest("this is your own appeal: somebody else decides it")
    await check_unbiased(session, act, [submission])
    for case, _ in await store_integrity.cases_about(session, [submission.id]):
        voters = {one.person_id for one in await store_integrity.votes_of(session, case.id)}
        if act.actor.person_id in {case.opened_by, *voters}:
            raise ConflictOfInterest("you took part in what is appealed: somebody else decides it")
    if found.against is Against.REVOKED and await _revoked_by(session, submission.id) == act.actor.person_id:
        raise ConflictOfInterest("you revoked this award: somebody else decides the appeal")


async def _revoked_by(session: Session, submission_id: str) -> str:
    award = await awards.by_submission(session, submission_id)
    revoked = await audit.last(session, f"award:{award.id}", "award.revoked") if award else None
    return revoked.actor if revoked else ""


async def _carry_out(
    session: Session, act: Act, found: Appeal, submission: Submission, reason: str, scores: tuple[Score, ...]
) -> Decision | None:
    if scores and found.against is not Against.NOT_YET_EARNED:
        raise Malformed("levels belong to an appeal against Not Yet Earned")
    match found.against:
        case Against.NOT_YET_EARNED:
            return await _earn(session, act, submission, scores)
        case Against.DENIED:
            await _end_other(session, act, submission)
            await to_queue(session, act, submission, "submission.denial_set_aside", reason=reason)
        case Against.REVOKED:
            await outbox.place(
                session, act.ids, act.now, RESTORE_ORDER, found.id, submission=submission.id, reason=reason
            )
    return None


async def _earn(session: Session, act: Act, submission: Submission, scores: tuple[Score, ...]) -> Decision:
    version = await catalog.version(session, submission.version_id)
    specification = version.specification
    before = await store.decision(session, submission.id)
    for given in scores:
        rules.check_score(specification.rubric, given)
    changed = {given.criterion: given for given in scores}
    after = tuple(changed.get(one.criterion, one) for one in before.scores)
    if rules.decide(specification.passing_rubric(), after) is not Outcome.EARNED:
        raise Malformed("an upheld appeal comes to Earned: give a passing level for each criterion that lacks one")
    await _end_other(session, act, submission)
    await store.replace_decision(
        session,
        msgspec.structs.replace(
            before,
            outcome=Outcome.EARNED,
            scores=after,
            basis=Basis.APPEAL,
            points=None,
            decided_by=act.actor.person_id,
            decided_at=act.now,
        ),
    )
    await outbox.place(session, act.ids, act.now, ISSUE_ORDER, submission.id, submission=submission.id)
    await evidence.move(session, act, submission, Stage.EARNED, "submission.earned", decided_at=act.now)
    return before


async def _end_other(session: Session, act: Act, submission: Submission) -> None:
    """Another attempt that the educator has begun meanwhile ends, so that nothing is earned twice."""
    if await evidence.has_earned(session, submission.educator_id, submission.micro_credential_id, act.now):
        raise Conflict("another attempt has earned this micro-credential: there is nothing left to uphold")
    other = await evidence.open_one(session, submission.educator_id, submission.micro_credential_id)
    if other is None:
        return
    held = await evidence.submission(session, other.id, lock=True)
    if held.stage in {Stage.IN_REVIEW, Stage.HELD}:
        raise Conflict("another attempt is being read: decide the appeal when that is decided")
    if held.stage in evidence_rules.OPEN:
        await evidence.move(
            session,
            act,
            held,
            Stage.WITHDRAWN,
            "submission.withdrawn",
            reason="an appeal was upheld",
            wants=Wanted.NOTHING,
        )
