"""What somebody wants to know of a credential, as they write it in a query, a form or on a command line."""

import re
from datetime import UTC, datetime, timedelta
from typing import NoReturn
from urllib.parse import unquote

import msgspec

from credentials.db import Database
from credentials.errors import Fault, Malformed, NotFound
from credentials.openbadges.terms import parse_date, parse_date_time
from credentials.settings import Settings
from credentials.trust.model import GENERAL, Use
from credentials.verification.model import NOTHING_MORE, Policy, Question, Recipient, RecipientKind
from credentials.web.sources import OPERATOR, View, view_of

MAX_RECIPIENT = 2_000
"""Characters of the name, address or id that the holder is compared with."""

_ID = re.compile(r"(?:did|urn|https?):\S+")


def policy_of(settings: Settings) -> Policy:
    """The rules of verification that the settings make."""
    return Policy(
        fetch_unregistered=settings.fetch_unregistered,
        ports=frozenset(map(int, settings.fetch_ports)),
        link_hosts=_hosts(settings.link_hosts),
        badge_hosts=_hosts(settings.badge_hosts),
        refresh=settings.refresh,
    )


def _hosts(listed: tuple[str, ...]) -> frozenset[str] | None:
    return None if "*" in listed else frozenset(listed)


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """The question, and whose registry answers it."""

    question: Question = NOTHING_MORE
    view: View = OPERATOR


PLAIN = Asking()
"""Is it good now, by the operator's own registry?"""


async def read_asking(
    database: Database | None,
    now: datetime,
    *,
    organisation: str = "",
    use: str = "",
    as_of: str = "",
    recipient: str = "",
    domain: str = "",
    challenge: str = "",
    holder: str = "",
) -> Asking:
    """Raises ``Malformed`` with the parameter at fault; ``NotFound`` for an organisation that there is not."""
    if not (organisation or use or as_of or recipient or domain or challenge or holder):
        return PLAIN
    question = Question(
        as_of=read_as_of(as_of, now) if as_of else None,
        use=_use(use) if use else None,
        recipient=read_recipient(recipient) if recipient else None,
        domain=domain or None,
        challenge=challenge or None,
        holder=holder or None,
    )
    view = OPERATOR
    if organisation:
        if database is None:
            _refuse("organisation", "this machine keeps no registry: leave the organisation out")
        try:
            async with database.read() as session:
                view = await view_of(session, organisation)
        except NotFound:
            _refuse("organisation", "there is no organisation of this short name")
    return Asking(question=question, view=view)


def read_as_of(text: str, now: datetime) -> datetime:
    """A moment with its zone, or a day, which means its end in UTC (now, for today)."""
    try:
        moment = parse_date_time(text) if "T" in text else _end_of(text, now)
    except (ValueError, OverflowError):
        _refuse("asOf", "write a day as 2026-09-30, or a moment with its zone, such as 2026-09-30T17:00:00-05:00")
    if moment > now:
        _refuse("asOf", "that moment has not come yet, so nobody knows what will be then")
    return moment


def _end_of(text: str, now: datetime) -> datetime:
    day = parse_date(text)
    end = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)
    return now if end > now >= end - timedelta(days=1) else end


def _use(text: str) -> Use:
    if text not in {use.value for use in GENERAL}:
        _refuse("use", f"ask for one of {', '.join(sorted(GENERAL))}")
    return Use(text)


def read_recipient(text: str) -> Recipient:
    """Told by its form: an id (a DID, URN or address), an e-mail address, or else a name. Whatever cannot be written in a
    header stands there percent-encoded."""
    plain = unquote(text).strip().removeprefix("mailto:")
    if not plain or len(plain) > MAX_RECIPIENT or not plain.isprintable():
        _refuse("recipient", "give one name, e-mail address or id of the person whom you mean")
    if _ID.fullmatch(plain):
        return Recipient(kind=RecipientKind.ID, value=plain)
    kind = RecipientKind.EMAIL if "@" in plain else RecipientKind.NAME
    return Recipient(kind=kind, value=plain)


def _refuse(parameter: str, detail: str) -> NoReturn:
    raise Malformed(detail, faults=(Fault(detail, parameter, "invalid"),))
