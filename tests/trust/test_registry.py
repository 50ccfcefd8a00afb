"""Whom an organisation recognises: directed, typed, dated, inherited; and lists of it as they are handed around."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.db import Database
from credentials.errors import NotFound, Stale
from credentials.ids import SeededIds
from credentials.trust import service
from credentials.trust.model import GENERAL, ListOutdated, Recognition, RecognitionRefused, TrustedIssuer, Use
from credentials.trust.registry import Line, list_subjects, read_csv, read_list
from credentials.trust.rules import entry_for, standing_of

DISTRICT, STATE, ELSEWHERE = "district", "state", "elsewhere"
LINEAGE = (DISTRICT, STATE)
NAMES = {DISTRICT: "Kestrel Moor", STATE: "Alder"}
ISSUER = "did:web:provider.example"
DAY = datetime(2026, 9, 1, tzinfo=UTC)
OPERATOR = TrustedIssuer(id=ISSUER, name="The operator's name")


def a_line(owner: str, *uses: Use, **changed: Any) -> Recognition:
    return Recognition(
        id="-", owner=owner, issuer=ISSUER, name=f"{owner}'s name", uses=frozenset(uses), created_at=DAY, **changed
    )


def uses_of(lines: list[Recognition], root: TrustedIssuer | None = None, **about: Any) -> frozenset[Use] | None:
    """What a district accepts the issuer's credential for; ``None``: it does not recognise the issuer."""
    found = standing_of(entry_for(ISSUER, lines, LINEAGE, NAMES, root), about.pop("at", DAY), **about)
    return found.uses if found else None


ONLY_PAY = frozenset({Use.PAY})


@pytest.mark.parametrize(
    ("lines", "root", "about", "uses"),
    [
        ([], None, {}, None),
        ([], OPERATOR, {}, GENERAL),
        ([a_line(DISTRICT, Use.PAY)], None, {}, ONLY_PAY),
        ([a_line(STATE, Use.PAY)], None, {}, ONLY_PAY),
        ([a_line(ELSEWHERE, Use.PAY)], None, {}, None),
        ([a_line(STATE, Use.LICENCE), a_line(DISTRICT, Use.PAY)], OPERATOR, {}, ONLY_PAY),
        ([a_line(DISTRICT)], OPERATOR, {}, None),
        ([a_line(STATE, Use.LICENCE), a_line(DISTRICT)], None, {}, None),
        ([a_line(DISTRICT, Use.PAY), a_line(DISTRICT, Use.DISPLAY)], None, {}, {Use.PAY, Use.DISPLAY}),
        ([a_line(DISTRICT, Use.PAY, from_=DAY + timedelta(days=1))], None, {}, None),
        ([a_line(DISTRICT, Use.PAY, from_=DAY)], None, {}, ONLY_PAY),
        ([a_line(DISTRICT, Use.PAY, until=DAY)], None, {}, None),
        ([a_line(DISTRICT, Use.PAY, until=DAY), a_line(STATE, Use.LICENCE)], None, {}, {Use.LICENCE}),
        ([a_line(DISTRICT, Use.PAY, achievements=("urn:a",))], None, {"achievement": "urn:a"}, ONLY_PAY),
        ([a_line(DISTRICT, Use.PAY, achievements=("urn:a",))], None, {"achievement": "urn:b"}, None),
        ([a_line(DISTRICT, Use.PAY, achievements=("urn:a",))], OPERATOR, {"achievement": "urn:b"}, GENERAL),
        ([a_line(DISTRICT, Use.PAY, achievement_types=("Badge",))], None, {"achievement_type": "Badge"}, ONLY_PAY),
        ([a_line(DISTRICT, Use.PAY, achievement_types=("Badge",))], None, {"achievement_type": ""}, None),
        ([a_line(DISTRICT, achievements=("urn:a",)), a_line(STATE, Use.PAY)], None, {"achievement": "urn:a"}, None),
    ],
    ids=[
        "nobody",
        "the operator alone, for everything in general",
        "its own line",
        "the state's line holds in its district",
        "another state's line does not",
        "the nearest line decides, whatever those above say",
        "a line without uses refuses what the operator recognises",
        "and what the state recognises",
        "several lines add up",
        "not before its day",
        "from its day on",
        "not from its end on",
        "an ended line has not spoken, and the state's holds",
        "for the achievement that it names",
        "for no other achievement",
        "of which those above may speak",
        "for the type that it names",
        "for nothing without that type",
        "one achievement is refused though the state accepts the issuer",
    ],
)
def test_what_a_district_accepts(
    lines: list[Recognition], root: TrustedIssuer | None, about: dict[str, Any], uses: set[Use] | None
) -> None:
    assert uses_of(lines, root, **about) == uses


def test_a_standing_has_the_name_the_conditions_and_the_author_of_the_line_that_decided() -> None:
    lines = [a_line(STATE, Use.PAY, condition="With a transcript."), a_line(STATE, Use.LICENCE)]
    found = standing_of(entry_for(ISSUER, lines, LINEAGE, NAMES, OPERATOR), DAY)
    assert found is not None
    assert (found.name, found.conditions, found.by) == ("state's name", ("With a transcript.",), "Alder")


# Lists

HEADER = "issuer,name,uses,achievement_types,achievements,condition,from,until,logo\n"


def test_a_csv_file_is_read_with_several_values_in_a_cell_and_whole_days() -> None:
    text = (
        HEADER
        + f"{ISSUER}, Provider ,pay; licence,MicroCredential;Badge,urn:a,With a transcript.,2026-09-01,2027-06-30,\n"
    )
    assert read_csv(text.encode("utf-8-sig")) == (
        Line(
            issuer=ISSUER,
            name="Provider",
            uses=frozenset({Use.PAY, Use.LICENCE}),
            achievement_types=("MicroCredential", "Badge"),
            achievements=("urn:a",),
            condition="With a transcript.",
            from_=datetime(2026, 9, 1, tzinfo=UTC),
            until=datetime(2027, 7, 1, tzinfo=UTC),
        ),
    )


@pytest.mark.parametrize(
    ("cells", "place", "words"),
    [
        ("ftp://x,Name,pay,,,,,,", "issuer", "a DID"),
        (f"{ISSUER},,pay,,,,,,", "name", "one line"),
        (f"{ISSUER},Name,,,,,,,", "uses", "or none"),
        (f"{ISSUER},Name,paint,,,,,,", "uses", "display"),
        (f"{ISSUER},Name,pay,,not an id,,,,", "achievements", "whole address"),
        (f"{ISSUER},Name,pay,,,,1 June,,", "from", "2027-06-30"),
        (f"{ISSUER},Name,pay,,,,2027-02-30,,", "from", "2027-06-30"),
        (f"{ISSUER},Name,pay,,,,2027-01-02,2026-01-01,", "until", "before"),
        (f"{ISSUER},Name,pay,,,,,,https://x/logo.png", "logo", "PNG"),
        (f"{ISSUER},Name,pay,,,,,,,more", "", "columns"),
    ],
)
def test_a_bad_cell_is_named_and_nothing_is_taken(cells: str, place: str, words: str) -> None:
    good = f"{ISSUER},Name,pay,,,,,,\n"
    with pytest.raises(RecognitionRefused) as refused:
        read_csv((HEADER + good + cells + "\n").encode())
    (fault,) = refused.value.faults
    assert fault.pointer == f"line 3: {place}"
    assert words in fault.detail


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"issuer,name\n",
        b"issuer,name,uses,colour\nx,y,pay,red\n",
        b"issuer,name,uses\n",
        b"\xff\xfe",
        b'issuer,name,uses\n"x',
    ],
)
def test_what_is_no_such_file_is_refused(octets: bytes) -> None:
    with pytest.raises(RecognitionRefused):
        read_csv(octets)


@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: HEADER.encode() + text.encode("utf-8", "replace"))
)
def test_no_file_breaks_the_reader(octets: bytes) -> None:
    try:
        lines = read_csv(octets)
    except RecognitionRefused:
        return
    assert lines


def test_a_signed_list_says_what_a_csv_file_says() -> None:
    text = (
        HEADER
        + f"{ISSUER},Provider,pay;display,Badge,urn:a,A condition.,2026-09-01,2027-06-30,\n{ISSUER},Other,none,,,,,,\n"
    )
    lines = read_csv(text.encode())
    assert read_list({"credentialSubject": list_subjects(lines)}) == lines


def test_a_signed_list_cannot_name_further_lists() -> None:
    subjects = list_subjects([Line(issuer=ISSUER, name="Provider", uses=frozenset({Use.LIST, Use.PAY}))])
    assert read_list({"credentialSubject": subjects})[0].uses == {Use.PAY}


@pytest.mark.parametrize(
    "subject", [{}, "x", {"id": ISSUER, "type": ["Profile"]}, {"id": ISSUER, "type": "Achievement", "name": "x"}]
)
def test_a_list_with_something_else_in_it_is_refused(subject: Any) -> None:
    with pytest.raises(RecognitionRefused):
        read_list({"credentialSubject": [subject]})


# What is kept

LINE = Line(issuer=ISSUER, name="Provider", uses=ONLY_PAY)


async def test_a_line_is_entered_changed_and_ended_and_stays_known_for_its_days(database: Database) -> None:
    ids = SeededIds(1)
    async with database.write() as session:
        made = await service.recognise(session, ids, DAY, DISTRICT, LINE)
        changed = await service.change_recognition(
            session, DISTRICT, made.id, Line(issuer=ISSUER, name="Provider", uses=GENERAL), revision=1
        )
        with pytest.raises(Stale):
            await service.change_recognition(session, DISTRICT, made.id, LINE, revision=1)
        with pytest.raises(NotFound):
            await service.change_recognition(session, STATE, made.id, LINE, revision=changed.revision)
        await service.end_recognition(session, DISTRICT, made.id, DAY + timedelta(days=10))
    async with database.read() as session:
        view = await service.view(session, ISSUER, LINEAGE, NAMES, None)
        assert standing_of(view, DAY + timedelta(days=9)) is not None
        assert standing_of(view, DAY + timedelta(days=10)) is None
        assert await service.view(session, ISSUER, (STATE,), NAMES, None) is None


async def test_the_same_csv_file_taken_twice_adds_nothing(database: Database) -> None:
    async with database.write() as session:
        for added, unchanged in ((1, 0), (0, 1)):
            taken = await service.take_lines(session, SeededIds(added), DAY, DISTRICT, (LINE,))
            assert (taken.added, taken.unchanged) == (added, unchanged)


async def test_a_newer_edition_of_a_signed_list_replaces_the_older_one_and_never_the_other_way(
    database: Database,
) -> None:
    ids = SeededIds(1)
    other = Line(issuer="did:web:other.example", name="Other", uses=ONLY_PAY)
    async with database.write() as session:
        source = "urn:list"
        await service.take_list(session, ids, DAY, STATE, (LINE, other), source=source, listed_at=DAY)
        later = DAY + timedelta(days=1)
        taken = await service.take_list(session, ids, later, STATE, (LINE,), source=source, listed_at=later)
        assert (taken.added, taken.ended) == (1, 2)
        with pytest.raises(ListOutdated):
            await service.take_list(session, ids, later, STATE, (LINE, other), source=source, listed_at=DAY)
        gone = await service.view(session, other.issuer, LINEAGE, NAMES, None)
        assert standing_of(gone, later) is None
        kept = await service.view(session, ISSUER, LINEAGE, NAMES, None)
        assert standing_of(kept, later) is not None
