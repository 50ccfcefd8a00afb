"""What is known when a claim is assessed: the award and the person today, and what the person was given before."""

from datetime import date

import msgspec

from credentials.awards.model import AwardKind, AwardState
from credentials.compensation.model.claims import Claim
from credentials.compensation.model.placements import Placement


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a claim on the day on which it is assessed (``today``). ``prior_on``: when the plan was approved."""

    state: AwardState
    is_current: bool
    kind: AwardKind
    achievement_id: str
    issuer_id: str
    covers: tuple[str, ...]
    tags: tuple[str, ...] = ()
    awarded_on: date
    claimed_on: date
    today: date
    is_member: bool
    placement: Placement | None = None
    prior_on: date | None = None


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What the same person was given before. ``count``, ``cents`` and ``hundredths``: under this rule in the claim's year.
    ``hours``, ``accepted``: under it ever. ``towards``: credits of the ledger towards the next lane. ``earlier``: claims that
    count, of this rule and of the others of the recogniser."""

    count: int = 0
    cents: int = 0
    hundredths: int = 0
    hours: int = 0
    accepted: int = 0
    towards: int = 0
    earlier: tuple[Claim, ...] = ()
