"""What our own service knows of its past: keys that were stolen, and what a credential was on a day."""

import msgspec
import pytest
from builders import TestClock, World

from credentials.awards import service as awards
from credentials.issuing import service as issuing
from credentials.jsonld.canonize import canonize
from credentials.proofs import data_integrity, jose, vc_jwt
from credentials.proofs.model import JsonObject, KeyType
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.status import service as status
from credentials.trust import service as trust
from credentials.trust.model import SigningKey
from credentials.verification.model import Question, Report
from credentials.web.api.verification import check
from credentials.web.asking import Asking


class Awarded:
    """One badge of ours in both formats, and what may happen to it."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def earned(self) -> "Awarded":
        submission = await self.world.decide(await self.world.submission(await self.world.publish()))
        await self.world.redeem()
        self.award = await self.world.see(awards.by_submission, submission.id)
        await self.publish()
        return self

    async def publish(self) -> None:
        await issuing.publish_due_lists(self.world.parts.office, self.world.clock())

    async def body(self, format_: Format) -> bytes:
        document = await self.world.see(sealing.sealed_as, self.award.intent_id, format_)
        body: bytes = document.body
        return body

    async def keys(self) -> dict[KeyType, SigningKey]:
        return {key.key_type: key for key in await self.world.see(trust.all_keys)}

    async def compromise_both_keys(self) -> None:
        now = self.world.clock()
        for key in (await self.keys()).values():
            await self.world.do(trust.compromise, key.id, now)
            await self.world.do(status.sign_anew, key.did, now)
        await self.publish()

    async def verified(self, body: bytes, question: Question | None = None) -> Report:
        asking = Asking(question=question or Question())
        return await check(self.world.parts, body, self.world.clock(), asking)


@pytest.fixture
async def awarded(world: World) -> Awarded:
    return await Awarded(world).earned()


@pytest.mark.parametrize("format_", list(Format))
async def test_after_a_key_was_stolen_its_honest_badges_stay_good_and_a_back_dated_one_is_told_apart(
    awarded: Awarded, clock: TestClock, format_: Format
) -> None:
    honest = await awarded.body(format_)
    stolen = await forged(awarded, format_)
    assert (await awarded.verified(stolen)).outcome == "accept", "nobody can tell as long as nobody knows"
    clock.advance(days=3)
    await awarded.compromise_both_keys()
    clock.advance(days=1)
    report = await awarded.verified(honest)
    assert report.outcome == "accept", report.checks
    assert "our own log" in next(check for check in report.checks if check.name == "proof").detail
    assert (await awarded.verified(stolen)).outcome == "reject:key-revoked"


async def forged(awarded: Awarded, format_: Format) -> bytes:
    """The badge with another name in it, signed with our own key behind our back, and dated as the honest one is."""
    key = (await awarded.keys())[{Format.DATA_INTEGRITY: KeyType.ED25519, Format.JWT: KeyType.P256}[format_]]
    signer = awarded.world.parts.office.gate.keystore.signer(key)
    document = msgspec.json.decode(await awarded.body(Format.DATA_INTEGRITY))
    document["name"] = "Superintendent"
    (proof,) = document.pop("proof")
    if format_ is Format.JWT:
        to_sign = jose.signing_input(
            msgspec.json.encode(vc_jwt.claims_of(document)), key.key_type, key.verification_method
        )
        return jose.compact(to_sign, await signer.sign(to_sign)).encode()

    def canonical(unsigned: JsonObject, hash_name: str) -> bytes:
        assert hash_name == "sha256"
        return canonize(unsigned, awarded.world.parts.contexts)

    options = data_integrity.proof_options(proof["cryptosuite"], key.verification_method, proof["created"])
    added = data_integrity.add_proof(document, options, key.key_type, canonical)
    return msgspec.json.encode(data_integrity.with_signature(added, await signer.sign(added.unsigned.to_sign)))


async def test_a_badge_signed_before_its_key_was_retired_still_verifies(awarded: Awarded, clock: TestClock) -> None:
    for key in (await awarded.keys()).values():
        await awarded.world.do(trust.retire, key.id, clock())
    clock.advance(days=400)
    await awarded.publish()
    for format_ in Format:
        report = await awarded.verified(await awarded.body(format_))
        assert report.outcome in {"accept", "reject:credential-expired"}, report.checks
        assert next(check for check in report.checks if check.name == "proof").outcome == "passed"


async def test_was_it_valid_on_that_day(awarded: Awarded, clock: TestClock) -> None:
    """Suspended on the second day, reinstated on the fourth, revoked on the sixth."""
    start = clock()
    admin = awarded.world.act
    body = await awarded.body(Format.JWT)
    for verb in (issuing.suspend, issuing.reinstate, issuing.revoke):
        clock.advance(days=2)
        await awarded.world.do(verb, await admin("admin"), awarded.award.id, reason="An appeal.")
        await awarded.publish()
    clock.advance(days=2)
    days = []
    for day in range(-1, 9):
        moment = start.replace(hour=13) + (clock() - start) / 8 * day
        if moment <= clock():
            report = await awarded.verified(body, Question(as_of=moment))
            days.append((day, report.outcome))
    assert days == [
        (-1, "reject:credential-not-yet-valid"),
        (0, "accept"),
        (1, "accept"),
        (2, "reject:credential-suspended"),
        (3, "reject:credential-suspended"),
        (4, "accept"),
        (5, "accept"),
        (6, "reject:credential-revoked"),
        (7, "reject:credential-revoked"),
    ]
    assert (await awarded.verified(body)).outcome == "reject:credential-revoked"
