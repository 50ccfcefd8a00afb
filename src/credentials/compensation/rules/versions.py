"""Which version of a rule holds on which day, and what its approval needs."""

from collections.abc import Iterable
from datetime import date

from credentials.compensation.model.failures import ApprovalRefused
from credentials.compensation.model.rules import Approval, ApprovalKind, PayRule, PayRuleVersion, Standing, VersionState
from credentials.compensation.rules.words import day_words
from credentials.errors import Fault


def basis_date(rule: PayRule, awarded_on: date, claimed_on: date) -> date:
    return awarded_on if rule.basis == "award_date" else claimed_on


def version_on(versions: Iterable[PayRuleVersion], day: date) -> PayRuleVersion | None:
    """The version in force on a day: the latest that had begun, unless it had reached its sunset."""
    begun = [
        version
        for version in versions
        if version.state is VersionState.APPROVED and version.effective_from and version.effective_from <= day
    ]
    latest = max(begun, key=lambda version: (version.effective_from, version.number), default=None)
    return None if latest is None or (latest.effective_to and latest.effective_to <= day) else latest


def standing(version: PayRuleVersion, versions: Iterable[PayRuleVersion], day: date) -> Standing:
    if version.state is VersionState.DRAFT or version.effective_from is None:
        return Standing.DRAFT
    if day < version.effective_from:
        return Standing.APPROVED
    current = version_on(versions, day)
    if current and current.id == version.id:
        return Standing.IN_FORCE
    if version.effective_to and version.effective_to <= day:
        return Standing.SUNSET
    return Standing.SUPERSEDED


def check_approval(approval: Approval, effective_from: date, today: date, others: Iterable[PayRuleVersion]) -> None:
    """A rule is approved before its first day, by the board and in bargaining, and nothing is changed backwards."""
    faults = []
    if effective_from <= today:
        faults.append(
            Fault(
                f"a rule begins after the day on which its approval is recorded: name a day after {day_words(today)}",
                "/effectiveFrom",
                "retroactive",
            )
        )
    kinds = {record.kind for record in approval.records}
    if ApprovalKind.BOARD not in kinds:
        faults.append(Fault("the board's record is needed", "/approval/records", "missing"))
    if ApprovalKind.BARGAINING not in kinds and not approval.without_bargaining_because.strip():
        faults.append(
            Fault(
                "give the record of bargaining, or say why there is none",
                "/approval/withoutBargainingBecause",
                "missing",
            )
        )
    for place, record in enumerate(approval.records):
        if record.on > today:
            faults.append(Fault("this day is still to come", f"/approval/records/{place}/on", "future"))
    if any(other.effective_from == effective_from for other in others):
        faults.append(Fault("another version begins on this day", "/effectiveFrom", "duplicate"))
    if faults:
        raise ApprovalRefused("this cannot be approved yet: " + faults[0].detail, faults=tuple(faults))
