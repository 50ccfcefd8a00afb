"""Who recognises a badge: the public rules of licences, pathways and pay in which it counts."""

from datetime import date, datetime

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from credentials.awards.model import AwardKind
from credentials.db import Session
from credentials.pathways.model import Phase
from credentials.people import service as people
from credentials.people.model import Organisation
from credentials.recognition import service
from credentials.recognition.model import Answer, How, Mention, Recognition, Scheme
from credentials.web.wire import Wire


class BadgeNamed(Wire):
    id: str
    kind: AwardKind
    title: str


class MentionShown(Wire):
    """``how``: the rule names badges, asks for their tags, for those of an issuer, or for every one of the ``kind``.
    ``recorded``: that they count rests on what an office has on record about an educator. ``badges``: those that are named or
    asked for by their tags, none where all count or the record says which."""

    how: How
    kind: AwardKind
    issuer_id: str
    words: str
    recorded: bool
    badges: list[BadgeNamed]


class RecognitionShown(Wire):
    """``id`` is that of the licence, the pathway or the pay rule. ``pathway``: the short name of the rule by which the licence
    is granted, or with ``renews`` renewed."""

    scheme: Scheme
    organisation_id: str
    organisation: str
    id: str
    title: str
    pathway: str | None
    renews: bool
    effective_from: date
    effective_to: date | None
    phase: Phase
    mentions: list[MentionShown]


class RecognitionsShown(Wire):
    """``whole`` is false where there are more public rules than are looked through at once."""

    items: list[RecognitionShown]
    whole: bool


@get("/micro-credentials/{micro_credential_id:str}/recognition")
async def of_micro_credential(
    micro_credential_id: FromPath[str], session: NamedDependency[Session], now: NamedDependency[datetime]
) -> RecognitionsShown:
    """In which public rules a micro-credential counts, by itself or within a stack. Nothing is said of who holds it."""
    _, _, answer = await service.of_micro_credential(session, micro_credential_id, now)
    return await _shown(session, answer)


@get("/organisations/{organisation_id:str}/recognition")
async def of_organisation(
    organisation_id: FromPath[str], session: NamedDependency[Session], now: NamedDependency[datetime]
) -> RecognitionsShown:
    """In which public rules counts what an organisation issues."""
    _, answer = await service.of_organisation(session, organisation_id, now)
    return await _shown(session, answer)


async def _shown(session: Session, answer: Answer) -> RecognitionsShown:
    recognisers = await people.organisations_by_id(session, {one.organisation_id for one in answer.found})
    items = [_recognition(one, recognisers[one.organisation_id]) for one in answer.found]
    return RecognitionsShown(items=items, whole=answer.is_whole)


def _recognition(found: Recognition, recogniser: Organisation) -> RecognitionShown:
    return RecognitionShown(
        scheme=found.scheme,
        organisation_id=recogniser.id,
        organisation=recogniser.name,
        id=found.id,
        title=found.title,
        pathway=found.pathway or None,
        renews=found.renews,
        effective_from=found.effective_from,
        effective_to=found.effective_to,
        phase=found.phase,
        mentions=[_mention(one) for one in found.mentions],
    )


def _mention(found: Mention) -> MentionShown:
    return MentionShown(
        how=found.how,
        kind=found.kind,
        issuer_id=found.issuer_id,
        words=found.words,
        recorded=found.recorded,
        badges=[BadgeNamed(id=one.id, kind=one.kind, title=one.title) for one in found.badges],
    )


ROUTES = Router(path="", tags=["catalogue"], route_handlers=[of_micro_credential, of_organisation])
