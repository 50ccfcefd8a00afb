"""Badges of Open Badges 2.0 and 1.x: followed through what their issuer publishes, and judged.

``openbadges.version2`` knows the way; here is what was found on it, and what it means.
"""

from datetime import datetime

import msgspec

from credentials.errors import Refused
from credentials.jsonld.reader import read_json
from credentials.openbadges.terms import one_or_many
from credentials.openbadges.version2 import Document, Followed, Needed, follow, moment_of, recipient_of, revoked
from credentials.proofs.jose import verify_jws
from credentials.proofs.keys import key_of_pem
from credentials.verification.checks import check_issuer, issuer_at
from credentials.verification.model import (
    Absence,
    Absent,
    Barred,
    Issuer,
    Materials,
    Name,
    Policy,
    Present,
    Question,
    Status,
    Undecided,
)
from credentials.verification.reading import Followable
from credentials.verification.recipient import check_identities
from credentials.verification.sentences import BY_ITS_SITE, IN_FORCE_THEN, NO_STATUS
from credentials.verification.steps import Answer, Step

MAX_DOCUMENTS = 5
"""Assertion, badge class, issuer, key and revocation list: a badge that leads further is not followed."""


def followed(older: Followable, materials: Materials) -> Followed:
    """The badge with what it leads to. Raises ``Needed`` for what was not gathered, ``Refused``, or ``Undecided``."""

    def get(url: str) -> Document:
        found = materials.hosted.get(url)
        match found:
            case None:
                raise Needed(url)
            case Present():
                return _object(url, found.body)
            case Absent(why=Absence.GONE) if url == older.assertion.url:
                raise Refused("credential-revoked", "The issuer has taken the badge away (410).")
            case Absent():
                code = "fetch-limit" if found.why is Absence.TOO_MANY else "ob2"
                raise Undecided(code, found.reason)
            case Barred():
                raise Refused(found.code, found.reason)

    return follow(older.assertion, get)


def _object(url: str, body: bytes) -> Document:
    try:
        document = read_json(body)
    except Refused as refused:
        raise Undecided("ob2", f"What is at {url} is no JSON. {refused.detail}") from refused
    if not isinstance(document, dict):
        raise Undecided("ob2", f"What is at {url} is no document of Open Badges.")
    return document


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What a check looks at."""

    older: Followable
    materials: Materials
    policy: Policy
    now: datetime
    question: Question

    @property
    def moment(self) -> datetime:
        return self.question.as_of or self.now

    @property
    def followed(self) -> Followed:
        try:
            return followed(self.older, self.materials)
        except Needed as needed:
            raise Undecided("ob2", f"{needed.url} was not gathered.") from needed


def _proof(case: Case) -> Answer:
    """A hosted badge is proved by where it is, a signed one by the key that its issuer links to."""
    found = case.followed
    if found.key is not None and case.older.jws is not None:
        verify_jws(case.older.jws, key_of_pem(found.key.get("publicKeyPem")))
    name = found.badge.get("name")
    if not isinstance(name, str) or "Assertion" not in one_or_many(found.assertion.get("type", "Assertion")):
        raise Refused("MALFORMED_VALUE_ERROR", "It is no assertion of a badge that has a name.")
    recipient_of(found.assertion)
    shown = {
        "credential": found.whole,
        "issuer": Issuer(id=found.issuer_id),
        "achievement": name,
        "valid_from": moment_of(found.assertion, "issuedOn"),
        "valid_until": moment_of(found.assertion, "expires"),
        "awarded": moment_of(found.assertion, "issuedOn"),
    }
    return Answer(shown=shown, detail="" if found.key is not None else BY_ITS_SITE)


def _issuer(case: Case) -> Answer:
    found = case.followed
    start = moment_of(found.assertion, "issuedOn")
    badge = found.badge.get("id")
    issuer = issuer_at(
        case.materials.issuers.get(found.issuer_id),
        found.issuer_id,
        min(start, case.now) if start is not None else case.now,
        badge if isinstance(badge, str) else "",
    )
    problem: Undecided | None = None
    try:
        check_issuer(issuer, case.question)
    except Undecided as undecided:
        problem = undecided
    return Answer(shown={"issuer": issuer}, detail=f"The issuer is recognised here as {issuer.name}.", problem=problem)


def _time(case: Case) -> Answer:
    start, end = (moment_of(case.followed.assertion, member) for member in ("issuedOn", "expires"))
    if start is None:
        raise Refused("MALFORMED_VALUE_ERROR", "The badge does not say when it was issued.", "/issuedOn")
    if start > case.moment + case.policy.skew:
        raise Refused("credential-not-yet-valid", f"It is valid from {start.isoformat()}.")
    if end is not None and end <= case.moment:
        raise Refused("credential-expired", f"It was valid until {end.isoformat()}.")
    return Answer(detail=IN_FORCE_THEN if case.question.as_of else "")


def _status(case: Case) -> Answer:
    """What was revoked has no date, so it is not known whether it was good before."""
    found = case.followed
    why = revoked(found)
    listed = found.issuer.get("revocationList")
    if why is not None:
        raise Refused("credential-revoked", f"The issuer has revoked it. {why}".strip())
    if not isinstance(listed, str):
        return Answer(detail=NO_STATUS if found.key is not None else "")
    status = Status(purpose="revocation", list_url=listed, index=0, value=0)
    return Answer(shown={"statuses": (status,)} if found.key is not None else {})


def _recipient(case: Case) -> Answer | None:
    if case.question.recipient is None:
        return None
    check_identities([recipient_of(case.followed.assertion)], case.question.recipient)
    return Answer()


STEPS: tuple[tuple[Name, Step[Case]], ...] = (
    (Name.PROOF, _proof),
    (Name.ISSUER, _issuer),
    (Name.TIME, _time),
    (Name.STATUS, _status),
    (Name.RECIPIENT, _recipient),
)
