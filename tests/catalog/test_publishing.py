"""A version from its first draft to its retirement: written by one, published by another, and then unchanged for good."""

import asyncio
from importlib import import_module
from typing import Any

import msgspec
import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from builders import FRAMEWORK, World, a_specification
from sqlalchemy import Connection, text

from credentials.audit import service as audit
from credentials.catalog import service
from credentials.catalog.case import cf_document, cf_item, cf_package
from credentials.catalog.model import (
    CatalogueEntry,
    Framework,
    OpenDraftExists,
    PublicationRefused,
    Stage,
    Version,
    VersionFrozen,
    WrongStage,
)
from credentials.errors import Conflict, Failure, Forbidden, Malformed, NotFound, Stale
from credentials.evidence import service as evidence
from credentials.evidence.model import NotOpen
from credentials.people.model import RoleNeeded, SlugTaken


async def draft(world: World, slug: str = "feedback", **changed: Any) -> CatalogueEntry:
    """A framework, if there is none yet, and a draft by the developer."""
    act = await world.act("developer")
    alder = world.organisations["alder"].id
    if not await world.see(service.list_frameworks):
        await world.do(service.add_framework, act, alder, FRAMEWORK)
    specification = a_specification(**changed)
    return await world.do(service.draft, act, organisation_id=alder, slug=slug, specification=specification)


async def by(world: World, who: str, work: Any, version: Version, *args: Any, **options: Any) -> Any:
    return await world.do(work, await world.act(who), version.id, *args, **options)


async def stage(world: World, version: Version) -> Stage:
    return (await world.see(service.version, version.id)).stage


async def test_a_version_is_written_looked_at_returned_published_and_retired(world: World) -> None:
    entry = await draft(world, title="")
    version = entry.version
    with pytest.raises(PublicationRefused):
        await by(world, "developer", service.submit_for_review, version)
    version = await by(world, "developer", service.edit, version, a_specification(), revision=version.revision)
    assert (version.revision, version.specification.title) == (2, "Feedback That Moves Work Forward")
    await by(world, "developer", service.submit_for_review, version)
    with pytest.raises(VersionFrozen, match="begin a new version"):
        await by(world, "developer", service.edit, version, a_specification(), revision=3)
    await by(world, "publisher", service.return_to_draft, version, reason="the summary has a typing error")
    await by(world, "developer", service.submit_for_review, version)
    published = await by(world, "publisher", service.publish, version)
    assert (published.stage, published.published_by, published.published_at) == (
        Stage.PUBLISHED,
        world.people["publisher"].id,
        world.clock(),
    )
    retired = await by(world, "developer", service.retire, version, reason="nobody asks for it")
    assert (retired.stage, retired.retired_at) == (Stage.RETIRED, world.clock())
    entries = await world.see(audit.about, f"version:{version.id}")
    assert [(one.action, one.reason) for one in entries] == [
        ("version.drafted", ""),
        ("version.edited", ""),
        ("version.submitted", ""),
        ("version.returned", "the summary has a typing error"),
        ("version.submitted", ""),
        ("version.published", ""),
        ("version.retired", "nobody asks for it"),
    ]
    assert {one.detail["digest"] for one in entries[2:]} == {published.digest}


async def test_whoever_wrote_a_version_does_not_publish_it(world: World) -> None:
    """Four eyes. Whoever edits it last has written it."""
    version = (await draft(world)).version
    await by(world, "publisher", service.edit, version, a_specification(effort_hours=5.0), revision=1)
    await by(world, "developer", service.submit_for_review, version)
    with pytest.raises(Forbidden, match="somebody who did not write"):
        await by(world, "publisher", service.publish, version)
    await by(world, "developer", service.publish, version)
    assert await stage(world, version) is Stage.PUBLISHED


async def test_a_move_that_the_table_does_not_know_changes_nothing(world: World) -> None:
    version = (await draft(world)).version
    with pytest.raises(WrongStage):
        await by(world, "publisher", service.publish, version)
    with pytest.raises(WrongStage):
        await by(world, "publisher", service.retire, version, reason="too early")
    assert await world.see(service.version, version.id) == version
    await by(world, "developer", service.submit_for_review, version)
    published = await by(world, "publisher", service.publish, version)
    for work, more in (
        (service.submit_for_review, {}),
        (service.return_to_draft, {"reason": "too late"}),
        (service.publish, {}),
    ):
        with pytest.raises(WrongStage):
            await by(world, "developer", work, version, **more)
    assert await world.see(service.version, version.id) == published


async def test_what_was_published_stays_as_it_was_and_its_successor_takes_its_place(world: World) -> None:
    """A rubric that changes makes a new version; what was begun on the old one is finished on it."""
    first = await world.publish()
    open_one = await world.submission(first, submit=False)
    second = await world.do(service.new_version, await world.act("developer"), first.micro_credential.id)
    assert (second.version.number, second.version.specification) == (2, first.version.specification)
    with pytest.raises(OpenDraftExists):
        await world.do(service.new_version, await world.act("publisher"), first.micro_credential.id)
    changed = msgspec.structs.replace(second.version.specification, summary="Another summary.")
    await by(world, "developer", service.edit, second.version, changed, revision=1)
    with pytest.raises(VersionFrozen):
        await by(world, "developer", service.edit, first.version, changed, revision=first.version.revision)
    await by(world, "developer", service.submit_for_review, second.version)
    await by(world, "publisher", service.publish, second.version)

    before = await world.see(service.version, first.version.id)
    assert (before.stage, before.specification, before.digest) == (
        Stage.RETIRED,
        first.version.specification,
        first.version.digest,
    )
    retired = (await world.see(audit.about, f"version:{first.version.id}"))[-1]
    assert (retired.action, retired.reason) == ("version.retired", "version 2 takes its place")
    (shown,) = await world.see(service.published)
    assert shown.version.id == second.version.id
    with pytest.raises(NotOpen, match="the current one"):
        await world.do(evidence.start, await world.act("colleague"), first.version.id)
    await world.do(evidence.submit, await world.act("teacher"), open_one.id)
    decided = await world.decide(open_one)
    assert (decided.stage, decided.version_id) == ("earned", first.version.id)


async def test_of_two_who_change_one_version_at_once_one_is_told_to_read_again(world: World) -> None:
    version = (await draft(world)).version

    async def edit(who: str) -> str:
        try:
            await by(world, who, service.edit, version, a_specification(tags=(who,)), revision=1)
        except Stale:
            return "stale"
        return "done"

    assert sorted(await asyncio.gather(edit("developer"), edit("publisher"))) == ["done", "stale"]
    assert (await world.see(service.version, version.id)).revision == 2


async def test_a_version_that_is_published_and_returned_at_once_ends_in_one_way(world: World) -> None:
    """With a predecessor to retire, which takes two rows: whatever comes second is refused, and nobody waits for ever."""
    first = await world.publish()
    second = await world.do(service.new_version, await world.act("developer"), first.micro_credential.id)
    await by(world, "developer", service.submit_for_review, second.version)

    async def do(work: Any, **more: Any) -> str:
        try:
            await by(world, "publisher", work, second.version, **more)
        except Conflict as refused:
            return refused.code
        return "done"

    ends = await asyncio.gather(do(service.publish), do(service.return_to_draft, reason="wait"), do(service.publish))
    assert ends.count("done") == 1
    assert set(ends) <= {"done", "stale", "wrong-stage"}
    stages = {await stage(world, first.version), await stage(world, second.version)}
    assert stages in ({Stage.RETIRED, Stage.PUBLISHED}, {Stage.PUBLISHED, Stage.DRAFT})


async def test_a_draft_is_its_developers_and_what_was_published_is_everybodys(world: World) -> None:
    version = (await draft(world)).version
    for nobody in (None, (await world.act("teacher")).actor):
        with pytest.raises(NotFound):
            await world.see(service.version_for, nobody, version.id)
        with pytest.raises(NotFound):
            await world.see(service.version_for, nobody, "v9")
    developer = (await world.act("developer")).actor
    assert (await world.see(service.version_for, developer, version.id)).version == version
    for work in (service.submit_for_review, service.publish):
        with pytest.raises(NotFound):
            await by(world, "teacher", work, version)
    await by(world, "developer", service.submit_for_review, version)
    await by(world, "publisher", service.publish, version)
    assert (await world.see(service.version_for, None, version.id)).version.stage is Stage.PUBLISHED
    for who, failure in (("assessor", RoleNeeded), ("teacher", NotFound)):
        with pytest.raises(failure):
            await by(world, who, service.retire, version, reason="sabotage")
        with pytest.raises(failure):
            await world.do(service.new_version, await world.act(who), version.micro_credential_id)
    with pytest.raises(NotFound):
        await world.do(
            service.draft,
            await world.act("teacher"),
            organisation_id=world.organisations["alder"].id,
            slug="mine",
            specification=a_specification(),
        )


async def test_what_was_published_before_words_were_kept_is_found_by_them_too(world: World) -> None:
    await world.publish(a_specification(tags=("Équité",)))
    await draft(world, "bare", title="", summary="", key_method=None)
    migration = import_module("credentials.db.migrations.versions.0023_catalogue_words")
    kept = text("SELECT words FROM micro_credential_versions ORDER BY id")

    def as_upgraded(connection: Connection) -> None:
        with Operations.context(MigrationContext.configure(connection)):
            migration.find_words()

    async with world.parts.database.write() as session:
        before = (await session.execute(kept)).scalars().all()
        await session.execute(text("UPDATE micro_credential_versions SET words = ''"))
        await session.run_sync(as_upgraded)
        assert (await session.execute(kept)).scalars().all() == before
    assert len(before) == 2
    assert [entry.micro_credential.slug for entry in await world.see(service.published, words="équité")] == ["feedback"]


async def test_the_public_catalogue_is_found_by_words_and_in_order(world: World) -> None:
    for slug, title in (
        ("feedback", "Feedback That Moves Work Forward"),
        ("inquiry", "Inquiry 100%"),
        ("agency", "Agency_and Voice"),
    ):
        await world.publish(a_specification(title=title), slug=slug)
    told = a_specification(title="Talk", summary="Listening BEFORE telling.", tags=("Équité", "agency"))
    await world.publish(told, slug="talk")
    await draft(world, "unfinished", title="Feedback, unfinished")

    async def found(**asked: Any) -> list[str]:
        return [entry.micro_credential.slug for entry in await world.see(service.published, **asked)]

    assert await found() == ["agency", "feedback", "inquiry", "talk"]
    assert await found(words="before Talk") == await found(words="équité listening") == ["talk"]
    assert await found(words="Agency") == ["agency", "talk"]
    assert await found(words="WORK feedback") == ["feedback"]
    assert await found(words="100%") == ["inquiry"]
    assert await found(words="y_a") == ["agency"], "a sign with a meaning in SQL is a sign"
    assert await found(words="%") == ["inquiry"]
    assert await found(after="agency", limit=1) == ["feedback"]
    assert await found(organisation_id=world.organisations["kestrel-moor"].id) == []
    assert await world.see(service.publishers) == {world.organisations["alder"].id}
    mine = await world.see(service.entries_of, [world.organisations["alder"].id])
    assert {entry.micro_credential.slug for entry in mine} == {"agency", "feedback", "inquiry", "talk", "unfinished"}
    for look in (service.micro_credential, service.micro_credential_by_slug):
        with pytest.raises(NotFound):
            await world.see(look, "nothing")
    with pytest.raises(SlugTaken):
        await draft(world)


async def test_a_draft_with_a_title_that_no_database_takes_is_kept_until_it_is_mended(world: World) -> None:
    entry = await draft(world, title="Feed\0back")
    assert (await world.see(service.version, entry.version.id)).specification.title == "Feed\0back"


async def test_a_framework_is_taken_once_and_does_not_change(world: World) -> None:
    act, alder = await world.act("developer"), world.organisations["alder"].id
    record = await world.do(service.add_framework, act, alder, FRAMEWORK)
    assert await world.see(service.framework, record.id) == record
    assert await world.see(service.list_frameworks) == [record]

    async def refused(changed: Framework, failure: type[Failure], who: str = "developer") -> None:
        with pytest.raises(failure):
            await world.do(service.add_framework, await world.act(who), alder, changed)

    await refused(FRAMEWORK, Conflict)
    await refused(msgspec.structs.replace(FRAMEWORK, identifier="another"), Conflict)
    await refused(msgspec.structs.replace(FRAMEWORK, identifier="an other"), Malformed)
    await refused(msgspec.structs.replace(FRAMEWORK, identifier="another", items=()), NotFound, "teacher")
    await refused(msgspec.structs.replace(FRAMEWORK, identifier="another", items=()), RoleNeeded, "assessor")
    with pytest.raises(NotFound):
        await world.see(service.framework, "nothing")
    (known,) = (await world.see(service.competencies, [FRAMEWORK.items[0].identifier, "c9"])).values()
    assert (known.code, known.framework_title) == ("T1", FRAMEWORK.title)
    assert await world.see(service.list_frameworks) == [record]


async def test_a_framework_reads_as_case_says(world: World) -> None:
    """CASE 1.1: a package of a document, its items, and an association for each item that has a parent."""
    act, alder = await world.act("developer"), world.organisations["alder"].id
    child = msgspec.structs.replace(FRAMEWORK.items[1], parent=FRAMEWORK.items[0].identifier)
    elsewhere = msgspec.structs.replace(FRAMEWORK.items[1], identifier="https://case.example/uri/9")
    whole = msgspec.structs.replace(FRAMEWORK, items=(FRAMEWORK.items[0], child, elsewhere))
    record = await world.do(service.add_framework, act, alder, whole)
    base = "https://alder.test"
    package = cf_package(record, base)
    assert package["CFDocument"] == cf_document(record, base)
    assert [item["uri"] for item in package["CFItems"]] == [
        f"{base}/ims/case/v1p1/CFItems/{FRAMEWORK.items[0].identifier}",
        f"{base}/ims/case/v1p1/CFItems/{child.identifier}",
        "https://case.example/uri/9",
    ]
    assert package["CFItems"][1] == cf_item(record, child.identifier, base)
    (association,) = package["CFAssociations"]
    assert association["associationType"] == "isChildOf"
    assert association["originNodeURI"]["identifier"] == child.identifier
    assert association["destinationNodeURI"]["uri"] == package["CFItems"][0]["uri"]
    with pytest.raises(StopIteration):
        cf_item(record, "nothing", base)


async def test_what_is_shown_of_a_micro_credential_is_its_published_version_or_the_last_one_that_was(
    world: World,
) -> None:
    first = await world.publish()
    of = first.micro_credential.id
    second = await world.do(service.new_version, await world.act("developer"), of)
    assert (await world.see(service.shown_of, [of]))[of].version.id == first.version.id
    await by(world, "developer", service.retire, first.version, reason="out of date")
    assert (await world.see(service.shown_of, [of, "m9"]))[of].version.id == first.version.id
    assert [one.number for one in await world.see(service.versions_of, of)] == [2, 1]
    assert await world.see(service.published_version, of) is None
    assert set(await world.see(service.versions_by_id, [first.version.id, second.version.id, "v9"])) == {
        first.version.id,
        second.version.id,
    }
    stored = await world.see(service.stored_specifications)
    assert [version_id for version_id, _, _ in stored] == [first.version.id], "drafts may change, so nobody checks them"
    async with world.parts.database.read() as session:
        (octets,) = await session.execute(text("SELECT specification FROM micro_credential_versions WHERE number = 1"))
        assert bytes(octets[0]) == stored[0][1]
