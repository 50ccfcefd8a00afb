"""Is this credential good? From values alone: what was presented, the materials, the rules and the moment.

The order of SECURITY.md, section 3; ``reading`` has done its steps 1 to 6 before:

    (7-9)  proof         every signature holds, and is the issuer's
           issuer        the registry knows the issuer
           resources     what it binds by a digest is what is at hand here
    (10)   time          in force now
    (11)   status        neither revoked nor suspended
           recipient     it is about the person whom the asker means, where they name one
    (12)   endorsements  each holds, by its own issuer
           schema        the named schema is one that our models check

It stops at the first check that fails, and at a signature that could not be checked: nothing is known of what is not signed.
Any other thing that stays unknown makes the verdict indeterminate; a schema that we do not know, and a related resource that is
elsewhere, are only warnings. A ``Refused`` is a finding; any other exception is a bug of ours, and is not caught: it must never
read as a forgery.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from credentials.errors import Malformed, Refused
from credentials.jsonld.contexts import Contexts
from credentials.openbadges.model import (
    AchievementCredential,
    BadgeMembers,
    ClrCredential,
    Credential,
    EndorsementCredential,
)
from credentials.openbadges.terms import LanguageValue, Text, one_or_many, parse_date_time
from credentials.verification import holders, older
from credentials.verification.checks import (
    check_disclosed,
    check_issuer,
    check_time,
    digest_of,
    issuer_at,
    valid_from,
    valid_until,
    verified_document,
)
from credentials.verification.integrity import check_resources
from credentials.verification.links import NOTHING_THERE, behind, refresh_url
from credentials.verification.memory import Memory
from credentials.verification.model import (
    NOTHING_MORE,
    Association,
    Check,
    Container,
    Endorsement,
    Issuer,
    Materials,
    Name,
    Outcome,
    Policy,
    Present,
    Question,
    Report,
    Undecided,
    Verdict,
)
from credentials.verification.reading import Presented, Shown, Signed, read
from credentials.verification.recipient import check_recipient
from credentials.verification.sentences import (
    IN_FORCE_THEN,
    NO_STATUS,
    NOT_CHALLENGED,
    NOT_REVOKED_THEN,
    SENTENCES,
    SIGNED_BEFORE,
    failed,
    passed,
    summary,
    summary_of_mixed,
    summary_of_presentation,
    unknown,
)
from credentials.verification.status_lists import check_values, statuses
from credentials.verification.steps import Answer, Step, run, verdict_of

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


def judge(
    presented: Presented,
    materials: Materials,
    policy: Policy,
    contexts: Contexts,
    now: datetime,
    memory: Memory | None = None,
    question: Question = NOTHING_MORE,
    members: tuple[Report, ...] | None = None,
) -> Report:
    """The report on what was presented. The same arguments give the same report, with a memory or without.

    ``members`` are the reports on its members where they were made already, one at a time.
    """
    if presented.link is not None:
        return _linked(presented, presented.link, materials, policy, contexts, now, memory, question, members)
    if members is None:
        members = ()
        if presented.members:
            members = tuple(
                judge(member, materials, policy, contexts, now, memory, question) for member in presented.members
            )
    checks = list(presented.checks)
    shown: dict[str, Any] = {}
    newer = _newer(presented, materials, policy, contexts, now, memory)
    if newer is not None:
        plain = msgspec.structs.replace(policy, refresh=False)
        report = judge(newer, materials, plain, contexts, now, memory, question)
        return msgspec.structs.replace(
            report,
            refreshed=True,
            checks=(*report.checks, passed(Name.REFRESH)),
            container=presented.container,
            digest=presented.digest,
            pointer=presented.pointer,
        )
    made: list[Check] = []
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
        made, shown = run(_STEPS, case)
        if policy.refresh and refresh_url(presented.signed) is not None and "credential" in shown:
            made.append(unknown(Name.REFRESH, Undecided("refresh-failed", "The one that was presented was judged.")))
        if "credential" in shown:
            shown["associations"] = _associations(presented.signed.credential)
    elif presented.older is not None:
        of_older = older.Case(older=presented.older, materials=materials, policy=policy, now=now, question=question)
        made, shown = run(older.STEPS, of_older)
    elif presented.shown is not None:
        showing = _Showing(presented.shown, presented.members, materials, contexts, now, memory, question)
        made, shown = run(_STEPS_OF_PRESENTATION, showing)
    checks += made
    if not presented.found and all(check.outcome is Outcome.PASSED for check in checks):
        # Reading says what is wrong with everything that it does not take; that nothing is there is no good news either.
        checks.append(failed(Name.FORMAT, Refused("PARSING_ERROR", "There is nothing in it.")))
    if presented.members:
        checks.append(_members_check(members))
    verdict, code = verdict_of(checks, policy)
    return Report(
        verdict=verdict,
        code=code,
        summary=_summary(presented, verdict, code, shown, members, question),
        checks=tuple(checks),
        container=presented.container,
        format=presented.format,
        digest=presented.digest,
        checked_at=now,
        as_of=question.as_of,
        kind=presented.kind,
        pointer=presented.pointer,
        members=members,
        **shown,
    )


def _summary(
    presented: Presented,
    verdict: Verdict,
    code: str,
    shown: Mapping[str, Any],
    members: tuple[Report, ...],
    question: Question,
) -> str:
    if presented.shown is not None and verdict is Verdict.ACCEPT:
        return summary_of_presentation(len(members), shown.get("holder", ""))
    issuer = shown.get("issuer")
    if len(members) > 1 and verdict is not Verdict.ACCEPT:
        mixed = summary_of_mixed([member.verdict for member in members])
        if mixed:
            return f"{mixed} {SENTENCES[code]}"
    if verdict is Verdict.ACCEPT_UNTRUSTED and (issuer is None or issuer.recognised):
        issuer = next((member.issuer for member in members if member.code == code), issuer)
    return summary(verdict, code, issuer, shown.get("achievement", ""), question.as_of)


def _linked(
    presented: Presented,
    link: str,
    materials: Materials,
    policy: Policy,
    contexts: Contexts,
    now: datetime,
    memory: Memory | None,
    question: Question,
    members: tuple[Report, ...] | None,
) -> Report:
    """The report on what an address led to. An address that leads to nothing is no credential."""
    inner = behind(presented, link, materials, contexts, policy)
    report = judge(inner, materials, policy, contexts, now, memory, question, members)
    if any(check.detail == NOTHING_THERE for check in inner.checks):
        report = msgspec.structs.replace(report, summary=f"There is no credential to accept. {NOTHING_THERE}")
    container = Container.LINK if inner.container in {Container.FILE, None} else inner.container
    return msgspec.structs.replace(report, container=container, link=link, digest=inner.digest)


def _newer(
    presented: Presented,
    materials: Materials,
    policy: Policy,
    contexts: Contexts,
    now: datetime,
    memory: Memory | None,
) -> Presented | None:
    """The newer edition of a credential that was presented, where there is a good one (Open Badges 3.0, "Verification", step
    3): by the same issuer, with the same id, and not older."""
    if not policy.refresh or presented.signed is None:
        return None
    url = refresh_url(presented.signed)
    found = materials.refreshed.get(url) if url is not None else None
    if not isinstance(found, Present):
        return None
    newer = read(found.body, contexts, policy)
    if newer.signed is None or newer.members or newer.signed.issuer != presented.signed.issuer:
        return None
    before, after = presented.signed.credential, newer.signed.credential
    starts = valid_from(before), valid_from(after)
    if before.id is None or before.id != after.id or None in starts or starts[1] < starts[0]:  # type: ignore[operator]
        return None
    for one in (presented.signed, newer.signed):
        try:
            verified_document(one, materials.key_documents, contexts, policy, now, memory)
        except (Malformed, Undecided):
            return None  # the one that was presented is judged, and says why if it is to blame
    return newer


def _associations(credential: Credential) -> tuple[Association, ...]:
    if not isinstance(credential, ClrCredential):
        return ()
    return tuple(
        Association(type=one.associationType, source=one.sourceId, target=one.targetId)
        for one in one_or_many(credential.credentialSubject.association)
    )


def _members_check(members: tuple[Report, ...]) -> Check:
    """The worst of what is in a presentation or a learner record: it is to be relied on as a whole, or by its members."""
    for verdict, outcome in (
        (Verdict.REJECT, Outcome.FAILED),
        (Verdict.INDETERMINATE, Outcome.UNKNOWN),
        (Verdict.ACCEPT_UNTRUSTED, Outcome.UNKNOWN),
    ):
        for member in members:
            if member.verdict is verdict:
                return Check(
                    name=Name.MEMBERS,
                    outcome=outcome,
                    detail=SENTENCES[member.code],
                    code=member.code,
                    reason=next((check.reason for check in member.checks if check.code == member.code), ""),
                    pointer=member.pointer,
                )
    return passed(Name.MEMBERS)


class _Showing(msgspec.Struct, frozen=True):
    """What a check of a presentation looks at."""

    shown: Shown
    members: tuple[Presented, ...]
    materials: Materials
    contexts: Contexts
    now: datetime
    memory: Memory | None
    question: Question


def _holder(case: _Showing) -> Answer | None:
    """The holder's signature; and that every credential is about the holder."""
    holders.check_signed(case.shown, case.materials, case.contexts, case.now, case.question, case.memory)
    if not case.shown.signatures:
        return None
    problem: Undecided | None = None
    try:
        holders.check_bound(case.shown, case.members)
    except Undecided as undecided:
        problem = undecided
    detail = "" if case.question.challenge is not None else NOT_CHALLENGED
    return Answer(shown={"holder": case.shown.issuer}, detail=detail, problem=problem)


_STEPS_OF_PRESENTATION: tuple[tuple[Name, Step[_Showing]], ...] = ((Name.HOLDER, _holder),)


def _proof(case: _Case) -> Answer:
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
    return Answer(shown=shown, detail=SIGNED_BEFORE if logged_at is not None else "")


def _issuer(case: _Case) -> Answer:
    """A name that the credential gives its issuer is never shown: only the registry's is."""
    issuer = _recognised(case.signed, case)
    problem: Undecided | None = None
    try:
        check_issuer(issuer, case.question)
    except Undecided as undecided:
        problem = undecided
    shown = {"issuer": issuer} if issuer.recognised else {}
    return Answer(shown=shown, detail=f"The issuer is recognised here as {issuer.name}.", problem=problem)


def _recognised(signed: Signed, case: _Case) -> Issuer:
    """Recognition has dates of its own: those on which the credential begins count, not those on which it is shown."""
    start = valid_from(signed.credential)
    about = signed.credential.credentialSubject if isinstance(signed.credential, AchievementCredential) else None
    return issuer_at(
        case.materials.issuers.get(signed.issuer),
        signed.issuer,
        min(start, case.now) if start is not None else case.now,
        (about.achievement.id or "") if about else "",
        (about.achievement.achievementType or "") if about else "",
    )


def _resources(case: _Case) -> Answer | None:
    """VCDM 2.0, section 5.3. Of what is elsewhere nothing is known: it is not fetched, and not said to be what it should be."""
    if "relatedResource" not in case.signed.document:
        return None
    verified, of = check_resources(case.signed.document, case.materials.resources.get)
    return Answer() if verified == of else _not_compared(of - verified, of)


@lru_cache(maxsize=64)  # of nearly all credentials of an issuer it is the same few
def _not_compared(open_: int, of: int) -> Answer:
    reason = (
        f"{open_} of {of} related resources were not compared: not at hand, or bound by no digest that is read here."
    )
    return Answer(problem=Undecided("related-resource-not-checked", reason))


def _time(case: _Case) -> Answer:
    """Step 10."""
    check_time(case.signed.credential, case.policy, case.moment)
    check_disclosed(case.signed, "an end", valid_until(case.signed.credential))
    return Answer(detail=IN_FORCE_THEN if case.question.as_of else "")


def _status(case: _Case) -> Answer:
    """Step 11. Bad news from one list counts, whatever the others say; then comes that one could not be had."""
    check_disclosed(case.signed, "a status", case.signed.credential.credentialStatus)
    if case.signed.credential.credentialStatus is None:
        return Answer(detail=NO_STATUS)
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
    return Answer(shown={"statuses": found}, detail=detail, problem=problem)


def _recipient(case: _Case) -> Answer | None:
    """Open Badges 3.0, "Verify the Recipient Using an Identifier"."""
    if case.question.recipient is None:
        return None
    check_recipient(case.signed.credential, case.question.recipient)
    return Answer()


def _endorsements(case: _Case) -> Answer | None:
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
    return Answer(shown={"endorsements": tuple(found)}, problem=problem)


def _endorsement(one: Signed, described: frozenset[str], case: _Case) -> Endorsement:
    credential = one.credential
    if not isinstance(credential, EndorsementCredential):
        raise Refused("endorsement-invalid", "A credential stands in this one that is no endorsement.")
    logged_at = case.logged_at(one)
    verified_document(one, case.materials.key_documents, case.contexts, case.policy, case.now, case.memory, logged_at)
    check_time(credential, case.policy, case.moment)
    check_disclosed(one, "an end", valid_until(credential))
    check_disclosed(one, "a status", credential.credentialStatus)
    check_resources(one.document, case.materials.resources.get)
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


def _schema(case: _Case) -> Answer | None:
    """A schema is never fetched. Those that are known are weaker than what ``reading`` asks for."""
    schemas = one_or_many(case.signed.credential.credentialSchema)
    checked = {url for kind, url in _CHECKED_SCHEMAS if isinstance(case.signed.credential, kind)}
    for schema in schemas:
        if schema.id not in checked:
            raise Undecided("schema-not-checked", f"{schema.id} is not a schema that is known here.")
    return Answer() if schemas else None


_STEPS: tuple[tuple[Name, Step[_Case]], ...] = (
    (Name.PROOF, _proof),
    (Name.ISSUER, _issuer),
    (Name.RESOURCES, _resources),
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
