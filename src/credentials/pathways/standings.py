"""Where somebody stands in every pathway that applies to them. The door is ``pathways.service``."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from credentials.db import Session
from credentials.errors import NotFound
from credentials.pathways import store
from credentials.pathways.dossier import RECORDERS, record_of, workplaces
from credentials.pathways.exceptions import with_exceptions
from credentials.pathways.model import Pathway
from credentials.pathways.nearest import explain
from credentials.pathways.record import Known, Record
from credentials.pathways.rule import Rule
from credentials.pathways.rules import rule_of
from credentials.pathways.together import Claim, Share, share_out
from credentials.pathways.verdict import Evaluation
from credentials.people import service as people
from credentials.people.model import Actor


class Stood(msgspec.Struct, frozen=True, kw_only=True):
    """A pathway, the record that was judged by its rule, and the answer."""

    pathway: Pathway
    rule: Rule
    record: Record
    evaluation: Evaluation


class Rival(msgspec.Struct, frozen=True, kw_only=True):
    """A pathway that competes with others for items that may be used once only: ``share`` is what it gets beside them, and
    ``evaluation`` its whole answer then."""

    stood: Stood
    share: Share
    evaluation: Evaluation


async def pathways_of(session: Session, actor: Actor, educator_id: str, now: datetime) -> list[Pathway]:
    """The pathways in force that apply to an educator: those of the organisations that they work in and of all above.

    About somebody else an officer sees those whose organisation is theirs, above it or below it, and who is no educator of
    theirs looks like nobody.
    """
    above = await workplaces(session, educator_id, now)
    if educator_id != actor.person_id:
        above &= await _seen_by(session, actor, educator_id, now)
    return await store.pathways_in_force(session, now.date(), organisation_ids=above)


async def _seen_by(session: Session, actor: Actor, educator_id: str, now: datetime) -> frozenset[str]:
    held = actor.organisations(*RECORDERS)
    mine = [one for one in held if await people.are_educators_in(session, one, [educator_id], now)]
    if not mine:
        raise NotFound("there is no such educator")
    found = await people.organisations_by_id(session, mine)
    return await people.below(session, mine) | {one for place in found.values() for one in place.lineage}


async def standings_in(
    session: Session,
    pathways: Sequence[Pathway],
    educator_id: str,
    as_of: date,
    known: Known = Known.THEN,
) -> list[Stood]:
    """Where an educator stands in each of these pathways, with the nearest ways, in the order that is given."""
    versions = await store.versions_of(session, [pathway.id for pathway in pathways])
    offices = dict.fromkeys(pathway.organisation_id for pathway in pathways)  # no more than the tree is deep
    records = {office: await record_of(session, educator_id, office, as_of, known) for office in offices}
    decided = await store.exceptions_of(session, [pathway.id for pathway in pathways], [educator_id])
    found = []
    for pathway in pathways:
        rule = rule_of(pathway, versions[pathway.id], as_of, known)
        excepted = decided.get((pathway.id, educator_id), ())
        record = with_exceptions(records[pathway.organisation_id], excepted, as_of, known)
        evaluation = explain(rule, record, as_of, known=known)
        found.append(Stood(pathway=pathway, rule=rule, record=record, evaluation=evaluation))
    return found


def rivals_in(found: Sequence[Stood], as_of: date, known: Known = Known.THEN) -> list[Rival]:
    """Those of these pathways whose rules would use up the same items, as they stand if all of them are pursued: as many as
    can be are met. Empty where no rule takes anything from another."""
    claims = [Claim(name=one.pathway.title, rule=one.rule, record=one.record) for one in found]
    return [
        Rival(stood=one, share=share, evaluation=explain(one.rule, share.record, as_of, known=known))
        for one, share in zip(found, share_out(claims, as_of, known=known), strict=True)
        if share.kept or share.record != one.record
    ]
