"""What may be a name, an address, a password, a place in the tree: decided from values alone."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sentences import sentences

from credentials.errors import Malformed, NotFound
from credentials.people import rules
from credentials.people.model import (
    SESSION_IDLE,
    SESSION_LIFETIME,
    Actor,
    Grant,
    OrganisationKind,
    Purpose,
    Role,
    RoleNeeded,
    Scope,
    ScopeNeeded,
    SignInSession,
    Ticket,
    TicketSpent,
    WeakPassword,
)

STATE, DISTRICT, SCHOOL, PROVIDER = (
    OrganisationKind.STATE_AGENCY,
    OrganisationKind.DISTRICT,
    OrganisationKind.SCHOOL,
    OrganisationKind.PROVIDER,
)


# Places in the tree


@pytest.mark.parametrize(
    ("kind", "parent"),
    [(STATE, None), (DISTRICT, STATE), (DISTRICT, None), (SCHOOL, DISTRICT), (PROVIDER, STATE), (PROVIDER, None)],
)
def test_an_organisation_may_stand_there(kind: OrganisationKind, parent: OrganisationKind | None) -> None:
    rules.check_place(kind, parent)
    assert parent in rules.PARENTS[kind]


def test_every_other_place_is_refused_in_words() -> None:
    for kind in OrganisationKind:
        for parent in {None, *OrganisationKind} - set(rules.PARENTS[kind]):
            with pytest.raises(Malformed, match=r"^a [a-z ]+ cannot stand (at the top|under a [a-z ]+)$"):
                rules.check_place(kind, parent)


@pytest.mark.parametrize("slug", ["a", "9", "alder", "kestrel-moor", "a--b", "a" * 62])
def test_a_short_name_is(slug: str) -> None:
    rules.check_slug(slug)


@sentences(
    "slug",
    {
        "empty": "",
        "with a capital": "Alder",
        "with a hyphen before": "-alder",
        "with a hyphen behind": "alder-",
        "with a space": "kestrel moor",
        "with a slash": "a/b",
        "with a dot, as paths climb": "..",
        "with a letter of another alphabet": "äbc",
        "with a digit of another alphabet": "a٣",
        "with a line end": "alder\n",
        "of 63 letters": "a" * 63,
    },
)
def test_a_short_name_is_not(slug: str) -> None:
    with pytest.raises(Malformed, match="small letters, digits and hyphens"):
        rules.check_slug(slug)


# Addresses


@sentences(
    ("written", "normal"),
    {
        "plain": ("ada@heron.example", "ada@heron.example"),
        "with capitals and blanks around": ("  Ada.Reyes@Heron.Example ", "ada.reyes@heron.example"),
        "with a tag": ("ada+badges@heron.example", "ada+badges@heron.example"),
        "with an apostrophe": ("o'neill@heron.example", "o'neill@heron.example"),
        "with letters of another alphabet before the at": ("müller@heron.example", "müller@heron.example"),
        "at a name in another alphabet, as it is encoded": ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        "as long as may be": (f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 61}", f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 61}"),
    },
)  # fmt: skip
def test_an_address_is_compared_in_one_form(written: str, normal: str) -> None:
    assert rules.normal_address(written) == normal
    assert rules.normal_address(normal) == normal


@sentences(
    "written",
    {
        "nothing": "",
        "no at": "heron.example",
        "nobody": "@heron.example",
        "nowhere": "ada@",
        "two ats": "ada@kestrel@heron.example",
        "a host without a dot": "ada@localhost",
        "a name beside it": "Ada <ada@heron.example>",
        "two addresses": "ada@heron.example,bea@heron.example",
        "a header behind it": "ada@heron.example\nBcc: all@heron.example",
        "a blank within": "ada reyes@heron.example",
        "a nul": "ada\0@heron.example",
        "half a character": "ada\ud800@heron.example",
        "a number for a host": "ada@[127.0.0.1]",
        "two dots in a row": "ada@heron..example",
        "a line end of Unicode": "ada\u2028@heron.example",
        "too long before the at": f"{'a' * 65}@heron.example",
        "too long behind it": f"a@{'b' * 186}.org",
    },
)
def test_what_cannot_be_an_address_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(Malformed, match="name@example"):
        rules.normal_address(written)


@given(st.text())
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        normal = rules.normal_address(text)
    except Malformed:
        return
    assert rules.normal_address(normal) == normal
    assert len(normal) <= 254
    normal.encode()


# Passwords

ABOUT = ("Ada Reyes-Lovelace", "ada.reyes", "Heron School")


@sentences(
    "password",
    {
        "four words": "lantern orchard velvet tuba",
        "words of another language": "Straßenbahn grüßt Kürbis",
        "another script": "корабль плывёт далеко",
        "signs of no alphabet with few gaps": "灯台と果樹園とビロードとチューバ",
        "no capitals, no digits, no signs": "velvetorchardtuba",
        "a dictionary word among others": "password of the velvet lantern tuba",
        "one's own name among enough else": "lovelace builds velvet lanterns",
        "of 15 characters": "tuba velvet oil",
        "of 256 characters": ("lantern orchard velvet tuba " * 10)[:255] + "!",
    },
)
def test_a_password_that_is_good_enough(password: str) -> None:
    rules.check_password(password, about=ABOUT)


@sentences(
    ("password", "says"),
    {
        "empty": ("", "at least 15"),
        "of 14 characters, however mixed": ("X7$k9!mQ2@pL5#", "at least 15"),
        "of 257 characters": ("ab1" * 85 + "xy", "at most 256"),
        "one character over and over": ("a" * 20, "first"),
        "two characters in turn": ("ababababababababab", "first"),
        "a word twice": ("lantern lantern!", "first"),
        "a word three times": ("orchard orchard orchard", "first"),
        "a row of digits": ("123456789012345", "first"),
        "a row of digits backwards": ("987654321098765", "first"),
        "the alphabet": ("abcdefghijklmnopqrst", "first"),
        "the alphabet backwards": ("zyxwvutsrqponmlk", "first"),
        "what everybody takes": ("passwordpassword", "first"),
        "what everybody takes, with digits": ("Password12345678", "first"),
        "a row of the keyboard": ("qwertyuiopasdfghjkl", "first"),
        "the service's own name": ("micro-credential micro-credential", "first"),
        "the one from the comic": ("correct horse battery staple", "first"),
        "one's own name": ("ada reyes-lovelace!", "first"),
        "a part of one's name, twice": ("Lovelace Lovelace", "first"),
        "one's own name and a year": ("reyes lovelace 1815", "first"),
        "one's own address": ("ada.reyes@ada.reyes", "first"),
        "the place where one works": ("heron school heron", "first"),
        "signs only": ("!?!?!?!?!?!?!?!?!?", "first"),
    },
)
def test_a_password_that_somebody_would_guess(password: str, says: str) -> None:
    with pytest.raises(WeakPassword, match=says):
        rules.check_password(password, about=ABOUT)


# Roles and scopes

LINEAGE = ("heron", "kestrel", "alder")


def an_actor(now: datetime, *held: tuple[Role, str], scopes: frozenset[Scope] | None = None) -> Actor:
    grants = tuple(
        Grant(id=f"g{number}", person_id="p1", organisation_id=where, role=role, from_=now, granted_by="p0")
        for number, (role, where) in enumerate(held)
    )
    return Actor(person_id="p1", name="Ada", grants=grants, scopes=scopes)


@sentences(
    ("where", "reaches"),
    {
        "in the organisation itself": ("heron", True),
        "in the one above it": ("kestrel", True),
        "at the top of its tree": ("alder", True),
        "in a sibling": ("wren", False),
        "in one below it": ("heron-annex", False),
    },
)
def test_a_role_reaches_what_lies_below_where_it_is_held(now: datetime, where: str, reaches: bool) -> None:
    actor = an_actor(now, (Role.ADMINISTRATOR, where))
    assert actor.holds(Role.ADMINISTRATOR, LINEAGE) is reaches
    assert not actor.holds(Role.ASSESSOR, LINEAGE), "and it is that role and no other"
    if reaches:
        rules.require(actor, LINEAGE, Role.ASSESSOR, Role.ADMINISTRATOR)
        with pytest.raises(RoleNeeded, match="assessor or educator"):
            rules.require(actor, LINEAGE, Role.ASSESSOR, Role.EDUCATOR)
    else:
        with pytest.raises(NotFound, match="no such organisation"):
            rules.require(actor, LINEAGE, Role.ASSESSOR, Role.ADMINISTRATOR)


def test_a_token_may_do_what_its_scopes_say_and_somebody_who_signed_in_whatever_their_roles_allow(
    now: datetime,
) -> None:
    rules.require_scope(an_actor(now), Scope.AWARDS_WRITE)
    token = an_actor(now, scopes=frozenset({Scope.AWARDS_READ}))
    rules.require_scope(token, Scope.AWARDS_READ)
    with pytest.raises(ScopeNeeded, match="awards:write"):
        rules.require_scope(token, Scope.AWARDS_WRITE)
    with pytest.raises(ScopeNeeded):
        rules.require_scope(an_actor(now, scopes=frozenset()), Scope.AWARDS_READ)


# Links, sessions, waiting


def test_a_link_works_once_and_until_it_runs_out(now: datetime) -> None:
    ticket = Ticket(
        id="t1",
        purpose=Purpose.INVITATION,
        address="ada@heron.example",
        created_by="p0",
        created_at=now,
        expires_at=now + timedelta(days=14),
    )
    assert rules.check_ticket(ticket, now + timedelta(days=14) - timedelta(seconds=1)) is ticket
    for spent, when in (
        (None, now),
        (ticket, now + timedelta(days=14)),
        (Ticket(**{**_fields(ticket), "used_at": now}), now),
    ):
        with pytest.raises(TicketSpent, match="ask for a new one"):
            rules.check_ticket(spent, when)


def _fields(ticket: Ticket) -> dict[str, object]:
    return {name: getattr(ticket, name) for name in ticket.__struct_fields__}


@sentences(
    ("age", "unused", "live"),
    {
        "just begun": (timedelta(0), timedelta(0), True),
        "used a moment ago, on its last day": (SESSION_LIFETIME - timedelta(seconds=1), timedelta(0), True),
        "used a moment ago, at its end": (SESSION_LIFETIME, timedelta(0), False),
        "not used for almost a day": (timedelta(days=2), SESSION_IDLE - timedelta(seconds=1), True),
        "not used for a day": (timedelta(days=2), SESSION_IDLE, False),
    },
)
def test_a_session_lasts(now: datetime, age: timedelta, unused: timedelta, live: bool) -> None:
    began = now - age
    session = SignInSession(
        id="s1", person_id="p1", created_at=began, seen_at=now - unused, expires_at=began + SESSION_LIFETIME
    )
    assert rules.session_is_live(session, now) is live


@sentences(
    ("failures", "seconds"),
    {
        "none": (0, 0),
        "four": (4, 0),
        "five": (5, 2),
        "six": (6, 4),
        "thirteen": (13, 512),
        "fourteen: a quarter of an hour, and no more after it": (14, 900),
        "ninety-nine": (99, 900),
        "a hundred: until its password is reset": (100, None),
    },
)
def test_an_account_waits_after_wrong_passwords(failures: int, seconds: int | None) -> None:
    wait = rules.wait_of_account(failures)
    assert wait == (None if seconds is None else timedelta(seconds=seconds))


@given(st.integers(0, 10_000))
def test_a_network_address_waits_much_later_and_is_never_closed(failures: int) -> None:
    wait = rules.wait_of_peer(failures)
    assert (wait == timedelta(0)) is (failures < rules.FREE_ATTEMPTS_OF_PEER)
    assert wait <= timedelta(minutes=15)
