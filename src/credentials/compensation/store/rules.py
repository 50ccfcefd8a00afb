"""Rules and their versions."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from credentials.compensation.model.rules import PayRule, PayRuleVersion, VersionState
from credentials.compensation.tables import rules, versions
from credentials.db import Session, all_by_id, find_all, find_groups, insert_once, insert_one, one_by_id, revise
from credentials.people.model import SlugTaken


async def add_rule(session: Session, rule: PayRule) -> None:
    if not await insert_once(session, rules, rule):
        raise SlugTaken(f"the short name {rule.slug} is in use here: choose another")


async def rule(session: Session, rule_id: str) -> PayRule:
    return await one_by_id(session, PayRule, rules, rule_id, "there is no such pay rule")


async def rules_of(session: Session, organisation_ids: Iterable[str]) -> list[PayRule]:
    """All rules of these recognisers, in the order of their short names: a recogniser has a handful."""
    query = select(rules).where(rules.c.organisation_id.in_(set(organisation_ids)))
    return await find_all(session, PayRule, query.order_by(rules.c.slug, rules.c.id))


async def rules_by_id(session: Session, ids: Iterable[str]) -> dict[str, PayRule]:
    return await all_by_id(session, PayRule, rules, ids)


async def add_version(session: Session, version: PayRuleVersion) -> None:
    await insert_one(session, versions, version)


async def version(session: Session, version_id: str, *, lock: bool = False) -> PayRuleVersion:
    return await one_by_id(
        session, PayRuleVersion, versions, version_id, "there is no such version of a pay rule", lock=lock
    )


async def versions_of(session: Session, rule_ids: Iterable[str]) -> dict[str, list[PayRuleVersion]]:
    """The versions of these rules, oldest first."""
    query = select(versions).where(versions.c.rule_id.in_(set(rule_ids))).order_by(versions.c.number)
    return await find_groups(session, PayRuleVersion, versions.c.rule_id, query)


async def versions_by_id(session: Session, ids: Iterable[str]) -> dict[str, PayRuleVersion]:
    return await all_by_id(session, PayRuleVersion, versions, ids)


async def change_version(session: Session, found: PayRuleVersion, **values: Any) -> PayRuleVersion:
    return await revise(session, versions, found, "this version", **values)


async def approved_rules(session: Session, *, limit: int) -> list[PayRule]:
    """Rules of all recognisers that have a version which was approved."""
    approved = select(versions.c.rule_id).where(versions.c.state == VersionState.APPROVED)
    query = select(rules).where(rules.c.id.in_(approved)).order_by(rules.c.organisation_id, rules.c.slug)
    return await find_all(session, PayRule, query.limit(limit))
