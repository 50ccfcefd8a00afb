from datetime import datetime

import msgspec

from credentials.errors import Malformed


class Stack(msgspec.Struct, frozen=True, kw_only=True):
    """A set of micro-credentials that together earn a credential of their own. Published it does not change."""

    id: str
    organisation_id: str
    slug: str
    title: str
    description: str
    members: tuple[str, ...]
    created_at: datetime
    published_at: datetime | None = None
    published_by: str | None = None
    author_id: str


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far somebody is. ``earned`` maps a member micro-credential to the award that counts for it."""

    stack: Stack
    earned: dict[str, str]

    @property
    def complete(self) -> bool:
        return set(self.earned) == set(self.stack.members)

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(member for member in self.stack.members if member not in self.earned)


class StackRefused(Malformed):
    code = "stack-refused"


class DocumentRefused(Malformed):
    """A rule or a record cannot be read; the fault's pointer says where."""

    code = "document-refused"
