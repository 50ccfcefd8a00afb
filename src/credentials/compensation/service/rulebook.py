"""Pay rules and their versions. An officer drafts, somebody else records the approval, and it begins on a later day."""

from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from credentials.catalog import service as catalog
from credentials.compensation import store
from credentials.compensation.model.failures import AlreadyDecided, TermsRefused
from credentials.compensation.model.rules import Approval, Basis, PayKind, PayRule, PayRuleVersion, VersionState
from credentials.compensation.model.terms import Terms
from credentials.compensation.rules.days import local_day
from credentials.compensation.rules.terms import check_terms
from credentials.compensation.rules.versions import check_approval
from credentials.compensation.service.office import READERS, RECOGNISERS, RULERS, because, record
from credentials.db import Session
from credentials.errors import Conflict, Fault, Forbidden, Malformed, NotFound
from credentials.ids import new_id
from credentials.people import service as people
from credentials.people.model import Act, Actor
from credentials.people.rules import check_name, check_slug, require

MAX_RULES = 100
"""Of one recogniser: all of them are looked at for one claim."""


async def draft_rule(
    session: Session,
    act: Act,
    *,
    organisation_id: str,
    slug: str,
    title: str,
    kind: PayKind,
    basis: Basis,
    time_zone: str,
    terms: Terms,
) -> tuple[PayRule, PayRuleVersion]:
    """Begin a rule with its first version, a draft."""
    where = await people.organisation(session, organisation_id)
    require(act.actor, where.lineage, *RULERS)
    if where.kind not in RECOGNISERS:
        raise Malformed("a school has no pay rules of its own: its district has")
    check_slug(slug)
    check_terms(kind, terms)
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        fault = Fault("give a time zone by its name, such as America/Denver", "/timeZone", "invalid")
        raise TermsRefused("the time zone is not known", faults=(fault,)) from None
    if len(await store.rules.rules_of(session, [where.id])) >= MAX_RULES:
        raise Conflict(f"a recogniser has at most {MAX_RULES} rules: draft a new version of one")
    made = PayRule(
        id=new_id(act.ids, act.now),
        organisation_id=where.id,
        slug=slug,
        title=check_name(title),
        kind=kind,
        basis=basis,
        time_zone=time_zone,
        created_at=act.now,
        author_id=act.actor.person_id,
    )
    await store.rules.add_rule(session, made)
    version = await _add_version(session, act, made, 1, terms)
    return made, version


async def draft_version(session: Session, act: Act, rule_id: str, terms: Terms) -> PayRuleVersion:
    """Begin another wording of a rule. The one in force stays until this one is approved and begins."""
    found = await store.rules.rule(session, rule_id)
    where = await people.organisation(session, found.organisation_id)
    require(act.actor, where.lineage, *RULERS)
    check_terms(found.kind, terms)
    earlier = (await store.rules.versions_of(session, [rule_id]))[rule_id]
    if any(version.state is VersionState.DRAFT for version in earlier):
        raise Conflict("there is a draft already: edit it")
    return await _add_version(session, act, found, len(earlier) + 1, terms)


async def _add_version(session: Session, act: Act, rule: PayRule, number: int, terms: Terms) -> PayRuleVersion:
    version = PayRuleVersion(
        id=new_id(act.ids, act.now),
        rule_id=rule.id,
        number=number,
        terms=terms,
        author_id=act.actor.person_id,
        created_at=act.now,
    )
    await store.rules.add_version(session, version)
    await record(session, act, "pay-rule.drafted", f"pay-rule:{rule.id}", rule.organisation_id, version=version.id)
    return version


async def _version(session: Session, act: Act, version_id: str) -> tuple[PayRule, PayRuleVersion]:
    version = await store.rules.version(session, version_id, lock=True)
    rule = await store.rules.rule(session, version.rule_id)
    where = await people.organisation(session, rule.organisation_id)
    if version.state is VersionState.DRAFT and not act.actor.holds_any(READERS, where.lineage):
        raise NotFound("there is no such version of a pay rule")
    require(act.actor, where.lineage, *RULERS)
    return rule, version


async def edit_version(session: Session, act: Act, version_id: str, terms: Terms, *, revision: int) -> PayRuleVersion:
    """Change a draft. An approved wording is never changed: draft another."""
    rule, version = await _version(session, act, version_id)
    if version.state is not VersionState.DRAFT:
        raise Conflict("this version is approved and does not change any more: draft a new one")
    check_terms(rule.kind, terms)
    version = msgspec.structs.replace(version, revision=revision)
    changed = await store.rules.change_version(session, version, terms=terms, author_id=act.actor.person_id)
    await record(session, act, "pay-rule.edited", f"pay-rule:{rule.id}", rule.organisation_id, version=version.id)
    return changed


async def approve_version(
    session: Session, act: Act, version_id: str, *, effective_from: date, approval: Approval
) -> PayRuleVersion:
    """Record that a version was approved, and the day from which it is in force, which is a later one."""
    rule, version = await _version(session, act, version_id)
    if version.state is not VersionState.DRAFT:
        raise AlreadyDecided("this version is approved already")
    if version.author_id == act.actor.person_id:
        raise Forbidden("somebody who did not write this version must record its approval")
    others = (await store.rules.versions_of(session, [rule.id]))[rule.id]
    check_approval(approval, effective_from, local_day(rule, act.now), others)
    changed = await store.rules.change_version(
        session,
        version,
        state=VersionState.APPROVED,
        effective_from=effective_from,
        approval=approval,
        approved_at=act.now,
        approved_by=act.actor.person_id,
    )
    await record(
        session,
        act,
        "pay-rule.approved",
        f"pay-rule:{rule.id}",
        rule.organisation_id,
        version=version.id,
        effective_from=effective_from.isoformat(),
    )
    return changed


async def end_version(
    session: Session, act: Act, version_id: str, *, effective_to: date, reason: str
) -> PayRuleVersion:
    """Set a version's sunset: from that day, which is a later one, it is not in force, and nothing follows by itself."""
    rule, version = await _version(session, act, version_id)
    if version.state is not VersionState.APPROVED or version.effective_from is None:
        raise Conflict("only an approved version has a sunset")
    today = local_day(rule, act.now)
    if effective_to <= today or effective_to <= version.effective_from:
        fault = Fault("name a day after today and after its first day", "/effectiveTo", "retroactive")
        raise TermsRefused("a rule does not end backwards", faults=(fault,))
    if version.effective_to is not None and version.effective_to <= today:
        raise Conflict("this version has reached its sunset already")
    changed = await store.rules.change_version(session, version, effective_to=effective_to)
    await record(
        session,
        act,
        "pay-rule.sunset",
        f"pay-rule:{rule.id}",
        rule.organisation_id,
        reason=because(reason),
        version=version.id,
        effective_to=effective_to.isoformat(),
    )
    return changed


async def rule_for(session: Session, actor: Actor | None, rule_id: str) -> tuple[PayRule, list[PayRuleVersion]]:
    """A rule as this reader may see it: what is approved is everybody's, drafts are the office's."""
    found = await store.rules.rule(session, rule_id)
    versions = (await store.rules.versions_of(session, [rule_id]))[rule_id]
    where = await people.organisation(session, found.organisation_id)
    if actor is None or not actor.holds_any(READERS, where.lineage):
        versions = [version for version in versions if version.state is VersionState.APPROVED]
    if not versions:
        raise NotFound("there is no such pay rule")
    return found, versions


async def rules_for(
    session: Session, actor: Actor | None, organisation_id: str
) -> list[tuple[PayRule, list[PayRuleVersion]]]:
    """The rules of a recogniser, as this reader may see them."""
    where = await people.organisation(session, organisation_id)
    found = await store.rules.rules_of(session, [where.id])
    versions = await store.rules.versions_of(session, [rule.id for rule in found])
    sees_drafts = actor is not None and actor.holds_any(READERS, where.lineage)
    shown = [
        (rule, [one for one in versions[rule.id] if sees_drafts or one.state is VersionState.APPROVED])
        for rule in found
    ]
    return [(rule, seen) for rule, seen in shown if seen]


async def approved_rules(session: Session, *, limit: int) -> list[tuple[PayRule, list[PayRuleVersion]]]:
    """Rules of all recognisers, as everybody may see them: with the versions that were approved."""
    found = await store.rules.approved_rules(session, limit=limit)
    versions = await store.rules.versions_of(session, [rule.id for rule in found])
    return [(rule, [one for one in versions[rule.id] if one.state is VersionState.APPROVED]) for rule in found]


async def rules_by_id(session: Session, ids: Iterable[str]) -> dict[str, PayRule]:
    """What rules are called that the reader has claims or plans under."""
    return await store.rules.rules_by_id(session, ids)


async def titles_of(session: Session, terms: Iterable[Terms]) -> dict[str, str]:
    """What the achievements and issuers that rules name are called."""
    said = list(terms)
    named = {own.achievement for one in said for own in one.amounts} | {
        achievement for one in said for achievement in one.accepts.achievements
    }
    issuers = {issuer for one in said for issuer in one.accepts.issuers}
    entries = await catalog.shown_of(session, named) if named else {}
    organisations = await people.organisations_by_id(session, issuers) if issuers else {}
    return {
        **{key: entry.version.specification.title for key, entry in entries.items()},
        **{key: one.name for key, one in organisations.items()},
    }
