"""Tell the story, check what came of it, and serve it."""

import asyncio
import secrets  # noqa: TID251 - the key-encryption key of a demonstration, which is nobody's secret
import shutil
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from credentials import clock, files, fsck
from credentials.awards import service as awards
from credentials.awards.model import Award, AwardKind, AwardState
from credentials.compensation.model.claims import ClaimState
from credentials.compensation.model.ledger import Account
from credentials.compensation.service import claims as pay_claims
from credentials.compensation.service import postings as pay_postings
from credentials.compensation.service import runs as pay_runs
from credentials.db import migrate
from credentials.demo import assessment, offices
from credentials.demo.content import load
from credentials.demo.content.model import Content
from credentials.demo.tour import lead
from credentials.demo.world import PASSWORD, SEED, SPLITS, YEAR_BEGAN, StoryClock, World, build, drawing
from credentials.errors import Conflict
from credentials.figures import service as figures
from credentials.ids import SeededIds
from credentials.issuing import service as issuing
from credentials.licensing import service as licensing
from credentials.licensing.model import Stage
from credentials.openbadges import art, baking
from credentials.pathways import service as pathways
from credentials.pathways.evaluate import evaluate
from credentials.people.model import Role
from credentials.review import service as review
from credentials.review.model import AppealStage, ModerationStage
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.settings import Environment, Settings
from credentials.trust.keystore import KEK_BYTES
from credentials.verification.model import Report, Verdict
from credentials.web import logs
from credentials.web.api.verification import check
from credentials.web.parts import Parts, open_parts
from credentials.web.server import serve
from credentials.web.tour import Tour

MARK = "DEMONSTRATION"
"""A file that says: this folder may be emptied and made anew."""
MIN_BADGES = 200
MIN_TWICE = 200
"""Submissions that two assessors scored, from which on figures of agreement are held to what the story is made for."""


async def run_demo(
    data_dir: Path,
    *,
    port: int,
    once: bool,
    console: Console,
    content: Content | None = None,
    heard: Callable[[World], None] = lambda _: None,
) -> int:
    """Exit status 0 when every step held. Whoever wants to look around is let in first, and the steps are checked then.
    ``content``: another story than the one that is packaged. ``heard`` is given the world when its story is told."""
    began = time.perf_counter()
    _empty(data_dir)
    settings = Settings(
        environment=Environment.DEVELOPMENT,
        base_url=f"http://localhost:{port}",
        data_dir=data_dir,
        keys_dir=data_dir / "keys",
        kek_file=data_dir / "kek",
        mail_from="Alder micro-credentials <no-reply@education.alder.example>",
    )
    story = StoryClock(YEAR_BEGAN)
    content = content or load()
    async with open_parts(settings, now=story, waits_for_disk=False) as parts:  # after a power cut it is told anew
        await migrate.upgrade(parts.database)
        world = World(drawing(parts, SeededIds(SEED)), story, content)
        with _progress(console) as told:
            await build(world, told)
            heard(world)
            story.moment = clock.now()
            await issuing.publish_due_lists(world.parts.office, clock.now())
        if once:
            held = await _check(world, console)
            console.print(_ready(began))
            return 0 if held else 1
    logs.configure(for_people=True)
    async with open_parts(settings) as parts:
        world.parts = replace(parts, tour=await lead(world, PASSWORD))
        _invite(world.parts.tour, settings.base_url, console)
        console.print(_ready(began) + " Meanwhile each step of the story is checked:")
        checking = asyncio.create_task(_check(world, console))
        try:
            await serve(world.parts, host="127.0.0.1", port=port)
        finally:
            checking.cancel()
            (outcome,) = await asyncio.gather(checking, return_exceptions=True)
    return 1 if outcome is False or isinstance(outcome, Exception) else 0


def _ready(began: float) -> str:
    return f"Ready after {time.perf_counter() - began:.1f} seconds."


def _empty(data_dir: Path) -> None:
    """Make the folder anew, but only one that an earlier demonstration left."""
    if data_dir.exists() and any(data_dir.iterdir()):
        if not (data_dir / MARK).is_file():
            raise Conflict(f"{data_dir} is not empty and not a demonstration's: name another folder with --data-dir")
        shutil.rmtree(data_dir)
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    (data_dir / MARK).write_text("Made by `credentials demo`, which empties this folder when it runs again.\n")
    files.write_private(data_dir / "kek", secrets.token_bytes(KEK_BYTES))


class _progress:  # noqa: N801 - a context manager, used like a function
    """A bar for each chapter of the story."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<18}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
        )
        self._chapters: dict[str, int] = {}

    def __enter__(self) -> Callable[[str, int, int], None]:
        self._progress.__enter__()
        return self._told

    def __exit__(self, *_: object) -> None:
        self._progress.__exit__(None, None, None)

    def _told(self, chapter: str, done: int, of: int) -> None:
        if chapter not in self._chapters:
            self._chapters[chapter] = self._progress.add_task(chapter, total=of)
        self._progress.update(self._chapters[chapter], completed=done)  # type: ignore[arg-type]  # it is a TaskID


# What must hold afterwards


async def _check(world: World, console: Console) -> bool:
    """Each step of the story, looked at from outside. Prints a line for each; answers whether all hold."""
    everything = await _all_awards(world)
    badges = [award for award in everything if award.kind is AwardKind.MICRO_CREDENTIAL]
    stacks = [award for award in everything if award.kind is AwardKind.STACK]
    licences = [award for award in everything if award.kind is AwardKind.LICENCE]
    steps: list[tuple[str, Callable[[], Awaitable[str]]]] = [
        ("Badges were issued, each once", lambda: _badges(badges)),
        ("Stacks completed themselves", lambda: _stacks(stacks)),
        ("Every badge verifies, as JSON and as JWT", lambda: _verify_all(world, badges + stacks + licences)),
        ("A baked picture verifies", lambda: _baked(world, badges)),
        ("A changed badge does not", lambda: _tampered(world, badges)),
        ("The revoked and the suspended one do not", lambda: _withdrawn(world, everything)),
        ("Two assessors agree, and drift is caught", lambda: _assessed(world)),
        ("Everybody stands somewhere by every rule", lambda: _stand(world)),
        ("Licences follow from rules and decisions", lambda: _licensed(world, licences)),
        ("Pay is granted by rules, and paid once", lambda: _paid(world)),
        ("Growth is counted, and nobody found in it", lambda: _grown(world)),
        ("The record, the files and the signatures are whole", lambda: _fsck(world)),
    ]
    table = Table(box=None, show_header=False, pad_edge=False)
    held = True
    for title, step in steps:
        try:
            outcome = await step()
            table.add_row("[green]✓[/]", title, outcome)
        except _NotHeld as failed:
            held = False
            table.add_row("[red]✗[/]", title, f"[red]{failed}[/]")
    console.print(table)
    console.print(
        "Submissions: " + ", ".join(f"{count} {ending.replace('_', ' ')}" for ending, count in world.endings.items())
    )
    return held


class _NotHeld(Exception):
    """A step of the story did not hold."""


def _hold(condition: bool, otherwise: str) -> None:
    if not condition:
        raise _NotHeld(otherwise)


async def _all_awards(world: World) -> list[Award]:
    found: list[Award] = []
    organisations = {organisation.id for organisation in world.organisations.values()}
    async with world.parts.database.read() as session:
        while page := await awards.of_organisations(
            session, organisations, after=found[-1].id if found else "", limit=500
        ):
            found += page
    return found


async def _badges(badges: list[Award]) -> str:
    _hold(len(badges) >= MIN_BADGES, f"only {len(badges)} badges")
    _hold(len({award.submission_id for award in badges}) == len(badges), "a submission was awarded twice")
    return f"{len(badges)} badges"


async def _stacks(stacks: list[Award]) -> str:
    _hold(bool(stacks), "no stack was completed")
    return f"{len(stacks)} stacks"


async def _report(world: World, award: Award, format_: Format) -> Report:
    return await _judge(world.parts, await _body(world, award, format_))


async def _body(world: World, award: Award, format_: Format) -> bytes:
    async with world.parts.database.read() as session:
        return (await sealing.sealed_as(session, award.intent_id, format_)).body


async def _judge(parts: Parts, body: bytes) -> Report:
    return await check(parts, body, clock.now())


async def _verify_all(world: World, everything: list[Award]) -> str:
    good = [award for award in everything if award.state is AwardState.ACTIVE]
    for award in good:
        for format_ in Format:
            report = await _report(world, award, format_)
            _hold(report.verdict is Verdict.ACCEPT, f"{award.title} ({format_}): {report.outcome} {report.summary}")
    return f"{len(good)} credentials in two formats"


async def _baked(world: World, badges: list[Award]) -> str:
    award = next(award for award in badges if award.state is AwardState.ACTIVE)
    body = await _body(world, award, Format.DATA_INTEGRITY)
    face = art.Face(id=award.achievement_id, title=award.title, issuer="Alder Department of Education")
    for picture in (art.render_png(face), art.render_svg(face)):
        report = await _judge(world.parts, baking.bake(picture, body))
        _hold(report.verdict is Verdict.ACCEPT, f"{report.outcome}: {report.summary}")
    return "PNG and SVG"


async def _tampered(world: World, badges: list[Award]) -> str:
    award = next(award for award in badges if award.state is AwardState.ACTIVE)
    document = msgspec.json.decode(await _body(world, award, Format.DATA_INTEGRITY))
    document["credentialSubject"]["achievement"]["name"] = "Superintendent"
    report = await _judge(world.parts, msgspec.json.encode(document))
    _hold(report.verdict is Verdict.REJECT, f"{report.outcome}: {report.summary}")
    return report.outcome


async def _withdrawn(world: World, everything: list[Award]) -> str:
    outcomes = set()
    for award in everything:
        if award.state is not AwardState.ACTIVE:
            report = await _report(world, award, Format.DATA_INTEGRITY)
            _hold(
                report.verdict is Verdict.REJECT, f"{award.title} is {award.state}, and the verdict is {report.outcome}"
            )
            outcomes.add(report.outcome)
    _hold(len(outcomes) == 2, f"expected one revoked and one suspended, found {sorted(outcomes)}")
    return ", ".join(sorted(outcomes))


async def _assessed(world: World) -> str:
    """Agreement and drift by the record of decisions; anchors, the case of integrity, the appeals. A short story has too few
    readings to say how well assessors agree."""
    leader = world.act(world.staff(Role.SCORING_LEADER)[0])
    async with world.parts.database.read() as session:
        found = await assessment.figures(session, world.handed_in)
        anchors = len(await review.anchors(session, leader, limit=200))
        sessions = await review.moderations(session, leader)
        compared = await review.common_tasks(session, leader)
        cases = len(await review.cases_to_decide(session, leader, closed=True))
        upheld = await review.appeals_to_decide(session, leader, stage=AppealStage.UPHELD)
        dismissed = await review.appeals_to_decide(session, leader, stage=AppealStage.DISMISSED)
    leaning = {world.people[one.key].id for one in world.content.staff if one.severity > 0}
    _hold(found.settled == SPLITS, f"{found.settled} were settled by a third assessor")
    _hold(cases == 1, f"{cases} cases of integrity")
    _hold([one.stage for one, *_ in sessions] == [ModerationStage.AGREED], f"{len(sessions)} moderation sessions")
    if found.twice >= MIN_TWICE:
        _hold(abs(found.exact - 0.80) < 0.05, f"exact agreement is {found.exact:.3f}")
        _hold(abs(found.quadratic - 0.75) < 0.05, f"quadratic weighted kappa is {found.quadratic:.3f}")
        _hold(found.drifting == leaning, f"the figures catch {len(found.drifting)} assessors")
        _hold(anchors == assessment.ANCHORS, f"there are {anchors} anchors")
        _hold([task.drawn == scored > 0 for task, scored in compared] == [True], f"{len(compared)} districts compared")
        _hold([one.late for one in (*upheld, *dismissed)] == [False, True], "the appeals ended otherwise")
    return (
        f"{found.twice} submissions scored twice: exact {found.exact:.2f}, QWK {found.quadratic:.2f} over {found.pairs} "
        f"pairs; {found.settled} settled by a third, {len(found.drifting)} drifting; {anchors} anchors, {cases} integrity "
        f"case, {len(upheld)} appeal upheld, {len(dismissed)} late; {len(sessions)} moderation session, "
        f"{sum(scored for _, scored in compared)} works scored again by another district"
    )


async def _stand(world: World) -> str:
    """Everybody is judged by every pathway, and the cases of the content come out as they were meant, for the reason."""
    today = clock.now().date()
    people_ = {one.key: world.people[one.key].id for one, _ in offices.dealt(world)}
    async with world.parts.database.read() as session:
        counted = await pathways.counts_of(session, [one.id for one in world.pathways.values()])
        rules = {
            slug: await pathways.rule_of_pathway(session, pathway, today) for slug, pathway in world.pathways.items()
        }
        (office,) = {pathway.organisation_id for pathway in world.pathways.values()}
        records = await pathways.records_of(session, list(people_.values()), office, today)
        waived = {
            one.key: (await pathways.standing_of(session, world.pathways[case.pathway], people_[one.key], today))[1]
            for one, case in offices.dealt(world)
            if case.waived
        }
    verdicts: Counter[str] = Counter()
    codes: set[str] = set()
    for slug, pathway in world.pathways.items():
        standing = counted.get(pathway.id, {})
        judged = sum(standing.values())
        _hold(judged >= len(people_), f"{slug}: only {judged} of {len(people_)} are judged")
        verdicts.update(standing)
    for one, case in offices.dealt(world):
        if case.pathway:
            found = waived.get(one.key) or evaluate(rules[case.pathway], records[people_[one.key]], today)
            told = {reason.code.value for reason in found.reasons}
            _hold(found.verdict.value == case.verdict, f"{case.name}: {found.verdict}, not {case.verdict}")
            _hold(not case.code or case.code in told, f"{case.name}: {sorted(told)} without {case.code}")
            codes |= told
    said = ", ".join(f"{count} {verdict.replace('_', ' ')}" for verdict, count in verdicts.most_common())
    return f"{len(people_)} people by {len(world.pathways)} rules: {said}; {len(codes)} reasons seen"


async def _licensed(world: World, licences: list[Award]) -> str:
    """Whatever was approved was issued, once, and nothing else."""
    async with world.parts.database.read() as session:
        stages = await licensing.count_stages(session, [world.organisations["alder"].id])
    approved = stages.get(Stage.APPROVED, 0)
    _hold(len(licences) == approved > 0, f"{approved} applications were approved, {len(licences)} licences issued")
    return f"{len(licences)} licences issued; applications: " + ", ".join(
        f"{count} {stage}" for stage, count in stages.items()
    )


async def _paid(world: World) -> str:
    """The ledgers of three districts, and the exported run of one."""
    given: Counter[Account] = Counter()
    claims: Counter[ClaimState] = Counter()
    async with world.parts.database.read() as session:
        for plan in world.content.pay:
            district, act = world.organisations[plan.organisation].id, world.act(plan.drafts)
            for state in ClaimState:
                claims[state] += len(await pay_claims.claims_in(session, act, district, state, limit=500))
            for posting in await pay_postings.ledger(session, act, district, None, limit=500):
                for entry in posting.entries:
                    given[entry.account] += entry.amount
        _hold(world.paid is not None, "nothing was paid")
        clerk = world.act(world.staff(Role.PAYROLL_CLERK)[0])
        _, run, export = await pay_runs.run_of(session, clerk, world.paid.id if world.paid else "")
    _hold(claims[ClaimState.APPROVED] > 0 and claims[ClaimState.REFUSED] > 0, f"claims are {dict(claims)}")
    paid = given[Account.PAID]
    _hold(export is not None and paid > 0, f"{_dollars(paid)} was paid")
    _hold(run.total_cents == paid, f"the run pays {_dollars(run.total_cents)}, the ledger {_dollars(paid)}")
    return (
        f"{claims[ClaimState.APPROVED]} claims granted, {claims[ClaimState.REFUSED]} refused; raises of "
        f"{_dollars(given[Account.SALARY_BASE])} a year, stipends of {_dollars(given[Account.STIPEND])} and "
        f"{_dollars(given[Account.CARRIED])} carried, {given[Account.CREDITS] / 100:g} credits; "
        f"{_dollars(run.total_cents)} paid in {run.period}"
    )


async def _grown(world: World) -> str:
    """What the state published: a count of everybody, with small numbers hidden."""
    async with world.parts.database.read() as session:
        found = await figures.growth_of(session, world.organisations["alder"].id, clock.now().date())
    _hold(found.tables is not None and bool(found.goals), "no figures were published")
    return f"{len(found.goals)} goal; counted on {found.counted_on}"


def _dollars(cents: int) -> str:
    return f"${cents / 100:,.2f}"


async def _fsck(world: World) -> str:
    parts = world.parts
    found = [
        f"{finding.where}: {finding.detail}"
        async for finding in fsck.findings(
            parts.database, parts.blobs, parts.office.gate.keystore, parts.contexts, lambda _what, _count: None
        )
    ]
    _hold(not found, "; ".join(found[:3]))
    return "fsck found nothing"


# For whoever wants to look around


def _invite(tour: Tour | None, base_url: str, console: Console) -> None:
    console.print()
    console.print(f"[bold]Open {base_url}[/]  (stop with Ctrl-C)")
    for guest in tour.guests if tour else ():
        what = f"{guest.role[:1].lower()}{guest.role[1:]}: {'; '.join(door.text for door in guest.doors)}"
        console.print(
            f"  [bold]{guest.address}[/]  {what}", soft_wrap=True
        )  # an address is copied: never cut nor wrapped
    console.print(
        f"Everybody's password is [bold]{PASSWORD}[/]; {base_url} signs you in as any of them with one click."
    )
    console.print(f"Anybody can verify a badge at {base_url}/verify without signing in; mail is in the folder mail/.")
