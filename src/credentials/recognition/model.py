from datetime import date
from enum import StrEnum

import msgspec

from credentials.awards.model import AwardKind
from credentials.pathways.model import Phase


class Badge(msgspec.Struct, frozen=True, kw_only=True):
    """What rules go by: a micro-credential or a stack, by the short names of itself and of its issuer, and by its tags.

    ``covers``: its own id and, of a stack, those of its members. A badge without an id stands for whatever the issuer awards
    of the kind.
    """

    id: str = ""
    kind: AwardKind = AwardKind.MICRO_CREDENTIAL
    ref: str = ""
    title: str = ""
    issuer_id: str
    issuer: str
    tags: frozenset[str] = frozenset()
    covers: tuple[str, ...] = ()


class How(StrEnum):
    """By what a rule counts a badge, the narrowest first."""

    NAMED = "named"
    TAGGED = "tagged"
    ISSUER = "issuer"
    KIND = "kind"  # it counts every badge of the kind, whoever issues it


class Mention(msgspec.Struct, frozen=True, kw_only=True):
    """A requirement in which badges of a ``kind`` and an issuer count, in ``words``. ``recorded``: that they do rests on what
    an office has on record about the educator. ``badges``: those that are named or asked for by their tags; none where all
    count, or where the record says which."""

    how: How
    kind: AwardKind
    issuer_id: str
    words: str
    recorded: bool = False
    badges: tuple[Badge, ...] = ()


class Scheme(StrEnum):
    """What a rule decides."""

    LICENCE = "licence"
    PATHWAY = "pathway"
    PAY = "pay"


class Recognition(msgspec.Struct, frozen=True, kw_only=True):
    """One public rule that counts a badge. ``id`` and ``title`` are those of the licence, the pathway or the pay rule,
    ``pathway`` is the short name of the rule that grants or renews the licence, or of the pathway itself. In force from
    ``effective_from`` on, which may be still to come, and until the day before ``effective_to``."""

    scheme: Scheme
    organisation_id: str
    id: str
    title: str
    pathway: str = ""
    renews: bool = False
    effective_from: date
    effective_to: date | None = None
    phase: Phase
    mentions: tuple[Mention, ...]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """``is_whole`` is false where there are more public rules than are looked through at once."""

    found: tuple[Recognition, ...]
    is_whole: bool
