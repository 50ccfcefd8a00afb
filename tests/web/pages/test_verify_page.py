"""The page on which anybody verifies a badge."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
import segno
import zxingcpp
from builders import World, a_png
from defusedxml import ElementTree
from holders import bundle, record
from PIL import Image
from plain_browser import PlainBrowser, Shown
from simulator import KeyIssuer, octets
from sqlalchemy import delete

from credentials.awards import service as awards
from credentials.issuing import service as issuing
from credentials.status.tables import published
from credentials.verification.model import Name, Outcome, Verdict
from credentials.web import batches as worker
from credentials.web.limits import RateLimit
from credentials.web.pages.words import VERDICT, word_for


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
        (resources,) = [item for item in page.document.iter("li") if "What it refers to" in item.text_content()]
        assert "Not checked" in resources.text_content()
        assert "were not compared with it: what is kept elsewhere is not opened" in resources.text_content()


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


# Codes, addresses, questions


def a_code(text: str, kind: str = "png") -> bytes:
    """A picture of a QR code."""
    out = io.BytesIO()
    if kind == "png":
        segno.make(text).save(out, kind="png", scale=4)
        return out.getvalue()
    png = io.BytesIO(a_code(text))
    Image.open(png).convert("RGB").rotate(7, expand=True, fillcolor="white").save(out, kind.upper())
    return out.getvalue()


async def test_no_cookie_is_set_and_no_account_is_asked_for(files: dict[str, bytes], anyone: PlainBrowser) -> None:
    shown = [await anyone.client.get("/verify", headers={"Accept": "text/html"})]
    shown.append(await anyone.client.post("/verify", files={"file": ("a.json", files["json"])}))
    assert all(answer.status_code == 200 and "set-cookie" not in answer.headers for answer in shown)


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
async def test_a_photo_of_a_code_that_leads_to_a_shared_badge_is_followed(
    kind: str, house: Any, world: World, files: dict[str, bytes], anyone: PlainBrowser
) -> None:
    teacher = await house.signed_in("teacher")
    (link,) = (await teacher.open("/credentials")).links("/credentials/.*")[:1]
    page = await teacher.submit(await teacher.open(link), "/share")
    address = next(one for one in page.links(".*/badges/.*"))
    address = f"http://alder.test{address}" if address.startswith("/") else address
    shown = await verified(anyone, a_code(address, kind), f"photo.{kind}")
    assert tone(shown) == "good"
    pasted = await anyone.submit(await anyone.open("/verify"), "/verify", text=address)
    assert tone(pasted) == "good"


async def test_a_shared_badge_stands_on_other_pages_as_a_picture_that_shows_how_it_stands_now(
    house: Any, world: World, files: dict[str, bytes], anyone: PlainBrowser
) -> None:
    teacher = await house.signed_in("teacher")
    (link,) = (await teacher.open("/credentials")).links("/credentials/.*")[:1]
    page = await teacher.submit(await teacher.open(link), "/share")
    path = urlsplit(next(one for one in page.links(".*/badges/.*"))).path
    assert "/status.svg" in (await anyone.open(path)).source
    picture = await anyone.client.get(path + "/status.svg")
    assert "Genuine and in force" in picture.text
    assert ElementTree.fromstring(picture.content).get("role") == "img"
    assert picture.headers["cache-control"] == "public, max-age=60"
    assert "set-cookie" not in picture.headers
    assert zxingcpp.read_barcodes(a_picture_of(await anyone.client.get(path + "/code.svg")))
    await world.do(
        issuing.revoke, await world.act("admin"), link.rpartition("/")[2], reason="The evidence was another's."
    )
    await issuing.publish_due_lists(world.parts.office, world.clock())
    assert "Revoked" in (await anyone.client.get(path + "/status.svg")).text
    assert "Revoked" in (await anyone.client.get(path + "/card")).text
    assert (await anyone.client.get("/badges/nothing/status.svg")).status_code == 404


async def test_a_shared_badge_stands_in_a_frame_on_other_pages_and_nothing_else_of_ours_does(
    house: Any, files: dict[str, bytes]
) -> None:
    teacher = await house.signed_in("teacher")
    (link,) = (await teacher.open("/credentials")).links("/credentials/.*")[:1]
    page = await teacher.submit(await teacher.open(link), "/share")
    path = urlsplit(next(one for one in page.links(".*/badges/.*"))).path
    page = await teacher.open(path)
    assert f'<iframe src="http://alder.test{path}/card"' in page.main
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    for address, status, says in ((f"{path}/card", 200, "Genuine and in force"), ("/badges/no/card", 404, "not shown")):
        card = await teacher.client.get(address)
        assert (card.status_code, says in card.text) == (status, True)
        assert "Teacher" not in card.text, "it is the same for everybody"
        assert "<script" not in card.text
        assert "set-cookie" not in card.headers
        policy = card.headers.get_list("content-security-policy")
        assert len(policy) == 1
        assert {"default-src 'none'", "frame-ancestors *", "form-action 'none'"} <= set(policy[0].split("; "))


def a_picture_of(answer: Any) -> Image.Image:
    """The modules of a code that segno drew as an SVG: one path of horizontal strokes."""
    drawn = ElementTree.fromstring(answer.content)
    path = next(one for one in drawn.iter() if one.tag.endswith("path") and one.get("stroke"))
    size = int(drawn.get("width", "0")) // 4
    image = Image.new("L", (size, size), 255)
    x, y = 0.0, 0.0
    for kind, numbers in re.findall(r"([Mmh])([^Mmh]*)", path.get("d", "")):
        values = [float(number) for number in re.findall(r"-?[0-9.]+", numbers)]
        if kind == "h":
            for step in range(int(values[0])):
                image.putpixel((int(x) + step, int(y)), 0)
            x += values[0]
        else:
            x, y = (values[0], values[1]) if kind == "M" else (x + values[0], y + values[1])
    return image.resize((size * 4, size * 4), Image.Resampling.NEAREST)


async def test_a_picture_without_a_code_or_a_badge_is_told_from_one_with_several(anyone: PlainBrowser) -> None:
    assert "There is no Open Badge in this picture." in (await verified(anyone, a_png())).main
    two = Image.new("RGB", (900, 400), "white")
    for place, text in ((10, "https://a.example"), (450, "https://b.example")):
        two.paste(Image.open(io.BytesIO(a_code(text))), (place, 10))
    out = io.BytesIO()
    two.save(out, "JPEG")
    page = await verified(anyone, out.getvalue(), "two.jpg")
    assert tone(page) == "bad"
    assert "multiple-baked-credentials" in page.main


async def test_an_address_from_which_nothing_can_be_had_is_not_good_and_a_dead_page_of_ours_is_said_so(
    anyone: PlainBrowser,
) -> None:
    for address in ("https://nowhere.example/badge.json", "http://127.0.0.1/"):
        page = await anyone.submit(await anyone.open("/verify"), "/verify", text=address)
        assert tone(page) in {"bad", "warn"}, address
    dead = "http://alder.test/badges/nothing"
    page = await anyone.submit(await anyone.open("/verify"), "/verify", text=dead, status=400)
    assert "no such badge" in page.errors()[0]
    assert page.value("verify-text").strip() == dead


async def test_a_link_to_the_page_fills_in_the_address_and_looks_nothing_up(anyone: PlainBrowser) -> None:
    page = await anyone.open("/verify?link=https://issuer.example/badge.json")
    assert page.value("verify-text").strip() == "https://issuer.example/badge.json"
    assert not page.document.find_class("verdict")


async def test_a_camera_that_cannot_read_codes_has_them_read(anyone: PlainBrowser) -> None:
    headers = {"Origin": "http://alder.test", "Content-Type": "image/png"}
    found = await anyone.client.post("/verify/code", content=a_code("https://issuer.example/1"), headers=headers)
    assert found.json() == {"text": "https://issuer.example/1"}
    assert (await anyone.client.post("/verify/code", content=a_png(), headers=headers)).status_code == 204
    assert (await anyone.client.post("/verify/code", content=b"nonsense", headers=headers)).status_code == 400


async def test_more_is_asked_on_the_page(files: dict[str, bytes], anyone: PlainBrowser) -> None:
    async def asked(**question: str) -> Shown:
        form = await anyone.open("/verify")
        return await anyone.submit(form, "/verify", files={"file": ("a.json", files["json"])}, **question)

    assert tone(await asked(recipient="teacher@heron-school.example")) == "good"
    other = await asked(recipient="Somebody Else")
    assert "does not name its holder" in other.main
    assert tone(await asked(organisation="kestrel-moor", use="pay")) == "good"
    past = await asked(as_of="2026-08-31")
    assert "Asked for" in past.main
    assert tone(past) == "bad"
    page = await anyone.submit(await anyone.open("/verify"), "/verify", text="{}", as_of="2027-01-01", status=400)
    assert "not come yet" in page.errors()[0]


async def test_a_bundle_shows_each_credential_in_it(anyone: PlainBrowser) -> None:
    issuer = KeyIssuer()
    pasted = octets(bundle(json.loads(issuer.issue()), json.loads(issuer.issue()))).decode()
    page = await anyone.submit(await anyone.open("/verify"), "/verify", text=pasted)
    assert "What is in it" in page.main
    states = [one.text_content().strip() for one in page.document.find_class("contents")[0].find_class("state")]
    assert states == [VERDICT[Verdict.ACCEPT_UNTRUSTED].text] * 2
    assert page.main.count("Conferring for Agency") >= 2


async def test_a_stranger_in_a_bundle_is_not_called_by_the_name_it_gives_itself_either(anyone: PlainBrowser) -> None:
    pasted = octets(bundle(json.loads(KeyIssuer().issue()))).decode()
    name = json.loads(pasted)["verifiableCredential"][0]["issuer"]["name"]
    page = await anyone.submit(await anyone.open("/verify"), "/verify", text=pasted)
    assert VERDICT[Verdict.ACCEPT_UNTRUSTED].text in page.main
    assert name not in page.source


async def test_a_record_in_a_bundle_shows_what_is_in_the_record(anyone: PlainBrowser) -> None:
    issuer = KeyIssuer()
    inner = json.loads(issuer.issue(record(issuer, json.loads(issuer.issue()))))
    page = await anyone.submit(await anyone.open("/verify"), "/verify", text=octets(bundle(inner)).decode())
    outer, nested = page.document.find_class("contents")
    assert "The record of Ada" in outer.text_content()
    assert "Conferring for Agency" in nested.text_content()
    assert "The record of Ada" not in nested.text_content()


async def test_a_bundle_of_good_and_bad_says_so_and_a_record_says_how_its_members_belong_together(
    files: dict[str, bytes], anyone: PlainBrowser
) -> None:
    good = json.loads(files["json"])
    mixed = octets(bundle(good, {**good, "name": "Another"}, holder=None)).decode()
    page = await anyone.submit(await anyone.open("/verify"), "/verify", text=mixed)
    (verdict,) = page.document.find_class("verdict")
    assert verdict.find("h2").text_content() == "Do not accept it as a whole"
    assert "of the 2 credentials in it, 1 is genuine and in force" in page.main
    issuer = KeyIssuer()
    member = json.loads(issuer.issue())
    draft = record(issuer, member)
    draft["credentialSubject"]["association"][0]["sourceId"] = member["credentialSubject"]["achievement"]["id"]
    signed = issuer.issue(draft).decode()
    page = await anyone.submit(await anyone.open("/verify"), "/verify", text=signed)
    assert "“Conferring for Agency” is below https://issuer.example/achievements/other" in page.main


def test_every_check_verdict_and_outcome_has_a_word_on_the_page() -> None:
    for kind in (Name, Verdict, Outcome):
        for value in kind:
            assert word_for(value).text


# Receipts, and many at once


async def test_an_office_has_a_receipt_signed_on_the_page_of_the_result(
    files: dict[str, bytes], house: Any, anyone: PlainBrowser, world: World, tmp_path: Path
) -> None:
    assert not (await verified(anyone, files["json"])).has_form("/verify/receipt")
    assert not (await verified(await house.signed_in("teacher"), files["json"])).has_form("/verify/receipt")
    admin = await house.signed_in("admin")
    page = await admin.submit(await verified(admin, files["json"]), "/verify/receipt")
    assert page.heading == "Receipt of a verification"
    assert "Genuine and in force" in page.main
    assert "Signed by Alder Department of Education" in page.main
    signed = (await anyone.client.get(page.link("Download, signed"))).content
    assert tone(await verified(anyone, signed)) == "good"
    assert (await anyone.open(page.path)).heading == page.heading
    forged = files["json"].replace(b"Moves Work", b"Makes Gold")
    page = await admin.submit(await verified(admin, forged), "/verify/receipt")
    assert "Do not accept" in page.main
    assert "Makes Gold" not in page.source


async def test_many_are_verified_each_with_a_verdict_that_can_be_taken_away(
    files: dict[str, bytes], house: Any, world: World
) -> None:
    clerk = await house.signed_in("admin")
    page = await clerk.open("/verify/many")
    assert "None yet." in page.main
    nothing = await clerk.submit(page, "/verify/many", status=400)
    assert nothing.errors() == ["Choose files, or paste addresses."]
    table = b"name,link\n=1+1,https://nowhere.example/1\n"
    content = {"files": [("a.json", files["json"]), ("b.json", b"{"), ("links.csv", table), ("c.zip", b"PK broken")]}
    answer = await clerk.client.post(
        "/verify/many",
        data={"links": "https://nowhere.example/2\n"},
        files=[("files", one) for one in content["files"]],
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    page = await clerk.open(address)
    assert "of 5 are verified so far" in page.main
    assert await worker.work_all(world.parts) == 1
    page = await clerk.open(address)
    assert "All 5 are verified" in page.main
    assert "1: a.json Genuine and in force" in page.main
    assert "2: b.json Do not accept" in page.main
    assert "3: c.zip" not in page.main
    assert "links.csv: row 2: =1+1 Could not be checked completely" in page.main
    only = await clerk.open(page.link("Do not accept"))
    assert "2: b.json" in only.main
    assert "1: a.json" not in only.main
    rows = list(csv.reader(io.StringIO((await clerk.client.get(f"{address}/results.csv")).content.decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == ["accept", "reject", "indeterminate", "indeterminate", "indeterminate"]
    lines = (await clerk.client.get(f"{address}/results.jsonl")).text.splitlines()
    assert [json.loads(line)["number"] for line in lines] == [1, 2, 3, 4, 5]
    other = await house.signed_in("leader")
    await other.open(address, status=404)
    assert (await other.client.get(f"{address}/results.csv")).status_code == 404
    page = await clerk.submit(await clerk.open(address), "/removal")
    assert "The batch and its results are forgotten." in page.main
    await clerk.open(address, status=404)
