"""The registry of an organisation as a signed list that others take: sealed like everything that is signed here, and served at
an address that stays. A newer edition has the same id and a later ``validFrom``, and replaces the one before."""

from datetime import datetime
from typing import NamedTuple

import msgspec

from credentials.audit import service as audit
from credentials.db import Session
from credentials.errors import Conflict, NotFound
from credentials.ids import new_id
from credentials.openbadges.build import CONTEXT_OB
from credentials.openbadges.terms import format_date_time
from credentials.openbadges.vcdm import CONTEXT_V2
from credentials.people import service as people
from credentials.people.model import Act, Organisation
from credentials.proofs.model import JsonObject
from credentials.sealing import service as sealing
from credentials.sealing.model import PLAIN_KIND, Format, Intent, Sealed, Source
from credentials.sealing.service import Gate
from credentials.trust import service as trust
from credentials.trust.model import Recognition, Use
from credentials.trust.registry import Line, list_subjects
from credentials.trust.rules import did_of
from credentials.web import registry
from credentials.web.parts import Parts

REGISTRY = PLAIN_KIND
"""The kind of source that lists are sealed for. The source's id is that of one edition."""


class Edition(NamedTuple):
    """``new``: whether it says something else than the one before, which otherwise is answered again."""

    address: str
    issued_at: datetime
    lines: int
    new: bool


def address_of(base_url: str, slug: str) -> str:
    return f"{base_url}/registries/{slug}"


async def publish(parts: Parts, act: Act, organisation_id: str) -> Edition:
    """Sign what an organisation recognises, for whoever takes its word. Who else may name issuers is not passed on."""
    async with parts.database.read() as session:
        where = await registry.kept_by(session, act, organisation_id)
        found = await trust.registry_of(session, where.id, limit=trust.MAX_REGISTRY)
        before = await latest(session, parts.settings.base_url, where)
    lines = [line for line in map(_line_of, found) if line is not None]
    if not lines:
        raise Conflict("there is nothing to publish yet: recognise an issuer first")
    document = _document(parts.settings.base_url, where, lines, act.now)
    address = document["id"]
    if before is not None:
        said = msgspec.json.decode(before.body)
        if said["credentialSubject"] == document["credentialSubject"] and said["name"] == document["name"]:
            return Edition(address, before.sealed_at, len(lines), new=False)
    gate = parts.office.gate
    async with parts.database.write() as session:
        intent = await sealing.prepare(
            session,
            gate,
            act.now,
            intent_id=new_id(gate.ids, act.now),
            source=Source(REGISTRY, new_id(gate.ids, act.now)),
            owner=where.id,
            did=did_of(parts.settings.base_url, where.slug),
            document=document,
            means=tuple(
                one for one in gate.means_of(where.id) if one.format is Format.DATA_INTEGRITY
            ),  # a JWT has one subject
        )
        entry = act.entry(
            "registry.published", f"organisation:{where.id}", organisation=where.id, lines=str(len(lines))
        )
        await audit.record(session, entry)
    await sealing.seal(gate, act.now, intent.id, _nothing_more)
    return Edition(address, act.now, len(lines), new=True)


def _line_of(kept: Recognition) -> Line | None:
    """A line for others; none for one that only says who may name issuers here."""
    line = Line(**{name: getattr(kept, name) for name in Line.__struct_fields__})
    if line.uses == {Use.LIST}:
        return None
    return msgspec.structs.replace(line, uses=line.uses - {Use.LIST})


def _document(base_url: str, where: Organisation, lines: list[Line], now: datetime) -> JsonObject:
    return {
        "@context": [CONTEXT_V2, CONTEXT_OB],
        "id": address_of(base_url, where.slug),
        "type": ["VerifiableCredential"],
        "issuer": {"id": did_of(base_url, where.slug), "type": ["Profile"], "name": where.name},
        "validFrom": format_date_time(now),
        "name": f"Issuers that {where.name} recognises",
        "credentialSubject": list_subjects(lines),
    }


async def latest(session: Session, base_url: str, where: Organisation) -> Sealed | None:
    """The newest edition that is signed."""
    found = await sealing.newest_of_document(session, where.id, REGISTRY, address_of(base_url, where.slug))
    return None if found is None else await sealing.sealed_as(session, found.id, Format.DATA_INTEGRITY)


async def served(session: Session, base_url: str, slug: str) -> Sealed:
    """The same, for anybody. Raises ``NotFound``."""
    found = await latest(session, base_url, await people.organisation_by_slug(session, slug))
    if found is None:
        raise NotFound("this organisation publishes no list")
    return found


async def finish_waiting(gate: Gate, now: datetime) -> int:
    """Seal what was prepared when the service stopped."""
    async with gate.database.read() as session:
        waiting = await sealing.waiting(session, kinds=(REGISTRY,))
    for intent in waiting:
        await sealing.seal(gate, now, intent.id, _nothing_more)
    return len(waiting)


async def _nothing_more(_session: Session, _intent: Intent, _sealed: tuple[Sealed, ...]) -> None:
    """A list is all that there is to keep."""
