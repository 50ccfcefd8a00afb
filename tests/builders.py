"""Worlds for tests, built through the services: valid by default, one thing changed per test."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import msgspec
from litestar import Litestar
from PIL import Image

from credentials.catalog import service as catalog
from credentials.catalog.model import (
    AiUse,
    CatalogueEntry,
    Citation,
    EvidenceRequirement,
    Framework,
    FrameworkItem,
    KeyMethod,
    Mode,
    PartKind,
    Rubric,
    RubricCriterion,
    RubricLevel,
    Specification,
)
from credentials.evidence import service as evidence
from credentials.evidence.model import AiDeclaration, Attestations, Submission
from credentials.ids import Ids
from credentials.people import service as people
from credentials.people.model import Act, Actor, Organisation, OrganisationKind, Person, Role
from credentials.people.passwords import Cost
from credentials.review import service as review
from credentials.review.model import Score
from credentials.web import orders
from credentials.web.app import create_app, state_of
from credentials.web.parts import Parts

CHEAP = Cost(memory_kib=64, iterations=1, lanes=1)
PASSWORD = "lantern orchard velvet tuba"


class TestClock:
    """A clock that stands still until it is moved."""

    __test__ = False

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **by: float) -> None:
        self.moment += timedelta(**by)


FRAMEWORK = Framework(
    identifier="9b1c7c1e-0a6c-4b0a-9a0e-3f1f5a2f0001",
    title="Test Educator Competencies",
    creator="Alder Department of Education",
    items=(
        FrameworkItem(
            identifier="9b1c7c1e-0a6c-4b0a-9a0e-3f1f5a2f0002",
            human_coding_scheme="T1",
            full_statement="Gives feedback that leads to a visible revision of work.",
            item_type="Competency",
        ),
        FrameworkItem(
            identifier="9b1c7c1e-0a6c-4b0a-9a0e-3f1f5a2f0003",
            human_coding_scheme="S6",
            full_statement="Uses assessment to guide teaching.",
            item_type="Standard",
        ),
    ),
)

LEVELS = ("not-yet", "developing", "demonstrated", "extending")


def a_criterion(name: str, *evidence_ids: str) -> RubricCriterion:
    return RubricCriterion(
        id=name,
        title=name.replace("-", " ").capitalize(),
        description=f"How well {name} is shown.",
        evidence=evidence_ids,
        passing_level="demonstrated",
        levels=tuple(
            RubricLevel(
                id=level, name=level.replace("-", " ").capitalize(), description=f"{name}: {level}.", score=score
            )
            for score, level in enumerate(LEVELS)
        ),
    )


def a_specification(**changed: Any) -> Specification:
    """Three parts of evidence, three criteria, four levels."""
    whole = Specification(
        title="Feedback That Moves Work Forward",
        summary="Gives feedback that leads to a visible revision.",
        competencies=(FRAMEWORK.items[0].identifier,),
        alignments=(FRAMEWORK.items[1].identifier,),
        key_method=KeyMethod(
            name="Task-level feedback with time to act on it",
            description="Comment on the work, not the learner, and give time to revise.",
            components=("Name what works", "Ask one question", "Give time to revise"),
            research=(
                Citation(
                    authors="Hattie, J., & Timperley, H.",
                    year=2007,
                    title="The power of feedback",
                    source="Review of Educational Research, 77(1), 81-112",
                    doi="10.3102/003465430298487",
                ),
            ),
        ),
        evidence=(
            EvidenceRequirement(
                id="context",
                part=PartKind.OVERVIEW,
                title="Your context",
                instructions="Describe it.",
                modes=(Mode.TEXT,),
                max_words=500,
            ),
            EvidenceRequirement(
                id="work",
                part=PartKind.WORK_EXAMPLES,
                title="Work before and after",
                instructions="Show the change.",
                modes=(Mode.DOCUMENT, Mode.IMAGE, Mode.LINK),
                min_items=1,
                max_items=3,
            ),
            EvidenceRequirement(
                id="reflection",
                part=PartKind.REFLECTION,
                title="Reflection",
                instructions="What would you change?",
                modes=(Mode.TEXT, Mode.AUDIO),
            ),
        ),
        rubric=Rubric(
            title="Feedback rubric",
            criteria=(
                a_criterion("specificity", "work"),
                a_criterion("uptake", "work", "context"),
                a_criterion("reflection", "reflection"),
            ),
        ),
        effort_hours=6,
        licence="CC BY 4.0",
        tags=("assessment",),
        ai_use=AiUse.DISCLOSED,
    )
    return msgspec.structs.replace(whole, **changed)


_BUILT: dict[tuple[str, bool, str], Litestar] = {}


def served(parts: Parts, beside: str = "") -> Litestar:
    """The application with these parts. It is put together once, which takes most of a second; its state is new. Whoever has
    one while others come and go says what it is ``beside`` them, and gets another."""
    of = (parts.settings.base_url, parts.instances is not None, beside)
    if of not in _BUILT:
        _BUILT[of] = create_app(parts, work=False)
    _BUILT[of].state.update(state_of(parts))
    return _BUILT[of]


def browser(app: Litestar) -> httpx.AsyncClient:
    """Somebody's browser, with cookies of its own, in the same process as the service."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://alder.test")


def a_png(text: str = "work", size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    colour = tuple(hash_byte(text, place) for place in range(3))
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def hash_byte(text: str, place: int) -> int:
    return sum(text.encode()) * (place + 3) % 256


class World:
    """A state agency with a district and two schools, people in every role, and one published micro-credential.

    Everything is made through the services, each act in a transaction of its own.
    """

    def __init__(self, parts: Parts, clock: TestClock) -> None:
        self.parts = parts
        self.clock = clock
        self.people: dict[str, Person] = {}
        self.organisations: dict[str, Organisation] = {}
        self.addresses: dict[str, str] = {}

    @property
    def ids(self) -> Ids:
        return self.parts.ids

    async def do(self, work: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """A verb of a service in one writing transaction."""
        async with self.parts.database.write() as session:
            return await work(session, *args, **options)

    async def see(self, work: Callable[..., Any], *args: Any, **options: Any) -> Any:
        async with self.parts.database.read() as session:
            return await work(session, *args, **options)

    async def act(self, name: str) -> Act:
        """An act of one of the people, with the roles that they hold now."""
        now = self.clock()
        person = self.people[name]
        grants = await self.see(people.store.grants_of, person.id, now)
        return Act(Actor(person_id=person.id, name=person.name, grants=grants), now, self.ids)

    async def found(self) -> "World":
        operator = Act(Actor(person_id="operator", name="the operator"), self.clock(), self.ids)
        phc = await self.parts.hasher.hash(PASSWORD)
        state, admin = await self.do(
            people.make_first_administrator,
            operator,
            kind=OrganisationKind.STATE_AGENCY,
            slug="alder",
            organisation_name="Alder Department of Education",
            address="admin@alder.example",
            name="Ada Admin",
            phc=phc,
        )
        self.people["admin"] = admin
        self.addresses["admin"] = "admin@alder.example"
        self.organisations["alder"] = state
        for slug, kind, parent in (
            ("kestrel-moor", OrganisationKind.DISTRICT, "alder"),
            ("heron-school", OrganisationKind.SCHOOL, "kestrel-moor"),
            ("wren-school", OrganisationKind.SCHOOL, "kestrel-moor"),
        ):
            self.organisations[slug] = await self.do(
                people.found_organisation,
                await self.act("admin"),
                kind=kind,
                slug=slug,
                name=slug.replace("-", " ").title(),
                parent_id=self.organisations[parent].id,
            )
        for name, organisation, role in (
            ("teacher", "heron-school", Role.EDUCATOR),
            ("colleague", "heron-school", Role.EDUCATOR),
            ("assessor", "alder", Role.ASSESSOR),
            ("second", "alder", Role.ASSESSOR),
            ("developer", "alder", Role.CATALOGUE_DEVELOPER),
            ("publisher", "alder", Role.CATALOGUE_DEVELOPER),
            ("leader", "alder", Role.SCORING_LEADER),
        ):
            await self.join(name, organisation, role)
        return self

    async def join(self, name: str, organisation: str, role: Role) -> Person:
        """Somebody new accepts an invitation into a role."""
        address = f"{name}@{organisation}.example"
        await self.do(
            people.invite,
            await self.act("admin"),
            address=address,
            organisation_id=self.organisations[organisation].id,
            role=role,
        )
        secret = await self.secret_of("invitation", address)
        nobody = people.nobody(self.clock(), self.ids)
        phc = await self.parts.hasher.hash(PASSWORD)
        person = await self.do(people.accept_invitation, nobody, secret, name=name.capitalize(), phc=phc)
        self.people[name] = person
        self.addresses[name] = address
        return person

    async def secret_of(self, letter: str, address: str) -> str:
        """The secret in the newest mail of a kind that waits to be sent to an address."""
        async with self.parts.database.read() as session:
            waiting = await orders.outbox.store.waiting_of_kind(session, people.MAIL_ORDER)
        found = [order for order in waiting if order.payload.get("to") == address and order.payload["letter"] == letter]
        return found[-1].payload["secret"]

    async def publish(self, specification: Specification | None = None, slug: str = "feedback") -> CatalogueEntry:
        """A framework, if there is none yet, and a published version."""
        developer = await self.act("developer")
        organisation_id = self.organisations["alder"].id
        if not await self.see(catalog.list_frameworks):
            await self.do(catalog.add_framework, developer, organisation_id, FRAMEWORK)
        entry = await self.do(
            catalog.draft,
            developer,
            organisation_id=organisation_id,
            slug=slug,
            specification=specification or a_specification(),
        )
        await self.do(catalog.submit_for_review, developer, entry.version.id)
        await self.do(catalog.publish, await self.act("publisher"), entry.version.id)
        return await self.see(catalog.version_for, None, entry.version.id)

    async def submission(self, entry: CatalogueEntry, who: str = "teacher", *, submit: bool = True) -> Submission:
        """Evidence for every requirement, attested, and handed in unless told otherwise."""
        act = await self.act(who)
        started = await self.do(evidence.start, act, entry.version.id)
        for requirement in entry.version.specification.evidence:
            if Mode.TEXT in requirement.modes:
                await self.do(evidence.add_text, act, started.id, requirement.id, f"{who}: {requirement.title}")
            else:
                content = a_png(f"{who} {requirement.id}")
                digest = await self.parts.blobs.put(content)
                await self.do(
                    evidence.add_file,
                    act,
                    started.id,
                    requirement.id,
                    name="work.png",
                    media_type="image/png",
                    digest=digest,
                    size=len(content),
                )
        await self.do(evidence.attest, act, started.id, ATTESTED)
        if submit:
            await self.do(evidence.submit, await self.act(who), started.id)
        return await self.see(evidence.submission, started.id)

    async def decide(self, submission: Submission, who: str = "assessor", *, level: str = "demonstrated") -> Submission:
        """Claimed, found complete, scored with the same level throughout, decided."""
        act = await self.act(who)
        claimed = await review.claim(self.parts.database, act, submission.id)
        await self.do(review.confirm_complete, act, claimed.id)
        version = await self.see(catalog.version, submission.version_id)
        for criterion in version.specification.rubric.criteria:
            given = Score(criterion=criterion.id, level=level, feedback="Show the revision itself.")
            await self.do(review.score, act, claimed.id, given)
        await self.do(review.finish, act, claimed.id)
        return await self.see(evidence.submission, submission.id)

    async def redeem(self) -> int:
        """Carry out what was ordered, as the running service does."""
        return await orders.redeem_all(self.parts)


ATTESTED = Attestations(own_work=True, student_consent=True, ai_use=AiDeclaration.NONE)
