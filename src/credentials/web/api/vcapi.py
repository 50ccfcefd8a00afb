"""The VC-API of the W3C Credentials Community Group (https://w3c-ccg.github.io/vc-api/), under ``/vc-api``.

Issuing and statuses through issuer instances, deriving and verifying for everybody. Only there when the settings say so. It is
described by its own specification, and so is not in our description.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from credentials.db import Session
from credentials.errors import Fault, Malformed, Refused, Unauthenticated
from credentials.instances import service
from credentials.instances.model import Instance, Instances
from credentials.instances.service import Identity
from credentials.issuing import service as issuing
from credentials.jsonld.canonize import label_nodes
from credentials.jsonld.reader import read_json
from credentials.openbadges.presentation import in_rdf
from credentials.people import service as people
from credentials.people.model import Actor, Role, RoleNeeded, Scope
from credentials.people.rules import require
from credentials.proofs import ecdsa_sd_2023
from credentials.proofs.data_integrity import read_proofs, with_proof
from credentials.proofs.enveloped import enveloped
from credentials.proofs.model import JsonObject
from credentials.sealing.model import Format, LintFailed
from credentials.status.model import Purpose
from credentials.trust.rules import did_of
from credentials.verification.integrity import check_resources
from credentials.verification.model import DEFAULT, Check, Kind, Name, Outcome, Question, Report
from credentials.verification.reading import check_content, check_contexts
from credentials.web.api.verification import check
from credentials.web.asking import Asking
from credentials.web.deps import SCOPE_KEY
from credentials.web.errors import PROBLEM
from credentials.web.limits import RateLimit
from credentials.web.once import KEY, key_of
from credentials.web.parts import Parts
from credentials.web.requests import ServiceRequest
from credentials.web.status_lists import PublishedLists

T = TypeVar("T")

MAX_POINTERS = 1_000
"""JSON Pointers of one request: a badge has a hundred statements."""

_VCDM = "https://www.w3.org/TR/vc-data-model#"
_SECURITY = "https://w3id.org/security#"
_STATUS_LIST = "https://www.w3.org/ns/credentials/status-list#"
_TYPES = {
    **dict.fromkeys(("PARSING_ERROR", "CRYPTOGRAPHIC_SECURITY_ERROR", "MALFORMED_VALUE_ERROR", "RANGE_ERROR"), _VCDM),
    **dict.fromkeys(("STATUS_RETRIEVAL_ERROR", "STATUS_VERIFICATION_ERROR", "STATUS_LIST_LENGTH_ERROR"), _STATUS_LIST),
}

_ALWAYS = frozenset({Name.FORMAT, Name.CONTEXT, Name.MODEL, Name.PROOF})
_OF_PRESENTATION = _ALWAYS - {Name.PROOF} | {Name.HOLDER, Name.MEMBERS}
_OPTIONAL = frozenset({Name.RESOURCES, Name.SCHEMA, Name.ENDORSEMENTS, Name.MEMBERS})
"""Checks that are not made where there is nothing to look at."""
_LEFT_OPEN = frozenset({Name.RESOURCES, Name.SCHEMA})
_NOT_ASKED = frozenset({"issuer-not-trusted", "use-not-accepted", "holder-not-subject", "nothing-presented"})
_NOT_SAID = "INVALID_DOMAIN_ERROR"
"""Unknown where a presentation is made for somebody, and who asks does not say whether that is them."""
_CHECKS: dict[str, frozenset[Name]] = {
    "proof": frozenset(),
    "credentialStatus": frozenset({Name.STATUS}),
    "status": frozenset({Name.STATUS}),
    "credentialSchema": frozenset({Name.SCHEMA}),
    "relatedResource": frozenset({Name.RESOURCES}),
    "validityPeriod": frozenset({Name.TIME}),
    "expiration": frozenset({Name.TIME}),
    "endorsements": frozenset({Name.ENDORSEMENTS}),
}
"""What ``options.checks`` may ask for, besides what is always looked at."""


class ProblemDetails(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457, as VCDM 2.0 asks for it."""

    type: str
    title: str
    detail: str
    pointer: str = ""


class Verification(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """VerificationResult, and where it says no, a problem document (RFC 9457) as well.

    ``verified`` is about what was asked for; ``warnings`` are what else is to know, above all that nobody here recognises the
    issuer. ``report`` is all that we found, in our own words.
    """

    verified: bool
    checks: tuple[str, ...] = ()
    problem_details: tuple[ProblemDetails, ...] = ()
    errors: tuple[ProblemDetails, ...] = ()
    warnings: tuple[ProblemDetails, ...] = ()
    report: Report | None = None
    type: str = ""
    title: str = ""
    status: int = 0
    detail: str = ""


class InstanceShown(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    name: str
    id: str
    cryptosuite: str
    key_type: str
    status_purposes: tuple[str, ...]
    issue: str


class IssueOptions(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    mandatory_pointers: tuple[str, ...] | None = None
    credential_id: str = ""


class DeriveOptions(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    selective_pointers: tuple[str, ...] = ()


class VerifyOptions(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Other options than these may come: those of the specification that say how much is to be answered.

    ``checks`` may be null. The other three are those of Verify Proof (Data Integrity 1.0, section 4.4): what is given must be
    what the proofs say, and null asks for nothing.
    """

    checks: tuple[str, ...] | None = ()
    expected_proof_purpose: str | None = None
    challenge: str | None = None
    domain: str | None = None


class IssueRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    credential: JsonObject
    options: IssueOptions = IssueOptions()


class DeriveRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    verifiable_credential: JsonObject
    options: DeriveOptions = DeriveOptions()


class VerifyRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    verifiable_credential: JsonObject | str
    options: VerifyOptions = VerifyOptions()


class VerifyPresentationRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    verifiable_presentation: JsonObject | str
    options: VerifyOptions = VerifyOptions()


class StatusNamed(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    type: str
    status_purpose: Purpose
    status_list_index: str | None = None
    status_list_credential: str | None = None


class StatusRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    credential_id: Annotated[str, msgspec.Meta(min_length=1)]
    credential_status: StatusNamed
    status: bool = True


# Instances


@get("/issuers", include_in_schema=False)
async def list_instances(parts: NamedDependency[Parts], now: NamedDependency[datetime]) -> list[InstanceShown]:
    """The instances of this service: their ids as issuers, and the addresses under which they issue."""
    base_url = parts.settings.base_url
    return [
        InstanceShown(
            name=one.name,
            id=(await _identity(parts, now, one)).did,
            cryptosuite=one.suite,
            key_type=one.key_type,
            status_purposes=one.status,
            issue=f"{base_url}/vc-api/issuers/{one.name}/credentials/issue",
        )
        for one in _instances(parts).instances
    ]


def _instances(parts: Parts) -> Instances:
    assert parts.instances is not None  # the addresses are only there when there are instances
    return parts.instances


async def _identity(parts: Parts, now: datetime, instance: Instance) -> Identity:
    async with parts.database.read() as session:
        if instance.organisation:
            found = await people.organisation_by_slug(session, instance.organisation)
            return Identity(found.id, did_of(parts.settings.base_url, found.slug))
        known = await service.known_identity(session, instance)
    if known is not None:
        return known
    async with parts.database.write() as session:
        return await service.identity_of(session, parts.bureau, now, instance)


async def _may_issue(session: Session, parts: Parts, instance: Instance, actor: Actor | None) -> str:
    """Who asks, for the record. An administrator of the organisation that is issued for; of any, for an instance that has
    an identity of its own. Anybody, where the settings open it."""
    if parts.settings.vc_api_open:
        return actor.person_id if actor else "anybody"
    if actor is None:
        raise Unauthenticated("send an API token with the scope credentials:issue as: Authorization: Bearer ecr_…")
    if instance.organisation:
        where = await people.organisation_by_slug(session, instance.organisation)
        require(actor, where.lineage, Role.ADMINISTRATOR)
    elif not actor.organisations(Role.ADMINISTRATOR):
        raise RoleNeeded("this needs the role of administrator in some organisation")
    return actor.person_id


# Issuing


@post(
    ["/credentials/issue", "/issuers/{name:str}/credentials/issue"],
    opt={SCOPE_KEY: Scope.CREDENTIALS_ISSUE},
    include_in_schema=False,
)
async def issue(
    request: ServiceRequest,
    parts: NamedDependency[Parts],
    actor: NamedDependency[Actor | None],
    now: NamedDependency[datetime],
    name: FromPath[str] = "",
) -> Response[Any]:
    """Issue a credential: 201 with it, secured. The same credential with an id, or the same `Idempotency-Key`, gets the same
    answer again."""
    instance = _instances(parts).named(name)
    async with parts.database.read() as session:
        who = await _may_issue(session, parts, instance, actor)
    try:
        asked = await _read(request, IssueRequest)
        _check_pointers(asked.options.mandatory_pointers or ())
        if "@context" in asked.credential:
            check_contexts(asked.credential, parts.contexts, DEFAULT)
        check_resources(asked.credential, parts.pinned.get)
        sealed = await service.issue(
            parts.bureau,
            now,
            instance,
            identity := await _identity(parts, now, instance),
            asked.credential,
            actor=who,
            mandatory=asked.options.mandatory_pointers,
            key=key_of(request.headers.get(KEY, "")) or asked.options.credential_id,
        )
    except (Refused, LintFailed) as refused:
        return _refusal(refused)
    if instance.status:
        await issuing.publish_lists_of(parts.office, now, identity.owner)
    if sealed.format is Format.JWT:
        return Response({"verifiableCredential": enveloped(sealed.body.decode("ascii"))}, status_code=201)
    body = b'{"verifiableCredential":' + sealed.body + b"}"  # the very bytes that were signed
    return Response(body, status_code=201, media_type="application/json")


@post(
    ["/credentials/status", "/issuers/{name:str}/credentials/status"],
    status_code=200,
    opt={SCOPE_KEY: Scope.CREDENTIALS_ISSUE},
    include_in_schema=False,
)
async def set_status(
    request: ServiceRequest,
    parts: NamedDependency[Parts],
    actor: NamedDependency[Actor | None],
    now: NamedDependency[datetime],
    name: FromPath[str] = "",
) -> Response[Any]:
    """Revoke or suspend a credential, or end a suspension. The list is published before the answer."""
    instance = _instances(parts).named(name)
    async with parts.database.read() as session:
        who = await _may_issue(session, parts, instance, actor)
    try:
        asked = await _read(request, StatusRequest)
    except Refused as refused:
        return _refusal(refused)
    identity = await _identity(parts, now, instance)
    async with parts.database.write() as session:
        await service.set_status(
            session,
            parts.bureau,
            now,
            instance,
            identity,
            asked.credential_id,
            asked.credential_status.status_purpose,
            to=asked.status,
            actor=who,
            index=asked.credential_status.status_list_index,
            list_url=asked.credential_status.status_list_credential,
        )
    await issuing.publish_lists_of(parts.office, now, identity.owner)
    lists: PublishedLists = request.app.state.published_lists
    lists.ask_again()
    return Response({}, status_code=200)


# Deriving and verifying


@post("/credentials/derive", include_in_schema=False)
async def derive(
    request: ServiceRequest, parts: NamedDependency[Parts], now: NamedDependency[datetime], peer: NamedDependency[str]
) -> Response[Any]:
    """What a holder shows of a credential with a selective disclosure proof: 201 with it. Nothing of it is kept."""
    _limit(request).take(peer, now)
    try:
        asked = await _read(request, DeriveRequest)
        _check_pointers(asked.options.selective_pointers)
        document = {name: value for name, value in asked.verifiable_credential.items() if name != "proof"}
        check_contexts(document, parts.contexts, DEFAULT)
        check_content(document, parts.contexts)
        revealed, proof = ecdsa_sd_2023.derive_proof(
            document,
            _base_proof(asked.verifiable_credential),
            lambda part: label_nodes(part, parts.contexts),
            selective_pointers=asked.options.selective_pointers,
        )
    except Refused as refused:
        return _refusal(refused)
    return Response({"verifiableCredential": with_proof(revealed, proof)}, status_code=201)


def _base_proof(credential: JsonObject) -> JsonObject:
    proofs = credential.get("proof")
    listed = proofs if isinstance(proofs, list) else [proofs]
    found = [one for one in listed if isinstance(one, dict) and one.get("cryptosuite") == ecdsa_sd_2023.NAME]
    if len(found) != 1:
        raise Refused("PROOF_VERIFICATION_ERROR", "It is not a credential with one ecdsa-sd-2023 proof.", "/proof")
    return found[0]


@post(["/credentials/verify", "/issuers/{name:str}/credentials/verify"], status_code=200, include_in_schema=False)
async def verify(
    request: ServiceRequest,
    parts: NamedDependency[Parts],
    now: NamedDependency[datetime],
    peer: NamedDependency[str],
    name: FromPath[str] = "",
) -> Response[Any]:
    """Verify a credential, a token or an enveloped credential: 200 when it is verified, else 400 with the problem."""
    _instances(parts).named(name)
    _limit(request).take(peer, now)
    try:
        asked = await _read(request, VerifyRequest)
        wanted = _wanted(asked.options.checks)
        _check_purpose(asked.options, "assertionMethod")
        _check_occasion(asked.options, asked.verifiable_credential)
        octets = _octets(asked.verifiable_credential)
    except Refused as refused:
        return _refusal(refused)
    report = await check(parts, octets, now)
    if report.kind is Kind.PRESENTATION:
        return _refusal(
            Refused("MALFORMED_VALUE_ERROR", "This is a presentation, no credential.", "/verifiableCredential")
        )
    return _answer(report, wanted)


@post("/presentations/verify", status_code=200, include_in_schema=False)
async def verify_presentation(
    request: ServiceRequest, parts: NamedDependency[Parts], now: NamedDependency[datetime], peer: NamedDependency[str]
) -> Response[Any]:
    """Verify a presentation and what is in it: 200 when it is verified, else 400 with the problem. Its holder must have signed
    it; whether it is about the holder is for whoever asks, and is told in the warnings. So is for whom it was made, where the
    options name no domain (Data Integrity 1.0, section 4.4)."""
    _limit(request).take(peer, now)
    try:
        asked = await _read(request, VerifyPresentationRequest)
        wanted = _wanted(asked.options.checks)
        _check_purpose(asked.options, "authentication")
        shown = asked.verifiable_presentation
        octets = _octets(in_rdf(shown) if isinstance(shown, dict) else shown)
    except Refused as refused:
        return _refusal(refused)
    question = Question(domain=asked.options.domain, challenge=asked.options.challenge)
    report = await check(parts, octets, now, Asking(question=question))
    if report.kind is not Kind.PRESENTATION and not _failed(report):
        return _refusal(Refused("MALFORMED_VALUE_ERROR", "This is no presentation.", "/verifiablePresentation"))
    if not any(one.name is Name.HOLDER for one in report.checks) and not _failed(report):
        return _refusal(Refused("no-proof", "Nobody has signed this presentation.", "/verifiablePresentation/proof"))
    return _answer(report, wanted and _OF_PRESENTATION)


def _check_purpose(options: VerifyOptions, ours: str) -> None:
    """An address verifies proofs for one purpose, and takes none for another."""
    if options.expected_proof_purpose not in (None, ours):
        detail = f"Proofs for {ours} alone are good here, and another purpose is expected."
        raise Refused("PROOF_VERIFICATION_ERROR", detail, "/options/expectedProofPurpose")


def _check_occasion(options: VerifyOptions, credential: JsonObject | str) -> None:
    """That the proofs of a credential are made for the domain and the challenge, where some are named. Hardly any credential's
    are: it is for everybody. Those of a presentation are looked at with its signature."""
    if options.domain is None and options.challenge is None:
        return
    proofs = read_proofs(credential) if isinstance(credential, dict) and "proof" in credential else ()
    if options.domain is not None and not (proofs and all(options.domain in one.domain for one in proofs)):
        raise Refused("INVALID_DOMAIN_ERROR", "It is not made for this domain.", "/options/domain")
    if options.challenge is not None and not (proofs and all(options.challenge == one.challenge for one in proofs)):
        raise Refused("INVALID_CHALLENGE_ERROR", "It does not answer this challenge.", "/options/challenge")


def _failed(report: Report) -> bool:
    return any(one.outcome is Outcome.FAILED for one in report.checks)


def _limit(request: Request[Any, Any, Any]) -> RateLimit:
    limit: RateLimit = request.app.state.verify_limit
    return limit


def _octets(presented: JsonObject | str) -> bytes:
    return presented.encode() if isinstance(presented, str) else msgspec.json.encode(presented)


def _wanted(checks: Sequence[str] | None) -> frozenset[Name] | None:
    """What decides; ``None`` for everything, which is what is meant where nothing is named."""
    if not checks:
        return None
    if unknown := [one for one in checks if one not in _CHECKS]:
        detail = f"There is no check {unknown[0][:80]!r}: there are {', '.join(_CHECKS)}."
        raise Refused("MALFORMED_VALUE_ERROR", detail, "/options/checks")
    return _ALWAYS.union(*(_CHECKS[one] for one in checks))


def _answer(report: Report, wanted: frozenset[Name] | None) -> Response[Verification]:
    """What decides must have been passed. A check that was not come to, because another one failed before, was not passed.
    What a good signature says of a related resource that is at hand must be so, whatever was asked for."""
    errors = tuple(_problem(one) for one in report.checks if _decides(one, wanted))
    if not errors:
        errors = tuple(_problem(one) for member in _members(report) for one in member.checks if _differs(one))
    warnings = tuple(
        _problem(one) for one in report.checks if one.outcome is not Outcome.PASSED and not _decides(one, wanted)
    )
    made = frozenset(one.name for one in report.checks)
    base = _OF_PRESENTATION if report.kind is Kind.PRESENTATION else _ALWAYS
    if not errors and not (wanted or base) - _OPTIONAL <= made:
        errors, warnings = warnings or (_details("MALFORMED_VALUE_ERROR", report.summary, ""),), ()
    names = tuple(one.name.value for one in report.checks)
    if not errors:
        return Response(Verification(verified=True, checks=names, warnings=warnings, report=report))
    told = Verification(
        verified=False,
        checks=names,
        problem_details=errors,
        errors=errors,
        warnings=warnings,
        report=report,
        type=errors[0].type,
        title=errors[0].title,
        status=400,
        detail=errors[0].detail,
    )
    return Response(told, status_code=400, media_type=PROBLEM)


def _members(report: Report) -> Iterator[Report]:
    for member in report.members:
        yield member
        yield from _members(member)


def _differs(found: Check) -> bool:
    return found.name is Name.RESOURCES and found.outcome is Outcome.FAILED


def _decides(found: Check, wanted: frozenset[Name] | None) -> bool:
    """Whether a check makes the answer a no. Whom we recognise, and who is the subject, is not asked here.

    Where nothing is named everything decides, but for a schema that we do not know, for a related resource that is elsewhere,
    and for what a holder chose not to show: whoever needs that names the check.
    """
    if _differs(found):
        return True
    if found.outcome is Outcome.PASSED or found.name is Name.ISSUER or found.code in _NOT_ASKED:
        return False
    if found.outcome is Outcome.UNKNOWN and found.code == _NOT_SAID:
        return False
    if wanted is not None:
        return found.name in wanted
    return found.outcome is Outcome.FAILED or (found.name not in _LEFT_OPEN and found.code != "not-disclosed")


def _problem(found: Check) -> ProblemDetails:
    return _details(found.code, found.reason or found.detail, found.pointer)


def _details(code: str, detail: str, pointer: str) -> ProblemDetails:
    """A problem under the address that the standards give it; ours have addresses of our own."""
    ours = _SECURITY if code.isupper() else "/problems/"
    return ProblemDetails(type=_TYPES.get(code, ours) + code, title=code, detail=detail, pointer=pointer)


def _refusal(refused: Malformed) -> Response[Verification]:
    faults = refused.faults or (Fault(refused.detail, code="MALFORMED_VALUE_ERROR"),)
    problems = tuple(_details(fault.code or "MALFORMED_VALUE_ERROR", fault.detail, fault.pointer) for fault in faults)
    told = Verification(
        verified=False,
        problem_details=problems,
        errors=problems,
        type=problems[0].type,
        title=problems[0].title,
        status=400,
        detail=refused.detail,
    )
    return Response(told, status_code=400, media_type=PROBLEM)


async def _read(request: ServiceRequest, shape: type[T]) -> T:
    """The body, read as strictly as any credential. Raises ``Refused``."""
    request.check_json()
    value = read_json(await request.body())
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise Refused(
            "MALFORMED_VALUE_ERROR", f"The request is not of the form that this address takes: {error}."
        ) from error


def _check_pointers(pointers: Sequence[str]) -> None:
    if len(pointers) > MAX_POINTERS:
        raise Refused("MALFORMED_VALUE_ERROR", f"At most {MAX_POINTERS} JSON Pointers are taken.")


ROUTES = Router(
    path="/vc-api",
    tags=["vc-api"],
    route_handlers=[list_instances, issue, set_status, derive, verify, verify_presentation],
)
