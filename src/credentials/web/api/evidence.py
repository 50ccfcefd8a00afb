"""Submissions: evidence in parts, attestations, handing in."""

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Annotated, Any, NamedTuple

from litestar import Request, Response, Router, delete, get, post, put
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from credentials.catalog.model import KEY_PATTERN, Key, Mode
from credentials.db import Session
from credentials.errors import Stale, TooLarge
from credentials.evidence import intake, service
from credentials.evidence.model import Artifact, ArtifactKind, Attestations, Stage, Submission
from credentials.evidence.rules import FILE_MODES, clean_file_name
from credentials.people.model import Act, Scope
from credentials.review.service import check_may_read, hand_in
from credentials.web.deps import SCOPE_KEY
from credentials.web.once import KEY, Once, key_of
from credentials.web.openapi import BODY_KEY, FILE_FIELD, MEDIA_TYPES_KEY, ONE_FILE, TAGGED
from credentials.web.parts import Parts
from credentials.web.requests import Upload, one_file
from credentials.web.wire import Asked, Page, Paging, Wire, etag

TextText = Annotated[str, Meta(min_length=1, max_length=100_000)]


class UploadRules(Wire):
    """Which files are taken. ``extensions`` maps an ending to its media type, ``modes`` a media type to its mode."""

    max_bytes: int
    extensions: dict[str, str]
    modes: dict[str, Mode]


class NewSubmission(Asked):
    version_id: Annotated[str, Meta(max_length=36)]


class SubmissionShown(Wire):
    id: str
    version_id: str
    micro_credential_id: str
    attempt_no: int
    stage: Stage
    attestations: Attestations
    manifest_digest: str
    created_at: datetime
    submitted_at: datetime | None
    due_at: datetime | None
    decided_at: datetime | None


class HiddenNames(Asked):
    """Names that must not stand in the evidence, such as those of students who may not be named."""

    names: Annotated[list[Annotated[str, Meta(max_length=200)]], Meta(max_length=200)]


class NewMeeting(Asked):
    """A meeting of an educator with a coach. ``coachId``: whoever it was does not score this educator's work."""

    educator_id: Annotated[str, Meta(max_length=36)]
    micro_credential_id: Annotated[str, Meta(max_length=36)]
    held_on: date
    coach_id: Annotated[str, Meta(max_length=36)] | None = None
    note: Annotated[str, Meta(max_length=5_000)] = ""


class MeetingShown(Wire):
    id: str
    educator_id: str
    micro_credential_id: str
    held_on: date
    coach_id: str | None
    recorded_at: datetime


class SubmissionWhole(Wire):
    submission: SubmissionShown
    artifacts: list[Artifact]


class NewText(Asked):
    requirement: Key
    text: TextText
    shows_students: bool = False


class TextChange(Asked):
    text: TextText


class NewLink(Asked):
    requirement: Key
    url: Annotated[str, Meta(min_length=1, max_length=2_000)]
    shows_students: bool = False


def show_submission(submission: Submission) -> SubmissionShown:
    return SubmissionShown(
        id=submission.id,
        version_id=submission.version_id,
        micro_credential_id=submission.micro_credential_id,
        attempt_no=submission.attempt_no,
        stage=submission.stage,
        attestations=submission.attestations,
        manifest_digest=submission.manifest_digest,
        created_at=submission.created_at,
        submitted_at=submission.submitted_at,
        due_at=submission.due_at,
        decided_at=submission.decided_at,
    )


def _tagged(submission: Submission) -> Response[SubmissionShown]:
    return Response(show_submission(submission), headers={"ETag": etag(submission.revision)})


@get("/upload-rules")
async def upload_rules(parts: NamedDependency[Parts]) -> UploadRules:
    """Which files are taken as evidence, and how large they may be."""
    return UploadRules(
        max_bytes=parts.settings.max_upload_bytes, extensions=dict(intake.EXTENSIONS), modes=dict(FILE_MODES)
    )


@get("/submissions", opt={SCOPE_KEY: Scope.EVIDENCE_READ})
async def list_submissions(
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    paging: NamedDependency[Paging],
) -> Response[Page[SubmissionShown]]:
    """My submissions, newest first."""
    (after,) = paging.after()
    found = await service.of_educator(session, act.actor.person_id, after=after, limit=paging.enough)
    return paging.page(found, show_submission)


@post("/submissions", status_code=201, opt={SCOPE_KEY: Scope.EVIDENCE_WRITE})
async def start(
    data: JSONBody[NewSubmission],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[SubmissionShown]:
    """Begin a submission for a published version."""

    async def work() -> SubmissionShown:
        return show_submission(await service.start(session, act, data.version_id))

    return await once(session, work)


@get("/submissions/{submission_id:str}", opt={SCOPE_KEY: Scope.EVIDENCE_READ}, response_headers=TAGGED)
async def get_submission(
    submission_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> Response[SubmissionWhole]:
    """One of my submissions with its evidence."""
    found = await service.own(session, act, submission_id)
    whole = SubmissionWhole(
        submission=show_submission(found), artifacts=await service.artifacts_of(session, submission_id)
    )
    return Response(whole, headers={"ETag": etag(found.revision)})


@post("/submissions/{submission_id:str}/texts", status_code=201, opt={SCOPE_KEY: Scope.EVIDENCE_WRITE})
async def add_text(
    submission_id: FromPath[str],
    data: JSONBody[NewText],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[Artifact]:
    """Add a text."""

    async def work() -> Artifact:
        return await service.add_text(
            session, act, submission_id, data.requirement, data.text, shows_students=data.shows_students
        )

    return await once(session, work)


@put("/submissions/{submission_id:str}/texts/{artifact_id:str}", opt={SCOPE_KEY: Scope.EVIDENCE_WRITE})
async def change_text(
    submission_id: FromPath[str],
    artifact_id: FromPath[str],
    data: JSONBody[TextChange],
    known: NamedDependency[int | None],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Artifact:
    """Rewrite a text. With the ETag of the submission in If-Match, only if nothing of it changed since."""
    await _check_known(session, act, submission_id, known)
    return await service.change_text(session, act, submission_id, artifact_id, data.text)


async def _check_known(session: Session, act: Act, submission_id: str, known: int | None) -> None:
    if known is not None and (await service.own(session, act, submission_id, lock=True)).revision != known:
        raise Stale("this submission was changed meanwhile: read it again and repeat your change")


@post("/submissions/{submission_id:str}/links", status_code=201, opt={SCOPE_KEY: Scope.EVIDENCE_WRITE})
async def add_link(
    submission_id: FromPath[str],
    data: JSONBody[NewLink],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[Artifact]:
    """Add a link. It is kept and shown, and never opened by the service."""

    async def work() -> Artifact:
        return await service.add_link(
            session, act, submission_id, data.requirement, data.url, shows_students=data.shows_students
        )

    return await once(session, work)


@post(
    "/submissions/{submission_id:str}/files",
    status_code=201,
    opt={SCOPE_KEY: Scope.EVIDENCE_WRITE, BODY_KEY: ONE_FILE},
    request_max_body_size=None,  # the setting says how much; see ``one_file``
)
async def add_file(
    request: Request[Any, Any, Any],
    submission_id: FromPath[str],
    requirement: Annotated[str, QueryParameter(pattern=KEY_PATTERN)],
    once: NamedDependency[Once],
    parts: NamedDependency[Parts],
    shows_students: FromQuery[bool] = False,
) -> Response[Artifact]:
    """Add a file (multipart/form-data, one file). See ``/upload-rules``."""
    await _check_before(parts, once, submission_id, requirement)
    async with one_file(request, FILE_FIELD, limit=parts.settings.max_upload_bytes) as upload:
        return await _take_in(parts, once, submission_id, requirement, upload, shows_students=shows_students)


async def receive(
    request: Request[Any, Any, Any],
    parts: Parts,
    act: Act,
    submission_id: str,
    requirement: str,
    upload: UploadFile,
    *,
    shows_students: bool,
) -> Response[Artifact]:
    """The same for a file of a form that was read already."""
    once = Once(request, act, key_of(request.headers.get(KEY, "")))
    await _check_before(parts, once, submission_id, requirement)
    read = Upload(upload.filename, chunks_of(upload))
    return await _take_in(parts, once, submission_id, requirement, read, shows_students=shows_students)


async def _check_before(parts: Parts, once: Once, submission_id: str, requirement: str) -> None:
    """Whether the file may be added at all, asked before its bytes are received; unless it was added and is asked about
    again."""
    async with parts.database.read() as session:
        if not await once.was_done(session):
            await service.check_may_add_file(session, once.act, submission_id, requirement)


async def _take_in(
    parts: Parts, once: Once, submission_id: str, requirement: str, upload: Upload, *, shows_students: bool
) -> Response[Artifact]:
    """Take a file in: examined and kept, then recorded. What fails on the way leaves nothing."""
    file = await examined(parts, upload)

    async def work() -> Artifact:
        return await service.add_file(
            session,
            once.act,
            submission_id,
            requirement,
            name=file.name,
            media_type=file.media_type,
            digest=file.digest,
            size=file.size,
            shows_students=shows_students,
        )

    async with parts.database.write() as session:
        return await once(session, work, body=f"{requirement} {file.received} {file.name}".encode())


class Examined(NamedTuple):
    """A file among the kept blobs. ``received``: the digest of its bytes as they came, before metadata were stripped."""

    name: str
    media_type: str
    digest: str
    size: int
    received: str


async def examined(parts: Parts, upload: Upload) -> Examined:
    """Received and hashed, examined, cleaned, kept. No transaction is open while bytes move."""
    name = clean_file_name(upload.filename)
    received = await parts.blobs.receive(upload.chunks, limit=parts.settings.max_upload_bytes)
    try:
        media_type, clean = await intake.examine(parts.memory.apart, received.path, name)
        kept = received if clean is None else await parts.blobs.receive(_bytes(clean), limit=len(clean))
        digest = await parts.blobs.keep(kept)
    finally:
        parts.blobs.discard(received)
    return Examined(name, media_type, digest, kept.size, received.digest)


async def chunks_of(upload: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await upload.read(1 << 18):
        yield chunk


async def _bytes(content: bytes) -> AsyncIterator[bytes]:
    with io.BytesIO(content) as file:
        while chunk := file.read(1 << 18):
            yield chunk


@delete(
    "/submissions/{submission_id:str}/artifacts/{artifact_id:str}",
    status_code=204,
    opt={SCOPE_KEY: Scope.EVIDENCE_WRITE},
)
async def remove_artifact(
    submission_id: FromPath[str],
    artifact_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> None:
    """Remove a piece of evidence."""
    await service.remove_artifact(session, act, submission_id, artifact_id)


@put("/submissions/{submission_id:str}/attestations", opt={SCOPE_KEY: Scope.EVIDENCE_WRITE}, response_headers=TAGGED)
async def attest(
    submission_id: FromPath[str],
    data: JSONBody[Attestations],
    known: NamedDependency[int | None],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[SubmissionShown]:
    """Say that it is my own work, that students consented, and what generative AI did. If-Match as with a text."""
    await _check_known(session, act, submission_id, known)
    return _tagged(await service.attest(session, act, submission_id, data))


@get("/submissions/{submission_id:str}/hidden-names", opt={SCOPE_KEY: Scope.EVIDENCE_READ})
async def hidden_names(
    submission_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> list[str]:
    """The names that I have listed. Nobody else sees them, and they are forgotten with the decision."""
    await service.own(session, act, submission_id)
    return list(await service.listed_names(session, submission_id))


@put("/submissions/{submission_id:str}/hidden-names", opt={SCOPE_KEY: Scope.EVIDENCE_WRITE})
async def list_names(
    submission_id: FromPath[str],
    data: JSONBody[HiddenNames],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> list[str]:
    """List names that must not stand in my evidence: file names and texts are looked through before I hand in."""
    return list(await service.list_names(session, act, submission_id, data.names))


@post("/coach-meetings", status_code=201, opt={SCOPE_KEY: Scope.PEOPLE_WRITE})
async def record_meeting(
    data: JSONBody[NewMeeting],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[MeetingShown]:
    """Record that an educator met a coach, which some programmes ask for before a further attempt."""

    async def work() -> MeetingShown:
        made = await service.record_meeting(
            session,
            act,
            educator_id=data.educator_id,
            micro_credential_id=data.micro_credential_id,
            held_on=data.held_on,
            coach_id=data.coach_id,
            note=data.note,
        )
        return MeetingShown(
            id=made.id,
            educator_id=made.educator_id,
            micro_credential_id=made.micro_credential_id,
            held_on=made.held_on,
            coach_id=made.coach_id,
            recorded_at=made.recorded_at,
        )

    return await once(session, work)


@post(
    "/submissions/{submission_id:str}/hand-in",
    status_code=200,
    opt={SCOPE_KEY: Scope.EVIDENCE_WRITE},
    response_headers=TAGGED,
)
async def submit(
    submission_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> Response[SubmissionShown]:
    """Hand in. Everything that is missing is named; what is handed in is frozen."""
    return _tagged(await hand_in(session, act, submission_id))


@post(
    "/submissions/{submission_id:str}/withdrawal",
    status_code=200,
    opt={SCOPE_KEY: Scope.EVIDENCE_WRITE},
    response_headers=TAGGED,
)
async def withdraw(
    submission_id: FromPath[str], session: NamedDependency[Session], act: NamedDependency[Act]
) -> Response[SubmissionShown]:
    """Withdraw a submission that nobody reviews yet."""
    return _tagged(await service.withdraw(session, act, submission_id))


@get(
    "/submissions/{submission_id:str}/artifacts/{artifact_id:str}/content",
    opt={SCOPE_KEY: Scope.EVIDENCE_READ, MEDIA_TYPES_KEY: sorted({*FILE_MODES, "text/plain"})},
    media_type="application/octet-stream",
)
async def content(
    submission_id: FromPath[str],
    artifact_id: FromPath[str],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
    parts: NamedDependency[Parts],
) -> Response[bytes]:
    """The bytes of a file of my own submission, or of one that I review, always as a download."""
    await check_may_read(session, act, submission_id)
    found = await service.artifact(session, submission_id, artifact_id)
    return await download(parts, found)


async def download(parts: Parts, artifact: Artifact) -> Response[bytes]:
    """Served as an attachment under a neutral name: nothing that somebody uploaded is ever shown as a page of ours."""
    if artifact.kind is not ArtifactKind.FILE:
        body = (artifact.text or artifact.url).encode()
        return Response(body, media_type="text/plain; charset=utf-8", headers=_attachment(f"{artifact.id}.txt"))
    if artifact.size > parts.settings.max_upload_bytes:
        raise TooLarge("the file is larger than the service serves")
    body = await asyncio.to_thread(parts.blobs.read, artifact.digest)
    ending = next(end for end, media_type in intake.EXTENSIONS.items() if media_type == artifact.media_type)
    return Response(body, media_type=artifact.media_type, headers=_attachment(f"{artifact.id}.{ending}"))


def _attachment(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }


ROUTES = Router(
    path="",
    tags=["evidence"],
    route_handlers=[
        upload_rules,
        list_submissions,
        start,
        get_submission,
        add_text,
        change_text,
        add_link,
        add_file,
        remove_artifact,
        attest,
        hidden_names,
        list_names,
        record_meeting,
        submit,
        withdraw,
        content,
    ],
)
