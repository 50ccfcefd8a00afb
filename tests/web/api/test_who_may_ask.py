"""Every address of the API and every page, one after another: nobody gets in without an account, no program beyond its
scopes, and what belongs to another organisation looks like what is not there."""

import re
from collections.abc import AsyncIterator, Iterable
from typing import Any, NamedTuple

import httpx
import pytest
from api_roles import ORIGIN
from builders import browser, served
from litestar import Litestar
from litestar.routes import HTTPRoute

from credentials.people.model import SESSION_IDLE, Scope
from credentials.web.deps import SCOPE_KEY, SIGNED_IN
from credentials.web.parts import Parts

UNKNOWN = "0190ffff-0000-7000-8000-00000000dead"

PUBLIC = {
    "/api/v1/organisations/{organisation_id}": "who issues is public",
    "/api/v1/frameworks/{framework_id}": "frameworks are public",
    "/api/v1/versions/{version_id}": "the catalogue is public",
    "/api/v1/stacks/{stack_id}": "stacks are public",
    "/api/v1/organisations/{organisation_id}/growth": "goals and figures are public, and nobody can be found in them",
    "/organisations/{organisation_id}/growth": "goals and figures are public, and nobody can be found in them",
    "/api/v1/organisations/{organisation_id}/pay-rules": "approved rules of pay are public",
    "/api/v1/organisations/{organisation_id}/recognition": "approved rules are public, and so is what they name",
    "/api/v1/micro-credentials/{micro_credential_id}/recognition": "approved rules are public, and so is what they name",
    "/organisations/{organisation_id}/recognition": "approved rules are public, and so is what they name",
    "/ims/case/v1p1/CFPackages/{framework_id}": "frameworks are public",
    "/achievements/{version_id}": "the catalogue is public",
    "/achievements/{version_id}/rubric.json": "the catalogue is public",
    "/achievements/{version_id}/badge.svg": "the catalogue is public",
    "/stacks/{stack_id}/badge.svg": "stacks are public",
    "/stacks/{stack_id}": "stacks are public",
    "/licences/{licence_id}/badge.svg": "what an office grants is public",
    "/licences/{licence_id}": "what an office grants is public",
    "/organisations/{organisation_id}": "who issues is public",
    "/micro-credentials/{slug}": "the catalogue is public",
}
"""What anybody may read, and why. Drafts among them are their developers'."""

OTHER_WORDS = {"POST /develop/{version_id}/next": "the version is public; its micro-credential is what is refused"}
"""Addresses that refuse with the same code and in other words, and why that tells nothing."""

CAPABILITIES = ("secret", "share")
"""Parts of an address that are a secret themselves: who has it may come in."""

NOT_OURS = ("criterion", "step", "container", "form", "file_path", "path", "code", "slug", "identifier", "list_id")
"""Parts of an address that are no id of a thing in an organisation, or of a public one."""

FORMS: dict[str, dict[str, str]] = {
    "/organisations/{organisation_id}/invitations": {"email": "me@elsewhere.example", "role": "assessor"},
    "/organisations/{organisation_id}/settings": {"name": "Mine now", "revision": "1"},
    "/organisations/{organisation_id}/below": {"kind": "school", "slug": "mine", "name": "Mine"},
    "/organisations/{organisation_id}/awards/{award_id}/{step}": {"reason": "Because."},
    "/develop/{version_id}/return": {"reason": "Because."},
    "/develop/{version_id}/retirement": {"reason": "Because."},
}
IN_BODIES = {
    "POST /api/v1/organisations": (
        "parent_id",
        lambda known: {"kind": "school", "slug": "mine", "name": "Mine", "parentId": known},
    ),
    "POST /api/v1/stacks": (
        "organisation_id",
        lambda known: {
            "organisationId": known,
            "slug": "mine",
            "title": "Mine",
            "description": "Mine.",
            "members": [UNKNOWN, UNKNOWN[:-1] + "0"],
        },
    ),
}
"""Addresses that take the id of a thing in the body."""


class Address(NamedTuple):
    method: str
    path: str
    handler: Any

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def names(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)

    @property
    def taken(self) -> set[str]:
        return set(self.handler.parsed_fn_signature.parameters)

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/v1/")


def addresses_of(app: Litestar) -> list[Address]:
    return [
        Address(method, route.path_format, handler)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method, (handler, _) in route.route_handler_map.items()
        if method not in {"OPTIONS", "HEAD"}
    ]


@pytest.fixture
def app(opened: Parts) -> Litestar:
    return served(opened)


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as opened:
        yield opened


def an_example(schema: dict[str, Any], shapes: dict[str, Any]) -> Any:
    """The smallest value that a schema of ours allows."""
    if "$ref" in schema:
        return an_example(shapes[schema["$ref"].rpartition("/")[2]], shapes)
    if "default" in schema:
        return schema["default"]
    if "enum" in schema:
        return schema["enum"][0]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return an_example(schema[several][-1], shapes)
    match schema.get("type"):
        case "object":
            members = schema.get("properties", {})
            return {name: an_example(members[name], shapes) for name in schema.get("required", ())}
        case "array":
            return [an_example(schema.get("items", {}), shapes) for _ in range(schema.get("minItems", 0))]
        case "string":
            written = {"date-time": "2026-10-01T12:00:00Z", "date": "2026-10-01", "email": "me@elsewhere.example"}
            return written.get(schema.get("format", ""), "a reason that is long enough"[: schema.get("maxLength", 99)])
        case "integer" | "number":
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return True
        case _:
            return None


async def ask(
    client: httpx.AsyncClient, address: Address, ids: dict[str, str], headers: dict[str, str]
) -> httpx.Response:
    path = address.path
    for name, value in ids.items():
        path = path.replace(f"{{{name}}}", value)
    more: dict[str, Any] = {"headers": {**ORIGIN, "If-Match": '"1"', **headers}}
    if address.path.endswith("/files"):
        more["files"] = {"data": ("mine.txt", b"Mine.", "text/plain")}
        more["params"] = {"requirement": "work"}
    elif address.is_api:
        more["json"] = await body_for(client, address)
    elif address.method == "POST":
        more["data"] = FORMS.get(address.path, {"reason": "Because."})
    if path.endswith("/audit"):
        more["params"] = {"subject": "award:any"}
    if address.is_api and more.get("json") is None:
        more.pop("json", None)
    return await client.request(address.method, path, **more)


async def body_for(client: httpx.AsyncClient, address: Address) -> Any:
    """A body of the right form, from the description."""
    if not hasattr(client, "description"):
        client.description = (await client.get("/api/openapi.json")).json()
    asked = client.description["paths"][address.path][address.method.lower()].get("requestBody", {}).get("content", {})
    if "application/json" not in asked:
        return None
    return an_example(asked["application/json"]["schema"], client.description["components"]["schemas"])


def some(names: Iterable[str], things: dict[str, list[str]]) -> dict[str, str]:
    fixed = {"step": "revoke", "container": "json", "form": "json", "criterion": "uptake"}
    return {name: fixed.get(name) or (things.get(name) or [UNKNOWN])[0] for name in names}


async def test_without_an_account_every_address_that_needs_one_says_so_before_it_reads_anything(
    app: Litestar, client: httpx.AsyncClient, populated: Any
) -> None:
    walked = 0
    for address in addresses_of(app):
        if not address.taken & SIGNED_IN:
            continue
        walked += 1
        answer = await ask(client, address, some(address.names, populated.things), {})
        if address.is_api:
            assert answer.status_code == 401, address.label
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["www-authenticate"].startswith("Bearer")
        else:
            assert answer.status_code in {302, 303, 401}, (address.label, answer.status_code)
            assert answer.status_code == 401 or answer.headers["location"].startswith("/sign-in"), address.label
    assert walked > 100


@pytest.mark.parametrize(
    "header",
    [
        {"Authorization": "Bearer ecr_" + "x" * 32},
        {"Authorization": "Basic YWRtaW46YWRtaW4="},
        {"Cookie": "session=" + "x" * 32},
    ],
    ids=["a token that is none", "another scheme", "a session that is none"],
)
async def test_a_secret_that_is_none_opens_nothing(
    app: Litestar, client: httpx.AsyncClient, populated: Any, header: dict[str, str]
) -> None:
    for address in addresses_of(app):
        if address.is_api and address.taken & SIGNED_IN:
            answer = await ask(client, address, some(address.names, populated.things), header)
            assert answer.status_code == 401, address.label


async def test_a_token_is_taken_only_where_it_has_the_scope_and_nowhere_else(
    app: Litestar, client: httpx.AsyncClient, populated: Any, opened: Parts
) -> None:
    """Somebody else's token for everything, at each address; where the address has no scope, no token is taken at all."""
    token = {"Authorization": f"Bearer {populated.tokens['outsider']}"}
    scopes = set()
    for address in addresses_of(app):
        if not address.is_api or not address.taken & SIGNED_IN:
            continue
        scope = address.handler.opt.get(SCOPE_KEY)
        answer = await ask(client, address, some(address.names, populated.things), token)
        if scope is None:
            assert answer.status_code == 401, address.label
        else:
            scopes.add(Scope(scope))
            assert answer.status_code != 401, address.label
    assert scopes, "no address has a scope"


async def test_a_session_that_was_not_used_for_long_or_was_ended_opens_nothing(
    client: httpx.AsyncClient, opened: Parts, populated: Any
) -> None:
    first, second, *_ = [{"Cookie": f"session={secret}"} for secret in populated.sessions["admin"]]
    assert (await client.get("/api/v1/me", headers=first)).status_code == 200
    assert (await client.delete("/api/v1/sessions/current", headers={**ORIGIN, **first})).status_code == 204
    assert (await client.get("/api/v1/me", headers=first)).status_code == 401
    assert (await client.get("/api/v1/me", headers=second)).status_code == 200
    opened.now.advance(seconds=SESSION_IDLE.total_seconds() + 61)
    assert (await client.get("/api/v1/me", headers=second)).status_code == 401


def likeness(answer: httpx.Response) -> tuple[int, str, str]:
    """What tells one refusal from another, without the address that was asked and the number of the request."""
    if answer.headers.get("content-type", "").startswith("application/problem+json"):
        problem = answer.json()
        return answer.status_code, problem["code"], problem["detail"]
    return answer.status_code, answer.headers.get("location", "").partition("?")[0], ""


@pytest.mark.parametrize("way", ["session", "token"])
async def test_what_belongs_to_another_organisation_answers_as_what_is_not_there(
    app: Litestar, client: httpx.AsyncClient, populated: Any, way: str
) -> None:
    """An outsider, who holds every role in another tree, asks with ids of things that there are, and with ids of nothing."""
    if way == "session":
        headers = {"Cookie": f"session={populated.sessions['outsider'][0]}"}
    else:
        headers = {"Authorization": f"Bearer {populated.tokens['outsider']}"}
    walked, reached, told = 0, 0, []
    for address in addresses_of(app):
        names = [name for name in address.names if name not in NOT_OURS]
        if not names or set(names) & set(CAPABILITIES) or (address.method == "GET" and address.path in PUBLIC):
            continue
        if way == "token" and not (address.is_api and address.handler.opt.get(SCOPE_KEY)):
            continue
        ids = some(address.names, populated.things)
        of_nothing = likeness(await ask(client, address, {**ids, **dict.fromkeys(names, UNKNOWN)}, headers))
        for place in range(max(len(populated.things.get(name, [])) for name in names) or 1):
            for name in names:
                known = populated.things.get(name) or [UNKNOWN]
                ids[name] = known[place % len(known)]
            seen = [likeness(await ask(client, address, ids, headers)), of_nothing]
            walked += 1
            if address.label in OTHER_WORDS:
                seen = [(*one[:2], "") for one in seen]
            reached += of_nothing[0] == 404
            # What is refused for its form before anything is looked up tells nothing either; there is little of that.
            if seen[0] != seen[1] or seen[0][0] not in {400, 404}:
                told.append(f"{address.label} {ids}: {seen}")
    assert walked > (100 if way == "session" else 60)
    assert not told, "\n" + "\n".join(told)
    assert reached > 0.8 * walked, "too much was refused before anything was looked up"


@pytest.mark.parametrize("label", IN_BODIES)
async def test_an_id_of_another_organisation_in_a_body_answers_as_one_of_nothing(
    client: httpx.AsyncClient, populated: Any, label: str
) -> None:
    name, body = IN_BODIES[label]
    method, _, path = label.partition(" ")
    headers = {**ORIGIN, "Cookie": f"session={populated.sessions['outsider'][0]}"}
    seen = [
        likeness(await client.request(method, path, headers=headers, json=body(known)))
        for known in (populated.things[name][0], UNKNOWN)
    ]
    assert seen[0] == seen[1]
    assert seen[0][0] == 404


async def test_lists_show_an_outsider_nothing_of_others(client: httpx.AsyncClient, populated: Any) -> None:
    headers = {"Cookie": f"session={populated.sessions['outsider'][0]}"}
    for path in ("submissions", "reviews", "review-queue", "awards", "versions", "stack-progress", "me/tokens"):
        answer = await client.get(f"/api/v1/{path}", headers=headers)
        assert answer.status_code == 200, path
        text = answer.text
        hidden = {
            name: ids
            for name, ids in populated.things.items()
            if name in {"submission_id", "review_id", "award_id", "artifact_id", "address_id"}
        }
        assert not [one for ids in hidden.values() for one in ids if one in text], path
