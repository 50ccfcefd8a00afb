"""The description of the API, made true: what Litestar draws up, plus what it leaves out.

What it leaves out is read off the handlers themselves: whoever takes an ``act`` needs somebody signed in, whoever takes a
``paging`` answers with a link to the next page, and so on. Nothing is said twice, so nothing can be said wrongly.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Request, Response
from litestar.datastructures import ResponseHeader
from litestar.datastructures.headers import CacheControlHeader
from litestar.handlers import BaseRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, License, SecurityScheme, Server
from litestar.routes import BaseRoute, HTTPRoute
from litestar.typing import FieldDefinition

from credentials import __version__
from credentials.web.deps import SCOPE_KEY, SIGNED_IN, cookie_name
from credentials.web.errors import PROBLEM, Problem
from credentials.web.middleware import SAFE_METHODS
from credentials.web.once import KEY, KEY_PATTERN
from credentials.web.wire import MAX_PAGE, PAGE

FOREVER = CacheControlHeader(public=True, max_age=31_536_000, immutable=True)

TAGGED = [
    ResponseHeader(
        name="ETag", documentation_only=True, description="Of this state: send it in If-Match to change what you read"
    )
]

BODY_KEY = "body"
"""The handler option that describes a body which the handler reads by itself, by media type."""
MEDIA_TYPES_KEY = "media_types"
"""The handler option that names the media types of an answer that is not JSON of ours."""
ALSO_KEY = "also"
"""The handler option that names statuses of refusals which its signature does not tell of."""

FILE_FIELD = "data"
ONE_FILE = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "properties": {FILE_FIELD: {"type": "string", "contentMediaType": "application/octet-stream"}},
            "required": [FILE_FIELD],
            "additionalProperties": False,
        }
    }
}
"""A form with one file in it."""

PROBLEMS = {
    400: "The request is not of the form that this address takes; each fault is named with its place.",
    401: "Nobody is signed in, or the API token is not good.",
    403: "This is not yours to do: a role or scope is missing, or the request came from another site.",
    404: "There is no such thing, or not one that you may know of.",
    409: "The thing's state does not allow it.",
    412: "It changed since you read it.",
    413: "It is over a stated cap.",
    415: "The body is in a media type that is not taken here.",
    428: "Say in If-Match which state you edit.",
    429: "Slow down: see Retry-After.",
    500: "Our own fault. The number in the answer finds it in the log.",
    503: "Our own fault, and passing: try again, see Retry-After.",
}
"""What an address may answer besides (RFC 9457)."""

BARE = frozenset({202, 204, 304})
"""Answers without a body."""
ANYWHERE = frozenset({400, 404, 500, 503})
"""A host that is not ours, a NUL in the address, a bug, a database that does not answer."""

HEADERS_OF: Mapping[int, Mapping[str, str]] = {
    401: {"WWW-Authenticate": "How to say who asks"},
    429: {"Retry-After": "Seconds"},
    503: {"Retry-After": "Seconds"},
}

IF_MATCH = {"name": "If-Match", "in": "header", "schema": {"type": "string", "pattern": r'^(W/)?"?[0-9]{1,9}"?$'}}
PARAMETERS: Mapping[str, tuple[dict[str, Any], ...]] = {
    "revision": ({**IF_MATCH, "required": True, "description": "The ETag of what you read"},),
    "known": ({**IF_MATCH, "description": "The ETag of what you read: then only if nothing changed since"},),
    "once": (
        {
            "name": KEY,
            "in": "header",
            "schema": {"type": "string", "pattern": KEY_PATTERN},
            "description": "Names this request: sent again under the same name, it is not carried out again (48 hours)",
        },
    ),
    "paging": (
        {
            "name": "cursor",
            "in": "query",
            "schema": {"type": "string", "pattern": r"^[A-Za-z0-9_-]*$"},
            "description": "Of the page before: its `next`",
        },
        {
            "name": "limit",
            "in": "query",
            "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": PAGE},
            "description": "How many at most",
        },
    ),
}
"""What a handler takes by a dependency and not by a parameter of its own."""


class ApiDocument(JsonRenderPlugin):
    """Serves the description, completed once."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json")
        self._rendered: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        if self._rendered is None:
            self._rendered = self.render_json(request, completed(openapi_schema, handlers_of(request.app.routes)))
        return self._rendered


def handlers_of(routes: Iterable[BaseRoute]) -> dict[tuple[str, str], BaseRouteHandler]:
    """The handlers that are described, by path (with ``{names}``) and method in small letters."""
    return {
        (route.path_format, method.lower()): handler
        for route in routes
        if isinstance(route, HTTPRoute)
        for method, (handler, _) in route.route_handler_map.items()
        if handler.resolve_include_in_schema()
    }


def completed(document: dict[str, Any], handlers: Mapping[tuple[str, str], BaseRouteHandler]) -> dict[str, Any]:
    """The document with all that an operation takes, needs and answers."""
    shapes = _Shapes(handlers.values())
    for path, method, operation in _operations(document):
        handler = handlers[path, method]
        taken = handler.parsed_fn_signature.parameters
        if body := handler.opt.get(BODY_KEY) or ("data" in taken and shapes.content(taken["data"])):
            operation["requestBody"] = {"content": body, "required": True}
        parameters = operation.setdefault("parameters", [])
        parameters += [dict(one) for name, group in PARAMETERS.items() if name in taken for one in group]
        for parameter in parameters:
            if parameter["in"] == "path":
                parameter["schema"].setdefault("minLength", 1)
        operation["security"] = list(_security(handler))
        _complete_answers(operation, handler, shapes)
        for status in sorted(_refusals(method, operation, handler)):
            operation["responses"][str(status)] = _problem(status)
    document["components"]["schemas"] = shapes.components
    return document


class _Shapes:
    """The schemas of everything that is sent and answered: msgspec's own, which reads and writes by them. What Litestar
    makes of them is coarser, and partly wrong."""

    def __init__(self, handlers: Iterable[BaseRouteHandler]) -> None:
        types = [_type(field) for handler in handlers for field in _fields(handler)]
        drawn = msgspec.json.schema_components([*types, Problem], ref_template="#/components/schemas/{name}")
        schemas, self.components = _with_plain_names(*drawn)
        self._schemas = dict(zip(map(str, types), schemas, strict=False))

    def content(self, field: FieldDefinition) -> dict[str, Any]:
        return {"application/json": {"schema": self._schemas[str(_type(field))]}}


def _with_plain_names(schemas: tuple[dict[str, Any], ...], components: dict[str, Any]) -> tuple[Any, Any]:
    """Two nouns of one name are told apart by their rooms (``EvidenceStage``), not by the modules that they stand in."""
    text = msgspec.json.encode((schemas, components))
    for name in components:
        if "." in name:
            *modules, noun = name.split(".")
            *_, room, module = ["web", *modules]
            if modules[:3] == ["credentials", "web", "api"]:
                room = module = modules[3]
            plain = f"{(room if module == 'model' else module).title()}{noun}"
            text = text.replace(f'"{name}"'.encode(), f'"{plain}"'.encode()).replace(
                f'/{name}"'.encode(), f'/{plain}"'.encode()
            )
    plain_schemas, plain_components = msgspec.json.decode(text)
    return plain_schemas, plain_components


def _fields(handler: BaseRouteHandler) -> Iterator[FieldDefinition]:
    """The body that a handler takes and what it answers, where they are JSON of ours."""
    signature = handler.parsed_fn_signature
    if "data" in signature.parameters:
        yield signature.parameters["data"]
    if handler.opt.get(MEDIA_TYPES_KEY) is None:
        yield signature.return_type


def _type(field: FieldDefinition) -> Any:
    return field.inner_types[0].annotation if field.is_subclass_of(Response) else field.annotation


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield path, method, operation


def _security(handler: BaseRouteHandler) -> Iterator[dict[str, list[str]]]:
    """Who may ask: anybody (no requirement at all, or an empty one beside others), a token with its scope, a session."""
    taken = handler.parsed_fn_signature.parameters.keys()
    if not taken & {*SIGNED_IN, "actor"}:
        return
    if not taken & SIGNED_IN:
        yield {}
    if SCOPE_KEY in handler.opt:
        yield {"token": [handler.opt[SCOPE_KEY]]}
    yield {"session": []}


def _complete_answers(operation: dict[str, Any], handler: BaseRouteHandler, shapes: _Shapes) -> None:
    for status, answer in operation["responses"].items():
        if int(status) in BARE:
            answer.pop("content", None)
        elif types := handler.opt.get(MEDIA_TYPES_KEY):
            answer["content"] = {media_type: _of_octets(media_type) for media_type in types}
        elif status.startswith("2"):
            answer["content"] = shapes.content(handler.parsed_fn_signature.return_type)
        if "paging" in handler.parsed_fn_signature.parameters and status == "200":
            link = 'The next page: <…>; rel="next" (RFC 8288)'
            answer.setdefault("headers", {})["Link"] = {"schema": {"type": "string"}, "description": link}


def _of_octets(media_type: str) -> dict[str, Any]:
    return {"schema": {"type": "object"}} if media_type.endswith(("json", "/vc")) else {}


def _refusals(method: str, operation: dict[str, Any], handler: BaseRouteHandler) -> Iterator[int]:
    """The statuses of problems that an operation can answer with."""
    taken = handler.parsed_fn_signature.parameters.keys()
    changes = method.upper() not in SAFE_METHODS
    on_a_thing = any(parameter["in"] == "path" for parameter in operation["parameters"])
    yield from ANYWHERE
    if taken & {*SIGNED_IN, "actor"}:
        yield 401
    if changes or SCOPE_KEY in handler.opt or taken & SIGNED_IN:
        yield 403
    if changes:
        yield 409
    if (changes and on_a_thing) or taken & {"revision", "known"}:
        yield 412
    if "revision" in taken:
        yield 428
    if "requestBody" in operation:
        yield 413
        if "application/octet-stream" not in operation["requestBody"]["content"]:
            yield 415
    yield from handler.opt.get(ALSO_KEY, ())


def _problem(status: int) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": PROBLEMS[status],
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in HEADERS_OF:
        answer["headers"] = {
            name: {"schema": {"type": "string"}, "required": True, "description": description}
            for name, description in HEADERS_OF[status].items()
        }
    return answer


def config(base_url: str) -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Educator micro-credentials",
        version=__version__,
        description="Micro-credentials for educators: catalogue, evidence, review, awards, stacks, verification.",
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        servers=[Server(url=base_url)],
        path="/api",
        render_plugins=[ApiDocument()],
        use_handler_docstrings=True,
        components=Components(
            security_schemes={
                "token": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    description="An API token (ecr_…). What stands in the brackets is the scope that it must have.",
                ),
                "session": SecurityScheme(
                    type="apiKey",
                    name=cookie_name(base_url),
                    security_scheme_in="cookie",
                    description="Somebody who signed in",
                ),
            }
        ),
    )


def hosts_of(base_url: str) -> frozenset[str]:
    """The names under which the service may be asked: its own, and this machine's for probes and developers."""
    parts = urlsplit(base_url)
    port = f":{parts.port}" if parts.port else ""
    named = {parts.netloc, parts.hostname or "", *(f"{host}{port}" for host in ("localhost", "127.0.0.1", "[::1]"))}
    return frozenset({*named, "localhost", "127.0.0.1"})
