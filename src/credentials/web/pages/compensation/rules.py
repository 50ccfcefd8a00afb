"""Pay rules: in plain words for everybody, and written by the office."""

from datetime import timedelta
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from credentials.compensation.model.rules import Approval, ApprovalKind, ApprovalRecord, Basis, PayKind
from credentials.compensation.model.terms import Terms
from credentials.compensation.rules.days import local_day
from credentials.compensation.rules.sentences import plain_words
from credentials.compensation.rules.terms import read_terms
from credentials.compensation.rules.versions import standing, version_on
from credentials.compensation.service import carried, rulebook
from credentials.compensation.service.office import DECIDERS, RULERS, taking_part
from credentials.errors import Fault, Malformed
from credentials.people import service as people
from credentials.people.model import Act
from credentials.web.api.compensation.ledger import NewRelease
from credentials.web.api.compensation.rules import NewRule
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.page import Page

EXAMPLES: dict[PayKind, dict[str, Any]] = {
    PayKind.STIPEND: {
        "words": "Each micro-credential pays 150 dollars, at most 500 in a school year.",
        "amountCents": 15_000,
        "caps": {"amountCents": 50_000, "carryOver": "if_funded"},
        "payDates": [{"cutOff": "12-15", "pays": "01-31"}, {"cutOff": "05-15", "pays": "06-30"}],
    },
    PayKind.BASE_BUILDING: {
        "words": "Each micro-credential adds 300 dollars to base pay, at most three in a school year.",
        "amountCents": 30_000,
        "caps": {"count": 3},
    },
    PayKind.POINTS_TO_LANE: {
        "words": "Each micro-credential counts one credit towards the next lane.",
        "pointHundredths": 100,
        "ladder": [{"lane": "BA", "to": "BA+15", "creditHundredths": 1_500}],
        "laneDates": [{"approvedBy": "09-01", "effectiveOn": "09-01", "share": "full year"}],
    },
    PayKind.HOURS_TO_CREDITS: {
        "words": "Fifteen hours are one credit.",
        "conversion": {"hours": 15, "hoursPerCredit": 15, "rounding": "down", "toHundredths": 50},
        "priorApproval": True,
        "evidenceWithinDays": 90,
    },
}
"""What the form for a new rule begins with."""


def terms_text(terms: Terms | dict[str, Any]) -> str:
    """Terms as somebody edits them."""
    return msgspec.json.format(msgspec.json.encode(terms), indent=2).decode()


@get("/pay/rules/{rule_id:str}")
async def rule(rule_id: FromPath[str], page: NamedDependency[Page]) -> Template:
    """A rule in plain words with its versions, for everybody; and for the office its drafts and dates."""
    return await _rule(page, rule_id)


async def _rule(page: Page, rule_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        found, versions = await rulebook.rule_for(session, page.actor, rule_id)
        where = await people.organisation(session, found.organisation_id)
        titles = await rulebook.titles_of(session, (version.terms for version in versions))
    today = local_day(found, page.now)
    is_ruler = page.actor is not None and page.actor.holds_any(RULERS, where.lineage)
    current = version_on(versions, today) or versions[-1]
    return page.show(
        "compensation/rule.html",
        filled=filled,
        organisation=where,
        rule=found,
        versions=[
            (
                version,
                standing(version, versions, today),
                plain_words(found, version.terms, titles),
                is_ruler and page.actor is not None and version.author_id != page.actor.person_id,
            )
            for version in reversed(versions)
        ],
        is_ruler=is_ruler,
        may_release=page.actor is not None
        and page.actor.holds_any(DECIDERS, where.lineage)
        and current.terms.caps.carry_over == "if_funded",
        terms_text=terms_text,
        draft_text=terms_text(current.terms),
        has_draft=any(version.effective_from is None for version in versions),
        tomorrow=today + timedelta(days=1),
    )


@get("/organisations/{organisation_id:str}/pay/rules/new")
async def new_rule(
    organisation_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
) -> Template:
    """The form for a new rule."""
    return await _new_rule(page, act, organisation_id)


async def _new_rule(page: Page, act: Act, organisation_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        where = await taking_part(session, act.actor, organisation_id)
        known = await rulebook.rules_for(session, act.actor, organisation_id)
    return page.show(
        "compensation/new_rule.html",
        filled=filled,
        organisation=where,
        time_zone=known[-1][0].time_zone if known else "America/Denver",
        kinds=list(PayKind),
        examples=[(kind, terms_text(example)) for kind, example in EXAMPLES.items()],
    )


@post("/organisations/{organisation_id:str}/pay/rules/new")
async def draft_rule(
    organisation_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Begin a rule."""
    try:
        terms = _terms_in(form)
        asked = form.read(
            NewRule,
            slug=form.line("slug"),
            title=form.line("title"),
            kind=form["kind"],
            basis=form["basis"] or Basis.AWARD_DATE,
            timeZone=form.line("time_zone") or "UTC",
            terms=msgspec.to_builtins(terms),
        )
        async with page.parts.database.write() as session:
            made, _ = await rulebook.draft_rule(
                session, act, organisation_id=organisation_id, **msgspec.structs.asdict(asked)
            )
    except MENDABLE as failure:
        return await _new_rule(page, act, organisation_id, _back(form, "rule", failure))
    return page.go(f"/pay/rules/{made.id}", "pay-drafted")


def _terms_in(form: Form) -> Terms:
    return read_terms(form["terms"].encode())


def _back(form: Form, name: str, failure: Any) -> Filled:
    """The form again; mistakes in the terms stand at the terms, each with its place."""
    if failure.code != "pay-terms-refused":
        return form.back(name, failure)
    said = "; ".join(f"{fault.pointer or 'the document'}: {fault.detail}" for fault in failure.faults)
    return form.back(name, Malformed(failure.detail, faults=(Fault(said, "terms", "invalid"),)))


@post("/pay/rules/{rule_id:str}/versions")
async def draft_version(
    rule_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Begin another version, or change the draft that there is."""
    try:
        terms = _terms_in(form)
        async with page.parts.database.write() as session:
            if form["version"]:
                revision = form.number("revision")
                await rulebook.edit_version(session, act, form["version"], terms, revision=revision)
            else:
                await rulebook.draft_version(session, act, rule_id, terms)
    except MENDABLE as failure:
        return await _rule(page, rule_id, _back(form, "version", failure))
    return page.go(f"/pay/rules/{rule_id}", "pay-drafted")


@post("/pay/rules/{rule_id:str}/approval")
async def approve_version(
    rule_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Record that a version was approved."""
    try:
        records = [
            ApprovalRecord(
                kind=kind,
                body=form.line(f"{kind}_body"),
                on=form.day(f"{kind}_on"),
                reference=form.line(f"{kind}_reference"),
            )
            for kind in ApprovalKind
            if form.line(f"{kind}_body")
        ]
        approval = Approval(records=tuple(records), without_bargaining_because=form.line("without"))
        async with page.parts.database.write() as session:
            await rulebook.approve_version(
                session, act, form["version"], effective_from=form.day("effective_from"), approval=approval
            )
    except MENDABLE as failure:
        at = {
            "/effectiveFrom": "effective_from",
            "/approval/records": "board_body",
            "/approval/withoutBargainingBecause": "without",
        }
        return await _rule(page, rule_id, form.back("approve", failure, at=at))
    return page.go(f"/pay/rules/{rule_id}", "pay-rule-approved")


@post("/pay/rules/{rule_id:str}/sunset")
async def end_version(
    rule_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Set a version's last day."""
    try:
        async with page.parts.database.write() as session:
            await rulebook.end_version(
                session, act, form["version"], effective_to=form.day("effective_to"), reason=form.line("reason")
            )
    except MENDABLE as failure:
        return await _rule(page, rule_id, form.back("sunset", failure, at={"/effectiveTo": "effective_to"}))
    return page.go(f"/pay/rules/{rule_id}", "pay-rule-ended")


@post("/pay/rules/{rule_id:str}/releases")
async def release(
    rule_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """There are funds for what was carried."""
    try:
        dollars = form.line("funds").replace(",", "").removeprefix("$")
        if not (dollars.isascii() and dollars.isdecimal() and len(dollars) <= 8):
            raise Malformed("whole dollars are needed", faults=(Fault("write whole dollars", "funds", "invalid"),))
        asked = form.read(NewRelease, fundsCents=100 * int(dollars), reason=form.line("reason"))
        async with page.parts.database.write() as session:
            await carried.release_carried(session, act, rule_id, funds_cents=asked.funds_cents, reason=asked.reason)
    except MENDABLE as failure:
        return await _rule(page, rule_id, form.back("release", failure))
    return page.go(f"/pay/rules/{rule_id}", "pay-released")


HANDLERS = [rule, new_rule, draft_rule, draft_version, approve_version, end_version, release]
