"""What a rule gives for a claim, from values alone: version, facts, history -> lines with reasons. No clock, no float."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

import msgspec

from credentials.awards.model import Award, AwardKind, AwardState
from credentials.compensation.model import (
    UNIT,
    Account,
    Approval,
    ApprovalKind,
    ApprovalRefused,
    Assessment,
    CalendarRefused,
    CarryOver,
    Claim,
    Code,
    Conversion,
    Entry,
    Forecast,
    ForecastLine,
    LaneDate,
    LaneMove,
    LeftOut,
    PayDate,
    PayKind,
    PayLine,
    PayLineKind,
    PayPeriod,
    PayRule,
    PayRuleVersion,
    PayRun,
    Placement,
    Reason,
    RoundingMode,
    Standing,
    Step,
    Terms,
    TermsRefused,
    Unit,
    VersionState,
)
from credentials.errors import Fault
from credentials.spreadsheets import neutral

T = TypeVar("T")

MONEY_KINDS = frozenset({PayKind.BASE_BUILDING, PayKind.STIPEND})


# Terms: what is wrong with them, and where


def read_terms(octets: bytes) -> Terms:
    """Terms from a JSON document. Raises ``TermsRefused`` with the path of the mistake."""
    try:
        return msgspec.json.decode(octets, type=Terms)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        message, _, place = str(error).partition(" - at `$")
        pointer = place.rstrip("`").replace("[", "/").replace("]", "").replace(".", "/")
        raise TermsRefused(
            "the rule cannot be read", faults=(Fault(message, pointer if place else "", "invalid"),)
        ) from error


def check_terms(kind: PayKind, terms: Terms) -> None:
    faults = tuple(faults_of(kind, terms))
    if faults:
        raise TermsRefused("this rule cannot be carried out as it is written: " + faults[0].detail, faults=faults)


def faults_of(kind: PayKind, terms: Terms) -> Iterable[Fault]:
    """Everything that keeps a rule of this kind from being carried out, each with its JSON Pointer into the terms."""
    is_money = kind in MONEY_KINDS
    needed: dict[PayKind, tuple[str, Any]] = {
        PayKind.BASE_BUILDING: ("amountCents", terms.amount_cents),
        PayKind.STIPEND: ("amountCents", terms.amount_cents),
        PayKind.POINTS_TO_LANE: ("pointHundredths", terms.point_hundredths),
        PayKind.HOURS_TO_CREDITS: ("conversion", terms.conversion),
    }
    name, value = needed[kind]
    if value is None and not (is_money and terms.amounts):
        yield Fault(f"a rule of this kind says {name}", f"/{name}", "missing")
    for other, given in (
        ("amountCents", terms.amount_cents),
        ("pointHundredths", terms.point_hundredths),
        ("conversion", terms.conversion),
    ):
        if other != name and given is not None:
            yield Fault(f"a rule of this kind does not say {other}", f"/{other}", "not-of-this-kind")
    if terms.amounts and not is_money:
        yield Fault("only a rule that pays money says amounts", "/amounts", "not-of-this-kind")
    if is_money:
        for member, is_given in (("ladder", bool(terms.ladder)), ("acceptance", terms.acceptance is not None)):
            if is_given:
                yield Fault(f"only a rule that gives credits says {member}", f"/{member}", "not-of-this-kind")
        if terms.caps.credit_hundredths is not None:
            yield Fault("a rule that pays money has no cap of credits", "/caps/creditHundredths", "not-of-this-kind")
    elif terms.caps.amount_cents is not None:
        yield Fault("a rule that gives credits has no cap of money", "/caps/amountCents", "not-of-this-kind")
    if kind is not PayKind.STIPEND and terms.pay_dates:
        yield Fault("only a stipend has pay dates: base pay is paid with every period", "/payDates", "not-of-this-kind")
    if terms.caps.carry_over is not CarryOver.NONE and (kind is not PayKind.STIPEND or terms.caps.amount_cents is None):
        yield Fault("only a stipend with a cap of money is carried over", "/caps/carryOver", "not-of-this-kind")
    if kind is PayKind.STIPEND and terms.lane_dates:
        yield Fault("a stipend has pay dates, not lane dates", "/laneDates", "not-of-this-kind")
    yield from _twice(terms)
    yield from _days(terms)
    yield from _ladder(terms.ladder)
    if terms.conversion and 100 % terms.conversion.to_hundredths:
        yield Fault(
            "a whole credit must be made of such parts: 1, 5, 10, 25, 50 or 100", "/conversion/toHundredths", "invalid"
        )


def _twice(terms: Terms) -> Iterable[Fault]:
    for place, own in enumerate(terms.amounts):
        if any(own.achievement == earlier.achievement for earlier in terms.amounts[:place]):
            yield Fault("this achievement has an amount already", f"/amounts/{place}/achievement", "duplicate")
    for place, paid in enumerate(terms.pay_dates):
        if any(paid.cut_off == earlier.cut_off for earlier in terms.pay_dates[:place]):
            yield Fault("this cut-off stands there already", f"/payDates/{place}/cutOff", "duplicate")


def _days(terms: Terms) -> Iterable[Fault]:
    named = [("/yearBegins", terms.year_begins)]
    for place, paid in enumerate(terms.pay_dates):
        named += [(f"/payDates/{place}/cutOff", paid.cut_off), (f"/payDates/{place}/pays", paid.pays)]
    for place, lane in enumerate(terms.lane_dates):
        named += [
            (f"/laneDates/{place}/approvedBy", lane.approved_by),
            (f"/laneDates/{place}/effectiveOn", lane.effective_on),
        ]
    bad = [(pointer, text) for pointer, text in named if not _is_day(text)]
    for pointer, text in bad:
        yield Fault(f"{text} is not a day of every year: write MM-DD, such as 09-01", pointer, "invalid")
    if not bad:
        in_year = [on_or_after(lane.approved_by, _year_start(terms, 2001)) for lane in terms.lane_dates]
        for place in range(1, len(in_year)):
            if in_year[place] <= in_year[place - 1]:
                yield Fault(
                    "the dates stand in the order of the school year", f"/laneDates/{place}/approvedBy", "order"
                )


def _is_day(text: str) -> bool:
    try:
        date(2001, int(text[:2]), int(text[3:]))  # not a leap year: 29 February is not a day of every year
    except ValueError:
        return False
    return True


def _ladder(ladder: Sequence[Step]) -> Iterable[Fault]:
    for place, step in enumerate(ladder):
        if any(step.lane == earlier.lane for earlier in ladder[:place]):
            yield Fault("one step leads from each lane", f"/ladder/{place}/lane", "duplicate")
        if step.to in {earlier.lane for earlier in ladder[: place + 1]}:
            yield Fault("the lanes stand in their order: none leads back", f"/ladder/{place}/to", "order")


# Versions and their days


def on_or_after(month_day: str, start: date) -> date:
    """The first such day from ``start`` on."""
    found = date(start.year, int(month_day[:2]), int(month_day[3:]))
    return found if found >= start else found.replace(year=start.year + 1)


def _year_start(terms: Terms, year: int) -> date:
    return date(year, int(terms.year_begins[:2]), int(terms.year_begins[3:]))


def school_year(terms: Terms, day: date) -> int:
    """The calendar year in which the school year of a day begins."""
    return day.year if day >= _year_start(terms, day.year) else day.year - 1


def year_words(year: int) -> str:
    return f"{year}–{(year + 1) % 100:02d}"


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


# What a claim comes to


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a claim on the day on which it is assessed (``today``). ``prior_on``: when the plan was approved."""

    state: AwardState
    is_current: bool
    kind: AwardKind
    achievement_id: str
    issuer_id: str
    covers: tuple[str, ...]
    tags: tuple[str, ...] = ()
    awarded_on: date
    claimed_on: date
    today: date
    is_member: bool
    placement: Placement | None = None
    prior_on: date | None = None


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What the same person was given before. ``count``, ``cents`` and ``hundredths``: under this rule in the claim's year.
    ``hours``, ``accepted``: under it ever. ``towards``: credits of the ledger towards the next lane. ``earlier``: claims that
    count, of this rule and of the others of the recogniser."""

    count: int = 0
    cents: int = 0
    hundredths: int = 0
    hours: int = 0
    accepted: int = 0
    towards: int = 0
    earlier: tuple[Claim, ...] = ()


def basis_date(rule: PayRule, awarded_on: date, claimed_on: date) -> date:
    return awarded_on if rule.basis == "award_date" else claimed_on


def assess(rule: PayRule, version: PayRuleVersion | None, facts: Facts, history: History) -> Assessment:
    """What one claim is worth. Everything that bars it is named; what is only over a cap is granted in part."""
    basis = basis_date(rule, facts.awarded_on, facts.claimed_on)
    if version is None:
        named = "the award is dated" if rule.basis == "award_date" else "the claim was made"
        text = f"“{rule.title}” was not in force on {day_words(basis)}, when {named}."
        return Assessment(payable=False, year=basis.year, reasons=(Reason(code=Code.RULE_NOT_IN_FORCE, text=text),))
    terms = version.terms
    year = school_year(terms, basis)
    reasons = [*_barred(rule, terms, facts, history)]
    if terms.caps.count is not None and history.count >= terms.caps.count:
        text = (
            f"The rule pays for {terms.caps.count} awards in a school year, and {year_words(year)} has {history.count}."
        )
        reasons.append(Reason(code=Code.CAP_EXCEEDED, text=text))
    if reasons:
        return Assessment(payable=False, year=year, reasons=tuple(reasons))
    if rule.kind in MONEY_KINDS:
        return _money(rule, terms, facts, history, year)
    return _credits(terms, facts, history, year)


def _barred(rule: PayRule, terms: Terms, facts: Facts, history: History) -> Iterable[Reason]:
    if facts.state is AwardState.REVOKED:
        yield Reason(code=Code.REVOKED, text="The award was revoked.")
    if facts.state is AwardState.SUSPENDED:
        yield Reason(code=Code.SUSPENDED, text="The award is suspended for now.")
    if facts.state is AwardState.ACTIVE and not facts.is_current:
        yield Reason(code=Code.EXPIRED, text="The award has run out.")
    accepts = terms.accepts
    is_listed = not accepts.achievements or set(facts.covers) & set(accepts.achievements)
    if facts.kind not in accepts.kinds or not is_listed:
        yield Reason(code=Code.NOT_ACCEPTED, text="The rule does not name this award among those that it pays for.")
    if accepts.issuers and facts.issuer_id not in accepts.issuers:
        yield Reason(code=Code.ISSUER_NOT_ACCEPTED, text="The rule does not accept awards of this issuer.")
    if accepts.tags and not set(accepts.tags) & set(facts.tags):
        text = f"The rule pays for awards marked {either(accepts.tags)}, and this one is not."
        yield Reason(code=Code.LEVEL_NOT_ACCEPTED, text=text)
    yield from _not_eligible(terms, facts)
    if terms.prior_approval and (facts.prior_on is None or facts.prior_on > facts.awarded_on):
        when = f"it was approved on {day_words(facts.prior_on)}, after the award" if facts.prior_on else "there is none"
        yield Reason(code=Code.NOT_PREAPPROVED, text=f"The plan must be approved before it is earned: {when}.")
    if terms.evidence_within_days is not None:
        days = (facts.claimed_on - facts.awarded_on).days
        if days > terms.evidence_within_days:
            text = f"The claim came {days} days after the award; the rule gives {terms.evidence_within_days}."
            yield Reason(code=Code.LATE, text=text)
    for earlier in history.earlier:
        same_rule = earlier.rule_id == rule.id
        if set(earlier.covers) & set(facts.covers) and (same_rule or terms.exclusive or earlier.exclusive):
            how = "under this rule" if same_rule else "under another rule, and only one of them pays"
            text = f"“{earlier.title}” was compensated already {how}."
            yield Reason(code=Code.ALREADY_COMPENSATED, text=text)
            return


def _not_eligible(terms: Terms, facts: Facts) -> Iterable[Reason]:
    eligible = terms.eligible
    if eligible.members_only and not facts.is_member:
        yield Reason(code=Code.ROLE_NOT_ELIGIBLE, text="You have no role as an educator here on this day.")
        return
    if not eligible.positions and not eligible.bands:
        return
    named = []
    if eligible.positions:
        named.append(f"as {either(eligible.positions)}")
    if eligible.bands:
        named.append(f"in band {either(eligible.bands)}")
    if facts.placement is None:
        text = (
            f"The rule is for people employed {' or '.join(named)}, and the office has recorded no position: ask it to."
        )
        yield Reason(code=Code.FACT_MISSING, text=text)
    elif facts.placement.position not in eligible.positions and facts.placement.band not in eligible.bands:
        band = f", band {facts.placement.band}" if facts.placement.band else ""
        text = f"The rule is for people employed {' or '.join(named)}; recorded is {facts.placement.position}{band}."
        yield Reason(code=Code.ROLE_NOT_ELIGIBLE, text=text)


def _money(rule: PayRule, terms: Terms, facts: Facts, history: History, year: int) -> Assessment:
    worth = worth_cents(terms, facts.achievement_id)
    cap = terms.caps.amount_cents
    now = worth if cap is None else max(0, min(worth, cap - history.cents))
    over = worth - now
    carries = terms.caps.carry_over is CarryOver.IF_FUNDED
    entries: list[Entry] = []
    reasons = []
    if now:
        if rule.kind is PayKind.STIPEND:
            account, due = Account.STIPEND, pay_date(terms.pay_dates, facts.claimed_on, facts.today)
            text = f"{dollars(now)}, paid once, due {day_words(due)}."
        else:
            account, (due, _) = Account.SALARY_BASE, lane_date(terms, facts.today)
            text = f"{dollars(now)} more base pay a year, from {day_words(due)} on."
        entries += pair(account, now, Code.GRANTED, text, due)
        reasons.append(Reason(code=Code.GRANTED, text=text))
    if over:
        text = f"{dollars(over)} is over the cap of {dollars(cap or 0)} a school year"
        if carries:
            text += ": carried, and paid in a later year only if there are funds."
            entries += pair(Account.CARRIED, over, Code.CAP_EXCEEDED, text)
        else:
            text += " and lapses."
        reasons.append(Reason(code=Code.CAP_EXCEEDED, text=text))
    return Assessment(payable=bool(entries), year=year, entries=tuple(entries), reasons=tuple(reasons))


def worth_cents(terms: Terms, achievement_id: str) -> int:
    """What an award pays before any cap. A rule that lists amounts only pays nothing for what it does not list."""
    own = {one.achievement: one.amount_cents for one in terms.amounts}
    return own.get(achievement_id, terms.amount_cents or 0)


def _credits(terms: Terms, facts: Facts, history: History, year: int) -> Assessment:
    worth = _credit_worth(terms, history)
    cap = terms.caps.credit_hundredths
    rest = worth if cap is None else max(0, min(worth, cap - history.hundredths))
    limit = terms.acceptance.maximum_hundredths if terms.acceptance else None
    accepted = rest if limit is None else max(0, min(rest, limit - history.accepted))
    entries: list[Entry] = []
    reasons = []
    if accepted:
        text = f"{credits(accepted)} counted."
        entries += pair(Account.CREDITS, accepted, Code.GRANTED, text)
        reasons.append(Reason(code=Code.GRANTED, text=text))
    if rest - accepted and terms.acceptance:
        text = (
            f"{credits(rest - accepted)} recorded and not accepted: {terms.acceptance.programme} takes at most "
            f"{credits(terms.acceptance.maximum_hundredths)}."
        )
        entries += pair(Account.CREDITS_OVER, rest - accepted, Code.CAP_EXCEEDED, text)
        reasons.append(Reason(code=Code.CAP_EXCEEDED, text=text))
    if worth - rest:
        text = f"{credits(worth - rest)} over the cap of {credits(cap or 0)} a school year: not counted."
        reasons.append(Reason(code=Code.CAP_EXCEEDED, text=text))
    moves = tuple(_moves(terms, facts, history.towards + accepted))
    for move in moves:
        text = f"From lane {move.lane} to {move.to}, effective {day_words(move.effective_on)}"
        reasons.append(Reason(code=Code.GRANTED, text=f"{text} ({move.share})." if move.share else f"{text}."))
        gained = next(step.raise_cents for step in terms.ladder if step.lane == move.lane)
        if gained:
            words = f"{dollars(gained)} more base pay a year for lane {move.to}."
            entries += pair(Account.SALARY_BASE, gained, Code.GRANTED, words, move.effective_on)
    if terms.ladder and (facts.placement is None or not facts.placement.lane):
        text = "The office has recorded no lane for you: credits count, and nothing moves until it does."
        reasons.append(Reason(code=Code.FACT_MISSING, text=text))
    # Hours that make no whole part of a credit yet are granted all the same: the next award brings them over.
    waits = terms.conversion is not None and worth == 0
    if waits and not entries:
        text = f"{terms.conversion.hours if terms.conversion else 0} hours counted; they become a credit with the next ones."
        reasons.append(Reason(code=Code.GRANTED, text=text))
    return Assessment(
        payable=bool(entries) or waits,
        year=year,
        hours=terms.conversion.hours if terms.conversion else 0,
        entries=tuple(entries),
        reasons=tuple(reasons),
        moves=moves,
    )


def _credit_worth(terms: Terms, history: History) -> int:
    if terms.conversion is None:
        return terms.point_hundredths or 0
    before, after = history.hours, history.hours + terms.conversion.hours
    return to_credits(terms.conversion, after) - to_credits(terms.conversion, before)


def to_credits(conversion: Conversion, hours: int) -> int:
    """Hours as hundredths of a credit: 30 hours at 15 to the credit are 200."""
    part = conversion.to_hundredths
    numerator, denominator = hours * 100, conversion.hours_per_credit * part
    match conversion.rounding:
        case RoundingMode.DOWN:
            parts = numerator // denominator
        case RoundingMode.UP:
            parts = -(-numerator // denominator)
        case _:
            parts = (2 * numerator + denominator) // (2 * denominator)
    return parts * part


def _moves(terms: Terms, facts: Facts, ledger_credits: int) -> Iterable[LaneMove]:
    if facts.placement is None:
        return
    lane, have = facts.placement.lane, facts.placement.credit_hundredths + ledger_credits
    effective_on, share = lane_date(terms, facts.today)
    for step in terms.ladder:
        if step.lane == lane and have >= step.credit_hundredths:
            have -= step.credit_hundredths
            yield LaneMove(lane=lane, to=step.to, effective_on=effective_on, share=share, credit_hundredths=have)
            lane = step.to


def pay_date(pay_dates: Sequence[PayDate], claimed_on: date, decided_on: date) -> date:
    """When a stipend is due: by the first cut-off that is not over on the day of the claim; without any, at the decision."""
    if not pay_dates:
        return decided_on
    cut_off, pays = min((on_or_after(paid.cut_off, claimed_on), paid.pays) for paid in pay_dates)
    return on_or_after(pays, cut_off)


def lane_date(terms: Terms, approved_on: date) -> tuple[date, str]:
    """From when an approval raises base pay, and what that is called. After the year's last date: the next year's first."""
    if not terms.lane_dates:
        return approved_on, ""
    start = _year_start(terms, school_year(terms, approved_on))
    for lane in terms.lane_dates:
        if approved_on <= on_or_after(lane.approved_by, start):
            return on_or_after(lane.effective_on, start), lane.share
    first: LaneDate = terms.lane_dates[0]
    return on_or_after(first.effective_on, start.replace(year=start.year + 1)), f"{first.share} of the next year"


# The ledger


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


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An amount that is carried: of which claim, and how much of it."""

    claim_id: str
    educator_id: str
    cents: int


def release(
    waiting: Sequence[Waiting], funds: int, cap: int | None, used: Mapping[str, int]
) -> tuple[tuple[Waiting, int], ...]:
    """What of the carried amounts is paid from ``funds``, in their order, so that nobody gets over the later year's own cap."""
    found = []
    given: Counter[str] = Counter(used)
    for one in waiting:
        room = one.cents if cap is None else max(0, cap - given[one.educator_id])
        amount = min(one.cents, funds, room)
        if amount > 0:
            found.append((one, amount))
            given[one.educator_id] += amount
            funds -= amount
    return tuple(found)


# The pay run


def check_calendar(year: int, periods: Sequence[tuple[date, date, date]]) -> None:
    """The periods of one school year: in order, one behind the other without a gap, each with its pay day."""
    faults = []
    for place, (starts, ends, _) in enumerate(periods):
        if ends < starts:
            faults.append(Fault("it ends before it starts", f"/periods/{place}/endsOn", "order"))
        if place and starts != periods[place - 1][1] + timedelta(days=1):
            faults.append(
                Fault("it must start on the day after the one before it ends", f"/periods/{place}/startsOn", "gap")
            )
    if periods and periods[0][0].year not in {year, year + 1}:
        faults.append(
            Fault(f"the first period of {year_words(year)} cannot start then", "/periods/0/startsOn", "invalid")
        )
    if periods and (periods[-1][1] - periods[0][0]).days > 366:
        faults.append(Fault("a school year has at most 366 days", f"/periods/{len(periods) - 1}/endsOn", "invalid"))
    if faults:
        raise CalendarRefused("this is no calendar of pay periods: " + faults[0].detail, faults=tuple(faults))


def share_of_year(annual: int, number: int, of: int) -> int:
    """The ``number``-th share of a year's amount: all of them together are the amount to the cent."""
    return annual * number // of - annual * (number - 1) // of


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """What stands open for one claim when a period is paid. ``stipend``: due in it. ``raises``: base pay a year with the day
    from which it is raised. ``decided``: the moment of the decision, ``paid``: periods whose share is paid already."""

    claim: Claim
    rule_slug: str
    rule_version: int
    name: str
    employee_number: str
    stipend: int = 0
    raises: tuple[tuple[date, int], ...] = ()
    paid: frozenset[str] = frozenset()
    has_open_case: bool = False
    is_member: bool = True


def pay_run(organisation: str, period: PayPeriod, calendar: Sequence[PayPeriod], owed: Iterable[Owed]) -> PayRun:
    """A period's payments, in an order that does not depend on anything but what is paid.

    A stipend is paid when it is due. Base pay is paid by shares of the year, each once: this period's, and those of periods
    that were exported before the decision that reaches back to them.
    """
    lines: list[PayLine] = []
    left_out: list[LeftOut] = []
    for one in owed:
        found = [*_lines_of(period, calendar, one)]
        if not found:
            continue
        stipends = [line for line in found if line.kind is PayLineKind.STIPEND]
        base = [line for line in found if line.kind is PayLineKind.BASE]
        if one.has_open_case and stipends:
            left_out.append(_left_out(one, stipends, "its award was withdrawn, and an officer has not decided yet"))
            stipends = []
        if not one.is_member and base:
            left_out.append(_left_out(one, base, "does not work here any more"))
            base = []
        lines += stipends + base
    lines.sort(key=lambda line: (line.educator_id, line.rule, line.award_id, line.kind, line.for_period))
    return PayRun(
        organisation=organisation,
        period=period.label,
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        pays_on=period.pays_on,
        lines=tuple(lines),
        left_out=tuple(sorted(left_out, key=lambda one: (one.educator_id, one.claim_id, one.reason))),
        total_cents=sum(line.amount_cents for line in lines),
    )


def _lines_of(period: PayPeriod, calendar: Sequence[PayPeriod], one: Owed) -> Iterable[PayLine]:
    if one.stipend > 0:
        yield _line(one, PayLineKind.STIPEND, period.label, one.stipend)
    for share in calendar:
        is_this = share.id == period.id
        decided_at = one.claim.decided_at
        is_missed = (
            share.number < period.number
            and share.exported_at is not None
            and decided_at is not None
            and share.exported_at <= decided_at
        )
        if not (is_this or is_missed) or share.id in one.paid:
            continue
        amount = sum(
            share_of_year(annual, share.number, share.of)
            for effective_on, annual in one.raises
            if effective_on <= share.starts_on
        )
        if amount > 0:
            yield _line(one, PayLineKind.BASE, share.label, amount)


def _line(one: Owed, kind: PayLineKind, for_period: str, amount: int) -> PayLine:
    return PayLine(
        educator_id=one.claim.educator_id,
        employee_number=one.employee_number,
        name=one.name,
        rule=one.rule_slug,
        rule_version=one.rule_version,
        kind=kind,
        title=one.claim.title,
        award_id=one.claim.award_id,
        claim_id=one.claim.id,
        for_period=for_period,
        amount_cents=amount,
    )


def _left_out(one: Owed, lines: Sequence[PayLine], why: str) -> LeftOut:
    return LeftOut(
        educator_id=one.claim.educator_id,
        name=one.name,
        title=one.claim.title,
        claim_id=one.claim.id,
        amount_cents=sum(line.amount_cents for line in lines),
        reason=why,
    )


CSV_COLUMNS = (
    "period", "pays_on", "employee_number", "name", "rule", "rule_version", "kind", "for_period", "amount", "currency",
    "title", "educator_id", "award_id", "claim_id",
)  # fmt: skip


def run_csv(run: PayRun) -> bytes:
    """The run as CSV (RFC 4180): text in quotes and neutral, numbers bare, amounts in dollars with two places."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for line in run.lines:
        writer.writerow(
            (
                run.period, run.pays_on.isoformat(), neutral(line.employee_number), neutral(line.name), neutral(line.rule),
                line.rule_version, line.kind.value, line.for_period, _Amount(line.amount_cents), run.currency,
                neutral(line.title), line.educator_id, line.award_id, line.claim_id,
            )
        )  # fmt: skip
    return out.getvalue().encode()


class _Amount(int):
    """Cents, which the CSV writer puts down bare, as it does every number, in dollars."""

    def __str__(self) -> str:
        return f"{'-' if self < 0 else ''}{abs(int(self)) // 100}.{abs(int(self)) % 100:02d}"

    __repr__ = __str__


def run_json(run: PayRun) -> bytes:
    return msgspec.json.encode(run, order="deterministic")


# The forecast


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What a forecast rests on, for one rule: grants of the last twelve months and what they came to, what stands already."""

    rule: PayRule
    version: PayRuleVersion | None
    grants: int
    granted_cents: int
    people: int
    standing_cents: int
    carried_cents: int


def forecast(organisation: str, year: int, members: int, growth_percent: int, known: Iterable[Known]) -> Forecast:
    """Next year's cost: as many claims as in the last twelve months, changed by ``growth_percent``, and what stands already."""
    lines = tuple(_forecast_line(one, year, members, growth_percent) for one in known)
    return Forecast(
        organisation=organisation,
        year=year,
        expected_cents=sum(line.expected_cents for line in lines),
        lines=lines,
        assumptions=(
            f"{members} educators work here, as today.",
            f"As many claims are approved as in the last twelve months, {growth_percent:+d} percent.",
            "Benefits, taxes and the salary schedule itself are not in it.",
        ),
    )


def _forecast_line(one: Known, year: int, members: int, growth_percent: int) -> ForecastLine:
    assumptions = [f"{one.grants} claims of {one.people} people were approved in the last twelve months."]
    if one.version is None:
        assumptions.append(f"The rule is not in force in {year_words(year)}: nothing new is expected.")
    grown = one.granted_cents * (100 + growth_percent) // 100 if one.version else 0
    ceiling = None
    caps = one.version.terms.caps if one.version else None
    if one.version and caps and one.rule.kind in MONEY_KINDS:
        most = [caps.amount_cents] if caps.amount_cents is not None else []
        if caps.count is not None:
            largest = max(
                [one.version.terms.amount_cents or 0, *(own.amount_cents for own in one.version.terms.amounts)]
            )
            most.append(caps.count * largest)
        if most:
            ceiling = members * min(most)
            grown = min(grown, ceiling)
            assumptions.append(f"No more than {dollars(ceiling)} can be new: everybody at the cap.")
    if one.standing_cents:
        assumptions.append(f"{dollars(one.standing_cents)} of base pay stands already and is paid again.")
    if one.carried_cents:
        assumptions.append(f"{dollars(one.carried_cents)} is carried: in it, as if all of it found funds.")
    if one.rule.kind not in MONEY_KINDS:
        assumptions.append("Credits cost when somebody changes lanes; only raises that the rule names are in it.")
    return ForecastLine(
        rule=one.rule.title,
        kind=one.rule.kind,
        expected_cents=grown + one.standing_cents + one.carried_cents,
        ceiling_cents=None if ceiling is None else ceiling + one.standing_cents + one.carried_cents,
        assumptions=tuple(assumptions),
    )


# In plain words


def dollars(cents: int) -> str:
    """$1,600 or $110.50"""
    whole, part = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}${whole:,}" + (f".{part:02d}" if part else "")


def credits(hundredths: int) -> str:  # noqa: A001 - it is what the field calls them
    """1 credit, 0.67 credits"""
    whole, part = divmod(abs(hundredths), 100)
    text = f"{'-' if hundredths < 0 else ''}{whole}" + (f".{part:02d}".rstrip("0") if part else "")
    return f"{text} credit" if hundredths == 100 else f"{text} credits"


def day_words(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"


def _every(month_day: str) -> str:
    day = date(2001, int(month_day[:2]), int(month_day[3:]))
    return f"{day:%B} {day.day}"


def either(words: Iterable[str]) -> str:
    *most, last = list(words) or [""]
    return f"{', '.join(most)} or {last}" if most else last


def plain_words(rule: PayRule, terms: Terms, titles: Mapping[str, str]) -> tuple[str, ...]:
    """The terms as sentences, whole: what is not said here is not asked. ``titles``: of achievements and issuers, by id."""
    return tuple(_sentences(rule, terms, titles))


def _worth_words(rule: PayRule, terms: Terms) -> str:
    of = {AwardKind.MICRO_CREDENTIAL: "micro-credential", AwardKind.STACK: "stack", AwardKind.LICENCE: "licence"}
    what = either(of[kind] for kind in terms.accepts.kinds)
    match rule.kind:
        case PayKind.STIPEND if terms.amount_cents:
            return f"Each {what} pays {dollars(terms.amount_cents)}, once."
        case PayKind.BASE_BUILDING if terms.amount_cents:
            return f"Each {what} raises base pay by {dollars(terms.amount_cents)} a year, for good."
        case PayKind.POINTS_TO_LANE:
            return f"Each {what} counts {credits(terms.point_hundredths or 0)} towards the next lane."
        case PayKind.HOURS_TO_CREDITS if terms.conversion:
            part = terms.conversion.to_hundredths
            how = {RoundingMode.DOWN: "down", RoundingMode.NEAREST: "to the nearest", RoundingMode.UP: "up"}
            to = "whole credits" if part == 100 else f"steps of {part} hundredths of a credit"
            return (
                f"Each {what} counts {terms.conversion.hours} hours, and {terms.conversion.hours_per_credit} hours make a "
                f"credit. All hours are added up first and rounded {how[terms.conversion.rounding]}, in {to}."
            )
        case _:
            return f"What is listed pays what stands beside it; no other {what} pays."


def _sentences(rule: PayRule, terms: Terms, titles: Mapping[str, str]) -> Iterable[str]:
    yield _worth_words(rule, terms)
    for own in terms.amounts:
        yield f"“{titles.get(own.achievement, own.achievement)}” pays {dollars(own.amount_cents)}."
    if terms.accepts.achievements:
        yield "Only these count: " + "; ".join(titles.get(one, one) for one in terms.accepts.achievements) + "."
    if terms.accepts.issuers:
        yield "Only awards of " + either(titles.get(one, one) for one in terms.accepts.issuers) + " count."
    if terms.accepts.tags:
        yield f"Only awards marked {either(terms.accepts.tags)} count."
    if terms.eligible.positions or terms.eligible.bands:
        groups = [*terms.eligible.positions, *(f"pay band {band}" for band in terms.eligible.bands)]
        yield f"It is for {either(groups)}."
    if not terms.eligible.members_only:
        yield "Anybody may claim, whoever employs them."
    yield from _bounds(terms)
    if terms.prior_approval:
        yield "Your plan must be approved before you earn the award."
    if terms.evidence_within_days:
        yield f"Claim within {terms.evidence_within_days} days of the award."
    yield from _dates_words(terms)
    yield (
        "An award that another rule here has paid for is not paid for again."
        if terms.exclusive
        else "It may come beside another rule that does not forbid it; the same achievement is never paid twice under it."
    )
    day = "the award's date" if rule.basis == "award_date" else "the day of the claim"
    yield f"Which version of the rule applies, and in which school year it counts, is decided by {day}."


def _dates_words(terms: Terms) -> Iterable[str]:
    for paid in terms.pay_dates:
        yield f"What is claimed by {_every(paid.cut_off)} is paid on {_every(paid.pays)}."
    for step in terms.ladder:
        more = f", which adds {dollars(step.raise_cents)} a year" if step.raise_cents else ""
        yield f"{credits(step.credit_hundredths)} lead from lane {step.lane} to {step.to}{more}."
    for lane in terms.lane_dates:
        yield f"What is approved by {_every(lane.approved_by)} counts from {_every(lane.effective_on)} ({lane.share})."
    if terms.acceptance:
        yield f"{terms.acceptance.programme} takes at most {credits(terms.acceptance.maximum_hundredths)}."


def _bounds(terms: Terms) -> Iterable[str]:
    caps, begins = terms.caps, _every(terms.year_begins)
    if caps.count is not None:
        yield f"At most {caps.count} for each person in a school year, which begins on {begins}."
    if caps.amount_cents is not None:
        over = (
            "what is over is carried, and paid in a later year only if there are funds"
            if caps.carry_over is CarryOver.IF_FUNDED
            else "what is over lapses"
        )
        yield f"At most {dollars(caps.amount_cents)} for each person in a school year, which begins on {begins}; {over}."
    if caps.credit_hundredths is not None:
        yield f"At most {credits(caps.credit_hundredths)} in a school year, which begins on {begins}."


def facts_of(
    award: Award,
    *,
    covers: tuple[str, ...],
    tags: tuple[str, ...],
    awarded_on: date,
    claimed_on: date,
    today: date,
    is_current: bool,
    is_member: bool,
    placement: Placement | None,
    prior_on: date | None,
) -> Facts:
    return Facts(
        state=award.state,
        is_current=is_current,
        kind=award.kind,
        achievement_id=award.achievement_id,
        issuer_id=award.organisation_id,
        covers=covers,
        tags=tags,
        awarded_on=awarded_on,
        claimed_on=claimed_on,
        today=today,
        is_member=is_member,
        placement=placement,
        prior_on=prior_on,
    )
