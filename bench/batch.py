"""A batch of 10,000 badges of our own, each another one, by the worker of a running service: ``make bench-batch``.

    python bench/batch.py [--items 10000]

From the file as it is sent to the last result kept (SQLite, synchronous=FULL), in seconds of the clock and of the processor,
beside the least that any verifier does in the same run: OpenSSL's check of as many Ed25519 signatures (``cryptography``), in a
loop over octets that are hashed already. Nothing is fetched: keys and lists are our own.

2026-11-28, on two cores that eight others used (load 7): 10.2 s of CPU, 32 s of the clock; 0.11 of the raw loop's rate.
"""

import argparse
import hashlib
import json
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import msgspec
import uvloop
from cryptography.hazmat.primitives.asymmetric import ed25519
from ours import canonical

# isort: split
from http_verify import settings  # it puts the tests' world beside

# isort: split
from builders import CHEAP, TestClock, World

from credentials import clock
from credentials.awards import service as awards
from credentials.db import migrate
from credentials.fetch import fetch_nothing
from credentials.ids import random_uuid
from credentials.issuing import service as issuing
from credentials.proofs import data_integrity
from credentials.proofs.model import KeyType
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.trust import service as trust
from credentials.verification import batches
from credentials.verification.model import NOTHING_MORE
from credentials.web import batches as worker
from credentials.web.parts import Parts, open_parts

GOAL = 30.0
"""Seconds for 10,000 (issue 4)."""


async def made(parts: Parts, count: int) -> list[bytes]:
    """One badge by the whole path of the service, and as many like it: each with ids and a place in the list of its own, signed
    with the same key."""
    world = await World(parts, TestClock(clock.now() - timedelta(days=1))).found()
    submission = await world.submission(await world.publish())
    await world.decide(submission)
    await world.redeem()
    await issuing.publish_due_lists(parts.office, clock.now())
    award = await world.see(awards.by_submission, submission.id)
    document = msgspec.json.decode((await world.see(sealing.sealed_as, award.intent_id, Format.DATA_INTEGRITY)).body)
    del document["proof"]
    owner, did = world.organisations["alder"].id, document["issuer"]["id"]
    gate = parts.office.gate
    async with parts.database.write() as session:
        key = await trust.active_key(
            session, gate.keystore, gate.ids, clock.now(), owner=owner, did=did, key_type=KeyType.ED25519
        )
    signer = trust.signer(gate.keystore, key)
    found = []
    for number in range(count):
        statuses = [{**one, "statusListIndex": str(number + 1_000)} for one in document["credentialStatus"]]
        for one in statuses:
            one.pop("id", None)
        subject = {**document["credentialSubject"], "id": f"urn:uuid:{random_uuid(parts.ids)}"}
        badge = {
            **document,
            "id": f"urn:uuid:{random_uuid(parts.ids)}",
            "credentialSubject": subject,
            "credentialStatus": statuses,
        }
        options = data_integrity.proof_options("eddsa-rdfc-2022", signer.verification_method, document["validFrom"])
        added = data_integrity.add_proof(badge, options, KeyType.ED25519, canonical)
        signature = await signer.sign(added.unsigned.to_sign)
        found.append(msgspec.json.encode(data_integrity.with_signature(added, signature)))
    return found


def raw(count: int) -> float:
    """CPU seconds of as many checks of a signature over 64 octets."""
    private = ed25519.Ed25519PrivateKey.generate()
    messages = [hashlib.sha512(str(number).encode()).digest() for number in range(500)]
    signed = [(private.sign(message), message) for message in messages]
    public = private.public_key()
    begun = time.process_time()
    for number in range(count):
        public.verify(*signed[number % len(signed)])
    return time.process_time() - begun


async def run(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        options = {"now": clock.now, "fetch": fetch_nothing, "password_cost": CHEAP}
        async with open_parts(settings(Path(folder), 8_000), **options) as parts:
            await migrate.upgrade(parts.database)
            sent = b"\n".join(await made(parts, count))
            before = raw(count)
            wall, cpu = time.perf_counter(), time.process_time()
            async with parts.database.write() as session:
                batch = await batches.add(
                    session, parts.ids, clock.now(), "bench", batches.items_of(sent), NOTHING_MORE
                )
            await worker.work_all(parts)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            alone = (before + raw(count)) / 2
            async with parts.database.read() as session:
                found = Counter(
                    json.loads(line)["outcome"]
                    for _, line in await batches.results(session, batch.id, after=0, limit=count)
                )
    if found != {"accept": count}:
        raise SystemExit(f"not all were accepted: {found}")
    print(f"{count:,} badges of our own, {len(sent) / count / 1000:.1f} KB each")
    print(f"  the whole batch          {wall:8.2f} s of the clock   {cpu:8.2f} s of CPU   {count / cpu:8.0f} a second")
    print(f"  their signatures alone   {'':>8}                  {alone:8.2f} s of CPU   {count / alone:8.0f} a second")
    print(f"  ratio to the raw loop    {alone / cpu:8.3f}   goal: {GOAL * count / 10_000:.0f} s of the clock")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=10_000)
    uvloop.run(run(parser.parse_args().items))


if __name__ == "__main__":
    main()
