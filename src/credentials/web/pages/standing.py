"""Where I stand in every pathway that applies to me: verdict, what counts and for how much, what does not and why, the
nearest ways. And what offices have on record about me."""

from datetime import date
from math import isfinite
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Template

from credentials.catalog import service as catalog
from credentials.db import Session
from credentials.errors import Failure, Fault, Malformed, NotFound, Unavailable
from credentials.pathways import service
from credentials.pathways.model import DocumentRefused, Pathway
from credentials.pathways.progress import share_of, steps_of
from credentials.pathways.record import Item, Known
from credentials.pathways.rule import refs_of
from credentials.pathways.service import RECORDERS
from credentials.pathways.verdict import Evaluation, Reason, Verdict
from credentials.people import service as people
from credentials.people.model import Act
from credentials.web.acceptance import verifier
from credentials.web.api import rulebook as api
from credentials.web.pages.forms import BLANK, MENDABLE, Filled, Form
from credentials.web.pages.page import Page, further
from credentials.web.wire import read_cursor


class When(NamedTuple):
    """As of which day, and with whose knowledge. ``past``: it is another day than today."""

    day: date
    known: Known
    past: bool

    @property
    def query(self) -> dict[str, str]:
        return {"as_of": self.day.isoformat(), "knowing": self.known.value} if self.past else {}


def when_of(page: Page, as_of: str, known: str) -> When:
    """A day that cannot be read, or that is yet to come, is an error with its place."""
    today = page.now.date()
    if known not in {*Known, ""}:
        raise Malformed("choose with whose knowledge", faults=(Fault("choose one of these", "knowing", "invalid"),))
    chosen = Known(known) if known else Known.THEN
    if not as_of.strip():
        return When(today, chosen, past=False)
    try:
        day = date.fromisoformat(as_of.strip())
    except ValueError:
        fault = Fault("write a day, such as 2027-05-01", "as_of", "invalid")
        raise Malformed("this is no day", faults=(fault,)) from None
    if day > today:
        raise Malformed("this day is yet to come", faults=(Fault("choose today or a day before", "as_of", "invalid"),))
    return When(day, chosen, past=day != today)


class Card(NamedTuple):
    pathway: Pathway
    evaluation: Evaluation
    share: float
    steps: tuple[int, int]


def card_of(pathway: Pathway, evaluation: Evaluation) -> Card:
    return Card(pathway, evaluation, share_of(evaluation.requirement), steps_of(evaluation.requirement))


_ORDER = [Verdict.NOT_MET, Verdict.PENDING, Verdict.UNDECIDED, Verdict.MET, Verdict.MET_BY_WAIVER]


def _place(card: Card) -> tuple[int, float, str]:
    verdict = card.evaluation.verdict
    place = _ORDER.index(verdict) if verdict in _ORDER else len(_ORDER) + (verdict is Verdict.NOT_APPLICABLE)
    return place, -card.share, card.pathway.title


@get("/standing")
async def standings(
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    educator: FromQuery[str] = "",
    as_of: FromQuery[str] = "",
    knowing: FromQuery[str] = "",
) -> Template:
    """Every pathway that applies, what is missing most first."""
    educator_id = educator or act.actor.person_id
    filled, when = _asked(page, as_of, knowing)
    async with page.parts.database.read() as session:
        applying = await service.pathways_of(session, act.actor, educator_id, page.now)
    await _look_again(page, act, educator_id, when)
    async with page.parts.database.read() as session:
        found = await service.standings_in(session, applying, educator_id, when.day, when.known)
        offices = await people.organisations_by_id(session, {pathway.organisation_id for pathway in applying})
        titles = await catalog.titles_by_slug(session, {ref for one in found for ref in refs_of(one.rule)})
        person = await people.person(session, educator_id)
    return page.show(
        "standing/standings.html",
        filled=filled,
        rivals=service.rivals_in(found, when.day, when.known),
        cards=sorted((card_of(one.pathway, one.evaluation) for one in found), key=_place),
        offices=offices,
        titles=titles,
        **_about(act, educator_id, person.name, when),
    )


def _asked(page: Page, as_of: str, known: str) -> tuple[Filled, When]:
    """What was asked; where it cannot be answered, today, and the form says why."""
    try:
        return BLANK, when_of(page, as_of, known)
    except Malformed as failure:
        form = Form({"as_of": [as_of], "knowing": [known]}, {})
        return form.back("when", failure), When(page.now.date(), Known.THEN, past=False)


async def _look_again(page: Page, act: Act, educator_id: str, when: When) -> None:
    """Credentials of other issuers are verified at the moment at which somebody is judged by them."""
    if not when.past:
        verify = verifier(page.parts, page.now)
        await service.look_again(page.parts.database, verify, act.ids, page.now, educator_id)


def _about(act: Act, educator_id: str, name: str, when: When) -> dict[str, Any]:
    mine = educator_id == act.actor.person_id
    query = {} if mine else {"educator": educator_id}
    asked = urlencode({**query, **when.query})
    return {
        "mine": mine,
        "educator_id": educator_id,
        "name": name,
        "when": when,
        "asked": f"?{asked}" if asked else "",
        "today": f"?{urlencode(query)}" if query else "",
    }


@get("/standing/{pathway_id:str}")
async def standing(
    pathway_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    educator: FromQuery[str] = "",
    as_of: FromQuery[str] = "",
    knowing: FromQuery[str] = "",
) -> Template:
    """One pathway: the verdict and everything that led to it."""
    educator_id = educator or act.actor.person_id
    filled, when = _asked(page, as_of, knowing)
    async with page.parts.database.read() as session:
        pathway, _ = await service.pathway_for(session, act.actor, pathway_id)
        await service.may_see(session, act.actor, educator_id, pathway.organisation_id, page.now)
    await _look_again(page, act, educator_id, when)
    async with page.parts.database.read() as session:
        record, evaluation = await service.standing_of(session, pathway, educator_id, when.day, when.known)
        rule = await service.rule_of_pathway(session, pathway, when.day, when.known)
        titles = await catalog.titles_by_slug(session, refs_of(rule))
        office = await people.organisation(session, pathway.organisation_id)
        person = await people.person(session, educator_id)
    items = {item.id: item for item in record.items}
    return page.show(
        "standing/standing.html",
        filled=filled,
        pathway=pathway,
        office=office,
        evaluation=evaluation,
        card=card_of(pathway, evaluation),
        items=items,
        titles=titles,
        missing=[reason for reason in evaluation.reasons if reason.item is None],
        left_out=left_out(evaluation, items),
        **_about(act, educator_id, person.name, when),
    )


def left_out(evaluation: Evaluation, items: dict[str, Item]) -> list[tuple[Item, list[Reason], bool]]:
    """Each item that is left out or cut somewhere, with the reasons, and whether it counts for something all the same."""
    reasons: dict[str, list[Reason]] = {}
    for reason in evaluation.reasons:
        if reason.item is not None:
            reasons.setdefault(reason.item, []).append(reason)
    counts = {one.item for one in evaluation.items if one.uses}
    return [(items[item], why, item in counts) for item, why in reasons.items()]


# What is on record


@get("/standing/record")
async def my_record(page: NamedDependency[Page], act: NamedDependency[Act]) -> Response[None]:
    """What offices have on record about me."""
    return page.go(f"/educators/{act.actor.person_id}/record")


@get("/educators/{educator_id:str}/record")
async def record(educator_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act]) -> Template:
    """Facts and items that offices recorded, also what was withdrawn."""
    return await _record(page, act, educator_id)


async def _record(page: Page, act: Act, educator_id: str, filled: Filled = BLANK) -> Template:
    async with page.parts.database.read() as session:
        facts, items = await service.recorded_about(session, act.actor, educator_id, page.now)
        person = await people.person(session, educator_id)
        offices = await _recording(session, act, educator_id)
        doors = await _doors(session, act, educator_id, offices)
        named = {one.organisation_id for one in facts} | {one.organisation_id for one in items}
        names = await people.organisations_by_id(session, named)
    return page.show(
        "standing/record.html",
        filled=filled,
        mine=educator_id == act.actor.person_id,
        educator_id=educator_id,
        name=person.name,
        facts=facts,
        items=items,
        names=names,
        offices=offices,
        doors=doors,
    )


async def _doors(session: Session, act: Act, educator_id: str, offices: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The organisations that a credential of another issuer can be handed in to: for oneself, where one works and above."""
    if educator_id != act.actor.person_id:
        return offices
    found = await people.organisations_by_id(session, await service.workplaces(session, educator_id, act.now))
    return [(one.id, one.name) for one in sorted(found.values(), key=lambda one: len(one.lineage))]


async def _recording(session: Session, act: Act, educator_id: str) -> list[tuple[str, str]]:
    """The organisations for which the reader may put something on this educator's record."""
    held = act.actor.organisations(*RECORDERS)
    mine = [one for one in held if await people.are_educators_in(session, one, [educator_id], act.now)]
    found = await people.organisations_by_id(session, mine)
    return sorted(((one.id, one.name) for one in found.values()), key=lambda pair: pair[1])


def value_of(text: str) -> Any:
    """A fact as somebody types it: a number, yes or no, or else a text, such as a day."""
    plain = text.strip()
    if plain.lower() in {"yes", "no"}:
        return plain.lower() == "yes"
    try:
        number = float(plain)
    except ValueError:
        return plain
    if not isfinite(number):
        return plain
    return int(number) if number.is_integer() and "e" not in plain.lower() else number


@post("/educators/{educator_id:str}/facts")
async def record_fact(
    educator_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Put a fact on record with its evidence."""
    await _seen(page, act, educator_id)
    try:
        asked = form.read(
            api.NewFact,
            organisationId=form["organisation"],
            path=form.line("path"),
            value=value_of(form["value"]),
            evidence=form["evidence"].strip(),
            validFrom=form.line("valid_from") or None,
            validTo=form.line("valid_to") or None,
        )
        if asked.value == "":
            raise Malformed("a value is missing", faults=(Fault("fill this in", "value", "invalid"),))
        async with page.parts.database.write() as session:
            await service.record_fact(session, act, educator_id=educator_id, **msgspec.structs.asdict(asked))
    except MENDABLE as failure:
        return await _record(page, act, educator_id, form.back("fact", failure, at=_FACT))
    return page.go(f"/educators/{educator_id}/record", "fact-recorded")


_FACT = {"organisationId": "organisation", "validFrom": "valid_from", "validTo": "valid_to"}


async def _seen(page: Page, act: Act, educator_id: str) -> None:
    """Whoever is no educator of the reader's looks like nobody, whatever the form says."""
    async with page.parts.database.read() as session:
        await service.recorded_about(session, act.actor, educator_id, page.now)
        if not await _recording(session, act, educator_id):
            raise NotFound("there is no such educator")


@post("/educators/{educator_id:str}/items")
async def record_item(
    educator_id: FromPath[str], page: NamedDependency[Page], act: NamedDependency[Act], form: NamedDependency[Form]
) -> Template | Response[None]:
    """Put hours, a degree or a test on record with its evidence."""
    await _seen(page, act, educator_id)
    try:
        item: dict[str, Any] = {"type": form.line("type"), "qty": value_of(form["qty"] or "1")}
        item |= {name: form.line(name) for name in ("earned", "ref") if form.line(name)}
        if form.line("tags"):
            item["tags"] = sorted({tag.strip() for tag in form["tags"].split(",") if tag.strip()})
        asked = form.read(
            api.NewItem,
            organisationId=form["organisation"],
            title=form.line("title"),
            item=item,
            evidence=form["evidence"].strip(),
        )
        async with page.parts.database.write() as session:
            await service.record_item(session, act, educator_id=educator_id, **msgspec.structs.asdict(asked))
    except DocumentRefused as failure:
        at = {fault.pointer: fault.pointer.strip("/").partition("/")[0] for fault in failure.faults}
        return await _record(page, act, educator_id, form.back("item", failure, at=at))
    except MENDABLE as failure:
        return await _record(page, act, educator_id, form.back("item", failure, at=_FACT))
    return page.go(f"/educators/{educator_id}/record", "item-recorded")


@post("/educators/{educator_id:str}/outside-credentials")
async def hand_in(
    educator_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
    peer: NamedDependency[str],
) -> Template | Response[None]:
    """Hand in a credential of another issuer; what is the matter with one that is refused stands beside the form."""
    async with page.parts.database.read() as session:
        await service.recorded_about(session, act.actor, educator_id, page.now)
    try:
        page.request.app.state.verify_limit.take(peer, page.now)
        upload = form.files.get("file")
        octets = await upload.read() if upload and upload.filename else form["text"].strip().encode()
        await service.hand_in(
            page.parts.database,
            verifier(page.parts, page.now),
            act,
            educator_id=educator_id,
            organisation_id=form["organisation"],
            octets=octets,
            evidence=form["evidence"].strip()[:2_000],
        )
    except (*MENDABLE, Unavailable) as failure:
        return await _record(page, act, educator_id, _refused(form, failure))
    return page.go(f"/educators/{educator_id}/record", "outside-accepted")


def _refused(form: Form, failure: Failure) -> Filled:
    """The sentence first, then each check that was not passed."""
    checks = {str(place): fault.detail for place, fault in enumerate(failure.faults)}
    if checks:
        checks = {"why": failure.detail, **checks}
    return msgspec.structs.replace(form.back("outside", failure), faults=checks)


@post("/educators/{educator_id:str}/record/{line_id:str}/withdrawal")
async def withdraw(
    educator_id: FromPath[str],
    line_id: FromPath[str],
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    form: NamedDependency[Form],
) -> Template | Response[None]:
    """Take back what was wrong. It stays on record with the reason."""
    async with page.parts.database.read() as session:
        facts, items = await service.recorded_about(session, act.actor, educator_id, page.now)
    verbs: dict[str, Any] = dict.fromkeys((fact.id for fact in facts), service.withdraw_fact)
    verbs |= dict.fromkeys((item.id for item in items), service.withdraw_item)
    if line_id not in verbs:
        raise NotFound("there is no such line on this record")
    try:
        async with page.parts.database.write() as session:
            await verbs[line_id](session, act, line_id, reason=form.line("reason"))
    except MENDABLE as failure:
        return await _record(page, act, educator_id, form.back("withdraw", failure))
    return page.go(f"/educators/{educator_id}/record", "record-withdrawn")


Words = Annotated[str, QueryParameter(max_length=200)]


@get("/educators")
async def educators(
    page: NamedDependency[Page],
    act: NamedDependency[Act],
    words: Words = "",
    cursor: FromQuery[str | None] = None,
) -> Template:
    """The educators whose record I may keep, by name, a page at a time."""
    held = act.actor.organisations(*RECORDERS)
    if not held:
        raise NotFound("there is nothing at this address")
    name, at = read_cursor(cursor, 2)
    async with page.parts.database.read() as session:
        found = await people.find_educators(session, held, page.now, words=words, after=(name, at), limit=SHOWN + 1)
        shown = found[:SHOWN]
        schools = await people.schools_of(session, [one.id for one in shown], page.now)
        names = await people.organisations_by_id(session, {one for where in schools.values() for one in where})
    return page.show(
        "standing/educators.html",
        persons=shown,
        words=words,
        schools={one: sorted(names[place].name for place in where) for one, where in schools.items()},
        next=further("/educators", found, SHOWN, lambda person: (person.name, person.id), words=words),
    )


SHOWN = 50

HANDLERS = [standings, standing, my_record, record, record_fact, record_item, hand_in, withdraw, educators]
