"""The demonstration tells its whole story, checks each step, and says so when one does not hold; and every credential that it
issued, of both kinds and in both formats, is good by other people's measures."""

import asyncio
import hashlib
import io
import json
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest
from badges import SafeMode
from builders import served
from rich.console import Console
from sqlalchemy import update

from credentials.awards.model import Award, AwardKind
from credentials.demo import run
from credentials.demo.content import load
from credentials.demo.tour import lead
from credentials.demo.world import PASSWORD, SEED, YEAR_BEGAN, World
from credentials.errors import Conflict
from credentials.fetch import fetch_nothing
from credentials.files import packaged_contexts
from credentials.ids import SeededIds, SystemIds, new_id
from credentials.issuing.rules import digest_multibase
from credentials.jsonld.canonize import canonize
from credentials.jsonld.second_opinion import SecondOpinion
from credentials.openbadges.lint import lint_issued
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.sealing.tables import sealed
from credentials.settings import Environment, Settings
from credentials.status import service as status
from credentials.trust import service as trust
from credentials.trust.keystore import LocalKeyStore
from credentials.trust.rules import did_of
from credentials.web.parts import Parts, open_parts

PORT = 8123


class Told(NamedTuple):
    folder: Path
    status: int
    text: str
    world: World


def a_console(out: io.StringIO) -> Console:
    return Console(file=out, width=200, force_terminal=False)


def a_browser(parts: Parts) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(served(parts)), base_url=parts.settings.base_url)


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The story of nine educators instead of sixty, in a moment."""
    whole, out = load(), io.StringIO()
    cases = len(whole.cases.colleagues)
    content = msgspec.structs.replace(whole, educators=whole.educators[:9], colleagues=whole.colleagues[:cases])
    folder = tmp_path_factory.mktemp("demo") / "data"
    worlds: list[World] = []
    telling = run.run_demo(folder, port=PORT, once=True, console=a_console(out), content=content, heard=worlds.append)
    return Told(folder, asyncio.run(telling), out.getvalue(), *worlds)


@pytest.fixture
async def parts(told: Told) -> AsyncIterator[Parts]:
    settings = Settings(
        environment=Environment.DEVELOPMENT,
        base_url=f"http://localhost:{PORT}",
        data_dir=told.folder,
        keys_dir=told.folder / "keys",
        kek_file=told.folder / "kek",
    )
    async with open_parts(settings, fetch=fetch_nothing, waits_for_disk=False) as opened:
        yield opened


@pytest.fixture
async def world(told: Told, parts: Parts) -> World:
    """The world that was told, with its database and its folder open again."""
    return replace(told.world, parts=parts)


def test_a_story_of_which_one_step_does_not_hold_says_which_and_ends_with_a_failure(told: Told) -> None:
    """A shorter story has fewer badges than the demonstration promises; everything else of it holds."""
    lines = told.text.splitlines()
    failed = [line for line in lines if line.startswith("✗")]
    assert told.status == 1
    assert len(failed) == 1
    assert "only" in failed[0]
    assert "badges" in failed[0]
    assert len([line for line in lines if line.startswith("✓")]) == 11


def test_what_is_drawn_by_chance_is_drawn_alike_each_time_but_no_key_is(told: Told) -> None:
    """So that what hangs on chance (who is asked to read, what is looked at again) is the same in every telling."""
    parts = told.world.parts
    assert told.world.organisations["alder"].id == new_id(SeededIds(SEED), YEAR_BEGAN)
    for gate in (parts.office.gate, parts.bureau.gate):
        assert gate.ids is parts.ids
    assert isinstance(parts.office.gate.keystore, LocalKeyStore)
    assert isinstance(parts.office.gate.keystore._ids, SystemIds)


async def test_a_signature_that_was_changed_is_found_by_the_steps_that_look_at_it(world: World) -> None:
    parts, out = world.parts, io.StringIO()
    award = next(one for one in await run._all_awards(world) if one.state == "active")
    where = (sealed.c.intent_id == award.intent_id, sealed.c.format == Format.JWT)
    async with parts.database.read() as session:
        body = (await sealing.sealed_as(session, award.intent_id, Format.JWT)).body
    for changed in (body[:-4] + b"AAAA", body):
        async with parts.database.write() as session:
            await session.execute(update(sealed).where(*where).values(body=changed))
        held = await run._check(world, a_console(out))
        assert not held, "there are too few badges in any case"
    first, second = (part for part in out.getvalue().split("Submissions:")[:2])
    assert {line.split("  ")[1] for line in first.splitlines() if line.startswith("✗")} == {
        "Badges were issued, each once",
        "Every badge verifies, as JSON and as JWT",
        "The record, the files and the signatures are whole",
    }
    assert second.count("✗") == 1


async def test_a_stranger_looks_around_with_one_click(world: World) -> None:
    """The home page signs in as everybody of the tour, and each of its ways leads somewhere; another service has no tour."""
    leading = replace(world.parts, tour=await lead(world, PASSWORD))
    tour = leading.tour
    assert tour is not None
    assert {"A teacher", "An assessor", "A district officer", "A licensing officer"} < {one.role for one in tour.guests}
    async with a_browser(leading) as stranger:
        home = (await stranger.get("/")).text
        assert len(tour.sights) == 4
        for sight in tour.sights:
            assert f'href="{sight.path}"' in home
            assert (await stranger.get(sight.path)).status_code == 200
    for guest in tour.guests:
        async with a_browser(leading) as looking:
            assert f'name="email" value="{guest.address}"' in home
            for door in guest.doors[:1]:
                assert f'name="next" value="{door.path}"' in home
                filled = {"email": guest.address, "password": tour.password, "next": door.path}
                answer = await looking.post("/sign-in", data=filled, follow_redirects=False)
                assert answer.headers["Location"] == door.path
            for door in guest.doors:
                assert (await looking.get(door.path, follow_redirects=True)).status_code == 200, door
    async with a_browser(world.parts) as elsewhere:
        assert PASSWORD not in (await elsewhere.get("/")).text


@pytest.mark.long
def test_the_whole_demonstration_runs_as_a_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "credentials", "demo", "--once", "--data-dir", str(tmp_path / "demo")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("✓") == 12
    assert "✗" not in done.stdout
    again = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert again.returncode == 0, "it makes its own folder anew"


def test_a_folder_of_somebody_else_is_not_emptied(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(Conflict, match="another folder"):
        asyncio.run(run.run_demo(tmp_path, port=PORT, once=True, console=a_console(io.StringIO())))
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


# By other people's measures


async def everything(world: World) -> list[tuple[Award, Format, bytes]]:
    found = []
    for award in await run._all_awards(world):
        async with world.parts.database.read() as session:
            found += [(award, one.format, one.body) for one in await sealing.sealed_of(session, award.intent_id)]
    return found


async def test_every_credential_of_the_story_validates_strictly_and_loses_no_term_in_safe_mode(
    world: World, strict_schema: Callable[[dict[str, Any]], list[str]], safe_mode: SafeMode
) -> None:
    issued = [
        (award, json.loads(body)) for award, format_, body in await everything(world) if format_ == "data-integrity"
    ]
    kinds = [award.kind for award, _ in issued]
    assert kinds.count(AwardKind.MICRO_CREDENTIAL) >= 20
    assert kinds.count(AwardKind.STACK) >= 2
    for award, document in issued:
        assert strict_schema(document) == [], (award.title, award.kind)
        assert safe_mode.objections(document) == [], (award.title, award.kind)
        lint_issued({name: value for name, value in document.items() if name != "proof"})


async def test_every_document_of_the_story_takes_the_compiled_path(world: World) -> None:
    """Badges, stacks, and whatever else our keys have signed: PyLD has no part in it, and says the same of one of each kind."""
    second = SecondOpinion(packaged_contexts())
    shares: Counter[str] = Counter()
    seen: set[str] = set()
    async with world.parts.database.read() as session:
        async for intent, document in sealing.all_sealed(session):
            credential = json.loads(intent.document)
            canonical = canonize(credential, world.parts.contexts)
            kind = f"{intent.source_kind}, {document.format}"
            shares[kind] += 1
            if kind not in seen:
                seen.add(kind)
                assert canonical == second.canonize(credential), kind
    assert sum(shares.values()) >= 40, "else the story has too little in it to say anything"
    assert {kind.rpartition(", ")[2] for kind in shares} == set(Format)


async def test_both_formats_of_badges_and_stacks_verify_with_libraries_of_others(world: World, node: Any) -> None:
    """Digital Bazaar's for the proof, safe mode and status; npm's jose for the token. No network: every document is handed to
    them. What a stack rests on is among what they verified, octet for octet."""
    issued = await everything(world)
    parts = world.parts
    documents = {address: json.loads(body) for address, body in packaged_contexts().items()}
    keys: dict[str, Any] = {}
    async with parts.database.read() as session:
        for organisation in world.organisations.values():
            did = did_of(parts.settings.base_url, organisation.slug)
            held = await trust.keys_of_did(session, did)
            if not held:
                continue
            documents[did] = document = await trust.document(session, did)
            for method in document["verificationMethod"]:
                documents[method["id"]] = {"@context": "https://w3id.org/security/multikey/v1", **method}
            keys |= {key["kid"]: key for key in (await trust.key_set(session, did))["keys"]}
        for found in await status.all_lists(session):
            made = await status.get_published(session, found.id)
            assert made is not None
            documents[f"{parts.settings.base_url}/status/{found.id}"] = json.loads(made.body)
    proofs = [(award, json.loads(body)) for award, format_, body in issued if format_ == "data-integrity"]
    tasks = [{"do": "verify", "suite": "eddsa-rdfc-2022", "credential": document} for _, document in proofs]
    for (award, _), result in zip(
        proofs, node("digitalbazaar.mjs", {"documents": documents, "tasks": tasks}), strict=True
    ):
        expected = {"revocation": award.state == "revoked", "suspension": award.state == "suspended"}
        assert result == {"verified": True, "statuses": expected}, (award.title, award.kind, result)
    _assert_that_stacks_rest_on_what_was_verified([one for one in issued if one[1] == "data-integrity"])
    tokens = [body.decode() for _, format_, body in issued if format_ == "jwt"]
    asked = [{"do": "verify", "alg": "ES256", "jwk": keys[_head(token)["kid"]], "token": token} for token in tokens]
    assert len(tokens) == len(proofs)
    for (award, _), result in zip(proofs, node("jose.mjs", asked), strict=True):
        assert json.loads(result["payload"])["jti"] == award.credential_id


def _assert_that_stacks_rest_on_what_was_verified(verified: list[tuple[Award, Format, bytes]]) -> None:
    """Each member of a stack by its credential and the digest of the document; one that was corrected since has another."""
    digests = {award.credential_id: digest_multibase(hashlib.sha256(body).digest()) for award, _, body in verified}
    corrected = {award.credential_id for award, _, _ in verified if award.corrections}
    stacks = [json.loads(body) for award, _, body in verified if award.kind is AwardKind.STACK]
    rested_on = [
        (one["id"], one["digestMultibase"])
        for stack in stacks
        for one in stack["relatedResource"]
        if one["id"].startswith("urn:uuid:")
    ]
    assert len(rested_on) >= 3 * len(stacks) >= 6
    for member, digest in rested_on:
        assert member in corrected or digests[member] == digest


def _head(token: str) -> Any:
    from credentials.proofs.multibase import base64url_decode

    return json.loads(base64url_decode(token.partition(".")[0].encode()))
