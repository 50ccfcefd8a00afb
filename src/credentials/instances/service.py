"""Issue what others ask for, exactly once, and change its status.

The gate is ``sealing``'s, as for our own badges: prepared and committed, then signed, judged and stored.
"""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from credentials.audit import service as audit
from credentials.audit.model import Entry
from credentials.db import Session
from credentials.errors import Malformed, NotFound
from credentials.ids import new_id
from credentials.instances import rules
from credentials.instances.model import SOURCE, Instance, SourceReused, StatusFinal
from credentials.openbadges.build import StatusBit
from credentials.proofs.model import JsonObject
from credentials.sealing import service as sealing
from credentials.sealing.model import Intent, Sealed
from credentials.status import service as status
from credentials.status.model import Purpose
from credentials.trust import service as trust

__all__ = ["Bureau", "Identity", "finish", "identity_of", "issue", "known_identity", "set_status", "waiting"]


@dataclass(frozen=True, kw_only=True)
class Bureau:
    """What issuing for others works with. ``lists_url`` is what stands before the id of a status list in its address."""

    gate: sealing.Gate
    fence: status.Fence
    lists_url: str


class Identity(msgspec.Struct, frozen=True):
    """As whom an instance issues: the owner of the keys, and the issuer's id."""

    owner: str
    did: str


async def identity_of(session: Session, bureau: Bureau, now: datetime, instance: Instance) -> Identity:
    """The identity of an instance without an organisation; made on first use."""
    key = await trust.own_identity(
        session, bureau.gate.keystore, bureau.gate.ids, now, owner=instance.owner, key_type=instance.key_type
    )
    return Identity(instance.owner, key.did)


async def known_identity(session: Session, instance: Instance) -> Identity | None:
    """The same, if it was made already."""
    key = await trust.active_key_of(session, instance.owner, instance.key_type)
    return Identity(instance.owner, key.did) if key else None


async def issue(
    bureau: Bureau,
    now: datetime,
    instance: Instance,
    identity: Identity,
    credential: JsonObject,
    *,
    actor: str,
    mandatory: tuple[str, ...] | None = None,
    key: str = "",
) -> Sealed:
    """The credential, sealed. ``actor`` is who asks, for the record; ``key`` names the request.

    Raises ``Refused`` and ``LintFailed`` for a credential that cannot be issued, ``IssuerMismatch``, ``SourceReused``.
    """
    ids = bureau.gate.ids
    own = rules.with_own_issuer(credential, instance, identity.did)
    source = rules.source_of(instance, credential, mandatory, key, now)
    async with bureau.gate.database.write() as session:
        intent = await sealing.intent_for(session, source)
        if intent is None:
            intent_id = new_id(ids, now)
            bits = [await _place(session, bureau, now, identity, purpose, intent_id) for purpose in instance.status]
            document = rules.with_statuses(own, bits)
            intent = await sealing.prepare(
                session,
                bureau.gate,
                now,
                intent_id=intent_id,
                source=source,
                owner=identity.owner,
                did=identity.did,
                document=document,
                means=(rules.means_for(instance, document, mandatory),),
            )
            asked = {"instance": instance.name}
            entry = Entry(at=now, actor=actor, action="credential.asked", subject=f"intent:{intent.id}", detail=asked)
            await audit.record(session, entry)
    if not rules.is_of(msgspec.json.decode(intent.document), own):
        raise SourceReused("this key was used for another credential: take a new one")
    (sealed,) = await sealing.seal(bureau.gate, now, intent.id, _record)
    return sealed


async def _place(
    session: Session, bureau: Bureau, now: datetime, identity: Identity, purpose: Purpose, reference: str
) -> StatusBit:
    place = await status.allocate(
        session,
        bureau.gate.ids,
        now,
        bureau.fence,
        owner=identity.owner,
        did=identity.did,
        purpose=purpose,
        reference=reference,
    )
    return StatusBit(list_url=f"{bureau.lists_url}{place.list_id}", index=place.index, purpose=purpose.value)


async def _record(session: Session, intent: Intent, sealed: tuple[Sealed, ...]) -> None:
    entry = Entry(
        at=sealed[0].sealed_at,
        actor="system:vc-api",
        action="credential.issued",
        subject=f"intent:{intent.id}",
        detail={"instance": intent.source_id.partition(":")[0], "key": sealed[0].key},
    )
    await audit.record(session, entry)


async def waiting(bureau: Bureau) -> list[Intent]:
    """What was prepared and not sealed when the service stopped. Whoever asked for it asks again, and gets it."""
    async with bureau.gate.database.read() as session:
        return await sealing.waiting(session, kinds=(SOURCE,))


async def finish(bureau: Bureau, now: datetime, intent: Intent) -> None:
    await sealing.seal(bureau.gate, now, intent.id, _record)


async def set_status(
    session: Session,
    bureau: Bureau,
    now: datetime,
    instance: Instance,
    identity: Identity,
    credential_id: str,
    purpose: Purpose,
    *,
    to: bool,
    actor: str,
    index: str | None = None,
    list_url: str | None = None,
) -> None:
    """Set or clear a bit of a credential that the instance issued, by the credential's id or the key of its request.

    Of several with one id, ``index`` and ``list_url`` tell which; without them, all. Raises ``NotFound``, ``StatusFinal``.
    """
    if purpose not in instance.status:
        raise Malformed(f"this instance gives its credentials no {purpose.value} status")
    if purpose is Purpose.REVOCATION and not to:
        raise StatusFinal("a revocation is for good: issue the credential anew")
    by_key = await sealing.intent_for(session, rules.source_of(instance, {}, None, credential_id, now))
    intents = [by_key] if by_key else await sealing.intents_of_document(session, identity.owner, SOURCE, credential_id)
    places = await status.places_of_many(session, [intent.id for intent in intents])
    named = [
        place.reference
        for each in places.values()
        for place in each
        if place.purpose is purpose
        and index in (None, str(place.index))
        and list_url in (None, f"{bureau.lists_url}{place.list_id}")
    ]
    if not named:
        raise NotFound("this instance issued no such credential")
    for reference in named:
        await status.set_status(session, reference, purpose, to=to, now=now)
        detail = {"instance": instance.name, "purpose": purpose.value, "set": str(to).lower()}
        entry = Entry(at=now, actor=actor, action="credential.status", subject=f"intent:{reference}", detail=detail)
        await audit.record(session, entry)
