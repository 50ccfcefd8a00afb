"""Decisions about licences, from values alone."""

import calendar
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from credentials.awards.model import Award, AwardKind
from credentials.issuing import addresses
from credentials.issuing.model import Entitlement
from credentials.licensing.model import (
    Application,
    ApplicationKind,
    Decision,
    LicenceRefused,
    LicenceType,
    NotMet,
    NotVerified,
    Stage,
    WrongStage,
)
from credentials.openbadges.build import Achievement, Work
from credentials.openbadges.lint import is_signable
from credentials.pathways.verdict import Evaluation, Verdict
from credentials.sealing.model import Source

LICENCE = "licence"
"""The kind of source that licences are sealed for. The source's id is the application's."""

MAX_TERM_MONTHS = 1_200
MAX_DAYS = 3_650
MAX_TEXT = 5_000

LOOK_AGE = timedelta(minutes=15)
"""How old the look at a credential of another issuer may be that a decision rests on: as long as an officer reads the page. A
revocation shows in a published list within minutes, a licence stands for years."""

MOVES: dict[Decision, Stage] = {
    Decision.APPROVE: Stage.APPROVED,
    Decision.RETURN: Stage.RETURNED,
    Decision.REFUSE: Stage.REFUSED,
}
"""What each decision on a submitted application makes of it. A returned one is handed in again, or withdrawn."""


def check_type(asked: LicenceType) -> LicenceType:
    """The type, trimmed. Raises ``LicenceRefused`` naming what to mend."""
    if not asked.title.strip() or not asked.description.strip():
        raise LicenceRefused("write a title and a description: both stand in the licence")
    if not is_signable(asked.title + asked.description):
        raise LicenceRefused("the title or the description has a character that cannot be signed: type it again")
    if asked.term_months is not None and not 0 < asked.term_months <= MAX_TERM_MONTHS:
        raise LicenceRefused(f"a term has between 1 and {MAX_TERM_MONTHS} months; leave it out for a licence for life")
    if not 0 <= asked.renewal_days <= MAX_DAYS or not 0 < asked.appeal_days <= MAX_DAYS:
        raise LicenceRefused(f"days are a whole number up to {MAX_DAYS}")
    if asked.term_months is None and asked.renewal_pathway_id is not None:
        raise LicenceRefused("a licence for life is not renewed: give it a term, or leave the rule of renewal out")
    return asked


def check_text(text: str, what: str) -> str:
    if not text.strip():
        raise LicenceRefused(f"write {what}")
    return check_length(text, what)


def check_length(text: str, what: str) -> str:
    """The text, trimmed; it may be empty."""
    plain = text.strip()
    if len(plain) > MAX_TEXT:
        raise LicenceRefused(f"{what}: at most {MAX_TEXT} characters are kept, and this has {len(plain)}: shorten it")
    return plain


def kind_of(type_: LicenceType, held: Award | None, now: datetime) -> ApplicationKind:
    """Whether somebody asks for a licence or for its renewal. ``held`` is the newest one of this type that was not revoked.

    Raises ``LicenceRefused`` where it is too early, or nothing is to be renewed.
    """
    if held is None or not held.is_current(now):
        return ApplicationKind.FIRST
    if held.valid_until is None:
        raise LicenceRefused("you hold this licence for life: it is not renewed")
    opens = held.valid_until - timedelta(days=type_.renewal_days)
    if now < opens:
        raise LicenceRefused(
            f"your licence runs until {held.valid_until:%Y-%m-%d}: its renewal opens on {opens:%Y-%m-%d}"
        )
    return ApplicationKind.RENEWAL


def rule_for(type_: LicenceType, kind: ApplicationKind) -> str:
    """The pathway whose rule decides."""
    renewal = kind is ApplicationKind.RENEWAL and type_.renewal_pathway_id
    return renewal or type_.pathway_id


def check_looks(decision: Decision, verdict: Verdict, *, fresh: bool, unknown: Sequence[str]) -> None:
    """``NotVerified`` unless the decision knows what credentials of other issuers are worth now. ``unknown`` are titles of
    those that could not be looked at: they count for nothing, and nobody is refused because of them. A return needs none."""
    if decision is Decision.RETURN:
        return
    if not fresh:
        raise NotVerified(
            "this rests on credentials of other issuers that were not verified in the last "
            f"{LOOK_AGE.total_seconds() / 60:.0f} minutes: have them verified, and decide then"
        )
    if unknown and verdict is Verdict.PENDING:
        raise NotVerified(
            f"it hangs on what could not be verified just now: {', '.join(unknown)}. That is neither good nor bad."
            " Try again in a minute, or return the application"
        )


def check_decision(application: Application, decision: Decision, evaluation: Evaluation) -> None:
    """``WrongStage`` unless it waits for one; ``NotMet`` for an approval that the rule does not carry."""
    if application.stage is not Stage.SUBMITTED:
        raise WrongStage(f"this application is {application.stage.value}: only one that is submitted is decided")
    if decision is Decision.APPROVE and not evaluation.verdict.good:
        why = " ".join(reason.text for reason in evaluation.reasons[:3])
        raise NotMet(
            f"the rule is not met ({evaluation.verdict.value.replace('_', ' ')}). {why} "
            "Record a waiver or an override first, or refuse it with these reasons."
        )
    if decision is Decision.REFUSE and evaluation.verdict is Verdict.UNDECIDED:
        raise NotMet("the question was too hard for its budget of work, which is no refusal: ask the operator")


def counted_in(evaluation: Evaluation) -> tuple[str, ...]:
    """The items of the record that the rule counted."""
    return tuple(report.item for report in evaluation.items if report.uses)


def end_of(type_: LicenceType, kind: ApplicationKind, held: Award | None, decided_on: date) -> date | None:
    """The first day on which the licence is valid no more: a renewal goes on from the end of the one before it."""
    if type_.term_months is None:
        return None
    begins = decided_on
    if kind is ApplicationKind.RENEWAL and held is not None and held.valid_until is not None:
        begins = max(begins, held.valid_until.date())
    return months_after(begins, type_.term_months)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def is_late(type_: LicenceType, decided_at: datetime, now: datetime) -> bool:
    """Day 60 is still in time: days are counted by the calendar, the day of the decision not among them."""
    return (now.date() - decided_at.date()).days > type_.appeal_days


def entitlement_of(
    type_: LicenceType,
    application: Application,
    *,
    rule: str,
    valid_until: datetime | None,
    base_url: str,
) -> Entitlement:
    """What the licence says: the type as the achievement, the decision as the evidence. Nothing about the person but that
    they hold it. ``rule`` is the title of the rule that was met."""
    assert application.decided_at is not None
    at = addresses.licence(base_url, type_.id)
    how = {
        Verdict.MET_BY_WAIVER.value: "with a waiver on record",
        Verdict.MET_BY_OVERRIDE.value: "by an override on record",
    }.get(application.verdict, "by what is on record")
    return Entitlement(
        source=Source(LICENCE, application.id),
        kind=AwardKind.LICENCE,
        educator_id=application.educator_id,
        organisation_id=application.organisation_id,
        achievement_id=type_.id,
        title=type_.title,
        awarded_at=application.decided_at,
        valid_until=valid_until,
        achievement=Achievement(
            id=at,
            kind=type_.kind.value,
            name=type_.title,
            description=type_.description,
            criteria_url=at,
            criteria=f"The office found that the rule “{rule}” was met {how}, on {application.decided_at:%Y-%m-%d}.",
        ),
        evidence=(
            Work(
                name="Decision of the office",
                description=f"Approved on {application.decided_at:%Y-%m-%d}: {application.kind.value} licence.",
                genre="Licensing decision",
            ),
        ),
    )
