"""Who recognises a badge: the public rules in which a micro-credential counts, or what an organisation issues."""

from itertools import groupby
from typing import Any

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from credentials.catalog import service as catalog
from credentials.db import Session
from credentials.people import service as people
from credentials.recognition import service
from credentials.recognition.model import Answer, Recognition, Scheme
from credentials.web.pages.organisations import tabs
from credentials.web.pages.page import Page


@get("/micro-credentials/{slug:str}/recognition")
async def of_micro_credential(slug: FromPath[str], page: NamedDependency[Page]) -> Template:
    """In which licences, pathways and pay a micro-credential counts."""
    async with page.parts.database.read() as session:
        named = await catalog.micro_credential_by_slug(session, slug)
        entry, issuer, answer = await service.of_micro_credential(session, named.id, page.now)
        told = await _told(session, answer)
    return page.show("recognition/micro_credential.html", entry=entry, issuer=issuer, **told)


@get("/organisations/{organisation_id:str}/recognition")
async def of_organisation(organisation_id: FromPath[str], page: NamedDependency[Page]) -> Template:
    """In which licences, pathways and pay counts what an organisation issues."""
    async with page.parts.database.read() as session:
        issuer, answer = await service.of_organisation(session, organisation_id, page.now)
        told = await _told(session, answer)
    return page.show("recognition/organisation.html", organisation=issuer, tabs=tabs(page, issuer), **told)


async def _told(session: Session, answer: Answer) -> dict[str, Any]:
    """What both pages show: licences first, then other pathways, then pay."""
    named = {one.organisation_id for one in answer.found}
    named |= {mention.issuer_id for one in answer.found for mention in one.mentions}
    return {
        "schemes": [(scheme, [*found]) for scheme, found in groupby(answer.found, key=lambda one: one.scheme)],
        "organisations": await people.organisations_by_id(session, named),
        "is_whole": answer.is_whole,
        "address": address_of,
    }


def address_of(found: Recognition) -> str:
    """The page of what recognises."""
    match found.scheme:
        case Scheme.LICENCE:
            return f"/licences/{found.id}"
        case Scheme.PATHWAY:
            return f"/rules/{found.pathway}"
        case Scheme.PAY:
            return f"/pay/rules/{found.id}"


HANDLERS = [of_micro_credential, of_organisation]
