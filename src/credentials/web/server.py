"""The service on a socket."""

import gc
import ssl
from pathlib import Path

import msgspec
import uvicorn

from credentials.db import migrate
from credentials.settings import SettingsRefused
from credentials.web.app import create_app
from credentials.web.parts import Parts

SHUTDOWN_SECONDS = 20
"""How long requests that are being answered may take to finish when the service is told to stop."""


class Tls(msgspec.Struct, frozen=True):
    """The files of a server that speaks TLS itself, in PEM: the certificate with those between it and its root, and its key."""

    certificate: Path
    key: Path


async def serve(parts: Parts, *, host: str, port: int, tls: Tls | None = None) -> None:
    """Serve until told to stop (SIGTERM, SIGINT): requests that are being answered are finished first."""
    await migrate.check_current(parts.database)
    if tls is not None:
        check_tls(tls)
    gc.disable()  # a third of the time that it takes would go by with looking for garbage, of which there is none
    app = create_app(parts)
    gc.enable()
    settle()
    config = uvicorn.Config(
        app,
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
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=tls.key if tls else None,
        ssl_version=ssl.PROTOCOL_TLS_SERVER,  # TLS 1.2 and 1.3
    )
    await uvicorn.Server(config).serve()


def settle() -> None:
    """Set aside what was made at the start and stays, and look for garbage less often. Else Python walks through all of it
    whenever it looks in earnest: a tenth of a second, again and again, in which nobody is answered. What a request leaves
    behind has hardly a circle in it, and goes without being looked for."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def check_tls(tls: Tls) -> None:
    """Whether the files can be served with. Raises ``SettingsRefused``, before a socket is opened."""
    for path in (tls.certificate, tls.key):
        try:
            path.read_bytes()
        except OSError as error:
            raise SettingsRefused(f"the file {path} cannot be read: {error.strerror}") from error
    try:
        # A password would be asked for on the terminal, where nobody waits.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tls.certificate, tls.key, password="")
    except (ssl.SSLError, ValueError) as error:
        raise SettingsRefused(
            f"{tls.certificate} and {tls.key} are not a certificate in PEM and its key, without a password: {error}"
        ) from error
