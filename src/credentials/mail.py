"""The one door to the mail server; without one, a spool folder that a person can look into."""

import asyncio
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from credentials.errors import Malformed, Unavailable
from credentials.ids import Ids, new_id


class SendMail(Protocol):
    async def __call__(self, *, to: str, subject: str, text: str, now: datetime) -> None:
        """Send a plain text mail to one address. Raises ``Unavailable``: try again later."""


def compose(sender: str, to: str, subject: str, text: str, now: datetime, message_id: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = to
    message["Subject"] = " ".join(subject.split())  # a title of several lines must not become further headers
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{message_id}@{sender.rpartition('@')[2].rstrip('>')}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation notices, please
    message.set_content(text)
    return message


class SpoolMail:
    """Writes each mail as a file."""

    def __init__(self, folder: Path, sender: str, ids: Ids) -> None:
        self._folder = folder
        self._sender = sender
        self._ids = ids

    async def __call__(self, *, to: str, subject: str, text: str, now: datetime) -> None:
        mail_id = new_id(self._ids, now)
        message = compose(self._sender, to, subject, text, now, mail_id)
        await asyncio.to_thread(self._write, f"{mail_id}.eml", message.as_bytes())

    def _write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self._folder / name).write_bytes(content)


class SmtpMail:
    """Sends through a server: ``smtp://user:password@host:587`` (STARTTLS when offered, and always before a password is
    told) or ``smtps://…:465``. Raises ``Malformed`` for another address."""

    def __init__(self, url: str, sender: str, ids: Ids) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
            good = parts.scheme in {"smtp", "smtps"} and parts.hostname
        except ValueError as problem:
            raise _unreadable() from problem
        if not good:
            raise _unreadable()
        self._host = parts.hostname
        self._tls = parts.scheme == "smtps"
        self._port = port or (465 if self._tls else 587)
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._sender = sender
        self._ids = ids

    async def __call__(self, *, to: str, subject: str, text: str, now: datetime) -> None:
        message = compose(self._sender, to, subject, text, now, new_id(self._ids, now))
        try:
            await aiosmtplib.send(
                message,
                hostname=self._host,
                port=self._port,
                use_tls=self._tls,
                start_tls=True if self._password and not self._tls else None,
                username=self._user,
                password=self._password,
                timeout=30,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unavailable(f"the mail server did not take the mail: {type(error).__name__}") from error


def _unreadable() -> Malformed:
    return Malformed("the mail server is written as smtp://user:password@host:587 or smtps://host:465")
