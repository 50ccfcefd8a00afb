"""Is the process alive, and can it serve?"""

from litestar import Response, get
from litestar.di import NamedDependency

from credentials.db import migrate
from credentials.errors import Failure
from credentials.outbox import service as outbox
from credentials.web.parts import Parts
from credentials.web.wire import Wire


class Ready(Wire):
    """``setAside``: orders that failed too often and wait for a person."""

    ready: bool
    reason: str = ""
    set_aside: int = 0


@get("/health/live", include_in_schema=False)
async def live() -> dict[str, str]:
    """The process answers."""
    return {"status": "live"}


@get("/health/ready", include_in_schema=False)
async def ready(parts: NamedDependency[Parts]) -> Response[Ready]:
    """The database answers and has the shape that this program needs."""
    try:
        await migrate.check_current(parts.database)
        async with parts.database.read() as session:
            set_aside = len(await outbox.set_aside(session))
    except Failure as failure:
        return Response(Ready(ready=False, reason=failure.detail), status_code=503)
    except Exception:  # noqa: BLE001 - whatever keeps the database from answering, we are not ready
        return Response(Ready(ready=False, reason="the database does not answer"), status_code=503)
    return Response(Ready(ready=True, set_aside=set_aside), status_code=200)


ROUTES = [live, ready]
