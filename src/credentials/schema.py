"""All tables of all rooms, named in one place, so that the database can be made and compared."""

from credentials.audit import tables as audit
from credentials.awards import tables as awards
from credentials.catalog import tables as catalog
from credentials.compensation import tables as compensation
from credentials.evidence import tables as evidence
from credentials.figures import tables as figures
from credentials.licensing import tables as licensing
from credentials.log import tables as log
from credentials.outbox import tables as outbox
from credentials.pathways import tables as pathways
from credentials.people import tables as people
from credentials.replies import tables as replies
from credentials.review import tables as review
from credentials.sealing import tables as sealing
from credentials.status import tables as status
from credentials.trust import tables as trust
from credentials.verification import tables as verification

ROOMS = (
    audit,
    awards,
    catalog,
    compensation,
    evidence,
    figures,
    licensing,
    log,
    outbox,
    pathways,
    people,
    replies,
    review,
    sealing,
    status,
    trust,
    verification,
)
"""Importing a room's tables registers them in ``db.METADATA``."""
