"""Work that is too alike, or a report of misconduct: a case, a hold, a panel's vote, and what follows from it."""

from collections.abc import Iterable, Sequence

import msgspec

from credentials.audit import service as audit
from credentials.catalog import service as catalog
from credentials.catalog.model import Specification
from credentials.catalog.rules import due_at
from credentials.db import Database, Session
from credentials.errors import Conflict, Forbidden, Malformed, NotFound
from credentials.evidence import service as evidence
from credentials.evidence.model import Artifact, ArtifactKind, Stage, Submission, Wanted
from credentials.ids import new_id
from credentials.outbox import service as outbox
from credentials.people import service as people
from credentials.people.model import Act, Role, system_act
from credentials.review import likeness, rules, store, store_conflicts, store_integrity
from credentials.review.assignment import remember, standing_of, wanted_now
from credentials.review.model import (
    Alike,
    AlreadyVoted,
    CaseClosed,
    CaseView,
    ConflictOfInterest,
    Finding,
    IntegrityCase,
    Party,
    ReviewStage,
    Verdict,
    Vote,
)
from credentials.review.validity import withdraw_paper

REVOKE_ORDER = "award.revoke"
PANEL = (Role.SCORING_LEADER, Role.ADMINISTRATOR)
"""Who sits on a panel and decides appeals."""
MAX_PARTIES = 50
"""Submissions that one case names: a file that a whole school hands in is looked into with these."""


async def hand_in(session: Session, act: Act, submission_id: str) -> Submission:
    """Hand in, and look whether another applicant handed in the same. Raises ``NotReady``.

    One after another for an organisation: of two who hand in the same file at once, the second one finds the first.
    """
    mine = await evidence.own(session, act, submission_id)
    await people.hold_organisation(session, mine.organisation_id)
    submitted = await evidence.submit(session, act, submission_id)
    about = await store_integrity.cases_about(session, [submission_id])
    if (open_ := next((case for case, _ in about if case.closed_at is None), None)) is not None:
        # It was reported while it was with its educator: it waits for the panel like anything else.
        submitted = (await _name(session, act, open_, [submission_id]))[submission_id]
    specification = (await catalog.version(session, submitted.version_id)).specification
    alike = await _look_over(session, submitted, specification)
    if not alike:
        return submitted
    return await _suspect(session, act, submitted, specification, alike)


async def _look_over(session: Session, submitted: Submission, specification: Specification) -> list[Alike]:
    """Who else handed in the same. What may be shared is not compared, nor found by others."""
    shared = {one.id for one in specification.evidence if one.shared or specification.programme.shared_artifacts}
    kept = [one for one in await evidence.artifacts_of(session, submitted.id) if one.requirement not in shared]
    asked = likeness.runs(" ".join(one.instructions for one in specification.evidence))
    texts = {one.id: likeness.runs(one.text) - asked for one in kept if one.kind is ArtifactKind.TEXT}
    sketches = {artifact_id: likeness.sketch(runs) for artifact_id, runs in texts.items() if runs}
    await store_integrity.set_marks(session, submitted.organisation_id, submitted.id, sketches)
    found = await _same_files(session, submitted, kept)
    for one in kept:
        if one.id not in sketches:
            continue
        at_least = min(likeness.SHARED_MARKS, (len(sketches[one.id]) + 1) // 2)
        for other, text in await store_integrity.texts_like(
            session, submitted.organisation_id, submitted.educator_id, sketches[one.id], at_least=at_least
        ):
            share = likeness.resemblance(texts[one.id], likeness.runs(text) - asked)
            if share >= likeness.ALIKE:
                found.append(
                    Alike(submission_id=other, finding=Finding.LIKE_TEXT, requirement=one.requirement, share=share)
                )
    return found


async def _same_files(session: Session, submitted: Submission, kept: Sequence[Artifact]) -> list[Alike]:
    files = {one.digest: one.requirement for one in kept if one.kind is ArtifactKind.FILE}
    if not files:
        return []
    return [
        Alike(submission_id=other, finding=Finding.SAME_FILE, requirement=files[digest])
        for other, digest in await store_integrity.files_like(
            session, submitted.organisation_id, submitted.educator_id, files
        )
    ]


async def _suspect(
    session: Session, act: Act, submitted: Submission, specification: Specification, alike: Sequence[Alike]
) -> Submission:
    """Open a case, or join the one that is open about the same work, unless a panel has cleared these two already."""
    by_case: dict[str, set[str]] = {}
    about = await store_integrity.cases_about(session, {submitted.id, *(one.submission_id for one in alike)})
    for case, party in about:
        by_case.setdefault(case.id, set()).add(party.submission_id)
    decided = {case.id for case, _ in about if case.closed_at is not None}
    cleared = {one for case_id in decided for one in by_case[case_id] if submitted.id in by_case[case_id]}
    new = [one for one in alike if one.submission_id not in cleared]
    if not new:
        return submitted
    joined = next((case for case, _ in about if case.closed_at is None), None)
    others = sorted({one.submission_id for one in new})[: MAX_PARTIES - 1]
    if joined is None:
        titles = {one.id: one.title for one in specification.evidence}
        joined = await _open(
            session,
            system_act("integrity", act.now, act.ids),
            submitted.organisation_id,
            new[0].finding,
            "; ".join(dict.fromkeys(_said(one, titles) for one in new)),
            specification.programme.panel,
        )
    held = await _name(session, act, joined, [submitted.id, *others])
    return held[submitted.id]


def _said(one: Alike, titles: dict[str, str]) -> str:
    title = titles[one.requirement]
    if one.finding is Finding.SAME_FILE:
        return f"the same file for “{title}”"
    return f"nearly the same text for “{title}” ({one.share:.0%} of its runs of words)"


async def _open(
    session: Session, act: Act, organisation_id: str, finding: Finding, detail: str, panel: int
) -> IntegrityCase:
    case = IntegrityCase(
        id=new_id(act.ids, act.now),
        organisation_id=organisation_id,
        finding=finding,
        detail=detail,
        panel=panel,
        opened_by=act.actor.person_id,
        opened_at=act.now,
    )
    await store_integrity.add_case(session, case)
    entry = act.entry("integrity.opened", f"case:{case.id}", organisation=organisation_id, reason=detail)
    await audit.record(session, entry)
    return case


async def _name(
    session: Session, act: Act, case: IntegrityCase, submission_ids: Sequence[str]
) -> dict[str, Submission]:
    """Name these in a case and hold what is not decided; answers them as they are then. What is decided stays so."""
    found = {}
    for submission_id in sorted(submission_ids):
        one = await evidence.submission(session, submission_id, lock=True)
        if one.stage is Stage.SPECIMEN:
            await withdraw_paper(session, act, one)
        held = one.stage in {Stage.SUBMITTED, Stage.IN_REVIEW}
        party = Party(case_id=case.id, submission_id=one.id, educator_id=one.educator_id, held=held)
        if await store_integrity.add_party(session, party) and held:
            one = await _hold(session, act, case, one)
        elif held:  # it came back as incomplete and was handed in anew
            await store_integrity.change_party(session, party, held=True)
            one = await _hold(session, act, case, one)
        found[submission_id] = one
    return found


async def _hold(session: Session, act: Act, case: IntegrityCase, found: Submission) -> Submission:
    """Out of the queue. Whoever reads it stops; what was scored stays and counts when it is released."""
    for reading in await store.readings(session, found.id):
        if reading.review.is_open:
            stage = rules.move(reading.review.stage, ReviewStage.RELEASED)
            await store.change(session, reading.review, stage=stage, ended_at=act.now)
    await _tell(session, act, found, "held", case)
    by = system_act("integrity", act.now, act.ids)
    return await evidence.move(
        session, by, found, Stage.HELD, "submission.held", reason=f"case {case.id}", wants=Wanted.NOTHING
    )


async def _tell(session: Session, act: Act, found: Submission, letter: str, case: IntegrityCase) -> None:
    await outbox.place(
        session,
        act.ids,
        act.now,
        people.MAIL_ORDER,
        f"{letter}:{found.id}:{case.id}:{act.now.isoformat()}",
        letter=letter,
        person=found.educator_id,
        submission=found.id,
    )


# By hand


async def report(session: Session, act: Act, submission_id: str, *, reason: str) -> IntegrityCase:
    """Open a case about what somebody found: before a decision or after the award. Whoever reports does not vote."""
    found = await evidence.submission(session, submission_id)
    where = await people.organisation(session, found.organisation_id)
    if not act.actor.holds_any((*PANEL, Role.ASSESSOR), where.lineage) or found.stage is Stage.DRAFT:
        raise NotFound("there is no such submission")
    if not reason.strip():
        raise Malformed("say what was found: a panel decides on it")
    await people.hold_organisation(session, where.id)
    if any(case.closed_at is None for case, _ in await store_integrity.cases_about(session, [found.id])):
        raise Conflict("a case about this submission is open already")
    version = await catalog.version(session, found.version_id)
    case = await _open(session, act, where.id, Finding.REPORT, reason.strip(), version.specification.programme.panel)
    await _name(session, act, case, [found.id])
    return case


# The panel


async def _seen(session: Session, act: Act, case_id: str, *, lock: bool = False) -> IntegrityCase:
    found = await store_integrity.case_(session, case_id, lock=lock)
    where = await people.organisation(session, found.organisation_id)
    if not act.actor.holds_any(PANEL, where.lineage):
        raise NotFound("there is no such integrity case")
    return found


async def cases_to_decide(
    session: Session, act: Act, *, closed: bool = False, after: str = "", limit: int = 50
) -> list[IntegrityCase]:
    """The cases of the organisations for which the actor sits on panels."""
    reach = await people.within(session, act.actor, *PANEL)
    return await store_integrity.cases_in(session, reach, closed=closed, after=after, limit=limit)


async def case_view(session: Session, act: Act, case_id: str) -> CaseView:
    """A case with what it names. An educator whose work it names does not see it, whatever their roles."""
    found = await _seen(session, act, case_id)
    named = await store_integrity.parties_of(session, case_id)
    if any(one.educator_id == act.actor.person_id for one in named):
        raise NotFound("there is no such integrity case")
    given = await store_integrity.votes_of(session, case_id)
    mine = next((one for one in given if one.person_id == act.actor.person_id), None)
    open_to_me = mine is not None or found.closed_at is not None
    return CaseView(
        case=found, parties=tuple(named), votes=tuple(given) if open_to_me else (), voted=len(given), mine=mine
    )


async def is_on_panel(session: Session, act: Act, submission_id: str) -> bool:
    """Whether the actor may look at this submission because a case about it is theirs to decide."""
    found = [case for case, _ in await store_integrity.cases_about(session, [submission_id]) if case.closed_at is None]
    for case in found:
        try:
            await case_view(session, act, case.id)
        except NotFound:
            continue
        return True
    return False


async def check_unbiased(session: Session, act: Act, found: Iterable[Submission]) -> None:
    """Who decides on others' decisions has not scored this educator's attempts, and is nobody near. Raises
    ``ConflictOfInterest``."""
    standing = await standing_of(session, act.actor.person_id, act.now)
    for one in found:
        rules.check_no_conflict(
            msgspec.structs.replace(one, earned_only=False),
            standing,
            scored_before=await store_conflicts.has_scored(
                session, act.actor.person_id, one.educator_id, one.micro_credential_id
            ),
            reciprocal=await store_conflicts.has_scored_lately(session, one.educator_id, act.actor.person_id, act.now),
        )


async def vote(database: Database, act: Act, case_id: str, *, against: Sequence[str], reason: str) -> CaseView:
    """Vote in a case, once. ``against``: the submissions that are found against; none clears all. With the vote that makes a
    majority about each of them it is decided. A vote that is barred is remembered. Raises ``ConflictOfInterest``."""
    try:
        async with database.write() as session:
            return await _vote(session, act, case_id, tuple(dict.fromkeys(against)), reason.strip())
    except ConflictOfInterest as refused:
        async with database.read() as session:
            named = await store_integrity.parties_of(session, case_id)
        await remember(database, act, named[0].submission_id, act.actor.person_id, refused)
        raise


async def _vote(session: Session, act: Act, case_id: str, against: tuple[str, ...], reason: str) -> CaseView:
    case = await _seen(session, act, case_id, lock=True)
    named = await store_integrity.parties_of(session, case_id)
    if any(one.educator_id == act.actor.person_id for one in named):
        raise NotFound("there is no such integrity case")
    if case.closed_at is not None:
        raise CaseClosed("this case is decided")
    if case.opened_by == act.actor.person_id:
        raise Forbidden("you reported this: others vote on it")
    if not set(against) <= {one.submission_id for one in named}:
        raise Malformed("a vote is about the submissions that the case names")
    if not reason:
        raise Malformed("say why: the educators and an appeal will read it")
    submissions = await evidence.submissions_by_id(session, {one.submission_id for one in named})
    await check_unbiased(session, act, submissions.values())
    made = Vote(case_id=case.id, person_id=act.actor.person_id, against=against, reason=reason, at=act.now)
    if not await store_integrity.add_vote(session, made):
        raise AlreadyVoted("you have voted in this case")
    given = await store_integrity.votes_of(session, case_id)
    entry = act.entry(
        "integrity.voted",
        f"case:{case.id}",
        organisation=case.organisation_id,
        reason=reason,
        against=" ".join(against) or "nobody",
    )
    await audit.record(session, entry)
    verdicts = rules.verdicts([one.submission_id for one in named], given, case.panel)
    if verdicts is not None:
        await _close(session, act, case, named, given, verdicts)
    return await case_view(session, act, case_id)


async def _close(
    session: Session,
    act: Act,
    case: IntegrityCase,
    named: Sequence[Party],
    given: Sequence[Vote],
    verdicts: dict[str, Verdict],
) -> None:
    await store_integrity.close_case(session, case, act.now)
    for party in named:
        verdict = verdicts[party.submission_id]
        upheld = verdict is Verdict.UPHELD
        said = [one.reason for one in given if (party.submission_id in one.against) is upheld]
        reason = "\n\n".join(dict.fromkeys(said))
        await store_integrity.change_party(session, party, verdict=verdict, reason=reason)
        found = await evidence.submission(session, party.submission_id, lock=True)
        await (_uphold if upheld else _clear)(session, act, case, found, reason)
    entry = act.entry(
        "integrity.decided",
        f"case:{case.id}",
        organisation=case.organisation_id,
        **{submission_id: verdict.value for submission_id, verdict in verdicts.items()},
    )
    await audit.record(session, entry)


async def _uphold(session: Session, act: Act, case: IntegrityCase, found: Submission, reason: str) -> None:
    """What waited is denied. What was awarded is revoked, by an order; its letter goes with the revocation."""
    if found.stage is Stage.EARNED:
        await outbox.place(
            session,
            act.ids,
            act.now,
            REVOKE_ORDER,
            f"{case.id}:{found.id}",
            submission=found.id,
            case=case.id,
            reason=reason,
        )
    elif found.stage in {Stage.HELD, Stage.INCOMPLETE}:
        await _tell(session, act, found, "denied", case)
        await evidence.move(session, act, found, Stage.DENIED, "submission.denied", reason=reason, decided_at=act.now)


async def _clear(session: Session, act: Act, case: IntegrityCase, found: Submission, reason: str) -> None:
    others = [other for other, _ in await store_integrity.cases_about(session, [found.id]) if other.id != case.id]
    if found.stage is Stage.HELD and not any(other.closed_at is None for other in others):
        await _tell(session, act, found, "released", case)
        await to_queue(session, act, found, "submission.released", reason=reason)


async def to_queue(session: Session, act: Act, found: Submission, action: str, *, reason: str) -> Submission:
    """Waiting again for the reading that it lacks. What was scored counts; the days to decide begin anew."""
    version = await catalog.version(session, found.version_id)
    has_scores = bool(await store.readings(session, found.id))
    return await evidence.move(
        session,
        act,
        found,
        Stage.IN_REVIEW if has_scores else Stage.SUBMITTED,
        action,
        reason=reason,
        wants=await wanted_now(session, act.ids, found, version),
        due_at=due_at(version.specification.programme, act.now),
        decided_at=None,
    )


class Involved(msgspec.Struct, frozen=True, kw_only=True):
    """What an educator is told of a case about their own work: not who else is in it."""

    is_open: bool
    verdict: Verdict | None
    reason: str


async def standing_with(session: Session, act: Act, submission_id: str) -> list[Involved]:
    """The cases about one of my submissions, oldest first."""
    found = await evidence.own(session, act, submission_id)
    return [
        Involved(is_open=case.closed_at is None, verdict=party.verdict, reason=party.reason)
        for case, party in await store_integrity.cases_about(session, [found.id])
        if party.held or case.closed_at is not None
    ]
