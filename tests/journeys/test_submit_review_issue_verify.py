"""One educator's work through all of it, over HTTP, on both databases: every step as a person or their program does it."""

import io
import zipfile
from collections.abc import AsyncIterator
from mailbox import Mailbox
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from builders import CHEAP, FRAMEWORK, PASSWORD, TestClock, a_png, a_specification, browser, served

from credentials.fetch import fetch_nothing
from credentials.ids import SystemIds
from credentials.issuing import service as issuing
from credentials.people import service as people
from credentials.people.model import Act, Actor, OrganisationKind
from credentials.settings import Environment, Settings
from credentials.web import orders
from credentials.web.parts import Parts, open_parts

ORIGIN = {"Origin": "http://alder.test"}
STUDENT_SECRET = b"GPS 51.5 N, taken by Ms. Marlow's phone"


@pytest.fixture
def mailbox() -> Any:
    with Mailbox() as opened:
        yield opened


@pytest.fixture
async def service(database_url: str, tmp_path: Path, clock: TestClock, mailbox: Mailbox) -> AsyncIterator[Parts]:
    settings = Settings(
        environment=Environment.DEVELOPMENT,
        base_url="http://alder.test",
        data_dir=tmp_path / "data",
        keys_dir=tmp_path / "keys",
        database_url=database_url,
        mail_url=mailbox.url,
    )
    async with open_parts(
        settings, now=clock, fetch=fetch_nothing, password_cost=CHEAP, waits_for_disk=False
    ) as opened:
        yield opened


class Person:
    """Somebody with a browser of their own."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def ask(
        self, method: str, path: str, *, status: int, headers: dict[str, str] | None = None, **body: Any
    ) -> Any:
        answer = await self.client.request(method, f"/api/v1{path}", headers={**ORIGIN, **(headers or {})}, **body)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        if "json" in answer.headers.get("content-type", "") and answer.content:
            return answer.json()
        return answer

    async def sign_in(self, email: str) -> None:
        await self.ask("POST", "/sessions", status=201, json={"email": email, "password": PASSWORD})


def as_json(struct: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(struct))


async def test_the_whole_story(service: Parts, mailbox: Mailbox, clock: TestClock) -> None:
    app = served(service)

    async def everybody_does_what_was_ordered() -> None:
        await orders.redeem_all(service)
        await issuing.publish_due_lists(service.office, clock())

    # The operator founds the state agency on the command line; its administrator signs in.
    operator = Act(Actor(person_id="operator", name="the operator"), clock(), SystemIds())
    phc = await service.hasher.hash(PASSWORD)
    async with service.database.write() as session:
        state, _ = await people.make_first_administrator(
            session,
            operator,
            kind=OrganisationKind.STATE_AGENCY,
            slug="alder",
            organisation_name="Alder Department of Education",
            address="admin@alder.example",
            name="Ada Admin",
            phc=phc,
        )

    async with (
        browser(app) as one,
        browser(app) as two,
        browser(app) as three,
        browser(app) as four,
        browser(app) as five,
        browser(app) as six,
        browser(app) as seven,
    ):
        admin, teacher, assessor, developer, publisher, stranger = map(Person, (one, two, three, four, five, six))
        another = Person(seven)
        await admin.sign_in("admin@alder.example")

        # A district and a school; invitations by mail into roles.
        district = await admin.ask(
            "POST",
            "/organisations",
            status=201,
            json={"kind": "district", "slug": "kestrel-moor", "name": "Kestrel Moor", "parentId": state.id},
        )
        school = await admin.ask(
            "POST",
            "/organisations",
            status=201,
            json={"kind": "school", "slug": "heron", "name": "Heron School", "parentId": district["id"]},
        )
        for person, email, where, role in (
            (teacher, "tess@heron.example", school["id"], "educator"),
            (assessor, "ann@alder.example", state.id, "assessor"),
            (another, "amos@alder.example", state.id, "assessor"),
            (developer, "dev@alder.example", state.id, "catalogue_developer"),
            (publisher, "pub@alder.example", state.id, "catalogue_developer"),
        ):
            await admin.ask(
                "POST", f"/organisations/{where}/invitations", status=201, json={"email": email, "role": role}
            )
            await everybody_does_what_was_ordered()
            secret = mailbox.secret_to(email, "Invitation")
            seen = await person.ask("GET", f"/invitations/{secret}", status=200)
            assert seen["role"] == role
            accepted = {"name": email.partition("@")[0].capitalize(), "password": PASSWORD}
            await person.ask("POST", f"/invitations/{secret}/acceptance", status=204, json=accepted)
            await person.ask("POST", f"/invitations/{secret}/acceptance", status=409, json=accepted)
            await person.sign_in(email)

        # The catalogue: a framework, a draft that fails its gates by name, the same draft made whole, published by another.
        framework = {"organisationId": state.id, "framework": as_json(FRAMEWORK)}
        await developer.ask("POST", "/frameworks", status=201, json=framework)
        unfinished = a_specification(
            competencies=(), rubric=msgspec.structs.replace(a_specification().rubric, criteria=())
        )
        draft = await developer.ask(
            "POST",
            "/micro-credentials",
            status=201,
            json={"organisationId": state.id, "slug": "feedback", "specification": as_json(unfinished)},
        )
        refused = await developer.ask("POST", f"/versions/{draft['id']}/review", status=400)
        assert {error["code"] for error in refused["errors"]} >= {"one-competency", "rubric-for-every-part"}
        read = await developer.client.get(f"/api/v1/versions/{draft['id']}")
        edited = await developer.ask(
            "PUT",
            f"/versions/{draft['id']}",
            status=200,
            headers={"If-Match": read.headers["etag"]},
            json=as_json(a_specification()),
        )
        await developer.ask(
            "PUT",
            f"/versions/{draft['id']}",
            status=412,
            headers={"If-Match": read.headers["etag"]},
            json=as_json(a_specification()),
        )
        await developer.ask("POST", f"/versions/{edited['id']}/review", status=200)
        await developer.ask("POST", f"/versions/{edited['id']}/publication", status=403)
        version = await publisher.ask("POST", f"/versions/{edited['id']}/publication", status=200)
        catalogue = await stranger.ask("GET", "/catalogue?words=feedback", status=200)
        assert [entry["id"] for entry in catalogue["items"]] == [version["id"]]

        # The teacher hands in: text, and a picture whose metadata tell too much.
        key = {"Idempotency-Key": "start-1"}
        submission = await teacher.ask(
            "POST", "/submissions", status=201, headers=key, json={"versionId": version["id"]}
        )
        again = await teacher.ask("POST", "/submissions", status=201, headers=key, json={"versionId": version["id"]})
        assert again == submission, "a double click makes one submission"
        at = f"/submissions/{submission['id']}"
        missing = await teacher.ask("POST", f"{at}/hand-in", status=400)
        assert {error["code"] for error in missing["errors"]} == {"evidence-missing", "own-work"}
        for requirement in ("context", "reflection"):
            text = {"requirement": requirement, "text": "I teach thirty learners; this is what I changed and why."}
            await teacher.ask("POST", f"{at}/texts", status=201, json=text)
        picture = a_picture_with_metadata()
        assert STUDENT_SECRET in picture
        files = {"data": ("before and after.png", picture, "image/png")}
        artifact = await teacher.ask(
            "POST", f"{at}/files?requirement=work&shows_students=true", status=201, files=files
        )
        kept = await teacher.ask("GET", f"{at}/artifacts/{artifact['id']}/content", status=200)
        assert STUDENT_SECRET not in kept.content
        assert kept.headers["content-disposition"].startswith("attachment")
        for name, content, code in (
            ("program.png", b"\x7fELF" + bytes(100), "media-type-mismatch"),
            ("page.html", b"<script>alert(1)</script>", "unsupported-media-type"),
            ("macros.docx", a_document_with_macros(), "active-content"),
        ):
            problem = await teacher.ask(
                "POST", f"{at}/files?requirement=work", status=400, files={"data": (name, content, "image/png")}
            )
            assert problem["code"] == code, problem
        await teacher.ask("PUT", f"{at}/attestations", status=200, json={"ownWork": True})
        missing = await teacher.ask("POST", f"{at}/hand-in", status=400)
        assert [error["code"] for error in missing["errors"]] == ["student-consent"]
        await teacher.ask("PUT", f"{at}/attestations", status=200, json={"ownWork": True, "studentConsent": True})
        handed_in = await teacher.ask("POST", f"{at}/hand-in", status=200)
        assert handed_in["stage"] == "submitted"
        await teacher.ask("DELETE", f"{at}/artifacts/{artifact['id']}", status=409)

        # The assessor sees no name, finds something missing, and later scores it.
        queue = await assessor.ask("GET", "/review-queue", status=200)
        assert [item["submission"] for item in queue["items"]] == [submission["id"]]
        assert "Tess" not in str(queue)
        await teacher.ask("POST", f"{at}/reviews", status=404)
        review = await assessor.ask("POST", f"{at}/reviews", status=201)
        whole = await assessor.ask("GET", f"/reviews/{review['id']}", status=200)
        assert "Tess" not in str(whole)
        assert {item["requirement"] for item in whole["artifacts"]} == {"context", "work", "reflection"}
        await assessor.ask("GET", f"{at}/artifacts/{artifact['id']}/content", status=200)
        await stranger.ask("GET", f"{at}/artifacts/{artifact['id']}/content", status=401)
        await developer.ask("GET", f"{at}/artifacts/{artifact['id']}/content", status=404)
        note = {"complete": False, "note": "The reflection breaks off."}
        await assessor.ask("POST", f"/reviews/{review['id']}/completeness", status=200, json=note)
        await everybody_does_what_was_ordered()
        assert "missing" in mailbox.newest_to("tess@heron.example").get_content()
        returned = await teacher.ask("GET", f"{at}/return-note", status=200)
        assert returned["note"] == "The reflection breaks off."
        await teacher.ask("POST", f"{at}/hand-in", status=200)

        review = await assessor.ask("POST", f"{at}/reviews", status=201)
        scores = f"/reviews/{review['id']}/scores"
        await assessor.ask("PUT", f"{scores}/uptake", status=409, json={"level": "developing"})
        await assessor.ask("POST", f"/reviews/{review['id']}/completeness", status=200, json={"complete": True})
        await assessor.ask("PUT", f"{scores}/uptake", status=204, json={"level": "developing"})
        await assessor.ask("PUT", f"{scores}/reflection", status=204, json={"level": "extending"})
        unfinished = await assessor.ask("POST", f"/reviews/{review['id']}/decision", status=400)
        assert {error["code"] for error in unfinished["errors"]} == {"score-missing", "feedback-missing"}
        await assessor.ask("PUT", f"{scores}/specificity", status=204, json={"level": "demonstrated"})
        feedback = {"level": "developing", "feedback": "Show the second draft beside the first.", "note": "private"}
        await assessor.ask("PUT", f"{scores}/uptake", status=204, json=feedback)
        decision = await assessor.ask("POST", f"/reviews/{review['id']}/decision", status=201)
        assert decision["outcome"] == "not_yet_earned"
        told = await teacher.ask("GET", f"{at}/decision", status=200)
        assert "private" not in str(told)
        assert "Show the second draft" in str(told)

        # A second attempt is scored by somebody else; it is earned, and the badge is there.
        second = await teacher.ask("POST", "/submissions", status=201, json={"versionId": version["id"]})
        assert second["attemptNo"] == 2
        at = f"/submissions/{second['id']}"
        for requirement in ("context", "reflection"):
            await teacher.ask(
                "POST", f"{at}/texts", status=201, json={"requirement": requirement, "text": "Second time."}
            )
        link = {"requirement": "work", "url": "https://drafts.example/before-and-after"}
        await teacher.ask("POST", f"{at}/links", status=201, json=link)
        await teacher.ask("PUT", f"{at}/attestations", status=200, json={"ownWork": True})
        await teacher.ask("POST", f"{at}/hand-in", status=200)
        assert (await assessor.ask("GET", "/review-queue", status=200))["items"] == []
        await assessor.ask("POST", f"{at}/reviews", status=403)
        review = await another.ask("POST", f"{at}/reviews", status=201)
        await another.ask("POST", f"/reviews/{review['id']}/completeness", status=200, json={"complete": True})
        for criterion in ("specificity", "uptake", "reflection"):
            score = {"level": "demonstrated"}
            await another.ask("PUT", f"/reviews/{review['id']}/scores/{criterion}", status=204, json=score)
        decision = await another.ask("POST", f"/reviews/{review['id']}/decision", status=201)
        assert decision["outcome"] == "earned"
        await everybody_does_what_was_ordered()
        await everybody_does_what_was_ordered()
        (award,) = (await teacher.ask("GET", "/awards", status=200))["items"]
        assert "ready" in mailbox.newest_to("tess@heron.example", "Your badge is ready").get_content()

        # A stranger checks it in every form, with no account; a changed one is refused with a reason.
        for form in ("json", "jwt", "png", "svg"):
            badge = await teacher.client.get(f"/api/v1/awards/{award['id']}/credential/{form}")
            report = await stranger.ask("POST", "/verify", status=200, content=badge.content)
            assert report["verdict"] == "accept", (form, report)
            assert report["issuer"]["name"] == "Alder Department of Education"
            assert "Tess" not in badge.text, "a name stands in a credential only by consent"
        document = (await teacher.client.get(f"/api/v1/awards/{award['id']}/credential/json")).json()
        document["credentialSubject"]["achievement"]["name"] = "Superintendent"
        report = await stranger.ask("POST", "/verify", status=200, json=document)
        assert report["verdict"] == "reject"
        await stranger.ask("GET", f"/awards/{award['id']}", status=401)
        await assessor.ask("GET", f"/awards/{award['id']}", status=404)

        # She shares it, and takes the page away again.
        shared = await teacher.ask("POST", f"/awards/{award['id']}/share", status=200)
        link = shared["share"].removeprefix("http://alder.test")
        public = await stranger.client.get(f"{link}/credential/json")
        assert public.status_code == 200
        await teacher.ask("DELETE", f"/awards/{award['id']}/share", status=200)
        assert (await stranger.client.get(f"{link}/credential/json")).status_code == 404

        # A district e-mail is lost; the person stays. A second address is proved and the first given up.
        await teacher.ask("POST", "/me/addresses", status=201, json={"address": "tess@home.example"})
        await everybody_does_what_was_ordered()
        secret = mailbox.secret_to("tess@home.example", "Confirm")
        await stranger.ask("POST", "/address-verifications", status=204, json={"secret": secret})
        me = await teacher.ask("GET", "/me", status=200)
        old = next(address for address in me["addresses"] if address["address"] == "tess@heron.example")
        await teacher.ask("DELETE", f"/me/addresses/{old['id']}", status=204)
        await teacher.sign_in("tess@home.example")

        # Revoked for a reason: within a minute every verifier says so.
        clock.advance(minutes=5)
        await assessor.ask("POST", f"/awards/{award['id']}/revocation", status=403, json={"reason": "no"})
        reason = {"reason": "The link shows somebody else's work."}
        await admin.ask("POST", f"/awards/{award['id']}/revocation", status=200, json=reason)
        await everybody_does_what_was_ordered()
        badge = await teacher.client.get(f"/api/v1/awards/{award['id']}/credential/json")
        report = await stranger.ask("POST", "/verify", status=200, content=badge.content)
        assert (report["verdict"], report["code"]) == ("reject", "credential-revoked")
        assert "somebody else" in mailbox.newest_to("tess@home.example", "revoked").get_content()
        record = await admin.ask("GET", f"/organisations/{state.id}/audit?subject=award:{award['id']}", status=200)
        assert [entry["action"] for entry in record["items"]] == [
            "award.issued",
            "award.shared",
            "award.unshared",
            "award.revoked",
        ]


def a_picture_with_metadata() -> bytes:
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    told = PngInfo()
    told.add_text("Comment", STUDENT_SECRET.decode())
    out = io.BytesIO()
    Image.open(io.BytesIO(a_png())).save(out, "PNG", pnginfo=told)
    return out.getvalue()


def a_document_with_macros() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
        archive.writestr("word/vbaProject.bin", b"macro")
    return out.getvalue()
