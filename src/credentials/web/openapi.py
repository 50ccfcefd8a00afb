"""The description of the API, made true: what Litestar draws up, plus what it leaves out."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Request
from litestar.datastructures.headers import CacheControlHeader
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, License, SecurityScheme

from credentials import __version__
from credentials.web.errors import PROBLEM, Problem

FOREVER = CacheControlHeader(public=True, max_age=31_536_000, immutable=True)


PROBLEMS = {
    400: "The request is not of the form that this address takes; each fault is named with its place.",
    401: "Nobody is signed in, or the API token is not good.",
    403: "This is not yours to do: a role or scope is missing, or the request came from another site.",
    404: "There is no such thing, or not one that you may know of.",
    409: "The thing's state does not allow it.",
    412: "It changed since you read it.",
    413: "It is over a stated cap.",
    415: "The body is in a media type that is not taken here.",
    429: "Slow down: see Retry-After.",
    503: "Our own fault, and passing: try again.",
}
"""What every address may answer besides (RFC 9457)."""


class ApiDocument(JsonRenderPlugin):
    """Serves the description, completed once."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json")
        self._rendered: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        if self._rendered is None:
            self._rendered = self.render_json(request, completed(openapi_schema))
        return self._rendered


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """What Litestar leaves out: that a struct which is asked takes no further members, and the problem documents."""
    schemas = document["components"]["schemas"]
    schemas.update(msgspec.json.schema_components([Problem], ref_template="#/components/schemas/{name}")[1])
    for operation in _operations(document):
        if "requestBody" in operation:
            _close(operation["requestBody"], schemas, set())
        for status, description in PROBLEMS.items():
            operation["responses"][str(status)] = {
                "description": description,
                "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
    return document


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from (operation for operation in path.values() if isinstance(operation, dict))


def _close(node: Any, schemas: dict[str, Any], seen: set[str]) -> None:
    """Close every object that can be reached from a request body."""
    if isinstance(node, list):
        for entry in node:
            _close(entry, schemas, seen)
    if not isinstance(node, dict):
        return
    reference = node.get("$ref")
    if isinstance(reference, str):
        name = reference.rpartition("/")[2]
        if name not in seen:
            seen.add(name)
            _close(schemas[name], schemas, seen)
        return
    if "properties" in node:
        node.setdefault("additionalProperties", False)
    for value in node.values():
        _close(value, schemas, seen)


def config() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Educator micro-credentials",
        version=__version__,
        description="Micro-credentials for educators: catalogue, evidence, review, awards, stacks, verification.",
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        path="/api",
        render_plugins=[ApiDocument()],
        use_handler_docstrings=True,
        components=Components(
            security_schemes={
                "token": SecurityScheme(type="http", scheme="bearer", description="An API token (ecr_…)"),
                "session": SecurityScheme(
                    type="apiKey", name="session", security_scheme_in="cookie", description="Somebody who signed in"
                ),
            }
        ),
        security=[{}, {"token": []}, {"session": []}],
    )


def hosts_of(base_url: str) -> list[str]:
    """The names under which the service may be asked: its own, and this machine's for probes and developers."""
    return sorted({urlsplit(base_url).netloc, urlsplit(base_url).hostname or "", "localhost", "127.0.0.1"})


__all__ = ["FOREVER", "PROBLEMS", "completed", "config", "hosts_of"]
