"""Who recognises a badge, and who recognises an issuer's badges, as anybody may know."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from credentials.awards.model import AwardKind
from credentials.catalog import service as catalog
from credentials.catalog.model import CatalogueEntry
from credentials.compensation.model.rules import PayRule, PayRuleVersion, Standing
from credentials.compensation.rules.days import local_day
from credentials.compensation.rules.versions import standing
from credentials.compensation.service import rulebook as pay_rules
from credentials.db import Session
from credentials.errors import NotFound
from credentials.licensing import service as licensing
from credentials.licensing.model import LicenceType
from credentials.pathways import rule as pathway_rules
from credentials.pathways import service as pathways
from credentials.pathways.model import Pathway, PathwayVersion, Phase, Stack
from credentials.people import service as people
from credentials.people.model import Organisation
from credentials.recognition.model import Answer, Badge, Mention, Recognition, Scheme
from credentials.recognition.rules import Badges, in_pathway, in_pay

MAX_PATHWAYS = 300
"""Pathways that are looked through for one answer. Each is read anew, which takes a tenth of a millisecond."""
MAX_PAY_RULES = 300
"""Pay rules that are looked through for one answer."""
MAX_BADGES = 300
"""Of one issuer. A state's catalogue has a few dozen."""


async def of_micro_credential(
    session: Session, micro_credential_id: str, now: datetime
) -> tuple[CatalogueEntry, Organisation, Answer]:
    """Which public rules count a micro-credential that was published, by itself or within a stack."""
    entry = (await catalog.shown_of(session, [micro_credential_id])).get(micro_credential_id)
    if entry is None:
        raise NotFound("there is no such micro-credential")
    issuer = await people.organisation(session, entry.micro_credential.organisation_id)
    stacks = await pathways.with_members(session, [micro_credential_id])
    issuers = await people.organisations_by_id(session, {stack.organisation_id for stack in stacks})
    badges = Badges([_badge(entry, issuer), *(_stack(stack, issuers[stack.organisation_id]) for stack in stacks)])
    return entry, issuer, await _answer(session, badges, now)


async def of_organisation(session: Session, organisation_id: str, now: datetime) -> tuple[Organisation, Answer]:
    """Which public rules count what an organisation issues: all of it, or some of what is in its catalogue."""
    issuer = await people.organisation(session, organisation_id)
    entries = await catalog.published(session, organisation_id=issuer.id, limit=MAX_BADGES)
    stacks = [
        stack
        for stack in await pathways.with_members(session, [entry.micro_credential.id for entry in entries])
        if stack.organisation_id == issuer.id
    ]
    whatever = Badge(issuer_id=issuer.id, issuer=issuer.slug)
    own = (*(_badge(entry, issuer) for entry in entries), *(_stack(stack, issuer) for stack in stacks))
    return issuer, await _answer(session, Badges((whatever, *own)), now)


def _badge(entry: CatalogueEntry, issuer: Organisation) -> Badge:
    of, specification = entry.micro_credential, entry.version.specification
    return Badge(
        id=of.id,
        ref=of.slug,
        title=specification.title,
        issuer_id=issuer.id,
        issuer=issuer.slug,
        tags=frozenset(specification.tags),
        covers=(of.id,),
    )


def _stack(stack: Stack, issuer: Organisation) -> Badge:
    return Badge(
        id=stack.id,
        kind=AwardKind.STACK,
        ref=stack.slug,
        title=stack.title,
        issuer_id=issuer.id,
        issuer=issuer.slug,
        covers=(stack.id, *stack.members),
    )


async def _answer(session: Session, badges: Badges, now: datetime) -> Answer:
    listed = await pathways.list_pathways(session, limit=MAX_PATHWAYS + 1)
    paying = await pay_rules.approved_rules(session, limit=MAX_PAY_RULES + 1)
    counting = await _counting(session, listed[:MAX_PATHWAYS], badges, now.date())
    licences = await licensing.types_by_rule(session, counting)
    return Answer(
        found=(*_told(counting, licences, now.date()), *await _in_pay(session, paying[:MAX_PAY_RULES], badges, now)),
        is_whole=len(listed) <= MAX_PATHWAYS and len(paying) <= MAX_PAY_RULES,
    )


class Counting(NamedTuple):
    """The version of a pathway that counts badges, and where."""

    pathway: Pathway
    version: PathwayVersion
    mentions: tuple[Mention, ...]


async def _counting(session: Session, known: Sequence[Pathway], badges: Badges, today: date) -> dict[str, Counting]:
    """Of each pathway the first version, in force or approved for a later day, that counts one of the badges."""
    versions = await pathways.versions_of(session, [pathway.id for pathway in known])
    found: dict[str, Counting] = {}
    for pathway in known:
        for version in sorted(versions[pathway.id], key=lambda version: version.effective_from):
            if pathway.id in found or version.phase(today) not in {Phase.IN_FORCE, Phase.APPROVED}:
                continue
            if mentions := in_pathway(pathway_rules.decode(version.rule), badges, today):
                found[pathway.id] = Counting(pathway, version, mentions)
    return found


def _told(counting: Mapping[str, Counting], licences: Iterable[LicenceType], today: date) -> Iterator[Recognition]:
    """A pathway by which licences are granted or renewed is told as these licences, each other one as itself."""
    granting: set[str] = set()
    for licence in licences:
        for pathway_id in dict.fromkeys(filter(None, (licence.pathway_id, licence.renewal_pathway_id))):
            if one := counting.get(pathway_id):
                granting.add(pathway_id)
                yield Recognition(
                    scheme=Scheme.LICENCE,
                    organisation_id=licence.organisation_id,
                    id=licence.id,
                    title=licence.title,
                    pathway=one.pathway.slug,
                    renews=pathway_id != licence.pathway_id,
                    effective_from=one.version.effective_from,
                    effective_to=one.version.effective_to,
                    phase=one.version.phase(today),
                    mentions=one.mentions,
                )
    for one in counting.values():
        if one.pathway.id not in granting:
            yield Recognition(
                scheme=Scheme.PATHWAY,
                organisation_id=one.pathway.organisation_id,
                id=one.pathway.id,
                title=one.pathway.title,
                pathway=one.pathway.slug,
                effective_from=one.version.effective_from,
                effective_to=one.version.effective_to,
                phase=one.version.phase(today),
                mentions=one.mentions,
            )


async def _in_pay(
    session: Session, paying: Sequence[tuple[PayRule, list[PayRuleVersion]]], badges: Badges, now: datetime
) -> list[Recognition]:
    """Of each pay rule the first version, in force or approved for a later day, that gives something for one of the badges."""
    open_ones = [
        (rule, version, where)
        for rule, versions in paying
        for version in versions
        if version.effective_from
        and (where := standing(version, versions, local_day(rule, now))) in {Standing.IN_FORCE, Standing.APPROVED}
    ]
    titles = await pay_rules.titles_of(session, (version.terms for _, version, _ in open_ones))
    found: dict[str, Recognition] = {}
    for rule, version, where in sorted(open_ones, key=lambda one: one[1].number):
        mentions = in_pay(rule, version.terms, badges, titles)
        if mentions and rule.id not in found and version.effective_from:
            found[rule.id] = Recognition(
                scheme=Scheme.PAY,
                organisation_id=rule.organisation_id,
                id=rule.id,
                title=rule.title,
                effective_from=version.effective_from,
                effective_to=version.effective_to,
                phase=Phase.IN_FORCE if where is Standing.IN_FORCE else Phase.APPROVED,
                mentions=mentions,
            )
    return list(found.values())
