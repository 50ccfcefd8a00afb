"""Credentials of other issuers, as API, pages and orders have them verified for an organisation."""

from datetime import datetime

from credentials.pathways.service import Verify
from credentials.people.model import Organisation
from credentials.trust.model import Use
from credentials.verification.model import Question, Recipient, Report
from credentials.web.api.verification import check
from credentials.web.asking import Asking
from credentials.web.parts import Parts
from credentials.web.sources import view_of


def verifier(parts: Parts, now: datetime) -> Verify:
    """Is it good now, and does the organisation accept its issuer for licences?"""

    async def verify(octets: bytes, organisation: Organisation, *, about: Recipient | None = None) -> Report:
        async with parts.database.read() as session:
            view = await view_of(session, organisation.slug)
        asking = Asking(question=Question(use=Use.LICENCE, recipient=about), view=view)
        return await check(parts, octets, now, asking)

    return verify
