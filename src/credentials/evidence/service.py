import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import msgspec

from credentials.audit import service as audit
from credentials.awards import service as awards
from credentials.catalog import service as catalog
from credentials.catalog.model import Mode, Programme, Specification, Version
from credentials.catalog.model import Stage as VersionStage
from credentials.catalog.rules import calibration_key, due_at
from credentials.db import Session
from credentials.errors import Conflict, Fault, Malformed, NotFound
from credentials.evidence import prior, rules, store
from credentials.evidence.model import (
    MAX_LISTED,
    Artifact,
    ArtifactKind,
    AttemptOpen,
    Attestations,
    Capacity,
    CoachMeeting,
    Hidden,
    NothingToTakeUp,
    NotOpen,
    PriorPractice,
    Stage,
    Submission,
    Wanted,
    WrongStage,
)
from credentials.evidence.prior import ToAttest, attest_prior, to_attest
from credentials.evidence.store import (
    artifact,
    artifacts_by_submission,
    artifacts_of,
    attested_by,
    coached_by,
    count_by_stage,
    file_digests,
    hand_ins,
    listed_names,
    manifest,
    meetings,
    of_educator,
    open_among,
    open_one,
    prior_practice,
    stored_manifests,
    submission,
    submissions_by_id,
)
from credentials.ids import new_id
from credentials.people import service as people
from credentials.people.model import Act, Role, RoleNeeded
from credentials.people.rules import MAX_NAME, normal_address

__all__ = [
    "COACHES",
    "ToAttest",
    "a_file",
    "a_text",
    "add_all",
    "add_file",
    "add_link",
    "add_specimen",
    "add_text",
    "artifact",
    "artifacts_by_submission",
    "artifacts_of",
    "attest",
    "attest_prior",
    "attested_by",
    "change_text",
    "check_may_add_file",
    "coached_by",
    "count_by_stage",
    "file_digests",
    "forget_prior",
    "hand_ins",
    "has_earned",
    "hidden_of",
    "keep",
    "list_names",
    "listed_names",
    "manifest",
    "meetings",
    "move",
    "of_educator",
    "open_among",
    "open_one",
    "own",
    "prepare",
    "prior_practice",
    "record_meeting",
    "record_meeting_of",
    "remove_artifact",
    "start",
    "stored_manifests",
    "submission",
    "submissions_by_id",
    "submit",
    "tell_prior",
    "to_attest",
    "withdraw",
]


async def start(session: Session, act: Act, version_id: str) -> Submission:
    """Begin a submission for a published version. An educator has one open at a time for each micro-credential."""
    if not act.actor.organisations(Role.EDUCATOR):
        raise RoleNeeded("only educators submit evidence: ask your district or provider to invite you as one")
    entry = await catalog.version_for(session, act.actor, version_id)
    version, of = entry.version, entry.micro_credential
    if version.stage is not VersionStage.PUBLISHED:
        raise NotOpen("this version takes no new submissions: look in the catalogue for the current one")
    ended = await store.decided(session, act.actor.person_id, of.id)
    met = await store.meetings(session, act.actor.person_id, of.id)
    earned = await has_earned(session, act.actor.person_id, of.id, act.now)
    rules.check_may_start(version.specification, ended, len(met), earned=earned)
    started = Submission(
        id=new_id(act.ids, act.now),
        educator_id=act.actor.person_id,
        version_id=version.id,
        micro_credential_id=of.id,
        organisation_id=of.organisation_id,
        attempt_no=len(ended) + 1,
        stage=Stage.DRAFT,
        attestations=Attestations(),
        created_at=act.now,
    )
    if not await store.add(session, started):
        raise AttemptOpen("you have begun this micro-credential already: go on with that submission")
    return started


async def has_earned(session: Session, educator_id: str, micro_credential_id: str, now: datetime) -> bool:
    """Whether somebody has earned it and it has not run out since."""
    ended = await store.decided(session, educator_id, micro_credential_id)
    if Stage.EARNED not in ended:
        return False
    return rules.still_earned(ended, await awards.of_achievement(session, educator_id, micro_credential_id), now)


async def own(session: Session, act: Act, submission_id: str, *, lock: bool = False) -> Submission:
    """The actor's own submission; somebody else's looks like none. ``lock``: to change it, one after another."""
    found = await store.submission(session, submission_id, lock=lock)
    if found.educator_id != act.actor.person_id or found.stage is Stage.SPECIMEN:
        raise NotFound("there is no such submission")
    return found


async def _touched(session: Session, act: Act, submission_id: str) -> Submission:
    """The actor's submission, to change its evidence: counted as changed, and changed by one request after another."""
    found = await store.touch(session, submission_id, act.actor.person_id)
    if found is None:
        await own(session, act, submission_id)
        raise _frozen()
    return found


def _frozen() -> WrongStage:
    return WrongStage("what was handed in is frozen: it can be changed only if it is returned to you")


async def _specification(session: Session, found: Submission) -> Specification:
    return (await catalog.version(session, found.version_id)).specification


async def add_text(
    session: Session, act: Act, submission_id: str, requirement: str, text: str, *, shows_students: bool = False
) -> Artifact:
    written = a_text(act, requirement, text, shows_students=shows_students)
    return (await add_all(session, act, submission_id, [written]))[0]


def a_text(act: Act, requirement: str, text: str, *, shows_students: bool = False) -> Artifact:
    """A text as a piece of evidence, not added yet."""
    rules.check_text(text, ArtifactKind.TEXT)
    return Artifact(
        id=new_id(act.ids, act.now),
        requirement=requirement,
        kind=ArtifactKind.TEXT,
        mode=Mode.TEXT,
        text=text,
        media_type="text/plain",
        size=len(text.encode()),
        digest=rules.text_digest(text),
        shows_students=shows_students,
        added_at=act.now,
    )


async def add_link(
    session: Session, act: Act, submission_id: str, requirement: str, url: str, *, shows_students: bool = False
) -> Artifact:
    """A link is kept as it is and never opened by the service."""
    link = Artifact(
        id=new_id(act.ids, act.now),
        requirement=requirement,
        kind=ArtifactKind.LINK,
        mode=Mode.LINK,
        url=rules.check_link(url),
        size=len(url),
        digest=rules.text_digest(url),
        shows_students=shows_students,
        added_at=act.now,
    )
    return (await add_all(session, act, submission_id, [link]))[0]


async def check_may_add_file(session: Session, act: Act, submission_id: str, requirement: str) -> None:
    """Whether a file could be added at all: asked before its bytes are received."""
    found = await own(session, act, submission_id)
    if found.stage not in rules.EDITABLE:
        raise _frozen()
    asked = (await _specification(session, found)).requirement(requirement)
    modes = [mode for mode in asked.modes if mode not in {Mode.TEXT, Mode.LINK}] if asked else []
    if asked is not None and not modes:
        raise Malformed(f"“{asked.title}” does not take files")
    rules.check_fits(asked, modes[0] if modes else Mode.DOCUMENT, await store.artifacts_of(session, found.id))


async def add_file(
    session: Session,
    act: Act,
    submission_id: str,
    requirement: str,
    *,
    name: str,
    media_type: str,
    digest: str,
    size: int,
    shows_students: bool = False,
) -> Artifact:
    """Add a file that was examined (``evidence.intake``) and is among the kept blobs."""
    uploaded = a_file(
        act,
        requirement,
        name=name,
        media_type=media_type,
        digest=digest,
        size=size,
        shows_students=shows_students,
    )
    return (await add_all(session, act, submission_id, [uploaded]))[0]


def a_file(
    act: Act, requirement: str, *, name: str, media_type: str, digest: str, size: int, shows_students: bool = False
) -> Artifact:
    """A file as a piece of evidence, not added yet."""
    return Artifact(
        id=new_id(act.ids, act.now),
        requirement=requirement,
        kind=ArtifactKind.FILE,
        mode=rules.FILE_MODES[media_type],
        name=rules.clean_file_name(name),
        media_type=media_type,
        size=size,
        digest=digest,
        shows_students=shows_students,
        added_at=act.now,
    )


async def add_all(session: Session, act: Act, submission_id: str, added: Sequence[Artifact]) -> Sequence[Artifact]:
    """Add several pieces in one go, in this order: each must fit beside those before it, or none is added."""
    found = await _touched(session, act, submission_id)
    specification = await _specification(session, found)
    kept = await store.artifacts_of(session, found.id)
    for one in added:
        rules.check_fits(specification.requirement(one.requirement), one.mode, kept)
        kept.append(one)
    await store.add_artifacts(session, found.id, added)
    return added


async def around(session: Session, found: Submission) -> tuple[Submission | None, Submission | None]:
    """The one before it whose work can be taken up again, and the one after it: see ``rules.around``."""
    return rules.around(found, await store.of_micro_credential(session, found.educator_id, found.micro_credential_id))


async def take_up(session: Session, act: Act, submission_id: str) -> Sequence[Artifact]:
    """Add to an attempt what its educator handed in with the one before it, as far as it fits: feedback on one criterion is no
    reason to upload the rest once more. What was vouched for then is said anew."""
    found = await _touched(session, act, submission_id)
    before, _ = await around(session, found)
    earlier = await store.artifacts_of(session, before.id) if before else []
    kept = await store.artifacts_of(session, found.id)
    fitting = rules.that_fit(await _specification(session, found), earlier, kept)
    if not fitting:
        raise NothingToTakeUp(
            "nothing of earlier work fits here any more: what is asked has it already, or takes no more"
        )
    ids = sorted(new_id(act.ids, act.now) for _ in fitting)  # in the order in which they stood
    added = [msgspec.structs.replace(one, id=new, added_at=act.now) for new, one in zip(ids, fitting, strict=True)]
    await store.add_artifacts(session, found.id, added)
    return added


async def change_text(session: Session, act: Act, submission_id: str, artifact_id: str, text: str) -> Artifact:
    await _touched(session, act, submission_id)
    kept = await store.artifact(session, submission_id, artifact_id)
    if kept.kind is not ArtifactKind.TEXT:
        raise Conflict("only texts can be rewritten: remove this one and add another")
    rules.check_text(text, ArtifactKind.TEXT)
    changed = msgspec.structs.replace(kept, text=text, size=len(text.encode()), digest=rules.text_digest(text))
    await store.replace_artifact(session, changed)
    return changed


async def remove_artifact(session: Session, act: Act, submission_id: str, artifact_id: str) -> None:
    await _touched(session, act, submission_id)
    await store.artifact(session, submission_id, artifact_id)
    await store.remove_artifact(session, artifact_id)


async def attest(session: Session, act: Act, submission_id: str, attestations: Attestations) -> Submission:
    found = await _touched(session, act, submission_id)
    await store.save_attestations(session, found.id, attestations)
    return msgspec.structs.replace(found, attestations=attestations)


async def tell_prior(
    session: Session,
    act: Act,
    submission_id: str,
    *,
    began_on: date,
    ended_on: date,
    account: str,
    capacity: Capacity,
    witness: str,
) -> PriorPractice:
    """Say that the evidence shows practice of earlier years, and ask somebody who saw it to attest it."""
    found = await _touched(session, act, submission_id)
    return await prior.tell_prior(
        session,
        act,
        found,
        began_on=began_on,
        ended_on=ended_on,
        account=account,
        capacity=capacity,
        witness=witness,
    )


async def forget_prior(session: Session, act: Act, submission_id: str) -> None:
    await prior.forget_prior(session, act, await _touched(session, act, submission_id))


async def submit(session: Session, act: Act, submission_id: str) -> Submission:
    """Hand in. What is handed in is frozen: its manifest and digest are kept. Raises ``NotReady`` with all that is missing,
    ``WrongStage`` for what is not with its educator: others lead back to the queue from review, a hold or a denial."""
    found = await own(session, act, submission_id, lock=True)
    to = rules.hand_in(found.stage)
    version = await catalog.version(session, found.version_id)
    kept = await store.artifacts_of(session, found.id)
    programme = version.specification.programme
    hidden = await hidden_of(session, found, programme, act.now)
    told = await store.prior_practice(session, found.id)
    rules.check_ready(version.specification, found.attestations, kept, hidden, told, act.now)
    frozen = rules.freeze(found, version, kept, told, act.now)
    digest = hashlib.sha256(rules.octets(frozen)).hexdigest()
    schools = (await people.schools_of(session, [found.educator_id], act.now))[found.educator_id]
    if programme.district_conflict:
        schools |= await people.districts_of(session, found.educator_id, act.now)
    await store.set_schools(session, found.id, schools)
    await store.add_manifest(session, frozen, digest)
    changed = await store.change(
        session,
        found,
        stage=to,
        submitted_at=act.now,
        manifest_digest=digest,
        school_ids=tuple(sorted(schools)),
        wants=Wanted.FIRST,
        due_at=due_at(programme, act.now),
        earned_only=programme.assessors_earned,
        calibration=(
            calibration_key(found.micro_credential_id, version.specification) if programme.calibration.required else ""
        ),
    )
    await audit.record(
        session,
        act.entry(
            "submission.submitted", f"submission:{found.id}", organisation=found.organisation_id, manifest=digest
        ),
    )
    return changed


async def withdraw(session: Session, act: Act, submission_id: str) -> Submission:
    found = await own(session, act, submission_id, lock=True)
    return await move(session, act, found, Stage.WITHDRAWN, "submission.withdrawn", wants=Wanted.NOTHING)


async def hidden_of(session: Session, found: Submission, programme: Programme, now: datetime) -> Hidden:
    """What must not stand in this evidence. Where a programme shows the name, only the names that the educator lists."""
    listed = await store.listed_names(session, found.id)
    if not programme.is_blind:
        return Hidden(listed=listed)
    someone = await people.person(session, found.educator_id)
    addresses = await people.addresses_of(session, someone.id)
    schools = (await people.schools_of(session, [someone.id], now))[someone.id]
    places = await people.organisations_by_id(session, schools)
    return Hidden(
        name=someone.name,
        addresses=tuple(one.address for one in addresses if one.verified_at),
        places=tuple(sorted(one.name for one in places.values())),
        listed=listed,
    )


async def list_names(session: Session, act: Act, submission_id: str, names: Iterable[str]) -> tuple[str, ...]:
    """Names that must not stand in the evidence, such as those of students. Nobody but the educator sees the list, and it is
    forgotten with the decision."""
    await _touched(session, act, submission_id)
    listed = tuple(dict.fromkeys(" ".join(name.split()) for name in names if name.strip()))
    if len(listed) > MAX_LISTED or any(len(name) > MAX_NAME for name in listed):
        raise Malformed(f"list at most {MAX_LISTED} names, one on each line")
    await store.list_names(session, submission_id, listed)
    return listed


COACHES = (Role.SCORING_LEADER, Role.DISTRICT_OFFICER, Role.ADMINISTRATOR)
"""Who records that an educator met a coach."""


async def record_meeting(
    session: Session,
    act: Act,
    *,
    educator_id: str,
    micro_credential_id: str,
    held_on: date,
    coach_id: str | None = None,
    note: str = "",
) -> CoachMeeting:
    """Record a meeting with a coach, by somebody who answers for the educator's school or district, or for the programme.

    Whoever was the coach does not score this educator's work.
    """
    of = await catalog.micro_credential(session, micro_credential_id)
    issuer = await people.organisation(session, of.organisation_id)
    places = {grant.organisation_id for grant in await people.grants_of(session, educator_id, act.now)}
    reach = await people.within(session, act.actor, *COACHES)
    if not (places & reach or (places and act.actor.holds_any(COACHES, issuer.lineage))):
        raise NotFound("there is no such educator in your organisations")
    if educator_id == act.actor.person_id or coach_id == educator_id:
        raise Malformed("a coach is somebody else than the educator, and somebody else records it")
    if held_on > act.now.date() + timedelta(days=1):  # tomorrow: it may be a day later where they met
        raise Malformed("record the meeting when it was held")
    if coach_id is not None:
        await people.person(session, coach_id)
    made = CoachMeeting(
        id=new_id(act.ids, act.now),
        educator_id=educator_id,
        micro_credential_id=of.id,
        coach_id=coach_id,
        held_on=held_on,
        note=note.strip(),
        recorded_by=act.actor.person_id,
        recorded_at=act.now,
    )
    await store.add_meeting(session, made)
    entry = act.entry("coach_meeting.recorded", f"person:{educator_id}", organisation=issuer.id, meeting=made.id)
    await audit.record(session, entry)
    return made


async def record_meeting_of(
    session: Session,
    act: Act,
    *,
    educator_address: str,
    micro_credential_id: str,
    held_on: date,
    coach_address: str = "",
    note: str = "",
) -> CoachMeeting:
    """The same by e-mail addresses, as people know each other. Raises ``Malformed`` with the field at fault: an educator of
    somebody else's is told of as one who is not there, and so is a coach who works neither where the educator does nor for
    the programme (who would not score it either), so that an address does not tell who has an account."""
    educator = _address(educator_address, "educator")
    coach = _address(coach_address, "coach") if coach_address.strip() else ""
    known = await people.persons_of_addresses(session, {educator, coach} - {""})
    of = await catalog.micro_credential(session, micro_credential_id)
    coach_id = known.get(coach)
    if coach:
        near = await _states_of(session, act, known.get(educator))
        near.add((await people.organisation(session, of.organisation_id)).lineage[-1])
        if not near & await _states_of(session, act, coach_id):
            raise _at("coach", "nobody of your organisations has this address: leave it empty if they have no account")
    try:
        return await record_meeting(
            session,
            act,
            educator_id=known.get(educator, ""),
            micro_credential_id=of.id,
            held_on=held_on,
            coach_id=coach_id,
            note=note,
        )
    except NotFound:
        raise _at("educator", "no educator of your organisations has this address") from None


def _address(written: str, field: str) -> str:
    try:
        return normal_address(written)
    except Malformed as failure:
        raise _at(field, failure.detail) from None


def _at(field: str, detail: str) -> Malformed:
    return Malformed(detail, faults=(Fault(detail, field, "invalid"),))


async def _states_of(session: Session, act: Act, person_id: str | None) -> set[str]:
    """The topmost organisations of those in which somebody has a role."""
    if person_id is None:
        return set()
    places = {grant.organisation_id for grant in await people.grants_of(session, person_id, act.now)}
    return {one.lineage[-1] for one in (await people.organisations_by_id(session, places)).values()}


async def move(
    session: Session, act: Act, found: Submission, to: Stage, action: str, *, reason: str = "", **values: object
) -> Submission:
    """Take a submission to its next stage, for whoever decides on it. The table of moves says what is possible."""
    changed = await store.change(session, found, stage=rules.move(found.stage, to), **values)
    if to in rules.ENDED:
        await store.list_names(session, found.id, ())
    entry = act.entry(action, f"submission:{found.id}", organisation=found.organisation_id, reason=reason)
    await audit.record(session, entry)
    return changed


async def keep(session: Session, act: Act, found: Submission, action: str, *, wants: Wanted) -> Submission:
    """What a submission waits for now, where it stays at its stage."""
    changed = found if wants is found.wants else await store.change(session, found, wants=wants)
    await audit.record(session, act.entry(action, f"submission:{found.id}", organisation=found.organisation_id))
    return changed


# Specimens: work by which assessors are calibrated


def prepare(act: Act, version: Version, pieces: Sequence[tuple[str, str, str]]) -> list[Artifact]:
    """Evidence that somebody made up, from requirement, text and link of each piece (one of the two). Raises ``Malformed``."""
    made: list[Artifact] = []
    for requirement, text, url in pieces:
        if bool(text.strip()) == bool(url):
            raise Malformed("each piece of prepared work is a text or a link")
        kind, mode = (ArtifactKind.LINK, Mode.LINK) if url else (ArtifactKind.TEXT, Mode.TEXT)
        if url:
            rules.check_link(url)
        else:
            rules.check_text(text, ArtifactKind.TEXT)
        rules.check_fits(version.specification.requirement(requirement), mode, made)
        one = Artifact(
            id=new_id(act.ids, act.now),
            requirement=requirement,
            kind=kind,
            mode=mode,
            text="" if url else text,
            url=url,
            media_type="" if url else "text/plain",
            size=len((url or text).encode()),
            digest=rules.text_digest(url or text),
            added_at=act.now,
        )
        made.append(one)
    return made


async def add_specimen(
    session: Session,
    act: Act,
    version: Version,
    organisation_id: str,
    artifacts: Sequence[Artifact],
    *,
    attempt_no: int = 1,
    begun_at: datetime,
    submitted_at: datetime,
    wants: Wanted = Wanted.NOTHING,
    responsible_id: str,
    attestations: Attestations | None = None,
) -> Submission:
    """A copy of work that looks as if it had been begun and handed in at these moments, of which nothing will be decided.

    Its identifiers are made as of those moments, too: nothing in it tells that it is not what it looks like.
    """
    programme = version.specification.programme
    first = min((one.added_at for one in artifacts), default=begun_at)
    shift = max(begun_at, first) - first
    kept = [
        msgspec.structs.replace(one, id=new_id(act.ids, at), added_at=at)
        for one in artifacts
        for at in [min(one.added_at + shift, submitted_at)]
    ]
    made = Submission(
        id=new_id(act.ids, begun_at),
        educator_id=responsible_id,
        version_id=version.id,
        micro_credential_id=version.micro_credential_id,
        organisation_id=organisation_id,
        attempt_no=attempt_no,
        stage=Stage.SPECIMEN,
        attestations=attestations or Attestations(own_work=True, student_consent=True),
        created_at=begun_at,
        submitted_at=submitted_at,
        wants=wants,
        due_at=due_at(programme, submitted_at),
    )
    frozen = rules.freeze(made, version, kept, None, submitted_at)
    digest = hashlib.sha256(rules.octets(frozen)).hexdigest()
    made = msgspec.structs.replace(made, manifest_digest=digest)
    await store.add(session, made)
    await store.add_artifacts(session, made.id, kept)
    await store.add_manifest(session, frozen, digest)
    return made
