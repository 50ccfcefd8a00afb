"""Every page, at the width of a phone and of a desk: axe finds nothing, nothing needs scrolling sideways, nothing complains.

Axe sees about half of what can be wrong. The other half, the order and the words, is in the journeys and in ``plain_browser``.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe
from builders import a_specification
from playwright.sync_api import Page

from credentials.awards import service as awards
from credentials.catalog import service as catalog
from credentials.catalog.model import Programme
from credentials.evidence import service as evidence
from credentials.figures import service as figures
from credentials.figures.model import Band, BandCount, Counted, Measure
from credentials.figures.rules import year_of
from credentials.figures.store import add_count
from credentials.issuing import service as issuing
from credentials.licensing import service as licensing
from credentials.licensing.model import LicenceType
from credentials.pathways import service as pathways
from credentials.pathways.model import Approval
from credentials.people import service as people
from credentials.people.model import Role
from credentials.people.roster import read_roster
from credentials.review import service as review
from credentials.review.model import ConflictKind, Score
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.verification import batches
from credentials.verification.model import NOTHING_MORE
from credentials.web import batches as worker
from credentials.web import receipting

pytestmark = pytest.mark.browser

WIDTHS = (360, 1280)
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


async def furnished(service: Any) -> dict[str, list[str]]:
    """A world with something in every state, and the addresses of its pages by who looks at them."""
    world = service.world
    entry = await world.publish(
        a_specification(
            title="Feedback That Moves Work Forward, With a Title That Is Long Enough To Need Three Lines on a Phone"
        )
    )
    second = await world.publish(a_specification(title="Conferring for Agency"), slug="conferring")
    third = await world.publish(a_specification(title="Performance Tasks"), slug="tasks")
    developer, publisher = await world.act("developer"), await world.act("publisher")
    alder = world.organisations["alder"].id
    stack = await world.do(
        pathways.draft,
        developer,
        organisation_id=alder,
        slug="assessment",
        title="Assessment for Learning",
        description="Two that belong together.",
        members=(entry.micro_credential.id, second.micro_credential.id),
    )
    await world.do(pathways.publish, publisher, stack.id)
    unpublished = await world.do(
        pathways.draft,
        developer,
        organisation_id=alder,
        slug="more",
        title="More",
        description="Not published.",
        members=(entry.micro_credential.id, third.micro_credential.id),
    )
    draft = await world.do(catalog.new_version, developer, third.micro_credential.id)
    in_review = await world.do(catalog.new_version, developer, second.micro_credential.id)
    await world.do(catalog.submit_for_review, developer, in_review.version.id)
    await world.do(
        people.invite, await world.act("admin"), address="new@alder.example", organisation_id=alder, role=Role.EDUCATOR
    )

    earned = await world.decide(await world.submission(entry))
    not_yet = await world.decide(await world.submission(second), level="developing")
    revoked = await world.decide(await world.submission(entry, "colleague"))
    await world.redeem()
    award = await world.see(awards.by_submission, earned.id)
    taken = await world.see(awards.by_submission, revoked.id)
    share = (await world.do(awards.share, await world.act("teacher"), award.id)).share
    lost = (await world.do(awards.share, await world.act("colleague"), taken.id)).share
    await world.do(issuing.revoke, await world.act("leader"), taken.id, reason="It was another person's work.")
    await issuing.publish_due_lists(service.parts.office, service.parts.now())

    open_one = await world.do(evidence.start, await world.act("teacher"), third.version.id)
    returned = await world.submission(second, "colleague")
    assessor = await world.act("assessor")
    back = await review.claim(world.parts.database, assessor, returned.id)
    await world.do(review.return_incomplete, assessor, back.id, note="The picture cannot be opened.")
    await world.join("newcomer", "wren-school", Role.EDUCATOR)
    claimed = await review.claim(world.parts.database, assessor, (await world.submission(entry, "newcomer")).id)
    scoring = await review.claim(world.parts.database, assessor, (await world.submission(second, "newcomer")).id)
    await world.do(review.confirm_complete, assessor, scoring.id)
    for criterion in ("specificity", "uptake", "reflection"):
        given = Score(criterion=criterion, level="demonstrated", feedback="Clear.")
        await world.do(review.score, assessor, scoring.id, given)
    await world.submission(third, "newcomer")
    twice = Programme(assessors=2, near_pass_band=1, back_read_share=1.0, coach_after=2)
    fourth = await world.publish(a_specification(title="Moderating Judgments", programme=twice), slug="moderating")
    for educator, level in (("newcomer", "developing"), ("colleague", "demonstrated")):
        scored = await world.submission(fourth, educator)
        await world.decide(scored)
        await world.decide(scored, "second", level=level)
    await world.do(review.add_comment, assessor, text="Quote what a pupil said, before and after.")
    await world.do(review.declare_conflict, assessor, other_address="kin@example.org", kind=ConflictKind.FAMILY)
    session = await moderated(world)
    both = await world.see(evidence.of_educator, world.people["colleague"].id)
    agreed = next(one for one in both if one.version_id == fourth.version.id)

    at = f"/organisations/{alder}"
    signed = (await world.see(sealing.sealed_as, award.intent_id, Format.DATA_INTEGRITY)).body
    admin = await world.act("admin")
    receipt = await receipting.make(service.parts, admin, alder, signed)
    files = [
        ("badge.json", signed),
        ("nonsense.json", b"{"),
        ("links.csv", b"name,url\nAda,https://nowhere.example/1\n"),
    ]
    items = batches.items_of_files(files)
    batch = await world.do(batches.add, admin.ids, admin.now, admin.actor.person_id, items, NOTHING_MORE)
    await worker.work_all(service.parts)
    listed = read_roster(b"email,first_name,last_name\nana@alder.example,Ana,Okafor\n")
    await world.do(people.take_roster, admin, alder, listed)
    rule, draft_rule = await ruled(world)
    licence, applied = await licensed(world, rule)
    await counted(world)
    teacher = f"/educators/{world.people['teacher'].id}/record"
    return {
        "anybody": [
            "/", "/catalogue", "/catalogue?words=zzz", "/micro-credentials/feedback", f"/achievements/{entry.version.id}",
            "/stacks", f"/stacks/{stack.id}", "/verify", "/sign-in", "/password", "/password/secret",
            "/address-verifications/secret", "/organisations", at, f"/badges/{share}", f"/badges/{lost}", "/privacy",
            "/accessibility", "/problems/stale", "/nowhere", "/rules", "/rules/renewal", f"{at}/growth",
            "/licences", f"/licences/{licence}", "/micro-credentials/feedback/recognition", f"{at}/recognition",
        ],
        "teacher": [
            "/", "/submissions", f"/submissions/{earned.id}", f"/submissions/{not_yet.id}", f"/submissions/{open_one.id}",
            "/credentials", f"/credentials/{award.id}", "/account", "/micro-credentials/feedback", f"/stacks/{stack.id}",
            "/standing", f"/standing/{rule}", f"/standing/{rule}?as_of=2020-01-01", "/standing/record",
            "/licences", f"/licences/{licence}", f"/licence-applications/{applied}",
        ],
        "officer": [
            f"{at}/rules", f"{at}/rules/new", "/rules/renewal", f"/rules/renewal/what-if/{draft_rule}", "/educators", teacher,
            f"/standing/{rule}?educator={world.people['teacher'].id}",
            "/licences-office", f"/licence-applications/{applied}",
        ],
        "colleague": [f"/submissions/{returned.id}", f"/submissions/{agreed.id}", f"/credentials/{taken.id}",
                      "/micro-credentials/moderating"],
        "assessor": ["/review", f"/review/{claimed.id}", f"/review/{scoring.id}", f"/review/{scoring.id}/decision",
                     f"/review/{back.id}", "/review/comments", "/relationships"],
        "leader": ["/scoring", "/scoring/comparability", "/scoring/anchors", "/scoring/anchors/new",
                   f"/scoring/anchors/new?version={entry.version.id}", "/moderations", "/moderations/new", *session,
                   "/micro-credentials/moderating", "/micro-credentials/moderating/coach-meetings",
                   "/micro-credentials/moderating/comments"],
        "developer": [
            "/develop", "/develop/new", "/develop/stacks/new", f"/develop/{draft.version.id}",
            f"/develop/{in_review.version.id}", f"/develop/{entry.version.id}", f"/stacks/{unpublished.id}",
            f"/achievements/{draft.version.id}",
        ],
        "admin": [
            "/organisations", at, f"{at}/people", f"{at}/awards", f"{at}/settings", f"{at}/awards/{award.id}",
            f"{at}/awards/{award.id}/revocation", f"{at}/roster", f"{at}/registry", "/verify/many", f"/verify/many/{batch.id}",
            f"/verify/receipts/{receipt.id}",
        ],
    }  # fmt: skip


async def moderated(world: Any) -> list[str]:
    """A session that is discussed, and the page that opens another one."""
    work = await world.submission(await world.publish(a_specification(title="Listening to Pupils"), slug="listening"))
    await world.decide(work)
    await world.join("third", "alder", Role.ASSESSOR)
    leader = await world.act("leader")
    seats = [world.people[who].id for who in ("second", "third")]
    made = await review.open_moderation(
        world.parts.database, leader, title="Where is the line?", assessor_ids=seats, submission_id=work.id
    )
    for who, level in (("second", "demonstrated"), ("third", "developing")):
        act = await world.act(who)
        view = await world.see(review.moderation, act, made.id)
        for criterion in ("specificity", "uptake", "reflection"):
            given = Score(criterion=criterion, level=level, feedback="It names what to change.")
            await world.do(review.score, act, view.mine.review_id, given)
        await world.do(review.finish, act, view.mine.review_id)
    return [
        f"/moderations/{made.id}",
        f"/moderations/new?of={work.id}",
        f"/moderations/new?version={work.version_id}",
    ]


POINTS = {
    "label": "60 points",
    "text": "Sixty points, of which twelve in assessment.",
    "source": "Renewal rules, section 2",
    "sum": {
        "unit": "point",
        "min": 60,
        "rates": [
            {"match": {"type": "micro_credential"}, "value": 6, "per": "item"},
            {"match": {"type": "pd_hours"}, "value": 1, "cap": 30},
        ],
        "categories": [{"tag": "assessment", "min": 12}],
    },
}
RULE: dict[str, Any] = {"all": [POINTS, {"fact": "experience.years", "op": ">=", "value": 3, "label": "experience"}]}


async def ruled(world: Any) -> tuple[str, str]:
    """A rule in force with a draft after it, and something on the teacher's record. Answers the ids of both."""
    for name in ("officer", "chief"):
        await world.join(name, "alder", Role.LICENSING_OFFICER)
    officer, today = await world.act("officer"), world.clock().date()
    alder, teacher = world.organisations["alder"].id, world.people["teacher"].id
    made, version = await world.do(
        pathways.draft_pathway, officer, organisation_id=alder, slug="renewal", title="Renewal of the professional licence",
        description="How a licence is renewed.", modelled_on="a law of another state",
        rule=msgspec.json.encode(RULE), effective_from=today,
    )  # fmt: skip
    approval = Approval(board="State Board", decided_on=today, bargaining="not needed")
    await world.do(pathways.approve_version, await world.act("chief"), version.id, approval, revision=1)
    later = {**RULE, "all": RULE["all"][:1]}
    after = await world.do(
        pathways.draft_version, officer, made.id, rule=msgspec.json.encode(later),
        effective_from=today + timedelta(days=99), name="without experience",
    )  # fmt: skip
    about: dict[str, Any] = {"educator_id": teacher, "organisation_id": alder, "evidence": "letter of the district"}
    await world.do(pathways.record_fact, officer, **about, path="experience.years", value=2)
    for title, qty in (("Reading course", 24), ("A course on the teaching of reading to young learners", 18)):
        item = {"type": "pd_hours", "qty": qty, "earned": today.isoformat()}
        await world.do(pathways.record_item, officer, **about, title=title, item=item)
    return made.id, after.id


async def licensed(world: Any, rule: str) -> tuple[str, str]:
    """A licence by a rule, with an application that waits. Answers the ids of both."""
    officer = await world.act("officer")
    asked = LicenceType(
        id="", organisation_id=world.organisations["alder"].id, slug="professional", title="Professional licence",
        description="May teach, and mentor.", pathway_id=rule, term_months=60, not_waivable=("experience",), author_id="",
        created_at=officer.now,
    )  # fmt: skip
    made = await world.do(licensing.found_type, officer, asked)
    teacher = await world.act("teacher")
    applied = await world.do(licensing.apply, teacher, made.id, statement="The letter of my district follows.")
    return made.id, applied.id


async def counted(world: Any) -> None:
    """A goal, and figures of a state with some numbers that are hidden."""
    alder, today = world.organisations["alder"].id, world.clock().date()
    await world.do(
        figures.set_goal, await world.act("admin"), organisation_id=alder, title="Ten percent more each year",
        measure=Measure.AWARDS_IN_YEAR, baseline_year=year_of(today) - 3, baseline=400, rate_hundredths=1_000, years=4,
    )  # fmt: skip
    bands = (
        BandCount(band=Band.CITY, educators=900, holders=410, awards=(40, 120, 210, 240, 260, 290)),
        BandCount(band=Band.TOWN, educators=260, holders=61, awards=(20, 50, 60, 90, 114, 120)),
        BandCount(band=Band.RURAL, educators=120, holders=7, awards=(0, 11, 7, 14, 12, 30)),
    )
    made = Counted(
        id="count",
        organisation_id=alder,
        counted_on=today,
        first_year=year_of(today) - 4,
        bands=bands,
        published_by="admin",
    )
    await world.do(add_count, made)


AXE = Axe().axe_script
ASK = """async (rules) => (await axe.run(document, rules)).violations.flatMap(
    (one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 200)}`))"""


def findings(page: Page) -> list[str]:
    """What axe and the ruler say of the page that is shown."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: list[str] = page.evaluate(ASK, RULES)
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*found, f"{over} pixels too wide"] if over > 0 else found


def test_axe_and_the_ruler_find_what_is_wrong(visit: Callable[..., Any]) -> None:
    page = visit(width=360).go("/")
    assert findings(page) == []
    page.evaluate("document.querySelector('h1').remove()")
    page.evaluate("document.querySelector('.lead').style.whiteSpace = 'nowrap'")
    heading, width = findings(page)
    assert heading.startswith("page-has-heading-one")
    assert width.endswith("pixels too wide")


@pytest.fixture(scope="module")
def paths(service: Any) -> dict[str, list[str]]:
    return service.do(furnished(service))


@pytest.mark.parametrize(
    "who", ["anybody", "teacher", "colleague", "assessor", "leader", "developer", "officer", "admin"]
)
def test_no_page_has_a_finding_at_the_width_of_a_phone_or_of_a_desk(
    who: str, paths: dict[str, list[str]], visit: Callable[..., Any]
) -> None:
    visitor = visit()
    if who != "anybody":
        visitor.sign_in(who)
    wrong: dict[str, list[str]] = {}
    for path in paths[who]:
        page = visitor.go(path)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            if found := findings(page):
                wrong[f"{path}, {width} pixels"] = found
    assert wrong == {}


def test_forms_that_were_refused_have_no_finding_either(service: Any, visit: Callable[..., Any]) -> None:
    visitor = visit(width=360)
    page = visitor.go("/sign-in")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    assert findings(page) == []
    page = visitor.go("/verify")
    page.get_by_role("button", name="Verify").click()
    assert findings(page) == []
    page = visitor.go("/verify")
    page.get_by_label("or paste it").fill("{")
    page.get_by_role("button", name="Verify").click()
    assert findings(page) == []
    visitor.sign_in("teacher")
    page = visitor.go("/account")
    page.get_by_label("Your own DID").fill("did:nonsense")
    page.get_by_role("button", name="Save").click()
    assert findings(page) == []
