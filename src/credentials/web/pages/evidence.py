"""An educator's submissions: evidence part by part, statements, handing in, and what was decided."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Template

from credentials.awards import service as awards
from credentials.catalog import service as catalog
from credentials.catalog.model import EvidenceRequirement, Key, PartKind, Specification
from credentials.catalog.rules import due_day
from credentials.db import Session
from credentials.errors import Fault, Malformed, TooLarge
from credentials.evidence import intake, rules, service
from credentials.evidence.model import (
    AiDeclaration,
    Artifact,
    Attestations,
    Hidden,
    NotReady,
    PriorPractice,
    Stage,
    Submission,
)
from credentials.people import service as people
from credentials.people.model import Act
from credentials.review import service as review
from credentials.review.model import Decision
from credentials.web.api import evidence as api
from credentials.web.pages.catalog import titles_of
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form, read_form
from credentials.web.pages.page import Page, further
from credentials.web.pages.words import BASIS, SUBMISSION
from credentials.web.wire import Asked, read_cursor

SHOWN = 50
FORM_ROOM = 64 << 10
"""What a form with a file in it may have besides the file."""


class NewFile(Asked):
    requirement: Key


@get("/submissions")
async def submissions(
    page: NamedDependency[Page], act: NamedDependency[Act], cursor: FromQuery[str | None] = None
) -> Template:
    """My submissions, newest first."""
    (after,) = read_cursor(cursor)
    async with page.parts.database.read() as session:
        found = await service.of_educator(session, act.actor.person_id, after=after, limit=SHOWN + 1)
        shown = found[:SHOWN]
        entries = await catalog.entries_by_version(session, {submission.version_id for submission in shown})
    return page.show(
        "evidence/submissions.html",
        now_open=[submission for submission in shown if submission.stage in rules.OPEN],
        ended=[submission for submission in shown if submission.stage not in rules.OPEN],
        entries=entries,
        next=further("/submissions", found, SHOWN),
    )


@get("/submissions/{submission_id:str}")
async def submission(submission_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """One of my submissions: the work on it while it is open to me, what was decided once it is."""
    return await _submission(page, act, submission_id)


async def _submission(page: Page, act: Act, submission_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        found = await service.own(session, act, submission_id)
        entry = (await catalog.entries_by_version(session, [found.version_id]))[found.version_id]
        specification = entry.version.specification
        artifacts = await service.artifacts_of(session, found.id)
        issuer = await people.organisation(session, found.organisation_id)
        decision = await _decision_on(session, found)
        award = await awards.by_submission(session, found.id) if found.stage is Stage.EARNED else None
        note = await review.last_return_note(session, found.id) if found.stage is Stage.INCOMPLETE else ""
        hidden = await service.hidden_of(session, found, specification.programme, page.now)
        prior = await service.prior_practice(session, found.id)
        timeline = await _timeline(session, found, specification, decision)
        before, after = await service.around(session, found)
        again = []
        if before and found.stage is Stage.DRAFT:
            again = rules.that_fit(specification, await service.artifacts_of(session, before.id), artifacts)
    missing = what_is_missing(specification, found.attestations, artifacts, hidden, prior, page.now)
    by_requirement = {
        one.id: [kept for kept in artifacts if kept.requirement == one.id] for one in specification.evidence
    }
    room = {one.id: max(0, one.max_items - len(by_requirement[one.id])) for one in specification.evidence}
    editable = found.stage in rules.EDITABLE
    return page.show(
        "evidence/submission.html",
        filled=filled,
        submission=found,
        entry=entry,
        specification=specification,
        issuer=issuer,
        parts=[(part, [one for one in specification.evidence if one.part is part]) for part in PartKind],
        artifacts=by_requirement,
        room=room,
        shows_students=any(artifact.shows_students for artifact in artifacts),
        editable=editable,
        is_there=editable and _is_shown(filled.form, room),
        missing={fault.pointer: fault.detail for fault in missing},
        accepts={one.id: accepted_endings(one) for one in specification.evidence},
        max_bytes=page.parts.settings.max_upload_bytes,
        count_words=rules.count_words,
        titles=titles_of(specification),
        decision=decision,
        scores={score.criterion: score for score in decision.scores} if decision else {},
        award=award,
        note=note,
        timeline=timeline,
        prior=prior,
        before=before,
        after=after,
        again=again,
        listed="\n".join(hidden.listed),
    )


def _is_shown(form: str, room: dict[str, int]) -> bool:
    """Whether the form that came back is still on the page: meanwhile there may be no room for what it would add."""
    kind, _, of = form.partition("-")
    return kind in {"attest", "edit", "names"} or room.get(of, 0) > 0


class Step(NamedTuple):
    """One thing that happened to a submission or will: ``at`` is a moment, ``on`` a day. ``tone`` as of words."""

    title: str
    detail: str = ""
    at: datetime | None = None
    on: date | None = None
    icon: str = "check_circle"
    is_open: bool = False


async def _timeline(
    session: Session, found: Submission, specification: Specification, decision: Decision | None
) -> list[Step]:
    """What happened so far, and what comes next and by when."""
    steps = [Step("Begun", at=found.created_at)]
    happened = [Step("Handed in", at=at) for at in await service.hand_ins(session, found.id)]
    happened += [
        Step("Came back: something is missing", note, at=at) for at, note in await review.returns(session, found.id)
    ]
    steps += sorted(happened, key=lambda step: step.at or found.created_at)
    if decision:
        steps.append(Step(SUBMISSION[found.stage].text, _why(decision), at=decision.decided_at))
    elif found.stage is Stage.WITHDRAWN:
        steps.append(Step("Withdrawn"))
    elif found.stage in {Stage.SUBMITTED, Stage.IN_REVIEW}:
        read = "An assessor reads it." if found.stage is Stage.IN_REVIEW else "It waits for an assessor."
        on = due_day(specification.programme, found.due_at) if found.due_at else None
        steps.append(Step("Decision by" if on else "Decision", read, on=on, icon="hourglass_empty", is_open=True))
    return steps


def _why(decision: Decision) -> str:
    """What a decision rests on, in a sentence."""
    points = f" Mean points: {decision.points:g}." if decision.points is not None else ""
    return BASIS[decision.basis].detail + points


async def _decision_on(session: Session, found: Submission) -> Decision | None:
    decided = found.stage in {Stage.EARNED, Stage.NOT_YET_EARNED}
    return await review.decision(session, found.id) if decided else None


def what_is_missing(
    specification: Specification,
    attestations: Attestations,
    artifacts: Sequence[Artifact],
    hidden: Hidden,
    prior: PriorPractice | None,
    now: datetime,
) -> tuple[Fault, ...]:
    """What stands between a draft and handing it in."""
    try:
        rules.check_ready(specification, attestations, artifacts, hidden, prior, now)
    except NotReady as not_ready:
        return not_ready.faults
    return ()


def accepted_endings(requirement: EvidenceRequirement) -> list[str]:
    """The endings of the files that a requirement takes."""
    return [f".{end}" for end, kind in intake.EXTENSIONS.items() if rules.FILE_MODES[kind] in requirement.modes]


def _at(submission_id: str, requirement: str) -> str:
    return f"/submissions/{submission_id}#requirement-{requirement}"


@post("/submissions/{submission_id:str}/texts")
async def add_text(
    submission_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    try:
        asked = form.read(
            api.NewText, requirement=form["requirement"], text=form["text"], showsStudents=form.flag("shows_students")
        )
        async with page.parts.database.write() as session:
            await service.add_text(
                session, act, submission_id, asked.requirement, asked.text, shows_students=asked.shows_students
            )
    except MENDABLE as failure:
        filled = form.back(f"text-{form['requirement']}", failure, field="text")
        return await _submission(page, act, submission_id, filled)
    return page.go(_at(submission_id, asked.requirement), "evidence-added")


@post("/submissions/{submission_id:str}/texts/{artifact_id:str}")
async def change_text(
    submission_id: FromPath[str],
    artifact_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    try:
        asked = form.read(api.TextChange, text=form["text"])
        async with page.parts.database.write() as session:
            changed = await service.change_text(session, act, submission_id, artifact_id, asked.text)
    except MENDABLE as failure:
        return await _submission(page, act, submission_id, form.back(f"edit-{artifact_id}", failure, field="text"))
    return page.go(_at(submission_id, changed.requirement), "evidence-added")


@post("/submissions/{submission_id:str}/links")
async def add_link(
    submission_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    try:
        asked = form.read(
            api.NewLink,
            requirement=form["requirement"],
            url=form.line("url"),
            showsStudents=form.flag("shows_students"),
        )
        async with page.parts.database.write() as session:
            await service.add_link(
                session, act, submission_id, asked.requirement, asked.url, shows_students=asked.shows_students
            )
    except MENDABLE as failure:
        filled = form.back(f"link-{form['requirement']}", failure, field="url")
        return await _submission(page, act, submission_id, filled)
    return page.go(_at(submission_id, asked.requirement), "evidence-added")


@post("/submissions/{submission_id:str}/files", request_max_body_size=None)  # see ``check_length``
async def add_file(
    submission_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]
) -> Template | Response[None]:
    """Add a file. Its size is looked at before any of it is taken in."""
    form = Form({}, {})
    try:
        check_length(page)
        form = await read_form(page.request)
        upload = form.files.get("file")
        if upload is None or not upload.filename:
            raise Malformed("choose a file first")
        asked = form.read(NewFile, requirement=form["requirement"])
        await api.receive(
            page.request,
            page.parts,
            act,
            submission_id,
            asked.requirement,
            upload,
            shows_students=form.flag("shows_students"),
        )
    except MENDABLE as failure:
        filled = form.back(f"file-{form['requirement']}", failure, field="file")
        return await _submission(page, act, submission_id, filled)
    return page.go(_at(submission_id, asked.requirement), "evidence-added")


def check_length(page: Page) -> None:
    """Whether a file is small enough, by what the browser says of it before it sends it. Raises ``TooLarge``.

    Every browser says it; what comes without it is not from one.
    """
    length = page.request.headers.get("content-length", "")
    if not (length.isascii() and length.isdecimal()):
        raise Malformed("the upload does not say how large it is")
    most = page.parts.settings.max_upload_bytes
    if len(length) > 15 or int(length) > most + FORM_ROOM:
        raise TooLarge(f"the file is larger than {most >> 20} MB: hand in a smaller or shorter one")


@post("/submissions/{submission_id:str}/earlier-work")
async def take_up(
    submission_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Begin with what was handed in before."""
    try:
        async with page.parts.database.write() as session:
            await service.take_up(session, act, submission_id)
    except MENDABLE as failure:
        return await _submission(page, act, submission_id, form.back("artifacts", failure))
    return page.go(f"/submissions/{submission_id}", "taken-up")


@post("/submissions/{submission_id:str}/artifacts/{artifact_id:str}/remove")
async def remove_artifact(
    submission_id: FromPath[str],
    artifact_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    try:
        async with page.parts.database.write() as session:
            await service.remove_artifact(session, act, submission_id, artifact_id)
    except MENDABLE as failure:
        return await _submission(page, act, submission_id, form.back("artifacts", failure))
    return page.go(_at(submission_id, form["requirement"]), "evidence-removed")


@post("/submissions/{submission_id:str}/attestations")
async def attest(
    submission_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Say that it is my own work, that students consented, and what generative AI did."""
    try:
        said = form.read(
            Attestations,
            ownWork=form.flag("own_work"),
            studentConsent=form.flag("student_consent"),
            aiUse=form["ai_use"] or AiDeclaration.NONE,
            aiStatement=form["ai_statement"].strip(),
            practisedFrom=form.line("practised_from") or None,
        )
        async with page.parts.database.write() as session:
            await service.attest(session, act, submission_id, said)
    except MENDABLE as failure:
        filled = form.back(
            "attest", failure, at={"aiStatement": "ai_statement", "aiUse": "ai_use", "practisedFrom": "practised_from"}
        )
        return await _submission(page, act, submission_id, filled)
    return page.go(f"/submissions/{submission_id}#statements", "attested")


@post("/submissions/{submission_id:str}/hand-in")
async def hand_in(
    submission_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Hand in. What is missing is named, with the way to it."""
    try:
        async with page.parts.database.write() as session:
            await review.hand_in(session, act, submission_id)
    except MENDABLE as failure:
        return await _submission(page, act, submission_id, form.back("hand-in", failure))
    return page.go(f"/submissions/{submission_id}", "handed-in")


@post("/submissions/{submission_id:str}/withdrawal")
async def withdraw(
    submission_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    try:
        async with page.parts.database.write() as session:
            await service.withdraw(session, act, submission_id)
    except MENDABLE as failure:
        return await _submission(page, act, submission_id, form.back("withdraw", failure))
    return page.go("/submissions", "withdrawn")


@post("/submissions/{submission_id:str}/hidden-names")
async def list_names(
    submission_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """List names that must not stand in the evidence."""
    try:
        async with page.parts.database.write() as session:
            await service.list_names(session, act, submission_id, form.lines("names"))
    except MENDABLE as failure:
        return await _submission(page, act, submission_id, form.back("names", failure, field="names"))
    return page.go(f"/submissions/{submission_id}#names", "names-listed")


HANDLERS = [
    submissions,
    submission,
    add_text,
    change_text,
    add_link,
    add_file,
    take_up,
    remove_artifact,
    attest,
    list_names,
    hand_in,
    withdraw,
]
