"""A real mail server on this machine that keeps what it is sent."""

import email
import re
import socket
import time
from email.message import EmailMessage
from email.policy import default
from typing import Any, Self, cast

from aiosmtpd.controller import Controller


class Mailbox:
    """Starts on a free port; ``url`` is for CREDENTIALS_MAIL_URL."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            port = found.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=port)
        self.url = f"smtp://127.0.0.1:{port}"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    async def handle_DATA(  # noqa: N802 - the library calls it so
        self,
        _server: Any,
        _session: Any,
        envelope: Any,
    ) -> str:
        self.mails.append(cast(EmailMessage, email.message_from_bytes(envelope.content, policy=default)))
        return "250 OK"

    def newest_to(self, address: str, subject: str = "") -> EmailMessage:
        found = [mail for mail in self.mails if mail["To"] == address and subject in mail["Subject"]]
        assert found, f"no mail to {address} about {subject!r}: {[(m['To'], m['Subject']) for m in self.mails]}"
        return found[-1]

    def secret_to(self, address: str, subject: str = "") -> str:
        """The last part of the link in the newest mail to an address."""
        text = self.newest_to(address, subject).get_content()
        found = re.search(r"https?://\S+/([a-z0-9]{20,})", text)
        assert found, text
        return found[1]

    def wait_for(self, count: int, seconds: float = 10) -> None:
        until = time.monotonic() + seconds
        while len(self.mails) < count and time.monotonic() < until:
            time.sleep(0.05)
