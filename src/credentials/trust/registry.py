"""Lists of recognised issuers as they are handed from one office to another: a CSV file, or a signed list. Pure.

A signed list is a verifiable credential whose subjects are the profiles of the issuers (Open Badges 3.0, "Profile"): ``id``,
``name``, perhaps ``image``. What it says of them besides stands in ``otherIdentifier``, in extended types as the standard
allows them: ``ext:use``, ``ext:achievementType``, ``ext:achievement``, ``ext:condition``, ``ext:from``, ``ext:until``. So any
verifier can check it, and no vocabulary of ours is needed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from credentials.errors import Fault, Malformed
from credentials.openbadges.terms import format_date_time, one_or_many, parse_date, parse_date_time
from credentials.proofs.model import JsonObject
from credentials.spreadsheets import read_table
from credentials.trust.model import Recognition, RecognitionRefused, Use

MAX_OCTETS = 1 << 20
"""Of a list: as many as a credential may have."""
MAX_LINES = 2_000
"""Lines of a list. A state recognises dozens of issuers."""
MAX_LOGO = 64 << 10
"""Characters of a logo: it is sent with every answer."""
MAX_KINDS = 50
"""Achievements, or types of them, in one line."""

COLUMNS = ("issuer", "name", "uses", "achievement_types", "achievements", "condition", "from", "until", "logo")
REQUIRED = ("issuer", "name", "uses")

_ISSUER = re.compile(r"(?:did:[a-z0-9]+:[A-Za-z0-9._:%-]+|https://[^\s\x00-\x20\x7f<>\"{}|\\^`]+)")
_KIND = re.compile(r"[A-Za-z]+|ext:[a-zA-Z0-9./_-]+")
_ABSOLUTE = re.compile(r"(?:https?://|urn:|did:)[^\s\x00-\x20\x7f<>\"{}|\\^`]+")
_LOGO = re.compile(r"data:image/png;base64,[A-Za-z0-9+/]+={0,2}")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What a list says of one issuer."""

    issuer: str
    name: str
    uses: frozenset[Use] = frozenset()
    achievement_types: tuple[str, ...] = ()
    achievements: tuple[str, ...] = ()
    condition: str = ""
    from_: datetime | None = None
    until: datetime | None = None
    logo: str = ""


def check_line(line: Line) -> Line:
    """The line, trimmed. Raises ``RecognitionRefused`` with every fault, each at the name of its column."""
    trimmed = msgspec.structs.replace(
        line, issuer=line.issuer.strip(), name=line.name.strip(), condition=line.condition.strip()
    )
    faults = [Fault(detail, column, "invalid") for column, detail in _faults(trimmed)]
    if faults:
        raise RecognitionRefused("; ".join(fault.detail for fault in faults), faults=tuple(faults))
    return trimmed


def _faults(line: Line) -> Iterator[tuple[str, str]]:
    if len(line.issuer) > 2_000 or not _ISSUER.fullmatch(line.issuer):
        yield (
            "issuer",
            "give the issuer's id as its credentials have it: a DID, or an address that begins with https://",
        )
    if not line.name or len(line.name) > 200 or not line.name.isprintable():
        yield "name", "give the name by which your office knows the issuer: one line of at most 200 characters"
    if len(line.achievement_types) > MAX_KINDS or not all(_KIND.fullmatch(kind) for kind in line.achievement_types):
        yield (
            "achievement_types",
            f"give at most {MAX_KINDS} types as Open Badges names them (MicroCredential, Certificate, ext:…)",
        )
    if len(line.achievements) > MAX_KINDS or not all(
        len(one) <= 2_000 and _ABSOLUTE.fullmatch(one) for one in line.achievements
    ):
        yield "achievements", f"give at most {MAX_KINDS} ids of achievements, each a whole address or URN"
    if len(line.condition) > 500 or any(ord(letter) < 32 for letter in line.condition):
        yield "condition", "a condition is one line of at most 500 characters"
    if line.from_ is not None and line.until is not None and line.until <= line.from_:
        yield "until", "the end comes before the beginning"
    if line.logo and (len(line.logo) > MAX_LOGO or not _LOGO.fullmatch(line.logo)):
        yield "logo", f"a logo is a PNG as a data address (data:image/png;base64,…) of at most {MAX_LOGO >> 10} KiB"


def differs(line: Line, kept: Recognition) -> bool:
    """Whether a line says something else than what is kept."""
    return any(getattr(line, name) != getattr(kept, name) for name in Line.__struct_fields__)


# CSV


def read_csv(octets: bytes) -> tuple[Line, ...]:
    """The lines of a CSV file with a row of column names. Several values in a cell are parted by ``;``; a date without a
    time is the whole day in UTC. Raises ``RecognitionRefused`` with a fault for every cell at fault: it is
    all taken or none of it."""
    lines = read_table(
        octets,
        columns=COLUMNS,
        required=REQUIRED,
        max_octets=MAX_OCTETS,
        max_lines=MAX_LINES,
        line_of=_line_of_cells,
        refused=RecognitionRefused,
    )
    return tuple(line for _, line in lines)


def _line_of_cells(cell: dict[str, str]) -> Line:
    return check_line(
        Line(
            issuer=cell.get("issuer", ""),
            name=cell.get("name", ""),
            uses=read_uses(_several(cell.get("uses", ""))),
            achievement_types=_several(cell.get("achievement_types", "")),
            achievements=_several(cell.get("achievements", "")),
            condition=cell.get("condition", ""),
            from_=read_day(cell.get("from", ""), "from"),
            until=read_day(cell.get("until", ""), "until", end=True),
            logo=cell.get("logo", ""),
        )
    )


def _several(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))


def read_uses(words: Iterable[str]) -> frozenset[Use]:
    """``none`` alone is the word for an issuer that is not accepted."""
    given = [word.lower() for word in words]
    known = {use.value for use in Use}
    if given == ["none"]:
        return frozenset()
    if not given or not known.issuperset(given):
        fault = Fault(f"give one or more of {', '.join(sorted(known))}, or none", "uses", "invalid")
        raise RecognitionRefused(fault.detail, faults=(fault,))
    return frozenset(Use(word) for word in given)


def read_day(text: str, column: str, *, end: bool = False) -> datetime | None:
    """A moment with its zone, or a day: its beginning in UTC, or with ``end`` the beginning of the day after it."""
    if not text:
        return None
    try:
        if "T" in text:
            return parse_date_time(text)
        day = parse_date(text)
        return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1 if end else 0)
    except (Malformed, ValueError, OverflowError):
        fault = Fault("write a day as 2027-06-30, or a moment with its zone", column, "invalid")
        raise RecognitionRefused(fault.detail, faults=(fault,)) from None


# Signed lists

_USE, _KIND_OF, _ACHIEVEMENT = "ext:use", "ext:achievementType", "ext:achievement"
_CONDITION, _FROM, _UNTIL = "ext:condition", "ext:from", "ext:until"
_SEVERAL = frozenset({_USE, _KIND_OF, _ACHIEVEMENT})


def list_subjects(lines: Iterable[Line]) -> list[JsonObject]:
    """The subjects of a list that says these lines: what ``read_list`` reads."""
    return [_subject(line) for line in lines]


def _subject(line: Line) -> JsonObject:
    said = [(_USE, use.value) for use in sorted(line.uses)]
    said += [(_KIND_OF, kind) for kind in line.achievement_types]
    said += [(_ACHIEVEMENT, one) for one in line.achievements]
    said += [(_CONDITION, line.condition)] if line.condition else []
    said += [(_FROM, format_date_time(line.from_))] if line.from_ else []
    said += [(_UNTIL, format_date_time(line.until))] if line.until else []
    subject: JsonObject = {"id": line.issuer, "type": ["Profile"], "name": line.name}
    if line.logo:
        subject["image"] = {"id": line.logo, "type": "Image"}
    if said:
        subject["otherIdentifier"] = [
            {"type": "IdentifierEntry", "identifier": value, "identifierType": kind} for kind, value in said
        ]
    return subject


def read_list(credential: Mapping[str, Any]) -> tuple[Line, ...]:
    """The lines of a list whose signature was found good. A use that names further lists is not passed on: who may name
    issuers is for each organisation to say itself. Raises ``RecognitionRefused``."""
    subjects = one_or_many(credential.get("credentialSubject"))
    if not subjects or len(subjects) > MAX_LINES:
        raise RecognitionRefused(f"a signed list names between 1 and {MAX_LINES} issuers")
    faults: list[Fault] = []
    lines: list[Line] = []
    for index, subject in enumerate(subjects):
        try:
            lines.append(_line_of_subject(subject))
        except RecognitionRefused as refused:
            place = f"/credentialSubject/{index}"
            faults += [Fault(fault.detail, f"{place}: {fault.pointer}", fault.code) for fault in refused.faults]
    if faults:
        raise RecognitionRefused(f"nothing was taken: {len(faults)} faults in the list", faults=tuple(faults[:100]))
    return tuple(lines)


def _line_of_subject(subject: Any) -> Line:
    if not isinstance(subject, dict) or "Profile" not in one_or_many(subject.get("type")):
        fault = Fault("the list names something that is no Profile", "type", "invalid")
        raise RecognitionRefused(fault.detail, faults=(fault,))
    said: dict[str, list[str]] = {}
    for entry in one_or_many(subject.get("otherIdentifier")):
        if isinstance(entry, dict):
            said.setdefault(str(entry.get("identifierType")), []).append(str(entry.get("identifier")))
    twice = [
        kind for kind, values in said.items() if kind not in _SEVERAL and kind.startswith("ext:") and len(values) > 1
    ]
    if twice:
        fault = Fault(f"it is said twice: {', '.join(twice)}", "otherIdentifier", "invalid")
        raise RecognitionRefused(fault.detail, faults=(fault,))
    image = subject.get("image")
    return check_line(
        Line(
            issuer=str(subject.get("id", "")),
            name=subject["name"] if isinstance(subject.get("name"), str) else "",
            uses=(read_uses(said[_USE]) if _USE in said else frozenset()) - {Use.LIST},
            achievement_types=tuple(said.get(_KIND_OF, ())),
            achievements=tuple(said.get(_ACHIEVEMENT, ())),
            condition=said.get(_CONDITION, [""])[0],
            from_=read_day(said.get(_FROM, [""])[0], "from"),
            until=read_day(said.get(_UNTIL, [""])[0], "until", end=True),
            logo=str(image.get("id", "")) if isinstance(image, dict) else "",
        )
    )
