"""The operator's door: ``credentials …``."""

import hashlib
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
import msgspec
import uvloop
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from credentials import __version__, clock, files, fsck, schema, settings
from credentials.audit import service as audit
from credentials.db import Database, migrate
from credentials.errors import Failure, Malformed
from credentials.fetch import Fetch, HttpsFetch, fetch_nothing
from credentials.ids import SystemIds
from credentials.issuing import service as issuing
from credentials.jsonld.contexts import Contexts
from credentials.jsonld.second_opinion import SecondOpinion
from credentials.outbox import service as outbox
from credentials.pathways import record as pathway_record
from credentials.pathways import rule as pathway_rule
from credentials.pathways import service as pathways
from credentials.pathways.model import Change, DocumentRefused
from credentials.pathways.nearest import explain
from credentials.pathways.record import Known
from credentials.pathways.verdict import Evaluation, Requirement, State
from credentials.pathways.wording import shown
from credentials.people import service as people
from credentials.people.model import Act, Actor, Grant, Organisation, OrganisationKind, Role
from credentials.people.rules import check_password
from credentials.receipts import paper
from credentials.receipts import service as receipts
from credentials.status import service as status
from credentials.trust import service as trust
from credentials.trust.model import GENERAL, TrustedIssuer, Use
from credentials.trust.registry import Line, check_line, read_day, read_uses
from credentials.verification import batches
from credentials.verification import service as verification
from credentials.verification.model import Outcome, Policy, Report, Verdict
from credentials.web import bulk, logs, receipting, registry, rosters
from credentials.web.asking import policy_of, read_asking
from credentials.web.parts import Parts, open_parts
from credentials.web.server import Tls
from credentials.web.server import serve as serve_parts
from credentials.web.sources import NoSources, OwnSources

assert schema.ROOMS  # importing it is what registers the tables

Read = TypeVar("Read")

NO, WRONG = 1, 2
"""Exit status: the answer is no (not verified, something found); the command could not be carried out."""


class Surroundings(msgspec.Struct, frozen=True):
    """What time it is and what other machines say, for whoever calls a command as a function."""

    now: Callable[[], datetime] = clock.now
    fetch: Fetch | None = None


out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def run(work: Coroutine[Any, Any, int | None]) -> NoReturn:
    """Carry out a command; a failure is a sentence on standard error and exit status 2."""
    try:
        status = uvloop.run(work)
    except Failure as failure:
        err.print(f"[bold red]{failure.code}[/]: {escape(failure.detail)}", soft_wrap=True)
        for fault in failure.faults:
            err.print(f"  {fault.pointer or '-'}: {fault.detail}", markup=False, soft_wrap=True)
        sys.exit(WRONG)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(status or 0)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="credentials")
def main() -> None:
    """Educator micro-credentials: evidence, rubric scoring, signed Open Badges, verification.

    Settings are read from the environment: see `credentials config`.
    """


data_dir_option = click.option(
    "--data-dir", type=click.Path(path_type=Path, file_okay=False), help="Instead of CREDENTIALS_DATA_DIR."
)


def operator(now: datetime) -> Act:
    """What the operator does on the command line is recorded as theirs."""
    return Act(Actor(person_id="operator", name="the operator"), now, SystemIds())


def operator_in(where: Organisation, now: datetime) -> Act:
    """The same, in an organisation of which the operator may do what its administrators may."""
    grant = Grant(
        id="operator",
        person_id="operator",
        organisation_id=where.id,
        role=Role.ADMINISTRATOR,
        from_=now,
        granted_by="operator",
    )
    return Act(Actor(person_id="operator", name="the operator", grants=(grant,)), now, SystemIds())


@asynccontextmanager
async def opened(data_dir: Path | None = None) -> AsyncIterator[Parts]:
    """The parts of the service that the settings name, checked."""
    found = settings.from_environment(data_dir=data_dir)
    settings.check(found)
    async with open_parts(found) as parts:
        yield parts


# Running


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option(
    "--tls-cert", type=click.Path(path_type=Path), help="Serve https: the certificate and those up to its root, in PEM."
)
@click.option("--tls-key", type=click.Path(path_type=Path), help="Serve https: the key of the certificate, in PEM.")
@data_dir_option
def serve(host: str, port: int, tls_cert: Path | None, tls_key: Path | None, data_dir: Path | None) -> None:
    """Serve the site and the API, over https with --tls-cert and --tls-key, else over http for a proxy in front."""

    async def work() -> None:
        if (tls_cert is None) is not (tls_key is None):
            raise settings.SettingsRefused("give --tls-cert and --tls-key together")
        tls = Tls(tls_cert, tls_key) if tls_cert and tls_key else None
        async with opened(data_dir) as parts:
            logs.configure(for_people=sys.stderr.isatty())
            if sys.stderr.isatty():
                err.print(f"Serving [bold]{parts.settings.base_url}[/] on {host}:{port}. Stop with Ctrl-C.")
            await serve_parts(parts, host=host, port=port, tls=tls)

    run(work())


@main.command()
@click.option("--once", is_flag=True, help="Build the world, check every step, print a summary, and stop.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to serve on.")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/demo"),
    show_default=True,
    help="Where the demonstration lives. It is made anew each time.",
)
def demo(once: bool, port: int, data_dir: Path) -> None:
    """Build the state of Alder, award its badges, and serve the site."""
    from credentials.demo.run import run_demo  # slow to import, and only needed here

    run(run_demo(data_dir, port=port, once=once, console=out))


@main.command()
def config() -> None:
    """Print every setting with its effective value and what it is for."""

    async def work() -> int:
        found = settings.from_environment()
        for variable, value, meaning in settings.described(found):
            out.print(f"[bold]{variable}[/]={escape(value)}", soft_wrap=True)
            out.print(f"    {meaning}", markup=False, soft_wrap=True)
        try:
            settings.check(found)
        except settings.SettingsRefused as refused:
            err.print(f"[bold yellow]A service would not start:[/] {escape(refused.detail)}")
            return NO
        return 0

    run(work())


# The database


@main.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
@data_dir_option
def db_upgrade(data_dir: Path | None) -> None:
    """Bring the database to the shape that this program needs."""

    async def work() -> None:
        async with database_only(data_dir) as database:
            await migrate.upgrade(database)
            out.print(f"The database is at revision {await migrate.current(database)}.")

    run(work())


@db.command("check")
@data_dir_option
def db_check(data_dir: Path | None) -> None:
    """Say whether the database has the shape that this program needs."""

    async def work() -> int:
        async with database_only(data_dir) as database:
            await migrate.check_current(database)
            differences = await migrate.differences(database)
            for difference in differences:
                err.print(difference, markup=False)
            if not differences:
                out.print(f"The database is at revision {await migrate.current(database)}, as it must be.")
            return NO if differences else 0

    run(work())


@asynccontextmanager
async def database_only(data_dir: Path | None) -> AsyncIterator[Database]:
    found = settings.from_environment(data_dir=data_dir)
    found.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(found.database)
    try:
        yield database
    finally:
        await database.close()


@main.command("fsck")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each finding.")
@click.option("--second-opinion", is_flag=True, help="Have every signed document canonicalised by PyLD too. Slow.")
@data_dir_option
def check_everything(as_json: bool, second_opinion: bool, data_dir: Path | None) -> None:
    """Check the audit chain, the files, the status lists and every stored signature.

    Exit status 1 when something is lost, changed or forged.
    """

    async def work() -> int:
        async with opened(data_dir) as parts:
            severe = count = 0
            with err.status("looking …") as spinner:

                def progress(what: str, number: int) -> None:
                    spinner.update(f"{what} {number or ''}")

                pinned = files.all_contexts(parts.settings.contexts_dir)
                second = SecondOpinion(pinned) if second_opinion else None
                async for finding in fsck.findings(
                    parts.database, parts.blobs, parts.office.gate.keystore, parts.contexts, progress, second
                ):
                    count += 1
                    severe += finding.severe
                    if as_json:
                        print(msgspec.json.encode(finding).decode())
                    else:
                        colour = "red" if finding.severe else "yellow"
                        out.print(f"[{colour}]{escape(finding.where)}[/]: {escape(finding.detail)}")
            if not as_json:
                out.print(
                    "Everything is as it was left." if count == 0 else f"{count} findings, {severe} of them severe."
                )
            return NO if severe else 0

    run(work())


# People


@main.group()
def admin() -> None:
    """Organisations and their first administrators."""


@admin.command("create")
@click.option("--organisation", required=True, help="Name of the organisation at the top of its tree.")
@click.option(
    "--slug", required=True, help="Its short name, which stands in its DID for good: small letters, digits, hyphens."
)
@click.option(
    "--kind",
    type=click.Choice([OrganisationKind.STATE_AGENCY, OrganisationKind.DISTRICT, OrganisationKind.PROVIDER]),
    default=OrganisationKind.STATE_AGENCY,
    show_default=True,
)
@click.option("--email", required=True, help="E-mail address of the administrator.")
@click.option("--name", required=True, help="Name of the administrator.")
@click.option(
    "--password-file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Instead of being asked."
)
@data_dir_option
def admin_create(
    organisation: str,
    slug: str,
    kind: OrganisationKind,
    email: str,
    name: str,
    password_file: Path | None,
    data_dir: Path | None,
) -> None:
    """Found an organisation with its first administrator, who invites everybody else."""
    password = (
        password_file.read_text().rstrip("\n")
        if password_file
        else click.prompt("Password", hide_input=True, confirmation_prompt=True)
    )

    async def work() -> None:
        async with opened(data_dir) as parts:
            await migrate.check_current(parts.database)
            check_password(password, about=(name, organisation, email.partition("@")[0]))
            phc = await parts.hasher.hash(password)
            async with parts.database.write() as session:
                founded, person = await people.make_first_administrator(
                    session,
                    operator(parts.now()),
                    kind=OrganisationKind(kind),
                    slug=slug,
                    organisation_name=organisation,
                    address=email,
                    name=name,
                    phc=phc,
                )
            out.print(
                f"{founded.name} is founded; {person.name} can sign in at {parts.settings.base_url}/sign-in",
                markup=False,
            )

    run(work())


# Pathways


@main.group()
def pathway() -> None:
    """Rules that say what credentials add up to."""


@pathway.command("evaluate")
@click.argument("rule_path", metavar="RULE.json", type=click.Path(path_type=Path))
@click.argument("record_path", metavar="RECORD.json", type=click.Path(path_type=Path))
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Judge as of this date, not today.")
@click.option(
    "--known",
    type=click.Choice([str(known) for known in Known]),
    default=str(Known.THEN),
    show_default=True,
    help="Judge a past date with what was known then, or with what is known now.",
)
@click.option("--json", "as_json", is_flag=True, help="The whole answer as JSON.")
def pathway_evaluate(rule_path: Path, record_path: Path, as_of: datetime | None, known: str, as_json: bool) -> None:
    """Judge a record by a rule, both of them files.

    Exit status 0 whatever the verdict is, 2 when the rule or the record cannot be read: then the place is named.
    """

    async def work() -> None:
        rule = _document(rule_path, pathway_rule.decode)
        record = _document(record_path, pathway_record.decode)
        today = clock.now().date() if as_of is None else as_of.date()
        found = explain(rule, record, today, known=Known(known))
        if as_json:
            print(msgspec.json.encode(found).decode())
        else:
            show_evaluation(found)

    run(work())


@pathway.command("judge")
@click.argument("slug")
@data_dir_option
def pathway_judge(slug: str, data_dir: Path | None) -> None:
    """Judge every educator of a pathway's organisation and keep where they stand. Afterwards changes follow by themselves."""

    async def work() -> None:
        async with opened(data_dir) as parts:
            async with parts.database.read() as session:
                found = await pathways.pathway_by_slug(session, slug)
                total = await people.count_educators(session, found.organisation_id, parts.now())
            count = 0
            with Progress(console=err, transient=True) as progress:
                task = progress.add_task(f"judging {found.title}", total=total)
                async for count in pathways.judge_everybody(parts.database, found, parts.now()):
                    progress.update(task, completed=count)
            async with parts.database.read() as session:
                counts = await pathways.count_standings(session, found.id)
            out.print(f"{count} educators were judged by {found.title}.", markup=False)
            for verdict, number in sorted(counts.items()):
                out.print(f"  {verdict}: {number}")

    run(work())


@pathway.command("what-if")
@click.argument("version")
@click.option("--json", "as_json", is_flag=True, help="Everybody who gains or loses, as JSON.")
@data_dir_option
def pathway_what_if(version: str, as_json: bool, data_dir: Path | None) -> None:
    """Try a version of a pathway (its id) on everybody: who would gain by it and who would lose."""

    async def work() -> None:
        async with opened(data_dir) as parts:
            now = parts.now()
            async with parts.database.read() as session:
                draft = await pathways.version(session, version)
                found = await pathways.pathway(session, draft.pathway_id)
                total = await people.count_educators(session, found.organisation_id, now)
            gains: list[Change] = []
            loses: list[Change] = []
            judged, after = 0, ""
            with Progress(console=err, transient=True) as progress:
                task = progress.add_task(f"trying version {draft.number} of {found.title}", total=total)
                while True:
                    async with parts.database.read() as session:
                        batch = await pathways.what_if(session, found, draft, now.date(), now, after=after)
                    judged += batch.judged
                    gains += batch.gains
                    loses += batch.loses
                    progress.update(task, completed=judged)
                    if batch.last is None:
                        break
                    after = batch.last
            if as_json:
                print(msgspec.json.encode({"judged": judged, "gains": gains, "loses": loses}).decode())
            else:
                out.print(f"Of {judged} educators {len(gains)} would gain and {len(loses)} would lose.")

    run(work())


def _document(path: Path, decode: Callable[[bytes], Read]) -> Read:
    try:
        return decode(read_file(path))
    except DocumentRefused as mistake:
        raise DocumentRefused(f"{path}: {mistake.detail}", faults=mistake.faults) from None


def show_evaluation(found: Evaluation) -> None:
    style = "bold green" if found.verdict.good else "bold yellow"
    out.print(Text.assemble((found.verdict.upper().replace("_", " "), style), f"  as of {found.as_of.isoformat()}"))
    show_requirement(found.requirement, 1)
    if found.reasons:
        out.print("\nReasons", style="bold")
    for reason in found.reasons:
        out.print(Text.assemble("  ", reason.text, (f"  {reason.code}", "dim")))
    if found.nearest:
        out.print("\nNearest ways", style="bold")
    for way in found.nearest:
        out.print(f"  {way.text}", markup=False)


STATE_MARKS = {
    State.MET: ("green", "✓"),
    State.WAIVED: ("green", "✓ waived:"),
    State.NOT_MET: ("yellow", "·"),
    State.NOT_APPLICABLE: ("dim", "- does not apply:"),
    State.UNDECIDED: ("red", "? undecided:"),
    State.UNKNOWN: ("yellow", "? unknown:"),
}


def show_requirement(found: Requirement, depth: int) -> None:
    colour, mark = STATE_MARKS[found.state]
    label = "" if found.requirement.startswith("#") else f"{found.requirement}: "
    so_far = (
        f" ({shown(found.have)} of {shown(found.need)})" if found.have is not None and found.need is not None else ""
    )
    out.print(Text.assemble("  " * depth, (mark, colour), f" {label}{found.words}{so_far}"))
    if found.text:
        out.print(Text.assemble("  " * (depth + 1), (f"“{found.text}” {found.source}", "dim")))
    for one in found.counted:
        category = f" toward {one.category}" if one.category else ""
        out.print(f"{'  ' * (depth + 1)}{one.item}: {shown(one.units)}{category}", markup=False)
    for rate in found.rates:
        cap = "" if rate.cap is None else f", at most {shown(rate.cap)}"
        words = f"{rate.area}: {shown(rate.offered)} offered, {shown(rate.counted)} counted{cap}"
        out.print(f"{'  ' * (depth + 1)}{words}", markup=False)
    for total in (*found.categories, *((found.areas,) if found.areas else ())):
        words = f"{total.category}: {shown(total.have)} of {shown(total.need)}"
        out.print(f"{'  ' * (depth + 1)}{words}", markup=False)
    for child in found.children:
        show_requirement(child, depth + 1)


# Verification


@main.command()
@click.argument("paths", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
@click.option("--link", "links", multiple=True, metavar="ADDRESS", help="What is at this address.")
@click.option("--json", "as_json", is_flag=True, help="The whole report of each file as a line of JSON.")
@click.option(
    "--csv", "csv_file", type=click.Path(path_type=Path, dir_okay=False), help="Write a table of all results."
)
@click.option(
    "--jsonl",
    "jsonl_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write each result as a line of JSON.",
)
@click.option("--offline", is_flag=True, help="Ask no other machine.")
@click.option("--as-of", default="", metavar="DAY", help="Was it good then? A day, or a moment with its zone.")
@click.option("--organisation", default="", metavar="SLUG", help="By the registry of this organisation of ours.")
@click.option("--use", default="", help="Is its issuer accepted for this? licence, pay or display.")
@click.option("--recipient", default="", help="Is it about this person? A name, an e-mail address or an id.")
@click.option("--domain", default="", help="Whom the holder of a presentation was asked to sign it for.")
@click.option("--challenge", default="", help="What the holder was asked to sign with it.")
@click.option("--holder", default="", metavar="ID", help="Who should have signed it.")
@click.option(
    "--receipt",
    "receipt_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a receipt, signed in the name of --organisation; as a PDF where the name ends in .pdf.",
)
@data_dir_option
@click.pass_context
def verify(
    context: click.Context,
    paths: tuple[Path, ...],
    links: tuple[str, ...],
    as_json: bool,
    csv_file: Path | None,
    jsonl_file: Path | None,
    offline: bool,
    as_of: str,
    organisation: str,
    use: str,
    recipient: str,
    domain: str,
    challenge: str,
    holder: str,
    receipt_file: Path | None,
    data_dir: Path | None,
) -> None:
    """Verify credentials, presentations and learner records: JSON, JWT, a baked PNG or SVG, or a picture of a QR code; `-`
    reads standard input.

    A folder is verified with all that is in it, and a ZIP, a table of links (.csv) or a file of lines (.jsonl, .ndjson) item
    by item; one that cannot be read harms no other.

    What this machine's service issued, and did:key issuers, need no network. Exit status 0 when every one is accepted (also
    from an issuer that is not recognised here), 1 when one is not or could not be checked.

    A day means its end in UTC.
    """

    if not paths and not links:
        raise click.UsageError("name a file, or an address with --link")
    around = context.find_object(Surroundings) or Surroundings()
    if receipt_file is not None:
        if len(paths) + len(links) != 1 or not organisation or domain or challenge or holder or offline:
            raise click.UsageError("a receipt is of one file or --link, by an --organisation, and not --offline")
        told = {"use": use, "as_of": as_of, "recipient": recipient}
        name = links[0] if links else str(paths[0])
        presented = name.encode() if links else presented_in(paths[0])
        write = partial(write_receipt, receipt_file)
        run(make_receipt(name, presented, organisation, told, around, data_dir, write, as_json=as_json))

    async def work() -> int:
        found = settings.from_environment(data_dir=data_dir)
        pinned = files.all_contexts(found.contexts_dir)
        contexts = Contexts(pinned)
        door = around.fetch or HttpsFetch(f"educator-credentials/{__version__}", ports=map(int, found.fetch_ports))
        fetch = door if found.fetch and not offline else fetch_nothing
        database = Database(found.database) if found.database_url or _has_data(found) else None
        try:
            asking = await read_asking(
                database,
                around.now(),
                organisation=organisation,
                use=use,
                as_of=as_of,
                recipient=recipient,
                domain=domain,
                challenge=challenge,
                holder=holder,
            )
            sources = (
                OwnSources(database, found.base_url, fetch, pinned, asking.view)
                if database
                else NoSources(fetch, pinned)
            )
            policy = policy_of(found)
            good, memory = True, verification.Memory()

            async def verified(presented: bytes | str) -> Report:
                options: dict[str, Any] = {
                    "now": around.now(),
                    "policy": policy,
                    "memory": memory,
                    "question": asking.question,
                }
                if isinstance(presented, str):
                    return await verification.verify_link(presented, contexts, sources, **options)
                return await verification.verify(presented, contexts, sources, **options)

            if csv_file or jsonl_file or any(map(bulk.is_of_many, paths)):
                if links:
                    raise Malformed("addresses beside many files go into a table: write them into a .csv file")
                return await verify_many(paths, verified, fetch, policy, csv_file, jsonl_file, as_json=as_json)
            for number, name in enumerate((*map(str, paths), *links)):
                if number < len(paths):
                    report = await verified(presented_in(paths[number]))
                else:
                    report = await verified(name)
                good &= report.verdict in GOOD
                if as_json:
                    print(msgspec.json.encode(report).decode())
                else:
                    show_report(name, report)
            return 0 if good else NO
        finally:
            if database:
                await database.close()

    run(work())


async def make_receipt(
    name: str,
    octets: bytes,
    organisation: str,
    told: dict[str, str],
    around: Surroundings,
    data_dir: Path | None,
    write: Callable[[bytes, str], None],
    *,
    as_json: bool,
) -> int:
    """Verify one credential and write a receipt of it, for somebody's file."""
    found = settings.from_environment(data_dir=data_dir)
    settings.check(found)
    async with open_parts(found, now=around.now, fetch=around.fetch) as parts:
        async with parts.database.read() as session:
            where = await people.organisation_by_slug(session, organisation)
        made = await receipting.make_for(parts, operator_in(where, parts.now()), where, octets, **told)
        async with parts.database.read() as session:
            signed = (await receipts.receipt(session, made.id)).body
    write(signed, made.address)
    if as_json:
        print(msgspec.json.encode(made.report).decode())
    else:
        show_report(name, made.report)
        out.print(f"  receipt: {made.address}", markup=False, soft_wrap=True)
    return 0 if made.report.verdict in GOOD else NO


def write_receipt(path: Path, signed: bytes, address: str) -> None:
    path.write_bytes(paper.receipt_pdf(signed, address) if path.suffix.lower() == ".pdf" else signed)


GOOD = frozenset({Verdict.ACCEPT, Verdict.ACCEPT_UNTRUSTED})


async def verify_many(
    paths: tuple[Path, ...],
    verified: batches.Verify,
    fetch: Fetch,
    policy: Policy,
    csv_file: Path | None,
    jsonl_file: Path | None,
    *,
    as_json: bool,
) -> int:
    """Each item with a result of its own, written as it comes, under a bar that says how far it is."""
    counts: Counter[Verdict] = Counter()
    with ExitStack() as stack:
        table = stack.enter_context(csv_file.open("w", encoding="utf-8", newline="")) if csv_file else None
        lines = stack.enter_context(jsonl_file.open("w", encoding="utf-8")) if jsonl_file else None
        bar = stack.enter_context(
            Progress(TextColumn("verified"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=err)
        )
        task = bar.add_task("")
        if table:
            table.write(batches.table_of([]))
        for number, (item, known) in enumerate(bulk.entries_of(paths), start=1):
            result = await bulk.result_of(number, item, verified, fetch, policy)
            counts[result.report.verdict if result.report else Verdict.INDETERMINATE] += 1
            line = msgspec.json.encode(result).decode()
            if table:
                table.write(batches.table_of([batches.row_of(result)], header=False))
            if lines:
                lines.write(line + "\n")
            if as_json:
                print(line)
            bar.update(task, completed=number, total=known)
    if not as_json:
        for verdict, (style, word) in VERDICTS.items():
            if counts[verdict]:
                out.print(Text.assemble((f"{counts[verdict]:>6}  ", "bold"), (word, style)))
    return 0 if counts and GOOD.issuperset(counts) else NO


def _has_data(found: settings.Settings) -> bool:
    return Path(found.database.removeprefix("sqlite:///")).is_file()


def read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise settings.SettingsRefused(f"{path} cannot be read: {error.strerror}") from error


def presented_in(path: Path) -> bytes:
    """A file, or standard input for ``-``."""
    return sys.stdin.buffer.read() if str(path) == "-" else read_file(path)


VERDICTS = {
    Verdict.ACCEPT: ("bold green", "VERIFIED"),
    Verdict.ACCEPT_UNTRUSTED: ("bold yellow", "SIGNATURE GOOD, ISSUER NOT RECOGNISED"),
    Verdict.REJECT: ("bold red", "NOT VERIFIED"),
    Verdict.INDETERMINATE: ("bold yellow", "COULD NOT BE CHECKED"),
}
MARKS = {Outcome.PASSED: ("green", "✓"), Outcome.FAILED: ("red", "✗"), Outcome.UNKNOWN: ("yellow", "?")}


def show_report(path: str, report: Report) -> None:
    style, word = VERDICTS[report.verdict]
    out.print(Text.assemble((word, style), "  ", (path, "bold"), f"  {report.code}"))
    out.print(f"  {report.summary}", markup=False)
    if report.achievement:
        out.print(f"  {report.achievement}", markup=False)
    if report.issuer:
        name = f"{report.issuer.name} ({report.issuer.id})" if report.issuer.recognised else report.issuer.id
        out.print(f"  issued by {name}", markup=False)
    for check in report.checks:
        colour, mark = MARKS[check.outcome]
        out.print(Text.assemble("    ", (mark, colour), f" {check.name}: {check.detail}", (f"  {check.code}", "dim")))
    for number, member in enumerate(report.members, start=1):
        show_report(f"{path}: {number}", member)


# Orders, keys, trust


@main.group(invoke_without_command=True)
@click.pass_context
@data_dir_option
def orders(context: click.Context, data_dir: Path | None) -> None:
    """Work that failed too often and waits for a person."""
    if context.invoked_subcommand:
        return

    async def work() -> None:
        async with opened(data_dir) as parts, parts.database.read() as session:
            found = await outbox.set_aside(session)
            waiting = await outbox.waiting(session)
        table = Table("id", "kind", "attempts", "what went wrong", box=None)
        for order in found:
            table.add_row(order.id, order.kind, str(order.attempts), order.last_error)
        if found:
            out.print(table)
        out.print(f"{len(found)} set aside, {waiting} waiting for their turn.")

    run(work())


@orders.command("retry")
@click.argument("order_id")
@data_dir_option
def orders_retry(order_id: str, data_dir: Path | None) -> None:
    """Give an order that was set aside a new start."""

    async def work() -> int:
        async with opened(data_dir) as parts, parts.database.write() as session:
            done = await outbox.retry(session, order_id, parts.now())
        out.print("It is tried again." if done else "There is no such order set aside.")
        return 0 if done else NO

    run(work())


@main.command("roster")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--organisation", required=True, metavar="SLUG", help="Whose educators they are.")
@click.option("--preview", is_flag=True, help="Say what taking the file would do, and do nothing.")
@data_dir_option
def roster_command(path: Path, organisation: str, preview: bool, data_dir: Path | None) -> None:
    """Take a list of educators (CSV with the columns email, first_name, last_name) and invite who is not here yet."""

    async def work() -> None:
        async with opened(data_dir) as parts:
            async with parts.database.read() as session:
                where = await people.organisation_by_slug(session, organisation)
            act = operator_in(where, parts.now())
            done = await rosters.take(parts, act, where.id, read_file(path), preview=preview)
        out.print(
            f"{len(done.invite)} {'would be' if preview else 'are'} invited, {len(done.invited)} have an open invitation, "
            f"{len(done.here)} are here already."
        )

    run(work())


@main.group()
def keys() -> None:
    """The signing keys of our organisations."""


@keys.command("list")
@data_dir_option
def keys_list(data_dir: Path | None) -> None:
    """List all keys with their history."""

    async def work() -> None:
        async with opened(data_dir) as parts, parts.database.read() as session:
            found = await trust.all_keys(session)
        for key in found:
            out.print(
                f"{key.id}  {key.state:<11}  {key.created_at:%Y-%m-%d}  {key.key_type:<7}  {key.did}",
                markup=False,
                soft_wrap=True,
            )

    run(work())


@keys.command("rotate")
@click.argument("key_id")
@data_dir_option
def keys_rotate(key_id: str, data_dir: Path | None) -> None:
    """Retire a key and make its successor now, where keys are kept today. What it signed stays good."""

    async def work() -> None:
        async with opened(data_dir) as parts, parts.database.write() as session:
            made = await trust.rotate(session, parts.office.gate.keystore, parts.ids, key_id, parts.now())
            act = operator(parts.now())
            await audit.record(session, act.entry("key.rotated", f"key:{key_id}", successor=made.id))
        out.print(f"{key_id} is retired; {made.id} signs from now on.")

    run(work())


@keys.command("retire")
@click.argument("key_id")
@data_dir_option
def keys_retire(key_id: str, data_dir: Path | None) -> None:
    """Sign with a key no more: the next signature makes a new one. What it signed stays good."""

    async def work() -> None:
        async with opened(data_dir) as parts, parts.database.write() as session:
            await trust.retire(session, key_id, parts.now())
            await audit.record(session, operator(parts.now()).entry("key.retired", f"key:{key_id}"))
        out.print(f"{key_id} is retired.")

    run(work())


@keys.command("compromise")
@click.argument("key_id")
@click.option(
    "--since", required=True, type=click.DateTime(), help="From when on somebody else may have signed with it (UTC)."
)
@data_dir_option
def keys_compromise(key_id: str, since: datetime, data_dir: Path | None) -> None:
    """Believe nothing that a key signed from a date on. What our log shows to be from before stays good."""

    async def work() -> None:
        async with opened(data_dir) as parts:
            now = parts.now()
            if since.replace(tzinfo=UTC) > now:
                raise Malformed("a key was compromised in the past, or is from now on: name no later moment")
            async with parts.database.write() as session:
                key = await trust.compromise(session, key_id, since.replace(tzinfo=UTC))
                await status.sign_anew(session, key.did, now)
                entry = operator(now).entry("key.compromised", f"key:{key_id}", since=since.isoformat())
                await audit.record(session, entry)
            await issuing.publish_due_lists(parts.office, now)
        out.print(f"{key_id} is not believed from {since:%Y-%m-%d %H:%M} on. Issue what it signed since then anew.")

    run(work())


@main.group("contexts")
def contexts_group() -> None:
    """The JSON-LD contexts that are accepted here."""


@contexts_group.command("list")
def contexts_list() -> None:
    """List the addresses of all contexts that are accepted, with the digests of their files."""

    async def work() -> None:
        for address, content in sorted(files.all_contexts(settings.from_environment().contexts_dir).items()):
            out.print(f"{hashlib.sha256(content).hexdigest()}  {address}", markup=False, soft_wrap=True)

    run(work())


@contexts_group.command("pin")
@click.argument("url")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Instead of CREDENTIALS_CONTEXTS_DIR. It is made if it is not there.",
)
def contexts_pin(url: str, file: Path, folder: Path | None) -> None:
    """Accept FILE as the context at URL: copy it into the folder and write its digest into lock.json.

    Read it first: it says what the words of credentials mean. Nothing is ever fetched.
    """

    async def work() -> None:
        to = folder or settings.from_environment().contexts_dir
        if to is None:
            raise settings.SettingsRefused("say where: set CREDENTIALS_CONTEXTS_DIR, or give --folder")
        out.print(f"{files.pin_context(to, url, file)}  {url}", markup=False, soft_wrap=True)

    run(work())


@main.group("trust")
def trust_group() -> None:
    """The registry of issuers that are recognised here, besides our own organisations."""


organisation_option = click.option(
    "--organisation", default="", metavar="SLUG", help="In the registry of this organisation, not in the operator's."
)


@trust_group.command("list")
@organisation_option
@data_dir_option
def trust_list(organisation: str, data_dir: Path | None) -> None:
    """List recognised issuers."""

    async def work() -> None:
        async with opened(data_dir) as parts, parts.database.read() as session:
            if not organisation:
                for issuer in await trust.trusted_issuers(session):
                    out.print(f"{issuer.id}  {issuer.name}", markup=False, soft_wrap=True)
                return
            where = await people.organisation_by_slug(session, organisation)
            lines = await trust.registry_of(session, where.id, limit=trust.MAX_REGISTRY)
        for line in lines:
            uses = ", ".join(sorted(line.uses)) or "not accepted"
            since = f"{line.from_:%Y-%m-%d}" if line.from_ else "…"
            until = f"{line.until:%Y-%m-%d}" if line.until else "…"
            out.print(f"{line.issuer}  {line.name}  {uses}  {since} – {until}", markup=False, soft_wrap=True)

    run(work())


@trust_group.command("add")
@click.argument("issuer_id")
@click.option("--name", required=True, help="The name by which verifiers here see it: yours to give.")
@organisation_option
@click.option(
    "--use",
    "uses",
    multiple=True,
    type=click.Choice([*(use.value for use in Use), "none"]),
    help="For what; with an organisation.",
)
@click.option("--type", "types", multiple=True, help="Only achievements of this type; with an organisation.")
@click.option("--achievement", "achievements", multiple=True, help="Only this achievement; with an organisation.")
@click.option("--condition", default="", help="A sentence for whoever acts on it; with an organisation.")
@click.option("--from", "from_", default="", metavar="DAY", help="With an organisation.")
@click.option("--until", default="", metavar="DAY", help="The last day; with an organisation.")
@data_dir_option
def trust_add(
    issuer_id: str,
    name: str,
    organisation: str,
    uses: tuple[str, ...],
    types: tuple[str, ...],
    achievements: tuple[str, ...],
    condition: str,
    from_: str,
    until: str,
    data_dir: Path | None,
) -> None:
    """Recognise an issuer by its id, a DID or the URL of its profile."""

    async def work() -> None:
        line = check_line(
            Line(
                issuer=issuer_id,
                name=name,
                uses=read_uses(uses) if uses else GENERAL,
                achievement_types=types,
                achievements=achievements,
                condition=condition,
                from_=read_day(from_, "from"),
                until=read_day(until, "until", end=True),
            )
        )
        async with opened(data_dir) as parts, parts.database.write() as session:
            act = operator(parts.now())
            if organisation:
                where = await people.organisation_by_slug(session, organisation)
                made = await trust.recognise(session, act.ids, act.now, where.id, line)
                entry = act.entry(
                    "recognition.entered", f"recognition:{made.id}", organisation=where.id, issuer=line.issuer
                )
            else:
                if uses or types or achievements or condition:
                    raise Malformed("the operator's registry knows no limits: name an --organisation")
                issuer = TrustedIssuer(id=line.issuer, name=line.name, from_=line.from_, until=line.until)
                await trust.trust_issuer(session, issuer)
                entry = act.entry("issuer.trusted", "issuer", id=issuer_id)
            await audit.record(session, entry)
        out.print(f"{name} is recognised.", markup=False)

    run(work())


@trust_group.command("remove")
@click.argument("issuer_id")
@organisation_option
@data_dir_option
def trust_remove(issuer_id: str, organisation: str, data_dir: Path | None) -> None:
    """Recognise an issuer no longer. In an organisation's registry its lines end; what began before stays recognised."""

    async def work() -> int:
        async with opened(data_dir) as parts, parts.database.write() as session:
            act = operator(parts.now())
            if organisation:
                where = await people.organisation_by_slug(session, organisation)
                done = await trust.end_issuer(session, where.id, issuer_id, act.now) > 0
                subject = f"organisation:{where.id}"
                entry = act.entry("recognition.ended", subject, organisation=where.id, issuer=issuer_id)
            else:
                done = await trust.distrust_issuer(session, issuer_id)
                entry = act.entry("issuer.distrusted", "issuer", id=issuer_id)
            await audit.record(session, entry)
        out.print("It is recognised no longer." if done else "It was not recognised.")
        return 0 if done else NO

    run(work())


@trust_group.command("import")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--organisation", required=True, metavar="SLUG", help="Into whose registry.")
@data_dir_option
def trust_import(path: Path, organisation: str, data_dir: Path | None) -> None:
    """Take a list of issuers: a CSV file, or a signed list of somebody whom the organisation lets name issuers."""

    async def work() -> None:
        async with opened(data_dir) as parts:
            async with parts.database.read() as session:
                where = await people.organisation_by_slug(session, organisation)
            taken = await registry.take_into(parts, operator(parts.now()), where, read_file(path))
        out.print(f"{taken.added} lines are new, {taken.unchanged} were there already, {taken.ended} have ended.")

    run(work())
