"""Whom a stranger may look around the demonstration as, and where to look."""

from typing import TYPE_CHECKING

from credentials.demo.content.model import Educator, Staff
from credentials.demo.offices import PAYS_OUT, claimants
from credentials.people.model import Role
from credentials.web.tour import Door, Guest, Sight, Tour

if TYPE_CHECKING:
    from credentials.demo.world import World


async def lead(world: "World", password: str) -> Tour:
    """The tour of a world whose story is told."""
    state, district = world.organisations["alder"], world.organisations[PAYS_OUT]
    pay = f"/organisations/{district.id}/pay"
    teacher = claimants(world, next(plan for plan in world.content.pay if plan.organisation == PAYS_OUT))[0]
    run = (Door("The pay run that was exported", f"{pay}/periods/{world.paid.id}"),) if world.paid else ()
    growth = Door("Growth and equity, and setting goals", f"/organisations/{state.id}/growth")
    return Tour(
        place=state.name,
        password=password,
        guests=(
            _guest(
                "A teacher",
                teacher,
                "Hands in evidence, reads feedback on every criterion, keeps badges and shares them.",
                Door("Where do I stand?", "/standing"),
                Door("Badges to download and share", "/credentials"),
                Door("Work handed in, and its feedback", "/submissions"),
                Door("What awards are worth in pay", "/pay"),
            ),
            _guest(
                "An assessor",
                _of(world, Role.ASSESSOR),
                "Scores each criterion beside the evidence, and never learns whose it is.",
                Door("The queue", "/review"),
            ),
            _guest(
                "A scoring leader",
                _of(world, Role.SCORING_LEADER),
                "Watches agreement and drift, decides appeals and integrity cases.",
                Door("The leader's dashboard", "/scoring"),
                Door("Agreement, severity and drift in figures", "/scoring/figures"),
                Door("A session in which assessors agreed on what is right", "/moderations"),
                Door("Two districts compared over the same work", "/scoring/comparability"),
            ),
            _guest(
                "A district officer",
                _of(world, Role.DISTRICT_OFFICER, PAYS_OUT),
                "Decides claims on badges by the district's pay rules.",
                Door("Claims, rules and the ledger", pay),
                *run,
                Door("What the rules will cost", f"{pay}/forecast"),
            ),
            _guest(
                "A licensing officer",
                _of(world, Role.LICENSING_OFFICER),
                "Grants licences by rules that anybody can read, and tries a new rule on everybody first.",
                Door("Applications for licences", "/licences-office"),
                Door("Rules, and trying them out", "/rules-office"),
                Door("Educators' records", "/educators"),
            ),
            _guest(
                "A catalogue developer",
                _of(world, Role.CATALOGUE_DEVELOPER),
                "Writes micro-credentials that pass four gates, and stacks of them.",
                Door("What is being written", "/develop"),
            ),
            _guest(
                "A payroll clerk",
                _of(world, Role.PAYROLL_CLERK),
                "Sets pay periods and exports what is to be paid.",
                Door("Periods and runs", pay),
            ),
            _guest(
                "An administrator",
                _of(world, Role.ADMINISTRATOR),
                "Invites people, gives roles, sees the record of every decision.",
                Door("People, roles and awards", f"/organisations/{state.id}"),
                growth,
            ),
        ),
        sights=(
            *await _badge(world),
            Sight(
                title="Verify a badge",
                what="Drop in a file, a picture or an address. Change one letter of it, and see what the verdict says.",
                path="/verify",
            ),
            Sight(
                title="The rules, in words",
                what="What each licence and endorsement asks for, as anybody may read it.",
                path="/rules",
            ),
            Sight(
                title="Growth and equity",
                what="Goals, and counts by kind of place in which nobody can be found.",
                path=growth.path,
            ),
        ),
    )


def _guest(role: str, one: Staff | Educator, what: str, *doors: Door) -> Guest:
    return Guest(role=role, name=one.name, address=one.emails[0], what=what, doors=doors)


def _of(world: "World", role: Role, organisation: str = "") -> Staff:
    """The first of those who hold a role, in an organisation if one is named."""
    return next(
        one
        for one in world.content.staff
        if any(held.role is role and organisation in {"", held.organisation} for held in one.roles)
    )


async def _badge(world: "World") -> list[Sight]:
    """The public page of a badge that its owner shows, where somebody does."""
    async with world.parts.database.read() as session:
        for one in world.content.educators:
            for award in await world.held(session, one.key):
                if award.share and award.is_current(world.clock()):
                    sight = Sight(
                        title="A badge that somebody shows",
                        what=f"“{award.title}”: what was shown for it, and whether it is in force. Download it, and verify it.",
                        path=f"/badges/{award.share}",
                    )
                    return [sight]
    return []
