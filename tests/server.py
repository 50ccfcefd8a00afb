"""A real server process, which can be stopped, or killed at any moment."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import httpx
from warm_start import WarmStart

REPOSITORY = Path(__file__).parents[1]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def furnished(folder: Path, database: Path) -> Path:
    """Put a copy of a database into a folder, and a key that encrypts keys; answers where that is."""
    (folder / "data").mkdir()
    shutil.copy(database, folder / "data" / "credentials.sqlite3")
    kek = folder / "kek"
    kek.write_bytes(os.urandom(32))
    kek.chmod(0o600)
    return kek


class Server:
    """``credentials serve`` on a free port, with settings of its own and nothing of the caller's environment. ``warm``: forked
    from a process that has the program in memory."""

    def __init__(
        self,
        folder: Path,
        *,
        database_url: str = "",
        kek: Path,
        port: int | None = None,
        tls: tuple[Path, Path] | None = None,
        trust: ssl.SSLContext | None = None,
        host: str = "localhost",
        warm: WarmStart | None = None,
    ) -> None:
        self.port = port or free_port()
        self.host = host
        self.base_url = f"{'https' if tls else 'http'}://{host}:{self.port}"
        self.trust = trust
        self.arguments = ["--tls-cert", str(tls[0]), "--tls-key", str(tls[1])] if tls else []
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "CREDENTIALS_BASE_URL": self.base_url,
            "CREDENTIALS_DATA_DIR": str(folder / "data"),
            "CREDENTIALS_KEYS_DIR": str(folder / "keys"),
            "CREDENTIALS_KEK_FILE": str(kek),
            "CREDENTIALS_DATABASE_URL": database_url,
            "CREDENTIALS_FETCH": "false",
        }
        self.log = folder / "server.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._warm = warm

    def start(self, *, seconds: float = 120) -> None:
        arguments = ["serve", "--port", str(self.port), *self.arguments]
        if self._warm:
            self._warm.start(arguments, self.environment, self.log)
        else:
            with self.log.open("ab") as log:
                self.process = subprocess.Popen(
                    [sys.executable, "-m", "credentials", *arguments],
                    cwd=REPOSITORY,
                    env=self.environment,
                    stdout=log,
                    stderr=log,
                )
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            assert not self._has_ended(), f"the server ended: {self.log.read_text()[-2000:]}"
            try:
                if self._is_ready():
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.03)
        raise AssertionError(f"the server is not ready: {self.log.read_text()[-2000:]}")

    def _has_ended(self) -> bool:
        if self._warm:
            return self._warm.has_ended()
        return self.process is None or self.process.poll() is not None

    def _is_ready(self) -> bool:
        """Asked on this machine, whatever name it has."""
        address = self.base_url.replace(f"//{self.host}:", "//localhost:", 1)
        headers = {"Host": f"{self.host}:{self.port}"}
        with httpx.Client(timeout=2, verify=self.trust or True) as client:
            request = client.build_request(
                "GET", f"{address}/health/ready", headers=headers, extensions={"sni_hostname": self.host}
            )
            return client.send(request).status_code == 200

    def kill(self) -> None:
        """As a power cut does it: no warning, no clean-up."""
        if self._warm and self._warm.pid:
            assert self._warm.end(signal.SIGKILL) == -signal.SIGKILL, self.log.read_text()[-2000:]
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def stop(self) -> int:
        """As an operator does it. Answers the exit status."""
        if self._warm:
            return self._warm.end(signal.SIGTERM)
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(30)
        self.process = None
        return status
