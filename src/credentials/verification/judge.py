"""Is this credential good? From values alone: what was presented, the materials, the rules and the moment.

The order of SECURITY.md, section 3; ``reading`` has done its steps 1 to 6 before:

    (7-9)  proof         every signature holds, and is the issuer's
           issuer        the registry knows the issuer
    (10)   time          in force now
    (11)   status        neither revoked nor suspended
           recipient     it is about the person whom the asker means, where they name one
    (12)   endorsements  each holds, by its own issuer
           schema        the named schema is one that our models check

It stops at the first check that fails, and at a signature that could not be checked: nothing is known of what is not signed.
Any other thing that stays unknown makes the verdict indeterminate, and a schema that we do not know is only a warning. A
``Refused`` is a finding; any other exception is a bug of ours, and is not caught: it must never read as a forgery.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from credentials.errors import Malformed, Refused
from credentials.jsonld.contexts import Contexts
from credentials.openbadges.model import AchievementCredential, BadgeMembers, Credential, EndorsementCredential
from credentials.openbadges.terms import LanguageValue, Text, one_or_many, parse_date_time
from credentials.trust.model import GENERAL
from credentials.trust.rules import standing_of
from credentials.verification.checks import (
    check_disclosed,
    check_time,
    digest_of,
    valid_from,
    valid_until,
    verified_document,
)
from credentials.verification.memory import Memory
from credentials.verification.model import (
    NOTHING_MORE,
    Check,
    Endorsement,
    Issuer,
    Materials,
    Name,
    Outcome,
    Policy,
    Question,
    Report,
    Undecided,
    Verdict,
)
from credentials.verification.reading import Presented, Signed
from credentials.verification.recipient import check_recipient
from credentials.verification.sentences import (
    IN_FORCE_THEN,
    NO_STATUS,
    NOT_REVOKED_THEN,
    SIGNED_BEFORE,
    failed,
    passed,
    summary,
    unknown,
)
from credentials.verification.status_lists import check_values, statuses

_SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_{}_schema.json"
_CHECKED_SCHEMAS: tuple[tuple[type, str], ...] = (
    (AchievementCredential, _SCHEMA.format("achievementcredential")),
    (EndorsementCredential, _SCHEMA.format("endorsementcredential")),
)
"""The schemas that our models are stricter than, so that a credential which was read has passed them."""


class _Case(msgspec.Struct, frozen=True, kw_only=True):
    """What a check looks at."""

    signed: Signed
    endorsements: tuple[Signed, ...]
    materials: Materials
    contexts: Contexts
    policy: Policy
    now: datetime
    memory: Memory | None
    question: Question

    @property
    def moment(self) -> datetime:
        """The moment that is asked about."""
        return self.question.as_of or self.now

    def logged_at(self, signed: Signed) -> datetime | None:
        return self.materials.logged.get(digest_of(signed)) if self.materials.logged else None


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a check: members of the report, what to say when it was passed, or what is the matter."""

    shown: dict[str, Any] = {}
    detail: str = ""
    problem: Malformed | Undecided | None = None


def judge(
    presented: Presented,
    materials: Materials,
    policy: Policy,
    contexts: Contexts,
    now: datetime,
    memory: Memory | None = None,
    question: Question = NOTHING_MORE,
) -> Report:
    """The report on what was presented. The same arguments give the same report, with a memory or without."""
    checks = list(presented.checks)
    shown: dict[str, Any] = {}
    if presented.signed is not None:
        case = _Case(
            signed=presented.signed,
            endorsements=presented.endorsements,
            materials=materials,
            contexts=contexts,
            policy=policy,
            now=now,
            memory=memory,
            question=question,
        )
        for name, step in _STEPS:
            check, found = _made(name, step, case)
            shown |= found
            if check is not None:
                checks.append(check)
                if check.outcome is Outcome.FAILED or (name is Name.PROOF and check.outcome is Outcome.UNKNOWN):
                    break
    verdict, code = _verdict(checks, policy)
    return Report(
        verdict=verdict,
        code=code,
        summary=summary(verdict, code, shown.get("issuer"), shown.get("achievement", ""), question.as_of),
        checks=tuple(checks),
        container=presented.container,
        format=presented.format,
        digest=presented.digest,
        checked_at=now,
        as_of=question.as_of,
        **shown,
    )


def _made(name: Name, step: "_Step", case: _Case) -> tuple[Check | None, dict[str, Any]]:
    try:
        answer = step(case)
    except (Malformed, Undecided) as problem:
        answer = _Answer(problem=problem)
    if answer is None:
        return None, {}
    match answer.problem:
        case None:
            return passed(name, answer.detail), answer.shown
        case Undecided() as undecided:
            return unknown(name, undecided), answer.shown
        case Malformed() as refused:
            return failed(name, refused), answer.shown


def _verdict(checks: list[Check], policy: Policy) -> tuple[Verdict, str]:
    """The verdict, and the code of the check that decided it."""
    warnings = {Name.SCHEMA} if policy.require_status else {Name.SCHEMA, Name.STATUS}
    for check in checks:
        if check.outcome is Outcome.FAILED:
            return Verdict.REJECT, check.code
    open_ = [check for check in checks if check.outcome is Outcome.UNKNOWN and check.name not in warnings]
    for check in open_:
        if check.name is not Name.ISSUER:
            return Verdict.INDETERMINATE, check.code
    if open_:
        return Verdict.ACCEPT_UNTRUSTED, open_[0].code
    return Verdict.ACCEPT, ""


def _proof(case: _Case) -> _Answer:
    """Steps 7 to 9. From here on there is something to show."""
    signed, credential = case.signed, case.signed.credential
    logged_at = case.logged_at(signed)
    document = verified_document(
        signed, case.materials.key_documents, case.contexts, case.policy, case.now, case.memory, logged_at
    )
    awarded = credential.awardedDate if isinstance(credential, BadgeMembers) else None
    shown = {
        "credential": document,
        "issuer": Issuer(id=signed.issuer),
        "achievement": _title(credential),
        "valid_from": valid_from(credential),
        "valid_until": valid_until(credential),
        "awarded": parse_date_time(awarded) if awarded is not None else None,
    }
    return _Answer(shown=shown, detail=SIGNED_BEFORE if logged_at is not None else "")


def _issuer(case: _Case) -> _Answer:
    """A name that the credential gives its issuer is never shown: only the registry's is."""
    issuer = _recognised(case.signed, case)
    if not issuer.recognised:
        raise Undecided("issuer-not-trusted", f"{issuer.id} is not in the registry for such a credential of that day.")
    if case.question.use is not None and case.question.use not in (issuer.uses or GENERAL):
        accepted = ", ".join(issuer.uses or sorted(GENERAL))
        undecided = Undecided("use-not-accepted", f"It is accepted for: {accepted}; not for {case.question.use}.")
        return _Answer(shown={"issuer": issuer}, problem=undecided)
    return _Answer(shown={"issuer": issuer}, detail=f"The issuer is recognised here as {issuer.name}.")


def _recognised(signed: Signed, case: _Case) -> Issuer:
    """Recognition has dates of its own: those on which the credential begins count, not those on which it is shown."""
    entry = case.materials.issuers.get(signed.issuer)
    start = valid_from(signed.credential)
    about = signed.credential.credentialSubject if isinstance(signed.credential, AchievementCredential) else None
    standing = standing_of(
        entry,
        min(start, case.now) if start is not None else case.now,
        (about.achievement.id or "") if about else "",
        (about.achievement.achievementType or "") if about else "",
    )
    if entry is None or standing is None:
        return Issuer(id=signed.issuer)
    return Issuer(
        id=signed.issuer,
        name=standing.name,
        recognised=True,
        logo=standing.logo,
        uses=tuple(sorted(standing.uses)) if entry.terms else (),
        conditions=standing.conditions,
        recognised_by=standing.by,
    )


def _time(case: _Case) -> _Answer:
    """Step 10."""
    check_time(case.signed.credential, case.policy, case.moment)
    check_disclosed(case.signed, "an end", valid_until(case.signed.credential))
    return _Answer(detail=IN_FORCE_THEN if case.question.as_of else "")


def _status(case: _Case) -> _Answer:
    """Step 11. Bad news from one list counts, whatever the others say; then comes that one could not be had."""
    check_disclosed(case.signed, "a status", case.signed.credential.credentialStatus)
    if case.signed.credential.credentialStatus is None:
        return _Answer(detail=NO_STATUS)
    found, open_ = statuses(
        case.signed, case.materials, case.contexts, case.policy, case.now, case.memory, case.question.as_of
    )
    problem: Malformed | Undecided | None = next(iter(open_), None)
    try:
        check_values(found)
    except Refused as refused:
        problem = refused
    except Undecided as undecided:
        problem = problem or undecided
    detail = NOT_REVOKED_THEN if case.question.as_of else ""
    return _Answer(shown={"statuses": found}, detail=detail, problem=problem)


def _recipient(case: _Case) -> _Answer | None:
    """Open Badges 3.0, "Verify the Recipient Using an Identifier"."""
    if case.question.recipient is None:
        return None
    check_recipient(case.signed.credential, case.question.recipient)
    return _Answer()


def _endorsements(case: _Case) -> _Answer | None:
    """Step 12. An endorsement that does not hold was put there by the issuer, so the credential does not hold either."""
    if not case.endorsements:
        return None
    if sum(one.signatures for one in (case.signed, *case.endorsements)) > case.policy.max_signatures:
        raise Undecided("canonicalization-limit", f"At most {case.policy.max_signatures} signatures are checked.")
    described = _ids(case)
    found: list[Endorsement] = []
    problem: Undecided | None = None
    for one in case.endorsements:
        try:
            found.append(_endorsement(one, described, case))
        except Undecided as undecided:
            problem = problem or undecided
        except Malformed as error:
            raise Refused("endorsement-invalid", error.detail, one.pointer) from error
    return _Answer(shown={"endorsements": tuple(found)}, problem=problem)


def _endorsement(one: Signed, described: frozenset[str], case: _Case) -> Endorsement:
    credential = one.credential
    if not isinstance(credential, EndorsementCredential):
        raise Refused("endorsement-invalid", "A credential stands in this one that is no endorsement.")
    logged_at = case.logged_at(one)
    verified_document(one, case.materials.key_documents, case.contexts, case.policy, case.now, case.memory, logged_at)
    check_time(credential, case.policy, case.moment)
    check_disclosed(one, "an end", valid_until(credential))
    check_disclosed(one, "a status", credential.credentialStatus)
    found, open_ = statuses(one, case.materials, case.contexts, case.policy, case.now, case.memory, case.question.as_of)
    check_values(found)
    for undecided in open_:
        raise undecided
    subject = credential.credentialSubject
    if subject.id not in described:
        raise Refused("endorsement-invalid", "It endorses something else than what this credential speaks of.")
    return Endorsement(issuer=_recognised(one, case), about=subject.id, comment=subject.endorsementComment or "")


def _ids(case: _Case) -> frozenset[str]:
    """What an endorsement may be of: all that the credential itself names, and the other endorsements and their issuers."""
    ids = {one.issuer for one in case.endorsements} | {one.document.get("id") for one in case.endorsements}
    todo: list[object] = [case.signed.document]
    while todo:
        value = todo.pop()
        if isinstance(value, list):
            todo.extend(value)
        elif isinstance(value, dict):
            ids.add(value.get("id"))
            todo.extend(item for name, item in value.items() if name != "endorsement")
    return frozenset(one for one in ids if isinstance(one, str))


def _schema(case: _Case) -> _Answer | None:
    """A schema is never fetched. Those that are known are weaker than what ``reading`` asks for."""
    schemas = one_or_many(case.signed.credential.credentialSchema)
    checked = {url for kind, url in _CHECKED_SCHEMAS if isinstance(case.signed.credential, kind)}
    for schema in schemas:
        if schema.id not in checked:
            raise Undecided("schema-not-checked", f"{schema.id} is not a schema that is known here.")
    return _Answer() if schemas else None


_Step = Callable[[_Case], _Answer | None]

_STEPS: tuple[tuple[Name, _Step], ...] = (
    (Name.PROOF, _proof),
    (Name.ISSUER, _issuer),
    (Name.TIME, _time),
    (Name.STATUS, _status),
    (Name.RECIPIENT, _recipient),
    (Name.ENDORSEMENTS, _endorsements),
    (Name.SCHEMA, _schema),
)


def _title(credential: Credential) -> str:
    if isinstance(credential, AchievementCredential):
        return _text(credential.credentialSubject.achievement.name)
    return _text(credential.name)


def _text(text: Text | None) -> str:
    """A text that may come in several languages: the first."""
    match text:
        case None:
            return ""
        case str():
            return text
        case LanguageValue():
            return text.value
        case list():
            return text[0].value if text else ""
