"""Decisions about people, from values alone."""

import re
from datetime import datetime, timedelta
from itertools import pairwise

from credentials.errors import Malformed, NotFound
from credentials.openbadges.lint import is_signable
from credentials.people.model import (
    NO_ORGANISATION,
    SESSION_IDLE,
    Actor,
    OrganisationKind,
    Role,
    RoleNeeded,
    Scope,
    ScopeNeeded,
    SignInSession,
    Ticket,
    TicketSpent,
    WeakPassword,
)

PARENTS: dict[OrganisationKind, tuple[OrganisationKind | None, ...]] = {
    OrganisationKind.STATE_AGENCY: (None,),
    OrganisationKind.DISTRICT: (OrganisationKind.STATE_AGENCY, None),
    OrganisationKind.SCHOOL: (OrganisationKind.DISTRICT,),
    OrganisationKind.PROVIDER: (None, OrganisationKind.STATE_AGENCY),
}
"""Which kind of organisation may stand under which. ``None``: at the top of its own tree."""

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?")
_HOME_PAGE = re.compile(r"https?://[^\x00-\x20\x7f-\x9f<>\"{}|\\^`\s]+")
_ADDRESS = re.compile(
    r"[^\s@<>\"(),:;\\\[\]\x00-\x20\x7f\ud800-\udfff]{1,64}@(?=.{3,189}\Z)[a-z0-9-]+(?:\.[a-z0-9-]+)+"
)

_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""What makes the letters behind it run the other way, so that a name reads as another one."""

MIN_PASSWORD = 15
"""SP 800-63B-4, section 3.1.1.2: where the password is the only factor."""
MAX_PASSWORD = 256
"""The standard asks for at least 64; the cap keeps a hostile one from costing memory."""


def check_place(kind: OrganisationKind, parent: OrganisationKind | None) -> None:
    if parent not in PARENTS[kind]:
        under = "at the top" if parent is None else f"under a {parent.value.replace('_', ' ')}"
        raise Malformed(f"a {kind.value.replace('_', ' ')} cannot stand {under}")


def check_slug(slug: str) -> None:
    if not _SLUG.fullmatch(slug):
        raise Malformed(
            "a short name is made of small letters, digits and hyphens, at most 62, and begins and ends without a hyphen"
        )


MAX_NAME = 200


def check_name(name: str) -> str:
    """The name of a person, an organisation or a token, trimmed: one line, which can stand in a credential."""
    plain = name.strip()
    if not plain:
        raise Malformed("a name is needed")
    if len(plain) > MAX_NAME or len(plain.splitlines()) > 1 or not is_signable(plain) or _TURNS.search(plain):
        raise Malformed(f"a name is one line of at most {MAX_NAME} characters: type it again")
    return plain


def check_home_page(url: str) -> None:
    """An organisation may have none. Its credentials name it."""
    if url and not _HOME_PAGE.fullmatch(url):
        raise Malformed("give the address of the home page as https://example.org/, or leave it empty")


def check_description(text: str) -> None:
    if not is_signable(text):
        raise Malformed("the description has a character that cannot be signed: type it again")


def normal_address(address: str) -> str:
    """The form in which two spellings of one mailbox are compared: trimmed, in small letters, IDN left as written.

    Mail systems could tell ``Ada@`` from ``ada@``; none that people use does, and telling them apart would let a person
    have two accounts without knowing. Raises ``Malformed`` for what cannot be an address.
    """
    normal = address.strip().lower()
    if not _ADDRESS.fullmatch(normal) or not normal.isprintable():  # what cannot be seen makes two of one mailbox
        raise Malformed("this does not look like an e-mail address: write it as name@example.org")
    return normal


def check_password(password: str, *, about: tuple[str, ...]) -> None:
    """Length and guessability (SP 800-63B-4, section 3.1.1.2). No rule asks for capitals or digits: length is what helps.

    ``about``: words that belong to the person or the service, which a guesser tries first.
    """
    if len(password) < MIN_PASSWORD:
        raise WeakPassword(
            f"use at least {MIN_PASSWORD} characters; four or five words that do not belong together are good"
        )
    if len(password) > MAX_PASSWORD:
        raise WeakPassword(f"use at most {MAX_PASSWORD} characters")
    plain = _letters(password)
    named = {_letters(part) for words in about for part in (words, *re.split(r"[^\w]|_", words))}
    for word in (*_FIRST_GUESSES, *sorted(named, key=len, reverse=True)):
        if len(word) >= 4:
            plain = plain.replace(word, "")
    if len(set(plain)) < 5 or len(plain) < 6 or _is_a_run(plain):
        raise WeakPassword("this is among the first that somebody would guess: use words that do not belong together")


_FIRST_GUESSES = (
    "password", "passwort", "qwertyuiop", "qwerty", "asdfghjkl", "letmein", "welcome", "iloveyou", "correcthorsebatterystaple",
    "teacher", "school", "microcredential", "credential", "changeme", "administrator", "admin", "123456789", "12345",
)  # fmt: skip


def _letters(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())


def _is_a_run(text: str) -> bool:
    """Whether the text goes up or down by one throughout, or repeats a piece that would be too short by itself."""
    steps = {ord(b) - ord(a) for a, b in pairwise(text)}
    if steps <= {1, -9} or steps <= {-1, 9}:
        return True
    return any(
        text == (text[:size] * len(text))[: len(text)] for size in range(1, min(len(text) // 2 + 1, MIN_PASSWORD))
    )


def has_part(actor: Actor, lineage: tuple[str, ...]) -> bool:
    """Whether any role at all is held in the organisation with this lineage or above it."""
    return any(grant.organisation_id in lineage for grant in actor.grants)


def require(actor: Actor, lineage: tuple[str, ...], *roles: Role) -> None:
    """One of ``roles`` is held in the organisation with this lineage or above it; else ``RoleNeeded``. To somebody who holds
    nothing there the organisation looks like none."""
    if not has_part(actor, lineage):
        raise NotFound(NO_ORGANISATION)
    if not actor.holds_any(roles, lineage):
        wanted = " or ".join(role.value.replace("_", " ") for role in roles)
        raise RoleNeeded(f"this needs the role of {wanted} in the organisation: ask one of its administrators")


def require_scope(actor: Actor, scope: Scope) -> None:
    if actor.scopes is not None and scope not in actor.scopes:
        raise ScopeNeeded(f"this token lacks the scope {scope.value}: make one that has it")


def check_ticket(ticket: Ticket | None, now: datetime) -> Ticket:
    if ticket is None or ticket.used_at is not None or ticket.expires_at <= now:
        raise TicketSpent("this link was used already or has run out: ask for a new one")
    return ticket


def session_is_live(session: SignInSession, now: datetime) -> bool:
    return now < session.expires_at and now < session.seen_at + SESSION_IDLE


FREE_ATTEMPTS = 5
"""Wrong passwords for one account before waiting begins."""
FREE_ATTEMPTS_OF_PEER = 100
"""The same for one network address within an hour: a whole school may sit behind it, and mistypes every day."""
MAX_FAILURES = 100
"""SP 800-63B-4, section 3.2.2: after so many in a row only a new password by e-mail opens the account again."""


def wait_of_account(failures: int) -> timedelta | None:
    """How long an account must wait after so many failures in a row; ``None``: until its password is reset."""
    return None if failures >= MAX_FAILURES else _wait(failures - FREE_ATTEMPTS)


def wait_of_peer(failures: int) -> timedelta:
    return _wait(failures - FREE_ATTEMPTS_OF_PEER)


def _wait(over: int) -> timedelta:
    return timedelta(0) if over < 0 else min(timedelta(seconds=2.0 ** min(over + 1, 10)), timedelta(minutes=15))
