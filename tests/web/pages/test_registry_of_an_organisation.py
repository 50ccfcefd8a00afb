"""The registry of an organisation, kept over the API and asked by the verifier."""

import csv
import dataclasses
import io
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
from builders import PASSWORD, World, browser
from litestar import Litestar
from plain_browser import PlainBrowser
from simulator import CONTEXT_OB, CONTEXT_V2, Simulator, octets, sign, stamp

from credentials.fetch import Fetched
from credentials.people.model import Role
from credentials.trust.model import GENERAL, Use
from credentials.trust.registry import Line, list_subjects

LINE = {"issuer": "did:web:issuer.example", "name": "Provider", "uses": ["pay"]}


@pytest.fixture
def network() -> list[Simulator]:
    return [Simulator(), Simulator("registry.example", seed=9)]


@pytest.fixture
def app(app: Litestar, network: list[Simulator]) -> Litestar:
    """The service on a network with two issuers."""

    async def fetch(url: str, *, accept: str) -> Fetched:
        return await next(one for one in network if one.host in url)(url, accept=accept)

    app.state.parts = dataclasses.replace(app.state.parts, fetch=fetch)
    return app


async def signed_in(app: Litestar, world: World, name: str) -> httpx.AsyncClient:
    client = browser(app)
    client.headers["Origin"] = "http://alder.test"
    answer = await client.post("/api/v1/sessions", json={"email": world.addresses[name], "password": PASSWORD})
    assert answer.status_code == 201
    return client


def at(world: World, slug: str) -> str:
    return f"/api/v1/organisations/{world.organisations[slug].id}/recognitions"


async def verdict(client: httpx.AsyncClient, badge: bytes, **query: str) -> dict[str, Any]:
    answer = await client.post("/api/v1/verify", params=query, content=badge)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_states_line_holds_in_its_districts_and_nowhere_else(
    app: Litestar, world: World, network: list[Simulator]
) -> None:
    admin = await signed_in(app, world, "admin")
    badge = network[0].issue()
    assert (await verdict(admin, badge))["verdict"] == "indeterminate"
    made = await admin.post(at(world, "alder"), json={**LINE, "condition": "With a transcript."})
    assert made.status_code == 201, made.text
    for slug in ("alder", "kestrel-moor", "heron-school"):
        report = await verdict(admin, badge, organisation=slug)
        assert report["verdict"] == "accept"
        assert report["issuer"]["name"] == "Provider"
        assert report["issuer"]["uses"] == ["pay"]
        assert report["issuer"]["recognisedBy"] == "Alder Department of Education"
    assert (await verdict(admin, badge))["verdict"] == "indeterminate"
    assert (await verdict(admin, badge, organisation="alder", use="licence"))["code"] == "use-not-accepted"
    inherited = (await admin.get(at(world, "heron-school") + "/inherited")).json()
    assert [one["name"] for one in inherited] == ["Provider"]


async def test_a_district_may_refuse_what_its_state_accepts(
    app: Litestar, world: World, network: list[Simulator]
) -> None:
    admin = await signed_in(app, world, "admin")
    await admin.post(at(world, "alder"), json=LINE)
    await admin.post(at(world, "kestrel-moor"), json={**LINE, "uses": []})
    badge = network[0].issue()
    assert (await verdict(admin, badge, organisation="alder"))["verdict"] == "accept"
    assert (await verdict(admin, badge, organisation="kestrel-moor"))["verdict"] == "accept-untrusted"
    assert (await verdict(admin, badge, organisation="heron-school"))["verdict"] == "accept-untrusted"


async def test_a_line_is_changed_by_who_has_read_it_and_ended(
    app: Litestar, world: World, network: list[Simulator]
) -> None:
    admin = await signed_in(app, world, "admin")
    made = (await admin.post(at(world, "alder"), json=LINE)).json()
    address = f"{at(world, 'alder')}/{made['id']}"
    read = await admin.get(address)
    changed = await admin.put(address, json={**LINE, "uses": ["licence"]}, headers={"If-Match": read.headers["ETag"]})
    assert changed.json()["uses"] == ["licence"]
    stale = await admin.put(address, json=LINE, headers={"If-Match": read.headers["ETag"]})
    assert stale.status_code == 412
    assert (await admin.post(address + "/end", json={"reason": "Contract ended."})).json()["until"]
    world.clock.advance(days=1)
    later = network[0].issue(network[0].draft(validFrom=stamp(world.clock() - timedelta(hours=1))))
    assert (await verdict(admin, later, organisation="alder"))["verdict"] != "accept"
    assert (await verdict(admin, network[0].issue(), organisation="alder"))["verdict"] == "accept"


async def test_only_administrators_change_it_and_only_those_who_act_on_verdicts_read_it(
    app: Litestar, world: World
) -> None:
    await world.join("clerk", "kestrel-moor", Role.PAYROLL_CLERK)
    clerk, teacher = await signed_in(app, world, "clerk"), await signed_in(app, world, "teacher")
    address = at(world, "kestrel-moor")
    assert (await clerk.get(address)).status_code == 200
    assert (await clerk.post(address, json=LINE)).status_code == 403
    assert (await clerk.get(at(world, "alder"))).status_code == 404
    assert (await teacher.get(address)).status_code == 404
    assert (await teacher.post(address, json=LINE)).status_code == 404
    assert (await browser(app).get(address)).status_code == 401


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({"organisation": "nowhere"}, "organisation"),
        ({"use": "list"}, "use"),
        ({"asOf": "30 September"}, "asOf"),
        ({"asOf": "2026-09-02"}, "asOf"),
        ({"asOf": "2026-08-30T12:00:00"}, "asOf"),
    ],
)
async def test_a_question_that_cannot_be_read_is_refused_with_its_place(
    app: Litestar, query: dict[str, str], place: str
) -> None:
    answer = await browser(app).post("/api/v1/verify", params=query, content=b"{}")
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [place]


# Lists


async def test_a_csv_file_is_taken_and_a_bad_one_is_not(app: Litestar, world: World) -> None:
    admin = await signed_in(app, world, "admin")
    out = io.StringIO()
    csv.writer(out).writerows([["issuer", "name", "uses"], ["did:web:issuer.example", "Provider", "pay;licence"]])
    imports = at(world, "alder") + "/imports"
    for counts in ({"added": 1, "unchanged": 0, "ended": 0}, {"added": 0, "unchanged": 1, "ended": 0}):
        taken = await admin.post(imports, content=out.getvalue(), headers={"Content-Type": "text/csv"})
        assert taken.json() == counts
    bad = await admin.post(imports, content=out.getvalue() + "nonsense,,pay\n", headers={"Content-Type": "text/csv"})
    assert bad.status_code == 400
    assert {error["pointer"] for error in bad.json()["errors"]} == {"line 3: issuer", "line 3: name"}


def a_list(registry: Simulator, *lines: Line, **changed: Any) -> bytes:
    key = registry.key()
    document = {
        "@context": [CONTEXT_V2, CONTEXT_OB],
        "id": "https://registry.example/lists/educators",
        "type": ["VerifiableCredential"],
        "issuer": registry.id,
        "validFrom": stamp(registry.now - timedelta(days=1)),
        "credentialSubject": list_subjects(lines),
        **changed,
    }
    return octets(sign(document, key.local, key.method))


PROVIDER = Line(issuer="did:web:issuer.example", name="Provider", uses=GENERAL, condition="With a transcript.")


async def test_a_signed_list_is_taken_from_whom_the_organisation_lets_name_issuers(
    app: Litestar, world: World, network: list[Simulator]
) -> None:
    admin = await signed_in(app, world, "admin")
    issuer, registry = network
    imports = at(world, "alder") + "/imports"
    signed = a_list(registry, PROVIDER)

    stranger = await admin.post(imports, content=signed)
    assert stranger.status_code == 400
    assert "the use “list”" in stranger.json()["detail"]

    entry = {"issuer": registry.id, "name": "The compact's registry", "uses": ["display"]}
    made = (await admin.post(at(world, "alder"), json=entry)).json()
    assert (await admin.post(imports, content=signed)).status_code == 400, "to be shown is not to name others"

    await admin.post(at(world, "alder"), json={**entry, "uses": ["list"]})
    await admin.post(f"{at(world, 'alder')}/{made['id']}/end", json={})
    taken = await admin.post(imports, content=signed)
    assert taken.json() == {"added": 1, "unchanged": 0, "ended": 0}
    report = await verdict(admin, issuer.issue(), organisation="kestrel-moor")
    assert (report["verdict"], report["issuer"]["conditions"]) == ("accept", ["With a transcript."])

    forged = msgspec.json.decode(signed)
    forged["credentialSubject"][0]["name"] = "Somebody else"
    assert (await admin.post(imports, content=octets(forged))).status_code == 400
    older = a_list(registry, PROVIDER, validFrom=stamp(registry.now - timedelta(days=2)))
    assert (await admin.post(imports, content=older)).status_code == 409
    badge = await admin.post(imports, content=registry.issue())
    assert badge.status_code == 400


async def test_a_list_of_a_registry_does_not_make_its_own_badges_good(
    app: Litestar, world: World, network: list[Simulator]
) -> None:
    admin = await signed_in(app, world, "admin")
    registry = network[1]
    await admin.post(at(world, "alder"), json={"issuer": registry.id, "name": "Registry", "uses": [Use.LIST]})
    report = await verdict(admin, registry.issue(), organisation="alder", use="pay")
    assert (report["verdict"], report["code"]) == ("accept-untrusted", "use-not-accepted")


# The page


async def test_an_administrator_recognises_an_issuer_on_the_page_and_ends_it(house: Any, world: World) -> None:
    admin = await house.signed_in("admin")
    address = f"/organisations/{world.organisations['alder'].id}/registry"
    page = await admin.open(f"/organisations/{world.organisations['alder'].id}")
    assert page.link("Recognised issuers") == address
    page = await admin.open(address)
    bad = await admin.submit(page, "/registry", status=400, issuer="nonsense", name="Provider")
    assert any("DID" in error for error in bad.errors())
    page = await admin.submit(
        page, "/registry", issuer="did:web:issuer.example", name="Provider", uses="pay", until="2027-06-30"
    )
    assert "The issuer is in the registry from now on." in page.main
    assert "Provider did:web:issuer.example Pay" in page.main
    below = await admin.open(f"/organisations/{world.organisations['heron-school'].id}/registry")
    assert "Alder Department of Education" in below.main
    page = await admin.submit(await admin.open(address), "/end", reason="Contract ended.")
    assert "The line has ended." in page.main


async def test_a_payroll_clerk_reads_the_registry_and_finds_nothing_to_change(house: Any, world: World) -> None:
    await world.join("clerk", "kestrel-moor", Role.PAYROLL_CLERK)
    clerk: PlainBrowser = await house.signed_in("clerk")
    page = await clerk.open(f"/organisations/{world.organisations['kestrel-moor'].id}/registry")
    assert "It has no line of its own yet." in page.main
    assert "Recognise an issuer" not in page.main


async def test_a_registry_is_published_as_a_signed_list_that_another_office_takes(app: Litestar, world: World) -> None:
    admin = await signed_in(app, world, "admin")
    published = at(world, "alder") + "/publications"
    assert (await admin.post(published)).status_code == 409
    entry = {
        "issuer": PROVIDER.issuer,
        "name": "Provider",
        "uses": ["pay", "display"],
        "condition": "With a transcript.",
    }
    await admin.post(at(world, "alder"), json=entry)
    await admin.post(at(world, "alder"), json={**entry, "issuer": "did:web:registry.example", "uses": ["list"]})
    first = (await admin.post(published)).json()
    assert first["list"].endswith("/registries/alder")
    assert first["lines"] == 1
    world.clock.advance(hours=1)
    assert (await admin.post(published)).json() == first, "nothing is new"
    anybody = browser(app)
    signed = (await anybody.get("/registries/alder")).content
    assert msgspec.json.decode(signed)["id"] == first["list"]
    assert (await anybody.get("/registries/kestrel-moor")).status_code == 404

    imports = at(world, "kestrel-moor") + "/imports"
    assert (await admin.post(imports, content=signed)).status_code == 400, "who may name issuers is said first"
    did = msgspec.json.decode(signed)["issuer"]["id"]
    await admin.post(at(world, "kestrel-moor"), json={"issuer": did, "name": "Alder", "uses": ["list"]})
    assert (await admin.post(imports, content=signed)).json() == {"added": 1, "unchanged": 0, "ended": 0}
    lines = (await admin.get(at(world, "kestrel-moor"))).json()["items"]
    kept = next(line for line in lines if line["issuer"] == PROVIDER.issuer)
    assert (kept["issuer"], kept["uses"], kept["condition"]) == (
        PROVIDER.issuer,
        ["display", "pay"],
        entry["condition"],
    )

    await admin.post(at(world, "alder"), json={**entry, "issuer": "did:web:other.example"})
    world.clock.advance(hours=1)
    second = (await admin.post(published)).json()
    assert second.get("lines") == 2, second
    newer = (await anybody.get("/registries/alder")).content
    assert (await admin.post(imports, content=newer)).json() == {"added": 2, "unchanged": 0, "ended": 1}
    assert (await admin.post(imports, content=signed)).status_code == 409, "an older edition does not come back"
    leader = await signed_in(app, world, "leader")
    assert (await leader.post(published)).status_code in {403, 404}
