"""Off by default, closed without a token, and as the settings say: who may issue, as whom, through what."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from builders import TestClock, World, browser, served
from plain_credentials import a_credential
from vc_api import opened, settings_of

from credentials.instances.model import Instances
from credentials.people import service as people
from credentials.people.model import Scope
from credentials.settings import Environment, SettingsRefused, check
from credentials.web.parts import Parts, open_parts

OWN: dict[str, Any] = {
    "default": "badges",
    "instances": [
        {"name": "badges", "suite": "eddsa-rdfc-2022", "keyType": "Ed25519", "organisation": "alder"},
        {"name": "tokens", "suite": "vc-jwt", "keyType": "P-256", "organisation": "alder", "status": ["revocation"]},
        {"name": "own", "suite": "ecdsa-rdfc-2019", "keyType": "P-384"},
    ],
}

Closed = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    path = tmp_path / "instances.json"
    path.write_text(json.dumps(OWN))
    return path


async def test_nothing_of_it_is_there_unless_the_settings_say_so(client: httpx.AsyncClient) -> None:
    assert (await client.get("/vc-api/issuers")).status_code == 404
    for path in ("credentials/issue", "credentials/verify", "credentials/derive", "presentations/verify"):
        assert (await client.post(f"/vc-api/{path}", json={})).status_code == 404


async def test_issuing_for_an_organisation_needs_its_administrators_token(
    database_url: str, tmp_path: Path, clock: TestClock, configured: Path
) -> None:
    settings = settings_of(tmp_path, database_url, vc_api_open=False, vc_api_instances=configured)
    async with opened(settings, clock) as parts, browser(served(parts)) as api:
        world = await World(parts, clock).found()
        document = a_credential(issuer="did:web:alder.test:orgs:alder", validFrom="2026-01-01T00:00:00Z")

        async def issue(secret: str = "", path: str = "/vc-api", **changed: Any) -> httpx.Response:
            headers = {"Authorization": f"Bearer {secret}"} if secret else {}
            body = {"credential": {**document, **changed}}
            return await api.post(f"{path}/credentials/issue", json=body, headers=headers)

        async def token(who: str, *scopes: Scope) -> str:
            act = await world.act(who)
            until = clock() + timedelta(days=1)
            _, secret = await world.do(people.make_token, act, name="program", scopes=scopes, expires_at=until)
            return str(secret)

        admin, teacher = await token("admin", Scope.CREDENTIALS_ISSUE), await token("teacher", Scope.CREDENTIALS_ISSUE)
        weak = await token("admin", Scope.AWARDS_READ)
        assert (await issue()).status_code == 401
        assert (await issue("ecr_" + "a" * 32)).status_code == 401
        assert ((await issue(weak)).status_code, (await issue(weak)).json()["code"]) == (403, "scope-needed")
        assert ((await issue(teacher)).status_code, (await issue(teacher)).json()["code"]) == (404, "not-found")
        assert (await issue(teacher, "/vc-api/issuers/own")).status_code == 403
        good = await issue(admin)
        assert good.status_code == 201, good.text
        signed = good.json()["verifiableCredential"]
        assert signed["issuer"] == document["issuer"]

        told = await api.post("/vc-api/credentials/verify", json={"verifiableCredential": signed})
        assert told.json()["report"]["verdict"] == "accept", "the organisation is recognised here"
        assert "warnings" not in told.json()

        other = await issue(admin, issuer="did:example:somebody")
        assert (other.status_code, other.json()["code"]) == (400, "issuer-mismatch")
        assert (await issue(admin, "/vc-api/issuers/tokens")).status_code == 201
        assert (await issue(admin, "/vc-api/issuers/own")).json()["code"] == "issuer-mismatch"
        assert (await issue(admin, "/vc-api/issuers/none")).status_code == 404
        status_ = {"credentialId": document["id"], "credentialStatus": {"type": "x", "statusPurpose": "revocation"}}
        path = "/vc-api/issuers/tokens/credentials/status"
        assert (await api.post(path, json=status_)).status_code == 401
        headers = {"Authorization": f"Bearer {teacher}"}
        assert (await api.post(path, json=status_, headers=headers)).status_code == 404
        headers = {"Authorization": f"Bearer {admin}"}
        assert (await api.post(path, json=status_, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"default": "none"}, "default is one of them"),
        ({"instances": [*OWN["instances"], OWN["instances"][0]]}, "a name of its own"),
        ({"instances": [{**OWN["instances"][0], "keyType": "P-256"}]}, "does not work with"),
        ({"instances": [{**OWN["instances"][0], "suite": "bbs-2023"}]}, "is no suite"),
        ({"instances": [{**OWN["instances"][0], "suite": "vc-jwt"}]}, "ES256 or ES384"),
        ({"instances": [{**OWN["instances"][0], "name": "Badges!"}]}, "small letters"),
        ({"instances": [{**OWN["instances"][0], "colour": "red"}]}, "colour"),
    ],
)
async def test_a_faulty_list_of_instances_keeps_the_service_from_starting(
    tmp_path: Path, clock: TestClock, changed: dict[str, Any], said: str
) -> None:
    path = tmp_path / "instances.json"
    path.write_text(json.dumps({**OWN, **changed}))
    settings = settings_of(tmp_path, "sqlite://", vc_api_instances=path)
    with pytest.raises(SettingsRefused, match=said):
        async with open_parts(settings, now=clock):
            pass


def test_nobody_opens_issuing_to_everybody_in_production(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path, "", environment=Environment.PRODUCTION, base_url="https://alder.test", kek_file=tmp_path / "kek"
    )
    with pytest.raises(SettingsRefused, match="not in production"):
        check(settings)
    check(msgspec.structs.replace(settings, vc_api_open=False))


async def test_instances_say_who_they_are(open_api: Parts, api: httpx.AsyncClient) -> None:
    assert isinstance(open_api.instances, Instances)
    listed = (await api.get("/vc-api/issuers")).json()
    assert [one["name"] for one in listed] == [one.name for one in open_api.instances.instances]
    assert len({one["id"] for one in listed}) == len(listed), "each has a did:key of its own"
    assert (await api.get("/vc-api/issuers")).json() == listed, "and keeps it"


@pytest.mark.parametrize(
    ("content", "kind", "status", "title"),
    [
        (b"", "application/json", 400, "PARSING_ERROR"),
        (b"[]", "application/json", 400, "MALFORMED_VALUE_ERROR"),
        (b'{"credential": {}, "credential": {}}', "application/json", 400, "json-duplicate-key"),
        (b'{"credential": 5}', "application/json", 400, "MALFORMED_VALUE_ERROR"),
        (b'{"credential": {}, "options": {"own": 1}}', "application/json", 400, "MALFORMED_VALUE_ERROR"),
        (b'{"credential": {"a": 1e999}}', "application/json", 400, "json-number-out-of-range"),
        (b"\xff", "application/json", 400, "PARSING_ERROR"),
        (b"[" * 40 + b"]" * 40, "application/json", 400, "json-too-deep"),
        (b"credential=x", "application/x-www-form-urlencoded", 415, "Unsupported Media Type"),
    ],
)
async def test_a_request_that_cannot_be_read_is_answered_with_a_problem(
    shared_api: httpx.AsyncClient, content: bytes, kind: str, status: int, title: str
) -> None:
    for path in ("issue", "verify"):
        answer = await shared_api.post(
            f"/vc-api/credentials/{path}",
            content=content.replace(b'credential"', b'verifiableCredential"') if path == "verify" else content,
            headers={"Content-Type": kind},
        )
        if path == "verify" and b"own" in content:
            continue  # a verifier is told more by some callers than it needs
        assert (answer.status_code, answer.json()["title"]) == (status, title), answer.text


async def test_a_check_that_there_is_not_is_refused(shared_api: httpx.AsyncClient) -> None:
    body = {"verifiableCredential": a_credential(), "options": {"checks": ["everything"]}}
    answer = await shared_api.post("/vc-api/credentials/verify", json=body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/options/checks"


async def test_what_was_issued_already_is_not_issued_again(shared_api: httpx.AsyncClient) -> None:
    first = await shared_api.post("/vc-api/credentials/issue", json={"credential": a_credential()})
    again = await shared_api.post(
        "/vc-api/credentials/issue", json={"credential": first.json()["verifiableCredential"]}
    )
    assert (again.status_code, again.json()["errors"][0]["pointer"]) == (400, "/proof")
