"""A stranger verifies a badge in a real browser: by its file, and by holding a code before the camera."""

import io
import json
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import segno
from axe_playwright_python.sync_playwright import Axe
from holders import HOLDER, badge, issued, record, shown
from PIL import Image
from playwright.sync_api import Page
from simulator import KeyIssuer, octets

from credentials import clock
from credentials.awards import service as awards
from credentials.issuing import service as issuing
from credentials.sealing import service as sealing
from credentials.sealing.model import Format
from credentials.trust import service as trust
from credentials.trust.model import TrustedIssuer

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


async def shared_badge(service: Any) -> tuple[bytes, str]:
    """A badge as a file, and the address of its public page."""
    world = service.world
    submission = await world.decide(await world.submission(await world.publish()))
    await world.redeem()
    award = await world.see(awards.by_submission, submission.id)
    await issuing.publish_due_lists(service.parts.office, service.parts.now())
    share = (await world.do(awards.share, await world.act("teacher"), award.id)).share
    document = await world.see(sealing.sealed_as, award.intent_id, Format.DATA_INTEGRITY)
    return document.body, f"{service.address}/badges/{share}"


@pytest.fixture(scope="module")
def own_badge(service: Any) -> tuple[bytes, str]:
    found: tuple[bytes, str] = service.do(shared_badge(service))
    return found


def check(page: Page) -> None:
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_result_of_a_verification_is_whole_at_any_width(
    visit: Callable[..., Any], own_badge: tuple[bytes, str], width: int
) -> None:
    visitor = visit(width=width)
    page = visitor.go("/verify")
    page.get_by_text("Ask more").click()
    check(page)
    page.get_by_label("Is it about this person?").fill("teacher@heron-school.example")
    page.get_by_label("The file of a badge").set_input_files(
        {"name": "badge.json", "mimeType": "application/json", "buffer": own_badge[0]}
    )
    page.get_by_role("main").get_by_role("button", name="Verify").click()
    page.get_by_role("heading", name="Result for badge.json").wait_for()
    assert page.get_by_role("heading", name="Genuine and in force").is_visible()
    page.get_by_text("For machines: the whole report as JSON").click()
    check(page)
    assert visitor.context.cookies() == []


LONG = "Feedback That Moves Work Forward, With a Title That Is Long Enough To Need Three Lines on a Phone"


async def bundles(service: Any) -> dict[str, bytes]:
    """What holds others: a learner record, and what its holder shows, with a record and a stranger's badge in it."""
    now = clock.now()
    known, stranger = KeyIssuer(now=now), KeyIssuer(seed=8, now=now)
    async with service.parts.database.write() as session:
        await trust.trust_issuer(session, TrustedIssuer(id=known.id, name="Cedar Department of Education"))
    one, other, third = (issued(issuer) for issuer in (known, known, stranger))
    long = badge(known)
    long["credentialSubject"]["achievement"]["name"] = LONG
    record_ = json.loads(known.issue(record(known, one, json.loads(known.issue(long)), holder=HOLDER.did)))
    mixed = known.issue(record(known, other, third, holder=HOLDER.did))
    return {
        "record.json": octets(record_),
        "mixed record.json": mixed,
        "presentation.json": shown(one, other, created=now - timedelta(minutes=1)),
        "mixed presentation.json": shown(one, record_, third, created=now - timedelta(minutes=1)),
    }


@pytest.fixture(scope="module")
def holding(service: Any) -> dict[str, bytes]:
    found: dict[str, bytes] = service.do(bundles(service))
    return found


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("record.json", "Genuine and in force"),
        ("mixed record.json", "Intact, but not every issuer is known here"),
        ("presentation.json", "Genuine and in force"),
        ("mixed presentation.json", "Intact, but not every issuer is known here"),
    ],
)
def test_what_holds_other_credentials_is_whole_at_any_width(
    visit: Callable[..., Any], holding: dict[str, bytes], name: str, verdict: str, width: int
) -> None:
    page = visit(width=width).go("/verify")
    page.get_by_label("The file of a badge").set_input_files(
        {"name": name, "mimeType": "application/json", "buffer": holding[name]}
    )
    page.get_by_role("main").get_by_role("button", name="Verify").click()
    page.get_by_role("heading", name=f"Result for {name}").wait_for()
    assert page.get_by_role("heading", name=verdict).first.is_visible()
    page.get_by_text("For machines: the whole report as JSON").click()
    check(page)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_registry_of_an_organisation_is_whole_at_any_width(
    visit: Callable[..., Any], service: Any, width: int
) -> None:
    visitor = visit(width=width)
    visitor.sign_in("admin")
    address = f"/organisations/{service.world.organisations['kestrel-moor'].id}/registry"
    page = visitor.go(address)
    page.get_by_text("Limits and days").click()
    check(page)
    page.get_by_label("Its id").fill(f"did:web:issuer{width}.example")
    page.get_by_label("Name", exact=True).fill("A provider with a long name of its own")
    page.get_by_role("button", name="Recognise it").click()
    page.get_by_text("The issuer is in the registry from now on.").wait_for()
    check(page)


@pytest.fixture(scope="module")
def film(own_badge: tuple[bytes, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the camera sees: the code of the badge's page, held still (YUV4MPEG2, 4:2:0)."""
    drawn = io.BytesIO()
    segno.make(own_badge[1]).save(drawn, kind="png", scale=8)
    code = Image.open(drawn).convert("L")
    frame = Image.new("L", (640, 480), 200)
    frame.paste(code.resize((400, 400), Image.Resampling.NEAREST), (120, 40))
    path = tmp_path_factory.mktemp("film") / "code.y4m"
    grey = bytes([128]) * (320 * 240)
    with path.open("wb") as out:
        out.write(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n")
        for _ in range(5):
            out.write(b"FRAME\n" + frame.tobytes() + grey + grey)
    return path


@pytest.fixture
def camera(chromium: Any, film: Path) -> Iterator[Any]:
    """A browser of its own, whose camera plays the film."""
    browser = chromium.browser_type.launch(
        executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        ],
    )
    yield browser
    browser.close()


def test_a_code_is_read_by_the_camera_and_its_badge_verified(camera: Any, service: Any) -> None:
    context = camera.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(service.address + "/verify")
    page.get_by_role("button", name="Scan a code with the camera").click()
    page.get_by_role("heading", name="Result", exact=True).wait_for(timeout=20_000)
    assert page.get_by_role("heading", name="Genuine and in force").is_visible()
    assert complaints == []
    context.close()
