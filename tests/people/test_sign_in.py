"""Signing in: the same answer to everybody who does not know, and ever slower for whoever guesses."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from builders import PASSWORD, TestClock
from sentences import sentences
from sqlalchemy import text
from town import Town

from credentials.audit import service as audit
from credentials.errors import Failure, Malformed
from credentials.people import service
from credentials.people.model import (
    SESSION_IDLE,
    SESSION_LIFETIME,
    Role,
    Scope,
    SignInBlocked,
    WeakPassword,
    WrongPassword,
)
from credentials.people.passwords import Cost, PasswordHasher
from credentials.people.rules import FREE_ATTEMPTS, FREE_ATTEMPTS_OF_PEER, MAX_FAILURES

ADMIN = "admin@alder.example"
WRONG = "velvet tuba orchard lantern"


async def guess(town: Town, address: str = ADMIN, password: str = WRONG, peer: str = "192.0.2.1") -> Failure | None:
    """How an attempt is refused, if it is."""
    try:
        await town.sign_in(address, password, peer)
    except Failure as refused:
        return refused
    return None


async def set_failures(town: Town, count: int) -> None:
    """As if somebody had guessed so often."""
    async with town.database.write() as session:
        await session.execute(text("UPDATE sign_in_failures SET count = :count"), {"count": count})


# Passwords


async def test_a_password_fits_in_whichever_way_its_characters_were_typed() -> None:
    hasher = PasswordHasher(Cost(memory_kib=64, iterations=1, lanes=1), _Ids())
    phc = await hasher.hash("caf\u00e9 orchard velvet ﬁn")
    assert await hasher.matches("cafe\u0301 orchard velvet fin", phc)
    assert not await hasher.matches("cafe orchard velvet fin", phc)
    assert not await hasher.matches("half \ud800 a character", phc)
    assert phc.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert await hasher.hash("the same") != await hasher.hash("the same"), "each has a salt of its own"


async def test_with_no_account_the_same_work_is_done_and_nothing_fits() -> None:
    hasher = PasswordHasher(Cost(memory_kib=64, iterations=1, lanes=1), _Ids())
    assert not await hasher.matches("nobody has this password", None)


class _Ids:
    def __init__(self) -> None:
        self._number = 0

    def octets(self, count: int) -> bytes:
        self._number += 1
        return self._number.to_bytes(count)

    def below(self, limit: int) -> int:
        raise NotImplementedError


# Signing in


async def test_a_session_begins_with_the_right_password_and_is_recorded(town: Town) -> None:
    session, secret = await town.sign_in(" Admin@Alder.Example ")
    assert session.person_id == town.admin.id
    found = await town.see(service.actor_of_session, secret, town.now)
    assert found is not None
    assert [grant.role for grant in found[0].grants] == [Role.ADMINISTRATOR]
    assert await town.see(service.actor_of_session, "another secret", town.now) is None
    (entry,) = await town.see(audit.about, f"session:{session.id}")
    assert (entry.action, entry.actor) == ("session.started", town.admin.id)


@sentences(
    ("address", "password"),
    {
        "an unknown address": ("nobody@alder.example", PASSWORD),
        "a wrong password": (ADMIN, WRONG),
        "an empty password": (ADMIN, ""),
        "an address that is only claimed": ("claimed@alder.example", PASSWORD),
        "what is no address": ("Robert\u2019); DROP TABLE persons;--", PASSWORD),
        "nothing": ("", ""),
        "half a character": ("\ud800@alder.example", "\ud800"),
    },
)
async def test_whoever_does_not_know_is_told_the_same(town: Town, address: str, password: str) -> None:
    await town.do(service.add_address, await town.act(town.admin), "claimed@alder.example")
    refused = await guess(town, address, password)
    assert isinstance(refused, WrongPassword)
    assert refused.detail == "the e-mail address or the password is not right"


@sentences("address", {"of an account": ADMIN, "that nobody has": "nobody@alder.example"})
async def test_after_five_wrong_passwords_an_address_waits_ever_longer(
    town: Town, clock: TestClock, address: str
) -> None:
    for _ in range(FREE_ATTEMPTS):
        assert isinstance(await guess(town, address), WrongPassword)
    for pause in (2, 4, 8):
        refused = await guess(town, address, PASSWORD)
        assert isinstance(refused, SignInBlocked), "not even the right one is looked at"
        assert refused.retry_after == pause
        clock.advance(seconds=pause)
        assert isinstance(await guess(town, address), WrongPassword), "what was refused unseen was not counted"


async def test_a_right_password_forgets_the_wrong_ones(town: Town) -> None:
    for _ in range(2):
        for _ in range(FREE_ATTEMPTS - 1):
            assert isinstance(await guess(town), WrongPassword)
        assert await guess(town, password=PASSWORD) is None


async def test_guesses_made_side_by_side_are_counted_one_after_another(town: Town) -> None:
    refused = await asyncio.gather(*(guess(town, peer=f"192.0.2.{number}") for number in range(12)))
    kinds = Counter(type(one) for one in refused)
    assert kinds == {WrongPassword: FREE_ATTEMPTS, SignInBlocked: 12 - FREE_ATTEMPTS}


async def test_after_a_hundred_wrong_passwords_only_a_link_by_mail_opens_the_account_again(
    town: Town, clock: TestClock
) -> None:
    """However long ago it was, and at each of the addresses of the person."""
    await guess(town)
    await set_failures(town, MAX_FAILURES)
    clock.advance(days=400)
    await town.do(service.forget_old, town.now)
    refused = await guess(town, password=PASSWORD)
    assert isinstance(refused, SignInBlocked)
    assert "ask for a link" in refused.detail

    second = "ada@home.example"
    await town.do(service.add_address, await town.act(town.admin), second)
    await town.do(service.verify_address, town.nobody, await town.secret_to(second))
    await town.do(service.ask_for_password_reset, town.nobody, second)
    fresh = "marble window seven clouds"
    await town.do(service.reset_password, town.nobody, await town.secret_to(second), await town.hasher.hash(fresh))
    assert await guess(town, password=fresh) is None


async def test_what_makes_an_account_wait_is_not_forgotten_and_a_few_typing_errors_are(
    town: Town, clock: TestClock
) -> None:
    for address in ("many@alder.example", "few@alder.example"):
        await guess(town, address)
    async with town.database.write() as session:
        await session.execute(text("UPDATE sign_in_failures SET count = 6 WHERE key LIKE 'account:%'"))
    await guess(town, "few@alder.example")
    clock.advance(days=2)
    await guess(town, "few@alder.example")
    async with town.database.read() as session:
        counts = (
            await session.execute(text("SELECT count FROM sign_in_failures WHERE key LIKE 'account:%'"))
        ).scalars()
        assert sorted(counts) == [6, 7]
    await set_failures(town, FREE_ATTEMPTS)
    clock.advance(days=2)
    await town.do(service.forget_old, town.now)
    async with town.database.read() as session:
        assert (await session.execute(text("SELECT count FROM sign_in_failures"))).all() == []


async def test_a_network_address_waits_too_and_has_a_new_start_every_hour(town: Town, clock: TestClock) -> None:
    """A school behind one address mistypes now and then for years; whoever tries many accounts does so in a row."""
    await guess(town, "one@alder.example")
    await set_failures(town, FREE_ATTEMPTS_OF_PEER)
    refused = await guess(town, "two@alder.example")
    assert isinstance(refused, SignInBlocked)
    assert isinstance(await guess(town, "two@alder.example", peer="192.0.2.2"), WrongPassword), "others do not wait"
    clock.advance(hours=1)
    assert isinstance(await guess(town, "two@alder.example"), WrongPassword)


async def test_a_right_password_costs_a_network_address_nothing(town: Town) -> None:
    for _ in range(3):
        await town.sign_in(ADMIN)
    async with town.database.read() as session:
        rows = (await session.execute(text("SELECT key, count FROM sign_in_failures"))).all()
    assert [(row.key.partition(":")[0], row.count) for row in rows] == [("peer", 0)]
    assert "192.0.2.1" not in str(rows), "nobody reads from the record who came from where"


# Sessions


async def is_live(town: Town, secret: str) -> bool:
    return await town.see(service.actor_of_session, secret, town.now) is not None


async def test_a_session_ends_when_it_is_not_used_for_a_day(town: Town, clock: TestClock) -> None:
    _, secret = await town.sign_in(ADMIN)
    clock.advance(hours=23)
    actor, to_note = await town.see(service.actor_of_session, secret, town.now)
    assert to_note
    await town.do(service.note_use, actor, town.now)
    _, to_note = await town.see(service.actor_of_session, secret, town.now)
    assert not to_note, "a use is noted every five minutes, not with every request"
    clock.advance(hours=23, minutes=59)
    assert await is_live(town, secret)
    clock.advance(minutes=1)
    assert not await is_live(town, secret)


async def test_a_session_ends_after_two_weeks_however_much_it_is_used(town: Town, clock: TestClock) -> None:
    session, secret = await town.sign_in(ADMIN)
    while town.now < session.created_at + SESSION_LIFETIME:
        found = await town.see(service.actor_of_session, secret, town.now)
        assert found is not None
        await town.do(service.note_use, found[0], town.now)
        clock.advance(seconds=(SESSION_IDLE / 2).total_seconds())
    assert not await is_live(town, secret)
    clock.advance(seconds=1)
    await town.do(service.forget_old, town.now)
    async with town.database.read() as connection:
        assert (await connection.execute(text("SELECT id FROM sessions"))).all() == []


async def test_signing_out_ends_this_session_and_no_other(town: Town) -> None:
    session, secret = await town.sign_in(ADMIN)
    _, other = await town.sign_in(ADMIN)
    await town.do(service.sign_out, await town.act(town.admin, session_id=session.id))
    await town.do(service.sign_out, await town.act(town.admin))
    assert (await is_live(town, secret), await is_live(town, other)) == (False, True)


async def test_a_new_password_ends_every_other_session(town: Town) -> None:
    session, mine = await town.sign_in(ADMIN)
    _, other = await town.sign_in(ADMIN)
    act = await town.act(town.admin, session_id=session.id)
    fresh = "marble window seven clouds"
    with pytest.raises(WrongPassword):
        await service.change_password(town.database, town.hasher, act, old=WRONG, new=fresh)
    with pytest.raises(WeakPassword):
        await service.change_password(town.database, town.hasher, act, old=PASSWORD, new="ada admin ada admin")
    assert await is_live(town, other), "nothing was changed so far"
    await service.change_password(town.database, town.hasher, act, old=PASSWORD, new=fresh)
    assert (await is_live(town, mine), await is_live(town, other)) == (True, False)
    assert isinstance(await guess(town, password=PASSWORD), WrongPassword)
    assert await guess(town, password=fresh) is None


# Forgotten passwords


async def test_a_link_by_mail_sets_a_new_password_once_and_ends_every_session(town: Town) -> None:
    _, secret = await town.sign_in(ADMIN)
    await town.do(service.ask_for_password_reset, town.nobody, ADMIN)
    link = await town.secret_to(ADMIN)
    fresh = await town.hasher.hash("marble window seven clouds")
    await town.do(service.reset_password, town.nobody, link, fresh)
    assert not await is_live(town, secret)
    assert await guess(town, password="marble window seven clouds") is None
    assert await code_of(town, service.reset_password, town.nobody, link, fresh) == "link-not-valid"


async def test_nobody_is_told_whether_an_address_has_an_account(town: Town) -> None:
    before = await town.mails()
    assert await town.do(service.ask_for_password_reset, town.nobody, "nobody@alder.example") is None
    assert await town.mails() == before
    assert await town.do(service.ask_for_password_reset, town.nobody, ADMIN) is None
    assert await town.mails() == before + 1
    with pytest.raises(Malformed):
        await town.do(service.ask_for_password_reset, town.nobody, "what is no address")


async def test_a_link_for_a_password_runs_out_after_an_hour(town: Town, clock: TestClock) -> None:
    await town.do(service.ask_for_password_reset, town.nobody, ADMIN)
    link = await town.secret_to(ADMIN)
    clock.advance(hours=1)
    assert await code_of(town, service.reset_password, town.nobody, link, "phc") == "link-not-valid"


async def test_a_link_for_something_else_sets_no_password(town: Town) -> None:
    invitation = await town.invite("tess@heron.example")
    await town.do(service.add_address, await town.act(town.admin), "ada@home.example")
    verification = await town.secret_to("ada@home.example")
    for link in (invitation, verification, "no link at all", ""):
        assert await code_of(town, service.reset_password, town.nobody, link, "phc") == "link-not-valid"


async def test_a_link_to_an_address_that_was_given_up_sets_no_password(town: Town) -> None:
    """Whoever reads the old mailbox now is somebody else."""
    await town.do(service.add_address, await town.act(town.admin), "ada@home.example")
    await town.do(service.verify_address, town.nobody, await town.secret_to("ada@home.example"))
    await town.do(service.ask_for_password_reset, town.nobody, ADMIN)
    link = await town.secret_to(ADMIN)
    addresses = await town.see(service.addresses_of, town.admin.id)
    (old,) = [address.id for address in addresses if address.address == ADMIN]
    await town.do(service.remove_address, await town.act(town.admin), old)
    assert await code_of(town, service.reset_password, town.nobody, link, "phc") == "link-not-valid"


async def code_of(town: Town, work: Any, *args: Any) -> str:
    try:
        await town.do(work, *args)
    except Failure as refused:
        return refused.code
    return ""


# Tokens for programs


async def test_a_token_is_known_by_its_secret_until_it_runs_out_or_is_revoked(town: Town, clock: TestClock) -> None:
    act = await town.act(town.admin)
    expires = town.now + timedelta(days=30)
    token, secret = await town.do(
        service.make_token, act, name="nightly", scopes=[Scope.AWARDS_READ], expires_at=expires
    )
    revoked, other = await town.do(
        service.make_token, act, name="old", scopes=[Scope.AWARDS_READ, Scope.PEOPLE_READ], expires_at=expires
    )
    assert secret.startswith("ecr_")
    actor, to_note = await town.see(service.actor_of_token, secret, town.now)
    assert (actor.person_id, actor.scopes, actor.token_id) == (town.admin.id, {Scope.AWARDS_READ}, token.id)
    assert [grant.role for grant in actor.grants] == [Role.ADMINISTRATOR]
    assert to_note
    await town.do(service.note_use, actor, town.now)
    assert (await town.see(service.actor_of_token, secret, town.now))[1] is False
    assert {kept.used_at for kept in await town.see(service.tokens_of, town.admin.id)} == {town.now, None}

    await town.do(service.revoke_token, act, revoked.id)
    assert await town.see(service.actor_of_token, other, town.now) is None
    assert await code_of(town, service.revoke_token, act, revoked.id) == "not-found"
    clock.advance(days=30)
    assert await town.see(service.actor_of_token, secret, town.now) is None
    assert await town.see(service.actor_of_token, "ecr_unknown", town.now) is None


async def test_nobody_revokes_the_token_of_another(town: Town) -> None:
    act = await town.act(town.admin)
    made = {"name": "x", "scopes": [Scope.AWARDS_READ], "expires_at": town.now + timedelta(days=1)}
    token, secret = await town.do(service.make_token, act, **made)
    teacher = await town.act(await town.join("tess"))
    assert await code_of(town, service.revoke_token, teacher, token.id) == "not-found"
    assert await town.see(service.actor_of_token, secret, town.now) is not None


@sentences(
    ("changed", "says"),
    {
        "without a scope": ({"scopes": []}, "at least one scope"),
        "that has run out already": ({"days": 0}, "within a year"),
        "for longer than a year": ({"days": 367}, "within a year"),
        "by a token": ({"by": frozenset({Scope.PEOPLE_WRITE})}, "sign in"),
    },
)
async def test_no_token_is_made(town: Town, changed: dict[str, Any], says: str) -> None:
    act = await town.act(town.admin, scopes=changed.get("by"))
    expires = town.now + timedelta(days=changed.get("days", 1))
    with pytest.raises(Malformed, match=says):
        await town.do(
            service.make_token,
            act,
            name="x",
            scopes=changed.get("scopes", [Scope.AWARDS_READ]),
            expires_at=expires,
        )
