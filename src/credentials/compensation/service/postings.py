"""The ledger: what is written into it for a claim, who reads it, and what ``fsck`` looks at."""

import hashlib

from credentials.compensation import store
from credentials.compensation.model.claims import Claim
from credentials.compensation.model.ledger import Account, Entry, Posting, Purpose
from credentials.compensation.rules.ledger import imbalance
from credentials.compensation.service.office import READERS, answering
from credentials.db import Session
from credentials.ids import new_id
from credentials.people.model import Act

MONEY = frozenset({Account.STIPEND, Account.CARRIED, Account.SALARY_BASE})
"""The accounts in which something may still stand to be paid."""


def posting(
    act: Act,
    claim: Claim,
    sequence: int,
    purpose: Purpose,
    *,
    period: str,
    year: int,
    round_: int,
    reason: str,
    entries: tuple[Entry, ...],
) -> Posting:
    if off := imbalance(entries):
        raise AssertionError(f"a posting is off by {off}")  # our own bug: nothing is written
    return Posting(
        id=new_id(act.ids, act.now),
        organisation_id=claim.organisation_id,
        sequence=sequence,
        educator_id=claim.educator_id,
        rule_id=claim.rule_id,
        version_id=claim.version_id or "",
        claim_id=claim.id,
        award_id=claim.award_id,
        purpose=purpose,
        period=period,
        round=round_,
        year=year,
        reason=reason,
        posted_at=act.now,
        posted_by=act.actor.person_id,
        entries=entries,
    )


async def ledger(
    session: Session, act: Act, organisation_id: str, educator_id: str | None, *, after: int = 0, limit: int = 50
) -> list[Posting]:
    """The postings of a recogniser, or those about one person, which that person may read too."""
    if educator_id != act.actor.person_id:
        await answering(session, act.actor, organisation_id, *READERS)
    return await store.ledger.postings_of(session, organisation_id, educator_id, after=after, limit=limit)


async def faults(session: Session) -> list[tuple[str, str]]:
    """What is wrong with ledgers and exports, as (where, what), for ``fsck``."""
    found = [
        (f"pay-posting:{one}", "its entries do not come to nothing") for one in await store.ledger.unbalanced(session)
    ]
    found += [
        (f"organisation:{one}", "postings are missing from its pay ledger, or there are too many")
        for one in await store.ledger.books_with_gaps(session)
    ]
    for export in await store.periods.all_exports(session):
        for form, body, digest in (
            ("CSV", export.csv, export.csv_digest),
            ("JSON", export.json, export.json_digest),
        ):
            if hashlib.sha256(body).hexdigest() != digest:
                found.append(
                    (f"pay-period:{export.period_id}", f"its exported {form} is not the one that was exported")
                )
    return found
