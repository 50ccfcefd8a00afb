"""Pay rules and their versions."""

from datetime import date, datetime
from typing import Annotated

import msgspec
from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from credentials.compensation.model.rules import Approval, Basis, PayKind, PayRule, PayRuleVersion, Standing
from credentials.compensation.model.terms import Terms
from credentials.compensation.rules.days import local_day
from credentials.compensation.rules.sentences import plain_words
from credentials.compensation.rules.versions import standing
from credentials.compensation.service import rulebook
from credentials.db import Session
from credentials.people.model import Act, Actor
from credentials.web.api.compensation.asked import READ, WRITE, Because, Short
from credentials.web.once import Once
from credentials.web.openapi import TAGGED
from credentials.web.wire import Asked, Wire, etag


class VersionShown(Wire):
    """``standing`` is that of today. ``plainWords``: the terms as sentences, whole."""

    id: str
    number: int
    standing: Standing
    effective_from: date | None
    effective_to: date | None
    approval: Approval | None
    approved_at: datetime | None
    terms: Terms
    plain_words: list[str]


class RuleShown(Wire):
    id: str
    organisation_id: str
    slug: str
    title: str
    kind: PayKind
    basis: Basis
    time_zone: str
    versions: list[VersionShown]


class NewRule(Asked):
    slug: Annotated[str, Meta(min_length=1, max_length=62)]
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    kind: PayKind
    terms: Terms
    basis: Basis = Basis.AWARD_DATE
    time_zone: Short = "UTC"


class NewTerms(Asked):
    terms: Terms


class ApprovalGiven(Asked):
    """``effectiveFrom`` is a day after the one on which this is recorded."""

    effective_from: date
    approval: Approval


class SunsetSet(Asked):
    effective_to: date
    reason: Because


def show_rule(rule: PayRule, versions: list[PayRuleVersion], titles: dict[str, str], now: datetime) -> RuleShown:
    today = local_day(rule, now)
    return RuleShown(
        id=rule.id,
        organisation_id=rule.organisation_id,
        slug=rule.slug,
        title=rule.title,
        kind=rule.kind,
        basis=rule.basis,
        time_zone=rule.time_zone,
        versions=[show_version(rule, one, versions, titles, today) for one in versions],
    )


def show_version(
    rule: PayRule, version: PayRuleVersion, versions: list[PayRuleVersion], titles: dict[str, str], today: date
) -> VersionShown:
    return VersionShown(
        id=version.id,
        number=version.number,
        standing=standing(version, versions, today),
        effective_from=version.effective_from,
        effective_to=version.effective_to,
        approval=version.approval,
        approved_at=version.approved_at,
        terms=version.terms,
        plain_words=list(plain_words(rule, version.terms, titles)),
    )


async def _shown(session: Session, actor: Actor | None, rule_id: str, now: datetime) -> RuleShown:
    rule, versions = await rulebook.rule_for(session, actor, rule_id)
    titles = await rulebook.titles_of(session, (version.terms for version in versions))
    return show_rule(rule, versions, titles, now)


async def _shown_version(session: Session, act: Act, version: PayRuleVersion) -> Response[VersionShown]:
    rule, versions = await rulebook.rule_for(session, act.actor, version.rule_id)
    titles = await rulebook.titles_of(session, [version.terms])
    shown = show_version(rule, version, versions, titles, local_day(rule, act.now))
    return Response(shown, headers={"ETag": etag(version.revision)})


@get("/organisations/{organisation_id:str}/pay-rules", opt=READ)
async def list_rules(
    organisation_id: FromPath[str],
    session: NamedDependency[Session],
    actor: NamedDependency[Actor | None],
    now: NamedDependency[datetime],
) -> list[RuleShown]:
    """What a recogniser gives for awards, at most 100 rules. Approved versions are everybody's to read."""
    found = await rulebook.rules_for(session, actor, organisation_id)
    titles = await rulebook.titles_of(session, (version.terms for _, versions in found for version in versions))
    return [show_rule(rule, versions, titles, now) for rule, versions in found]


@get("/pay-rules/{rule_id:str}", opt=READ)
async def get_rule(
    rule_id: FromPath[str],
    session: NamedDependency[Session],
    actor: NamedDependency[Actor | None],
    now: NamedDependency[datetime],
) -> RuleShown:
    """One rule with its versions."""
    return await _shown(session, actor, rule_id, now)


@post("/organisations/{organisation_id:str}/pay-rules", status_code=201, opt=WRITE)
async def draft_rule(
    organisation_id: FromPath[str],
    data: JSONBody[NewRule],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[RuleShown]:
    """Begin a rule. Each mistake in its terms is named with its place."""

    async def work() -> RuleShown:
        asked = msgspec.structs.asdict(data)
        rule, _ = await rulebook.draft_rule(session, act, organisation_id=organisation_id, **asked)
        return await _shown(session, act.actor, rule.id, act.now)

    return await once(session, work)


@post("/pay-rules/{rule_id:str}/versions", status_code=201, opt=WRITE)
async def draft_version(
    rule_id: FromPath[str],
    data: JSONBody[NewTerms],
    once: NamedDependency[Once],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[RuleShown]:
    """Begin another wording. The one in force stays until this one is approved and begins."""

    async def work() -> RuleShown:
        await rulebook.draft_version(session, act, rule_id, data.terms)
        return await _shown(session, act.actor, rule_id, act.now)

    return await once(session, work)


@put("/pay-rule-versions/{version_id:str}", opt=WRITE, response_headers=TAGGED)
async def edit_version(
    version_id: FromPath[str],
    data: JSONBody[NewTerms],
    revision: NamedDependency[int],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[VersionShown]:
    """Change a draft."""
    changed = await rulebook.edit_version(session, act, version_id, data.terms, revision=revision)
    return await _shown_version(session, act, changed)


@post("/pay-rule-versions/{version_id:str}/approval", status_code=200, opt=WRITE, response_headers=TAGGED)
async def approve_version(
    version_id: FromPath[str],
    data: JSONBody[ApprovalGiven],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[VersionShown]:
    """Record that the board, and those who bargain, approved a version that somebody else wrote. It begins on a later day."""
    changed = await rulebook.approve_version(
        session, act, version_id, effective_from=data.effective_from, approval=data.approval
    )
    return await _shown_version(session, act, changed)


@post("/pay-rule-versions/{version_id:str}/sunset", status_code=200, opt=WRITE, response_headers=TAGGED)
async def end_version(
    version_id: FromPath[str],
    data: JSONBody[SunsetSet],
    session: NamedDependency[Session],
    act: NamedDependency[Act],
) -> Response[VersionShown]:
    """Name the day from which a version is in force no longer: a later one."""
    changed = await rulebook.end_version(session, act, version_id, effective_to=data.effective_to, reason=data.reason)
    return await _shown_version(session, act, changed)


HANDLERS = [list_rules, get_rule, draft_rule, draft_version, edit_version, approve_version, end_version]
