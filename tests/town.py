"""A small town for tests about people: a state agency with a district and a school, and whoever a test brings in."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from builders import CHEAP, PASSWORD, TestClock

from credentials.db import Database
from credentials.ids import SeededIds
from credentials.outbox import service as outbox
from credentials.outbox.model import Order
from credentials.people import service
from credentials.people.model import Act, Actor, Organisation, OrganisationKind, Person, Role
from credentials.people.passwords import PasswordHasher


class Town:
    """Everything is done through the service, each act in a transaction of its own."""

    def __init__(self, database: Database, clock: TestClock) -> None:
        self.database = database
        self.clock = clock
        self.ids = SeededIds(11)
        self.hasher = PasswordHasher(CHEAP, self.ids)
        self.places: dict[str, Organisation] = {}
        self.admin: Person

    async def do(self, work: Callable[..., Any], *args: Any, **options: Any) -> Any:
        async with self.database.write() as session:
            return await work(session, *args, **options)

    async def see(self, work: Callable[..., Any], *args: Any, **options: Any) -> Any:
        async with self.database.read() as session:
            return await work(session, *args, **options)

    @property
    def now(self) -> datetime:
        return self.clock()

    @property
    def nobody(self) -> Act:
        return service.nobody(self.now, self.ids)

    async def act(self, person: Person, **more: Any) -> Act:
        grants = await self.see(service.grants_of, person.id, self.now)
        return Act(Actor(person_id=person.id, name=person.name, grants=grants, **more), self.now, self.ids)

    async def found(self) -> "Town":
        operator = Act(Actor(person_id="operator", name="the operator"), self.now, self.ids)
        self.places["alder"], self.admin = await self.do(
            service.make_first_administrator,
            operator,
            kind=OrganisationKind.STATE_AGENCY,
            slug="alder",
            organisation_name="Alder",
            address="admin@alder.example",
            name="Ada Admin",
            phc=await self.hasher.hash(PASSWORD),
        )
        await self.place("kestrel", OrganisationKind.DISTRICT, "alder")
        await self.place("heron", OrganisationKind.SCHOOL, "kestrel")
        return self

    async def place(self, slug: str, kind: OrganisationKind, parent: str) -> Organisation:
        self.places[slug] = await self.do(
            service.found_organisation,
            await self.act(self.admin),
            kind=kind,
            slug=slug,
            name=slug.title(),
            parent_id=self.places[parent].id,
        )
        return self.places[slug]

    async def invite(self, address: str, where: str = "heron", role: Role = Role.EDUCATOR) -> str:
        """The secret of the link that was mailed."""
        organisation_id = self.places[where].id
        act = await self.act(self.admin)
        await self.do(service.invite, act, address=address, organisation_id=organisation_id, role=role)
        return await self.secret_to(address.strip().lower())

    async def join(self, name: str, where: str = "heron", role: Role = Role.EDUCATOR) -> Person:
        secret = await self.invite(f"{name}@heron.example", where, role)
        phc = await self.hasher.hash(PASSWORD)
        return await self.do(service.accept_invitation, self.nobody, secret, name=name.title(), phc=phc)

    async def secret_to(self, address: str) -> str:
        """The secret in the newest mail to an address, which is then sent."""
        found: list[str] = []

        async def read(order: Order) -> None:
            if order.payload["to"] == address:
                found.append(order.payload["secret"])

        await outbox.redeem_due(self.database, self.clock, {service.MAIL_ORDER: read})
        return found[-1]

    async def mails(self) -> int:
        return len(await self.see(outbox.waiting_of_kind, service.MAIL_ORDER))

    async def sign_in(self, address: str, password: str = PASSWORD, peer: str = "192.0.2.1") -> Any:
        return await service.sign_in(
            self.database, self.hasher, self.ids, self.now, address=address, password=password, peer=peer
        )
