from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from credentials.db import (
    Session,
    all_by_id,
    find_all,
    find_by,
    find_one,
    insert_all,
    insert_once,
    insert_one,
    known,
    one_by_id,
    revise,
    to_struct,
)
from credentials.errors import NotFound, Stale
from credentials.evidence.model import Artifact, Attestations, CoachMeeting, Manifest, PriorPractice, Stage, Submission
from credentials.evidence.rules import ATTEMPTED, EDITABLE, OPEN, octets
from credentials.evidence.tables import (
    artifacts,
    coach_meetings,
    hidden_names,
    manifests,
    prior_practices,
    submission_schools,
    submissions,
)

_TOUCH = (
    update(submissions)
    .where(
        submissions.c.id == bindparam("of_id"),
        submissions.c.educator_id == bindparam("of_educator"),
        submissions.c.stage.in_(EDITABLE),
    )
    .values(revision=submissions.c.revision + 1)
    .returning(submissions)
)
_ARTIFACTS_OF = select(artifacts).where(artifacts.c.submission_id == bindparam("submission")).order_by(artifacts.c.id)


async def add(session: Session, submission: Submission) -> bool:
    """Whether it was added: an educator has one open submission per micro-credential."""
    return await insert_once(session, submissions, submission)


async def submission(session: Session, submission_id: str, *, lock: bool = False) -> Submission:
    return await one_by_id(session, Submission, submissions, submission_id, "there is no such submission", lock=lock)


async def submissions_by_id(session: Session, ids: Iterable[str]) -> dict[str, Submission]:
    return await all_by_id(session, Submission, submissions, ids)


async def of_educator(session: Session, educator_id: str, *, after: str = "", limit: int = 50) -> list[Submission]:
    """Newest first, beginning behind ``after``."""
    query = select(submissions).where(submissions.c.educator_id == educator_id, submissions.c.stage != Stage.SPECIMEN)
    if after:
        query = query.where(submissions.c.id < after)
    return await find_all(session, Submission, query.order_by(submissions.c.id.desc()).limit(limit))


async def open_one(session: Session, educator_id: str, micro_credential_id: str) -> Submission | None:
    query = select(submissions).where(
        submissions.c.educator_id == educator_id,
        submissions.c.micro_credential_id == micro_credential_id,
        submissions.c.stage.in_(OPEN),
    )
    return await find_one(session, Submission, query)


async def open_among(session: Session, educator_id: str, micro_credential_ids: Iterable[str]) -> dict[str, Submission]:
    """What somebody has open of these micro-credentials, by the micro-credential."""
    query = select(submissions).where(
        submissions.c.educator_id == educator_id,
        submissions.c.micro_credential_id.in_(set(micro_credential_ids)),
        submissions.c.stage.in_(OPEN),
    )
    return await find_by(session, Submission, submissions.c.micro_credential_id, query)


_DECIDED = (
    select(submissions.c.stage)
    .where(
        submissions.c.educator_id == bindparam("educator"),
        submissions.c.micro_credential_id == bindparam("micro_credential"),
        submissions.c.stage.in_(ATTEMPTED),
    )
    .order_by(submissions.c.attempt_no)
)


async def decided(session: Session, educator_id: str, micro_credential_id: str) -> list[Stage]:
    """How earlier attempts ended, the first one first."""
    rows = await session.execute(_DECIDED, {"educator": educator_id, "micro_credential": micro_credential_id})
    return [Stage(stage) for stage in rows.scalars()]


_OF_ONE = select(submissions).where(
    submissions.c.educator_id == bindparam("educator"),
    submissions.c.micro_credential_id == bindparam("micro_credential"),
    submissions.c.stage != Stage.SPECIMEN,
)


async def of_micro_credential(session: Session, educator_id: str, micro_credential_id: str) -> list[Submission]:
    """All that somebody has begun for one micro-credential."""
    of = {"educator": educator_id, "micro_credential": micro_credential_id}
    return await find_all(session, Submission, _OF_ONE, of)


async def change(session: Session, submission: Submission, **values: Any) -> Submission:
    """Write ``values`` if nobody else wrote since ``submission`` was read, and its educator began no other attempt since, of
    which one may be open. Raises ``Stale``."""
    try:
        return await revise(session, submissions, submission, "this submission", **values)
    except IntegrityError as error:
        raise Stale("another attempt was begun meanwhile: read it again and repeat your change") from error


async def touch(session: Session, submission_id: str, educator_id: str) -> Submission | None:
    """The educator's submission if its evidence can be changed, counted as changed and held until the transaction ends."""
    row = (await session.execute(_TOUCH, {"of_id": submission_id, "of_educator": educator_id})).one_or_none()
    return to_struct(row, Submission) if row else None


_FORGET_SCHOOLS = delete(submission_schools).where(submission_schools.c.submission_id == bindparam("submission"))
_ADD_SCHOOL = insert(submission_schools)


async def set_schools(session: Session, submission_id: str, school_ids: Iterable[str]) -> None:
    """Where the educator works now, in place of where they worked when it was handed in before."""
    await session.execute(_FORGET_SCHOOLS, {"submission": submission_id})
    for school_id in school_ids:
        await session.execute(_ADD_SCHOOL, {"submission_id": submission_id, "school_id": school_id})


_ATTEST = update(submissions).where(submissions.c.id == bindparam("of_id"))


async def save_attestations(session: Session, submission_id: str, attestations: Attestations) -> None:
    await session.execute(_ATTEST, {"of_id": submission_id, "attestations": attestations})


async def hand_ins(session: Session, submission_id: str) -> list[datetime]:
    """When it was handed in, first to last."""
    query = (
        select(manifests.c.frozen_at).where(manifests.c.submission_id == submission_id).order_by(manifests.c.frozen_at)
    )
    return list((await session.execute(query)).scalars())


# Names to hide, and meetings with a coach


_LISTED = select(hidden_names.c.names).where(hidden_names.c.submission_id == bindparam("submission"))
_FORGET_NAMES = delete(hidden_names).where(hidden_names.c.submission_id == bindparam("submission"))


async def listed_names(session: Session, submission_id: str) -> tuple[str, ...]:
    return (await session.execute(_LISTED, {"submission": submission_id})).scalar_one_or_none() or ()


async def list_names(session: Session, submission_id: str, names: tuple[str, ...]) -> None:
    """These in place of those before; none forgets them."""
    await session.execute(_FORGET_NAMES, {"submission": submission_id})
    if names:
        await session.execute(insert(hidden_names).values(submission_id=submission_id, names=names))


async def add_meeting(session: Session, meeting: CoachMeeting) -> None:
    await insert_one(session, coach_meetings, meeting)


_MEETINGS = (
    select(coach_meetings)
    .where(
        coach_meetings.c.educator_id == bindparam("educator"),
        coach_meetings.c.micro_credential_id == bindparam("micro_credential"),
    )
    .order_by(coach_meetings.c.id)
)


async def meetings(session: Session, educator_id: str, micro_credential_id: str) -> list[CoachMeeting]:
    of = {"educator": educator_id, "micro_credential": micro_credential_id}
    return await find_all(session, CoachMeeting, _MEETINGS, of)


_COACHED = select(coach_meetings.c.educator_id).where(coach_meetings.c.coach_id == bindparam("coach")).distinct()


async def coached_by(session: Session, coach_id: str) -> set[str]:
    """The educators whom this person met as a coach."""
    return set((await session.execute(_COACHED, {"coach": coach_id})).scalars())


# Earlier practice


_PRIOR_PRACTICE = select(prior_practices).where(prior_practices.c.submission_id == bindparam("submission"))


async def prior_practice(session: Session, submission_id: str) -> PriorPractice | None:
    return await find_one(session, PriorPractice, _PRIOR_PRACTICE, {"submission": submission_id})


async def set_prior_practice(session: Session, submission_id: str, told: PriorPractice | None) -> None:
    """This in place of what was told before, or nothing."""
    await session.execute(delete(prior_practices).where(prior_practices.c.submission_id == submission_id))
    if told:
        await insert_one(session, prior_practices, told)


async def practices_to_attest(session: Session, witness_id: str, *, limit: int = 100) -> list[PriorPractice]:
    """What somebody was asked to attest, newest first, answered or not."""
    query = (
        select(prior_practices)
        .where(prior_practices.c.witness_id == witness_id)
        .order_by(prior_practices.c.asked_at.desc(), prior_practices.c.submission_id)
        .limit(limit)
    )
    return await find_all(session, PriorPractice, query)


_ATTESTED = (
    select(submissions.c.educator_id)
    .join(prior_practices, prior_practices.c.submission_id == submissions.c.id)
    .where(prior_practices.c.witness_id == bindparam("witness"))
    .distinct()
)


async def attested_by(session: Session, witness_id: str) -> set[str]:
    """The educators who asked this person to attest their practice."""
    return set((await session.execute(_ATTESTED, {"witness": witness_id})).scalars())


# Artifacts


async def add_artifacts(session: Session, submission_id: str, added: Sequence[Artifact]) -> None:
    await insert_all(session, artifacts, added, submission_id=submission_id)


async def artifacts_of(session: Session, submission_id: str) -> list[Artifact]:
    return await find_all(session, Artifact, _ARTIFACTS_OF, {"submission": submission_id})


async def artifacts_by_submission(session: Session, submission_ids: Iterable[str]) -> dict[str, list[Artifact]]:
    found: dict[str, list[Artifact]] = {one: [] for one in submission_ids}
    query = select(artifacts).where(artifacts.c.submission_id.in_(found.keys())).order_by(artifacts.c.id)
    for row in await session.execute(query):
        found[row.submission_id].append(to_struct(row, Artifact))
    return found


async def artifact(session: Session, submission_id: str, artifact_id: str) -> Artifact:
    query = select(artifacts).where(artifacts.c.submission_id == submission_id, artifacts.c.id == artifact_id)
    return known(await find_one(session, Artifact, query), "there is no such piece of evidence")


async def replace_artifact(session: Session, changed: Artifact) -> None:
    values = msgspec.structs.asdict(changed)
    await session.execute(update(artifacts).where(artifacts.c.id == changed.id).values(**values))


async def remove_artifact(session: Session, artifact_id: str) -> None:
    await session.execute(delete(artifacts).where(artifacts.c.id == artifact_id))


async def file_digests(session: Session) -> set[str]:
    """Digests of all files that a submission refers to."""
    query = select(artifacts.c.digest).where(artifacts.c.kind == "file").distinct()
    return set((await session.execute(query)).scalars())


# Manifests


async def add_manifest(session: Session, manifest: Manifest, digest: str) -> None:
    values = {
        "submission_id": manifest.submission,
        "digest": digest,
        "body": octets(manifest),
        "frozen_at": manifest.frozen_at,
    }
    await insert_once(session, manifests, values)


_MANIFEST = select(manifests.c.body).where(
    manifests.c.submission_id == bindparam("submission"), manifests.c.digest == bindparam("of_digest")
)


async def manifest(session: Session, submission_id: str, digest: str) -> Manifest:
    body = (await session.execute(_MANIFEST, {"submission": submission_id, "of_digest": digest})).scalar_one_or_none()
    if body is None:
        raise NotFound("nothing was handed in yet")
    return msgspec.json.decode(body, type=Manifest)


async def stored_manifests(session: Session) -> list[tuple[str, str, bytes]]:
    """Submission, digest and bytes of every manifest, for ``fsck``."""
    query = select(manifests.c.submission_id, manifests.c.digest, manifests.c.body)
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]


async def count_by_stage(session: Session, organisation_ids: Iterable[str]) -> dict[Stage, int]:
    query = (
        select(submissions.c.stage, func.count())
        .where(submissions.c.organisation_id.in_(set(organisation_ids)), submissions.c.stage != Stage.SPECIMEN)
        .group_by(submissions.c.stage)
    )
    return {Stage(stage): count for stage, count in await session.execute(query)}
