from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from credentials.audit.model import Entry
from credentials.errors import Conflict, Forbidden, Malformed, TooMany, Unauthenticated
from credentials.ids import Ids


class OrganisationKind(StrEnum):
    STATE_AGENCY = "state_agency"
    DISTRICT = "district"
    SCHOOL = "school"
    PROVIDER = "provider"


class Role(StrEnum):
    """What a person may be *in* an organisation, and in those below it."""

    EDUCATOR = "educator"
    ASSESSOR = "assessor"
    SCORING_LEADER = "scoring_leader"
    CATALOGUE_DEVELOPER = "catalogue_developer"
    DISTRICT_OFFICER = "district_officer"
    LICENSING_OFFICER = "licensing_officer"
    PAYROLL_CLERK = "payroll_clerk"
    ADMINISTRATOR = "administrator"


class Scope(StrEnum):
    """What an API token may be used for. A token never allows more than its owner's roles do."""

    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    CATALOG_READ = "catalog:read"
    CATALOG_WRITE = "catalog:write"
    EVIDENCE_READ = "evidence:read"
    EVIDENCE_WRITE = "evidence:write"
    REVIEW_READ = "review:read"
    REVIEW_WRITE = "review:write"
    AWARDS_READ = "awards:read"
    AWARDS_WRITE = "awards:write"
    PATHWAYS_READ = "pathways:read"
    PATHWAYS_WRITE = "pathways:write"
    PAY_READ = "pay:read"
    PAY_WRITE = "pay:write"
    AUDIT_READ = "audit:read"
    CREDENTIALS_ISSUE = "credentials:issue"
    TRUST_READ = "trust:read"
    TRUST_WRITE = "trust:write"
    VERIFICATION = "verification"


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """``lineage`` runs from the organisation itself up to the root of its tree."""

    id: str
    kind: OrganisationKind
    slug: str
    name: str
    parent_id: str | None = None
    url: str = ""
    description: str = ""
    created_at: datetime
    revision: int = 1
    lineage: tuple[str, ...] = ()


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """``subject`` is the stable ``urn:uuid`` that credentials name; ``did`` replaces it from when the person gives one.

    ``name_in_credentials``: the person agreed that the name may stand in credentials about them.
    """

    id: str
    name: str
    subject: str
    did: str | None = None
    name_in_credentials: bool = False
    created_at: datetime
    revision: int = 1


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """An e-mail address of a person. Only a verified one can be used to sign in or stands in a credential."""

    id: str
    person_id: str
    address: str
    verified_at: datetime | None = None
    primary: bool = False


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """A role held in an organisation, ``from_`` inclusive, ``until`` exclusive."""

    id: str
    person_id: str
    organisation_id: str
    role: Role
    from_: datetime
    until: datetime | None = None
    granted_by: str


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks: a person with the roles that they hold at this very moment.

    ``scopes`` is ``None`` for somebody who signed in, and the token's scopes for an API client.
    """

    person_id: str
    name: str
    grants: tuple[Grant, ...] = ()
    scopes: frozenset[Scope] | None = None
    session_id: str | None = None
    token_id: str | None = None

    def holds(self, role: Role, lineage: tuple[str, ...]) -> bool:
        """Whether the role is held in the organisation with this lineage, or in one above it."""
        return any(grant.role is role and grant.organisation_id in lineage for grant in self.grants)

    def holds_any(self, roles: tuple[Role, ...], lineage: tuple[str, ...]) -> bool:
        return any(self.holds(role, lineage) for role in roles)

    def organisations(self, *roles: Role) -> tuple[str, ...]:
        """Where one of these roles is held. What lies below is found by ``people.service.within``."""
        return tuple(sorted({grant.organisation_id for grant in self.grants if grant.role in roles}))


class Act(msgspec.Struct, frozen=True):
    """One act: who does it, when, and where new identifiers come from. Every verb of a service that changes something
    takes one."""

    actor: Actor
    now: datetime
    ids: Ids

    def entry(self, action: str, subject: str, *, organisation: str = "", reason: str = "", **detail: str) -> Entry:
        return Entry(
            at=self.now,
            actor=self.actor.person_id,
            action=action,
            subject=subject,
            organisation=organisation,
            reason=reason,
            detail=detail,
        )


def system_act(what: str, now: datetime, ids: Ids) -> Act:
    """An act of the service itself, such as redeeming an order."""
    return Act(Actor(person_id=f"system:{what}", name="the service"), now, ids)


class Purpose(StrEnum):
    INVITATION = "invitation"
    VERIFY_ADDRESS = "verify_address"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a purpose, not a password


TICKET_LIFETIME = {
    Purpose.INVITATION: timedelta(days=14),
    Purpose.VERIFY_ADDRESS: timedelta(days=2),
    Purpose.RESET_PASSWORD: timedelta(hours=1),
}


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """A link sent by e-mail that can be used once. Only a hash of its secret is kept."""

    id: str
    purpose: Purpose
    address: str
    person_id: str | None = None
    organisation_id: str | None = None
    role: Role | None = None
    created_by: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class RosterLine(msgspec.Struct, frozen=True, kw_only=True):
    """What a district's list says of one person. ``educator_id`` and ``district_id`` are the district's own numbers."""

    address: str
    first_name: str
    last_name: str
    educator_id: str = ""
    district_id: str = ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


class RosterEntry(RosterLine, frozen=True, kw_only=True):
    """A line as an organisation keeps it. ``listed_at``: when a file last had it."""

    id: str
    organisation_id: str
    listed_at: datetime


class Listed(StrEnum):
    """How far somebody on a roster is."""

    HERE = "here"
    INVITED = "invited"
    NOT_INVITED = "not_invited"


class RosterPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What taking a file does: whom it invites, who is invited or here already, and which lines say something new."""

    invite: tuple[RosterLine, ...]
    invited: tuple[RosterLine, ...]
    here: tuple[RosterLine, ...]
    new: int
    changed: int


class RosterRefused(Malformed):
    """A list of people that cannot be read; each fault says which line and cell, and what to do."""

    code = "csv-invalid"


class SignInSession(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    person_id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


SESSION_LIFETIME = timedelta(days=14)
"""However much it is used (SP 800-63B-4, section 2.1.3: at most 30 days)."""

SESSION_IDLE = timedelta(hours=24)
"""After so long without a request a session ends."""


class ApiToken(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    person_id: str
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    used_at: datetime | None = None


TOKEN_PREFIX = "ecr_"  # noqa: S105 - so that a leaked token is recognised by scanners
TOKEN_MAX_LIFETIME = timedelta(days=366)


class WrongPassword(Unauthenticated):
    """The same answer whether the address is unknown, unverified or the password wrong."""

    code = "wrong-email-or-password"


class SignInBlocked(TooMany):
    code = "too-many-sign-ins"


class WeakPassword(Malformed):
    code = "weak-password"


NO_ORGANISATION = "there is no such organisation"
"""The same for one that there is not and for one in which the reader has no part."""


class TicketSpent(Conflict):
    code = "link-not-valid"


class AddressTaken(Conflict):
    code = "address-taken"


class SlugTaken(Conflict):
    code = "slug-taken"


class RoleNeeded(Forbidden):
    code = "role-needed"


class ScopeNeeded(Forbidden):
    code = "scope-needed"
