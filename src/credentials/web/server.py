"""The service on a socket."""

import uvicorn

from credentials.db import migrate
from credentials.web.app import create_app
from credentials.web.parts import Parts

SHUTDOWN_SECONDS = 20
"""How long requests that are being answered may take to finish when the service is told to stop."""


async def serve(parts: Parts, *, host: str, port: int) -> None:
    """Serve until told to stop (SIGTERM, SIGINT): requests that are being answered are finished first."""
    await migrate.check_current(parts.database)
    config = uvicorn.Config(
        create_app(parts),
        host=host,
        port=port,
        loop="none",  # the caller has started one
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # `peer_of` decides whom to believe
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        h11_max_incomplete_event_size=64 << 10,
    )
    await uvicorn.Server(config).serve()
