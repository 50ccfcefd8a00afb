"""What this service issues, checked by other people's implementations: proof, safe mode and status by Digital Bazaar's
libraries, the token by npm's jose."""

import json
from typing import Any

import msgspec
import pytest
from builders import TestClock, World

from credentials import clock as system_clock
from credentials.awards import service as awards
from credentials.awards.model import Award
from credentials.files import packaged_contexts
from credentials.issuing import service as issuing
from credentials.pathways import service as pathways
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.status import service as status
from credentials.trust import service as trust
from credentials.trust.rules import did_of
from credentials.web.parts import Parts


async def an_award(world: World) -> Award:
    world.clock.moment = system_clock.now()  # the other libraries ask the time themselves
    submission = await world.decide(await world.submission(await world.publish()))
    await world.redeem()
    await issuing.publish_due_lists(world.parts.office, world.clock())
    found = await world.see(awards.by_submission, submission.id)
    assert found is not None
    return found


async def what_the_web_serves(parts: Parts) -> dict[str, Any]:
    """Everything that a verifier can fetch: the contexts, the issuer's keys each by its own URL, the status lists."""
    did = did_of(parts.settings.base_url, "alder")
    documents = {address: json.loads(body) for address, body in packaged_contexts().items()}
    async with parts.database.read() as session:
        document = await trust.document(session, did)
        documents[did] = document
        for method in document["verificationMethod"]:
            context = "https://w3id.org/security/multikey/v1"
            documents[method["id"]] = {"@context": context, **method}
        for found in await status.all_lists(session):
            made = await status.get_published(session, found.id)
            assert made is not None
            documents[f"{parts.settings.base_url}/status/{found.id}"] = json.loads(made.body)
    return documents


async def test_an_issued_credential_verifies_with_its_status_by_other_peoples_libraries(
    world: World, node: Any
) -> None:
    """And once it is revoked, or a word is changed, it does not."""
    award = await an_award(world)
    body = json.loads((await world.see(sealing.sealed_as, award.intent_id, Format.DATA_INTEGRITY)).body)
    changed = {**body, "name": "Superintendent"}
    extended = {**body, "credentialSubject": {**body["credentialSubject"], "hoursEarned": 40}}
    tasks = [
        {"do": "verify", "suite": "eddsa-rdfc-2022", "credential": credential}
        for credential in (body, changed, extended)
    ]
    good, tampered, unsigned = node(
        "digitalbazaar.mjs", {"documents": await what_the_web_serves(world.parts), "tasks": tasks}
    )
    assert good == {"verified": True, "statuses": {"revocation": False, "suspension": False}}, good
    assert "error" in tampered
    assert "error" in unsigned, "a member that nobody signed is an error in safe mode"

    act = await world.act("admin")
    await world.do(issuing.revoke, act, award.id, reason="The work was somebody else's.")
    await issuing.publish_due_lists(world.parts.office, world.clock())
    (revoked,) = node("digitalbazaar.mjs", {"documents": await what_the_web_serves(world.parts), "tasks": tasks[:1]})
    assert revoked == {"verified": True, "statuses": {"revocation": True, "suspension": False}}, revoked


async def test_a_badge_that_an_hsm_signed_verifies_by_other_peoples_libraries(
    hsm_parts: Parts, clock: TestClock, node: Any
) -> None:
    world = await World(hsm_parts, clock).found()
    award = await an_award(world)
    body = json.loads((await world.see(sealing.sealed_as, award.intent_id, Format.DATA_INTEGRITY)).body)
    tasks = [
        {"do": "verify", "suite": "ecdsa-rdfc-2019", "credential": credential}
        for credential in (body, {**body, "name": "Superintendent"})
    ]
    good, tampered = node("digitalbazaar.mjs", {"documents": await what_the_web_serves(hsm_parts), "tasks": tasks})
    assert good == {"verified": True, "statuses": {"revocation": False, "suspension": False}}, good
    assert "error" in tampered


async def test_an_issued_token_verifies_with_the_key_that_is_published(world: World, node: Any) -> None:
    award = await an_award(world)
    token = (await world.see(sealing.sealed_as, award.intent_id, Format.JWT)).body.decode()
    keys = await world.see(trust.key_set, did_of(world.parts.settings.base_url, "alder"))
    (key,) = keys["keys"]
    (found,) = node("jose.mjs", [{"do": "verify", "alg": "ES256", "jwk": key, "token": token}])
    payload = msgspec.json.decode(found["payload"])
    assert payload["jti"] == award.credential_id
    assert payload["iss"] == key["iss"]
    assert found["header"] == {"alg": "ES256", "kid": key["kid"], "typ": "JWT"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the database has no part in it
async def test_a_stacks_learner_record_and_each_member_in_it_verify_by_other_peoples_libraries(
    world: World, node: Any
) -> None:
    """From the one file, with nothing at hand but the issuer's keys and lists."""
    world.clock.moment = system_clock.now()
    entries = [await world.publish(slug=slug) for slug in ("feedback", "questioning")]
    stack = await world.do(
        pathways.draft,
        await world.act("developer"),
        organisation_id=world.organisations["alder"].id,
        slug="assessment",
        title="Assessment",
        description="Two that belong together.",
        members=tuple(entry.micro_credential.id for entry in entries),
    )
    await world.do(pathways.publish, await world.act("publisher"), stack.id)
    for entry in entries:
        await world.decide(await world.submission(entry))
        await world.redeem()
    await issuing.publish_due_lists(world.parts.office, world.clock())
    (award,) = await world.see(awards.stacks_of, world.people["teacher"].id, [stack.id])
    record = json.loads((await world.see(issuing.record_of, award)).body)
    members = record["credentialSubject"]["verifiableCredential"]
    assert len(members) == 3
    changed = {**record, "credentialSubject": {**record["credentialSubject"], "verifiableCredential": members[:2]}}
    tasks = [
        {"do": "verify", "suite": "eddsa-rdfc-2022", "credential": credential}
        for credential in (record, *members, changed)
    ]
    documents = await what_the_web_serves(world.parts)
    whole, *each, without_one = node("digitalbazaar.mjs", {"documents": documents, "tasks": tasks})
    assert whole == {"verified": True}, whole
    assert each == [{"verified": True, "statuses": {"revocation": False, "suspension": False}}] * 3, each
    assert "error" in without_one
