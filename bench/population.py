"""How long a state takes to be judged: educators with thirty awards each, one pathway, on one core.

    python bench/population.py [--educators 2000]

Builds a database of its own (SQLite), judges everybody through the service as an operator does, and prints CPU seconds for each
educator and what 50,000 of them would take. The share that is measured is printed beside it: it is an extrapolation, and a fair
one, because the work is done batch by batch and a batch knows nothing of the others.
"""

import argparse
import asyncio
import json
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import insert

from credentials import schema
from credentials.awards.model import Award, AwardKind
from credentials.awards.tables import awards
from credentials.catalog import store as catalog
from credentials.catalog.model import MicroCredential, Specification, Stage, Version
from credentials.catalog.rules import digest
from credentials.db import Database, migrate
from credentials.ids import SeededIds, new_id
from credentials.pathways import service, store
from credentials.pathways.model import FactRecord, Pathway, PathwayVersion
from credentials.pathways.tables import facts
from credentials.people import store as people
from credentials.people.model import Grant, Organisation, OrganisationKind, Person, Role
from credentials.people.tables import grants, persons

assert schema.ROOMS

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
STATE, AWARDS, WHOLE = "00000000-0000-7000-8000-000000000001", 30, 50_000

RULE = {
    "all": [
        {
            "sum": {
                "unit": "point",
                "min": 60,
                "where": {"from": "$license.from", "to": "$license.to", "documented": True, "unused": True},
                "rates": [
                    {"match": {"type": "micro_credential"}, "per": "item", "value": 6, "cap": 120},
                    {"match": {"type": "pd_hours"}, "value": 1, "cap": 30},
                ],
                "categories": [{"tag": "assessment", "min": 12}, {"tag": "equity", "min": 12}],
                "disjoint": True,
            }
        },
        {"all": [{"credential": {"tag": "assessment"}, "count": 3}, {"credential": {"tag": "equity"}, "count": 3}],
         "exclusive": True},
        {"k_of": 2, "of": [{"credential": {"ref": f"mc-{number}"}} for number in range(6)]},
        {"fact": "experience.years", "op": ">=", "value": 3},
    ]
}  # fmt: skip


async def build(database: Database, ids: SeededIds, educators: int) -> Pathway:
    """A state in which everybody holds thirty awards of forty micro-credentials."""
    async with database.write() as session:
        state = Organisation(
            id=STATE, kind=OrganisationKind.STATE_AGENCY, slug="alder", name="Alder", created_at=NOW, lineage=(STATE,)
        )
        await people.add_organisation(session, state)
        offered = []
        for number in range(40):
            tags = (("assessment",), ("equity",), ("assessment", "equity"), ())[number % 4]
            specification = Specification(title=f"Micro-credential {number}", tags=tags)
            made = MicroCredential(id=new_id(ids, NOW), organisation_id=STATE, slug=f"mc-{number}", created_at=NOW)
            await catalog.add_micro_credential(session, made)
            version = Version(
                id=new_id(ids, NOW),
                micro_credential_id=made.id,
                number=1,
                stage=Stage.PUBLISHED,
                specification=specification,
                digest=digest(specification),
                author_id="author",
                created_at=NOW,
            )
            await catalog.add_version(session, version)
            offered.append((made.id, version.id, specification.title))
        pathway = Pathway(
            id=new_id(ids, NOW), organisation_id=STATE, slug="renewal", title="Renewal", description="", author_id="a",
            created_at=NOW,
        )  # fmt: skip
        await store.add_pathway(session, pathway)
        version_of_rule = PathwayVersion(
            id=new_id(ids, NOW), pathway_id=pathway.id, number=1, name="", rule=json.dumps(RULE).encode(),
            effective_from=date(2020, 1, 1), author_id="a", created_at=NOW, approved_by="b",
            approved_at=NOW - timedelta(days=400),
        )  # fmt: skip
        await store.add_version(session, version_of_rule)
    for _ in range(0, educators, 500):
        await some(database, ids, offered, 500)
    return pathway


async def some(database: Database, ids: SeededIds, offered: list[tuple[str, str, str]], count: int) -> None:
    everybody, roles, held, known = [], [], [], []
    for number in range(count):
        person = Person(
            id=new_id(ids, NOW), name=f"Educator {number}", subject=f"urn:{new_id(ids, NOW)}", created_at=NOW
        )
        everybody.append(person)
        roles.append(
            Grant(
                id=new_id(ids, NOW),
                person_id=person.id,
                organisation_id=STATE,
                role=Role.EDUCATOR,
                from_=NOW,
                granted_by="a",
            )
        )
        for place in range(AWARDS):
            achievement, version, title = offered[(number * 7 + place) % len(offered)]
            held.append(
                Award(
                    id=new_id(ids, NOW),
                    kind=AwardKind.MICRO_CREDENTIAL,
                    educator_id=person.id,
                    organisation_id=STATE,
                    achievement_id=achievement,
                    version_id=version,
                    title=title,
                    credential_id=f"urn:{new_id(ids, NOW)}",
                    intent_id=new_id(ids, NOW),
                    awarded_at=NOW - timedelta(days=100 + place),
                )
            )
        for path, value in (
            ("license.from", "2024-01-01"),
            ("license.to", "2029-01-01"),
            ("experience.years", number % 6),
        ):
            known.append(
                FactRecord(
                    id=new_id(ids, NOW),
                    educator_id=person.id,
                    organisation_id=STATE,
                    path=path,
                    value=value,
                    evidence="e",
                    recorded_by="a",
                    recorded_at=NOW - timedelta(days=9),
                )
            )
    async with database.write() as session:
        for table, rows in ((persons, everybody), (grants, roles), (awards, held), (facts, known)):
            await session.execute(insert(table), [msgspec.structs.asdict(row) for row in rows])


async def main(educators: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'population.sqlite3'}")
        await migrate.upgrade(database)
        pathway = await build(database, SeededIds(1), educators)
        began, judged = time.process_time(), 0
        async for judged in service.judge_everybody(database, pathway, NOW):
            print(f"\r{judged} judged, {time.process_time() - began:.1f} CPU s", end="", flush=True)
        took = time.process_time() - began
        print(
            f"\n{judged} educators × {AWARDS} awards: {took:.1f} CPU s, {took / judged * 1000:.2f} ms each; "
            f"{WHOLE} would take {took / judged * WHOLE / 60:.1f} minutes (measured: {judged / WHOLE:.1%} of them)"
        )
        await database.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--educators", type=int, default=2000, help="how many are measured")
    asyncio.run(main(parser.parse_args().educators))
