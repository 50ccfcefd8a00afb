"""What the office knows of a person."""

from datetime import date, datetime

import msgspec


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """Where a person stands on the salary schedule, as the office recorded it or a claim moved it. The newest holds; none is
    changed. ``credit_hundredths`` count towards the next lane; credits of the ledger behind ``sequence`` come on top."""

    id: str
    organisation_id: str
    educator_id: str
    position: str
    band: str = ""
    lane: str = ""
    employee_number: str = ""
    credit_hundredths: int = 0
    sequence: int
    effective_on: date
    share: str = ""
    recorded_at: datetime
    recorded_by: str
    claim_id: str | None = None
