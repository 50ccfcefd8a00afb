"""Mail to people: plain text, through a server that is who it says, or into a folder."""

import asyncio
import email
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from mailbox import Mailbox
from pathlib import Path
from typing import Any, cast

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from local_tls import Authority
from sentences import sentences

from credentials.errors import Malformed, Unavailable
from credentials.ids import Ids
from credentials.mail import SmtpMail, SpoolMail, compose

SENDER = "Micro-credentials <no-reply@alder.example>"


def letter(now: datetime, **changed: str) -> dict[str, Any]:
    return {"to": "tess@heron.example", "subject": "Your badge is ready", "text": "Look.\n", "now": now, **changed}


# What a mail says


def test_a_mail_is_plain_text_that_asks_for_no_answer(now: datetime) -> None:
    mail = compose(SENDER, "tess@heron.example", "Earned: Zählen – “und mehr”", "Gut gemacht.\n", now, "m1")
    read = cast(EmailMessage, email.message_from_bytes(mail.as_bytes(), policy=default))
    assert {name: str(read[name]) for name in ("From", "To", "Subject", "Message-ID", "Auto-Submitted")} == {
        "From": SENDER,
        "To": "tess@heron.example",
        "Subject": "Earned: Zählen – “und mehr”",
        "Message-ID": "<m1@alder.example>",
        "Auto-Submitted": "auto-generated",
    }
    assert read["Date"].datetime == now
    assert read.get_content_type() == "text/plain"
    assert read.get_content() == "Gut gemacht.\n"


@sentences(
    "subject",
    {
        "a line end": "Earned: Feedback\nBcc: everybody@alder.example",
        "a carriage return": "Earned: Feedback\r\nBcc: everybody@alder.example",
        "a line separator of Unicode": "Earned: Feedback\u2028Bcc: everybody@alder.example",
        "much white space": " Earned:  Feedback\t Bcc: everybody@alder.example ",
    },
)
def test_a_title_with_several_lines_makes_one_subject_and_no_further_header(now: datetime, subject: str) -> None:
    mail = compose(SENDER, "tess@heron.example", subject, "…", now, "m1")
    read = cast(EmailMessage, email.message_from_bytes(mail.as_bytes(), policy=default))
    assert read["Subject"] == "Earned: Feedback Bcc: everybody@alder.example"
    assert read["Bcc"] is None


# Into a folder


async def test_without_a_server_a_mail_is_a_file_that_a_person_can_look_into(
    tmp_path: Path, now: datetime, ids: Ids
) -> None:
    send = SpoolMail(tmp_path / "mail", SENDER, ids)
    await send(**letter(now))
    await send(**letter(now + timedelta(seconds=1), subject="Another"))
    first, second = sorted((tmp_path / "mail").iterdir())
    assert (first.suffix, second.suffix) == (".eml", ".eml")
    assert b"Subject: Your badge is ready" in first.read_bytes()
    assert (tmp_path / "mail").stat().st_mode & 0o077 == 0, "links that work once lie there"


# Through a server


async def test_a_mail_goes_through_a_server(now: datetime, ids: Ids) -> None:
    with Mailbox() as mailbox:
        await SmtpMail(mailbox.url, SENDER, ids)(**letter(now))
        mail = mailbox.newest_to("tess@heron.example", "Your badge")
    assert mail["From"] == SENDER
    assert mail.get_content().splitlines() == ["Look."]


async def test_a_server_that_is_not_there_is_tried_again_later(now: datetime, ids: Ids) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        send = SmtpMail(f"smtp://127.0.0.1:{taken.getsockname()[1]}", SENDER, ids)
        with pytest.raises(Unavailable, match="did not take the mail"):
            await send(**letter(now))


async def test_an_address_that_the_server_refuses_is_tried_again_later(now: datetime, ids: Ids) -> None:
    class Picky(Mailbox):
        async def handle_RCPT(self, *_: Any) -> str:  # noqa: N802 - the library calls it so
            return "550 no such mailbox"

    with Picky() as mailbox:
        with pytest.raises(Unavailable):
            await SmtpMail(mailbox.url, SENDER, ids)(**letter(now))
        assert mailbox.mails == []


@asynccontextmanager
async def a_server(tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[int, list[Any]]]:
    """Offers to take any password, as somebody would who stands between us and the server; keeps all that it hears."""
    heard: list[Any] = []

    def take(_server: SMTP, _session: Any, _envelope: Any, _mechanism: str, password: Any) -> AuthResult:
        heard.append(password)
        return AuthResult(success=True)

    class Handler:
        async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802
            heard.append(envelope.content)
            return "250 OK"

    def serve() -> SMTP:
        return SMTP(Handler(), authenticator=take, auth_require_tls=False, hostname="mail.alder.example")

    server = await asyncio.get_running_loop().create_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1], heard
    finally:
        server.close()
        await asyncio.sleep(0)


async def test_a_password_is_told_to_nobody_without_tls(now: datetime, ids: Ids) -> None:
    async with a_server() as (port, heard):
        with pytest.raises(Unavailable):
            await SmtpMail(f"smtp://ada:secret@127.0.0.1:{port}", SENDER, ids)(**letter(now))
        assert heard == []
        await SmtpMail(f"smtp://127.0.0.1:{port}", SENDER, ids)(**letter(now))
        assert len(heard) == 1, "the same server, when there is no password to tell"


async def test_a_server_for_which_nobody_vouches_gets_no_mail(now: datetime, ids: Ids) -> None:
    async with a_server(Authority().server("localhost")) as (port, heard):
        with pytest.raises(Unavailable):
            await SmtpMail(f"smtps://localhost:{port}", SENDER, ids)(**letter(now))
    assert heard == []


@sentences(
    "url",
    {
        "another scheme": "https://mail.alder.example",
        "no host": "smtp://",
        "a host without a scheme": "mail.alder.example",
        "a port that is none": "smtp://mail.alder.example:mail",
        "half an address of version 6": "smtp://[::1",
        "nothing": "",
    },
)
def test_an_address_of_no_mail_server_is_refused_with_an_example(url: str, ids: Ids) -> None:
    with pytest.raises(Malformed, match="smtps://host:465"):
        SmtpMail(url, SENDER, ids)
