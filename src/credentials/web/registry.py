"""Who may keep the registry of an organisation, and lists of issuers as they come in: what API, pages and command line do
alike."""

from credentials.audit import service as audit
from credentials.db import Session
from credentials.errors import Fault
from credentials.people import service as people
from credentials.people.model import Act, Organisation, Role
from credentials.people.rules import require
from credentials.trust import registry
from credentials.trust import service as trust
from credentials.trust.model import Recognition, RecognitionRefused, Taken, Use
from credentials.trust.registry import Line
from credentials.verification import service as verification
from credentials.verification.model import Question, Verdict
from credentials.web.parts import Parts
from credentials.web.sources import OwnSources, view_of

READERS = (Role.ADMINISTRATOR, Role.LICENSING_OFFICER, Role.PAYROLL_CLERK, Role.DISTRICT_OFFICER)
"""Who acts on verdicts, and so may see what they rest on."""


async def readable(session: Session, act: Act, organisation_id: str) -> Organisation:
    """An organisation whose registry the actor may read; to others it looks like none."""
    return await people.organisation_for(session, act.actor, organisation_id, *READERS)


async def kept_by(session: Session, act: Act, organisation_id: str) -> Organisation:
    """An organisation whose registry the actor may change."""
    found = await readable(session, act, organisation_id)
    require(act.actor, found.lineage, Role.ADMINISTRATOR)
    return found


async def recognise(session: Session, act: Act, organisation_id: str, line: Line) -> Recognition:
    where = await kept_by(session, act, organisation_id)
    made = await trust.recognise(session, act.ids, act.now, where.id, line)
    await _record(session, act, "recognition.entered", where, made)
    return made


async def change(
    session: Session, act: Act, organisation_id: str, recognition_id: str, line: Line, *, revision: int
) -> Recognition:
    where = await kept_by(session, act, organisation_id)
    changed = await trust.change_recognition(session, where.id, recognition_id, line, revision=revision)
    await _record(session, act, "recognition.changed", where, changed)
    return changed


async def end(session: Session, act: Act, organisation_id: str, recognition_id: str, *, reason: str) -> Recognition:
    where = await kept_by(session, act, organisation_id)
    ended = await trust.end_recognition(session, where.id, recognition_id, act.now)
    await _record(session, act, "recognition.ended", where, ended, reason=reason)
    return ended


async def _record(
    session: Session, act: Act, action: str, where: Organisation, line: Recognition, *, reason: str = ""
) -> None:
    uses = " ".join(sorted(line.uses)) or "none"
    entry = act.entry(
        action, f"recognition:{line.id}", organisation=where.id, reason=reason, issuer=line.issuer, uses=uses
    )
    await audit.record(session, entry)


async def take(parts: Parts, act: Act, organisation_id: str, octets: bytes) -> Taken:
    """Take a list into an organisation's registry: a CSV file, or a signed list of somebody who may name issuers.

    What it is, is seen from its bytes. All of it is taken or nothing: raises ``RecognitionRefused`` with every fault.
    """
    async with parts.database.read() as session:
        where = await kept_by(session, act, organisation_id)
    return await take_into(parts, act, where, octets)


async def take_into(parts: Parts, act: Act, where: Organisation, octets: bytes) -> Taken:
    """The same, for somebody who was found to be allowed."""
    if octets.lstrip()[:1] == b"{" or octets.lstrip().startswith(b"eyJ"):
        return await _take_signed(parts, act, where, octets)
    lines = registry.read_csv(octets)
    async with parts.database.write() as session:
        taken = await trust.take_lines(session, act.ids, act.now, where.id, lines)
        await _record_list(session, act, where, taken, source="csv")
    return taken


async def _take_signed(parts: Parts, act: Act, where: Organisation, octets: bytes) -> Taken:
    """Only once it was verified as anything else is, and its signer is one whom the organisation lets name issuers."""
    async with parts.database.read() as session:
        view = await view_of(session, where.slug)
    sources = OwnSources(parts.database, parts.settings.base_url, parts.fetch, parts.pinned, view)
    report = await verification.verify(
        octets, parts.contexts, sources, now=act.now, memory=parts.memory, question=Question(use=Use.LIST)
    )
    if report.verdict is not Verdict.ACCEPT or report.credential is None:
        faults = tuple(Fault(check.detail, check.pointer, check.code) for check in report.checks if check.code)
        hint = (
            "enter its signer in the registry with the use “list” first"
            if report.code in {"issuer-not-trusted", "use-not-accepted", "did-resolution"}
            else "get it anew from its signer"
        )
        raise RecognitionRefused(f"the list is not taken. {report.summary} If it is good, {hint}.", faults=faults)
    source = report.credential.get("id")
    if not isinstance(source, str) or report.valid_from is None or report.credential.get("type") not in _PLAIN:
        raise RecognitionRefused("this is no list of issuers: it needs an id, a validFrom, and no further type")
    lines = registry.read_list(report.credential)
    async with parts.database.write() as session:
        taken = await trust.take_list(
            session, act.ids, act.now, where.id, lines, source=source, listed_at=report.valid_from
        )
        await _record_list(session, act, where, taken, source=source)
    return taken


_PLAIN = ("VerifiableCredential", ["VerifiableCredential"])
"""The type of a list. A badge about somebody with a profile is none, whoever issued it."""


async def _record_list(session: Session, act: Act, where: Organisation, taken: Taken, *, source: str) -> None:
    entry = act.entry(
        "recognitions.taken",
        f"organisation:{where.id}",
        organisation=where.id,
        source=source[:500],
        added=str(taken.added),
        ended=str(taken.ended),
    )
    await audit.record(session, entry)
