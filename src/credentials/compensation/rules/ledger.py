"""The lines of a posting, which come to nothing in sum."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from credentials.compensation.model.ledger import UNIT, Account, Entry, Unit
from credentials.compensation.model.reasons import Code


def pair(
    account: Account, amount: int, reason: Code, text: str = "", due_on: date | None = None
) -> tuple[Entry, Entry]:
    """An amount into an account, and the same out of ``obligation``."""
    unit = UNIT[account]
    return (
        Entry(account=account, unit=unit, amount=amount, due_on=due_on, reason=reason, text=text),
        Entry(account=Account.OBLIGATION, unit=unit, amount=-amount, reason=reason),
    )


def transfer(
    from_: Account, to: Account, amount: int, reason: Code, text: str, due_on: date | None = None
) -> tuple[Entry, Entry]:
    unit = UNIT[to]
    return (
        Entry(account=to, unit=unit, amount=amount, due_on=due_on, reason=reason, text=text),
        Entry(account=from_, unit=unit, amount=-amount, reason=reason),
    )


def imbalance(entries: Iterable[Entry]) -> dict[Unit, int]:
    """What a posting is off by, by unit; empty when it balances."""
    sums: Counter[Unit] = Counter()
    for entry in entries:
        sums[entry.unit] += entry.amount
    return {unit: amount for unit, amount in sums.items() if amount}


def reversal(balances: Mapping[Account, int], *, recover: bool) -> tuple[Entry, ...]:
    """The lines that end a claim, from where its postings stand. What was paid stays paid; with ``recover`` it is owed back."""
    entries: list[Entry] = []
    for account in (Account.STIPEND, Account.CARRIED, Account.SALARY_BASE, Account.CREDITS, Account.CREDITS_OVER):
        if balance := balances.get(account, 0):
            entries += pair(account, -balance, Code.REVOKED, "Ended by an officer: the award was withdrawn.")
    owed = balances.get(Account.PAID, 0) + balances.get(Account.RECOVERY, 0)
    if recover and owed:
        entries += pair(Account.RECOVERY, -owed, Code.REVOKED, "Paid, and recorded as owed back.")
    return tuple(entries)
