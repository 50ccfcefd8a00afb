"""Kind of failure -> status code and problem document (RFC 9457): one table."""

import logging
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import (
    ClientException,
    HTTPException,
    ValidationException,
)

from credentials.errors import (
    Conflict,
    Failure,
    Fault,
    Forbidden,
    Malformed,
    NotFound,
    Stale,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
)

log = logging.getLogger(__name__)


class MethodNotAllowed(Failure):
    """``allowed``: the methods that the address takes, as the Allow header names them."""

    code = "method-not-allowed"

    def __init__(self, detail: str, *, allowed: str) -> None:
        super().__init__(detail)
        self.allowed = allowed


class UnsupportedMediaType(Failure):
    code = "unsupported-media-type"


class PreconditionRequired(Failure):
    """An edit that does not say of which state it is (RFC 6585, section 3)."""

    code = "precondition-required"


class BrokenOff(Malformed):
    """The sender went away before the end of the request. Nobody reads the answer."""


STATUS: dict[type[Failure], HTTPStatus] = {
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Malformed: HTTPStatus.BAD_REQUEST,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    Stale: HTTPStatus.PRECONDITION_FAILED,
    Conflict: HTTPStatus.CONFLICT,
    UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    PreconditionRequired: HTTPStatus.PRECONDITION_REQUIRED,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The first kind that a failure is of decides, so a narrower one stands before its wider one. What the rooms cannot meet,
because it is of HTTP alone, has its kind here."""


class ProblemFault(msgspec.Struct, frozen=True, omit_defaults=True):
    detail: str
    pointer: str = ""
    code: str = ""


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """A problem document. ``type`` is a stable address for each ``code``; ``errors`` names every fault with its place."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str = ""
    errors: tuple[ProblemFault, ...] = ()


PROBLEM = "application/problem+json"


def status_of(failure: Failure) -> HTTPStatus:
    return next(status for kind, status in STATUS.items() if isinstance(failure, kind))


def problem_of(failure: Failure, instance: str) -> Problem:
    status = status_of(failure)
    return Problem(
        type=f"/problems/{failure.code}",
        title=status.phrase,
        status=status,
        detail=failure.detail,
        code=failure.code,
        instance=instance,
        errors=tuple(ProblemFault(fault.detail, fault.pointer, fault.code) for fault in failure.faults),
    )


def failure_response(request: Request[Any, Any, Any], failure: Failure) -> Response[Any]:
    problem = problem_of(failure, request.url.path)
    headers = {}
    match failure:
        case TooMany():
            headers["Retry-After"] = str(failure.retry_after)
        case Unauthenticated():
            headers["WWW-Authenticate"] = 'Bearer realm="credentials"'
        case Unavailable():
            headers["Retry-After"] = "5"
        case MethodNotAllowed():
            headers["Allow"] = failure.allowed
        case _:
            pass
    return render(request, problem, headers)


def framework_response(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """What Litestar refuses by itself: an unknown path, a wrong method, a body that is not of the declared shape."""
    return failure_response(request, _as_failure(error)) if error.status_code < 500 else bug_response(request, error)


def _as_failure(error: HTTPException) -> Failure:
    match error.status_code:
        case 401:
            return Unauthenticated(error.detail)
        case 403:
            return Forbidden(error.detail)
        case 404:
            return NotFound("there is nothing at this address")
        case 405:
            allowed = _with_head((error.headers or {}).get("allow", ""))
            return MethodNotAllowed(f"this address takes {allowed}", allowed=allowed)
        case 413:
            return TooLarge("the request is larger than this address takes")
        case 415:
            return UnsupportedMediaType("send the body in a media type that this address takes")
        case 429:
            return TooMany(error.detail, retry_after=60)
        case _:
            return Malformed(_sentence(error), faults=_faults(error))


def _with_head(allowed: str) -> str:
    """What can be got can also be asked for without its body: ``middleware.Headings`` sees to that."""
    methods = {method.strip() for method in allowed.split(",")}
    return ", ".join(sorted(methods | {"HEAD"} if "GET" in methods else methods))


def _sentence(error: HTTPException) -> str:
    if isinstance(error, ValidationException):
        return "the request is not of the form that this address takes"
    if isinstance(error, ClientException):
        return error.detail or "the request cannot be read"
    return "the request cannot be read"


def _faults(error: HTTPException) -> tuple[Fault, ...]:
    extra = error.extra if isinstance(error.extra, list) else []
    return tuple(_fault(entry) for entry in extra if isinstance(entry, dict))


def _fault(entry: dict[str, Any]) -> Fault:
    """One of Litestar's messages: of a parameter, with its name; of a place in the body, with a JSON Pointer to it."""
    key, message = str(entry.get("key", "")), str(entry.get("message", ""))
    if entry.get("source", "body") != "body":
        return Fault(message, key, "invalid")
    if key == "data":  # what Litestar calls the body as a whole
        missing = message == "'data'"
        return Fault("a body is needed: send JSON" if missing else message, "", "missing" if missing else "invalid")
    return Fault(message, "/" + key.replace(".", "/").replace("[", "/").replace("]", ""), "invalid")


def bug_response(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A fault of ours. The log has all of it, the answer only what helps to find it there."""
    request_id = request.scope.get("state", {}).get("request_id", "")
    log.error("unexpected failure", exc_info=error, extra={"request_id": request_id})
    problem = Problem(
        type="/problems/internal",
        title=HTTPStatus.INTERNAL_SERVER_ERROR.phrase,
        status=500,
        detail=f"something went wrong on our side, and nothing was changed; tell the operator this number: {request_id}",
        code="internal",
        instance=request.url.path,
    )
    return render(request, problem, {})


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Whether the reader is a person with a browser, and not a program."""
    path = request.url.path
    return not path.startswith(
        ("/api/", "/ims/", "/status/", "/orgs/", "/vc-api/")
    ) and "text/html" in request.headers.get("accept", "")


def render(request: Request[Any, Any, Any], problem: Problem, headers: dict[str, str]) -> Response[Any]:
    if wants_page(request):
        from litestar.response import Template  # the engine is only there when the app has pages

        return Template(
            template_name="problem.html",
            context={"problem": problem},
            status_code=problem.status,
            headers=headers,
            media_type="text/html",
        )
    return Response(content=problem, status_code=problem.status, media_type=PROBLEM, headers=headers)


HANDLERS: dict[type[Exception] | int, Any] = {
    Failure: failure_response,
    HTTPException: framework_response,
    Exception: bug_response,
}
