"""A receipt says what was checked and against what, verifies like any credential, and can be printed."""

import hashlib
import re
import zlib
from base64 import b64decode
from typing import Any

import httpx
import msgspec
import pytest
from builders import PASSWORD, World, browser, served

from credentials.awards import service as awards
from credentials.fetch import fetch_nothing
from credentials.issuing import service as issuing
from credentials.people.model import Role
from credentials.receipts import paper
from credentials.receipts import service as receipts
from credentials.receipts.rules import receipt_document
from credentials.sealing import service as sealing
from credentials.sealing.model import Format, Source
from credentials.trust.rules import did_of
from credentials.verification import service as verification
from credentials.web import orders
from credentials.web.parts import Parts
from credentials.web.sources import NoSources

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What a receipt stands on, the gate, is tested on both databases."""


@pytest.fixture
async def badge(world: World) -> bytes:
    submission = await world.decide(await world.submission(await world.publish()))
    await world.redeem()
    award = await world.see(awards.by_submission, submission.id)
    await issuing.publish_due_lists(world.parts.office, world.clock())
    body: bytes = (await world.see(sealing.sealed_as, award.intent_id, Format.DATA_INTEGRITY)).body
    return body


async def signed_in(parts: Parts, world: World, name: str) -> httpx.AsyncClient:
    client = browser(served(parts))
    client.headers["Origin"] = "http://alder.test"
    await client.post("/api/v1/sessions", json={"email": world.addresses[name], "password": PASSWORD})
    return client


@pytest.fixture
async def clerk(parts: Parts, world: World) -> httpx.AsyncClient:
    await world.join("clerk", "kestrel-moor", Role.PAYROLL_CLERK)
    return await signed_in(parts, world, "clerk")


def at(world: World, slug: str = "kestrel-moor") -> str:
    return f"/api/v1/organisations/{world.organisations[slug].id}/receipts"


async def made(clerk: httpx.AsyncClient, world: World, content: bytes, **more: Any) -> dict[str, Any]:
    answer = await clerk.post(at(world), content=content, **more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_receipt_is_a_credential_of_the_office_that_anybody_can_verify(
    clerk: httpx.AsyncClient, world: World, badge: bytes
) -> None:
    answer = await made(clerk, world, badge, params={"use": "pay"})
    signed = await clerk.get(answer["receipt"])
    assert signed.headers["content-type"].startswith("application/vc")
    report = (await clerk.post("/api/v1/verify", content=signed.content)).json()
    assert (report["verdict"], report["issuer"]["name"]) == ("accept", "Kestrel Moor")
    page = await clerk.post("/verify", data={"text": answer["receipt"]})
    assert "Genuine and in force" in page.text, "as somebody does who scans the code on paper"
    changed = signed.content.replace(b"is genuine", b"is unique!")
    assert changed != signed.content
    assert (await clerk.post("/api/v1/verify", content=changed)).json()["code"] == "PROOF_VERIFICATION_ERROR"


async def test_a_receipt_names_the_file_and_all_that_the_verdict_rests_on_by_digests(
    clerk: httpx.AsyncClient, world: World, badge: bytes
) -> None:
    answer = await made(clerk, world, badge)
    receipt = (await clerk.get(answer["receipt"])).json()
    subject = receipt["credentialSubject"]
    assert subject["id"] == msgspec.json.decode(badge)["id"]
    assert subject["endorsementComment"].startswith("accept: ")
    digests = {
        one["id"]: b64decode(one["digestSRI"].removeprefix("sha256-")).hex() for one in receipt["relatedResource"]
    }
    file = hashlib.sha256(badge).hexdigest()
    assert digests.pop(f"urn:sha256:{file}") == file
    (did,) = [name for name in digests if name.startswith("did:web:")]
    lists = [name for name in digests if "/status/" in name]
    assert did == msgspec.json.decode(badge)["issuer"]["id"]
    assert len(lists) == 2
    for address in lists:
        assert digests[address] == hashlib.sha256((await clerk.get(address)).content).hexdigest()
    assert {(one["name"], one["genre"]) for one in receipt["evidence"]} >= {("proof", "passed"), ("status", "passed")}


async def test_what_does_not_hold_gets_a_receipt_too_and_nothing_unsigned_is_in_it(
    clerk: httpx.AsyncClient, world: World, badge: bytes
) -> None:
    forged = badge.replace(b"Moves Work", b"Makes Gold")
    answer = await made(clerk, world, forged, headers={"Verify-Recipient": "Bob"})
    text = (await clerk.get(answer["receipt"])).text
    assert "reject:PROOF_VERIFICATION_ERROR" in text
    assert "Makes Gold" not in text
    assert msgspec.json.decode(badge)["id"] not in text
    assert "Bob" not in text


async def test_only_who_acts_on_verdicts_there_makes_receipts(
    clerk: httpx.AsyncClient, parts: Parts, world: World, badge: bytes
) -> None:
    teacher = await signed_in(parts, world, "teacher")
    assert (await teacher.post(at(world), content=badge)).status_code == 404
    assert (await clerk.post(at(world, "alder"), content=badge)).status_code == 404
    assert (await browser(served(parts)).post(at(world), content=badge)).status_code == 401
    assert (await clerk.post(at(world), content=b"")).status_code == 400
    assert (await clerk.get("/receipts/00000000-0000-4000-8000-000000000000")).status_code == 404


async def test_on_paper_it_has_its_tags_its_words_and_the_signed_receipt_attached(
    clerk: httpx.AsyncClient, world: World, badge: bytes
) -> None:
    answer = await made(clerk, world, badge)
    printed = await clerk.get(answer["pdf"])
    assert printed.headers["content-type"] == "application/pdf"
    plain = unpacked(printed.content)
    assert b"/MarkInfo<</Marked true" in plain.replace(b" /", b"/").replace(b"/MarkInfo <<", b"/MarkInfo<<")
    assert b"<pdfuaid:part>1</pdfuaid:part>" in plain
    assert b"<pdfaid:part>3</pdfaid:part>" in plain
    assert b"Verification receipt" in plain
    assert (await clerk.get(answer["receipt"])).content in plain, "the signed receipt is attached octet for octet"


def unpacked(pdf: bytes) -> bytes:
    """A PDF and whatever is packed in it."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    found = [pdf]
    for stream in streams:
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            found.append(stream)
    return b"\n".join(found)


def test_nothing_that_a_stranger_wrote_is_read_as_the_typesetters_language(database_url: str) -> None:
    hostile = '#read("/etc/passwd") #panic("x") $x$ *bold* \\ "quote" ]'
    receipt = {
        "id": "urn:uuid:1",
        "name": hostile,
        "issuer": {"name": hostile},
        "validFrom": "2026-09-01T12:00:00Z",
        "credentialSubject": {"id": hostile, "endorsementComment": hostile},
        "evidence": [{"name": hostile, "genre": hostile, "description": hostile}],
        "relatedResource": [{"id": hostile, "digestSRI": hostile}],
    }
    printed = paper.receipt_pdf(msgspec.json.encode(receipt), "https://alder.test/receipts/1")
    assert printed.startswith(b"%PDF-"), "a panic would have stopped it"
    assert msgspec.json.encode(receipt) in unpacked(printed)


async def test_a_receipt_that_was_planned_before_a_crash_is_sealed_by_the_next_start(
    parts: Parts, world: World, badge: bytes
) -> None:
    report, materials = await verification.verify_with_materials(
        badge, parts.contexts, NoSources(fetch_nothing, parts.pinned), now=world.clock()
    )
    where, gate = world.organisations["alder"], parts.office.gate
    did = did_of("http://alder.test", "alder")
    document = receipt_document(
        report, materials, receipt_id="planned", issuer=did, issuer_name=where.name, now=world.clock()
    )
    async with parts.database.write() as session:
        await sealing.prepare(
            session,
            gate,
            world.clock(),
            intent_id="planned",
            source=Source(receipts.RECEIPT, "planned"),
            owner=where.id,
            did=did,
            document=document,
            means=gate.means_of(where.id),
        )
    assert await orders.finish_what_waits(parts) == 1
    assert b"did-resolution" in (await world.see(receipts.receipt, "planned")).body
    assert await orders.finish_what_waits(parts) == 0
