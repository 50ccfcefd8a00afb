"""Addresses: one that was presented, and what was behind it; and the one at which a newer edition may be had."""

import msgspec

from credentials.errors import Refused
from credentials.jsonld.contexts import Contexts
from credentials.openbadges.terms import one_or_many
from credentials.verification.model import (
    Absence,
    Absent,
    Barred,
    Container,
    Gathered,
    Materials,
    Name,
    Policy,
    Present,
)
from credentials.verification.reading import Presented, Signed, read
from credentials.verification.sentences import failed

NOTHING_THERE = (
    "Nothing could be fetched from this address. Open it yourself, and verify the file or the picture that it shows."
)
"""Of an address that leads to nothing. The code is that of a limit, whose own sentence is about the credential."""

REFRESH = "1EdTechCredentialRefresh"


def behind(presented: Presented, link: str, materials: Materials, contexts: Contexts, policy: Policy) -> Presented:
    """What an address led to, read; it says why where that was nothing, or another address."""
    found = materials.links.get(link, Absent(Absence.UNREACHABLE, "It was not gathered."))
    if isinstance(found, Present):
        inner = read(found.body, contexts, policy)
        if inner.link is None:
            return inner
    check = failed(Name.FORMAT, _nothing(found))
    if isinstance(found, Absent) and found.why is not Absence.ELSEWHERE:
        check = msgspec.structs.replace(check, detail=NOTHING_THERE)
    return Presented(digest=presented.digest, checks=(check,), container=Container.LINK)


def _nothing(found: Gathered) -> Refused:
    match found:
        case Present():
            return Refused("url-not-allowed", "The address leads to another address.")
        case Absent(why=Absence.ELSEWHERE):
            return Refused("url-not-allowed", f"{found.reason} Give the address that it leads to.")
        case Absent():
            return Refused("fetch-limit", found.reason)
        case Barred():
            return Refused(found.code, found.reason)


def refresh_url(signed: Signed) -> str | None:
    """Where a newer edition of the credential may be had (Open Badges 3.0, ``1EdTechCredentialRefresh``)."""
    services = one_or_many(signed.credential.refreshService)
    return next((one.id for one in services if REFRESH in one.type and one.id is not None), None)
