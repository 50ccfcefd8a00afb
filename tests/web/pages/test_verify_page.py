"""The page on which anybody verifies a badge."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from builders import World
from plain_browser import PlainBrowser, Shown
from sqlalchemy import delete

from credentials.awards import service as awards
from credentials.issuing import service as issuing
from credentials.status.tables import published
from credentials.verification.model import Verdict
from credentials.web.limits import RateLimit
from credentials.web.pages.words import VERDICT


@pytest.fixture
async def files(world: World, house: Any) -> dict[str, bytes]:
    """A credential in its four forms."""
    submission = await world.submission(await world.publish())
    await world.decide(submission)
    await world.redeem()
    await issuing.publish_due_lists(world.parts.office, world.clock())
    award = await world.see(awards.by_submission, submission.id)
    teacher = await house.signed_in("teacher")
    return {
        form: (await teacher.client.get(f"/credentials/{award.id}/download/{form}")).content
        for form in ("json", "jwt", "png", "svg")
    }


async def verified(browser: PlainBrowser, content: bytes, name: str = "badge.json") -> Shown:
    return await browser.submit(await browser.open("/verify"), "/verify", files={"file": (name, content)})


def tone(page: Shown) -> str:
    (verdict,) = page.document.find_class("verdict")
    return str(verdict.get("class").split()[1].removeprefix("verdict--"))


async def test_a_file_of_any_form_is_verified_without_an_account(files: dict[str, bytes], anyone: PlainBrowser) -> None:
    for form, content in files.items():
        page = await verified(anyone, content, f"my badge.{form}")
        assert page.heading == f"Result for my badge.{form}"
        assert "Genuine and in force" in page.main
        assert tone(page) == "good"
        assert "Issued by Alder Department of Education, recognised here" in page.main
        assert "The signature is good: nothing was changed since the issuer signed it." in page.main
        assert "Demonstrated" in page.main


async def test_a_credential_can_be_pasted(files: dict[str, bytes], anyone: PlainBrowser) -> None:
    page = await anyone.submit(await anyone.open("/verify"), "/verify", text=f"\n {files['jwt'].decode()} \n")
    assert page.heading == "Result"
    assert tone(page) == "good"


async def test_it_can_be_verified_from_the_home_page(files: dict[str, bytes], anyone: PlainBrowser) -> None:
    page = await anyone.submit(await anyone.open("/"), "/verify", files={"file": ("a.json", files["json"])})
    assert tone(page) == "good"


async def test_what_was_changed_is_not_accepted_and_none_of_it_is_shown(
    files: dict[str, bytes], anyone: PlainBrowser
) -> None:
    page = await verified(anyone, files["json"].replace(b"Moves Work", b"Makes Gold"))
    assert "Do not accept" in page.main
    assert tone(page) == "bad"
    assert "Makes Gold" not in page.source
    assert "What was verified" not in page.main
    assert "PROOF_VERIFICATION_ERROR" in page.main


async def test_an_issuer_that_nobody_here_knows_is_never_called_by_the_name_it_gives_itself(
    shared: Path, anyone: PlainBrowser
) -> None:
    content = (shared / "security" / "samples" / "accept" / "unknown-issuer-valid-signature.json").read_bytes()
    name = msgspec.json.decode(content)["issuer"]["name"]
    page = await verified(anyone, content)
    if "Intact, but the issuer is not known here" in page.main:
        assert tone(page) == "calm"
        assert "An issuer that is not known here" in page.main
    assert tone(page) != "good"
    assert name not in page.main


async def test_what_cannot_be_looked_up_is_unmistakably_not_good(
    world: World, files: dict[str, bytes], anyone: PlainBrowser
) -> None:
    """The same service without its published status lists."""
    await world.do(lambda session: session.execute(delete(published)))
    page = await verified(anyone, files["json"])
    assert "Could not be checked completely" in page.main
    assert tone(page) == "warn"
    assert "Whether the credential was revoked could not be looked up." in page.main
    assert "Genuine and in force" not in page.main.partition("Verify another one")[0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"{", "The file cannot be read as a credential", id="half a document"),
        pytest.param(b"\xff\xfe\x00", "The file cannot be read as a credential", id="bytes that are no text"),
        pytest.param(b"[]", "Do not accept", id="a list"),
        pytest.param(
            b"<svg xmlns='http://www.w3.org/2000/svg'/>", "There is no Open Badge in this picture", id="no badge"
        ),
    ],
)
async def test_whatever_is_sent_gets_a_verdict(content: bytes, words: str, anyone: PlainBrowser) -> None:
    page = await verified(anyone, content)
    assert words in page.main
    assert tone(page) == "bad"


async def test_nothing_sent_is_asked_for(anyone: PlainBrowser) -> None:
    page = await anyone.submit(await anyone.open("/verify"), "/verify", status=400)
    assert page.errors() == ["Paste a credential, or choose its file."]


async def test_a_file_that_is_too_large_is_refused(anyone: PlainBrowser) -> None:
    await anyone.submit(
        await anyone.open("/verify"), "/verify", status=413, files={"file": ("big.json", b" " * (9 << 20))}
    )


async def test_whoever_verifies_too_often_is_told_how_long_to_wait(anyone: PlainBrowser, app: Any) -> None:
    app.state.verify_limit = RateLimit(2)
    page = await anyone.open("/verify")
    for _ in range(2):
        await anyone.submit(page, "/verify", text="{}")
    page = await anyone.submit(page, "/verify", status=429, text="{}")
    assert "wait 30 seconds and try again" in page.main
    assert page.headers["retry-after"] == "30"
    assert page.value("verify-text").strip() == "{}"


async def test_the_four_verdicts_differ_in_words_icon_and_colour(anyone: PlainBrowser) -> None:
    assert set(VERDICT) == set(Verdict)
    for member in ("text", "tone", "icon"):
        assert len({getattr(word, member) for word in VERDICT.values()}) == len(Verdict)
    assert [verdict for verdict, word in VERDICT.items() if word.tone == "good"] == [Verdict.ACCEPT]
