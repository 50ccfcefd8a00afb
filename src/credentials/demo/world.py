"""The demonstration's world, built act by act through the services that people use.

The story runs through one school year: organisations are founded and people invited, the catalogue is written and
published by somebody else, evidence is handed in and scored week by week, badges are issued, stacks complete themselves,
one award is revoked and one suspended. Nothing is written past a service.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from multiprocessing import get_context
from typing import NamedTuple

import msgspec

from credentials.awards import service as awards
from credentials.awards.model import Award
from credentials.catalog import service as catalog
from credentials.compensation.model.rules import PayRule
from credentials.compensation.model.runs import PayPeriod
from credentials.db import Session
from credentials.demo import assessment, offices
from credentials.demo.content import draft_submission, load, plausible_levels
from credentials.demo.content.evidence import DEMONSTRATED, DEVELOPING, NOT_YET
from credentials.demo.content.model import Colleague, Content, Educator, MicroCredential, Staff, SubmissionDraft
from credentials.evidence import service as evidence
from credentials.evidence.model import AiDeclaration, ArtifactKind, Attestations
from credentials.ids import Ids
from credentials.issuing import service as issuing
from credentials.outbox import service as outbox
from credentials.pathways import service as pathways
from credentials.pathways.model import Pathway
from credentials.people import service as people
from credentials.people.model import Act, Actor, Grant, Organisation, Person, Role
from credentials.review import service as review
from credentials.review.model import AppealLate
from credentials.web import orders
from credentials.web.parts import Parts

YEAR_BEGAN = datetime(2025, 9, 1, 14, 0, tzinfo=UTC)
"""The first act of the story. Every later one follows from it, so that the same story is told each time."""

SEED = 20_250_901
"""Of whatever is drawn by chance in the story: who is asked to read, which readings are looked at again, every identifier."""

SPLITS = 8
"""Submissions on which two assessors differ about passing."""
LOOKED_OVER = 60
"""The newest submissions go through the look for likeness, as everybody's do. For all of them it takes seven seconds."""
ORDERS_EVERY = 8
"""Submissions between two looks for orders: about a week of the story."""

PASSWORD = "alder lantern heron tuba"  # noqa: S105 - everybody's in the demonstration, and printed at its end

Told = Callable[[str, int, int], None]
"""Hears how far the story is: which chapter, how many done, how many in all."""


class StoryClock:
    """The time in the story."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def pass_(self, **by: float) -> datetime:
        self.moment += timedelta(**by)
        return self.moment


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One submission of the story and how it ends: ``earned``, ``not_yet``, ``again`` (not yet, then earned), ``returned``,
    ``waiting``, ``claimed``, ``draft``. ``split``: two assessors differ on whether it passes, and a third settles it."""

    educator: Educator
    micro_credential: MicroCredential
    ending: str
    seed: int
    split: bool = False


def plans(content: Content) -> list[Plan]:
    """What everybody hands in. Whole stacks first, so that some are complete; a tail of every other ending."""
    found: list[Plan] = []
    catalogue = {one.slug: one for one in content.micro_credentials}
    for place, educator in enumerate(content.educators):
        stack = content.stacks[place % len(content.stacks)]
        others = [slug for slug in catalogue if slug not in stack.members]
        chosen = [*stack.members, others[place % len(others)], others[(place * 3 + 1) % len(others)]]
        for number, slug in enumerate(dict.fromkeys(chosen)):
            ending = "earned"
            match (place * 7 + number * 3) % 23:
                case 0 | 1:
                    ending = "again"
                case 2:
                    ending = "not_yet"
                case _:
                    pass
            seed = place * 100 + number
            found.append(Plan(educator=educator, micro_credential=catalogue[slug], ending=ending, seed=seed))
    found = found[:258]
    tail = ("waiting",) * 9 + ("claimed",) * 3 + ("draft",) * 4 + ("returned",) * 2
    found = [
        msgspec.structs.replace(plan, ending=tail[place - (len(found) - len(tail))])
        if place >= len(found) - len(tail)
        else plan
        for place, plan in enumerate(found)
    ]
    twice = [plan.seed for plan in found if plan.ending == "earned" and assessment.is_read_twice(plan.micro_credential)]
    split = set(twice[SPLITS - 1 :: max(len(twice) // SPLITS, 1)][:SPLITS])
    return [msgspec.structs.replace(plan, split=plan.seed in split) for plan in found]


@dataclass
class World:
    """Who and what the story has brought forth so far, by the keys of the content."""

    parts: Parts
    clock: StoryClock
    content: Content
    organisations: dict[str, Organisation] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    grants: dict[str, tuple[Grant, ...]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    micro_credentials: dict[str, str] = field(default_factory=dict)
    endings: dict[str, int] = field(default_factory=dict)
    handed_in: list[str] = field(default_factory=list)
    earned: dict[str, list[str]] = field(default_factory=dict)
    refused: list["Refused"] = field(default_factory=list)
    disputed: list["Disputed"] = field(default_factory=list)
    pathways: dict[str, Pathway] = field(default_factory=dict)
    pay_rules: dict[str, PayRule] = field(default_factory=dict)
    paid: PayPeriod | None = None

    def act(self, key: str) -> Act:
        """An act of one of the people, at the story's time."""
        person = self.people[key]
        actor = Actor(person_id=person.id, name=person.name, grants=self.grants[key])
        return Act(actor, self.clock(), self.parts.ids)

    def staff(self, role: Role) -> list[str]:
        return [one.key for one in self.content.staff if any(held.role is role for held in one.roles)]

    async def held(self, session: Session, key: str) -> list[Award]:
        """Awards of one of the people, newest first."""
        return newest_first(await awards.of_educator(session, self.people[key].id), self.handed_in)


def newest_first(held: Iterable[Award], handed_in: Sequence[str]) -> list[Award]:
    """Badges that came of one look for orders were awarded at the same moment, and their identifiers are in no order: the one
    whose evidence was handed in last comes first, behind what no evidence was handed in for (a stack, a licence: by titles)."""
    place = {submission: number for number, submission in enumerate(handed_in)}
    return sorted(
        held,
        key=lambda one: (one.awarded_at, place.get(one.submission_id or "", len(place)), one.title),
        reverse=True,
    )


def drawing(parts: Parts, ids: Ids) -> Parts:
    """The same parts, where identifiers and whatever else is drawn by chance come from ``ids``; but neither keys nor what
    protects them or a password."""
    gate = replace(parts.office.gate, ids=ids)
    return replace(parts, ids=ids, office=replace(parts.office, gate=gate), bureau=replace(parts.bureau, gate=gate))


async def build(world: World, told: Told) -> None:
    """Tell the whole story. The pages of what is handed in are written by another process, from the beginning on."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as desk:
        drafted = [
            (plan, [desk.submit(_draft, plan, earned) for earned in _attempts(plan)]) for plan in plans(world.content)
        ]
        await _found_organisations(world, told)
        await _invite_people(world, told)
        await offices.write_pay_rules(world, told)
        await _publish_catalogue(world, told)
        await offices.approve_plans(world)
        await _hand_in_and_score(world, drafted, told)
    await assessment.keep_anchors(world)
    await assessment.hold_session(world)
    await assessment.compare_districts(world)
    await offices.keep_records(world, told)
    await offices.put_rules_in_force(world, told)
    await offices.licences(world, told)
    await offices.pay(world, told)
    await _what_happened_after(world, told)


# Organisations and people


async def _found_organisations(world: World, told: Told) -> None:
    phc = await world.parts.hasher.hash(PASSWORD)
    ordered = world.content.organisations
    operator = Act(Actor(person_id="operator", name="the operator"), world.clock(), world.parts.ids)
    async with world.parts.database.write() as session:
        for number, one in enumerate(ordered, start=1):
            told("Organisations", number, len(ordered))
            if one.parent is None:
                chief = _administrator(world.content, one.slug)
                organisation, person = await people.make_first_administrator(
                    session,
                    operator,
                    kind=one.kind,
                    slug=one.slug,
                    organisation_name=one.name,
                    address=chief.emails[0],
                    name=chief.name,
                    phc=phc,
                )
                world.people[chief.key] = person
                world.grants[chief.key] = await people.grants_of(session, person.id, world.clock())
                changed = await people.change_organisation(
                    session,
                    world.act(chief.key),
                    organisation.id,
                    name=one.name,
                    url=one.url,
                    description=_line(one.description),
                    revision=organisation.revision,
                )
                world.organisations[one.slug] = changed
            else:
                parent = world.organisations[one.parent]
                chief = _administrator(world.content, _root(world, one.parent))
                world.organisations[one.slug] = await people.found_organisation(
                    session,
                    world.act(chief.key),
                    kind=one.kind,
                    slug=one.slug,
                    name=one.name,
                    parent_id=parent.id,
                    url=one.url,
                    description=_line(one.description),
                )


def _line(text: str) -> str:
    return " ".join(text.split())


def _root(world: World, slug: str) -> str:
    by_slug = {one.slug: one for one in world.content.organisations}
    while (parent := by_slug[slug].parent) is not None:
        slug = parent
    return slug


def _administrator(content: Content, organisation: str) -> Staff:
    """Who administers an organisation at the top of its tree; the state agency's own where nobody is named."""
    for one in content.staff:
        if any(held.role is Role.ADMINISTRATOR and held.organisation == organisation for held in one.roles):
            return one
    return next(one for one in content.staff if any(held.role is Role.ADMINISTRATOR for held in one.roles))


async def _invite_people(world: World, told: Told) -> None:
    phc = await world.parts.hasher.hash(PASSWORD)
    roles = [(one, held.role, held.organisation) for one in world.content.staff for held in one.roles]
    schools = {one.slug for one in world.content.organisations if one.kind == "school"}
    roles += [(one, Role.EDUCATOR, one.home) for one in world.content.staff if one.home in schools]
    everybody: list[tuple[Staff | Educator | Colleague, Role, str]] = [
        *roles,
        *((one, Role.EDUCATOR, one.school) for one in world.content.educators),
        *((one, Role.EDUCATOR, one.school) for one in world.content.colleagues),
    ]
    async with world.parts.database.write() as session:
        for number, (one, role, where) in enumerate(everybody, start=1):
            told("Invitations", number, len(everybody))
            organisation = world.organisations[where]
            held = world.grants.get(one.key, ())
            if any(grant.role is role and grant.organisation_id == organisation.id for grant in held):
                continue
            await _invite(session, world, one, role, organisation, phc)
    for number, one in enumerate(world.content.educators, start=1):
        told("Accounts", number, len(world.content.educators))
        async with world.parts.database.write() as session:
            await _settle(session, world, one)


async def _invite(
    session: Session, world: World, one: Staff | Educator | Colleague, role: Role, organisation: Organisation, phc: str
) -> None:
    """An invitation by the administrator, and its acceptance through the link that stands in the mail."""
    chief = _administrator(world.content, _root(world, organisation.slug))
    sent = await people.invite(
        session, world.act(chief.key), address=one.emails[0], organisation_id=organisation.id, role=role
    )
    mail = await outbox.find(session, people.MAIL_ORDER, sent.id)
    nobody = people.nobody(world.clock(), world.parts.ids)
    person = await people.accept_invitation(session, nobody, mail.payload["secret"], name=one.name, phc=phc)
    world.people[one.key] = person
    world.grants[one.key] = await people.grants_of(session, person.id, world.clock())


async def _settle(session: Session, world: World, one: Educator) -> None:
    """Further addresses, each proved by its mail, and whether the name may stand in credentials."""
    act = world.act(one.key)
    for address in one.emails[1:]:
        await people.add_address(session, act, address)
        for mail in await outbox.waiting_of_kind(session, people.MAIL_ORDER):
            if mail.payload.get("to") == address:
                await people.verify_address(session, act, mail.payload["secret"])
    person = world.people[one.key]
    await people.change_person(
        session,
        act,
        name=person.name,
        did=None,
        name_in_credentials=one.name_in_credentials,
        revision=person.revision,
    )


# The catalogue


async def _publish_catalogue(world: World, told: Told) -> None:
    author, publisher = world.staff(Role.CATALOGUE_DEVELOPER)[:2]
    state = world.organisations["alder"]
    world.clock.pass_(days=3)
    async with world.parts.database.write() as session:
        for framework in world.content.frameworks:
            await catalog.add_framework(session, world.act(author), state.id, framework)
    for number, one in enumerate(world.content.micro_credentials, start=1):
        told("Micro-credentials", number, len(world.content.micro_credentials))
        world.clock.pass_(hours=1)
        async with world.parts.database.write() as session:
            entry = await catalog.draft(
                session,
                world.act(author),
                organisation_id=world.organisations[one.issuer].id,
                slug=one.slug,
                specification=one.specification,
            )
            await catalog.submit_for_review(session, world.act(author), entry.version.id)
            await catalog.publish(session, world.act(publisher), entry.version.id)
        world.versions[one.slug] = entry.version.id
        world.micro_credentials[one.slug] = entry.micro_credential.id
    async with world.parts.database.write() as session:
        for planned in world.content.stacks:
            stack = await pathways.draft(
                session,
                world.act(author),
                organisation_id=world.organisations[planned.issuer].id,
                slug=planned.slug,
                title=planned.title,
                description=_line(planned.description),
                members=tuple(world.micro_credentials[member] for member in planned.members),
                policy=planned.policy,
            )
            await pathways.publish(session, world.act(publisher), stack.id)


# Evidence and scoring


async def _hand_in_and_score(
    world: World, drafted: list[tuple[Plan, list[Future[SubmissionDraft]]]], told: Told
) -> None:
    for number, (plan, drafts) in enumerate(drafted, start=1):
        told("Submissions", number, len(drafted))
        world.clock.pass_(hours=23)
        look = number > len(drafted) - LOOKED_OVER
        await _tell(world, plan, [await asyncio.wrap_future(draft) for draft in drafts], look=look)
        drafts.clear()
        world.endings[plan.ending] = world.endings.get(plan.ending, 0) + 1
        if number % ORDERS_EVERY == 0 or number == len(drafted):
            await orders.redeem_all(world.parts)


def _attempts(plan: Plan) -> list[bool]:
    """Whether each attempt is good enough."""
    return {"not_yet": [False], "again": [False, True]}.get(plan.ending, [True])


@cache
def _content() -> Content:
    """What the process that drafts reads once."""
    return load()


def _draft(plan: Plan, earned: bool) -> SubmissionDraft:
    """Evidence of the planned quality, with real files."""
    levels = plausible_levels(plan.micro_credential, plan.seed, earned=earned)
    made_on = YEAR_BEGAN + timedelta(days=3 + plan.seed % 200)
    return draft_submission(
        _content(), plan.micro_credential.slug, plan.educator, levels=levels, seed=plan.seed, made_on=made_on
    )


async def _tell(world: World, plan: Plan, drafts: list[SubmissionDraft], *, look: bool) -> None:
    """One submission from its beginning to its ending."""
    if plan.ending in {"not_yet", "again"}:
        first = await _hand_in(world, plan, drafts[0], look=look)
        await _score(world, plan, first, attempt=1)
        world.refused.append(Refused(plan, first, world.clock()))
        if plan.ending == "not_yet":
            return
        world.clock.pass_(days=2)
    submission = await _hand_in(world, plan, drafts[-1], look=look)
    match plan.ending:
        case "earned" | "again":
            await _score(world, plan, submission)
            world.earned.setdefault(plan.micro_credential.slug, []).append(submission.id)
            if plan.split:
                world.disputed.append(Disputed(plan, submission))
        case "claimed" | "returned":
            assessor = assessment.readers(world.content, plan.educator, plan.seed, 0)[0].key
            claimed = await review.claim(world.parts.database, world.act(assessor), submission.id)
            if plan.ending == "returned":
                note = "The reflection breaks off in the middle of a sentence: please add the rest."
                async with world.parts.database.write() as session:
                    await review.return_incomplete(session, world.act(assessor), claimed.id, note=note)
        case _:
            pass


class _HandedIn(msgspec.Struct, frozen=True):
    id: str
    draft: SubmissionDraft


class Refused(NamedTuple):
    """An attempt that was Not Yet Earned, and when."""

    plan: Plan
    submission: _HandedIn
    at: datetime


class Disputed(NamedTuple):
    """Work on which two assessors differed."""

    plan: Plan
    submission: _HandedIn


async def _hand_in(world: World, plan: Plan, draft: SubmissionDraft, *, look: bool = True) -> _HandedIn:
    """Evidence added, attested and, unless it stays a draft, handed in. ``look``: and looked over for likeness."""
    slug = plan.micro_credential.slug
    act = world.act(plan.educator.key)
    kept = {
        place: await world.parts.blobs.put(artifact.content)
        for place, artifact in enumerate(draft.artifacts)
        if artifact.kind is ArtifactKind.FILE
    }
    async with world.parts.database.write() as session:
        started = await evidence.start(session, act, world.versions[slug])
        pieces = [
            evidence.a_file(
                act,
                artifact.requirement,
                name=artifact.name,
                media_type=artifact.media_type,
                digest=kept[place],
                size=len(artifact.content),
                shows_students=artifact.shows_students,
            )
            if artifact.kind is ArtifactKind.FILE
            else evidence.a_text(act, artifact.requirement, artifact.text)
            for place, artifact in enumerate(draft.artifacts)
        ]
        await evidence.add_all(session, act, started.id, pieces)
        attested = Attestations(own_work=True, student_consent=True, ai_use=AiDeclaration.NONE)
        await evidence.attest(session, act, started.id, attested)
        if plan.ending != "draft":
            await (review.hand_in if look else evidence.submit)(session, act, started.id)
    world.handed_in.append(started.id)
    return _HandedIn(started.id, draft)


async def _score(world: World, plan: Plan, submission: _HandedIn, attempt: int = 0) -> None:
    """One reading or two, as the programme asks for, and a third where they differ on whether it passes."""
    turns = assessment.readers(world.content, plan.educator, plan.seed, attempt)
    deserved, slug = submission.draft.scores, plan.micro_credential.slug
    seen = [assessment.seen_by(world.content, slug, one, deserved, plan.seed) for one in turns]
    if not assessment.is_read_twice(plan.micro_credential):
        seen = seen[:1]
    elif plan.split:
        seen[1] = assessment.apart(world.content, slug, seen[1])
    else:
        seen = seen[:2]
    for assessor, scores in zip(turns, seen, strict=False):
        world.clock.pass_(minutes=20)
        act = world.act(assessor.key)
        claimed = await review.claim(world.parts.database, act, submission.id)
        async with world.parts.database.write() as session:
            await review.confirm_complete(session, act, claimed.id)
            await review.score_all(session, act, claimed.id, scores)
            await review.finish(session, act, claimed.id)


# Afterwards


async def _what_happened_after(world: World, told: Told) -> None:
    """A panel finds that two handed in the same file, and one award is revoked; two appeal; a scoring leader suspends an award;
    some educators share a badge; one is issued anew to the DID of a wallet."""
    told("Afterwards", 0, 4)
    await _integrity_case(world)
    await _appeals(world)
    world.clock.pass_(days=5)
    leader = world.staff(Role.SCORING_LEADER)[0]
    keys = [educator.key for educator in world.content.educators]
    async with world.parts.database.write() as session:
        held = [award async for award in _held(session, world, keys[:12])]
        reason = "Held while the integrity panel looks at a shared file."
        await issuing.suspend(session, world.act(leader), held[5].id, reason=reason)
        told("Afterwards", 2, 4)
        for award in (held[0], *held[6:]):
            owner = next(key for key in keys if world.people[key].id == award.educator_id)
            await awards.share(session, world.act(owner), award.id)
    owner = keys[2]
    async with world.parts.database.write() as session:
        person = await people.person(session, world.people[owner].id)
        await people.change_person(
            session, world.act(owner), name=person.name, did=WALLET, name_in_credentials=True, revision=person.revision
        )
    async with world.parts.database.read() as session:
        mine = await world.held(session, owner)
    world.clock.pass_(hours=1)
    active = next(award for award in mine if award.submission_id and award.state == "active")
    await issuing.correct(world.parts.office, world.act(owner), active.id, reason="my wallet has a DID now")
    await offices.count_growth(world)
    told("Afterwards", 4, 4)
    await orders.redeem_all(world.parts)


async def _integrity_case(world: World) -> None:
    """Somebody earns a badge and hands their file on; whoever hands it in again is found by the look that every hand-in gets,
    and a panel of scoring leaders finds against both."""
    begun = {(plan.educator.key, plan.micro_credential.slug) for plan in plans(world.content)}
    one, other = world.content.educators[-2:]
    chosen = next(
        made for made in world.content.micro_credentials if not {(one.key, made.slug), (other.key, made.slug)} & begun
    )
    mine, theirs = (
        Plan(educator=educator, micro_credential=chosen, ending="earned", seed=9_000 + place)
        for place, educator in enumerate((one, other))
    )
    first = await _hand_in(world, mine, _draft(mine, True))
    await _score(world, mine, first)
    await orders.redeem_all(world.parts)
    world.clock.pass_(days=2)
    draft = _draft(theirs, True)
    shared = next(piece for piece in first.draft.artifacts if piece.kind is ArtifactKind.FILE)
    copied = [
        shared if piece.kind is ArtifactKind.FILE and piece.requirement == shared.requirement else piece
        for piece in draft.artifacts
    ]
    again = msgspec.structs.replace(draft, artifacts=tuple(dict.fromkeys(copied)))
    second = await _hand_in(world, theirs, again)
    leaders = world.staff(Role.SCORING_LEADER)
    async with world.parts.database.read() as session:
        (case,) = await review.cases_to_decide(session, world.act(leaders[0]))
    for leader in leaders[:2]:
        world.clock.pass_(hours=5)
        await review.vote(
            world.parts.database,
            world.act(leader),
            case.id,
            against=[first.id, second.id],
            reason="The same file was handed in twice, and both say that it was handed on.",
        )
    await orders.redeem_all(world.parts)


async def _appeals(world: World) -> None:
    """The newest Not Yet Earned is appealed in time, and upheld. The oldest is appealed after the days are over, with a cause
    that is not accepted."""
    stayed = [one for one in world.refused if one.plan.ending == "not_yet"]
    if not stayed:
        return
    leaders = world.staff(Role.SCORING_LEADER)
    last, oldest = stayed[-1], stayed[0]
    async with world.parts.database.write() as session:
        appeal = await review.file_appeal(
            session,
            world.act(last.plan.educator.key),
            last.submission.id,
            statement="What was found missing stands on the second page of the plan.",
        )
    raised = [
        msgspec.structs.replace(one, level=DEMONSTRATED, feedback="It stands on the second page.")
        for one in last.submission.draft.scores
        if one.level in {NOT_YET, DEVELOPING}
    ]
    await review.decide_appeal(
        world.parts.database,
        world.act(leaders[0]),
        appeal.id,
        upheld=True,
        reason="The second page shows what was asked for; it was overlooked.",
        scores=raised,
    )
    owner = world.act(oldest.plan.educator.key)
    try:
        async with world.parts.database.write() as session:
            await review.file_appeal(session, owner, oldest.submission.id, statement="I see it otherwise.")
    except AppealLate:
        async with world.parts.database.write() as session:
            late = await review.file_appeal(
                session,
                owner,
                oldest.submission.id,
                statement="I see it otherwise.",
                good_cause="I was travelling.",
            )
        await review.decide_appeal(
            world.parts.database,
            world.act(leaders[1]),
            late.id,
            upheld=False,
            reason="Travelling is no good cause: the notice could be read anywhere.",
        )
    await orders.redeem_all(world.parts)


WALLET = "did:key:z6Mku79G2UNiQvZqRX4MpMYamFD54zrxACyMHBr5GLeJsTph"
"""An invented educator's wallet."""


async def _held(session: Session, world: World, keys: list[str]) -> AsyncIterator[Award]:
    for key in keys:
        mine = await world.held(session, key)
        if mine:
            yield mine[-1]
